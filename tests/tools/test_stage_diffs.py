"""What changed in the loop, shown for a small book."""

from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from book.press.stage_diff import show_difference


def shown(book, number):
    env = SimpleNamespace(docname="row", note_dependency=lambda _: None)
    return show_difference(SimpleNamespace(srcdir=book.root, env=env), number)


def test_difference(book, built_once):
    fold = BeautifulSoup(built_once.page("notebooks/3_three"), "html.parser").select_one("details")
    assert fold.get_text().split("\n")[1:] and "open" not in fold.attrs
    book.write("2_two", ("a = 1\nb = 1", [], "train"))
    book.write("3_three", ("a = 1\nb = 3 < 4\n\nc = 5", [], "train"))
    difference = BeautifulSoup(shown(book, 3), "html.parser")
    assert difference.pre.get_text().splitlines() == [
        "  a = 1",
        "- b = 1",
        "+ b = 3 < 4",
        "+ ",
        "+ c = 5",
    ]
    assert difference.p.get_text() == (
        "Of the 2 lines of stage 2, 1 are taken away (-) and 1 stays; 2 are added (+)."
    )
    assert [each.get_text() for each in difference.select("pre > del")] == ["- b = 1\n"]


def test_without_one_loop_to_compare(book):
    for contents, line in (
        (["a = 1"], "2_two.ipynb: 0 cells are tagged train, not one"),
        ([("a = 1", [], "train"), ("a = 2", [], "train")], "2_two.ipynb: 2 cells are tagged train"),
    ):
        book.write("2_two", *contents)
        with pytest.raises(ExtensionError, match=line):
            shown(book, 3)
    with pytest.raises(ExtensionError, match="row: error: there are no stages 3 and 4"):
        shown(book, 4)
