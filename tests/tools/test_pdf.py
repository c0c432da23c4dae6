"""`make pdf`: the file, the link to it, and when both go."""

import socketserver
import threading
from contextlib import contextmanager

from pypdf import PdfReader


@contextmanager
def proxy():
    """A proxy that refuses; gives its address and the list of what it was asked for."""
    asked = []

    class Refuse(socketserver.StreamRequestHandler):
        def handle(self):
            asked.append(self.rfile.readline().decode(errors="replace"))
            self.wfile.write(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refuse) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def test_pdf_is_printed_and_linked(built, executable):
    """Also by one whose other addresses go through a proxy: it is not asked for the site."""
    path = built.root / "_build" / "one-network-nine-ways.pdf"
    copy = built.site / path.name
    assert path.name not in built.page("book/intro")
    names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    with proxy() as (address, asked):
        said = built.make("pdf", env=dict.fromkeys(names, address) | {"no_proxy": None})
    assert not [line for line in asked if "127.0.0.1" in line or "localhost" in line]
    assert said.splitlines()[-1] == str(path)
    pdf = PdfReader(path)
    titles = [entry.title for entry in pdf.outline if not isinstance(entry, list)]
    assert titles == ["Intro", "computes", "1_one", "2_two", "3_three"]
    text = [page.extract_text() for page in pdf.pages]
    assert "computed 42" in " ".join(text)
    assert sum(len(page.images) for page in pdf.pages) == 3
    assert all(f"{number} / {len(text)}" in page for number, page in enumerate(text, start=1))
    assert f'href="../{path.name}"' in built.page("book/intro")
    assert copy.read_bytes() == path.read_bytes()

    built.make("book")
    assert copy.exists()
    built.edit("book/intro.md", "Intro", "Another introduction")
    built.make("book")
    assert not path.exists() and not copy.exists()
    assert path.name not in built.page("book/intro")


def test_pdf_without_a_browser_says_what_to_do(built_once):
    said = built_once.make("pdf", env={"CHROMIUM": "/nowhere/chromium"}, ok=False).splitlines()
    line = "CHROMIUM is /nowhere/chromium, and that is no executable: name a Chromium's. "
    assert said[1] == line + "No PDF was made." and len(said) == 3
    assert not (built_once.root / "_build" / "one-network-nine-ways.pdf").exists()
