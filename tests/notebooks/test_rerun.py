"""Every code cell can be run twice in a row, and every check once more at the end.

A reader runs cells again and out of order. So a cell makes what it changes, and each run of it
prints what is stored; nothing below a check takes away what the check needs. Those that take
minutes are tried once a week.
"""

import pytest

from book.press import cells, pages

SHORT = [*pages.stages(), pages.ROOT / "book" / "gradients.ipynb"]
PATHS = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.weekly] * (path not in SHORT))
    for path in pages.computing()
]


def again(notebook):
    """Its code cells, each twice in a row, and those tagged check once more at the end."""
    twice = [cell for cell in cells.code_cells(notebook) for _ in range(2)]
    return twice + cells.code_cells(notebook, "check")


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_cells_can_be_run_again(path, proven, prover):
    def prove():
        catches = prover(path, folder=path.parent).run(again(cells.read(path)), seconds=900)
        assert not catches, "\n".join(map(str, catches))
        return ""

    if path.parent.name == "notebooks":
        proven(path, None, prove)
    else:  # it reads other files, which no digest covers
        prove()


@pytest.mark.slow
def test_faults_are_found(prover):
    """The test's own proof: a cell that fails the second time, and a check that does at the end."""
    sources = "print('a' in globals())\na = 0", "print('b' in globals())", "b = 0"
    false = [{"name": "stdout", "text": "False\n"}]
    code = [
        {"cell_type": "code", "id": source, "source": source, "metadata": {}, "outputs": outputs}
        for source, outputs in zip(sources, (false, false, []), strict=True)
    ]
    code[1]["metadata"] = {"tags": ["check"]}
    catches = prover(pages.stages()[0]).run(again({"cells": code}))
    assert [catch.cell for catch in catches] == [sources[0], sources[1]]
