"""Every code cell can be run twice in a row, and every check once more at the end. (What measures
takes long: daily it runs once.)

A reader runs cells again and out of order. So a cell makes what it changes, and each run of it
prints what is stored; nothing below a check takes away what the check needs.
"""

import os

import pytest

from book.press import cells, pages
from tests.proofs import in_group

SHORT = [*pages.stages(), pages.ROOT / "book" / "gradients.ipynb"]  # not minutes
PATHS = [in_group(path, path.stem, path.stem, path not in SHORT) for path in pages.computing()]


@pytest.mark.parametrize("path", PATHS)
def test_cells_can_be_run_again(path, proven, prover):
    def prove():
        code, checks = (cells.code_cells(cells.read(path), tag) for tag in (None, "check"))
        once = set() if os.environ.get("PROOFS") == "anew" else {"measured"}
        again = [cell for cell in code for _ in range(1 if once & {*cells.tags(cell)} else 2)]
        assert prover(path, None, path.parent).run(again + checks, seconds=900) == []

    if path.parent.name == "notebooks":
        proven(path, None, prove)
    else:  # it reads other files, which no digest covers
        prove()
