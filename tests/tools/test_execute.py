"""`make notebooks`: what it stores and what it refuses to, errors in a line each, interruptions."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
import readers
from small_book import alive, ends, left_in

NAMES = ("1_one", "2_two", "3_three")
ALL = ["1_one", "2_two", "3_three", "computes"]


def test_notebooks_are_saved_clean_and_again_the_same(book):
    source = "print(sys.prefix)\nsys.stdout.flush()\nprint(1)"
    path = book.write("2_two", "import sys", source, stale=True)
    path.chmod(0o640)
    said = book.make("notebooks")
    for name in ALL:
        assert re.search(rf"^\[\d/4\] {name} +\d+\.\d s$", said, re.MULTILINE)
    assert book.runs() == ["1_one", "3_three", "computes"]
    notebook = book.read("2_two")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert notebook.metadata == {"kernelspec": kernel, "language_info": {"name": "python"}}
    assert [cell.id for cell in notebook.cells] == ["title", "a", "b"]
    code = notebook.cells[1:]
    assert [cell.metadata for cell in code] == [{"tags": []}, {"tags": []}]
    assert [cell.execution_count for cell in code] == [1, 2]
    assert [output.text for output in code[1].outputs] == [f"{book.root}/.venv\n1\n"]
    assert path.read_bytes().endswith(b"}\n")
    assert path.stat().st_mode & 0o777 == 0o640
    before = book.files("notebooks", "book")
    book.make("notebooks")
    book.runs()
    assert book.files("notebooks", "book") == before


def test_one_notebook(book):
    before = book.files("notebooks")
    book.make("notebooks", "NB=notebooks/2_two.ipynb")
    assert book.runs() == ["2_two"]
    after = book.files("notebooks")
    assert [path for path in before if after[path] != before[path]] == ["notebooks/2_two.ipynb"]


def test_kernels_of_the_reader_are_not_asked(book, tmp_path):
    """Whatever kernels called python3 there are."""
    spec = {"argv": ["/bin/false"], "display_name": "Python 3", "language": "python"}
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))
    places = {"JUPYTER_PATH": str(folder.parents[1]), "JUPYTER_DATA_DIR": str(folder.parents[1])}
    book.make("notebooks", "NB=notebooks/1_one.ipynb", env=places)
    assert book.runs() == ["1_one"]


@pytest.mark.parametrize("case", readers.CASES)
def test_settings_of_the_reader_reach_no_output(book, tmp_path, case):
    source, expected = readers.CELLS[case]
    book.write("2_two", source)
    env = readers.settings(case, tmp_path / "reader")
    book.make("notebooks", "NB=notebooks/2_two.ipynb", env=env)
    (output,) = book.read("2_two").cells[1].outputs
    assert output.get("text", output.get("data", {}).get("text/plain")) == expected


def test_figures_are_drawn_whatever_backend_the_reader_has(book):
    book.make("notebooks", "NB=notebooks/1_one.ipynb", env={"MPLBACKEND": "Agg", "DISPLAY": ":9"})
    (output,) = book.read("1_one").cells[3].outputs
    assert len(output.data["image/png"]) > 1000


LOST = {
    "figure": (
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.close('all')\nplt.show()",
        "draws a figure, and none is stored",
    ),
    "print": (
        "import io, sys\nsys.stdout = io.StringIO()\nprint(1)",
        "prints, and nothing is stored",
    ),
}


@pytest.mark.parametrize("case", LOST)
@pytest.mark.parametrize("optimize", ["", "1"])
def test_run_that_lost_something_is_not_stored(book, case, optimize):
    source, fault = LOST[case]
    path = book.write("2_two", "x = 1", source)
    before = path.read_bytes()
    command = ("notebooks", "NB=notebooks/2_two.ipynb")
    said = book.make(*command, ok=False, env={"PYTHONOPTIMIZE": optimize})
    assert f"notebooks/2_two.ipynb: cell b {fault}: it is as it was" in said.splitlines()
    assert path.read_bytes() == before


FAILURES = {
    "name": ("y = foo", "cell 3 (b): NameError: name 'foo' is not defined"),
    "syntax": ("y = 1\nz = = 2", "cell 3 (b): SyntaxError: invalid syntax (line 2)"),
    "assert": ("assert 1 == 2, 'a check'", "cell 3 (b): AssertionError: a check"),
    "endless": (
        "while True:\n    pass",
        "cell 3 (b): still running after 3 s, the time limit; end the loop, or allow more: "
        "CELL_TIMEOUT=6 make ...",
    ),
    "killed": (
        "import os\nos._exit(1)",
        "cell 3 (b): the kernel died: the memory ran out, or the code ended its own process",
    ),
    "cuda": (
        "class OutOfMemoryError(RuntimeError):\n    pass\n\n"
        "raise OutOfMemoryError('CUDA out of memory. Tried to allocate 20 MiB.\\nGPU 0 has ...')",
        "cell 3 (b): OutOfMemoryError: CUDA out of memory. Tried to allocate 20 MiB. GPU 0 has "
        "... | Free the GPU, or run on the CPU: CUDA_VISIBLE_DEVICES='' make ...",
    ),
}


def test_failing_notebooks_are_named_and_left_as_they_were(book):
    """Also under PYTHONOPTIMIZE, which switches a failing assertion off elsewhere."""
    for name, (source, _) in FAILURES.items():
        book.write(name, "x = 1", source, "print('not reached')")
    book.notebook("json").write_text('{"cells": [\n<<<<<<< HEAD\n')
    before = book.files("notebooks")
    others = " ".join(f"notebooks/{name}.ipynb" for name in [*FAILURES, *NAMES, "json"])
    others = others.replace("notebooks/endless.ipynb ", "")
    env = {"PYTHONOPTIMIZE": "1"}
    said = book.make("notebooks", f"NB={others}", ok=False, env=env).splitlines()
    limit = {"CELL_TIMEOUT": "3"}
    said += book.make("notebooks", "NB=notebooks/endless.ipynb", ok=False, env=limit).splitlines()
    for name, (_, problem) in FAILURES.items():
        assert f"notebooks/{name}.ipynb, {problem}" in said
    problem = "JSONDecodeError: Expecting value: line 2 column 1 (char 12)"
    assert f"notebooks/json.ipynb: malformed: {problem}" in said
    assert not [line for line in said if "Task was destroyed" in line]
    assert book.runs() == list(NAMES)
    after = book.files("notebooks")
    same = {path for path in before if after[path] == before[path]}
    assert same == {f"notebooks/{name}.ipynb" for name in [*FAILURES, "json"]}


def test_kernel_that_does_not_start(book, tmp_path):
    """As with a broken installation; the environment's own packages are linked to, that one not."""
    venv = tmp_path / "venv"
    real = (book.root / ".venv").resolve()
    packages = next(real.glob("lib/python3.*/site-packages")).relative_to(real)
    (venv / "bin").mkdir(parents=True)
    (venv / packages).mkdir(parents=True)
    for path in (real / packages).iterdir():
        (venv / packages / path.name).symlink_to(path)
    (venv / "bin" / "python").symlink_to((real / "bin" / "python").resolve())
    shutil.copy(real / "pyvenv.cfg", venv)
    (venv / packages / "ipykernel_launcher.py").unlink()
    (venv / packages / "ipykernel_launcher.py").write_text("raise SystemExit(1)")
    (book.root / ".venv").unlink()
    (book.root / ".venv").symlink_to(venv)
    said = book.make("notebooks", "NB=notebooks/1_one.ipynb", ok=False)
    assert "notebooks/1_one.ipynb: RuntimeError: Kernel died before replying to kernel_info" in said


