"""Every code cell can be run twice in a row, and every check once more at the end.

A reader runs cells again and out of order. So a cell makes what it changes, and each run of it
prints what is stored; nothing below a check takes away what the check needs. All notebooks take
about four minutes on two cores.
"""

import nbformat
import pages
import pytest
from running import execute


@pytest.mark.slow
@pytest.mark.parametrize("path", pages.computing(), ids=lambda path: path.stem)
def test_cells_can_be_run_again(path):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    if catches := execute(notebook, path, again=True):
        pytest.fail("\n".join(map(str, catches)), pytrace=False)


# The test's own proof: on a notebook of three cells, the second a check; each prints 1, it says


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["weights = [1]", "a = weights[0]", "b = 2"], []),
        (["a = 2", "a = 1", ""], ["first", "first"]),  # each time
        (["a = 1 + ('b' in globals())\nb = 0", "a = 1", ""], ["first"]),  # the second time
        (["weights = [1]", "a = weights.pop()", "a = 1"], ["second", "second"]),  # and at the end
        (["weights = [1]", "a = weights[0]", "weights = [2]"], ["second"]),  # at the end
    ],
)
def test_faults_are_found(sources, expected, tmp_path):
    notebook = nbformat.v4.new_notebook()
    for name, source in zip(("first", "second", "third"), sources, strict=True):
        cell = nbformat.v4.new_code_cell(f"a = 1\n{source}\nprint(a)", id=name)
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="1\n")]
        notebook.cells.append(cell)
    notebook.cells[1].metadata.tags = ["check"]
    catches = execute(notebook, tmp_path / "small.ipynb", again=True)
    assert [catch.cell for catch in catches] == expected, catches
