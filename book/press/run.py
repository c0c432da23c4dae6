"""Runs notebooks: each in a fresh kernel of this Python and in its own folder, two at a time.

Every kernel of the book is started here, whoever asks, make, the tests or nbval:

- **In a clean environment,** see `prove`.
- **Through files, not ports.** jupyter_client chooses ports and leaves them free until the kernel
  is up; another program can take one meanwhile, and the kernel dies
  (https://github.com/jupyter/jupyter_client/issues/154).
"""

import asyncio
import atexit
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from contextlib import suppress
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager, KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from PIL import Image

from book.press import cells, editions, pages, translate
from book.press.console import SIGNALS, BookError, one_line
from book.press.prove import AT_ONCE, clean_environment, count_cpus

NEEDS = "needs-tensorflow"  # the tag of cells that do not run without it
OUT_OF_MEMORY = r"(?i)out of memory|OutOfMemory|cudaErrorMemoryAllocation|ResourceExhausted"
DIED = "the kernel died: the memory ran out, or the code ended its own process"
logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # of tasks that a dead kernel leaves open


class Clean:
    """What makes a kernel manager start its kernel so. Its options are those of the manager; the
    kernel's variables beside the clean ones are given to `start_kernel` as `env`."""

    def __init__(self, **options):
        # The path of a socket must stay below 104 characters, whatever TMPDIR is.
        short = len(tempfile.gettempdir()) <= 60
        self.folder = tempfile.TemporaryDirectory(prefix="kernel-", dir=None if short else "/tmp")
        connection = str(Path(self.folder.name, "kernel.json"))
        options |= {"kernel_name": "python3"}  # nbval names one of its own kinds
        # The reader may have a kernel of this name. With no folder to search, it is this Python's.
        specs = KernelSpecManager(kernel_dirs=[])
        super().__init__(transport="ipc", connection_file=connection, **options)
        self.kernel_spec_manager = specs

    async def _async_pre_start_kernel(self, **options):
        options["env"] = clean_environment(options.get("env"))
        return await super()._async_pre_start_kernel(**options)


class Manager(Clean, KernelManager):
    """For nbval: a drop-in for the KernelManager that it makes."""


class AsyncManager(Clean, AsyncKernelManager):
    pass