def test_cell_may_raise_where_its_tag_says_so(book):
    book.write("2_two", ("raise ValueError('on purpose')", [], "raises-exception"))
    book.make("notebooks", "NB=notebooks/2_two.ipynb")
    assert book.read("2_two").cells[1].outputs[0].evalue == "on purpose"


def test_missing_notebook(book):
    said = book.make("notebooks", "NB=notebooks/none.ipynb", ok=False)
    assert "notebooks/none.ipynb: there is no such file" in said.splitlines()


@pytest.mark.parametrize("given", ["abc", "0", "-3", "2.5", "1e3"])
def test_time_limit_that_is_none(book, given):
    said = book.make("notebooks", ok=False, env={"CELL_TIMEOUT": given}).splitlines()
    line = f"CELL_TIMEOUT is {given!r}: give the seconds as a whole number, such as 600"
    assert said[0] == line and len(said) == 2  # the second is make's
    assert book.runs() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interruption_loses_nothing_and_leaves_no_kernel(book, number):
    sleeper = (
        "import os, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '99'])\n"
        "with open('pids.new', 'w') as file:\n    file.write(f'{os.getpid()} {child.pid}')\n"
        "os.rename('pids.new', 'pids.txt')\n"
        "time.sleep(99)"
    )
    book.write("2_two", sleeper)
    before = book.files("notebooks", "book")
    pids = book.root / "notebooks" / "pids.txt"
    with book.start(book.make_command("notebooks")) as process:
        while not pids.exists():
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.05)
        found = pids.read_text().split()
        pids.unlink()
        assert all(map(alive, found))
        os.killpg(process.pid, number)
        said = process.communicate(timeout=60)[0]
    assert process.returncode != 0
    assert "Interrupted. The notebooks that had not run to the end are as they were." in said
    assert "Traceback" not in said
    assert all(map(ends, found))
    book.runs()
    after = book.files("notebooks", "book")
    assert after.keys() - before.keys() <= {p for p in after if "__pycache__" in p}
    changed = {path for path in before if before[path] != after[path]}
    assert "notebooks/2_two.ipynb" not in changed  # others may have run to the end


def test_interruption_while_a_kernel_starts_is_heeded(book):
    """The kernel is there, and nobody has spoken with it."""
    code = (
        "import os, signal, sys\n"
        "sys.path.insert(0, 'book/_tools')\n"
        "import execute, kernels\n"
        "launch = kernels.AsyncManager._async_launch_kernel\n"
        "async def launch_and_interrupt(manager, *arguments, **options):\n"
        "    await launch(manager, *arguments, **options)\n"
        "    os.kill(manager.provisioner.pid, signal.SIGSTOP)\n"  # it cannot end by itself
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "kernels.AsyncManager._async_launch_kernel = launch_and_interrupt\n"
        "execute.run_main(execute.main, '')"
    )
    command = [sys.executable, "-c", code, "notebooks/2_two.ipynb"]
    result = subprocess.run(command, cwd=book.root, capture_output=True, text=True, timeout=60)
    assert result.returncode == 130
    assert result.stderr.split() == ["Interrupted."]
    assert all(map(ends, left_in(book.root / "notebooks")))
