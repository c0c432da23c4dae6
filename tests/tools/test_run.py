"""`make notebooks`, and nbval typed directly: what is stored, what is not, and interruptions."""

import os
import re
import tempfile
import time

from book.press import cells, run
from tests.small_book import ends, figure, text

FAILURES = {
    "y = 1\nz = = 2": "SyntaxError: invalid syntax (line 2)",
    "assert 1 == 2, 'a check'": "AssertionError: a check",
    "while True:\n    pass": "still running after 3 s, the time limit; end the loop, or allow more:"
    " CELL_TIMEOUT=6 make ...",
    "import os\nos._exit(1)": run.DIED,
    "raise RuntimeError('CUDA out of memory.')": "RuntimeError: CUDA out of memory. | Free the GPU,"
    " or run on the CPU: CUDA_VISIBLE_DEVICES='' make ...",
}
# What readers have set for other programs, all at once; ROOT is a folder with the files below.
VARIABLES = {
    "HOME": "ROOT",
    "IPYTHONDIR": "ROOT/.ipython",
    "JUPYTER_PATH": "ROOT",
    "MPLBACKEND": "Agg",
    "MATPLOTLIBRC": "ROOT/matplotlibrc",
    "PYTHONOPTIMIZE": "1",
    "PYTHONPATH": "ROOT",
    "PYTHONUTF8": "0",
    "PYTHONWARNINGS": "error",
    "LC_ALL": "C",
}
FILES = {
    "sitecustomize.py": "import builtins\nbuiltins.secret = 1\n",
    "matplotlibrc": "lines.linewidth: 9\n",
    "kernels/python3/kernel.json": '{"argv": ["/bin/false"], "display_name": "", "language": ""}',
    ".ipython/profile_default/startup/00-mine.py": "secret = 1\n",
    ".ipython/profile_default/ipython_config.py": "c.PlainTextFormatter.float_precision = '%.2f'\n",
}
CELLS = {  # whose output would show it, and what each gives where nothing is set, None for a figure
    "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\nplt.show()": None,
    "print(plt.rcParams['lines.linewidth'])": "1.5\n",
    "try:\n    assert 1 == 2\nexcept AssertionError:\n    print('checked')": "checked\n",
    "import builtins\nprint('secret' in globals(), hasattr(builtins, 'secret'))": "False False\n",
    "1 / 3": "0.3333333333333333",
    "import locale\nprint(locale.getencoding().lower(), 'µ')": "utf-8 µ\n",
}
SLEEPER = """import os, subprocess, time
child = subprocess.Popen(['sleep', '99'])
print(os.getpid(), child.pid, file=open('pids.new', 'w'), flush=True)
os.rename('pids.new', 'pids.txt')
time.sleep(99)"""


def test_stored_clean_and_again_the_same(book):
    """In the other edition, too; one notebook alone, as well."""
    source = "print(sys.prefix)\nsys.stdout.flush()\nprint(1)"
    path = book.write("2_two", "import sys", source, ("1 / 0", [], "raises-exception"))
    path.write_text(path.read_text().replace('"Python 3"', '"Mine"'))
    said = book.make("notebooks")
    assert re.search(r"(?m)^\[4/4\] \w+ +\d+\.\d s$", said)
    assert book.runs() == ["1_one", "3_three", "computes"]
    notebook = cells.read(path)
    code = cells.code_cells(notebook)
    assert notebook["metadata"] == cells.METADATA
    assert [cell["execution_count"] for cell in code] == [1, 2, 3]
    assert [output["text"] for output in code[1]["outputs"]] == [f"{book.root}/.venv\n1\n"]
    assert code[2]["outputs"][0]["ename"] == "ZeroDivisionError"
    three = [cells.read(book.path(f"{at}notebooks/3_three")) for at in ("", "zh/")]
    assert three[0]["cells"][3]["outputs"] == three[1]["cells"][3]["outputs"] != [figure("grey")]
    before = path.read_bytes(), book.path("1_one").read_bytes()
    book.make("notebooks", "NB=notebooks/1_one.ipynb")
    assert book.runs() == ["1_one", "1_one", "3_three", "computes"]
    assert (path.read_bytes(), book.path("1_one").read_bytes()) == before


def test_failing_notebooks_are_named_and_left_as_they_were(book):
    """Also under PYTHONOPTIMIZE, which switches a failing assertion off elsewhere."""
    book.write("lost", "import io, sys\nsys.stdout = io.StringIO()\nprint(1)")
    lines = ["lost.ipynb: cell a prints, and nothing is stored: it is as it was"]
    lines += ["none.ipynb: there is no such file"]
    for number, (source, problem) in enumerate(FAILURES.items()):
        book.write(f"fails_{number}", "x = 1", source)
        lines.append(f"fails_{number}.ipynb, cell 3 (b): {problem}")
    before = book.files("notebooks")
    given = "NB=" + " ".join(f"notebooks/{line.partition('.')[0]}.ipynb" for line in lines)
    env = {"PYTHONOPTIMIZE": "1", "CELL_TIMEOUT": "3"}
    said = book.make("notebooks", given, ok=False, env=env).splitlines()
    told = [line for line in said if not re.match(r"\[|make: ", line)]
    assert told == sorted(f"notebooks/{line}" for line in lines)
    assert book.files("notebooks") == before
    env["CELL_TIMEOUT"] = "1e3"
    assert "CELL_TIMEOUT is '1e3': give the seconds" in book.make("notebooks", ok=False, env=env)


def test_settings_of_the_reader_reach_no_output(book, tmp_path):
    """Neither of `make notebooks`, nor of nbval typed directly. A kernel of the reader's called
    python3 is not asked, and the folder for temporary files may have a long path."""
    path, reader = book.write("2_two", *CELLS), tmp_path / "reader"
    for name, content in FILES.items():
        (reader / name).parent.mkdir(parents=True, exist_ok=True)
        (reader / name).write_text(content)
    env = {name: value.replace("ROOT", str(reader)) for name, value in VARIABLES.items()}
    with tempfile.TemporaryDirectory(prefix="x" * 90, dir="/tmp") as folder:
        env["TMPDIR"] = folder
        book.make("notebooks", "NB=notebooks/2_two.ipynb", env=env)
        assert os.listdir(folder) == []
        for cell in cells.code_cells(cells.read(path)):
            *_, output = cell["outputs"]
            data = {"text/plain": output.get("text")} | output.get("data", {})
            said = None if "image/png" in data else data["text/plain"]
            assert said == CELLS[cell["source"]]
        for name in "PYTHONWARNINGS", "PYTHONOPTIMIZE":  # pytest would heed them
            del env[name]
        command = [book.python, "-m", "pytest", "-q", "--nbval", "notebooks/2_two.ipynb"]
        assert f"{len(CELLS)} passed" in book.run(*command, env=env)


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
    assert "SKIPPED [1] notebooks/3_three.ipynb: TensorFlow is not installed" in said


def test_one_cpu_of_several(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3}, raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert run.count_cpus() == 1 and run.clean_environment()["OMP_NUM_THREADS"] == "1"


def test_interruption_leaves_no_kernel(book):
    before = book.write("2_two", SLEEPER).read_bytes()
    command = book.make_command("notebooks", "NB=notebooks/2_two.ipynb")
    pids, said = book.interrupt("notebooks/pids.txt", command)
    assert "Interrupted. The notebooks that had not run to the end are as they were." in said
    assert all(map(ends, pids)) and book.path("2_two").read_bytes() == before
