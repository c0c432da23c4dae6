"""The shape of the notebooks, read from their files: nothing is executed here.

Each test collects every fault of one notebook, as lines "cell ID: what is wrong, what to do": these
lines are the rules of a notebook. The sections, mistakes and exercises are known by the ids and
tags of their cells, not by their words.
"""

import ast
import base64
import re
import struct
import sys
from functools import cache

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
    "title": set(),
    "setup": {"setup", "settings", "device"},
    "data-text": {"data"},
    "idea": set(),
    "loop": {"train"},
    "curve-text": {"curve"},
    "check-text": {"reference", "check", "difference"},
    "wrong": {"mistake"},
    "questions": {"question"},
    "exercises": {"exercise", "judge", "judge-loop", "starter", "verdict", "solution"},
    "changed": set(),
}
OTHER_TAGS = {
    *("draw", "hide-cell", "hide-input", "nbval-ignore-output", "raises-exception"),
    *("predict", "hide-output"),  # a reader can work its output out: it is behind a question
    "record",  # what benchmarks/record.py runs
    "landing",  # the curve that the landing page shows
    "own-output",  # a loop that does not print what stage 1's does
    "needs-tensorflow",  # it does not run without it
    *(f"lab-{name}" for name in labs.find_names()),
}
# The cells that are the same wherever they stand, character by character. Those in the first row
# are in every chapter (`reference` and `difference` from stage 2 on), the others in some.
SHARED = ("data", "settings", "curve", "reference", "difference") + (
    "device",
    "draw",
    "judge",
    "judge-loop",
)
# What a cell reads whose output belongs to the reader's own machine: nbval does not compare it.
OWN_MACHINE = r"time|device|thread|accelerator|compile|cuda|seconds|rates|floors|rung|profile"
OWN_MACHINE += "|operations"  # a device may need more of them
LIBRARIES = {"numpy", "torch", "tensorflow", "matplotlib"}
DATA_SETS = {"sklearn"}  # what a chapter after the stages may import beside them
NETWORK = {"urllib", "http", "socket", "socketserver", "ssl", "ftplib", "smtplib", "xmlrpc"}
FILE_CALLS = (
    r"open|.*\.(open|(read|write)_(text|bytes)|loadtxt|genfromtxt|fromfile|memmap|imread|savefig)"
)
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
FILLERS = r"\b(simply|obviously|easy|easily|trivial|trivially|just(?! (as|before|after)\b))\b"

PARSER = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)


def named(paths):
    """Parametrise a test with these notebooks."""
    return pytest.mark.parametrize("path", paths, ids=[path.stem for path in paths])


chapters, notebooks = named(CHAPTERS), named(NOTEBOOKS)


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


def only(path, tag):
    """The one code cell with the tag."""
    found = code(path, tag)
    if len(found) != 1:
        fault = f"{path.name}: {len(found)} cells tagged {tag}; there is to be one"
        pytest.fail(fault, pytrace=False)
    return found[0]


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


def paragraphs(cell):
    """The prose of a Markdown cell, a string a paragraph, without code and maths."""
    gaps = {"code_inline", "math_inline", "softbreak", "hardbreak"}
    return [
        "".join(" " if part.type in gaps else part.content for part in token.children)
        for token in PARSER.parse(cell["source"])
        if token.type == "inline"
    ]


def compared(cell):
    return "nbval-ignore-output" not in tags(cell)


def report(faults):
    if faults := list(faults):
        pytest.fail("\n".join(faults), pytrace=False)


# The sections of a chapter


@chapters
def test_title_then_opening_paragraph(path):
    opening = load(path)["cells"][0]
    blocks = [token.type for token in PARSER.parse(opening["source"])]
    opened = [block for block in blocks if block.endswith("_open")]
    assert opened[:2] == ["heading_open", "paragraph_open"], (
        f"cell {opening['id']}: put the opening paragraph under the title, in the same cell"
    )
    number = f"{STAGES.index(path) + 1} · " if path in STAGES else r"(?!\d)"
    assert re.match(rf"# {number}\S", opening["source"]), "a stage's title has its number"


