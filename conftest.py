"""For nbval: the book's kernels, a line when one dies, and no notebook that cannot run here."""

import queue
import time
from importlib.util import find_spec

import nbval.kernel
import pytest
from nbval.plugin import IPyNbCell

from book.press import cells
from book.press.run import DIED, NEEDS, Manager

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


def pytest_collection_modifyitems(items):
    """Skip the notebooks that need what is not installed: TensorFlow."""
    if find_spec("tensorflow"):
        return
    found = [item for item in items if isinstance(item, IPyNbCell)]
    needing = {item.path for item in found if NEEDS in cells.tags(item.cell)}
    for item in found:
        if item.path in needing:
            item.add_marker(pytest.mark.skip(reason="TensorFlow is not installed"))
