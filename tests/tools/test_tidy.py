"""`make tidy`: what editors leave in a notebook goes, and nothing else does."""

import nbformat
import small_book

LAB = {  # as JupyterLab, VS Code, Colab and extensions leave it
    "kernelspec": {"display_name": "venv (3.12.3)", "language": "python", "name": "venv"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "name": "python",
        "pygments_lexer": "ipython3",
        "version": "3.12.3",
    },
    "toc-autonumbering": True,
    "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}},
    "colab": {"provenance": []},
    "vscode": {"interpreter": {"hash": "abc"}},
}
CELL = {
    "execution": {"iopub.execute_input": "2026-01-01T00:00:00.0Z"},
    "ExecuteTime": {"end_time": "2026-01-01T00:00:00"},
    "collapsed": True,
    "scrolled": True,
    "trusted": True,
    "editable": False,
    "slideshow": {"slide_type": ""},
    "outputId": "1",
    "colab": {"base_uri": "https://localhost:8080/"},
}
BOOKS = {
    "cellView": "form",
    "tags": ["train"],
    "jupyter": {"source_hidden": True},
    "mystnb": {"image": {"alt": "a curve"}},
}


def test_what_an_editor_left_goes(book):
    def edit(notebook):
        notebook.metadata = nbformat.from_dict(LAB)
        for cell in notebook.cells:
            cell.metadata = nbformat.from_dict(CELL | BOOKS)
        notebook.cells[3].outputs[0].metadata = nbformat.from_dict({"needs_background": "light"})
        notebook.nbformat_minor = 5

    clean = book.read("2_two")
    book.change("2_two", edit)
    book.notebook("2_two").chmod(0o640)
    before = book.files("notebooks", "book")
    command = [book.python, "book/_tools/tidy.py"]
    assert book.run(command, ok=False) == "notebooks/2_two.ipynb: tidied\n"

    after = book.read("2_two")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert after.metadata == {"kernelspec": kernel, "language_info": {"name": "python"}}
    assert [cell.metadata for cell in after.cells] == [BOOKS] * 4
    for now, was in zip(after.cells, clean.cells, strict=True):
        assert (now.id, now.cell_type, now.source) == (was.id, was.cell_type, was.source)
        assert now.get("execution_count") == was.get("execution_count")
        assert now.get("outputs") == was.get("outputs")
    now = book.files("notebooks", "book")
    changed = {path for path in before if before[path] != now[path]}
    assert changed == {"notebooks/2_two.ipynb"}
    assert book.notebook("2_two").stat().st_mode & 0o777 == 0o640
    assert not list(book.root.rglob("*.new"))
    assert book.runs() == []

    assert book.run(command) == ""
    assert book.make("tidy") == ""
    assert book.files("notebooks", "book").items() >= now.items()


def test_notebook_has_one_form(book):
    """Other blanks, letters escaped, no end of the last line."""
    path = book.notebook("1_one")
    book.edit("notebooks/1_one.ipynb", "# 1_one", "# µ and ×")
    book.make("tidy")
    one = path.read_bytes()
    for other in (
        one.rstrip(b"\n"),
        one.replace(b"\n ", b"\n      "),
        one.replace("µ".encode(), b"\\u00b5"),
    ):
        assert other != one
        path.write_bytes(other)
        assert "notebooks/1_one.ipynb: tidied" in book.make("tidy", ok=False)
        assert path.read_bytes() == one


def test_one_notebook_is_tidied(book):
    small = {name: book.notebook(name).read_text() for name in ("1_one", "2_two")}
    for name, content in small.items():
        book.notebook(name).write_text(content.replace("Python 3", "Mine"))
    said = book.make("tidy", "NB=notebooks/2_two.ipynb", ok=False)
    assert said.splitlines()[0] == "notebooks/2_two.ipynb: tidied"
    assert "Mine" in book.notebook("1_one").read_text()
    assert "Mine" not in book.notebook("2_two").read_text()


def test_what_is_no_notebook_is_said_in_a_line(book):
    command = [book.python, "book/_tools/tidy.py"]
    for content, problem in (
        ('{"cells": [}', "JSONDecodeError: Expecting value: line 1 column 12 (char 11)"),
        ("", "JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
        ("{}", "KeyError: 'cells'"),
        ("[]", "TypeError: list indices must be integers or slices, not str"),
    ):
        book.notebook("1_one").write_text(content)
        line = f"notebooks/1_one.ipynb: malformed: {problem}. The notebooks are as they were.\n"
        assert book.run(command, ok=False) == line
        assert book.notebook("1_one").read_text() == content
    line = "notebooks/none.ipynb: there is no such file. The notebooks are as they were.\n"
    assert book.run([*command, "notebooks/none.ipynb"], ok=False) == line


def test_folder_that_cannot_be_written_to(book, read_only):
    path = book.notebook("1_one")
    path.write_text(path.read_text().replace("Python 3", "Mine"))
    before = path.read_bytes()
    book.command = read_only(book.root)
    said = book.make("tidy", ok=False).splitlines()
    assert said[0].endswith("1_one.ipynb.new: Permission denied. The notebooks are as they were.")
    assert path.read_bytes() == before


def test_own_notebooks_are_tidy():
    """Those of the book itself, as they are stored."""
    for path in sorted(small_book.ROOT.glob("[bn]*oo*k*/*.ipynb")):
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        assert notebook.metadata.keys() == {"kernelspec", "language_info"}, path.name
        assert notebook.metadata.language_info == {"name": "python"}, path.name
        for cell in notebook.cells:
            assert cell.metadata.keys() <= BOOKS.keys(), path.name
