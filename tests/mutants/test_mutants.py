"""Make mutants: copies of the notebooks, each with one mistake; and see each of them caught.

A mutant is an entry in the .yaml file named after its notebook:

    id      its name in the report
    what    what is wrong, in one line
    cell    the id of the code cell that is edited
    old     what is replaced there; it occurs exactly once
    new     what replaces it
    by      the id of the cell that is to catch it
    how     check: an assertion of that cell fails
            output: its output is not the stored one, compared as by nbval
            error: a library refuses
            attempt: no mutant; a wrong answer, for test_exercises.py
    says    words of the message, or of the differing line, that point at the mistake
    without (some only) ids of cells that are left out, but for PROOFS=anew: they take long, and
            neither make nor catch the mistake

A mutant that survives is a check that a notebook lacks. Those of the chapters, which train for
minutes, are made weekly. Some at once: pytest tests/mutants -k own_data
"""

import os
from types import SimpleNamespace

import pytest

from book.press import cells, pages
from book.press.console import one_line
from tests.proofs import TO_FORK, entries, in_group, place_of, shareable

NOTEBOOKS = {path.stem: path for path in [*pages.stages(), *pages.chapters()]}
MUTANTS = [
    SimpleNamespace(notebook=name, **{"without": ""} | entry)
    for name, path in NOTEBOOKS.items()
    for entry in entries(path)
    if entry["how"] != "attempt"
]


def as_parameter(mutant):
    name, path = mutant.notebook, NOTEBOOKS[mutant.notebook]
    weekly, place = path in pages.chapters(), place_of(path, mutant.cell)
    return in_group(mutant, name, f"{name}-{mutant.id}", weekly, place)


def find_fault(mutant, code, prover):
    """Mutate these cells and run them; returns how the mutant was not caught, or None."""
    place = [cell["id"] for cell in code].index(mutant.cell)
    cell = code[place]
    if (found := cell["source"].count(mutant.old)) != 1:
        return f"{mutant.old!r} occurs {found} times in cell {mutant.cell}"
    cell["source"] = cell["source"].replace(mutant.old, mutant.new)
    catches = prover.run(code, last=mutant.by, shared=shareable(code, place))
    for catch in catches:
        if catch[:2] == (mutant.by, mutant.how) and one_line(mutant.says) in catch.message:
            return None
        if catch.cell == mutant.by or catch.how != "output":  # what follows an error proves nothing
            return f"not {mutant.how} of {mutant.by} with the words {mutant.says!r}: {catch}"
    return "; but ".join([f"SURVIVES cell {mutant.by}", *map(str, catches)])


@pytest.mark.parametrize("mutant", [as_parameter(mutant) for mutant in MUTANTS])
def test_mutant_is_caught(mutant, prover, proven):
    path = NOTEBOOKS[mutant.notebook]

    def prove():
        without = [] if os.environ.get("PROOFS") == "anew" else mutant.without.split()
        code = [c for c in cells.code_cells(cells.read(path)) if c["id"] not in without]
        if fault := find_fault(mutant, code, prover(path, TO_FORK)):
            pytest.fail(f"{mutant.what}\n{fault}", pytrace=False)

    proven(path, vars(mutant), prove)
