"""Every code cell can be run twice in a row, and every check once more at the end.

A reader runs cells again and out of order. So a cell makes what it changes, and each run of it
prints what is stored; nothing below a check takes away what the check needs.
"""

import pytest

from book.press import cells, pages
from tests.proofs import in_group


@pytest.mark.weekly
@pytest.mark.parametrize(
    "path", [in_group(path, path.stem, path.stem) for path in pages.computing()]
)
def test_cells_can_be_run_again(path, prover):
    code, checks = (cells.code_cells(cells.read(path), tag) for tag in (None, "check"))
    again = [cell for cell in code for _ in range(2)]
    assert prover(path, None, path.parent).run(again + checks, seconds=900) == []
