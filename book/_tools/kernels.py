"""Every kernel of the book is started here, whoever asks: make, the tests, nbval.

- **In a clean environment.** What the reader has set for other programs (a backend of Matplotlib,
  `PYTHONOPTIMIZE`, start-up files, print options, a language) stays out of the outputs. What says
  how this machine works is kept, and a caller may add variables of its own.
- **With its share of the CPUs**, those that this process may use, not those of the host.
- **Through files, not ports.** jupyter_client chooses ports and leaves them free until the kernel
  is up; another program can take one meanwhile, and the kernel dies
  (https://github.com/jupyter/jupyter_client/issues/154).
"""

import asyncio
import atexit
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from cells import tags
from console import BookError, one_line
from jupyter_client import AsyncKernelManager, KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

AT_ONCE = 2  # kernels: while one imports its library, the other computes; more would crowd a GPU
KEPT = (
    r"PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|SYSTEMROOT|LD_LIBRARY_PATH|DYLD_\w+|CC|CXX|SDKROOT"
    r"|DEVELOPER_DIR|OMP_NUM_THREADS|OPENBLAS_\w+|CUDA_?\w*|NVIDIA_\w+|HIP_\w+|HSA_\w+|ROCM?_\w+"
    r"|ZE_\w+|ONEAPI_\w+|\w+_VISIBLE_DEVICES"
)
OUT_OF_MEMORY = r"(?i)out of memory|OutOfMemory|cudaErrorMemoryAllocation|ResourceExhausted"
LONGEST = 60  # characters of a folder's path: a socket's whole path must stay below 104


def count_cpus(cgroup=Path("/sys/fs/cgroup/cpu.max")):
    """How many CPUs this process may use: a container or a scheduler may allot fewer than the
    machine has."""
    allotted = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        allotted = len(os.sched_getaffinity(0))
    with suppress(OSError, ValueError):  # "200000 100000": microseconds in every so many
        quota, period = map(int, cgroup.read_text().split())
        allotted = min(allotted, math.ceil(quota / period))
    return max(1, allotted)


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


def short_folder():
    """A folder in which a socket can be made: with a path that is short enough."""
    for folder in tempfile.gettempdir(), "/tmp", "/var/tmp":
        if len(folder) <= LONGEST and os.access(folder, os.W_OK):
            return folder
    raise BookError(
        f"TMPDIR has a path of {len(tempfile.gettempdir())} characters, too long for the sockets "
        f"of a kernel, and /tmp cannot be written to: set TMPDIR to a shorter one"
    )


class Clean:
    """What makes a kernel manager start its kernel so. Its options are those of the manager; the
    kernel's variables beside the clean ones are given to `start_kernel` as `env`."""

    def __init__(self, **options):
        self.folder = tempfile.TemporaryDirectory(prefix="kernel-", dir=short_folder())
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
        """Set the place to, as an example, 'notebooks/03_autograd.ipynb, cell 7 (loop, train)':
        all cells count, from 1; in brackets are the cell's id and tags."""
        names = ", ".join([cell.id, *tags(cell)])
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
            problem = "the kernel died: the memory ran out, or the code ended its own process"
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