@chapters
def test_sections_in_order(path):
    expected, found = list(SECTIONS), list(sections(path))
    if path in FURTHER:  # sections of its own are welcome, and it may ask nothing
        found = [name for name in found if name in SECTIONS]
        expected = [name for name in expected if name in found or name != "questions"]
    assert found == expected, "the ids of the cells that begin a section"
    levels = {name: headings(found[0])[0] for name, found in sections(path).items()}
    assert levels == dict.fromkeys(levels, "h2") | {"title": "h1"}
    report(
        f"cell {cell['id']}: begin a new cell at the heading"
        for cell in texts(path)
        if set(headings(cell)) & {"h1", "h2"} and not cell["source"].startswith("#")
    )


@chapters
def test_tagged_cells_stand_in_their_sections(path):
    report(
        f"cell {cell['id']}: a cell tagged {tag} belongs in the section {place}"
        for place, own in SECTIONS.items()
        for tag in own
        for cell in load(path)["cells"]
        if tag in tags(cell) and cell not in sections(path)[place]
    )


@chapters
def test_each_part_is_there(path):
    for tag in "setup", "settings", "data", "train", "curve":
        only(path, tag)
    if path != FIRST:
        for tag in "reference", "check", "difference":
            only(path, tag)
    assert code(path, "check"), "no cell is tagged check"


@chapters
def test_training_loop(path):
    cell = only(path, "train")
    lines = [line for line in program(cell).splitlines() if line.strip()]
    assert len(lines) <= 25, f"cell {cell['id']}: {len(lines)} lines; at most 25 are allowed"
    names = names_in(cell)
    expected = {"x", "y", "y_pred", "loss", "losses"}
    assert expected <= names, f"cell {cell['id']}: missing names {sorted(expected - names)}"
    assert "model" in names or {"w1", "w2"} <= names, "it uses no w1 and w2, and no model"
    loops = [node for node in ast.walk(ast.parse(program(cell))) if isinstance(node, ast.For)]
    steps = [loop for loop in loops if ast.unparse(loop.iter) == "range(500)"]
    assert len(steps) == 1, f"cell {cell['id']}: write one loop 'for t in range(500)'"
    assert list(calls(steps[0])).count("losses.append") == 1, (
        f"cell {cell['id']}: append the loss to `losses` once a step"
    )


@chapters
def test_training_loop_is_comparable_with_stage_1(path):
    cell, first = only(path, "train"), only(FIRST, "train")
    assert printed(first), f"cell {first['id']} of stage 1 has no stored output"
    if "own-output" in tags(cell):
        assert printed(cell) != printed(first), "it prints what stage 1's does: no tag own-output"
        return
    assert "learning_rate" in names_in(cell), "take the step from `learning_rate`"
    assert printed(cell) == printed(first), (
        f"cell {cell['id']}: its stored output is not what stage 1's loop prints"
    )


@chapters
def test_check_says_same_curve(path):
    checks = code(path, "check")
    lines = [line for cell in checks for line in printed(cell).splitlines()]
    assert sum(line.startswith("Same curve") for line in lines) == 1, (
        f"cell {checks[-1]['id']}: its stored output needs one line starting 'Same curve'"
    )
    call = "difference = same_curve(losses"
    assert path == FIRST or checks[0]["source"].splitlines()[-1].startswith(call), (
        f"cell {checks[0]['id']}: let the last line be {call}...)"
    )


@chapters
def test_mistakes_are_run(path):
    """Each is a text cell of its own under a heading of level 3, and what it does is shown."""
    section = sections(path)["wrong"]
    starts = [cell for cell in section if "mistake" in tags(cell)]
    assert len(starts) >= 3, f"{len(starts)} mistakes; show at least 3"
    assert [headings(cell) for cell in starts] == [["h3"]] * len(starts)
    assert [cell for cell in section[1:] if headings(cell)] == starts, "tag each of them `mistake`"
    shown = [cell for cell in section if cell["cell_type"] == "code"]
    assert len(shown) >= len(starts), "each mistake is run"
    report(
        f"cell {cell['id']}: show the mistake's error or its wrong result; no output is stored"
        for cell in shown
        if not cell["outputs"]
    )


