"""Plant faults in copies of the notebooks, one at a time, and see each of them caught.

A fault is an entry in the .yaml file named after its notebook:

    id      its name in the report
    fault   what is wrong, in one line
    cell    the id of the code cell that is edited
    old     what is replaced there; it occurs exactly once
    new     what replaces it
    by      the id of the cell that is to catch it
    how     check: an assertion of that cell fails
            output: its output is not the stored one, compared as by nbval
            error: a library refuses
            attempt: not planted; a wrong answer, for tests/notebooks/test_exercises.py
    says    words of the message, or of the differing line, that point at the fault

A fault that survives is a check that a notebook lacks. Nothing counts as caught by a name or an
import that the edit broke. All take about five minutes on two cores; some of them:
pytest tests/faults -k 03_autograd
"""

from dataclasses import dataclass
from pathlib import Path

import cells
import nbformat
import pages
import pytest
import yaml
from console import one_line
from running import execute

HERE = Path(__file__).resolve().parent
NOTEBOOKS = {path.stem: path for path in [*pages.stages(), *pages.chapters()]}
# Some faults show on the CPU alone: a GPU has no memory to share with NumPy.
ON_THE_CPU = {"CUDA_VISIBLE_DEVICES": ""}


@dataclass(frozen=True)
class Fault:
    """One entry of the .yaml file of `notebook`."""

    notebook: str
    id: str
    fault: str
    cell: str
    old: str
    new: str
    by: str
    how: str
    says: str


FAULTS = [
    Fault(path.stem, **entry)
    for path in sorted(HERE.glob("*.yaml"))
    for entry in yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # all is text
    if entry["how"] != "attempt"
]


def load(name):
    return nbformat.read(NOTEBOOKS[name], as_version=nbformat.NO_CONVERT)


def plant(fault, notebook):
    """Edit the cell; return what is wrong with the edit, or None."""
    named = [cell for cell in notebook.cells if cell.id == fault.cell]
    found = sum(cell.source.count(fault.old) for cell in named)
    if found != 1:
        return f"{fault.old!r} occurs {found} times in cell {fault.cell}; mend the fault's entry"
    named[0].source = named[0].source.replace(fault.old, fault.new)
    try:
        compile(cells.program(named[0]), fault.cell, "exec")
    except SyntaxError as error:
        return f"the edited cell is not Python: {error}"
    return None


def problem(fault, notebook, catches):
    """What is wrong with how the fault was caught, or None."""
    order = [cell.id for cell in notebook.cells]
    for catch in catches:
        if order.index(catch.cell) < order.index(fault.cell):
            return f"a false alarm, before the fault: {catch}"
        if catch.how == "broken":
            return f"the edit breaks the program: {catch}"
        if catch.cell == fault.by:
            if catch.how == fault.how and one_line(fault.says) in catch.message:
                return None
            return f"not caught by {fault.how} with the words {fault.says!r}: {catch}"
        if catch.how != "output":  # what follows an error proves nothing
            return f"caught before cell {fault.by}: {catch}"
    if catches:
        return f"SURVIVES cell {fault.by}; caught by {catches[0]}"
    return "SURVIVES: a check is missing"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.notebook}-{fault.id}")
def test_fault_is_caught(fault, tmp_path, record_property):
    notebook, catches = load(fault.notebook), []
    wrong = plant(fault, notebook)
    if not wrong:
        catches = execute(notebook, tmp_path / "copy.ipynb", ON_THE_CPU, last=fault.by)
        wrong = problem(fault, notebook, catches)
    record_property("row", [fault.notebook, fault.fault, str(wrong or catches[-1])])
    if wrong:
        pytest.fail(f"{fault.fault}\n{wrong}", pytrace=False)


@pytest.mark.parametrize("path", pages.stages(), ids=lambda path: path.stem)
def test_nothing_is_caught_where_no_fault_is(path, tmp_path):
    """In the stages; the chapters after them take a minute each."""
    assert execute(load(path.stem), tmp_path / "copy.ipynb", ON_THE_CPU) == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_enough_faults(name):
    assert sum(fault.notebook == name for fault in FAULTS) >= 5


# The faults' own proof: on a notebook of two cells


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a = 6", "a = 7", None),
        ("a = 6", "a = 3 + 3", "SURVIVES: a check is missing"),
        ("a = 6", "other = 6", "the edit breaks the program: cell second (broken): NameError"),
        ("a = 6", "a = '6'", "not caught by check with the words 'is 42': cell second (error)"),
        ("a = 6", "a = 6 =", "the edited cell is not Python"),
        ("a = 8", "a = 7", "'a = 8' occurs 0 times in cell first"),
        ("print(", "print(0, ", "SURVIVES cell second; caught by cell first (output): stdout: "),
    ],
)
def test_verdicts(old, new, expected, tmp_path):
    first = nbformat.v4.new_code_cell("a = 6\nprint('a is a number')", id="first")
    first.outputs = [nbformat.v4.new_output("stream", name="stdout", text="a is a number\n")]
    second = nbformat.v4.new_code_cell("assert a * 7 - 42 == 0, 'the product is 42'", id="second")
    notebook = nbformat.v4.new_notebook(cells=[first, second])
    fault = Fault("small", "id", "A fault.", "first", old, new, "second", "check", "is 42")
    wrong = plant(fault, notebook)
    wrong = wrong or problem(
        fault, notebook, execute(notebook, tmp_path / "copy.ipynb", last="second")
    )
    assert wrong == expected or wrong.startswith(expected)
