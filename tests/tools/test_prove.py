"""The cells of a notebook, run in a child of the process that has its libraries."""

import json
import os
import time
from pathlib import Path

import pytest
import small_book

from book.press.prove import Prover


def code(*sources, outputs=()):
    """Code cells called 0, 1, ..., with these outputs."""
    return [
        {"id": str(place), "cell_type": "code", "source": source, "metadata": {}}
        | {"outputs": list(outputs)}
        for place, source in enumerate(sources)
    ]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The prover of a notebook that draws, and uses what is not installed."""
    path = tmp_path_factory.mktemp("plain") / "plain.ipynb"
    cells = code(
        "import matplotlib.pyplot as plt", "import missing_module", "%%writefile x\nimport"
    )
    path.write_text(json.dumps({"cells": cells}))
    with Prover(path) as prover:
        yield prover


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("print(1)", small_book.text("1\n")),
        ("import os\nos.write(1, b'1\\n');", small_book.text("1\n")),
        ("import subprocess\nsubprocess.run(['echo', '1']);", small_book.text("1\n")),
        ("import sys\nprint('é', file=sys.stderr)", small_book.text("é\n") | {"name": "stderr"}),
        ("{1: 2}", {"output_type": "execute_result", "data": {"text/plain": "{1: 2}"}}),
        ("{1: 2};", None),
        ("%%writefile a.txt\nIt.", small_book.text("Writing a.txt\n")),
        (
            "import matplotlib.pyplot as plt\nplt.figure(figsize=(2, 1))\nplt.show()",
            {
                "output_type": "display_data",
                "data": {"text/plain": "<Figure size 200x100 with 0 Axes>"},
            },
        ),
        (
            "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()",
            {
                "output_type": "display_data",
                "data": {"text/plain": "<Figure size 640x480 with 1 Axes>"},
            },
        ),
        (
            "import inspect\ndef f(): pass\nprint(inspect.getsource(f))",
            small_book.text("def f(): pass\n\n"),
        ),
    ],
)
def test_outputs_are_those_of_a_kernel(source, output, plain):
    stored = [output] if output else []
    assert plain.run(code(source, outputs=stored)) == []
    other = stored and [] or [small_book.text("0\n")]
    assert [catch.how for catch in plain.run(code(source, outputs=other))] == ["output"]


@pytest.mark.parametrize(
    ("source", "how", "message"),
    [
        ("assert 1 == 2, 'not one'", "check", "AssertionError: not one"),
        ("x", "broken", "NameError: name 'x' is not defined"),
        ("x =", "broken", "SyntaxError: invalid syntax"),
        (
            "import missing_module",
            "broken",
            "ModuleNotFoundError: No module named 'missing_module'",
        ),
        ("1 / 0", "error", "ZeroDivisionError: division by zero"),
        ("import os; os._exit(0)", "dead", "the process ended with status 0"),
        ("import os; os.abort()", "dead", "the process ended with status -6"),
        ("import time; time.sleep(60)", "dead", "the process still ran after 2 s"),
    ],
)
def test_a_cell_that_fails_is_named(source, how, message, plain):
    start = time.monotonic()
    (catch,) = plain.run(code("a = 1", source), seconds=2)
    assert catch[:2] == ("1", how) and catch.message.startswith(message)
    assert time.monotonic() - start < 20


def test_runs_know_nothing_of_each_other(plain):
    stored = small_book.text("[] False\n")
    cells = code("import os; print(os.listdir(), 'a' in globals())\na = open('a', 'w').close()")
    cells[0]["outputs"] = [stored]
    assert plain.run(cells) == plain.run(cells) == []


def test_nothing_of_the_reader_is_there(plain, tmp_path):
    """Neither start-up files and history nor where this process finds modules."""
    cells = code(
        "import sys\nassert not [each for each in sys.path if '_tools' in each or 'tests' in each]",
        "assert get_ipython().history_manager.enabled is False",
        "assert get_ipython().profile_dir.location.startswith(__import__('tempfile').gettempdir())",
    )
    assert plain.run(cells) == []


def test_nothing_outlives_its_run(plain, tmp_path):
    source = f"""
    import os, subprocess, tempfile, time
    own = [subprocess.Popen(["sleep", "600"]).pid]
    own.append(subprocess.Popen(["sleep", "600"], start_new_session=True).pid)
    own.append(os.fork() or time.sleep(600))
    with open({str(tmp_path / "said")!r}, "w") as file:
        print(*own, tempfile.mkdtemp(), file=file)
    os.kill(os.getpid(), 9)
    """
    (catch,) = plain.run(code(source.replace("\n    ", "\n")))
    assert catch.message == "the process ended with status -9"
    *children, folder = (tmp_path / "said").read_text().split()
    assert all(map(small_book.ends, children))
    assert not Path(folder).exists()


def test_the_last_cell_ends_it(plain):
    cells = code("1 / 0", "2", "3 / 0")
    assert [catch.cell for catch in plain.run(cells, last="1")] == ["0", "1"]
    assert [catch.cell for catch in plain.run(cells)] == ["0", "1", "2"]


def test_the_zygote_ends_with_its_prover(tmp_path):
    (tmp_path / "empty.ipynb").write_text(json.dumps({"cells": []}))
    with Prover(tmp_path / "empty.ipynb", folder=tmp_path) as prover:
        here = small_book.text(f"{os.path.realpath(tmp_path)}\n")
        assert prover.run(code("import os; print(os.getcwd())", outputs=[here])) == []
        assert small_book.alive(prover.zygote.pid)
    assert not small_book.alive(prover.zygote.pid)
