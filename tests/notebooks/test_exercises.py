"""The cells that look at a reader's answer: what do they say to a right one and to wrong ones?

A wrong attempt is an entry of tests/faults with `how: attempt`: the solution, edited as the planted
faults are, and words of the verdict that it must get.
"""

from pathlib import Path

import cells
import nbformat
import pages
import pytest
import yaml
from kernels import Run
from nbformat.v4 import new_code_cell

FAULTS = Path(__file__).resolve().parents[1] / "faults"
ASKING = [
    path
    for path in [*pages.stages(), *pages.chapters()]
    if cells.code_cells(cells.read(path), "verdict")
]
LOOKS = ("judge", "judge-loop", "verdict", "solution")


def attempts(path):
    """The entries of the wrong attempts at the exercises of this notebook."""
    text = (FAULTS / f"{path.stem}.yaml").read_text(encoding="utf-8")
    return [entry for entry in yaml.load(text, yaml.BaseLoader) if entry["how"] == "attempt"]


def said(run, source, verdict):
    """What the cell `verdict` prints over an answer; raises what one of the two dies of."""
    texts = []
    for text in source, verdict:
        run.nb.cells.append(new_code_cell(text))
        cell = run.execute_cell(run.nb.cells[-1], len(run.nb.cells) - 1)
        for output in cell.outputs:
            assert output.output_type == "stream", (
                f"a traceback, {output.get('ename')}: {output.get('evalue')}, for\n{source}"
            )
            texts.append(output.text)
    return texts[-1].strip()


@pytest.mark.parametrize("file", sorted(FAULTS.glob("*.yaml")), ids=lambda file: file.stem)
def test_planted_and_wrong_lines_are_still_there(file):
    """In seconds, what `make faults` would say after minutes: an edit has left an entry behind."""
    notebook = cells.read(pages.ROOT / "notebooks" / f"{file.stem}.ipynb")
    sources = {cell["id"]: cell["source"] for cell in cells.code_cells(notebook)}
    for entry in yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader):
        found = sources[entry["cell"]].count(entry["old"])
        assert found == 1, f"{entry['id']}: {entry['old']!r} occurs {found} times"
        assert entry["by"] in sources, entry["id"]


@pytest.mark.slow
@pytest.mark.parametrize("path", ASKING, ids=lambda path: path.stem)
def test_verdicts(path):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    named = {cell["id"]: cell["source"] for cell in notebook.cells}
    solutions = {
        name: named[name].rsplit("\n\n\nverdict(", 1)[0]
        for name in named
        if name.startswith("solution-") and name.replace("solution", "verdict") in named
    }
    # All that the reader ran before the exercises, and what looks at the answers.
    first = [cell["id"] for cell in notebook.cells].index("exercises")
    notebook.cells = [
        cell
        for place, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and (place < first or "judge" in str(cells.tags(cell)))
    ]
    wrong = attempts(path)
    run = Run(notebook, path)
    run.allow_errors = True
    faults = []
    with run.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            run.execute_cell(cell, index)
        for name, solution in solutions.items():
            verdict = named[name.replace("solution", "verdict")]
            says = said(run, solution, verdict)
            if says != "Right.":
                faults.append(f"{name} is right, and the verdict is {says!r}")
            here = [entry for entry in wrong if entry["cell"] == name]
            if len(here) < 5:
                faults.append(f"{name}: {len(here)} wrong attempts; try five at least")
            for entry in here:
                if solution.count(entry["old"]) != 1:
                    faults.append(f"{entry['id']}: {entry['old']!r} is not once in {name}")
                    continue
                says = said(run, solution.replace(entry["old"], entry["new"]), verdict)
                if says == "Right." or entry["says"] not in says:
                    faults.append(f"{entry['id']}: the verdict is {says!r}")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)
