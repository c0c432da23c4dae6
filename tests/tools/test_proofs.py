"""What is proved once is not run again, and what it depended on has it run again."""

import json

import proofs
import pytest

from book.press import cells, pages

OUTPUT = {"output_type": "stream", "name": "stdout", "text": "1\n"}


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A folder with pins and a notebook of one cell; it counts as the book."""
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    monkeypatch.delenv("PROOFS", raising=False)
    for name in proofs.PINS:
        (tmp_path / name).write_text("numpy==2\n")
    cell = {"cell_type": "code", "id": "a", "source": "print(1)", "metadata": {"tags": ["check"]}}
    words = {"cell_type": "markdown", "id": "b", "source": "It prints.", "metadata": {}}
    notebook = {"cells": [cell | {"outputs": [OUTPUT], "execution_count": 1}, words]}
    (tmp_path / "small.ipynb").write_text(json.dumps(notebook))
    return tmp_path


def change(book, name, old, new):
    text = (book / name).read_text()
    assert old in text
    (book / name).write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "anew"),
    [
        ("small.ipynb", "print(1)", "print(2)", True),
        ("small.ipynb", "1\\n", "2\\n", True),
        ("small.ipynb", "check", "other", True),
        ("requirements.txt", "2", "3", True),
        ("constraints.txt", "2", "3", True),
        ("small.ipynb", "It prints.", "It shows.", False),
    ],
)
def test_what_changed_is_proved_anew(name, old, new, anew, book, proven):
    runs = []
    for _ in range(2):
        proven(book / "small.ipynb", "entry", lambda: runs.append(1) or "row")
    assert len(runs) == 1
    change(book, name, old, new)
    assert proven(book / "small.ipynb", "entry", lambda: runs.append(1) or "row") == "row"
    assert len(runs) == 1 + anew


def test_the_entry_counts_and_so_do_the_sources(book, proven, monkeypatch):
    path = book / "small.ipynb"
    assert proven(path, {"new": "1"}, lambda: "one") == "one"
    assert proven(path, {"new": "2"}, lambda: "two") == "two"
    assert proven(path, {"new": "1"}, lambda: "unread") == "one"
    (book / "prove.py").write_text("# another\n")
    monkeypatch.setattr(proofs, "SOURCES", [book / "prove.py"])
    assert proven(path, {"new": "1"}, lambda: "three") == "three"


def test_all_is_proved_anew_when_asked(book, proven, monkeypatch):
    assert proven(book / "small.ipynb", None, lambda: "one") == "one"
    monkeypatch.setenv("PROOFS", "anew")
    assert proven(book / "small.ipynb", None, lambda: "two") == "two"


def test_a_failure_is_no_proof(book, proven):
    with pytest.raises(ZeroDivisionError):
        proven(book / "small.ipynb", None, lambda: 1 / 0)
    assert proven(book / "small.ipynb", None, lambda: "one") == "one"


def test_the_provers_own_files_count():
    names = {path.name for path in proofs.SOURCES}
    assert {"prove.py", "kernels.py", "cells.py", "proofs.py"} <= names
    assert cells.__file__ in map(str, proofs.SOURCES)
