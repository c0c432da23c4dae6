"""Terminals that lack letters: no tool ends in a traceback over what it has to say."""

import os
import re
import signal
import subprocess

import pytest

TERMINALS = {
    "ascii": {"PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0", "LC_ALL": "C"},
    "latin-1": {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0", "LC_ALL": "C"},
    "gbk": {"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0", "LC_ALL": "C"},
    "C": {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
}


@pytest.fixture(params=TERMINALS)
def terminal(request):
    return TERMINALS[request.param]


def say(book, tool, *arguments, env, ok=False):
    """What the tool says, run without make, which would not let it know of the terminal."""
    said = book.run([book.python, f"book/_tools/{tool}.py", *arguments], env=env, ok=ok)
    assert "Traceback" not in said and "UnicodeEncodeError" not in said, said
    return said


def test_tools_say_their_errors(built, terminal):
    """Each with a letter that these terminals lack."""
    path = built.write("2_two", "raise ValueError('µ Ω')")
    said = say(built, "execute", "notebooks/2_two.ipynb", env=terminal)
    assert "notebooks/2_two.ipynb, cell 2 (a): ValueError: " in said
    assert "there is no such file" in say(built, "tidy", "notebooks/Ω.ipynb", env=terminal)
    assert "give a number" in say(built, "browser", "Ω", env=terminal)
    built.edit("_toc.yml", "notebooks/3_three", "notebooks/Ω")
    assert "but there is no" in say(built, "build", env=terminal)
    browser = terminal | {"CHROMIUM": "/Ω"}
    assert "that is no executable" in say(built, "pdf", env=browser)
    path.unlink()


def test_book_is_built(built_once, book):
    """With letters in titles, outputs and file names, in a log that is no terminal, too."""
    env = TERMINALS["C"] | {"PYTHONIOENCODING": "ascii:strict"}
    book.edit("book/intro.md", "# Intro", "# Ω · µ")
    said = say(book, "build", env=env, ok=True)
    # In this terminal a letter beyond ASCII is so many bytes, and each of them a "?".
    path = os.fsencode(book.site / "index.html")
    assert said.splitlines()[-1] == re.sub(rb"[^\x00-\x7f]", b"?", path).decode()
    assert "Ω · µ" in book.page("book/intro")
    book.edit("book/intro.md", "# Ω", "[µ](Ω.md)\n\n# Ω")
    said = say(book, "build", env=env)
    assert "WARNING: 'myst' cross-reference target not found: '?.md'" in said


def test_pipe_that_closes_early(built_once):
    """As in `make book | head -0`."""
    command = [built_once.python, "book/_tools/build.py"]
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        command,
        cwd=built_once.root,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN),
    )
    os.close(writer)
    assert (result.returncode, result.stderr) == (1, "")
