"""`make serve`, and the server that the tests and `make pdf` use."""

import os
import re
import signal
import socket
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
from browser import find_chromium, serve
from console import BookError

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(address):
    """Status, headers and bytes of what is at this address."""
    try:
        with DIRECT.open(address, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@contextmanager
def served(book, *arguments, **options):
    """`make serve`; gives the address and the process."""
    with book.start(book.make_command("serve", *arguments), **options) as process:
        try:
            while not (match := re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())):
                assert process.poll() is None
            yield match[0], process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)


def test_serve_shows_the_site_until_it_is_interrupted(built):
    """Also to one whose other addresses go through a proxy."""
    with served(built, "PORT=0", env={"http_proxy": "http://127.0.0.1:9"}) as (address, process):
        status, _, data = get(address + "book/computes.html")
        assert status == 200 and b"computed 42" in data
        assert get(address + "nowhere")[0] == 404
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=30)[0]
    assert "Interrupted. The site is no longer served." in said
    assert "Traceback" not in said


@pytest.mark.parametrize("port", ["abc", "65536", "-1", "80.5", "''", "1e4", "8000 "])
def test_port_that_is_none(built_once, port):
    command = [built_once.python, "book/_tools/browser.py", port]
    said = built_once.run(command, ok=False)
    line = f"PORT is {port!r}: give a number up to 65535, as in make serve PORT=8001\n"
    assert said == line


def test_port_that_is_taken(built_once):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = built_once.make("serve", f"PORT={port}", ok=False).splitlines()
    line = f"Port {port}: Address already in use. Try another: make serve PORT=8001"
    assert said[1] == line and len(said) == 3  # what was built before it, and what make says after


def test_port_that_is_empty(built_once):
    said = built_once.make("serve", "PORT=", ok=False).splitlines()
    assert said[1].startswith("PORT is '': give a number up to 65535") and len(said) == 3


def test_files_are_sent_as_a_host_does(tmp_path):
    base = '<link rel="stylesheet" href="/book/_static/site.css" />'
    for name, content in {"index.html": "start", "a/b.html": "page", "404.html": base}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    (tmp_path / "p.png").write_bytes(b"\x89PNG")
    (tmp_path.parent / "secret.txt").write_text("not of the site")
    with serve(tmp_path) as address:
        for path, status, content in (
            ("/", 200, b"start"),
            ("/a/b.html?q=1", 200, b"page"),
            ("/book/a/b.html", 200, b"page"),  # as 404.html asks for it
            ("/a/", 404, base.encode()),
            ("/none", 404, base.encode()),
            ("/../secret.txt", 404, base.encode()),
            ("/%2e%2e/secret.txt", 404, base.encode()),
        ):
            found, headers, data = get(address + path)
            assert (found, data) == (status, content), path
            assert headers["Content-Type"] == "text/html"
            assert headers["Content-Length"] == str(len(data))
        assert get(f"{address}/p.png")[2] == b"\x89PNG"


def test_no_browser_is_said_in_a_line(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    if not os.path.exists("/Applications"):
        with pytest.raises(BookError, match="^There is no Chromium or Chrome: install one .*$"):
            find_chromium()
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(BookError, match="^CHROMIUM is /nowhere/chromium, and that is no exec.*$"):
        find_chromium()
    (tmp_path / "mine").write_text("#!/bin/sh\n")
    (tmp_path / "mine").chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "mine"))
    assert find_chromium() == str(tmp_path / "mine")
