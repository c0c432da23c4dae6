"""The shape of the notebooks, read from their files: nothing is executed here.

Each test collects every fault of one notebook, as lines "cell ID: what is wrong, what to do".
"""

import ast
import base64
import re
import struct
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

FOLDER = Path(__file__).parent.parent / "notebooks"
STAGES = (
    "01_numpy",
    "02_tensors",
    "03_autograd",
    "04_custom_function",
    "05_tf_static_graph",
    "06_nn",
    "07_optim",
    "08_custom_module",
    "09_dynamic_net",
)
TORCH_STAGES = tuple(name for name in STAGES if name not in ("01_numpy", "05_tf_static_graph"))
GOING_FURTHER = ("10_speed", "11_distributed")  # after the stages, with the same rooms
CHAPTERS = STAGES + GOING_FURTHER
NOTEBOOKS = sorted({*CHAPTERS, *(path.stem for path in FOLDER.glob("*.ipynb"))})
# Each room, and the tags of the cells that have their place in it.
ROOMS = {
    "Setup": {"setup", "device"},
    "Data": {"data"},
    "The idea": set(),
    "The training loop": {"train"},
    "The loss curve": {"curve"},
    "Same curve?": {"reference", "check", "difference"},
    "What can go wrong": set(),
    "Exercises": {"solution"},
    "What changed": set(),
}
OTHER_TAGS = {"draw", "hide-cell", "hide-input", "nbval-ignore-output", "raises-exception"}
OTHER_TAGS |= {"record"}  # what benchmarks/record.py runs
# Which stages hold each shared cell. Its lines are the same wherever they stand.
SHARED = {
    "data": CHAPTERS,
    "device": (*TORCH_STAGES, "10_speed"),
    "curve": CHAPTERS,
    "reference": CHAPTERS[1:],
    "difference": CHAPTERS[1:],
    "draw": ("03_autograd", "04_custom_function", "05_tf_static_graph", "09_dynamic_net"),
}
# Cells whose output belongs to the reader's own machine, the device cells aside: nbval does not
# compare it. Name the cell here and say what differs.
OWN_MACHINE = {
    ("02_tensors", "to-device"): "names the device",
    ("02_tensors", "wrong-device"): "shows the errors of an accelerator, where there is one",
    ("02_tensors", "wrong-speed"): "measures times",
    ("05_tf_static_graph", "device"): "names the device",
    ("06_nn", "wrong-device"): "shows the error of an accelerator, where there is one",
    ("10_speed", "threads"): "counts threads",
    ("10_speed", "rates"): "measures times",
    ("10_speed", "floors"): "measures times",
    ("10_speed", "can-compile"): "says whether there is a compiler",
    ("10_speed", "rung-compile"): "runs where there is a compiler, and else prints nothing",
    ("10_speed", "rung-graph"): "runs where there is CUDA",
    ("10_speed", "rung-tf"): "names the rung before, which may be missing",
    ("10_speed", "table"): "measures times",
    ("10_speed", "table-plot"): "measures times",
    ("10_speed", "operations"): "counts operations, and a device may need more of them",
    ("10_speed", "profile"): "measures times",
    ("10_speed", "sweep"): "measures times",
    ("10_speed", "sweep-plot"): "measures times",
    ("10_speed", "wrong-sync"): "measures times",
    ("10_speed", "wrong-start"): "measures times",
    ("10_speed", "wrong-once"): "measures times",
    ("10_speed", "wrong-threads"): "measures times",
    ("11_distributed", "scaling"): "measures times",
}

LIBRARIES = {"numpy", "torch", "tensorflow", "matplotlib"}
# Its programs are files, in a folder that goes with the kernel; the modules are those programs.
WRITES_FILES, ITS_MODULES = "11_distributed", {"worker"}
NETWORK = {"urllib", "http", "socket", "socketserver", "ssl", "ftplib", "smtplib", "xmlrpc"}
FILE_CALLS = (
    r"open|.*\.(open|(read|write)_(text|bytes)|loadtxt|genfromtxt|fromfile|memmap|imread|savefig)"
)
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
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

chapters = pytest.mark.parametrize("name", CHAPTERS)
# Stage 9 trains a net of its own; its check cell alone runs stage 1's net.
same_data_same_weights = pytest.mark.parametrize("name", (*STAGES[:-1], "10_speed"))
notebooks = pytest.mark.parametrize("name", NOTEBOOKS)


