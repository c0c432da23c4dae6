"""The list of pages, a terminal, and the Makefile."""

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


def test_terminal_that_lacks_letters(book):
    book.write("µ", "raise ValueError('µ Ω')")
    book.edit("_toc.yml", "notebooks/3_three", "notebooks/Ω")
    env = {"PYTHONIOENCODING": "ascii:strict", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    env |= {"PYTHONUTF8": "0", "CHROMIUM": "/Ω"}
    for arguments, line in {
        "tidy notebooks/Ω.ipynb": "there is no such file",
        "serve Ω": "give a number",
        "build": "but there is no",
        "pdf": "that is no executable: name a Chromium's. No PDF was made.\n",
        "notebooks notebooks/µ.ipynb": ".ipynb, cell 2 (a): ValueError: ",
    }.items():
        assert line in book.press(*arguments.split(), env=env, ok=False)


def test_makefile(book):
    """Variables of the shell, where PORT is another program's, are no settings."""
    assert "make book " in book.make()
    for name, target in {"NB": "notebooks", "PORT": "serve", "VENV": "tidy"}.items():
        show = ["make", "-n", "-B", target]
        said = book.run(*show, env={name: "elsewhere"})
        assert "elsewhere" not in said and said == book.run(*show)
        assert "elsewhere" in book.run(*show, f"{name}=elsewhere")
