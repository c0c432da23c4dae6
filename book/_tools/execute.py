"""Execute notebooks, two at a time, each in a fresh kernel of this Python and in its own folder.

usage: python execute.py [notebook.ipynb ...]      those, or all of the book: executes and stores

A file changes only when its notebook has run to the end and has all outputs that its code makes,
and then in one step. The first error of each notebook is reported in one line. Exit status: 1 if
there was one, 130 after an interruption. CELL_TIMEOUT in the environment is the time limit of a
cell in seconds, 600 if not given.
"""

import logging
import os
import signal
import sys
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

import cells
import nbformat
import pages
from cells import NotebookError
from console import on_signals, run_main
from kernels import AT_ONCE, Run, count_cpus
from tidy import save

logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # of tasks that a dead kernel leaves open


def time_limit():
    """The time limit of a cell in seconds; exits over one that is no number."""
    given = os.environ.get("CELL_TIMEOUT") or "600"
    if not given.isdecimal() or int(given) == 0:
        sys.exit(f"CELL_TIMEOUT is {given!r}: give the seconds as a whole number, such as 600")
    return int(given)


def execute(paths, done):
    """Execute the notebooks in `paths`, printing a line of progress for each that ends.

    `done(path, notebook)` is called after each success; it may raise NotebookError. Returns the
    list of error lines. Whatever interrupts it, no kernel is left when it is over.
    """
    errors, runs, stopped, limit = [], [], threading.Event(), time_limit()

    def one(path):
        notebook = nbformat.from_dict(cells.read(path))
        runs.append(Run(notebook, path, limit))
        if stopped.is_set():
            raise NotebookError(f"{path}: not started")
        seconds = runs[-1].run()
        return notebook, seconds

    def report(path, future):
        try:
            notebook, seconds = future.result()
            done(path, notebook)
        except NotebookError as error:
            errors.append(str(error))
            result = "FAILED"
        else:
            result = f"{seconds:.1f} s"
        print(
            f"[{len(futures) - len(pending)}/{len(futures)}] {path.stem:<20} {result}", flush=True
        )

    # An exception out of a signal, at any line, could leave a thread that nobody knows of: here a
    # signal sets a flag instead.
    handlers = on_signals(lambda *_: stopped.set())
    with ThreadPoolExecutor(min(AT_ONCE, count_cpus())) as pool:
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


def store(path, notebook):
    """Write the notebook with its new outputs, unless they are fewer than its code makes."""
    if faults := cells.find_faults(notebook):
        raise NotebookError(f"{path}: {faults[0]}: it is as it was")
    save(path, notebook)


def main():
    try:
        paths = [Path(name) for name in sys.argv[1:]] or [
            path.relative_to(pages.ROOT) for path in pages.computing()
        ]
    except pages.TocError as error:
        sys.exit(str(error))
    for folder in {path.parent for path in paths if path.exists()}:
        if not os.access(folder, os.W_OK):
            sys.exit(f"Cannot write to {folder}: nothing was executed.")
    errors = execute(paths, store)
    for error in errors:
        print(error, file=sys.stderr)
    return bool(errors)


if __name__ == "__main__":
    run_main(main, "The notebooks that had not run to the end are as they were.")
