"""For all tests: the modules of book/_tools, and nbval's kernels as kernels.py there has them."""

import sys
from pathlib import Path

import nbval.kernel

sys.path.insert(0, str(Path(__file__).resolve().parent / "book" / "_tools"))
from kernels import Manager  # noqa: E402

nbval.kernel.KernelManager = Manager
