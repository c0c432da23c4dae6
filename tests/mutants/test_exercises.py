"""The cells that look at a reader's answer: what do they say to a right one, and to wrong ones?
These are entries of tests/mutants with `how: attempt`: the solution, edited as for a mutant, or a
whole `answer`, and words of the verdict that it must get: `Right.`, or a reason."""

import re

import pytest

from book.press import cells, editions, pages, practice
from book.press.console import one_line
from tests.proofs import TO_FORK, entries, in_group, place_of, shareable

ASKING = [  # a chapter trains for minutes before its exercises
    in_group(path, path.stem, path.stem, path in pages.chapters(), place_of(path, "exercises"))
    for path in [*pages.stages(), *pages.chapters()]
    if cells.code_cells(cells.read(path), "verdict")
]


@pytest.mark.parametrize("path", ASKING)
def test_verdicts(path, proven, prover):
    wrong = [entry for entry in entries(path) if entry["how"] == "attempt"]

    def prove():
        assert list(wrong_verdicts(cells.read(path), wrong, prover(path, TO_FORK))) == []

    proven(path, wrong, prove)


@pytest.mark.weekly
@pytest.mark.parametrize("path", ASKING)
def test_chinese_verdicts(path, prover):
    """What is right is right there, too, what is wrong is told so in Chinese, and the stored words
    are those that are said."""
    chinese = editions.Edition(pages.ROOT, "zh")
    notebook = cells.read(chinese.source / path.relative_to(pages.ROOT))
    english = {cell["id"]: cell for cell in cells.read(path)["cells"]}
    for cell in cells.code_cells(notebook, "solution"):
        cell["source"] = english[cell["id"]]["source"]  # wrong answers are edits of it
    wrong = [entry for entry in entries(path) if entry["how"] == "attempt"]
    words = chinese.rules["verdicts"]["outputs"]["Right\\."]
    assert list(wrong_verdicts(notebook, wrong, prover(path, TO_FORK), words, "[一-鿿]")) == []


def orders(named):
    """Programs with the lines of the exercise In order, and what the verdict is to say: some
    right ones, and for each rule one in which two neighbours break it."""
    rules = practice.rules_of(named["verdict-order"]["source"])
    before, pieces, after = practice.take_apart(named["starter-order"]["source"], rules)
    solution = named["solution-order"]["source"]
    right, wrong = [sorted(pieces, key=solution.index)], {}

    def find_broken(order):
        for first, then, why in rules:
            places = [piece.strip().startswith((first, then)) for piece in order]
            if order[places.index(True)].strip().startswith(then):
                return f"comes too soon: {why}"

    for order in right:  # which grows
        for n in range(len(order) - 1):
            swapped = [*order[:n], order[n + 1], order[n], *order[n + 2 :]]
            if broken := find_broken(swapped):
                wrong.setdefault(broken, swapped)
            elif swapped not in right and len(right) < 40:
                right.append(swapped)
    found = [(order, "Right.") for order in right[-4:]] + [(wrong[why], why) for why in wrong]
    return [("\n".join([before, *order, after]), why) for order, why in found]


def wrong_verdicts(notebook, wrong, prover, right="Right.", letters=""):
    """A line for each answer that does not get its verdict; `wrong` are the attempts. In another
    edition `right` is what it says for Right, and a reason has these letters."""
    # All that the reader ran before the exercises, and what looks at the answers.
    named = {cell["id"]: cell for cell in notebook["cells"]}
    code = cells.code_cells({"cells": notebook["cells"][: list(named).index("exercises")]})
    shared = shareable(code, len(code))
    code += cells.code_cells(notebook, "judge") + cells.code_cells(notebook, "judge-loop")
    says = {entry["id"]: one_line(entry["says"]) for entry in wrong}

    def ask(name, answer, verdict):
        silent = {"metadata": {"tags": ["nbval-ignore-output"]}, "outputs": []}
        code.append({"id": f"{name}, itself", "source": answer} | silent)
        caught = {"metadata": {}, "outputs": []}  # whatever it says
        code.append({"id": name, "source": verdict} | caught)

    for cell in cells.code_cells(notebook, "verdict"):
        name = cell["id"].replace("verdict", "solution")
        solution = named[name]["source"].rsplit("\n\n\nverdict(", 1)[0]
        ask(name, solution, cell["source"])
        says[name] = "Right."
        if name == "solution-order":
            for number, (program, why) in enumerate(orders(named)):
                ask(f"order {number}", program, cell["source"])
                says[f"order {number}"] = why
                alone = re.sub(r"order_fault\(\w+, ORDER\) or ", "", cell["source"])
                if why != "Right." and alone != cell["source"]:  # the program itself is wrong, too
                    ask(f"order {number}, run", program, alone)
                    says[f"order {number}, run"] = ""
            continue
        attempts = [entry for entry in wrong if entry["cell"] == name]
        good = sum(entry["says"] == "Right." for entry in attempts)
        if good < 3 or len(attempts) - good < 10:
            yield f"{name}: try 3 right answers and 10 wrong ones; there are {good} right"
        for entry in attempts:
            answer = entry.get("answer") or solution.replace(entry["old"], entry["new"])
            ask(entry["id"], answer, cell["source"])
    for catch in prover.run(code, seconds=900, shared=shared):
        expected, told = says.pop(catch.cell, None), catch.message.partition(" became ")[2]
        if letters and expected is not None:  # another edition has other words for its reasons
            expected = right if expected == "Right." else ""
        ok = expected is not None and catch.how == "output" and expected in catch.message
        if not ok or told.startswith(f"'{right}") != (expected == right):
            yield f"{catch}; expected: {expected}"
        elif not re.search(letters, told):
            yield f"{catch}; expected: {expected}"
    for name in says:
        yield f"{name}: there is no verdict"