@cache
def load(name):
    path = FOLDER / f"{name}.ipynb"
    if not path.exists():
        pytest.fail(f"notebooks/{name}.ipynb is missing", pytrace=False)
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def cells(name, kind="code", tag=None):
    """The cells of one kind, those with the tag if one is given."""
    return [
        cell
        for cell in load(name).cells
        if cell.cell_type == kind and (tag is None or tag in tags(cell))
    ]


def only(name, tag):
    """The one cell with the tag."""
    found = cells(name, tag=tag)
    if len(found) != 1:
        pytest.fail(f"notebooks/{name}.ipynb: {len(found)} cells tagged {tag}; there is to be one")
    return found[0]


def tags(cell):
    return cell.metadata.get("tags", [])


def headings(cell):
    """The headings of a Markdown cell, as pairs such as ("h2", "Setup")."""
    if cell.cell_type != "markdown":
        return []
    return [
        (opening.tag, inline.content)
        for opening, inline in pairwise(PARSER.parse(cell.source))
        if opening.type == "heading_open"
    ]


@cache
def rooms(name):
    """The cells of each room by its heading; what stands before the first is under ""."""
    found, room = {"": []}, ""
    for cell in load(name).cells:
        for tag, text in headings(cell):
            if tag == "h2":
                room = text
                found[room] = []
        found[room].append(cell)
    return found


def inline(cell, kind):
    """The inline tokens of one kind in a Markdown cell, at any depth: "text", "image", ..."""
    tokens = [token for token in PARSER.parse(cell.source) if token.type == "inline"]
    return [child for token in tokens for child in token.children if child.type == kind]


def code(cell):
    """The source of a code cell, without the line that has IPython write it to a file."""
    return re.sub(r"\A%%writefile [\w.]+\n", "", cell.source)


def calls(tree):
    """The calls that run with the cell, as text; those in functions it defines do not."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func)
            yield from calls(node)


def printed(cell):
    """All text that a cell's stored outputs hold."""
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            parts.append(output.text)
        elif output.output_type == "error":
            parts.append(f"{output.ename}: {output.evalue}\n")
        else:
            parts += [text for kind, text in output.data.items() if kind.startswith("text/")]
    return "".join(parts)


def images(cell):
    """The PNG files, as bytes, that a cell's stored outputs hold."""
    found = [output.get("data", {}).get("image/png") for output in cell.outputs]
    return [base64.b64decode(png) for png in found if png]


def names_in(cell):
    """Every name that the cell's code uses."""
    return {node.id for node in ast.walk(ast.parse(code(cell))) if isinstance(node, ast.Name)}


def paragraphs(cell):
    """The prose of a Markdown cell, a string a paragraph, without code and maths."""
    gaps = {"code_inline", "math_inline", "softbreak", "hardbreak"}
    return [
        "".join(" " if part.type in gaps else part.content for part in token.children)
        for token in PARSER.parse(cell.source)
        if token.type == "inline"
    ]


def compared(cell):
    return "nbval-ignore-output" not in tags(cell)


def report(faults):
    if faults := list(faults):
        pytest.fail("\n".join(faults), pytrace=False)


# The rooms of a stage page


@chapters
def test_title_then_opening_paragraph(name):
    opening = load(name).cells[0]
    number = int(name[:2])
    assert re.match(rf"# {number} · \S", opening.source), (
        f"cell {opening.id}: begin the notebook with the heading '# {number} · Name'"
    )
    blocks = [token.type for token in PARSER.parse(opening.source) if token.type.endswith("_open")]
    assert blocks[:2] == ["heading_open", "paragraph_open"], (
        f"cell {opening.id}: put the opening paragraph under the title, in the same cell"
    )


@chapters
def test_rooms_in_order(name):
    found = [(level, text, cell.id) for cell in load(name).cells for level, text in headings(cell)]
    assert [cell for level, _, cell in found if level == "h1"] == [load(name).cells[0].id], (
        "the title is the one heading of level 1"
    )
    assert [text for level, text, _ in found if level == "h2"] == list(ROOMS), (
        "the headings of level 2 are the rooms, in this order and wording"
    )
    report(
        f"cell {room[0].id}: begin a new Markdown cell at the heading of the room"
        for heading, room in rooms(name).items()
        if heading and not room[0].source.startswith(f"## {heading}")
    )


@chapters
def test_tagged_cells_stand_in_their_rooms(name):
    report(
        f"cell {cell.id}: a cell tagged {tag} belongs in the room '{place}'"
        for place, own in ROOMS.items()
        for tag in own
        for cell in cells(name, tag=tag)
        if cell not in rooms(name)[place]
    )


