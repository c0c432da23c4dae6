"""Build the site: jupyter-book renders it in _build/html, publish.py makes _build/site of that.

Nothing is executed, and when nothing has changed, nothing is done. In _build:
html, .doctrees  what jupyter-book makes; after an edit it reads only what was edited
zh               the same of the Chinese edition
site             the site for readers; it stays as it was until a new one is whole
inputs           a digest of what `site` was made from
build.log        what jupyter-book said
"""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pages
from console import plain, run_main
from publish import PDF_NAME, publish
from repository import find_dates, find_repository, recognise

BUILD = Path("_build")
SITE, INPUTS, LOG, PDF = BUILD / "site", BUILD / "inputs", BUILD / "build.log", BUILD / PDF_NAME
SOURCES = ("book", "notebooks", "benchmarks/results", "zh")
ZH = Path("zh")  # the Chinese edition: its folder in the repository, in _build, and on the site
ZH_PDF, ZH_WORDS = BUILD / ZH / PDF_NAME, ("全书 PDF", "整本书")
FILES = ("_config.yml", "_toc.yml", "requirements.txt", "constraints.txt")
UNDONE = "The site is as it was."
FRAME = r"^(Extension error|sphinx\.errors\.\w+|RuntimeError):\s*"  # before an error's own line


def digest_inputs():
    """A digest of all that the site is made from."""
    digest = hashlib.sha256(repr((find_repository("."), find_dates("."))).encode())
    paths = [path for folder in SOURCES for path in Path(folder).rglob("*")]
    for path in sorted([*map(Path, FILES), *paths]):
        hidden = any(part.startswith((".", "__pycache__")) for part in path.parts)
        if path.is_file() and not hidden:
            digest.update(f"{path} {path.stat().st_size}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def render(source=".", output="."):
    """Have jupyter-book build, in the folder `output`, what has changed of the book in `source`. It
    exits over any warning."""
    print("Rendering" if source == "." else f"Rendering {source}", flush=True)
    code = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-E", "-Xutf8", "-c", code]  # -E: no settings of the reader's Python
    command += ["build", source, "-W", "--keep-going", "--path-output", str(output)]
    with LOG.open("w") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT).returncode
    said = plain(LOG.read_text(encoding="utf-8", errors="replace")).replace(f"{Path.cwd()}/", "")
    LOG.write_text(said, encoding="utf-8")
    if code:
        lines = [line for line in said.splitlines() if "WARNING:" in line or "rror:" in line]
        told = dict.fromkeys(re.sub(FRAME, "", line) for line in lines or said.splitlines()[-5:])
        lines = filter(None, told)
        sys.exit("\n".join([*lines, f"{UNDONE} All that jupyter-book said: {LOG}"]))


def build():
    """Make _build/site anew."""
    root = pages.files(".")[0].with_suffix("").as_posix()  # refuses pages that are not there
    if why := recognise(".")[1]:
        print(f"No links to a repository: {why}")
    render()
    if ZH.exists():
        render(ZH, BUILD / ZH)
    publish_all(root)


def publish_all(root):
    """Make _build/site of what jupyter-book made; `root` is the name of the first page."""
    others = {ZH.name: (BUILD / ZH / BUILD / "html", ZH_PDF, ZH_WORDS)} if ZH.exists() else {}
    publish(BUILD / "html", SITE, root, PDF, others)


def main():
    index, inputs = SITE / "index.html", digest_inputs()
    if not (index.exists() and INPUTS.exists() and INPUTS.read_text() == inputs):
        BUILD.mkdir(exist_ok=True)
        INPUTS.unlink(missing_ok=True)
        for pdf in PDF, ZH_PDF:
            pdf.unlink(missing_ok=True)  # it is of the old site
        build()
        INPUTS.write_text(inputs)
    print(index.resolve())


if __name__ == "__main__":
    os.chdir(pages.ROOT)
    run_main(main, UNDONE)
