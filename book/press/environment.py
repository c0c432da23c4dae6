"""The environment in which a notebook runs, in a kernel or forked.

What the reader has set for other programs (a backend of Matplotlib, `PYTHONOPTIMIZE`, start-up
files, print options, a language) stays out of the outputs. What says how this machine works is
kept. A run gets its share of the CPUs, those that this process may use, not those of the host.
"""

import math
import os
import re
import sys
from pathlib import Path

AT_ONCE = 2  # runs: while one imports its library, the other computes; more would crowd a GPU
KEPT = (
    r"PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|SYSTEMROOT|LD_LIBRARY_PATH|DYLD_\w+|CC|CXX|SDKROOT"
    r"|DEVELOPER_DIR|OMP_NUM_THREADS|OPENBLAS_\w+|CUDA_?\w*|NVIDIA_\w+|HIP_\w+|HSA_\w+|ROCM?_\w+"
    r"|ZE_\w+|ONEAPI_\w+|\w+_VISIBLE_DEVICES"
)


def count_cpus():
    """How many CPUs this process may use: a scheduler may allot fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def clean_environment(more=None):
    """The variables that a kernel gets: those kept of this process, the book's own, and `more`."""
    kept = {key: value for key, value in os.environ.items() if re.fullmatch(KEPT, key)}
    threads = math.ceil(count_cpus() / AT_ONCE)  # one that waits for its turn would hold its core
    folder = Path(sys.prefix)
    own = {
        "OMP_NUM_THREADS": kept.get("OMP_NUM_THREADS", str(threads)),
        "LC_ALL": "C.UTF-8",  # messages of the system are in English
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "IPYTHONDIR": str(folder / "ipython"),
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # two kernels share the GPU's memory
    }
    return kept | own | (more or {})
