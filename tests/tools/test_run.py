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
    "y = foo": "NameError: name 'foo' is not defined",
    "y = 1\nz = = 2": "SyntaxError: invalid syntax (line 2)",
    "assert 1 == 2, 'a check'": "AssertionError: a check",
    "while True:\n    pass": "still running after 3 s, the time limit; end the loop, or allow more:"
    " CELL_TIMEOUT=6 make ...",
    "import os\nos._exit(1)": run.DIED,
    "raise RuntimeError('CUDA out of memory.')": "RuntimeError: CUDA out of memory. | Free the GPU,"
    " or run on the CPU: CUDA_VISIBLE_DEVICES='' make ...",
}
SLEEPER = """import os, subprocess, time
child = subprocess.Popen(['sleep', '99'])
with open('pids.new', 'w') as file:
    file.write(f'{os.getpid()} {child.pid}')
os.rename('pids.new', 'pids.txt')
time.sleep(99)"""
ONE_CPU = """import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ.pop('OMP_NUM_THREADS', 0)
from book.press import run
print(run.count_cpus(), run.clean_environment()['OMP_NUM_THREADS'])"""


def test_stored_clean_and_again_the_same(book):
    """In the other edition, too; one notebook alone, as well."""
    source = "print(sys.prefix)\nsys.stdout.flush()\nprint(1)"
    path = book.write("2_two", "import sys", source, ("1 / 0", [], "raises-exception"))
    path.write_text(path.read_text().replace('"Python 3"', '"Mine"'))
    said = book.make("notebooks")
    for name in "computes", *small_book.NAMES:
        assert re.search(rf"(?m)^\[\d/4\] {name} +\d+\.\d s$", said)
    assert book.runs() == ["1_one", "3_three", "computes"]
    notebook = cells.read(path)
    code = cells.code_cells(notebook)
    assert notebook["metadata"] == cells.METADATA
    assert [cell["execution_count"] for cell in code] == [1, 2, 3]
    assert [output["text"] for output in code[1]["outputs"]] == [f"{book.root}/.venv\n1\n"]
    assert code[2]["outputs"][0]["ename"] == "ZeroDivisionError"
    three = [cells.read(book.path(f"{at}notebooks/3_three")) for at in ("", "zh/")]
    assert three[0]["cells"][3]["outputs"] == three[1]["cells"][3]["outputs"] != [figure("grey")]
    book.path("1_one").with_name("runs.txt").unlink()
    before = book.files("notebooks", "zh")
    book.make("notebooks", "NB=notebooks/1_one.ipynb")
    assert book.runs() == ["1_one"]
    book.path("1_one").with_name("runs.txt").unlink()
    assert book.files("notebooks", "zh") == before


def test_failing_notebooks_are_named_and_left_as_they_were(book):
    """Also under PYTHONOPTIMIZE, which switches a failing assertion off elsewhere."""
    book.write("lost", "import io, sys\nsys.stdout = io.StringIO()\nprint(1)")
    lines = ["lost.ipynb: cell a prints, and nothing is stored: it is as it was"]
    lines += ["none.ipynb: there is no such file"]
    for number, (source, problem) in enumerate(FAILURES.items()):
        book.write(f"fails_{number}", "x = 1", source)
        lines.append(f"fails_{number}.ipynb, cell 3 (b): {problem}")
    book.write("good", small_book.RAN.replace("NAME", "good"))
    before = book.files("notebooks")
    names = [re.match(r"\w+\.ipynb", line)[0] for line in [*lines, "good.ipynb"]]
    given = f"NB={' '.join(f'notebooks/{name}' for name in names)}"
    env = {"PYTHONOPTIMIZE": "1", "CELL_TIMEOUT": "3"}
    said = book.make("notebooks", given, ok=False, env=env).splitlines()
    told = [line for line in said if not re.match(r"\[|make: ", line)]
    assert told == sorted(f"notebooks/{line}" for line in lines)
    after = book.files("notebooks")
    assert [path for path in before if after[path] != before[path]] == []
    assert book.runs() == ["good"]
    env["CELL_TIMEOUT"] = "1e3"
    assert "CELL_TIMEOUT is '1e3': give the seconds" in book.make("notebooks", ok=False, env=env)


def test_settings_of_the_reader_reach_no_output(book, tmp_path):
    """Neither of `make notebooks`, nor of nbval typed directly. A kernel of the reader's called
    python3 is not asked, and the folder for temporary files may have a long path."""
    path, env = book.write("2_two", *readers.CELLS), readers.settings(tmp_path / "reader")
    with tempfile.TemporaryDirectory(prefix="x" * 90, dir="/tmp") as folder:
        env["TMPDIR"] = folder
        book.make("notebooks", "NB=notebooks/2_two.ipynb", env=env)
        assert os.listdir(folder) == []
        for cell in cells.code_cells(cells.read(path)):
            *_, output = cell["outputs"]
            data = {"text/plain": output.get("text")} | output.get("data", {})
            said = None if "image/png" in data else data["text/plain"]
            assert said == readers.CELLS[cell["source"]]
        for name in "PYTHONWARNINGS", "PYTHONOPTIMIZE":  # pytest would heed them
            del env[name]
        command = [book.python, "-m", "pytest", "-q", "--nbval", "notebooks/2_two.ipynb"]
        assert f"{len(readers.CELLS)} passed" in book.run(*command, env=env)


def test_nbval_says_at_once_that_a_kernel_died(book):
    """And what it leaves out where TensorFlow is not installed."""
    book.write("2_two", ("print(1)", [text("2\n")]), "import os\nos._exit(1)", "x = 1")
    book.write("3_three", ("import tensorflow", [], run.NEEDS))
    book.path("1_one").unlink()
    code = "import sys; sys.modules['tensorflow'] = None; import pytest; sys.exit(pytest.main())"
    start = time.monotonic()
    command = [book.python, "-c", code, "-q", "--nbval", "--nbval-cell-timeout=600", "notebooks"]
    said = book.run(*command, ok=False)
    assert time.monotonic() - start < 120 and run.DIED in said and "3 failed" in said
    line = "Left out, for TensorFlow is not installed: notebooks/3_three.ipynb"
    assert said.splitlines().count(line) == 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system allots no CPUs")
def test_one_cpu_of_several():
    command = [sys.executable, "-c", ONE_CPU]
    assert subprocess.check_output(command, cwd=small_book.ROOT) == b"1 1\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption_leaves_no_kernel(book, number):
    before = book.write("2_two", SLEEPER).read_bytes()
    command = book.make_command("notebooks", "NB=notebooks/2_two.ipynb")
    pids, said = book.interrupt("notebooks/pids.txt", command, number)
    assert "Interrupted. The notebooks that had not run to the end are as they were." in said
    assert all(map(ends, pids)) and book.path("2_two").read_bytes() == before
