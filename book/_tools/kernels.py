"""Kernels that no other program can keep from starting.

jupyter_client chooses a kernel's ports and leaves them free until the kernel has started. When
another program takes one meanwhile, a second kernel or a training with several processes, the
kernel dies: https://github.com/jupyter/jupyter_client/issues/154. Sockets can also be files, and
those are here in a folder of the kernel's own.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_client import AsyncKernelManager, KernelManager


class SocketsInFiles:
    """What makes a kernel manager use such sockets. Its options are those of the manager."""

    def __init__(self, **options):
        self.folder = TemporaryDirectory(prefix="kernel-")  # it goes with this object
        connection = str(Path(self.folder.name, "kernel.json"))
        super().__init__(transport="ipc", connection_file=connection, **options)


class Manager(SocketsInFiles, KernelManager):
    pass


class AsyncManager(SocketsInFiles, AsyncKernelManager):
    pass
