"""nbval's kernels are those of book/press/run.py."""

import nbval.kernel

from book.press.run import Manager

nbval.kernel.KernelManager = Manager
