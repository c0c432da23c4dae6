"""Execute notebooks, two at a time, each in a fresh kernel of this Python and in its own folder.

usage: python execute.py [notebook.ipynb ...]      those, or all of the book: executes and stores

A file changes only when its notebook has run to the end and has all outputs that its code makes,
and then in one step. The first error of each notebook is reported in one line. Exit status: 1 if
there was one, 130 after an interruption. CELL_TIMEOUT in the environment is the time limit of a
cell in seconds, 600 if not given.
"""

import asyncio
import logging
import os
import sys
from pathlib import Path

import cells
import nbformat
import pages
from console import SIGNALS, BookError, run_main
from kernels import AT_ONCE, Run, count_cpus
from tidy import save

logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # of tasks that a dead kernel leaves open


def time_limit():
    """The time limit of a cell in seconds; exits over one that is no number."""
    given = os.environ.get("CELL_TIMEOUT") or "600"
    if not given.isdecimal() or int(given) == 0:
        sys.exit(f"CELL_TIMEOUT is {given!r}: give the seconds as a whole number, such as 600")
    return int(given)


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


def store(path, notebook):
    """Write the notebook with its new outputs, unless they are fewer than its code makes."""
    if faults := cells.find_faults(notebook):
        raise BookError(f"{path}: {faults[0]}: it is as it was")
    save(path, notebook)


def main():
    paths = [Path(name) for name in sys.argv[1:]]
    paths = paths or [path.relative_to(pages.ROOT) for path in pages.computing()]
    for folder in {path.parent for path in paths if path.exists()}:
        if not os.access(folder, os.W_OK):
            sys.exit(f"Cannot write to {folder}: nothing was executed.")
    try:
        errors = asyncio.run(execute(paths, time_limit()))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    for error in errors:
        print(error, file=sys.stderr)
    return bool(errors)


if __name__ == "__main__":
    run_main(main, "The notebooks that had not run to the end are as they were.")
