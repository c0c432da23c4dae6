"""Build the site: jupyter-book makes each edition, side by side, and publish.py the site of them.

Nothing is executed, and when nothing has changed, nothing is done. In _build:
en, zh    what jupyter-book makes of each edition, and what it said, log.txt; after an edit it reads
          and writes what was edited
site      the site for readers; it stays as it was until a new one is whole
inputs    a digest of what `site` was made from
"""

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from book.press import editions, pages
from book.press.console import BookError, naming, one_line
from book.press.publish import publish
from book.press.repository import find_dates, find_repository, recognise

BUILD = Path("_build")
SITE, INPUTS = BUILD / "site", BUILD / "inputs"
SOURCES = ("book", "notebooks", "benchmarks/results")
FILES = ("_config.yml", "_toc.yml", "requirements.txt", "constraints.txt")
# What stands around an error's own line in what jupyter-book says.
FRAME = (
    r"^\s*(?:(?:Extension error|[\w.]+(?:Error|Exception))(?: \([\w.]+\))?:\s*)?"
    r"(?:Handler <.*> for event '.*' threw an exception \(exception: )?(?:error: )?"
)


def digest_inputs(found):
    """A digest of all that the site of these editions is made from."""
    here = Path.cwd()
    digest = hashlib.sha256(repr((find_repository(here), find_dates(here))).encode())
    folders = [*SOURCES, *filter(None, (each.name for each in found))]
    paths = [path for folder in folders for path in Path(folder).rglob("*")]
    for path in sorted([*map(Path, FILES), *paths]):
        hidden = any(part.startswith((".", "__pycache__")) for part in path.parts)
        if path.is_file() and not hidden:
            name = f"{path} {path.stat().st_size}\n".encode(errors="surrogateescape")
            digest.update(name + path.read_bytes())
    return digest.hexdigest()


@contextmanager
def alone():
    """Keep other builds of the book out; BookError where one is under way."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BookError("Another build of the book is under way: wait for its end") from None
        yield


def start(edition):
    """Start jupyter-book on what has changed of an edition. It exits over any warning."""
    code = "import book.press; from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-E", "-Xutf8", "-c", code]  # -E: no settings of the reader's Python
    command += ["build", str(edition.source), "-W", "--keep-going"]
    command += ["--path-output", str(edition.build)]
    if edition.name:
        command += ["--config", str(edition.config), "--toc", str(edition.toc)]
    with (edition.build / "log.txt").open("w") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


def explain_failure(edition):
    """What jupyter-book said that went wrong, a line each."""
    log = edition.build / "log.txt"
    text = log.read_text(encoding="utf-8", errors="replace")
    text = re.sub(r"\x1b\[[0-9;]*m", "", text).replace(f"{Path.cwd()}/", "")
    log.write_text(text, encoding="utf-8")
    # What is indented is the code in a traceback.
    found = [
        line for line in text.splitlines() if re.search(r"^\S.*(WARNING:|rror:|exception: )", line)
    ]
    told = dict.fromkeys(
        re.sub(FRAME, "", line).strip().removesuffix(")" * ("Handler <" in line))
        for line in [*found, *re.findall(r"(?m)^error: .*", text)]
    )
    lines = [one_line(line) for line in filter(None, told)]  # less those that another one holds
    lines = [line for line in lines if not any(line in each for each in lines if each != line)]
    lines = lines or [one_line(line) for line in text.splitlines()[-3:]]
    return [*lines, f"All that jupyter-book said: {log.relative_to(Path.cwd())}"]


def render(found):
    """Have jupyter-book build these editions. What a failed build leaves would harm the next one,
    which would read only what has changed since: it is removed."""
    for edition in found:
        editions.write_settings(edition)
    names = ", ".join(edition.words["name"] for edition in found)
    print(f"Rendering {names}", flush=True)
    running, failed = [start(edition) for edition in found], found
    try:
        failed = [each for each, process in zip(found, running, strict=True) if process.wait()]
    finally:
        for process in running:
            process.terminate()
            process.wait()
        lines = [line for edition in failed for line in explain_failure(edition)]
        for left in (edition.html.parent for edition in failed):
            if left.exists():  # jupyter-book may fail before it makes one
                shutil.rmtree(left)
    if lines:
        raise BookError("\n".join(dict.fromkeys(lines)))


def publish_all(found):
    publish(found, SITE, pages.names(".")[0])


def main():
    with naming(BUILD), alone():
        found = editions.find_all(Path.cwd())
        index, inputs = SITE / "index.html", digest_inputs(found)
        if not (index.exists() and INPUTS.exists() and INPUTS.read_text() == inputs):
            INPUTS.unlink(missing_ok=True)
            for edition in found:
                edition.pdf.unlink(missing_ok=True)  # it is of the old site
            pages.files(".")  # refuses pages that are not there
            if why := recognise(Path.cwd())[1]:
                print(f"No links to a repository: {why}")
            render(found)
            publish_all(found)
            INPUTS.write_text(inputs)
        print(index.resolve())
