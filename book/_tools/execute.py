"""Execute notebooks, two at a time, each in a fresh kernel of this Python and in its own folder.

usage: python execute.py notebook.ipynb ...      executes them in place and saves their outputs

A file changes only when its notebook has run to the end, and then in one step. The first error of
each notebook is reported in one line. Exit status: 1 if there was one, 130 after an interruption.
CELL_TIMEOUT in the environment is the time limit of a cell in seconds, 600 if not given.
"""

import atexit
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from kernels import AsyncManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

AT_ONCE = 2  # while one kernel imports its library, the other computes; more would crowd a GPU
TIMEOUT = int(os.environ.get("CELL_TIMEOUT") or 600)
OUT_OF_MEMORY = r"(?i)out of memory|OutOfMemory|cudaErrorMemoryAllocation|ResourceExhausted"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # of tasks that a dead kernel leaves open


class NotebookError(Exception):
    """A notebook that cannot be read or executed; its text is one line for the reader."""


def plain(text):
    """`text` without the terminal's colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def one_line(text):
    """`text` without colours and line breaks, at most 300 characters of it."""
    text = " ".join(plain(str(text)).split())
    return text if len(text) <= 300 else text[:299] + "…"


def read(path):
    """The notebook in `path`, .ipynb or MyST text; None for a page without code cells."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            return nbformat.reads(text, as_version=4)
        from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook

        if is_myst_markdown_notebook(text):
            return read_myst_markdown_notebook(text, path=path)
    except FileNotFoundError:
        raise NotebookError(f"{path}: there is no such file") from None
    except Exception as error:  # the readers raise many kinds over a malformed file
        why = error.__cause__ or error
        raise NotebookError(f"{path}: malformed: {type(why).__name__}: {one_line(why)}") from None


class Run(NotebookClient):
    """The execution of one notebook."""

    def __init__(self, notebook, path):
        # The reader's own kernels may have our kernel's name. With no folder to search for
        # kernels in, jupyter_client starts this Python.
        specs = KernelSpecManager(kernel_dirs=[])
        manager = AsyncManager(kernel_name="python3", kernel_spec_manager=specs)
        super().__init__(
            notebook,
            km=manager,
            timeout=TIMEOUT,
            startup_timeout=120,
            iopub_timeout=60,
            shell_timeout_interval=1,
            coalesce_streams=True,
            record_timing=False,
            store_widget_state=False,
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(path.parent)}},
        )
        self.owns_km = True  # it ends the kernel
        self.log.disabled = True  # the error that we report says it all
        self.path = self.place = path
        self.on_cell_execute = self.note_place

    def note_place(self, cell, cell_index):
        """Set the place to, as an example, 'notebooks/03_autograd.ipynb, cell 7 (loop, train)':
        all cells count, from 1; in brackets are the cell's id, where its file has one, and tags."""
        names = [cell.id] if self.path.suffix == ".ipynb" and "id" in cell else []
        names = ", ".join(names + cell.metadata.get("tags", []))
        self.place = f"{self.path}, cell {cell_index + 1}" + f" ({names})" * bool(names)

    def kill(self):
        """End the kernel and its children at once, from any thread."""
        manager = self.km  # None once the kernel has ended
        provisioner = manager and manager.provisioner
        if provisioner and provisioner.pid:
            with suppress(ProcessLookupError):
                os.killpg(provisioner.pid, signal.SIGKILL)

    def run(self):
        """Execute all cells; their outputs are then in the notebook. Returns the seconds taken."""
        start = time.monotonic()
        try:
            self.execute(stderr=subprocess.DEVNULL)  # libraries log there; outputs are kept
        except CellTimeoutError:
            more = f"end the loop, or allow more: CELL_TIMEOUT={2 * self.timeout} make ..."
            problem = f"still running after {self.timeout} s, the time limit; {more}"
        except DeadKernelError:
            problem = "the kernel died: the memory ran out, or the code ended its own process"
        except CellExecutionError as error:
            text = re.sub(r"\w*\.py, (?=line)", "", error.evalue)  # a cell's file has no fixed name
            problem = one_line(f"{error.ename}: {text}")
            if re.search(OUT_OF_MEMORY, problem):
                problem += " | Free the GPU, or run on the CPU: CUDA_VISIBLE_DEVICES='' make ..."
        except Exception as error:
            problem = one_line(f"{type(error).__name__}: {error}")
        else:
            return time.monotonic() - start
        finally:
            atexit.unregister(self._cleanup_kernel)  # nbclient forgets to when a start fails
        raise NotebookError(f"{self.place}: {problem}")


