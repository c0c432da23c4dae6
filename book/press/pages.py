"""The pages of the book, from _toc.yml, the one list of them.

A page is a name without suffix, such as "notebooks/03_autograd"; its file is a notebook or
Markdown. The *stages* are the notebooks in the part of _toc.yml that holds the first of
`notebooks/`, and stage 3 is the third of them; the notebooks in later parts are the *chapters* that
go further.
"""

from pathlib import Path

import yaml

from book.press.console import BookError

ROOT = Path(__file__).resolve().parents[2]
SUFFIXES = (".md", ".ipynb")
FOLLOWS = {6: 3}  # 4 and 5 look inside and aside; any other stage follows from the one before it


def read_toc(root=ROOT):
    """The table of contents as it is written."""
    try:
        toc = yaml.safe_load(Path(root, "_toc.yml").read_text(encoding="utf-8"))
        [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    except FileNotFoundError:
        raise BookError("There is no _toc.yml here: git checkout _toc.yml restores it") from None
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError) as error:
        what = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise BookError(f"_toc.yml is malformed, see `git diff _toc.yml`: {what}") from None
    return toc


def parts(root=ROOT):
    """The names of the pages, a list for each part of _toc.yml; the first holds the root alone."""
    toc = read_toc(root)
    return [
        [toc["root"]],
        *([chapter["file"] for chapter in part["chapters"]] for part in toc["parts"]),
    ]


def find_file(name, root=ROOT):
    """The path of the page `name`; raises BookError if it has no file."""
    for suffix in SUFFIXES:
        if (path := Path(root, name + suffix)).exists():
            return path
    raise BookError(
        f"_toc.yml names {name}, but there is no {name}.md and no {name}.ipynb: "
        "add one, or take the line out"
    )


def names(root=ROOT):
    """The names of all pages, in the order of the book."""
    return [name for part in parts(root) for name in part]


def files(root=ROOT):
    """The paths of all pages, in the order of the book."""
    return [find_file(name, root) for name in names(root)]


def computing(root=ROOT):
    """The paths of all notebooks, those in `book/` too, in the order of the book."""
    return [path for path in files(root) if path.suffix == ".ipynb"]


def stages(root=ROOT):
    """The paths of the stages' notebooks, in order; none in a book without notebooks."""
    for part in parts(root):
        if found := [name for name in part if name.startswith("notebooks/")]:
            return [find_file(name, root) for name in found]
    return []


def stage(number, root=ROOT):
    """The path of the notebook of stage `number`, counted from 1."""
    return stages(root)[number - 1]


def follows(number):
    """The number of the stage from which stage `number` follows."""
    return FOLLOWS.get(number, number - 1)


def chapters(root=ROOT):
    """The paths of the notebooks after the stages, in order."""
    first = stages(root)
    paths = [path for path in computing(root) if path.parent.name == "notebooks"]
    return [path for path in paths if path not in first]
