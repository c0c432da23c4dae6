"""The list of the pages, _toc.yml: what is read from it, and what is said when it is wrong."""

import pages
import pytest
from console import BookError

TOC = """
format: jb-book
root: book/intro
parts:
- caption: Before
  chapters: [{file: book/setup}]
- caption: Stages
  chapters: [{file: notebooks/b_first}, {file: notebooks/a_second}, {file: book/between}]
- caption: Further
  chapters: [{file: notebooks/c_more}, {file: book/end}]
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "_toc.yml").write_text(TOC)
    for name in "book/intro.md", "book/setup.md", "book/between.md", "book/end.ipynb":
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "notebooks").mkdir()
    for name in "a_second", "b_first", "c_more", "not_named":
        (tmp_path / "notebooks" / f"{name}.ipynb").touch()
    return tmp_path


def named(root, paths):
    return [path.relative_to(root).as_posix() for path in paths]


def test_order_is_that_of_the_table(root):
    assert pages.names(root) == [
        "book/intro",
        "book/setup",
        "notebooks/b_first",
        "notebooks/a_second",
        "book/between",
        "notebooks/c_more",
        "book/end",
    ]
    assert named(root, pages.stages(root)) == [
        "notebooks/b_first.ipynb",
        "notebooks/a_second.ipynb",
    ]
    assert named(root, pages.chapters(root)) == ["notebooks/c_more.ipynb"]
    computing = ["notebooks/b_first.ipynb", "notebooks/a_second.ipynb", "notebooks/c_more.ipynb"]
    assert named(root, pages.computing(root)) == [*computing, "book/end.ipynb"]


def test_book_without_notebooks(tmp_path):
    (tmp_path / "_toc.yml").write_text("root: a\nparts: []\n")
    (tmp_path / "a.md").touch()
    assert pages.names(tmp_path) == ["a"]
    assert pages.stages(tmp_path) == pages.chapters(tmp_path) == pages.computing(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    ["", "parts: [", "a: b: c", "root: a", "parts: []", "[]", "root: a\nparts: [{}]", "\tx: y"],
)
def test_malformed_table_is_said_in_a_line(root, text):
    (root / "_toc.yml").write_text(text)
    with pytest.raises(BookError, match=r"^_toc.yml is malformed, see `git diff _toc.yml`: .+$"):
        pages.names(root)


def test_missing_table_is_said_in_a_line(root):
    (root / "_toc.yml").unlink()
    with pytest.raises(BookError, match=r"^There is no _toc.yml here: git checkout.*$"):
        pages.names(root)


def test_missing_page_is_said_in_a_line(root):
    (root / "book" / "between.md").unlink()
    with pytest.raises(BookError, match="^_toc.yml names book/between, but there is no .*$"):
        pages.files(root)