@chapters
def test_exercises_have_folded_solutions(path):
    """Each with its solution; some with a cell to write in before it, and one that looks at it."""
    section = [cell for cell in sections(path)["exercises"][1:] if "judge" not in str(tags(cell))]
    found = [cell["id"] for cell in section]
    count = sum("exercise" in tags(cell) for cell in section)
    expected = []
    for n in range(1, count + 1):
        asks = f"starter-{n}" in found
        parts = ("exercise", "starter", "verdict", "solution") if asks else ("exercise", "solution")
        expected += [f"{part}-{n}" for part in parts]
    assert 2 <= count <= 4, f"{count} cells are tagged exercise; write 2 to 4"
    assert found == expected, "an exercise, its starter and verdict, its solution, with these ids"
    faults, prompts = [], []
    for cell in section:
        name, number = cell["id"].split("-")
        if name not in tags(cell):
            faults.append(f"cell {cell['id']}: tag it {name}")
        if name in ("verdict", "solution"):
            faults += unfolded(cell, output=name == "solution")
        if name == "solution":
            prompts.append(cell["metadata"].get("mystnb", {}).get("code_prompt_show"))
            if not cell["outputs"]:
                faults.append(
                    f"cell {cell['id']}: a solution shows its answer; no output is stored"
                )
    report(faults)
    assert len(set(prompts)) == count, f"the prompts say which exercise: {prompts}"


@chapters
def test_what_was_read_before_is_folded(path):
    """Also what looks at an answer; the first stage's plot settings are folded as well."""
    folded = ("settings", "reference", "draw", "judge", "judge-loop")
    report(fault for tag in folded for cell in code(path, tag) for fault in unfolded(cell))


def unfolded(cell, output=False):
    """Where a cell's code, or with `output` all of the cell, is not folded; make tidy folds in
    JupyterLab and Colab what the tag folds on the site."""
    tag = "hide-cell" if output else "hide-input"
    if tag not in tags(cell):
        yield f"cell {cell['id']}: tag it {tag}"
    if not cell["metadata"].get("mystnb", {}).get("code_prompt_show"):
        yield f"cell {cell['id']}: give it a prompt, code_prompt_show"
    if not re.match(r"#@title \S|%%", cell["source"]):
        yield f"cell {cell['id']}: begin it with '#@title ...', which names the fold in Colab"


@chapters
def test_what_can_be_predicted_is_asked_first(path):
    predicted = code(path, "predict")
    assert len(predicted) >= 2 or path in FURTHER, "ask for two outputs before you show them"
    faults = []
    for cell in predicted:
        if "hide-output" not in tags(cell):
            faults.append(f"cell {cell['id']}: fold its output: tag it hide-output")
        if not cell["metadata"]["mystnb"]["code_prompt_show"].endswith("?"):
            faults.append(f"cell {cell['id']}: its prompt is a question")
        if not cell["outputs"] or images(cell) or not compared(cell):
            faults.append(f"cell {cell['id']}: it prints, and the same on every machine")
    report(faults)


@chapters
def test_questions_explain_every_answer(path):
    found = [cell for cell in texts(path) if "question" in tags(cell)]
    assert 2 <= len(found) <= 4 or path in FURTHER, f"{len(found)} questions; ask 2 to 4"
    assert [cell["id"] for cell in found] == [f"question-{n + 1}" for n in range(len(found))]
    answer = r"<details><summary>(?:[^<>`]|</?code>)+</summary>\n\n(Yes|No)\b[^<>]*\n\n</details>"
    faults = []
    for cell in found:
        source = re.sub(r"`[^`]*`", "`code`", cell["source"])
        verdicts = re.findall(answer, source)
        if not 3 <= len(verdicts) <= 4 or verdicts.count("Yes") != 1:
            faults.append(
                f"cell {cell['id']}: three or four answers, one of them right: {verdicts}"
            )
        if re.sub(answer, "", source).count("<"):
            faults.append(f"cell {cell['id']}: write each answer as CONTRIBUTING.md shows")
    report(faults)


