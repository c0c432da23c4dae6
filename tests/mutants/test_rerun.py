"""Every code cell can be run twice in a row, and every check once more at the end.

A reader runs cells again and out of order. So a cell makes what it changes, and each run of it
prints what is stored; nothing below a check takes away what the check needs.
"""

import pytest

from book.press import cells, pages
from tests.proofs import in_group

SHORT = [*pages.stages(), pages.ROOT / "book" / "gradients.ipynb"]  # not minutes
PATHS = [in_group(path, path.stem, path.stem, path not in SHORT) for path in pages.computing()]


def run_again(prover, code, checks):
    return prover.run([cell for cell in code for _ in range(2)] + checks, seconds=900)


@pytest.mark.parametrize("path", PATHS)
def test_cells_can_be_run_again(path, proven, prover):
    def prove():
        code, checks = (cells.code_cells(cells.read(path), tag) for tag in (None, "check"))
        assert run_again(prover(path, None, path.parent), code, checks) == []
        return ""

    if path.parent.name == "notebooks":
        proven(path, None, prove)
    else:  # it reads other files, which no digest covers
        prove()


def test_faults_are_found(prover):
    """The test's own proof: a cell that fails the second time, and a check that does at the end."""
    sources = "print('a' in globals())\na = 0", "print('b' in globals())", "b = 0; print(False)"
    false = {"metadata": {}, "outputs": [{"name": "stdout", "text": "False\n"}]}
    code = [{"id": source, "source": source} | false for source in sources]
    catches = run_again(prover(pages.stages()[0]), code, code[1:2])
    assert [catch.cell for catch in catches] == list(sources[:2])
