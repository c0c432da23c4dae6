"""No kernel needs ports, which another program could have taken before it starts."""

import json
from pathlib import Path

import nbformat
import nbval.kernel
from execute import Run


def transport(manager):
    """How the kernel has been told to let itself be reached: "tcp" or "ipc"."""
    return json.loads(Path(manager.connection_file).read_text())["transport"]


def test_kernels_of_nbval():
    manager, client = nbval.kernel.start_new_kernel(kernel_name=":nbval-parent-env")
    folder = Path(manager.folder.name)
    try:
        assert transport(manager) == "ipc"
        assert len(list(folder.iterdir())) == 6, "the connection file and five sockets"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    manager.folder.cleanup()
    assert not folder.exists()


def test_kernels_of_a_build(tmp_path):
    run = Run(nbformat.v4.new_notebook(), tmp_path / "empty.ipynb")
    with run.setup_kernel():
        assert transport(run.km) == "ipc"