@chapters
def test_verdicts_of_an_untouched_notebook(path):
    """What is stored is what a reader finds: nothing written, and a word on what to write."""
    verdicts = code(path, "verdict")
    assert verdicts or path in FURTHER, "look at what the reader wrote, in one exercise at least"
    loop = [cell for cell in verdicts if "loop_fault" in cell["source"]]
    assert loop or path in [*STAGES[:2], *FURTHER], "one exercise asks for the whole loop"
    report(
        f"cell {cell['id']}: untouched, it says what to write; it says {printed(cell)!r}"
        for cell in verdicts
        if not re.match(r"No .* yet\. Write", printed(cell))
    )


@named(CHAPTERS[:-1])
def test_last_section_leads_on(path):
    """A stage to the next one, a chapter to a later one, between which others may come."""
    place = CHAPTERS.index(path)
    later = [each.name for each in CHAPTERS[place + 1 :]]
    found = [link for cell in sections(path)["changed"] for link in links(cell)]
    wanted = later[:1] if place < len(STAGES) - 1 else later
    assert set(found) & set(wanted), f"the last section has no link to {' or '.join(wanted)}"


# The cells that all stages share


@pytest.mark.parametrize("tag", SHARED)
def test_shared_cells_are_identical(tag):
    found = [(path, cell) for path in CHAPTERS for cell in code(path, tag)]
    assert len(found) >= 4, "where are they?"
    report(
        f"{path.name}, cell {cell['id']}: differs from the cell tagged {tag} in {found[0][0].name}"
        for path, cell in found
        if cell["source"] != found[0][1]["source"]
    )


@chapters
def test_a_notebook_that_uses_a_device_chooses_it_in_the_shared_cell(path):
    programs = [cell for cell in code(path) if not cell["source"].startswith("%%writefile")]
    uses = [cell["id"] for cell in programs if "device" in names_in(cell)]
    assert not uses or modules(load(path)) & {"tensorflow"} or len(code(path, "device")) == 1


# The code


@notebooks
def test_code_runs_as_a_script(path):
    faults = []
    for cell in code(path):
        try:
            compile(program(cell), cell["id"], "exec")
        except SyntaxError as error:
            faults.append(
                f"cell {cell['id']}, line {error.lineno}: {error.msg}; write plain Python"
            )
        else:
            for ipython in names_in(cell) & {"get_ipython", "display", "In", "Out"}:
                faults.append(f"cell {cell['id']}: {ipython} is IPython's; write plain Python")
        if not cell["source"].strip():
            faults.append(f"cell {cell['id']}: remove the empty cell")
    report(faults)


@chapters
def test_notebook_stands_alone(path):
    writes = any(cell["source"].startswith("%%writefile") for cell in code(path))
    allowed = LIBRARIES | sys.stdlib_module_names - NETWORK
    if writes:  # programs, in a folder that goes with the kernel; what they import is these
        allowed |= {
            cell["source"].split()[1].removesuffix(".py")
            for cell in code(path)
            if cell["source"].startswith("%%writefile")
        }
    faults = []
    for cell in code(path):
        for node in ast.walk(ast.parse(program(cell))):
            if isinstance(node, ast.Call):
                call = ast.unparse(node.func)
                named = any(isinstance(arg, ast.Constant) for arg in node.args)
                on_file = call.endswith((".load", ".save")) and named
                on_file |= bool(re.fullmatch(FILE_CALLS, call))
                if on_file and not writes and "devnull" not in ast.unparse(node):
                    faults.append(f"cell {cell['id']}: {call} uses a file; a notebook has none")
    unknown = modules(load(path)) - allowed - (DATA_SETS if path in FURTHER else set())
    assert not unknown, f"it imports {unknown}; allowed: {LIBRARIES} and the standard library"
    report(faults)


# The stored outputs


