"""The site served as a static host does, and a browser for it.

The browser is Chromium or Chrome, as installed: CHROMIUM in the environment names one.
"""

import os
import re
import shutil
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from book.press.console import BookError

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
NAMES += [f"/Applications/{app}.app/Contents/MacOS/{app}" for app in ("Chromium", "Google Chrome")]


def find_chromium():
    """The path of the browser's executable."""
    named = os.environ.get("CHROMIUM")
    for name in [named] if named else NAMES:
        if path := shutil.which(name):
            return path
    if named:
        raise BookError(f"CHROMIUM is {named}, and that is no executable: name a Chromium's")
    raise BookError(
        "There is no Chromium or Chrome: install one (on Debian: apt install chromium), "
        "or name one as in CHROMIUM=/opt/chromium/chrome"
    )


class Handler(SimpleHTTPRequestHandler):
    """Sends files, and for what is not there 404.html.

    That page takes its files from the root that the site has on its host, such as /book/.
    """

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        page = Path(self.directory, "404.html")
        data, status = page.read_bytes() if page.exists() else b"", 404
        root = re.search(b'href="(/[^"]*)/_static/', data)
        for address in self.path, self.path.removeprefix(root[1].decode() if root else ""):
            path = Path(self.translate_path(address))
            path = path / "index.html" if path.is_dir() else path
            if path.is_file():
                page, data, status = path, path.read_bytes(), 200
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(page))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Say nothing: a browser that closes its page breaks off connections."""


@contextmanager
def serve(folder, port=0):
    """Serve the files of `folder` on loopback; gives the address, without a slash at its end."""
    with Server(("127.0.0.1", port), partial(Handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def main(port=""):
    """Serve the site until it is interrupted."""
    if not port.isdecimal() or int(port) > 65535:
        sys.exit(f"PORT is {port!r}: give a number up to 65535, as in make serve PORT=8001")
    try:
        with serve("_build/site", int(port)) as address:
            print(f"{address}/ shows the book; Ctrl-C ends it", flush=True)
            threading.Event().wait()
    except OSError as error:
        sys.exit(f"Port {port}: {error.strerror}. Try another: make serve PORT=8001")
