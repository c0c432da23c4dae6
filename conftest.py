"""For nbval: the book's kernels, a line when one dies, and no notebook that cannot run here."""

import queue
import time
from pathlib import Path

import nbval.kernel
import pytest

from book.press.console import BookError
from book.press.run import DIED, Manager, runs_here

nbval.kernel.KernelManager = Manager
wait_for_message = nbval.kernel.RunningKernel.get_message


def get_message(kernel, stream, timeout=None):
    """The next message of a kernel, which must live meanwhile: it is looked at every second. nbval
    would wait for the whole time limit of a cell, and call a dead kernel a slow one."""
    end = time.monotonic() + (timeout or float("inf"))
    while True:
        try:
            return wait_for_message(kernel, stream, max(0, min(1, end - time.monotonic())))
        except queue.Empty:
            if not kernel.is_alive():
                pytest.fail(DIED, pytrace=False)
            if time.monotonic() >= end:
                raise


nbval.kernel.RunningKernel.get_message = get_message


def is_left_out(path, config):
    """Whether nbval is to run this file, and what it needs is not installed."""
    if path.suffix != ".ipynb" or not (config.option.nbval or config.option.nbval_lax):
        return False
    try:
        return not runs_here(path)
    except BookError:  # what is wrong with it, nbval says
        return False


def pytest_ignore_collect(collection_path, config):
    return True if is_left_out(collection_path, config) else None


def pytest_terminal_summary(terminalreporter, config):
    left = []
    for argument in config.args:
        given = Path(config.rootpath, argument.split("::")[0])
        paths = sorted(given.glob("**/*.ipynb")) if given.is_dir() else [given]
        left += [path.relative_to(config.rootpath) for path in paths if is_left_out(path, config)]
    if left:
        names = ", ".join(path.as_posix() for path in dict.fromkeys(left))
        terminalreporter.line(f"Left out, for TensorFlow is not installed: {names}")