@notebooks
def test_outputs_can_be_those_of_the_code(path):
    """Executed in order, from 1, with a figure where one is shown and text where it is printed."""
    faults = cells.find_faults(load(path))
    for cell in code(path):
        if images(cell) and "plt.show" not in set(calls(ast.parse(program(cell)))):
            faults.append(f"cell {cell['id']}: a figure, and no plt.show()")
    for tag in "train", "check", "curve", "difference":
        for cell in code(path, tag):
            if not cell["outputs"]:
                faults.append(f"cell {cell['id']}: a cell tagged {tag} has no stored output")
    report(faults)


@notebooks
def test_no_check_can_be_switched_off(path):
    """As `python -O` does with assert."""
    report(
        f"cell {cell['id']}: an assert, in line {node.lineno}; raise an AssertionError"
        for cell in code(path)
        for node in ast.walk(ast.parse(program(cell)))
        if isinstance(node, ast.Assert)
    )


@notebooks
def test_no_error_no_stderr(path):
    faults = []
    for cell in code(path):
        kinds = {output.get("name", output["output_type"]) for output in cell["outputs"]}
        if ("error" in kinds) != ("raises-exception" in tags(cell)):
            faults.append(f"cell {cell['id']}: an error and the tag raises-exception go together")
        if "stderr" in kinds:
            faults.append(f"cell {cell['id']}: it writes to stderr; silence or mend the cause")
    report(faults)


@notebooks
def test_compared_outputs_are_the_same_on_every_machine(path):
    faults = []
    for cell in filter(compared, code(path)):
        for what, pattern in NOISE.items():
            on_purpose = what in SHOWN.get(path.stem, ())
            if not on_purpose and (found := re.search(pattern, printed(cell))):
                faults.append(f"cell {cell['id']}: its output holds {what}: {found[0]!r}")
        if re.search(r"\bcpu\b", printed(cell)) and "device" in names_in(cell):
            faults.append(f"cell {cell['id']}: its output names the reader's device")
    report(faults)


@notebooks
def test_only_the_readers_own_machine_goes_uncompared(path):
    faults = []
    for cell in code(path):
        if not compared(cell) and not re.search(OWN_MACHINE, cell["source"]):
            faults.append(f"cell {cell['id']}: it reads nothing of the machine: compare its output")
        if re.search(r"NBVAL_|PYTEST_VALIDATE", cell["source"]):
            faults.append(f"cell {cell['id']}: remove nbval's marker; tags alone speak to it")
    report(faults)
    assert all(not compared(cell) for cell in code(path, "device")), "it names the reader's device"


@notebooks
def test_figures(path):
    faults, alts = [], []
    for cell in code(path):
        alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt")
        found = images(cell)
        if len(found) > 1:
            faults.append(f"cell {cell['id']}: one figure a cell, for one alt text")
        if bool(found) != bool(alt):
            faults.append(f"cell {cell['id']}: a figure and metadata.mystnb.image.alt go together")
        if alt and (len(alt) < 30 or re.search(r"^\S*$|\.(png|svg|jpe?g)\b|_build", alt)):
            faults.append(
                f"cell {cell['id']}: the alt text must say what the figure shows: {alt!r}"
            )
        if alt in alts:
            faults.append(f"cell {cell['id']}: another figure has this alt text")
        alts += [alt] if alt else []
        for png in found:
            (width,) = struct.unpack(">I", png[16:20])
            if not 900 <= width <= 1350 or "Figure size 1280x" not in printed(cell):
                faults.append(
                    f"cell {cell['id']}: {width} pixels wide; keep the width of 6.4 inches"
                )
            if len(png) > 150_000:
                faults.append(f"cell {cell['id']}: {len(png)} bytes; at most 150,000")
    report(faults)
    assert sum(len(png) for cell in code(path) for png in images(cell)) < 1_500_000
    assert alts or path not in CHAPTERS, "no figure at all"


# The file


@notebooks
def test_cells_are_named_and_tagged(path):
    nbformat.validate(nbformat.read(path, as_version=nbformat.NO_CONVERT))
    faults, known = [], OTHER_TAGS.union(*SECTIONS.values())
    for cell in load(path)["cells"]:
        if extra := set(tags(cell)) - known:
            faults.append(f"cell {cell['id']}: unknown tags {sorted(extra)}")
        if cell.get("attachments"):
            faults.append(f"cell {cell['id']}: remove the attachments")
        if not re.fullmatch(r"(?![0-9a-f]{8})[a-z][a-z0-9]*(-[a-z0-9]+)*", cell["id"]):
            faults.append(f"cell {cell['id']}: give it a name of small letters, digits and hyphens")
    report(faults)
    names = [cell["id"] for cell in load(path)["cells"]]
    assert len(names) == len(set(names)), "the ids of cells are unique"


