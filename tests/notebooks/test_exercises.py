"""The cells that look at a reader's answer: what do they say to a right one, and to wrong ones?
These are entries of tests/mutants with `how: attempt`: the solution, edited as for a mutant, and
words of the verdict that it must get."""

import pytest
import yaml

from book.press import cells, pages
from book.press.console import one_line

NOTEBOOKS = [*pages.stages(), *pages.chapters()]
ASKING = [  # a chapter trains for minutes before its exercises
    pytest.param(path, id=path.stem, marks=[pytest.mark.weekly] * (path in pages.chapters()))
    for path in NOTEBOOKS
    if cells.code_cells(cells.read(path), "verdict")
]


def entries(path):
    """The mutants and the wrong attempts of this notebook."""
    file = pages.ROOT / "tests" / "mutants" / f"{path.stem}.yaml"
    assert file.exists(), f"write {file.name}: five mutants at least"
    return yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_lines_of_mutants_and_attempts_are_still_there(path):
    """In seconds, what `make mutants` would say after minutes: an edit has left an entry behind."""
    sources = {cell["id"]: cell["source"] for cell in cells.code_cells(cells.read(path))}
    for entry in entries(path):
        found = sources[entry["cell"]].count(entry["old"])
        assert found == 1, f"{entry['id']}: {entry['old']!r} occurs {found} times"
        named = {entry["by"], *entry.get("without", "").split()}
        assert named <= sources.keys(), entry["id"]
    assert sum(entry["how"] != "attempt" for entry in entries(path)) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("path", ASKING)
def test_verdicts(path, proven, prover):
    wrong = [entry for entry in entries(path) if entry["how"] == "attempt"]

    def prove():
        assert list(wrong_verdicts(cells.read(path), wrong, prover(path))) == []
        return ""

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
