"""`make notebooks`, and nbval typed directly: what is stored, what is not, and interruptions."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import pytest

from book.press import cells, run
from tests import readers, small_book
from tests.small_book import ends, figure, text

FAILURES = {
    "name": ("y = foo", "NameError: name 'foo' is not defined"),
    "syntax": ("y = 1\nz = = 2", "SyntaxError: invalid syntax (line 2)"),
    "assert": ("assert 1 == 2, 'a check'", "AssertionError: a check"),
    "endless": (
        "while True:\n    pass",
        "still running after 3 s, the time limit; end the loop, or allow more: CELL_TIMEOUT=6 make"
        " ...",
    ),
    "killed": ("import os\nos._exit(1)", run.DIED),
    "cuda": (
        "class OutOfMemoryError(RuntimeError):\n    pass\n\n"
        "raise OutOfMemoryError('CUDA out of memory. Tried to allocate 20 MiB.\\nGPU 0 has ...')",
        "OutOfMemoryError: CUDA out of memory. Tried to allocate 20 MiB. GPU 0 has ... | Free the "
        "GPU, or run on the CPU: CUDA_VISIBLE_DEVICES='' make ...",
    ),
}
LOST = {
    "figure": (
        "class plt:\n    def show():\n        pass\n\nplt.show()",
        "draws a figure, and none is stored",
    ),
    "print": (
        "import io, sys\nsys.stdout = io.StringIO()\nprint(1)",
        "prints, and nothing is stored",
    ),
}


def test_stored_clean_and_again_the_same(book):
    source = "print(sys.prefix)\nsys.stdout.flush()\nprint(1)"
    path = book.write("2_two", "import sys", source, ("1 / 0", [], "raises-exception"))
    book.change("2_two", lambda notebook: notebook.metadata.update({"who": "me"}))
    path.chmod(0o640)
    said = book.make("notebooks")
    for name in "computes", *small_book.NAMES:
        assert re.search(rf"(?m)^\[\d/4\] {name} +\d+\.\d s$", said)
    assert book.runs() == ["1_one", "3_three", "computes"]
    notebook = cells.read(path)
    assert notebook["metadata"] == cells.METADATA and path.stat().st_mode & 0o777 == 0o640
    code = cells.code_cells(notebook)
    assert [cell["execution_count"] for cell in code] == [1, 2, 3]
    assert [output["text"] for output in code[1]["outputs"]] == [f"{book.root}/.venv\n1\n"]
    assert code[2]["outputs"][0]["ename"] == "ZeroDivisionError"
    three = [cells.read(book.path(f"{at}notebooks/3_three")) for at in ("", "zh/")]
    assert three[0]["cells"][3]["outputs"] == three[1]["cells"][3]["outputs"] != [figure("grey")]
    before = book.files("notebooks", "book", "zh")
    book.make("notebooks", "NB=notebooks/1_one.ipynb")
    assert book.runs() == ["1_one"]
    assert book.files("notebooks", "book", "zh") == before


def test_failing_notebooks_are_named_and_left_as_they_were(book):
    """Also under PYTHONOPTIMIZE, which switches a failing assertion off elsewhere."""
    for name, (source, _) in (FAILURES | LOST).items():
        book.write(name, "x = 1", source)
    book.path("json").write_text('{"cells": [\n<<<<<<< HEAD\n')
    book.write("good", small_book.RAN.replace("NAME", "good"))
    before = book.files("notebooks")
    names = [f"notebooks/{name}.ipynb" for name in [*FAILURES, *LOST, "json", "none", "good"]]
    env = {"PYTHONOPTIMIZE": "1", "CELL_TIMEOUT": "3"}
    said = book.make("notebooks", f"NB={' '.join(names)}", ok=False, env=env).splitlines()
    lines = [
        "json.ipynb: malformed: JSONDecodeError: Expecting value: line 2 column 1 (char 12)",
        "none.ipynb: there is no such file",
        *(f"{name}.ipynb, cell 3 (b): {problem}" for name, (_, problem) in FAILURES.items()),
        *(f"{name}.ipynb: cell b {fault}: it is as it was" for name, (_, fault) in LOST.items()),
    ]
    told = [line for line in said if not re.match(r"\[|make: ", line)]
    assert told == sorted(f"notebooks/{line}" for line in lines)
    assert book.runs() == ["good"]
    after = book.files("notebooks")
    assert [path for path in before if after[path] != before[path]] == []


@pytest.mark.parametrize("given", ["abc", "0", "-3", "2.5", "1e3"])
def test_time_limit_that_is_none(monkeypatch, given):
    monkeypatch.setenv("CELL_TIMEOUT", given)
    with pytest.raises(SystemExit, match=f"CELL_TIMEOUT is '{re.escape(given)}': give the seconds"):
        run.time_limit()


def test_settings_of_the_reader_reach_no_output(book, tmp_path):
    """Neither of `make notebooks`, nor of nbval typed directly. A kernel of the reader's called
    python3 is not asked, and the folder for temporary files may have a long path."""
    contents = [source for _, source, _ in readers.CASES.values()]
    book.write("2_two", *contents)
    env = readers.settings(tmp_path / "reader")
    with tempfile.TemporaryDirectory(prefix="x" * 90, dir="/tmp") as folder:
        book.make("notebooks", "NB=notebooks/2_two.ipynb", env=env | {"TMPDIR": folder})
        assert os.listdir(folder) == []
        said = {}
        for case, cell in zip(
            readers.CASES, cells.code_cells(cells.read(book.path("2_two"))), strict=False
        ):
            *_, output = cell["outputs"]
            said[case] = output.get("text", output.get("data", {}).get("text/plain"))
            if "image/png" in output.get("data", {}):
                said[case] = None
        assert said == {case: expected for case, (_, _, expected) in readers.CASES.items()}
        for name in "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONDEVMODE":  # pytest would heed them
            del env[name]
        command = [book.python, "-m", "pytest", "-q", "--color=no", "--nbval"]
        said = book.run(*command, "notebooks/2_two.ipynb", env=env | {"TMPDIR": folder})
    assert f"{len(contents)} passed" in said


def test_nbval_says_at_once_that_a_kernel_died(book):
    """And what it leaves out where TensorFlow is not installed."""
    book.write("2_two", ("print(1)", [text("2\n")]), "import os\nos._exit(1)", "x = 1")
    book.write("3_three", ("import tensorflow", [], run.NEEDS))
    book.path("1_one").unlink()
    code = "import sys; sys.modules['tensorflow'] = None; import pytest; sys.exit(pytest.main())"
    start = time.monotonic()
    command = [book.python, "-c", code, "-q", "--color=no", "--nbval", "--nbval-cell-timeout=600"]
    said = book.run(*command, "notebooks", ok=False)
    assert time.monotonic() - start < 120
    assert run.DIED in said.splitlines() and "3 failed" in said
    line = "Left out, for TensorFlow is not installed: notebooks/3_three.ipynb"
    assert said.splitlines().count(line) == 1


def test_notebooks_without_tensorflow(monkeypatch, capsys):
    monkeypatch.setattr(run, "find_spec", lambda _: None)
    chosen = [path.as_posix() for path in run.choose(())]
    assert "notebooks/01_numpy.ipynb" in chosen
    (left,) = re.findall(
        "Left out, for TensorFlow is not installed: (.*)\n", capsys.readouterr().out
    )
    assert left not in chosen and left.startswith("notebooks/05")


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no CPUs are allotted here")
def test_one_cpu_of_several():
    code = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
    code += "from book.press import run\nprint(run.count_cpus(), run.clean_environment())"
    env = {key: os.environ[key] for key in os.environ if key != "OMP_NUM_THREADS"}
    command = [sys.executable, "-c", code]
    said = subprocess.check_output(command, cwd=small_book.ROOT, env=env, text=True)
    assert said.startswith("1 ") and "'OMP_NUM_THREADS': '1'" in said


def test_machine_is_known_to_kernels(monkeypatch):
    for name in "PATH", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "CC", "OMP_NUM_THREADS":
        monkeypatch.setenv(name, "as it is here")
        assert run.clean_environment()[name] == "as it is here"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interruption_leaves_no_kernel(book, number):
    sleeper = (
        "import os, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '99'])\n"
        "with open('pids.new', 'w') as file:\n    file.write(f'{os.getpid()} {child.pid}')\n"
        "os.rename('pids.new', 'pids.txt')\n"
        "time.sleep(99)"
    )
    before = book.write("2_two", sleeper).read_bytes()
    with book.start(book.make_command("notebooks", "NB=notebooks/2_two.ipynb")) as process:
        pids = book.wait_for(book.root / "notebooks" / "pids.txt", process).split()
        os.killpg(process.pid, number)
        said = process.communicate(timeout=60)[0]
    assert process.returncode != 0 and "Traceback" not in said
    assert "Interrupted. The notebooks that had not run to the end are as they were." in said
    assert all(map(ends, pids))
    assert book.path("2_two").read_bytes() == before


def test_interruption_while_a_kernel_starts(book):
    """The kernel is there, and nobody has spoken with it."""
    code = (
        "import os, signal, sys\n"
        "from book.press import console, run\n"
        "launch = run.AsyncManager._async_launch_kernel\n"
        "async def launch_and_interrupt(manager, *arguments, **options):\n"
        "    await launch(manager, *arguments, **options)\n"
        "    os.kill(manager.provisioner.pid, signal.SIGSTOP)\n"  # it cannot end by itself
        "    print(manager.provisioner.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "run.AsyncManager._async_launch_kernel = launch_and_interrupt\n"
        "console.run_main(lambda: run.main('notebooks/2_two.ipynb'), '')"
    )
    said = book.run(book.python, "-c", code, ok=False)
    pid, *_, last = said.split()
    assert last == "Interrupted." and ends(pid)
