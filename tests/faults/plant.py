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
    says    words of the message, or of the differing line, that point at the fault

A fault that survives is a check that a notebook lacks. Nothing counts as caught by a name or an
import that the edit broke. All take about five minutes on two cores, so pytest collects this file
only where it is named: make faults, or pytest tests/faults/plant.py -k 03_autograd
"""

import os
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
import yaml
from execute import Run, one_line

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
BROKEN = {"NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "SyntaxError"}
# Some faults show on the CPU alone: a GPU has no memory to share with NumPy.
ON_THE_CPU = os.environ | {"CUDA_VISIBLE_DEVICES": ""}


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


class Catch(NamedTuple):
    """A cell that failed: how, as in a fault or "broken", and the message in one line."""

    cell: str
    how: str
    message: str

    def __str__(self):
        return f"cell {self.cell} ({self.how}): {self.message}"


FAULTS = [
    Fault(path.stem, **entry)
    for path in sorted(HERE.glob("*.yaml"))
    for entry in yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # all is text
]


def load(name):
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=nbformat.NO_CONVERT)


def plant(fault, notebook):
    """Edit the cell; return what is wrong with the edit, or None."""
    cells = [cell for cell in notebook.cells if cell.id == fault.cell]
    found = sum(cell.source.count(fault.old) for cell in cells)
    if found != 1:
        return f"{fault.old!r} occurs {found} times in cell {fault.cell}; mend the fault's entry"
    cells[0].source = cells[0].source.replace(fault.old, fault.new)
    try:
        compile(re.sub(r"\A%%writefile .*\n", "", cells[0].source), fault.cell, "exec")
    except SyntaxError as error:
        return f"the edited cell is not Python: {error}"
    return None


def compared(outputs):
    """What nbval compares of a cell's outputs: the texts of each kind, in order."""
    texts = defaultdict(list)
    for output in outputs:
        if output.output_type == "stream":
            texts[output.name].append(output.text)
        elif output.output_type == "error":
            texts["error"].append(f"{output.ename}: {output.evalue}")
        else:
            for kind in output.data.keys() - {"image/png", "image/jpeg"}:
                texts[kind].append(output.data[kind])
    return texts


def difference(stored, now):
    """The first line in which the outputs differ, stored and now; None if they do not."""
    stored, now = compared(stored), compared(now)
    for kind in sorted(stored | now, reverse=True):  # stdout before stderr
        if stored[kind] != now[kind]:
            lines = [" ".join(texts[kind]).splitlines() for texts in (stored, now)]
            pairs = [pair for pair in zip_longest(*lines) if pair[0] != pair[1]]
            was, became = pairs[0] if pairs else (stored[kind], now[kind])
            return f"{kind}: {was!r} became {became!r}"
    return None


def execute(notebook, folder, last=None):
    """Execute a copy in `folder`; return a Catch for each cell that fails. It ends when the cell
    `last` has failed, or with the notebook."""
    run = Run(notebook, folder / "copy.ipynb")
    run.allow_errors = True
    catches = []
    with run.setup_kernel(stderr=subprocess.DEVNULL, env=ON_THE_CPU):
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            stored, tags = cell.outputs, cell.metadata.get("tags", [])
            run.execute_cell(cell, index)
            errors = [output for output in cell.outputs if output.output_type == "error"]
            if errors and "raises-exception" not in tags:
                name, message = errors[0].ename, errors[0].evalue
                how = {"AssertionError": "check"}.get(name, "broken" if name in BROKEN else "error")
                catches.append(Catch(cell.id, how, one_line(f"{name}: {message}")))
            elif "nbval-ignore-output" not in tags and (text := difference(stored, cell.outputs)):
                catches.append(Catch(cell.id, "output", one_line(text)))
            if catches and catches[-1].cell == last:
                break
    return catches


def problem(fault, notebook, catches):
    """What is wrong with how the fault was caught, or None."""
    cells = [cell.id for cell in notebook.cells]
    for catch in catches:
        if cells.index(catch.cell) < cells.index(fault.cell):
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
        catches = execute(notebook, tmp_path, last=fault.by)
        wrong = problem(fault, notebook, catches)
    record_property("row", [fault.notebook, fault.fault, str(wrong or catches[-1])])
    if wrong:
        pytest.fail(f"{fault.fault}\n{wrong}", pytrace=False)


@pytest.mark.parametrize("name", NOTEBOOKS[:9])  # the others take a minute each
def test_nothing_is_caught_where_no_fault_is(name, tmp_path):
    assert execute(load(name), tmp_path) == []


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
    wrong = wrong or problem(fault, notebook, execute(notebook, tmp_path, last="second"))
    assert wrong == expected or wrong.startswith(expected)
