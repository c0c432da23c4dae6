"""Writes the numbers of all labs that need some: python -m book.press numbers.

The weights of a trained network are whole numbers of 16 bits and a scale for each array,
little-endian, in base64: half the size of float32, and as good to the fifth digit.
"""

import contextlib
import io
import json
from base64 import b64decode, b64encode
from importlib import import_module
from pathlib import Path

import numpy as np

from book.press import cells, pages


def run_chapter(name, last=None, only=None):
    """The variables of a chapter's notebook after its cells up to `last`, or after `only` these."""
    variables = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells.code_cells(cells.read(pages.find_file(f"notebooks/{name}"))):
            if only is None or cell["id"] in only:
                cells.run(cell, variables)
            if cell["id"] == last:
                break
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
