"""The shape of the notebooks, read from their files: nothing is executed here.

Each rule finds every fault of one notebook, as lines "cell ID: what is wrong, what to do": these
lines are the rules of a notebook. The sections, mistakes and exercises are known by the ids and
tags of their cells, not by their words.
"""

import ast
import base64
import re
import struct
import sys
from functools import cache
from itertools import zip_longest

import nbformat
import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from book.press import cells, editions, labs, pages
from book.press.cells import calls, code_cells, modules, program, tags
from book.press.console import BookError

STAGES, FURTHER = pages.stages(), pages.chapters()
CHAPTERS = [*STAGES, *FURTHER]
NOTEBOOKS = pages.computing()  # those in book/ too
FIRST = STAGES[0]

# The sections of a chapter, each known by the id of the cell that begins it, and the tags of the
# cells that have their place in it.
SECTIONS = {
    "title": {"picture"},  # of the page's one new idea
    "setup": {"setup", "settings", "data", "device"},
    "idea": set(),
    "loop": {"train"},
    "check-text": {"reference", "check", "difference"},
    "wrong": set(),  # one, met as a reader meets it
    "lookup": {"mistake"},  # the others
    "questions": {"question"},
    "exercises": {"exercise", "judge", "judge-loop", "starter", "verdict", "solution"},
    "changed": set(),
}
OTHER_TAGS = {
    *("draw", "hide-cell", "hide-input", "nbval-ignore-output", "raises-exception"),
    *("predict", "hide-output"),  # a reader can work its output out: it is behind a question
    *("measured", "bounds"),  # numbers of the machine at hand, and what the text relies on of them
    "curve",  # stage 1's figure, which cards show
    "main-line",  # the page is on it, and takes so many minutes, `minutes-110`
    "record",  # what benchmarks/record.py runs
    "landing",  # the curve that the landing page shows
    "own-output",  # a loop that does not print what stage 1's does
    "needs-tensorflow",  # it does not run without it
    *(f"lab-{name}" for name in labs.find_names()),
    *(f"skill-{name}" for name in editions.find_all()[0].words["skills"]),
}
# The cells that are the same wherever they stand, character by character.
SHARED = "data settings reference difference device draw judge judge-loop".split()
# What a cell reads whose output belongs to the reader's own machine: nbval does not compare it.
OWN_MACHINE = r"time|device|thread|accelerator|compile|cuda|seconds|rates|floors|rung|profile"
OWN_MACHINE += "|operations"  # a device may need more of them
LIBRARIES = {"numpy", "torch", "tensorflow", "matplotlib"}
DATA_SETS = {"sklearn"}  # what a chapter after the stages may import beside them
NETWORK = {"urllib", "http", "socket", "socketserver", "ssl", "ftplib", "smtplib", "xmlrpc"}
# Pages that show such a thing on purpose: what old idioms do today, what records hold.
SHOWN = {"then_and_now": {"a warning"}, "speed_recorded": {"a version", "a time"}}
NOISE = {
    "a memory address": r"\b0x[0-9a-fA-F]{4,}",
    "a path": r"(?<![\w.:/])(/[\w.+-]+){2,}|\b[A-Za-z]:\\|\.py:\d+",
    "a warning": r"Warning\b|\bWARNING\b|(?m:^[WEI]\d{4} )",
    "a time": r"\d ?(ns|µs|us|ms|s|sec|seconds?|minutes?)\b",
    "a version": r"(?<![\w.])(?!127\.0\.0\.1\b)\d+\.\d+\.\d+",
    "an accelerator": r"\b(cuda|mps|xpu|hip)\b",
}
NOT_PLAIN = {
    "a MyST role": r"\{[\w:+.-]+\}`",
    "a MyST directive": r"(?m:^\s*(```+|~~~+|:::+)\s*\{|^\s*:::)",
    "a MyST target, comment or block break": r"(?m:^\(.+\)=\s*$|^% |^\+\+\+)",
    "a footnote or an alert": r"\[[\^!]",
}

PARSER = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)

RULES = []


def rule(*paths):
    """Register a function that finds what is wrong with a notebook, a line each, for these."""

    def register(find):
        RULES.extend(pytest.param(find, path, id=f"{find.__name__}-{path.stem}") for path in paths)
        return find

    return register


