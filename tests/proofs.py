"""Fixtures for the tests that run notebooks: one Prover at a time, and what has been proved once is
not run again, unless PROOFS=anew is in the environment."""

import hashlib
import json
import os
import platform
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from book.press import cells, console, pages, prove
from book.press.run import NEEDS

SOURCES = [Path(each.__file__) for each in (cells, console, prove)] + [Path(__file__)]
PINS = ("requirements.txt", "constraints.txt")
# Some mistakes show on the CPU alone: a GPU has no memory to share with NumPy.
ON_THE_CPU = {"CUDA_VISIBLE_DEVICES": "-1", "HIP_VISIBLE_DEVICES": "-1"}
# What several threads have computed cannot be forked, see `prove`.
TO_FORK = ON_THE_CPU | {"OMP_NUM_THREADS": "1", "TORCHINDUCTOR_COMPILE_THREADS": "1"}


def in_group(value, notebook, name, weekly=False, place=10_000):
    """A parameter of a test. With --dist=loadgroup all of a notebook are in one process, in the
    order of their places: of the first cell that a test does not share with others."""
    marks = [pytest.mark.place(notebook, place), *[pytest.mark.weekly] * weekly]
    return pytest.param(value, id=name, marks=marks)


def place_of(path, name):
    """The place of the cell with this id among the notebook's code cells; of a text cell, of the
    first code cell after it."""
    notebook = cells.read(path)
    place = [cell["id"] for cell in notebook["cells"]].index(name)
    return len(cells.code_cells({"cells": notebook["cells"][:place]}))


def shareable(code, place):
    """How many cells up to this place can be shared: what has run TensorFlow cannot fork."""
    return min([place, *(n for n, cell in enumerate(code) if NEEDS in cells.tags(cell))])


def entries(path):
    """The mutants of the notebook in `path`, and the wrong attempts at its exercises."""
    file = pages.ROOT / "tests" / "mutants" / f"{path.stem}.yaml"
    assert file.exists(), f"write {file.name}: five mutants at least"
    return yaml.load(file.read_text(encoding="utf-8"), yaml.CBaseLoader)  # all is text


@pytest.fixture
def proven(request):
    """A function: `proven(path, what, prove)` calls `prove()`, unless it did when all was the same:
    then there is a file in _build/proofs, named by the digest of all that the proof depends on.
    There is none of one that raises."""

    def proven(path, what, prove):
        code = cells.code_cells(cells.read(path))
        code = [[cell["id"], cell["source"], cell["outputs"], cells.tags(cell)] for cell in code]
        files = [*SOURCES, request.path, *(pages.ROOT / name for name in PINS)]
        whole = [code, [file.read_text("utf-8") for file in files], request.node.name, what]
        whole = json.dumps([*whole, sys.version, platform.machine()]).encode()
        proof = pages.ROOT / "_build" / "proofs" / hashlib.sha256(whole).hexdigest()
        if os.environ.get("PROOFS") == "anew" or not proof.exists():
            prove()
            proof.parent.mkdir(parents=True, exist_ok=True)
            proof.touch()

    return proven


@pytest.fixture(scope="session")
def prover():
    """A function that gives the Prover of its arguments; the one before ends."""
    with ExitStack() as running:
        provers = {}

        def prover(*wanted):
            if str(wanted) not in provers:
                running.close()
                provers.clear()
                provers[str(wanted)] = running.enter_context(prove.Prover(*wanted))
            return provers[str(wanted)]

        yield prover
