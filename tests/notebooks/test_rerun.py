"""Every code cell can be run twice in a row, and every check once more at the end.

A reader runs cells again and out of order. So a cell makes what it changes, and each run of it
prints what is stored; nothing below a check takes away what the check needs. All notebooks take
about four minutes on two cores.
"""

import subprocess
from collections import defaultdict

import nbformat
import pages
import pytest
from cells import tags
from kernels import Run

PNG = {"image/png"}  # its bytes depend on the version of Matplotlib; nbval does not compare them


def texts(outputs):
    """What is compared of a cell's outputs: the text of each kind."""
    found = defaultdict(str)
    for output in outputs:
        if output.output_type == "stream":
            found[output.name] += output.text
        elif output.output_type == "error":
            found["error"] += f"{output.ename}: {output.evalue}\n"
        else:
            for kind in output.data.keys() - PNG:
                found[kind] += str(output.data[kind])
    return dict(found)


def find_fault(cell, stored):
    """What is wrong with the outputs of the cell, or None."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if errors and "raises-exception" not in tags(cell):
        return f"{errors[0].ename}: {' '.join(errors[0].evalue.split())}"
    if "nbval-ignore-output" in tags(cell):
        return None
    before, now = texts(stored), texts(cell.outputs)
    for kind in sorted(before.keys() | now.keys(), reverse=True):  # stdout before stderr
        if before.get(kind) != now.get(kind):
            return f"{kind}: {before.get(kind)!r} is stored, {now.get(kind)!r} came"
    return None


def rerun(notebook, path):
    """Run every code cell twice in a row, and at the end those tagged check; return the faults, a
    line each."""
    run = Run(notebook, path)
    run.allow_errors = True
    code = [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    stored = {cell.id: cell.outputs for _, cell in code}
    faults = []

    def execute(index, cell, when):
        run.execute_cell(cell, index)
        if fault := find_fault(cell, stored[cell.id]):
            faults.append(f"cell {cell.id}: run {when}: {fault}")

    with run.setup_kernel(stderr=subprocess.DEVNULL):
        for index, cell in code:
            execute(index, cell, "once")
            execute(index, cell, "again")
        for index, cell in code:
            if "check" in tags(cell):
                execute(index, cell, "at the end")
    return faults


@pytest.mark.slow
@pytest.mark.parametrize("path", pages.computing(), ids=lambda path: path.stem)
def test_cells_can_be_run_again(path):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    if faults := rerun(notebook, path):
        pytest.fail("\n".join(faults), pytrace=False)


# The test's own proof: on a notebook of three cells, the second a check; each prints 1, it says


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["weights = [1]", "a = weights[0]", "b = 2"], []),
        (["a = 2", "a = 1", ""], ["cell first: run once: stdout", "cell first: run again: stdout"]),
        (["a = 1 + ('b' in globals())\nb = 0", "a = 1", ""], ["cell first: run again: stdout"]),
        (
            ["weights = [1]", "a = weights.pop()", "a = 1"],
            [
                "cell second: run again: IndexError: pop from empty list",
                "cell second: run at the end: IndexError: pop from empty list",
            ],
        ),
        (
            ["weights = [1]", "a = weights[0]", "weights = [2]"],
            ["cell second: run at the end: std"],
        ),
    ],
)
def test_faults_are_found(sources, expected, tmp_path):
    notebook = nbformat.v4.new_notebook()
    for name, source in zip(("first", "second", "third"), sources, strict=True):
        cell = nbformat.v4.new_code_cell(f"a = 1\n{source}\nprint(a)", id=name)
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="1\n")]
        notebook.cells.append(cell)
    notebook.cells[1].metadata.tags = ["check"]
    faults = rerun(notebook, tmp_path / "small.ipynb")
    assert len(faults) == len(expected), faults
    assert all(fault.startswith(text) for fault, text in zip(faults, expected, strict=True)), faults