@chapters
def test_each_part_is_there(name):
    parts = ["setup", "data", "train", "curve"]
    parts += ["device"] * (name in SHARED["device"])
    parts += ["reference", "check", "difference"] * (name != STAGES[0])
    for tag in parts:
        only(name, tag)
    assert cells(name, tag="check"), "no cell is tagged check"


@chapters
def test_training_loop(name):
    cell = only(name, "train")
    lines = [line for line in code(cell).splitlines() if line.strip()]
    assert len(lines) <= 25, f"cell {cell.id}: {len(lines)} lines; at most 25 are allowed"
    names = names_in(cell)
    expected = {"x", "y", "y_pred", "loss", "losses"}
    assert expected <= names, f"cell {cell.id}: missing names {sorted(expected - names)}"
    assert "model" in names or {"w1", "w2"} <= names, f"cell {cell.id}: uses no w1 and w2, no model"
    loops = [node for node in ast.walk(ast.parse(code(cell))) if isinstance(node, ast.For)]
    steps = [loop for loop in loops if ast.unparse(loop.iter) == "range(500)"]
    assert len(steps) == 1, f"cell {cell.id}: write one loop 'for t in range(500)'"
    assert list(calls(steps[0])).count("losses.append") == 1, (
        f"cell {cell.id}: append the loss to `losses` once a step"
    )


@same_data_same_weights
def test_training_loop_is_comparable_with_stage_1(name):
    cell, first = only(name, "train"), only(STAGES[0], "train")
    assert "learning_rate" in names_in(cell), f"cell {cell.id}: take the step from `learning_rate`"
    assert printed(first), f"cell {first.id} of stage 1 has no stored output"
    assert printed(cell) == printed(first), (
        f"cell {cell.id}: its stored output is not what stage 1's loop prints"
    )


@chapters
def test_check_says_same_curve(name):
    checks = cells(name, tag="check")
    lines = [line for cell in checks for line in printed(cell).splitlines()]
    assert sum(line.startswith("Same curve") for line in lines) == 1, (
        f"cell {checks[-1].id}: its stored output needs one line starting 'Same curve'"
    )
    call = "difference = same_curve(losses"
    assert name == STAGES[0] or checks[0].source.splitlines()[-1].startswith(call), (
        f"cell {checks[0].id}: let the last line be {call}...)"
    )


@chapters
def test_mistakes_are_run(name):
    shown = [cell for cell in rooms(name)["What can go wrong"] if cell.cell_type == "code"]
    assert len(shown) >= 3, f"'What can go wrong' runs {len(shown)} cells; show at least 3"
    report(
        f"cell {cell.id}: show the mistake's error or its wrong result; no output is stored"
        for cell in shown
        if not cell.outputs
    )


@chapters
def test_exercises_have_folded_solutions(name):
    room = rooms(name)["Exercises"]
    faults, count = [], 0
    for cell, after in zip(room, [*room[1:], None], strict=True):
        if cell.cell_type == "code":
            folded = cell.metadata.get("jupyter", {})
            if not {"solution", "hide-cell"} <= set(tags(cell)):
                faults.append(f"cell {cell.id}: tag a solution with solution and hide-cell")
            if not (folded.get("source_hidden") and folded.get("outputs_hidden")):
                faults.append(f"cell {cell.id}: fold it in Jupyter too: source and outputs hidden")
            if not cell.outputs:
                faults.append(f"cell {cell.id}: a solution shows its answer; no output is stored")
        elif exercises := re.findall(r"(?m)^\*\*(\d+)\.\*\* ", cell.source):
            count += 1
            prompts = after.metadata.get("mystnb", {}) if after else {}
            if exercises != [str(count)]:
                faults.append(f"cell {cell.id}: hold exercise {count} alone, not {exercises}")
            for verb in "show", "hide":
                prompt = f"{verb.title()} the solution of exercise {count}"
                if prompts.get(f"code_prompt_{verb}") != prompt:
                    faults.append(f"cell {cell.id}: in the next cell, prompt to {verb}: {prompt!r}")
    report(faults)
    assert 2 <= count <= 4, f"{count} exercises that start '**n.** '; write 2 to 4"


@pytest.mark.parametrize(("name", "following"), [*pairwise(STAGES), *pairwise(GOING_FURTHER)])
def test_last_room_leads_to_the_next_chapter(name, following):
    links = [
        link.attrs["href"]
        for cell in rooms(name)["What changed"]
        if cell.cell_type == "markdown"
        for link in inline(cell, "link_open")
    ]
    assert f"{following}.ipynb" in links, f"'What changed' has no link to {following}.ipynb"


# The cells that all stages share