@cache
def load(path):
    try:
        return cells.read(path)
    except BookError as why:
        raise pytest.fail.Exception(str(why), pytrace=False) from None


def code(path, tag=None):
    """The code cells, those with the tag if one is given."""
    return code_cells(load(path), tag)


def texts(path):
    return [cell for cell in load(path)["cells"] if cell["cell_type"] == "markdown"]


def at(cell, fault):
    return f"cell {cell['id']}: {fault}"


def headings(cell):
    """The levels of the headings of a Markdown cell, such as ["h2", "h3"]."""
    if cell["cell_type"] != "markdown":
        return []
    return [token.tag for token in PARSER.parse(cell["source"]) if token.type == "heading_open"]


@cache
def sections(path):
    """The cells of each section by the id of its first one."""
    found = {}
    for cell in load(path)["cells"]:
        if set(headings(cell)) & {"h1", "h2"}:
            found[cell["id"]] = section = []
        section.append(cell)
    return found


def inline(cell, kind):
    """The inline tokens of one kind in a Markdown cell, at any depth: "text", "image", ..."""
    tokens = [token for token in PARSER.parse(cell["source"]) if token.type == "inline"]
    return [child for token in tokens for child in token.children if child.type == kind]


def links(cell):
    return [link.attrs["href"] for link in inline(cell, "link_open")]


def images(cell):
    """The PNG files, as bytes, that a cell's stored outputs hold."""
    found = [output.get("data", {}).get("image/png") for output in cell["outputs"]]
    return [base64.b64decode(png) for png in found if png]


def printed(cell):
    """All text of a cell's stored outputs, errors included."""
    parts = []
    for output in cell["outputs"]:
        if output["output_type"] == "error":
            parts.append(f"{output['ename']}: {output['evalue']}\n")
        else:
            shown = output.get("data", {"text/plain": output.get("text", "")})
            parts += [shown[kind] for kind in shown if kind.startswith("text/")]
    return "".join(parts)


def names_in(cell):
    """Every name that the cell's code uses."""
    return {node.id for node in ast.walk(ast.parse(program(cell))) if isinstance(node, ast.Name)}


def prompt(cell):
    return cell["metadata"].get("mystnb", {}).get("code_prompt_show", "")


def writes(cell):
    """Whether the cell is a program that IPython writes to a file."""
    return cell["source"].startswith("%%writefile")


def compared(cell):
    return "nbval-ignore-output" not in tags(cell)


# The sections of a chapter


@rule(*CHAPTERS)
def sections_are_in_order(path):
    opening = load(path)["cells"][0]
    opened = [token.type for token in PARSER.parse(opening["source"])]
    if [each for each in opened if each.endswith("_open")][:2] != [
        "heading_open",
        "paragraph_open",
    ]:
        yield at(opening, "put the opening paragraph under the title, in the same cell")
    number = f"{STAGES.index(path) + 1} · " if path in STAGES else r"(?!\d)"
    if not re.match(rf"# {number}\S", opening["source"]):
        yield at(opening, "a stage's title has its number, a chapter's has none")
    # Sections of its own are welcome.
    found, expected = [name for name in sections(path) if name in SECTIONS], list(SECTIONS)
    if found != expected:
        yield f"the cells that begin a section have these ids: {expected}, not {found}"
    for name, section in sections(path).items():
        if headings(section[0])[0] != ("h1" if name == "title" else "h2"):
            yield at(section[0], "a section has a heading of level 2")
    for cell in texts(path):
        if set(headings(cell)) & {"h1", "h2"} and not cell["source"].startswith("#"):
            yield at(cell, "begin a new cell at the heading")


@rule(*CHAPTERS)
def tagged_cells_stand_in_their_sections(path):
    for place, own in SECTIONS.items():
        for cell in load(path)["cells"]:
            if (found := own & set(tags(cell))) and cell not in sections(path)[place]:
                yield at(cell, f"a cell tagged {found} belongs in the section {place}")
    ours = path in STAGES or code(path, "data")  # on the network and the data of the stages
    once = ["setup", "settings"]
    once += ["data", "train"] * bool(ours)
    once += ["reference", "check", "difference"] * bool(ours and path != FIRST)
    for tag in once:
        if len(code(path, tag)) != 1:
            yield f"{len(code(path, tag))} cells are tagged {tag}; there is to be one"