def execute(paths, done):
    """Execute the notebooks in `paths`, printing a line of progress for each that ends.

    `done(path, notebook, seconds)` is called after each success. Returns the list of error lines.
    Whatever interrupts it, no kernel is left when it is over.
    """
    errors, runs, stopped = [], [], threading.Event()

    def one(path):
        notebook = read(path)
        runs.append(Run(notebook, path))
        if stopped.is_set():
            raise NotebookError(f"{path}: not started")
        return notebook, runs[-1].run()

    def report(path, future):
        try:
            notebook, seconds = future.result()
        except NotebookError as error:
            errors.append(str(error))
            result = "FAILED"
        else:
            done(path, notebook, seconds)
            result = f"{seconds:.1f} s"
        print(
            f"[{len(futures) - len(pending)}/{len(futures)}] {path.stem:<20} {result}", flush=True
        )

    # An exception out of a signal, at any line, could leave a thread that nobody knows of: here a
    # signal sets a flag instead.
    handlers = on_signals(lambda *_: stopped.set())
    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        futures = pending = {pool.submit(one, path): path for path in paths}
        try:
            while pending and not stopped.is_set():
                for future in wait(pending, 0.1, FIRST_COMPLETED).done:
                    pending = {each: pending[each] for each in pending if each != future}
                    report(futures[future], future)
            if stopped.is_set():
                raise KeyboardInterrupt
        finally:
            stopped.set()
            while not all(future.done() for future in futures):
                for run in runs:
                    run.kill()
                time.sleep(0.05)
            for name, handler in handlers.items():
                signal.signal(name, handler)
    return sorted(errors)


def save(path, notebook, seconds):
    """Write the notebook, clean of this machine's traces, in place of the old one in one step."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook.metadata = nbformat.from_dict(metadata)
    for cell in notebook.cells:
        kept = {
            key: cell.metadata[key] for key in ("jupyter", "mystnb", "tags") if key in cell.metadata
        }
        cell.metadata = nbformat.from_dict(kept)
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    if text == path.read_text(encoding="utf-8"):
        return
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        shutil.copymode(path, new)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def on_signals(handler):
    """Have `handler` called for Ctrl-C, a closed terminal and a kill; returns the old handlers.
    What is ignored, as the closed terminal is under nohup, stays so."""
    heeded = [name for name in SIGNALS if signal.getsignal(name) != signal.SIG_IGN]
    return {name: signal.signal(name, handler) for name in heeded}


def run_main(main, undone):
    """Exit with what `main()` returns. When it is interrupted, or cannot write a file, say so
    in a line that ends in `undone`."""

    def stop(signum, frame):
        on_signals(signal.SIG_IGN)  # once is enough
        raise KeyboardInterrupt

    on_signals(stop)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print(f"\nInterrupted. {undone}", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}. {undone}")


def main():
    paths = [Path(name) for name in sys.argv[1:]]
    for folder in {path.parent for path in paths if path.exists()}:
        if not os.access(folder, os.W_OK):
            sys.exit(f"Cannot write to {folder}: nothing was executed.")
    errors = execute(paths, save)
    print(*errors, sep="\n", end="\n" * bool(errors), file=sys.stderr)
    return bool(errors)


if __name__ == "__main__":
    run_main(main, "The notebooks that had not run to the end are as they were.")
