"""`make serve`, `make pdf`, `make clean`, and the Makefile's settings."""

import os
import re
import signal
import sys
import urllib.error
import urllib.request

import pytest
from pypdf import PdfReader

from book.press.serve import serve
from tests.small_book import ROOT


def get(address):
    """Status and bytes of what is at this address, whatever proxy there is."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_serve_shows_the_site_until_it_is_interrupted(built):
    with built.start(built.make_command("serve", "PORT=0")) as process:
        while not (found := re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())):
            assert process.poll() is None
        status, data = get(found[0] + "book/computes.html")
        assert status == 200 and b"computed 42" in data
        port = found[0].split(":")[-1].strip("/")
        line = f"Port {port}: Address already in use. Try another: make serve PORT=8001\n"
        assert built.press("serve", port, ok=False) == line
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=30)[0]
    assert "Interrupted. The site is no longer served." in said and "Traceback" not in said
    for none in "abc", "65536", "-1", "80.5", "", "1e4":
        line = f"PORT is {none!r}: give a number up to 65535, as in make serve PORT=8001\n"
        with pytest.raises(SystemExit, match=re.escape(line.strip())):
            __import__("book.press.serve").press.serve.main(none)


def test_files_are_sent_as_a_host_does(tmp_path):
    base = '<link rel="stylesheet" href="/book/_static/site.css" />'
    (tmp_path / "a").mkdir()
    for name, content in {"index.html": "start", "a/b.html": "page", "404.html": base}.items():
        (tmp_path / name).write_text(content)
    (tmp_path.parent / "secret.txt").write_text("not of the site")
    found = {"/": "start", "/a/b.html?q=1": "page", "/book/a/b.html": "page"}
    with serve(tmp_path) as address:
        for path in [*found, "/a/", "/none", "/../secret.txt", "/%2e%2e/secret.txt"]:
            expected = (200, found[path]) if path in found else (404, base)
            assert get(address + path) == (expected[0], expected[1].encode()), path


def test_pdf_is_printed_and_linked(built, executable):
    """Of each edition; no proxy is asked for the site."""
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    said = built.make("pdf", env=proxies | {"no_proxy": ""}).splitlines()
    name = "one-network-nine-ways.pdf"
    assert said[-2:] == [str(built.root / "_build" / each / name) for each in ("en", "zh")]
    pdf = PdfReader(said[-2])
    titles = [entry.title for entry in pdf.outline if not isinstance(entry, list)]
    assert titles == ["Intro", "computes", "Glossary", "1_one", "2_two", "3_three"]
    text = [page.extract_text() for page in pdf.pages]
    assert "computed 42" in " ".join(text) and sum(len(page.images) for page in pdf.pages) == 3
    assert all(f"{number} / {len(text)}" in page for number, page in enumerate(text, start=1))
    for edition in "", "zh/":
        assert f'href="../{name}"' in built.page(f"{edition}book/intro")
        assert (built.site / edition / name).read_bytes().startswith(b"%PDF")
    before = built.files("_build/site")
    assert built.make("book").splitlines() == [f"{built.site}/index.html"]
    assert built.files("_build/site") == before


def test_pdf_without_a_browser_says_what_to_do(built_once):
    said = built_once.press("pdf", env={"CHROMIUM": "/nowhere/chromium"}, ok=False)
    line = "CHROMIUM is /nowhere/chromium, and that is no executable: name a Chromium's. "
    assert said == f"{line}No PDF was made.\n"


def test_makefile(book):
    """Help lists every target. Variables of the shell, where PORT is another program's, are no
    settings. What was built is removed, and the environment, here a link, stays."""
    said = book.make()
    assert said == book.make("help")
    targets = re.search(r"(?m)^\.PHONY: (.*)", (ROOT / "Makefile").read_text())[1].split()
    assert [line.split()[:2] for line in said.splitlines()] == [["make", name] for name in targets]
    for name, target in {
        "NB": "notebooks",
        "PORT": "serve",
        "VENV": "tidy",
        "PYTHON": ".venv/.installed",
        "PYTEST": "check",
        "PY": "book",
    }.items():
        show = ["make", "-n", "-B", target]
        said = book.run(*show, env={name: "elsewhere"})
        assert "elsewhere" not in said and said == book.run(*show)
        assert "elsewhere" in book.run(*show, f"{name}=elsewhere")
    (book.root / "_build").mkdir()
    kept = set(book.root.iterdir()) - {book.root / "_build"}
    book.make("clean")
    assert set(book.root.iterdir()) == kept
    assert (book.root / ".venv" / "bin" / "python").exists() and str(book.root) not in sys.prefix