@pytest.mark.parametrize("tag", SHARED)
def test_shared_cells_are_identical(tag):
    first = only(SHARED[tag][0], tag)
    for name in SHARED[tag]:
        only(name, tag)
    report(
        f"notebooks/{name}.ipynb, cell {cell.id}: differs from {SHARED[tag][0]}'s cell tagged {tag}"
        for name in NOTEBOOKS
        for cell in cells(name, tag=tag)
        if cell.source != first.source
    )


@chapters
def test_plot_settings_are_identical(name):
    first, own = (
        re.findall(r"(?s)\nplt\..*", only(each, "setup").source) for each in (STAGES[0], name)
    )
    assert first, "stage 1's setup cell has no plot settings"
    assert own == first, "end the setup cell in stage 1's plot settings"


# The code


@notebooks
def test_code_runs_as_a_script(name):
    faults = []
    for cell in cells(name):
        try:
            compile(code(cell), cell.id, "exec")
        except SyntaxError as error:
            faults.append(f"cell {cell.id}, line {error.lineno}: {error.msg}; write plain Python")
        else:
            for ipython in names_in(cell) & {"get_ipython", "display", "In", "Out"}:
                faults.append(f"cell {cell.id}: {ipython} is IPython's; write plain Python")
        if not cell.source.strip():
            faults.append(f"cell {cell.id}: remove the empty cell")
    report(faults)


