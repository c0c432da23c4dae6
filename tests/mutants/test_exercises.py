"""The cells that look at a reader's answer: what do they say to a right one, and to wrong ones?
These are entries of tests/mutants with `how: attempt`: the solution, edited as for a mutant, and
words of the verdict that it must get."""

import pytest

from book.press import cells, pages
from book.press.console import one_line
from tests.proofs import entries, in_group

ASKING = [  # a chapter trains for minutes before its exercises
    in_group(path, path.stem, path.stem, weekly=path in pages.chapters())
    for path in [*pages.stages(), *pages.chapters()]
    if cells.code_cells(cells.read(path), "verdict")
]


@pytest.mark.parametrize("path", ASKING)
def test_verdicts(path, proven, prover):
    wrong = [entry for entry in entries(path) if entry["how"] == "attempt"]

    def prove():
        assert list(wrong_verdicts(cells.read(path), wrong, prover(path))) == []

    proven(path, wrong, prove)


def wrong_verdicts(notebook, wrong, prover):
    """A line for each answer that does not get its verdict; `wrong` are the attempts."""
    # All that the reader ran before the exercises, and what looks at the answers.
    named = {cell["id"]: cell for cell in notebook["cells"]}
    code = cells.code_cells({"cells": notebook["cells"][: list(named).index("exercises")]})
    code += cells.code_cells(notebook, "judge") + cells.code_cells(notebook, "judge-loop")

    def ask(name, answer, verdict):
        silent = {"metadata": {"tags": ["nbval-ignore-output"]}, "outputs": []}
        code.append({"id": f"{name}, itself", "source": answer} | silent)
        right = {"metadata": {}, "outputs": [{"name": "stdout", "text": "Right.\n"}]}
        code.append({"id": name, "source": verdict} | right)

    for cell in cells.code_cells(notebook, "verdict"):
        name = cell["id"].replace("verdict", "solution")
        solution = named[name]["source"].rsplit("\n\n\nverdict(", 1)[0]
        ask(name, solution, cell["source"])
        attempts = [entry for entry in wrong if entry["cell"] == name]
        if len(attempts) < 5:
            yield f"{name}: {len(attempts)} wrong attempts; try five at least"
        for entry in attempts:
            ask(entry["id"], solution.replace(entry["old"], entry["new"]), cell["source"])
    says = {entry["id"]: one_line(entry["says"]) for entry in wrong}
    for catch in prover.run(code, seconds=900):
        expected = says.pop(catch.cell, None)
        if expected is None or catch.how != "output" or expected not in catch.message:
            yield f"{catch}; expected: {expected}"
    for name in says:
        yield f"{name}: the verdict is 'Right.'"