@notebooks
def test_lines_of_code_fit_the_column(path):
    """88 characters; the site is laid out for them."""
    report(
        f"cell {cell['id']}: {line.strip()}"
        for cell in code(path)
        for line in cell["source"].splitlines()
        if len(line) > 88
    )


@pytest.mark.parametrize(
    "path",
    [path for edition in editions.find_all() for path in edition.notebooks()],
    ids=lambda path: path.relative_to(pages.ROOT).with_suffix("").as_posix(),
)
def test_file_is_tidy(path):
    """Without what an editor leaves, folded as its tags say, its figures with a palette."""
    notebook = cells.tidy(cells.read(path))
    text = nbformat.writes(nbformat.from_dict(notebook)).rstrip("\n") + "\n"
    assert path.read_bytes() == text.encode(), f"{path.name} is not tidy: make tidy"
    faults = []
    for cell in code_cells(notebook):
        for png in images(cell):
            if png[25] != 3:  # the colour type, of a palette
                faults.append(f"cell {cell['id']}: a figure without a palette: make notebooks")
    report(faults)


# The prose


@chapters
def test_markdown_is_plain(path):
    faults = []
    for cell in texts(path):
        for what, pattern in NOT_PLAIN.items():
            if found := re.search(pattern, cell["source"]):
                faults.append(f"cell {cell['id']}: {what}: {found[0]!r}; write plain Markdown")
        blocks = [token.type for token in PARSER.parse(cell["source"])]
        html = "html_block" in blocks or inline(cell, "html_inline")
        if html and "question" not in tags(cell):
            faults.append(f"cell {cell['id']}: raw HTML; write plain Markdown")
        if inline(cell, "image"):
            faults.append(f"cell {cell['id']}: an image file; draw the figure with code")
        for target in links(cell):
            local = re.fullmatch(r"[\w-]+\.ipynb", target) and (path.parent / target).exists()
            if not (local or re.match(r"https?://[\w-]+(\.[\w-]+)+(/|$)", target)):
                faults.append(
                    f"cell {cell['id']}: link to {target!r}; link to a notebook or the web"
                )
    report(faults)


@notebooks
def test_house_style(path):
    faults = []
    for cell in load(path)["cells"]:
        if cell["cell_type"] == "markdown":
            found_texts = paragraphs(cell)
        else:
            found_texts = re.findall(r"#(.*)", cell["source"])
        for text in found_texts:
            if found := re.search(FILLERS, text, re.IGNORECASE):
                faults.append(f"cell {cell['id']}: {found[0]!r} in {text.strip()[:60]!r}")
            if (
                path in CHAPTERS
                and re.search("mean[ -]squared[ -]error", text, re.IGNORECASE)
                and not re.search(r"\b(not|never|wrong|named)\b", text)
            ):
                faults.append(f"cell {cell['id']}: the loss is a sum: {text.strip()[:60]!r}")
    report(faults)


MARKDOWN = [
    path
    for path in [
        *pages.ROOT.glob("*.md"),
        *pages.ROOT.glob("book/*.md"),
        *pages.ROOT.glob("*/book/*.md"),
    ]
]


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: str(path.relative_to(pages.ROOT)))
def test_github_shows_the_formulas(path):
    """Its Markdown takes the backslash from a space in a formula (github/markup#1746), and sees no
    formula that begins right after a Chinese punctuation mark (#1742)."""
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", path.read_text("utf-8"), flags=re.M | re.S)
    found = [each for each in re.findall(r"\$[^$\n]+\$", text) if re.search(r"\\[,;:! ]", each)]
    found += re.findall(r"[，。：；、（！？]\$[^$\n]+\$", text)
    assert found == []