@rule(*CHAPTERS)
def training_loop_can_be_read_and_compared(path):
    if not code(path, "train"):  # a chapter whose loop stands in a program
        return
    ((cell, *_), (first, *_)) = code(path, "train"), code(FIRST, "train")
    lines = [line for line in program(cell).splitlines() if line.strip()]
    names = names_in(cell)
    if len(lines) > 25:
        yield at(cell, f"{len(lines)} lines; at most 25 are allowed")
    if missing := {"x", "y", "y_pred", "loss", "losses"} - names:
        yield at(cell, f"missing names {sorted(missing)}")
    if "model" not in names and not {"w1", "w2"} <= names:
        yield at(cell, "it uses no w1 and w2, and no model")
    loops = [node for node in ast.walk(ast.parse(program(cell))) if isinstance(node, ast.For)]
    count = r"range\(500\)" if code(path, "data") else r"range\(\d+\)"
    steps = [loop for loop in loops if re.fullmatch(count, ast.unparse(loop.iter))]
    if len(steps) != 1 or list(calls(steps[0])).count("losses.append") != 1:
        yield at(cell, "write one loop 'for t in range(500)' that appends to `losses` once")
    if ("own-output" in tags(cell)) == (printed(cell) == printed(first)):
        yield at(cell, "it prints what stage 1's loop does, or is tagged own-output")
    if "own-output" not in tags(cell) and "learning_rate" not in names:
        yield at(cell, "take the step from `learning_rate`")


@rule(*CHAPTERS)
def mistakes_are_run(path):
    """Those to look up have a text cell of their own under a heading of level 3."""
    for name in "wrong", "lookup":
        section = sections(path)[name]
        mistakes = (
            [cell for cell in section if headings(cell) == ["h3"]] if name == "lookup" else []
        )
        shown = [cell for cell in section if cell["cell_type"] == "code"]
        if len(shown) < max(1, len(mistakes)):
            yield at(section[0], "run each mistake that it shows")
        for cell in section[1:]:
            if (cell in mistakes) != ("mistake" in tags(cell)):
                yield at(cell, "a mistake to look up has a heading of level 3, the tag `mistake`")
        for cell in shown:
            if not cell["outputs"] and "bounds" not in tags(cell):
                yield at(cell, "show the mistake's error or its wrong result: no output is stored")


@rule(*CHAPTERS)
def exercises_lead_from_moving_lines_to_writing(path):
    """Each with its minutes, two hints and its solution; most with a cell to write in, and one that
    looks at what is written."""
    section = [cell for cell in sections(path)["exercises"][1:] if "judge" not in str(tags(cell))]
    found, expected = [cell["id"] for cell in section], []
    tasks = [cell for cell in section if "exercise" in tags(cell)]
    names = ["order", "fill", "repair"] + [str(n) for n in range(1, len(tasks) - 2)]
    for name in names:
        asks = f"starter-{name}" in found
        parts = ("exercise", "starter", "verdict", "solution") if asks else ("exercise", "solution")
        expected += [f"{part}-{name}" for part in parts]
    if not 5 <= len(tasks) <= 7 or found != expected:
        yield f"3 exercises with a name, 2 to 4 with a number, and their parts: {expected}"
    for cell in section:
        if cell["id"].split("-")[0] not in tags(cell):
            yield at(cell, f"tag it {cell['id'].split('-')[0]}")
    for cell in tasks:
        hints = re.findall(
            r"<details><summary>[^<]+</summary>\n\n[^<]+\n\n</details>", cell["source"]
        )
        if len(hints) != 2 or not re.match(r"\*\*[^*]+\*\* \(\d+ minutes", cell["source"]):
            yield at(
                cell, "begin with '**name** (5 minutes', end with two hints, each in <details>"
            )
    for cell in code(path, "verdict"):
        if not printed(cell).startswith("Not attempted yet"):
            yield at(
                cell, "give verdict, here and in the solution, given=fingerprint(…) of the starter"
            )
    solutions = code(path, "solution")
    if len({prompt(cell) for cell in solutions}) != len(tasks):
        yield "the prompts of the solutions say which exercise they are of"
    for cell in solutions:
        if not cell["outputs"]:
            yield at(cell, "a solution shows its answer; no output is stored")


