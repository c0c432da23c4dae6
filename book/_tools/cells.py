"""Reading a notebook, finding its cells by tag or id, running them, and judging its outputs.

A notebook is a dictionary as nbformat has it, the text of each cell and output in one string. This
module needs the standard library alone, so that a device can be recorded where nothing else is.
"""

import ast
import json
import re

from console import BookError

# What of a cell's metadata says something about the book; `cellView` is how Colab folds a cell.
KEPT = ("cellView", "jupyter", "mystnb", "of", "tags")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def join(text):
    return text if isinstance(text, str) else "".join(text)


def read(path):
    """The notebook in the file `path`."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = join(cell["source"])
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
    """The one code cell of the notebook in `path` with this tag; BookError if there is none,
    or another."""
    found = code_cells(read(path), tag)
    if len(found) != 1:
        raise BookError(f"{path}: {len(found)} cells are tagged {tag}, not one")
    return found[0]


def program(cell):
    """The code of a cell, without the first line by which IPython writes it to a file."""
    return re.sub(r"\A%%writefile .*\n", "", cell["source"])


def run(cell, variables, source=None):
    """Run the cell's code, or `source` in its place, in this process and these variables. A
    traceback names the cell by its id."""
    code = compile(cell["source"] if source is None else source, f"cell {cell['id']}", "exec")
    exec(code, variables)


def calls(tree):
    """The functions that are called when this code runs, as text, such as "plt.show"; calls in
    what it defines do not run with it."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func)
            yield from calls(node)


def find_faults(notebook):
    """Why the stored outputs cannot be those of the notebook's code: a line for each cell."""
    faults = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        name = f"cell {cell.get('id', number)}"
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


def tidy(notebook):
    """Take out what the machine or the editor left: other metadata than the book's own."""
    notebook["metadata"] = METADATA
    for cell in notebook["cells"]:
        cell["metadata"] = {key: cell["metadata"][key] for key in KEPT if key in cell["metadata"]}
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output["metadata"] = {}
    return notebook