@notebooks
def test_notebook_stands_alone(name):
    allowed = LIBRARIES | sys.stdlib_module_names - NETWORK
    allowed |= ITS_MODULES if name == WRITES_FILES else set()
    faults = []
    for cell in cells(name):
        for node in ast.walk(ast.parse(code(cell))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = ["." * node.level + (node.module or "")]
            elif isinstance(node, ast.Call):
                call = ast.unparse(node.func)
                path = any(isinstance(arg, ast.Constant) for arg in node.args)
                on_file = call.endswith((".load", ".save")) and path
                on_file |= bool(re.fullmatch(FILE_CALLS, call))
                if on_file and name != WRITES_FILES and "devnull" not in ast.unparse(node):
                    faults.append(f"cell {cell.id}: {call} uses a file; a notebook has none")
            faults += [
                f"cell {cell.id}: import of {module}; allowed: {sorted(LIBRARIES)} and the "
                "standard library without its network modules"
                for module in modules
                if module.split(".")[0] not in allowed
            ]
    report(faults)


# The stored outputs


@notebooks
def test_every_code_cell_was_executed_in_order(name):
    report(
        f"cell {cell.id}: execution count {cell.execution_count}, not {number}: make notebooks"
        for number, cell in enumerate(cells(name), 1)
        if cell.execution_count != number
    )


@notebooks
def test_outputs_are_stored(name):
    faults = []
    for cell in cells(name):
        made = set(calls(ast.parse(code(cell))))
        if "print" in made and not printed(cell):
            faults.append(f"cell {cell.id}: it prints, but no text is stored: make notebooks")
        if ("plt.show" in made) != bool(images(cell)):
            faults.append(f"cell {cell.id}: plt.show() and a stored figure go together")
    for tag in "train", "check", "curve", "difference":
        for cell in cells(name, tag=tag):
            if not cell.outputs:
                faults.append(f"cell {cell.id}: a cell tagged {tag} has no stored output")
    report(faults)


@notebooks
def test_no_error_no_stderr(name):
    faults = []
    for cell in cells(name):
        kinds = {output.get("name", output.output_type) for output in cell.outputs}
        if ("error" in kinds) != ("raises-exception" in tags(cell)):
            faults.append(f"cell {cell.id}: an error and the tag raises-exception go together")
        if "stderr" in kinds:
            faults.append(f"cell {cell.id}: it writes to stderr; silence or mend the cause")
    report(faults)


@notebooks
def test_compared_outputs_are_the_same_on_every_machine(name):
    faults = []
    for cell in filter(compared, cells(name)):
        for what, pattern in NOISE.items():
            if found := re.search(pattern, printed(cell)):
                faults.append(f"cell {cell.id}: its output holds {what}: {found[0]!r}")
        if re.search(r"\bcpu\b", printed(cell)) and "device" in names_in(cell):
            faults.append(f"cell {cell.id}: its output names the reader's device")
    report(faults)


@notebooks
def test_only_the_readers_own_machine_goes_uncompared(name):
    ignored = {cell.id for cell in cells(name) if not compared(cell)}
    expected = {cell.id for cell in cells(name, tag="device")}
    expected |= {cell for notebook, cell in OWN_MACHINE if notebook == name}
    assert ignored == expected, (
        "the cells tagged nbval-ignore-output are the device cells and those in OWN_MACHINE"
    )
    report(
        f"cell {cell.id}: remove nbval's marker; tags alone speak to it"
        for cell in cells(name)
        if re.search(r"NBVAL_|PYTEST_VALIDATE", cell.source)
    )


@notebooks
def test_figures(name):
    faults, alts = [], []
    for cell in cells(name):
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
        found = images(cell)
        if len(found) > 1:
            faults.append(f"cell {cell.id}: one figure a cell, for one alt text")
        if bool(found) != bool(alt):
            faults.append(f"cell {cell.id}: a figure and metadata.mystnb.image.alt go together")
        if alt and (len(alt) < 30 or re.search(r"^\S*$|\.(png|svg|jpe?g)\b|_build", alt)):
            faults.append(f"cell {cell.id}: the alt text must say what the figure shows: {alt!r}")
        if alt in alts:
            faults.append(f"cell {cell.id}: another figure has this alt text")
        alts += [alt] if alt else []
        for png in found:
            (width,) = struct.unpack(">I", png[16:20])
            if not 900 <= width <= 1350 or "Figure size 1280x" not in printed(cell):
                faults.append(f"cell {cell.id}: {width} pixels wide; keep the width of 6.4 inches")
            if len(png) > 150_000:
                faults.append(f"cell {cell.id}: {len(png)} bytes; at most 150,000")
    report(faults)
    assert sum(len(png) for cell in cells(name) for png in images(cell)) < 1_500_000
    assert alts, "no figure at all"


# The file


@notebooks
def test_metadata_is_clean(name):
    notebook = load(name)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata == METADATA, "the notebook's metadata is the kernel and the language"
    faults = []
    for cell in notebook.cells:
        if extra := set(cell.metadata) - {"tags", "mystnb", "jupyter"}:
            faults.append(f"cell {cell.id}: remove the metadata {sorted(extra)}")
        if extra := set(tags(cell)) - OTHER_TAGS.union(*ROOMS.values()):
            faults.append(f"cell {cell.id}: unknown tags {sorted(extra)}")
        if cell.get("attachments"):
            faults.append(f"cell {cell.id}: remove the attachments")
        if not re.fullmatch(r"(?![0-9a-f]{8})[a-z][a-z0-9]*(-[a-z0-9]+)*", cell.id):
            faults.append(f"cell {cell.id}: give it a name of small letters, digits and hyphens")
    report(faults)
    names = [cell.id for cell in notebook.cells]
    assert len(names) == len(set(names)), "the ids of cells are unique"


@notebooks
def test_file_is_as_nbformat_writes_it(name):
    text = nbformat.writes(load(name), version=nbformat.NO_CONVERT) + "\n"
    same = (FOLDER / f"{name}.ipynb").read_bytes() == text.encode()
    assert same, f"save notebooks/{name}.ipynb with nbformat.write"


# The prose


@notebooks
def test_markdown_is_plain(name):
    faults = []
    for cell in cells(name, "markdown"):
        for what, pattern in NOT_PLAIN.items():
            if found := re.search(pattern, cell.source):
                faults.append(f"cell {cell.id}: {what}: {found[0]!r}; write plain Markdown")
        blocks = [token.type for token in PARSER.parse(cell.source)]
        if "html_block" in blocks or inline(cell, "html_inline"):
            faults.append(f"cell {cell.id}: raw HTML; write plain Markdown")
        if inline(cell, "image"):
            faults.append(f"cell {cell.id}: an image file; draw the figure with code")
        for link in inline(cell, "link_open"):
            target = link.attrs["href"]
            local = re.fullmatch(r"[\w-]+\.ipynb", target) and (FOLDER / target).exists()
            if not (local or re.match(r"https?://[\w-]+(\.[\w-]+)+(/|$)", target)):
                faults.append(f"cell {cell.id}: link to {target!r}; link to a notebook or the web")
    report(faults)


@notebooks
def test_house_style(name):
    faults = []
    for cell in load(name).cells:
        if cell.cell_type == "markdown":
            texts = paragraphs(cell)
        else:
            texts = re.findall(r"#(.*)", cell.source)
        for text in texts:
            if found := re.search(FILLERS, text, re.IGNORECASE):
                faults.append(f"cell {cell.id}: {found[0]!r} in {text.strip()[:60]!r}")
            if re.search("mean[ -]squared[ -]error", text, re.IGNORECASE) and not re.search(
                r"\b(not|never|wrong|named)\b", text
            ):
                faults.append(f"cell {cell.id}: the loss is a sum: {text.strip()[:60]!r}")
    report(faults)
