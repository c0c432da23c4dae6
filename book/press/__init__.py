"""Everything that makes the site of the book, and what keeps the book true.

The way of a page: a source (`pages`, `cells`), the site as jupyter-book makes it (this package is
its extension; `editions` says of what, and each room below adds one thing), the site as published
(`build`, `publish`, `shown`). `run` and `prove` execute notebooks, `translate` keeps the editions
in step. `python -m book.press` lists the commands.
"""

import hashlib
import os
import sys
from importlib import import_module
from pathlib import Path

# JupyterLab brings this along, and jsonschema, which all that reads notebooks imports, would
# compile a grammar with it, more than a second each time, for addresses that no notebook has.
sys.modules.setdefault("rfc3987_syntax", None)

HERE = Path(__file__).resolve().parent
# Their handlers of one event run in this order, but where they name a priority: lower ones first.
ROOMS = "assets progress links editions sources theme mathml folds jobs practice"
ROOMS = f"{ROOMS} stage_diff landing labs cards search".split()


def digest():
    """A digest of this package and of the editions' words: when it changes, all is read again."""
    files = [path for path in HERE.rglob("*.*") if path.is_file() and path.suffix != ".pyc"]
    files += HERE.parents[1].glob("*/edition.yml")
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()


def setup(app):
    os.environ.pop("SOURCE_DATE_EPOCH", None)  # Sphinx would have it for the year of the copyright
    for room in ROOMS:
        import_module(f"book.press.{room}").setup(app)
    return {"env_version": digest(), "parallel_read_safe": True, "parallel_write_safe": True}