@rule(*CHAPTERS)
def what_trains_is_named(path):
    """By the tags skill-... of predictions, questions and exercises."""
    for cell in load(path)["cells"]:
        trains = bool({"predict", "question", "exercise"} & set(tags(cell)))
        if trains != any(tag.startswith("skill-") for tag in tags(cell)):
            yield at(cell, "predictions, questions and exercises name the skills that they train")


@rule(*CHAPTERS)
def what_is_not_to_be_read_is_folded(path):
    """make tidy folds in JupyterLab and Colab what the tag folds on the site."""
    folded = "settings reference check difference draw picture bounds"
    folded += " judge judge-loop verdict solution" + " data" * (path != FIRST)
    for tag in folded.split():
        for cell in code(path, tag):
            wanted = "hide-cell" if tag == "solution" else "hide-input"
            if wanted not in tags(cell):
                yield at(cell, f"tag it {wanted}")
            if not prompt(cell):
                yield at(cell, "give it a prompt, code_prompt_show")
            if not re.match(r"#@title \S|%%", cell["source"]):
                yield at(cell, "begin it with a line '#@title ...', which names the fold in Colab")


@rule(*CHAPTERS)
def what_can_be_predicted_is_asked_first(path):
    predicted = code(path, "predict")
    if len(predicted) < 2 and path in STAGES:
        yield "ask for two outputs before you show them"
    for cell in predicted:
        if "hide-output" not in tags(cell) or not prompt(cell).endswith(("?", "？")):
            yield at(cell, "fold its output, tag hide-output, behind a prompt that is a question")
        if not cell["outputs"] or images(cell) or not compared(cell):
            yield at(cell, "it prints, and the same on every machine")


@rule(*NOTEBOOKS)
def questions_explain_every_answer(path):
    found = [cell for cell in texts(path) if "question" in tags(cell)]
    again = ["again-1", "again-2"] * (path not in STAGES[:1])  # of earlier pages
    own = [f"question-{number}" for number in range(1, len(found) - len(again) + 1)]
    if path in CHAPTERS and not 2 <= len(own) <= 4:
        yield f"{len(own)} questions about this page; ask 2 to 4"
    if path in CHAPTERS and [cell["id"] for cell in found] != again + own:
        yield f"the questions have the ids {again + own}"
    answer = r"<details><summary>(?:[^<>`]|</?code>)+</summary>\n\n(Yes|No)\b[^<>]*\n\n</details>"
    for cell in found:
        source = re.sub(r"`[^`]*`", "`code`", cell["source"])
        verdicts = re.findall(answer, source)
        if not 3 <= len(verdicts) <= 4 or verdicts.count("Yes") != 1:
            yield at(cell, f"three or four answers, one of them right: {verdicts}")
        if re.sub(answer, "", source).count("<"):
            how = "<details><summary>answer</summary>, an empty line, Yes or No and why, </details>"
            yield at(cell, f"write each answer so: {how}")


@pytest.mark.parametrize("tag", SHARED)
def test_shared_cells_are_identical(tag):
    found = [(path.name, cell) for path in CHAPTERS for cell in code(path, tag)]
    first = found[0][1]["source"]
    differ = [f"{name}, cell {cell['id']}" for name, cell in found if cell["source"] != first]
    assert not differ, f"they differ from the cell tagged {tag} in {found[0][0]}"


# The code and its outputs


@rule(*NOTEBOOKS)
def code_runs_as_a_script(path):
    for cell in code(path):
        try:
            tree = ast.parse(program(cell))
        except SyntaxError as error:
            yield at(cell, f"line {error.lineno}: {error.msg}; write plain Python")
            continue
        for ipython in names_in(cell) & {"get_ipython", "display", "In", "Out"}:
            yield at(cell, f"{ipython} is IPython's; write plain Python")
        if any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
            yield at(cell, "`python -O` switches an assert off: raise an AssertionError")
        for line in cell["source"].splitlines():
            if len(line) > 88:
                yield at(cell, f"more than 88 characters do not fit the column: {line.strip()}")