class Run(NotebookClient):
    """The execution of one notebook, in its own folder. `notebook` is nbformat's; with `path` it
    is named in errors. `seconds` is the time limit of a cell."""

    def __init__(self, notebook, path, seconds=600):
        super().__init__(
            notebook,
            km=AsyncManager(),
            timeout=seconds,
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
        """Set the place, such as 'notebooks/03_autograd.ipynb, cell 7 (loop, train)'."""
        names = ", ".join([cell.id, *cells.tags(cell)])
        self.place = f"{self.path}, cell {cell_index + 1} ({names})"

    def kill(self):
        """End the kernel and its children at once."""
        manager = self.km  # None once the kernel has ended
        provisioner = manager and manager.provisioner
        if provisioner and provisioner.pid:
            with suppress(ProcessLookupError):
                os.killpg(provisioner.pid, signal.SIGKILL)

    async def run(self, env=None):
        """Execute all cells; their outputs are then in the notebook. Returns the seconds taken."""
        start = time.monotonic()
        try:
            await self.async_execute(stderr=subprocess.DEVNULL, env=env)  # libraries log there
        except CellTimeoutError:
            more = f"end the loop, or allow more: CELL_TIMEOUT={2 * self.timeout} make ..."
            problem = f"still running after {self.timeout} s, the time limit; {more}"
        except DeadKernelError:
            problem = DIED
        except CellExecutionError as error:
            text = re.sub(r"\w*\.py, (?=line)", "", error.evalue)  # a cell's file has no fixed name
            problem = one_line(f"{error.ename}: {text}")
            if re.search(OUT_OF_MEMORY, problem):
                problem += " | Free the GPU, or run on the CPU: CUDA_VISIBLE_DEVICES='' make ..."
        except Exception as error:
            problem = one_line(f"{type(error).__name__}: {error}")
        except asyncio.CancelledError:
            self.kill()
            raise
        else:
            return time.monotonic() - start
        finally:
            atexit.unregister(self._cleanup_kernel)  # nbclient forgets to when a start fails
        raise BookError(f"{self.place}: {problem}")


def time_limit():
    """The time limit of a cell in seconds, CELL_TIMEOUT; exits over one that is no number."""
    given = os.environ.get("CELL_TIMEOUT") or "600"
    if not given.isdecimal() or int(given) == 0:
        sys.exit(f"CELL_TIMEOUT is {given!r}: give the seconds as a whole number, such as 600")
    return int(given)


def quantize(data):
    """The bytes of a PNG with at most 256 colours, where that makes them fewer."""
    with Image.open(BytesIO(data)) as image:
        opaque = image.convert("RGBA").getextrema()[3] == (255, 255)
        method = Image.Quantize.MEDIANCUT if opaque else Image.Quantize.FASTOCTREE
        image = image.convert("RGB" if opaque else "RGBA")
        palette = image.quantize(256, method, dither=Image.Dither.NONE)
    palette.save(smaller := BytesIO(), "PNG", optimize=True)
    return min(smaller.getvalue(), data, key=len)


def quantize_outputs(notebook):
    """Do so with all figures that the notebook stores."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if png := output.get("data", {}).get("image/png"):
                data = quantize(b64decode(png))
                output["data"]["image/png"] = b64encode(data).decode() + "\n"


def store(path, notebook):
    """Write the notebook with its new outputs, unless they are fewer than its code makes."""
    if faults := cells.find_faults(notebook):
        raise BookError(f"{path}: {faults[0]}: it is as it was")
    quantize_outputs(notebook)
    cells.save(path, notebook)


async def execute(paths, limit):
    """Execute the notebooks in `paths` and store their outputs, printing a line of progress for
    each; `limit` is a cell's in seconds. Returns the error lines. An interruption cancels all runs,
    and each ends its kernel."""
    gate, errors, ended = asyncio.Semaphore(min(AT_ONCE, count_cpus())), [], []

    async def one(path):
        async with gate:
            try:
                notebook = nbformat.from_dict(cells.read(path))
                result = f"{await Run(notebook, path, limit).run():.1f} s"
                store(path, notebook)
            except BookError as error:
                errors.append(str(error))
                result = "FAILED"
        ended.append(path)
        print(f"[{len(ended)}/{len(paths)}] {path.stem:<20} {result}", flush=True)

    runs, loop = asyncio.gather(*map(one, paths)), asyncio.get_running_loop()
    for name in SIGNALS:
        loop.add_signal_handler(name, runs.cancel)
    # nbclient would put handlers of its own there, and take them away after the first notebook.
    loop.add_signal_handler = loop.remove_signal_handler = lambda *_: False
    await runs
    return sorted(errors)


def needs_tensorflow(path):
    return bool(cells.code_cells(cells.read(path), NEEDS))


def runs_here(path):
    """Whether what the notebook needs is installed: TensorFlow is not, for the newest Python."""
    return bool(find_spec("tensorflow") or not needs_tensorflow(path))


def choose(names):
    """The paths of these notebooks, or of all that run here; a line says what is left out."""
    if names:
        return [Path(name) for name in names]
    paths = [path.relative_to(pages.ROOT) for path in pages.computing()]
    left = [path.as_posix() for path in paths if not runs_here(path)]
    if left:
        print(f"Left out, for TensorFlow is not installed: {', '.join(left)}")
    return [path for path in paths if path.as_posix() not in left]


def main(*names):
    """Execute and store these notebooks, or all, and bring the editions' copies along; 1 if
    there was an error. A file changes only when its notebook has run to the end and has all
    outputs that its code makes, and then in one step."""
    paths = choose(names)
    for folder in {path.parent for path in paths if path.exists()}:
        if not os.access(folder, os.W_OK):
            sys.exit(f"Cannot write to {folder}: nothing was executed.")
    try:
        errors = asyncio.run(execute(paths, time_limit()))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    for path in paths:
        if path.exists():
            translate.copy(path)
    for error in errors:
        print(error, file=sys.stderr)
    return bool(errors)


def tidy(*names):
    """Clean these notebooks, or all of all editions, of what an editor or a machine leaves in them,
    without executing anything; each file that changes is named. With --check first, as before a
    commit, 1 if one did."""
    check = names[:1] == ("--check",)
    named = [Path(name) for name in names[check:]]
    paths = named or [
        path.relative_to(pages.ROOT) for each in editions.find_all() for path in each.notebooks()
    ]
    notebooks = {path: cells.read(path) for path in paths}  # all, before one is written
    changed = [path for path in paths if cells.save(path, notebooks[path])]
    for path in changed:
        print(f"{path}: tidied")
    return check and bool(changed)
