"""For all tests: the modules of book/_tools; nbval's kernels, as kernels.py there starts them."""

import sys
from pathlib import Path

import nbval.kernel

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "book" / "_tools"), str(ROOT / "tests")]
from kernels import Manager  # noqa: E402

nbval.kernel.KernelManager = Manager
