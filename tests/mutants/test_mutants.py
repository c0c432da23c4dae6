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
            attempt: no mutant; a wrong answer, for tests/notebooks/test_exercises.py
    says    words of the message, or of the differing line, that point at the mistake
    without (some only) ids of cells that are left out: they take long, and neither make nor catch
            the mistake. With PROOFS=anew they run

A mutant that survives is a check that a notebook lacks. Nothing counts as caught by a name or an
import that the edit broke. Some of them: pytest tests/mutants -k 03_autograd
"""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from book.press import cells, pages
from book.press.console import one_line
from tests.proofs import ON_THE_CPU, in_group

NOTEBOOKS = {path.stem: path for path in [*pages.stages(), *pages.chapters()]}
MUTANTS = [
    SimpleNamespace(notebook=file.stem, **{"without": ""} | entry)
    for file in sorted(Path(__file__).parent.glob("*.yaml"))
    for entry in yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)  # all is text
    if entry["how"] != "attempt"
]


def problem(mutant, code, catches):
    """What is wrong with how the mutant was caught, or None."""
    order = [cell["id"] for cell in code]
    for catch in catches:
        if order.index(catch.cell) < order.index(mutant.cell):
            return f"a false alarm, before the mistake: {catch}"
        if catch.how == "broken":
            return f"the edit breaks the program: {catch}"
        if catch.cell == mutant.by:
            if catch.how == mutant.how and one_line(mutant.says) in catch.message:
                return None
            return f"not caught by {mutant.how} with the words {mutant.says!r}: {catch}"
        if catch.how != "output":  # what follows an error proves nothing
            return f"caught before cell {mutant.by}: {catch}"
    if catches:
        return f"SURVIVES cell {mutant.by}; caught by {catches[0]}"
    return "SURVIVES: a check is missing"


def examine(mutant, code, prover):
    """Mutate these cells and run them; returns what is wrong, or None, and what was caught."""
    (cell,) = [cell for cell in code if cell["id"] == mutant.cell]
    if (found := cell["source"].count(mutant.old)) != 1:
        return f"{mutant.old!r} occurs {found} times in cell {mutant.cell}", []
    cell["source"] = cell["source"].replace(mutant.old, mutant.new)
    catches = prover.run(code, last=mutant.by)
    return problem(mutant, code, catches), catches


@pytest.mark.parametrize(
    "mutant", [in_group(each, each.notebook, f"{each.notebook}-{each.id}") for each in MUTANTS]
)
def test_mutant_is_caught(mutant, prover, proven, record_property):
    path = NOTEBOOKS[mutant.notebook]

    def prove():
        without = [] if os.environ.get("PROOFS") == "anew" else mutant.without.split()
        code = [c for c in cells.code_cells(cells.read(path)) if c["id"] not in without]
        wrong, catches = examine(mutant, code, prover(path, ON_THE_CPU))
        if wrong:
            record_property("row", [mutant.notebook, mutant.what, wrong])
            pytest.fail(f"{mutant.what}\n{wrong}", pytrace=False)
        return f"cell {catches[-1].cell} ({catches[-1].how})"

    record_property("row", [mutant.notebook, mutant.what, proven(path, vars(mutant), prove)])


def test_enough_mutants():
    for name in NOTEBOOKS:
        assert sum(mutant.notebook == name for mutant in MUTANTS) >= 5, name


# The tester's own proof: on a notebook of two cells


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a = 6", "a = 7", None),
        ("a = 6", "a = 3 + 3", "SURVIVES: a check is missing"),
        ("a = 6", "other = 6", "the edit breaks the program: cell second (broken): NameError"),
        ("a = 6", "a = '6'", "not caught by check with the words 'is 42': cell second (error)"),
        ("a = 8", "a = 7", "'a = 8' occurs 0 times in cell first"),
        ("print(", "print(0, ", "SURVIVES cell second; caught by cell first (output): stdout: "),
        ("print(", "1 / 0\nprint(", "caught before cell second: cell first (error): ZeroDivision"),
    ],
)
@pytest.mark.xdist_group(pages.stages()[0].stem)
def test_verdicts(old, new, expected, prover):
    first, second = "a = 6\nprint('a is a number')", "assert a * 7 - 42 == 0, 'the product is 42'"
    code = [{"id": "first", "source": first}, {"id": "second", "source": second}]
    for cell in code:
        cell |= {"metadata": {}, "outputs": []}
    code[0]["outputs"] = [{"name": "stdout", "text": "a is a number\n"}]
    mutant = {"cell": "first", "old": old, "new": new}
    mutant = SimpleNamespace(**mutant, by="second", how="check", says="is 42")
    wrong, _ = examine(mutant, code, prover(pages.stages()[0], ON_THE_CPU))
    assert wrong == expected or wrong.startswith(expected)
