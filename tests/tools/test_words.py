"""The list of pages, and the Makefile."""

import pytest

from book.press import pages
from book.press.console import BookError


def test_order_is_that_of_the_table(book):
    assert [path.stem for path in pages.stages(book.root)] == ["1_one", "2_two", "3_three"]
    assert [path.stem for path in pages.computing(book.root)][:2] == ["computes", "1_one"]
    for malformed in "", "parts: [", "root: a":
        (book.root / "_toc.yml").write_text(malformed)
        with pytest.raises(BookError, match=r"^_toc\.yml is malformed, see `git diff _toc\.yml`"):
            pages.names(book.root)


def test_makefile(book):
    """Variables of the shell, where PORT is another program's, are no settings."""
    assert "make book " in book.make()
    for name, target in {"NB": "notebooks", "PORT": "serve", "VENV": "tidy"}.items():
        show = ["make", "-n", "-B", target]
        said = book.run(*show, env={name: "elsewhere"})
        assert "elsewhere" not in said and said == book.run(*show)
        assert "elsewhere" in book.run(*show, f"{name}=elsewhere")
