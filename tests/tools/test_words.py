"""The list of pages, and what commands say: each failure a line, whatever the terminal."""

import json
import os
import re
import signal
import subprocess

import pytest
from PIL import Image

from book.press import pages
from book.press.console import BookError, naming
from book.press.serve import find_chromium

TOC = {"root": "book/intro", "parts": []}
for chapters in "book/setup", "notebooks/b notebooks/a book/between", "notebooks/c book/end":
    TOC["parts"].append({"chapters": [{"file": name} for name in chapters.split()]})


@pytest.fixture
def root(tmp_path):
    (tmp_path / "_toc.yml").write_text(json.dumps(TOC))
    (tmp_path / "book").mkdir()
    (tmp_path / "notebooks").mkdir()
    for name in pages.names(tmp_path):
        notebook = name.startswith("notebooks") or name == "book/end"
        (tmp_path / f"{name}.{'ipynb' if notebook else 'md'}").touch()
    return tmp_path


def test_order_is_that_of_the_table(root):
    names = "book/intro book/setup notebooks/b notebooks/a book/between notebooks/c book/end"
    assert pages.names(root) == names.split()
    assert [path.stem for path in pages.stages(root)] == ["b", "a"]
    assert [path.stem for path in pages.chapters(root)] == ["c"]
    assert [path.stem for path in pages.computing(root)] == ["b", "a", "c", "end"]
    assert pages.stage(2, root).stem == "a"
    assert [pages.follows(number) for number in (2, 3, 4, 5, 6, 7)] == [1, 2, 3, 4, 3, 6]
    (root / "_toc.yml").write_text("root: a\nparts: []\n")
    assert pages.names(root) == ["a"] and pages.stages(root) == []
    with pytest.raises(BookError, match="^_toc.yml names a, but there is no a.md and no a.ipynb: "):
        pages.files(root)


@pytest.mark.parametrize(
    "text", ["", "parts: [", "a: b: c", "root: a", "[]", "\tx: y", "\x00", None]
)
def test_malformed_table_is_said_in_a_line(root, text):
    why = r"^_toc.yml is malformed, see `git diff _toc.yml`: .+$"
    if text is None:
        (root / "_toc.yml").unlink()
        why = "^There is no _toc.yml here: git checkout _toc.yml restores it$"
    else:
        (root / "_toc.yml").write_text(text)
    with pytest.raises(BookError, match=why):
        pages.names(root)


@pytest.mark.parametrize(
    "fail",
    [
        lambda path: path.read_text(encoding="utf-8"),
        lambda path: Image.open(path),
        lambda path: (path / "more").read_text(),
        lambda path: exec("raise OSError"),
        lambda path: exec("raise OSError('several\\nlines')"),
        lambda path: exec("raise PermissionError(13, None)"),
    ],
)
def test_error_of_a_library_ends_in_a_line_with_the_file(tmp_path, fail):
    path = tmp_path / "a.png"
    path.write_bytes(b"\xff")
    with pytest.raises(BookError, match=rf"^{re.escape(str(path))}.*: .+$"), naming(path):
        fail(path)


def test_terminals_that_lack_letters(book):
    """As in C, which has ASCII alone, and in GBK; `make book | head -0` has nobody who listens."""
    book.write("2_two", "raise ValueError('µ Ω')")
    book.edit("_toc.yml", "notebooks/3_three", "notebooks/Ω")
    table = (book.root / "_toc.yml").read_text(encoding="utf-8")
    for terminal in {"PYTHONIOENCODING": "ascii:strict"}, {"PYTHONIOENCODING": "gbk"}:
        env = terminal | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        assert "there is no such file" in book.press("tidy", "notebooks/Ω.ipynb", env=env, ok=False)
        assert "give a number" in book.press("serve", "Ω", env=env, ok=False)
        assert "but there is no" in book.press("build", env=env, ok=False)
        assert "no executable" in book.press("pdf", env=env | {"CHROMIUM": "/Ω"}, ok=False)
    (book.root / "_toc.yml").write_text(table.replace("Ω", "3_three"), encoding="utf-8")
    said = book.press("notebooks", "notebooks/2_two.ipynb", env=env, ok=False)
    assert "notebooks/2_two.ipynb, cell 2 (a): ValueError: " in said
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [book.python, "-m", "book.press", "tidy", "notebooks/1_one.ipynb"],
        cwd=book.root,
        stdout=writer,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN),
    )
    os.close(writer)
    assert result.stderr == b""


def test_no_browser_is_said_in_a_line(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    if not os.path.exists("/Applications"):
        with pytest.raises(BookError, match="^There is no Chromium or Chrome: install one .*$"):
            find_chromium()
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(BookError, match="^CHROMIUM is /nowhere/chromium, and that is no exec.*$"):
        find_chromium()