@rule(*CHAPTERS)
def notebook_stands_alone(path):
    """Programs that it writes go to a folder that goes with the kernel, and import each other."""
    written = {cell["source"].split()[1].removesuffix(".py") for cell in filter(writes, code(path))}
    allowed = LIBRARIES | (sys.stdlib_module_names - NETWORK) | written
    allowed |= DATA_SETS if path in FURTHER else set()
    if unknown := modules(load(path)) - allowed:
        yield f"it imports {unknown}; allowed: {LIBRARIES} and the standard library"
    uses = [cell for cell in code(path) if not writes(cell) and "device" in names_in(cell)]
    if uses and "tensorflow" not in modules(load(path)) and len(code(path, "device")) != 1:
        yield at(uses[0], "it uses a device: choose it in the shared cell")


@rule(*NOTEBOOKS)
def outputs_can_be_those_of_the_code(path):
    """Executed in order, from 1, with a figure where one is shown and text where it is printed."""
    yield from cells.find_faults(load(path))
    for cell in code(path):
        kinds = {output.get("name", output["output_type"]) for output in cell["outputs"]}
        if images(cell) and "plt.show" not in set(calls(ast.parse(program(cell)))):
            yield at(cell, "a figure, and no plt.show()")
        if not cell["outputs"] and {"train", "check", "curve", "difference", "picture"} & set(
            tags(cell)
        ):
            yield at(cell, f"a cell tagged {tags(cell)} has no stored output")
        if ("error" in kinds) != ("raises-exception" in tags(cell)):
            yield at(cell, "an error and the tag raises-exception go together")
        if "stderr" in kinds:
            yield at(cell, "it writes to stderr; silence or mend the cause")


@rule(*NOTEBOOKS)
def compared_outputs_are_the_same_on_every_machine(path):
    for cell in filter(compared, code(path)):
        for what, pattern in NOISE.items():
            on_purpose = what in SHOWN.get(path.stem, ())
            if not on_purpose and (found := re.search(pattern, printed(cell))):
                yield at(cell, f"its output holds {what}: {found[0]!r}")
        if re.search(r"\bcpu\b", printed(cell)) and "device" in names_in(cell):
            yield at(cell, "its output names the reader's device")
    for cell in code(path):
        own = re.search(OWN_MACHINE, cell["source"]) or {"measured", "check"} & set(tags(cell))
        if not compared(cell) and not own:
            yield at(cell, "it reads nothing of the machine: compare its output")
        if compared(cell) and "device" in tags(cell):
            yield at(cell, "it names the reader's device: tag it nbval-ignore-output")
        if re.search(r"NBVAL_|PYTEST_VALIDATE", cell["source"]):
            yield at(cell, "remove nbval's marker; tags alone speak to it")


@rule(*STAGES)
def numbers_are_printed_and_not_verdicts(path):
    shown = [cell for cell in code(path) if not {"solution", "verdict"} & set(tags(cell))]
    found = re.findall(r"\b(?:True|False)\b", "".join(map(printed, shown)))
    if len(found) > 3:
        yield f"it prints {found}: print the number, and hold it to its bounds in the next cell"


@rule(*NOTEBOOKS)
def measured_numbers_have_bounds(path):
    """What is not compared is held, by the next cell, to the bounds on which the text relies."""
    for cell, after in zip_longest(code(path), code(path)[1:]):
        if "measured" in tags(cell) and (
            compared(cell) or after is None or "bounds" not in tags(after)
        ):
            yield at(cell, "tag it nbval-ignore-output, and the next code cell bounds")
        if "bounds" in tags(cell) and (
            "check" not in set(calls(ast.parse(program(cell)))) or cell["outputs"]
        ):
            yield at(cell, "call `check` for each number of the cell before, and print nothing")


