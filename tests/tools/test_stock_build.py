"""`jupyter-book build .` by hand, and Sphinx without jupyter-book, as any other book is book."""

import re
import sys

import pages
import small_book
from small_book import clone, figure


def reads(said):
    """How many sources Sphinx found added, changed and removed."""
    found = re.search(r"updating environment: .*?(\d+) added, (\d+) changed, (\d+) removed", said)
    return tuple(map(int, found.groups()))


def test_builds_after_edits_equal_one_from_nothing(book, tmp_path_factory):
    """After prose, a title, a figure, and a page less; each reads only what was edited. The figure
    is on cards, with the address of the site: another one for that build."""
    assert reads(book.jupyter_book("build", ".")) == (5, 0, 0)
    book.edit("book/intro.md", "# Intro", "# Intro\n\nMore prose.")
    assert reads(book.jupyter_book("build", ".")) == (0, 1, 0)
    book.edit("notebooks/2_two.ipynb", "# 2_two", "# Another title")
    assert reads(book.jupyter_book("build", ".")) == (0, 1, 0)
    one = book.notebook("1_one")
    old = book.read("1_one").cells[3].outputs[0].data["image/png"]
    book.edit(one, old.strip(), figure("blue").data["image/png"])
    for_another = {"GITHUB_REPOSITORY": "owner/name"}
    assert reads(book.jupyter_book("build", ".", env=for_another)) == (0, 1, 0)
    book.edit("_toc.yml", ', {"file": "notebooks/3_three"}', "")
    book.notebook("3_three").unlink()
    (book.root / "book/computes.ipynb").unlink()  # a notebook becomes Markdown
    (book.root / "book/computes.md").write_text("# Computes no more\n")
    assert reads(book.jupyter_book("build", "."))[0::2] == (0, 1)

    fresh = small_book.copy_machinery(tmp_path_factory.mktemp("fresh"))
    for path in "_toc.yml", "book/intro.md", "book/references.bib", "book/computes.md":
        (fresh.root / path).write_bytes((book.root / path).read_bytes())
    (fresh.root / "notebooks").mkdir()
    for name in "1_one", "2_two":
        fresh.notebook(name).write_bytes(book.notebook(name).read_bytes())
    fresh.jupyter_book("build", ".")
    clean = fresh.files("_build/html")
    again = book.files("_build/html")
    for noise in ".buildinfo", ".buildinfo.bak":  # a note of Sphinx's to itself
        clean.pop(f"_build/html/{noise}", None), again.pop(f"_build/html/{noise}", None)
    assert again.keys() == clean.keys()
    assert [path for path in clean if clean[path] != again[path]] == []
    assert "Another title" in again["_build/html/notebooks/2_two.html"].decode()

    book.make("book")
    fresh.make("book")
    assert book.files("_build/site") == fresh.files("_build/site")


def test_book_after_a_build_by_hand_from_nothing(built_once, book):
    book.jupyter_book("build", ".")
    book.make("book")
    assert book.files("_build/site") == built_once.files("_build/site")


def test_sphinx_alone_builds_the_book(built_once, tmp_path):
    """As CONTRIBUTING.md says."""
    book = clone(built_once, tmp_path)
    text = (pages.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"(?m)^\S*jupyter-book config sphinx.*$", text)
    assert "build succeeded." in book.run(["sh", "-c", command])
    built = book.root / "_build" / "sphinx"
    for name in "book/intro", "book/computes", "notebooks/3_three", "404", "search":
        assert (built / f"{name}.html").exists()
    assert "computed 42" in (built / "book" / "computes.html").read_text(encoding="utf-8")
    assert sys.prefix not in (built / "book" / "intro.html").read_text(encoding="utf-8")
