"""The differences between the stages' training loops, on a small book of three notebooks, which is
built again after an edit. Those of the book itself: tests/site/test_pages.py."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]


class Book:
    def __init__(self, root):
        self.root = root
        (root / "notebooks").mkdir()
        (root / "_toc.yml").write_text(
            "format: jb-book\nroot: row\nparts:\n- chapters:\n"
            + "".join(f"  - file: notebooks/0{number}_stage\n" for number in (1, 2, 3))
        )
        (root / "conf.py").write_text(
            f"import sys\nsys.path.append({str(ROOT / 'book' / '_ext')!r})\n"
            "exclude_patterns = ['out', 'jupyter_execute']\n"
            "extensions = ['myst_nb', 'stage_diff']\nnb_execution_mode = 'off'\n"
            f"html_static_path = [{str(ROOT / 'book' / '_static')!r}]\nroot_doc = 'row'\n"
        )
        (root / "row.md").write_text(
            "# Row\n\n```{toctree}\n:glob:\nnotebooks/*\n```\n\n```{stage-diff} 3\n```\n"
        )
        for number, code in (1, "a = 1\nb = 1"), (2, "a = 2\nb = 1"), (3, "a = 2\nb = 3 < 4"):
            self.write(number, code)

    def write(self, number, *loops):
        cells = [nbformat.v4.new_markdown_cell(f"# {number}\n\nOpening.\n\n## Setup", id="title")]
        for index, code in enumerate(loops):
            metadata = {"tags": ["train"]}
            cells.append(nbformat.v4.new_code_cell(code, id=f"loop-{index}", metadata=metadata))
        kernel = {"name": "python3", "display_name": "Python 3"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        notebook.metadata.language_info = {"name": "python", "pygments_lexer": "python"}
        nbformat.write(notebook, self.root / "notebooks" / f"0{number}_stage.ipynb")

    def build(self, ok=True):
        """Build what is out of date; returns what Sphinx said."""
        command = [
            sys.executable,
            "-m",
            "sphinx",
            "-v",
            "-W",
            str(self.root),
            str(self.root / "out"),
        ]
        environ = os.environ | {"NO_COLOR": "1"}
        run = subprocess.run(command, env=environ, capture_output=True, text=True)
        said = run.stdout + run.stderr
        assert (run.returncode == 0) is ok, said
        return said

    def shown(self, page):
        html = (self.root / "out" / f"{page}.html").read_text(encoding="utf-8")
        (element,) = BeautifulSoup(html, "html.parser").select(".stage-diff")
        return element.pre.get_text().splitlines()


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


def test_difference_follows_both_notebooks(book):
    book.build()
    assert book.shown("notebooks/02_stage") == ["- a = 1", "+ a = 2", "  b = 1"]
    assert book.shown("notebooks/03_stage") == ["  a = 2", "- b = 1", "+ b = 3 < 4"]
    book.write(2, "a = 2\nb = 2")
    book.build()
    assert book.shown("notebooks/02_stage") == ["- a = 1", "- b = 1", "+ a = 2", "+ b = 2"]
    for page in "notebooks/03_stage", "row":
        assert book.shown(page) == ["  a = 2", "- b = 2", "+ b = 3 < 4"]
    book.write(3, "a = 2\nb = 2")
    book.build()
    for page in "notebooks/03_stage", "row":
        assert book.shown(page) == ["  a = 2", "  b = 2"]


def test_build_fails_without_one_loop_to_compare(book):
    book.write(2, "a = 2", "a = 3")
    assert "02_stage.ipynb: 2 cells are tagged train, not one" in book.build(ok=False)
    book.write(2)
    assert "02_stage.ipynb: 0 cells are tagged train, not one" in book.build(ok=False)
    (book.root / "notebooks" / "02_stage.ipynb").unlink()
    assert "_toc.yml names notebooks/02_stage, but there is no" in book.build(ok=False)
    book.write(2, "a = 2")
    row = book.root / "row.md"
    row.write_text(row.read_text().replace("{stage-diff} 3", "{stage-diff} 4"))
    assert "row: error: there are no stages 3 and 4" in book.build(ok=False)
