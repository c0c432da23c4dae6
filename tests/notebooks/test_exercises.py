"""The cells that look at a reader's answer: what do they say to a right one and to wrong ones?

A wrong attempt is an entry of tests/mutants with `how: attempt`: the solution, edited as for a
mutant, and words of the verdict that it must get.
"""

from pathlib import Path

import pytest
import yaml

from book.press import cells, pages
from book.press.console import one_line

MUTANTS = Path(__file__).resolve().parents[1] / "mutants"
ASKING = [
    path
    for path in [*pages.stages(), *pages.chapters()]
    if cells.code_cells(cells.read(path), "verdict")
]
RIGHT = [{"output_type": "stream", "name": "stdout", "text": "Right.\n"}]


def attempts(path):
    """The entries of the wrong attempts at the exercises of this notebook."""
    text = (MUTANTS / f"{path.stem}.yaml").read_text(encoding="utf-8")
    return [entry for entry in yaml.load(text, yaml.BaseLoader) if entry["how"] == "attempt"]


def answer(name, source, verdict):
    """Two cells: an answer to an exercise, and, called `name`, the verdict on it, which should be
    that it is right."""
    silent = {"tags": ["nbval-ignore-output"]}
    return [
        {"id": f"{name}, itself", "source": source, "metadata": silent, "outputs": []},
        {"id": name, "source": verdict, "metadata": {}, "outputs": RIGHT},
    ]


@pytest.mark.parametrize("file", sorted(MUTANTS.glob("*.yaml")), ids=lambda file: file.stem)
def test_lines_of_mutants_and_attempts_are_still_there(file):
    """In seconds, what `make mutants` would say after minutes: an edit has left an entry behind."""
    notebook = cells.read(pages.ROOT / "notebooks" / f"{file.stem}.ipynb")
    sources = {cell["id"]: cell["source"] for cell in cells.code_cells(notebook)}
    for entry in yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader):
        found = sources[entry["cell"]].count(entry["old"])
        assert found == 1, f"{entry['id']}: {entry['old']!r} occurs {found} times"
        named = {entry["by"], *entry.get("without", "").split()}
        assert named <= sources.keys(), entry["id"]


@pytest.mark.slow
@pytest.mark.parametrize("path", ASKING, ids=lambda path: path.stem)
def test_verdicts(path, proven, prover):
    notebook, wrong = cells.read(path), attempts(path)

    def prove():
        if faults := list(wrong_verdicts(notebook, wrong, prover(path))):
            pytest.fail("\n".join(faults), pytrace=False)
        return ""

    proven(path, wrong, prove)


def wrong_verdicts(notebook, wrong, prover):
    """A line for each answer that does not get its verdict; `wrong` are the attempts."""
    named = {cell["id"]: cell["source"] for cell in notebook["cells"]}
    solutions = {
        name: named[name].rsplit("\n\n\nverdict(", 1)[0]
        for name in named
        if name.startswith("solution-") and name.replace("solution", "verdict") in named
    }
    # All that the reader ran before the exercises, and what looks at the answers.
    first = list(named).index("exercises")
    code = [
        cell
        for place, cell in enumerate(notebook["cells"])
        if cell["cell_type"] == "code" and (place < first or "judge" in str(cells.tags(cell)))
    ]
    says = {}
    for name, solution in solutions.items():
        verdict = named[name.replace("solution", "verdict")]
        code += answer(name, solution, verdict)
        here = [entry for entry in wrong if entry["cell"] == name]
        if len(here) < 5:
            yield f"{name}: {len(here)} wrong attempts; try five at least"
        for entry in here:
            if solution.count(entry["old"]) != 1:
                yield f"{entry['id']}: {entry['old']!r} is not once in {name}"
                continue
            code += answer(entry["id"], solution.replace(entry["old"], entry["new"]), verdict)
            says[entry["id"]] = one_line(entry["says"])
    for catch in prover.run(code, seconds=900):
        expected = says.pop(catch.cell, None)
        if expected is None or catch.how != "output" or expected not in catch.message:
            yield f"{catch}; expected: {expected}"
    for name in says:
        yield f"{name}: the verdict is 'Right.'"
