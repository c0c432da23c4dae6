"""Runs the cells of a notebook in a kernel and judges each by its stored outputs, as nbval does."""

import subprocess
from collections import defaultdict
from itertools import zip_longest
from typing import NamedTuple

from cells import tags
from console import one_line
from kernels import Run

BROKEN = {"NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "SyntaxError"}
NOT_COMPARED = {"image/png", "image/jpeg"}  # their bytes depend on the version of Matplotlib


class Catch(NamedTuple):
    """A cell that failed, and the message in one line. How: "check", an assertion did not hold;
    "broken", the code uses what is not there; "error", a library refused; "output", another one
    than is stored."""

    cell: str
    how: str
    message: str

    def __str__(self):
        return f"cell {self.cell} ({self.how}): {self.message}"


def texts(outputs):
    """What is compared of a cell's outputs: the texts of each kind, in order."""
    found = defaultdict(list)
    for output in outputs:
        if output.output_type == "stream":
            found[output.name].append(output.text)
        elif output.output_type == "error":
            found["error"].append(f"{output.ename}: {output.evalue}")
        else:
            for kind in output.data.keys() - NOT_COMPARED:
                found[kind].append(output.data[kind])
    return found


def difference(stored, now):
    """The first line in which the outputs differ, stored and now; None if they do not."""
    stored, now = texts(stored), texts(now)
    for kind in sorted(stored | now, reverse=True):  # stdout before stderr
        if stored[kind] != now[kind]:
            lines = [" ".join(found[kind]).splitlines() for found in (stored, now)]
            pairs = [pair for pair in zip_longest(*lines) if pair[0] != pair[1]]
            was, became = pairs[0] if pairs else (stored[kind], now[kind])
            return f"{kind}: {was!r} became {became!r}"
    return None


def judge(cell, stored):
    """The Catch of a cell that has run, or None. `stored` are the outputs that it should have."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if errors and "raises-exception" not in tags(cell):
        name, message = errors[0].ename, errors[0].evalue
        how = {"AssertionError": "check"}.get(name, "broken" if name in BROKEN else "error")
        return Catch(cell.id, how, one_line(f"{name}: {message}"))
    if "nbval-ignore-output" not in tags(cell) and (text := difference(stored, cell.outputs)):
        return Catch(cell.id, "output", one_line(text))
    return None


def execute(notebook, path, env=None, last=None, again=False):
    """Run the code cells of nbformat's notebook, as if it were in the file `path`; returns a Catch
    for each that fails. `env` are variables for the kernel beside those that it has anyway. It ends
    when the cell `last` has failed. `again`: every cell twice in a row, and those tagged check once
    more at the end."""
    run = Run(notebook, path)
    run.allow_errors = True
    code = [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    stored = {cell.id: cell.outputs for _, cell in code}
    todo = code
    if again:
        todo = [each for each in code for _ in range(2)]
        todo += [each for each in code if "check" in tags(each[1])]
    catches = []
    with run.setup_kernel(stderr=subprocess.DEVNULL, env=env):
        for index, cell in todo:
            run.execute_cell(cell, index)
            if catch := judge(cell, stored[cell.id]):
                catches.append(catch)
                if cell.id == last:
                    break
    return catches
