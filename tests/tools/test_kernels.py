"""Kernels: in a clean environment, through files, with their share of the CPUs; nbval's too."""

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import kernels
import nbformat
import nbval.kernel
import pytest
import readers
from console import BookError
from kernels import Run, count_cpus
from small_book import alive, ends, figure, text


def transport(manager):
    """How the kernel has been told to let itself be reached: "tcp" or "ipc"."""
    return json.loads(Path(manager.connection_file).read_text())["transport"]


def test_kernels_of_nbval_go_through_files():
    """No port, which another program could have taken before the kernel starts."""
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


def execute(run, **options):
    """In a thread: the browser of other tests may have left a running event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, run.run(**options)).result()


def test_kernels_of_a_run_go_through_files(tmp_path):
    run = Run(nbformat.v4.new_notebook(), tmp_path / "empty.ipynb")
    with run.setup_kernel():
        assert transport(run.km) == "ipc"


def test_kernel_that_is_killed_takes_its_children_along(tmp_path):
    source = "import subprocess\nchild = subprocess.Popen(['sleep', '99'])\nprint(child.pid)"
    cell = nbformat.v4.new_code_cell(source)
    run = Run(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "one.ipynb")
    with run.setup_kernel():
        run.execute_cell(cell, 0)
        child = int(cell.outputs[0].text)
        assert alive(child)
        run.kill()
        assert ends(child)


# What readers have set


def test_nbval_typed_directly_has_clean_kernels(book, tmp_path):
    """All settings at once but those that pytest itself would stumble over."""
    cells = [(source, [stored(expected)]) for source, expected in readers.CELLS.values()]
    for number in range(0, len(cells), 6):  # so many a notebook has letters for
        book.write(f"cells_{number}", *cells[number : number + 6])
    for name in "1_one", "2_two", "3_three":
        book.notebook(name).unlink()
    env = readers.join(readers.CASES, tmp_path / "reader") | {"MPLBACKEND": "Agg"}
    for name in "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONDEVMODE":
        del env[name]
    command = [book.python, "-m", "pytest", "-q", "--color=no", "--nbval", "notebooks"]
    assert f"{len(cells)} passed" in book.run(command, env=env)


def stored(expected):
    """What a cell stores that prints this, or ends in it."""
    if expected.endswith("\n"):
        return text(expected)
    return nbformat.v4.new_output("execute_result", {"text/plain": expected}, execution_count=1)


@pytest.mark.parametrize("env", [{"PYTHONOPTIMIZE": "1"}, {"MPLBACKEND": "Agg"}], ids=str)
def test_nbval_typed_directly_sees_what_is_wrong(book, env):
    """A check that fails, and a figure that a kernel would not draw."""
    source, _ = readers.CELLS["PYTHONOPTIMIZE"]
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    shown = figure()
    shown.data["text/plain"] = "<Figure size 640x480 with 1 Axes>"
    book.write("2_two", (source, [text("checked\n")]), (draw, [shown]), "assert 1 == 2")
    command = [book.python, "-m", "pytest", "-q", "--color=no", "--nbval"]
    said = book.run([*command, "notebooks/2_two.ipynb"], ok=False, env=env)
    assert "1 failed, 2 passed" in said
    assert "notebooks/2_two.ipynb::Cell 2" in said


def test_caller_may_add_variables(tmp_path):
    cell = nbformat.v4.new_code_cell("import os\nprint(os.environ['MORE'], os.environ['LC_ALL'])")
    run = Run(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "one.ipynb")
    execute(run, env={"MORE": "1"})
    assert cell.outputs[0].text == "1 C.UTF-8\n"


@pytest.mark.parametrize(
    "name", ["PATH", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "TMPDIR", "CC"]
)
def test_what_says_how_the_machine_works_is_kept(monkeypatch, name):
    monkeypatch.setenv(name, "as it is here")
    assert kernels.clean_environment()[name] == "as it is here"


# The CPUs


@pytest.mark.parametrize(
    ("content", "most"),
    [
        ("50000 100000", 1),
        ("100000 100000", 1),
        ("150000 100000\n", 2),
        ("0 100000", 1),
        ("max 100000", None),
        ("", None),
        ("garbage", None),
        ("1 2 3", None),
        ("\0\xff", None),
        (None, None),
    ],
)
def test_cpus_of_a_container(tmp_path, monkeypatch, content, most):
    """`most` is what the container allots of this machine's, which is said to have four."""
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    if content is not None:
        (tmp_path / "cpu.max").write_text(content)
    assert count_cpus(tmp_path / "cpu.max") == (most or 4)


def test_cpus_where_nothing_is_known(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert count_cpus(tmp_path / "none") == 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no CPUs are allotted here")
def test_one_cpu_of_several(book):
    """As a scheduler allots it: the kernels have one thread, and run one after the other."""
    threads = "import os\nprint(os.environ['OMP_NUM_THREADS'], len(os.sched_getaffinity(0)))"
    times = "import time\nprint(time.monotonic())\ntime.sleep(0.5)\nprint(time.monotonic())"
    names = ("1_one", "2_two")
    for name in names:
        book.write(name, threads, times)
    cpu = str(min(os.sched_getaffinity(0)))
    code = "import os, sys\nos.sched_setaffinity(0, {int(sys.argv[1])})\n"
    code += "os.execvp(sys.argv[2], sys.argv[2:])"
    book.command = [sys.executable, "-c", code, cpu]
    paths = " ".join(f"notebooks/{name}.ipynb" for name in names)
    book.make("notebooks", f"NB={paths}", env={"OMP_NUM_THREADS": None})
    spans = []
    for name in names:
        first, second = [cell.outputs[0].text for cell in book.read(name).cells[1:]]
        assert first == "1 1\n"
        spans.append([float(word) for word in second.split()])
    assert max(first for first, _ in spans) > min(last for _, last in spans)


# Folders


@pytest.mark.parametrize("length", [60, 61, 90, 200])
def test_long_folder_for_temporary_files(book, tmp_path, length):
    """A socket's path has 104 characters at most, on macOS."""
    folder = Path("/tmp", "x" * (length - 5))
    folder.mkdir(exist_ok=True)
    try:
        env = {"TMPDIR": str(folder)}
        book.make("notebooks", "NB=notebooks/2_two.ipynb", env=env)
        assert book.runs() == ["2_two"]
        assert not list(folder.glob("kernel-*"))
    finally:
        subprocess.run(["rm", "-r", folder], check=True)


def test_no_short_folder_is_said_in_a_line(monkeypatch):
    monkeypatch.setattr(kernels.tempfile, "gettempdir", lambda: "/tmp/" + "x" * 85)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(BookError, match="^TMPDIR has a path of 90 characters, too long .*one$"):
        kernels.short_folder()


def test_no_folder_is_left(tmp_path, monkeypatch):
    """Neither by a run, nor by one whose kernel was killed."""
    monkeypatch.setattr(kernels, "short_folder", lambda: str(tmp_path))
    for source in "1", f"import os, signal\nos.kill(os.getpid(), {int(signal.SIGKILL)})":
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        run = Run(notebook, tmp_path / "one.ipynb")
        if source == "1":
            execute(run)
        else:
            with pytest.raises(BookError, match="the kernel died"):
                execute(run)
        del run
    gc.collect()
    assert not list(tmp_path.glob("kernel-*"))
