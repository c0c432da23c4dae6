"""`make serve` and `make pdf`."""

import os
import re
import signal
import urllib.request

from pypdf import PdfReader

PDF = "one-network-nine-ways.pdf"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def test_serve_shows_the_site_until_it_is_interrupted(built_once):
    with built_once.start(built_once.make_command("serve", "PORT=0")) as process:
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/", process.stdout.readline())):
            assert process.poll() is None
        with DIRECT.open(f"{found[0]}book/computes.html", timeout=10) as page:
            assert b"computed 42" in page.read()
        line = f"Port {found[1]}: Address already in use. Try another: make serve PORT=8001\n"
        assert built_once.press("serve", found[1], ok=False) == line
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=30)[0]
    assert "Interrupted. The site is no longer served." in said and "Traceback" not in said


def test_pdf_is_printed_and_linked(built, executable):
    """Of each edition; no proxy is asked for the site."""
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    said = built.make("pdf", env=proxies | {"no_proxy": ""}).splitlines()
    assert said[-2:] == [f"{built.root}/_build/{edition}/{PDF}" for edition in ("en", "zh")]
    pdf = PdfReader(said[-2])
    titles = [entry.title for entry in pdf.outline if not isinstance(entry, list)]
    assert titles == ["Intro", "computes", "Glossary", "1_one", "2_two", "3_three"]
    text = [page.extract_text() for page in pdf.pages]
    assert "computed 42" in " ".join(text) and sum(len(page.images) for page in pdf.pages) == 3
    assert all(f"{number} / {len(text)}" in page for number, page in enumerate(text, start=1))
    for edition in "", "zh/":
        assert f'href="../{PDF}"' in built.page(f"{edition}book/intro")
        assert (built.site / edition / PDF).read_bytes().startswith(b"%PDF")