@rule(*NOTEBOOKS)
def figures_have_a_size_and_an_alternative_text(path):
    alts = []
    for cell in code(path):
        alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt")
        found = images(cell)
        if len(found) > 1 or bool(found) != bool(alt) or alt in alts:
            yield at(cell, "one figure a cell, with a text of its own in mystnb.image.alt")
        if alt and (len(alt) < 30 or re.search(r"^\S*$|\.(png|svg|jpe?g)\b|_build", alt)):
            yield at(cell, f"the alternative text must say what the figure shows: {alt!r}")
        alts += [alt] if alt else []
        for png in found:
            (width,) = struct.unpack(">I", png[16:20])
            if not 900 <= width <= 1350 or "Figure size 1280x" not in printed(cell):
                yield at(cell, f"{width} pixels wide; keep the width of 6.4 inches")
            if len(png) > 60_000 or png[25] != 3:  # the colour type, of a palette
                yield at(cell, f"{len(png)} bytes; at most 60,000, with a palette: make notebooks")
    if not alts and path in CHAPTERS:
        yield "no figure at all"


@rule(*NOTEBOOKS)
def cells_are_named_and_tagged(path):
    nbformat.validate(nbformat.read(path, as_version=nbformat.NO_CONVERT))
    known, names = OTHER_TAGS.union(*SECTIONS.values()), []
    for cell in load(path)["cells"]:
        if extra := {tag for tag in tags(cell) if not tag.startswith("minutes-")} - known:
            yield at(cell, f"unknown tags {sorted(extra)}; a lab is a folder of book/press/labs")
        if cell.get("attachments") or not cell["source"].strip():
            yield at(cell, "remove the attachments, or the empty cell")
        if not re.fullmatch(r"(?![0-9a-f]{8})[a-z][a-z0-9]*(-[a-z0-9]+)*", cell["id"]):
            yield at(cell, "give it a name of small letters, digits and hyphens")
        if cell["id"] in names:
            yield at(cell, "another cell has this id")
        names.append(cell["id"])


@pytest.mark.parametrize(
    "path",
    [path for edition in editions.find_all() for path in edition.notebooks()],
    ids=lambda path: path.relative_to(pages.ROOT).with_suffix("").as_posix(),
)
def test_file_is_tidy(path):
    """Without what an editor leaves, and folded as its tags say."""
    notebook = cells.tidy(cells.read(path))
    text = nbformat.writes(nbformat.from_dict(notebook)).rstrip("\n") + "\n"
    assert path.read_bytes() == text.encode(), f"{path.name} is not tidy: make tidy"


# The prose


@rule(*CHAPTERS)
def text_is_plain_markdown(path):
    for cell in texts(path):
        for what, pattern in NOT_PLAIN.items():
            if found := re.search(pattern, cell["source"]):
                yield at(cell, f"{what}: {found[0]!r}; write plain Markdown")
        blocks = [token.type for token in PARSER.parse(cell["source"])]
        html = "html_block" in blocks or inline(cell, "html_inline")
        if (html and not {"question", "exercise"} & set(tags(cell))) or inline(cell, "image"):
            yield at(cell, "raw HTML or an image file; write plain Markdown, draw with code")
        for target in links(cell):
            local = re.fullmatch(r"[\w-]+\.ipynb", target) and (path.parent / target).exists()
            if not (local or re.match(r"https?://[\w-]+(\.[\w-]+)+(/|$)", target)):
                yield at(cell, f"link to {target!r}, which is no notebook here and no address")
        for sentence in re.split(r"(?<=[.:;!?])\s", cell["source"]):
            mean = re.search("mean[ -]squared[ -]error", sentence, re.IGNORECASE)
            if mean and not re.search(r"\b(not|never|wrong|named)\b", sentence):
                yield at(cell, f"the loss is a sum: {sentence.strip()[:60]!r}")


MARKDOWN = [path for glob in ("*.md", "book/*.md", "*/book/*.md") for path in pages.ROOT.glob(glob)]


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: str(path.relative_to(pages.ROOT)))
def test_github_shows_the_formulas(path):
    """Its Markdown takes the backslash from a space in a formula (github/markup#1746), and sees no
    formula that begins right after a Chinese punctuation mark (#1742)."""
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", path.read_text("utf-8"), flags=re.M | re.S)
    found = [each for each in re.findall(r"\$[^$\n]+\$", text) if re.search(r"\\[,;:! ]", each)]
    found += re.findall(r"[，。：；、（！？]\$[^$\n]+\$", text)
    assert found == []


@pytest.mark.parametrize(("find", "path"), RULES)
def test_rule(find, path):
    if faults := list(find(path)):
        pytest.fail("\n".join(faults), pytrace=False)
