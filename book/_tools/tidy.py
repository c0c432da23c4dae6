"""Clean notebooks of what an editor or a machine leaves in them, without executing anything.

usage: python tidy.py [notebook.ipynb ...]      those, or all of the book

Code, text and outputs stay. Each file that changes is named, and the exit status is then 1, so
that a commit stops and what was cleaned can be looked at.
"""

import os
import shutil
import sys
from pathlib import Path

import cells
import nbformat
import pages
from console import run_main


def save(path, notebook):
    """Write the notebook, tidied, in place of the file in one step; returns whether it differs."""
    text = nbformat.writes(nbformat.from_dict(cells.tidy(notebook))).rstrip("\n") + "\n"
    if text == path.read_text(encoding="utf-8"):
        return False
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        shutil.copymode(path, new)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    return True


def main():
    names = sys.argv[1:] or [os.path.relpath(path) for path in pages.computing()]
    notebooks = {Path(name): cells.read(Path(name)) for name in names}
    changed = [path for path in notebooks if save(path, notebooks[path])]
    for path in changed:
        print(f"{path}: tidied")
    return bool(changed)


if __name__ == "__main__":
    run_main(main, "The notebooks are as they were.")
