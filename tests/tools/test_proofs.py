"""What is proved once is not run again, and what it depended on has it run again."""

from nbformat.v4 import new_code_cell, new_notebook

from book.press import cells, pages
from tests import proofs
from tests.small_book import text


def test_what_changed_is_proved_anew(tmp_path, proven, monkeypatch):
    """A pin, a cell, its outputs, the mutant; and all when PROOFS=anew."""
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    monkeypatch.delenv("PROOFS", raising=False)
    path, runs = tmp_path / "small.ipynb", []
    cell = new_code_cell("print(1)", id="a")

    def prove(mutant="1"):
        cells.save(path, new_notebook(cells=[cell]))
        assert proven(path, mutant, lambda: runs.append(mutant) or "row") == "row"
        return len(runs)

    for name in proofs.PINS:
        (tmp_path / name).write_text("numpy==2\n")
    assert [prove(), prove(), prove("2")] == [1, 1, 2]
    cell["source"] = "print(2)"
    assert [prove(), prove()] == [3, 3]
    cell["outputs"] = [text("2\n")]
    assert [prove(), prove()] == [4, 4]
    (tmp_path / proofs.PINS[0]).write_text("numpy==3\n")
    assert [prove(), prove()] == [5, 5]
    monkeypatch.setenv("PROOFS", "anew")
    assert prove() == 6
