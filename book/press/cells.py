"""Notebooks: reading and saving them, finding their cells by tag or id, running them, judging their
outputs. Nothing else in the book reads a notebook's JSON.

A notebook is a dictionary as nbformat has it, the text of each cell and output in one string. But
for `save`, this module needs the standard library alone, so that a device can be recorded where
nothing else is.
"""

import ast
import json
import os
import re
import shutil

from book.press.console import BookError, naming

# What of a notebook's and a cell's metadata says something about the book.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {  # what converters need to write a script
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
    },
}
KEPT = ("mystnb", "of", "tags")
# What of a cell its tag folds: "source" and "outputs".
FOLDS = {"hide-input": ["source"], "hide-output": ["outputs"], "hide-cell": ["source", "outputs"]}
FROM_GIT = "restore it from git: git checkout {path}"


def join(text):
    return text if isinstance(text, str) else "".join(text)


def read(path):
    """The notebook in the file `path`; BookError where it is none, or its cells have no ids."""
    with naming(path):
        try:
            notebook = json.loads(path.read_text(encoding="utf-8"))
            cells = notebook["cells"]
            for cell in cells:
                cell["source"] = join(cell["source"])
                if "id" in cell["metadata"]:  # Colab saves it there
                    cell.setdefault("id", cell["metadata"].pop("id"))
                for output in cell.get("outputs", []):
                    if "text" in output:
                        output["text"] = join(output["text"])
                    data = output.get("data", {})
                    for kind in data:
                        if not kind.endswith("json"):
                            data[kind] = join(data[kind])
        except FileNotFoundError:
            raise BookError(f"{path}: there is no such file") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            what = " ".join(f"{type(error).__name__}: {error}".split())
            raise BookError(f"{path}: malformed: {what}") from None
    for number, cell in enumerate(cells, start=1):
        if "id" not in cell:
            what = f"{path}: cell {number} has no id, by which the book knows it"
            raise BookError(f"{what}: {FROM_GIT.format(path=path)}")
    return notebook


def tags(cell):
    return cell["metadata"].get("tags", [])


def code_cells(notebook, tag=None):
    """The code cells, in order; with a tag, those that have it."""
    return [
        cell
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and (tag is None or tag in tags(cell))
    ]


def find(path, tag):
    """The one code cell of the notebook in `path` with this tag; else BookError."""
    found = code_cells(read(path), tag)
    if len(found) != 1:
        raise BookError(f"{path}: {len(found)} cells are tagged {tag}, not one")
    return found[0]


def title(path):
    """The notebook's title, without the mark of a heading."""
    return read(path)["cells"][0]["source"].splitlines()[0].removeprefix("# ")


def program(cell):
    """The code of a cell, without the first line by which IPython writes it to a file."""
    return re.sub(r"\A%%writefile .*\n", "", cell["source"])


def run(cell, variables, source=None):
    """Run the cell's code, or `source` for it, here; a traceback names the cell by its id."""
    code = compile(cell["source"] if source is None else source, f"cell {cell['id']}", "exec")
    exec(code, variables)


def modules(notebook):
    """The names of the modules that the notebook imports, without what is inside of them."""
    found = set()
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(program(cell))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or ".").split(".")[0])
    return found


def calls(tree):
    """The functions called when this code runs, such as "plt.show", not later."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func)
            yield from calls(node)


def find_faults(notebook):
    """Why the stored outputs cannot be those of the notebook's code: a line for each cell."""
    faults = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        name = f"cell {cell['id']}"
        if cell["execution_count"] is None:
            faults.append(f"{name} was not executed")
        elif cell["execution_count"] != number:
            faults.append(f"{name} was executed as number {cell['execution_count']}, not {number}")
        errors = [each for each in cell["outputs"] if each["output_type"] == "error"]
        if errors and "raises-exception" not in tags(cell):
            faults.append(f"{name} stores an error that nobody asked for: {errors[0]['ename']}")
        try:
            made = set(calls(ast.parse(program(cell))))
        except SyntaxError:  # IPython's own syntax, or an error on purpose
            continue
        shows = any("image/png" in each.get("data", {}) for each in cell["outputs"])
        if "plt.show" in made and not shows:
            faults.append(f"{name} draws a figure, and none is stored")
        if "print" in made and not cell["outputs"] and "nbval-ignore-output" not in tags(cell):
            faults.append(f"{name} prints, and nothing is stored")
    return faults


def refuse_faults(path, notebook):
    """BookError where the stored outputs cannot be those of the code: a line for each cell."""
    if faults := find_faults(notebook):
        code = code_cells(notebook)
        if code and not any(cell["outputs"] for cell in code):
            faults = ["its outputs are gone"]
        raise BookError("\n".join(f"{path}: {each}: make notebooks NB={path}" for each in faults))


def tidy(notebook):
    """Take out what the machine or the editor left, other metadata than the book's own, and fold
    what the tags say: in JupyterLab, and in Colab. A figure's alternative text stands where
    nbconvert looks for it, too."""
    notebook |= {"metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    for cell in notebook["cells"]:
        cell["metadata"] = {key: cell["metadata"][key] for key in KEPT if key in cell["metadata"]}
        shown = cell["metadata"].get("mystnb", {})
        if "code_prompt_show" in shown:
            shown["code_prompt_hide"] = shown["code_prompt_show"]
        if alt := shown.get("image", {}).get("alt"):
            cell["metadata"]["alt"] = alt
        if folded := [part for tag in tags(cell) for part in FOLDS.get(tag, [])]:
            cell["metadata"]["jupyter"] = {f"{part}_hidden": True for part in folded}
        if "source" in folded:
            cell["metadata"]["cellView"] = "form"
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output["metadata"] = {}
    return notebook


def save(path, notebook):
    """Write the notebook, tidied, in place of the file in one step; returns whether it differs."""
    import nbformat

    text = nbformat.writes(nbformat.from_dict(tidy(notebook))).rstrip("\n") + "\n"
    if path.exists() and text == path.read_text(encoding="utf-8"):
        return False
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        if path.exists():
            shutil.copymode(path, new)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    return True
