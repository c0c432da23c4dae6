"""The cells of a notebook, run in a child of the process that has its libraries."""

from nbformat.v4 import new_code_cell, new_notebook, new_output

from book.press import cells
from book.press.prove import Prover
from tests.small_book import ends, text

FIGURE = new_output("display_data", {"text/plain": "<Figure size 200x100 with 0 Axes>"})
DRAW = "import matplotlib.pyplot as plt\nplt.figure(figsize=(2, 1))\nplt.show()"
RUNS = [  # a source, what it stores, and how it is caught
    ("import os\nprint(1)\nos.system('echo 2')\n'shown';", [text("1\n2\n")], []),
    ("1 + 1", [new_output("execute_result", {"text/plain": "2"})], []),
    (DRAW, [FIGURE], []),
    ("print(1)", [text("0\n")], ["output"]),
    ("assert 1 == 2", [], ["check"]),
    ("x", [], ["broken"]),
    ("1 / 0", [], ["error"]),
    ("import os\nos.abort()", [], ["dead"]),
    ("while True:\n    pass", [], ["dead"]),
]
STARTS = """import os, subprocess
sleep = subprocess.Popen(["sleep", "600"], start_new_session=True)
open("FILE", "w").write(f"{sleep.pid} {os.fork() or __import__('time').sleep(600)}")
os.kill(os.getpid(), 9)"""


def test_cells_are_judged_as_by_nbval_and_leave_nothing(tmp_path):
    """Each run knows nothing of those before it, and no process outlives its own."""
    cells.save(path := tmp_path / "empty.ipynb", new_notebook(cells=[new_code_cell(DRAW)]))
    with Prover(path) as prover:
        for source, outputs, how in RUNS:
            cell = new_code_cell(source, outputs=outputs)
            assert [catch.how for catch in prover.run([cell], seconds=3)] == how, source
        source = STARTS.replace("FILE", str(tmp_path / "pids"))
        (catch,) = prover.run([new_code_cell(source)])
        assert catch.message == "the process ended with status -9"
    assert all(map(ends, (tmp_path / "pids").read_text().split()))
