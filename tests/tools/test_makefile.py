"""The targets' names, their settings, and what is removed."""

import re
import sys

import pytest
import small_book

MAKEFILE = small_book.ROOT / "Makefile"


def test_help_is_the_default_and_lists_every_target(book):
    said = book.make()
    assert said == book.make("help")
    targets = re.search(r"^\.PHONY: (.*)", MAKEFILE.read_text(), re.MULTILINE)[1].split()
    assert [line.split()[:2] for line in said.splitlines()] == [["make", name] for name in targets]


@pytest.mark.parametrize(
    ("name", "value", "target"),
    [
        ("NB", "notebooks/none.ipynb", "notebooks"),
        ("PORT", "abc", "serve"),
        ("VENV", "elsewhere", "tidy"),
        ("PYTHON", "elsewhere/python", ".venv/.installed"),
        ("PYTEST", "elsewhere", "check"),
        ("PY", "elsewhere", "book"),
    ],
)
def test_variables_of_the_shell_are_no_settings(book, name, value, target):
    """As PORT, in a container, is another program's; on the command line they are settings."""
    show = ["make", "-n", "-B", target]
    said = book.run(show, env={name: value})
    assert value not in said and said == book.run(show)
    assert value in book.run([*show, f"{name}={value}"])


def test_clean_removes_the_site_and_leaves_the_environment(built):
    kept = set(built.root.iterdir()) - {built.root / "_build"}
    built.make("clean")
    assert set(built.root.iterdir()) == kept
    assert (built.root / ".venv" / "bin" / "python").exists()
    assert str(built.root / ".venv") != sys.prefix  # a link to it, which was not followed
