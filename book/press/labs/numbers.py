"""Writes the numbers of all labs that need some: python -m book.press numbers.

The weights of a trained network are whole numbers of 16 bits and a scale for each array,
little-endian, in base64: half the size of float32, and as good to the fifth digit.
"""

import ast
import contextlib
import io
import json
from base64 import b64decode, b64encode
from importlib import import_module
from pathlib import Path

import numpy as np

from book.press import cells


def run(path, names, variables=None):
    """The variables after these cells of the notebook in `path`, by their ids, in the order of
    `names`; of "name.defs" only what it defines. They go on from `variables`, if there are some."""
    by_id = {cell["id"]: cell for cell in cells.code_cells(cells.read(path))}
    variables = {} if variables is None else variables
    with contextlib.redirect_stdout(io.StringIO()):
        for name in names:
            cell = by_id[name.removesuffix(".defs")]
            tree = ast.parse(cell["source"])
            if name.endswith(".defs"):
                tree.body = [each for each in tree.body if isinstance(each, ast.FunctionDef)]
            cells.run(cell, variables, ast.unparse(tree))
    return variables


def pack(weights):
    """An array as what a script can hold: its scale, and whole numbers in base64."""
    scale = float(np.abs(weights).max() / 32767)
    whole = np.round(weights / scale).astype("<i2")
    return {"scale": scale, "whole": b64encode(whole.tobytes()).decode()}


def unpack(packed):
    """The array, flat, float64."""
    return np.frombuffer(b64decode(packed["whole"]), "<i2") * packed["scale"]


def spell(function, data):
    """The script that gives the data to this function of a lab."""
    return f"// Made by numbers.py.\n{function}({json.dumps(data, indent=1)});\n"


def read(path):
    """The data in such a script."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text[text.index("{") : text.rindex("}") + 1])


def main():
    for path in sorted(Path(__file__).parent.glob("*/numbers.py")):
        import_module(f"book.press.labs.{path.parent.name}.numbers").main()
