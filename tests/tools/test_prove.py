"""The cells of a notebook, run in a child of the process that has its libraries. That they are
judged as by nbval, the mutants and the runs with other rounding show."""

from nbformat.v4 import new_code_cell, new_notebook

from book.press import cells
from book.press.prove import Prover
from tests.small_book import ends

STARTS = """import os, subprocess
sleep = subprocess.Popen(["sleep", "600"], start_new_session=True)
open("FILE", "w").write(f"{sleep.pid} {os.fork() or __import__('time').sleep(600)}")
os.kill(os.getpid(), 9)"""


def test_cells_end_and_leave_nothing(tmp_path):
    """No process outlives its run, which may be endless, and the next one knows nothing of it."""
    cells.save(path := tmp_path / "empty.ipynb", new_notebook())
    sources = {
        "while True:\n    pass": "the process still ran after 3 s",
        STARTS.replace("FILE", str(tmp_path / "pids")): "the process ended with status -9",
        "sleep": "NameError: name 'sleep' is not defined",
    }
    with Prover(path) as prover:
        for source, message in sources.items():
            (catch,) = prover.run([new_code_cell(source)], seconds=3)
            assert catch.message == message
    assert all(map(ends, (tmp_path / "pids").read_text().split()))
