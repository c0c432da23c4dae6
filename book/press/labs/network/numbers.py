"""Writes the numbers of the network's lab, the lab-*.js beside this file, as the notebooks make
them: python -m book.press numbers, when stage 1 or stage 6 has changed.

A lab's worker trains h = x @ w1 and not w1 (see lab-network.js). It needs K = x @ x.T, the targets,
and for each way to start h, w2 and the biases; stage 1's losses are drawn for comparison. All
numbers are float32, little-endian, in base64.
"""

import re
from base64 import b64decode, b64encode
from pathlib import Path

import numpy as np
import torch

from book.press import pages
from book.press.labs.numbers import run

HERE = Path(__file__).resolve().parent


def make_arrays():
    """The arrays of each file, float32, by their names: K's upper triangle (2080,), y (64, 10) and
    reference (500,); for each start h (64, 100), w2 (100, 10) and the second biases b2 (10,)."""
    stage = run(pages.stage(1), ["imports", "data", "train"])
    x = stage["x_np"].astype(np.float64)
    files = {
        "batch": {
            "K": (x @ x.T)[np.triu_indices(64)],
            "y": stage["y_np"],
            "reference": np.array(stage["losses"]),
        },
        "normal": {"h": x @ stage["w1_np"], "w2": stage["w2_np"], "b2": np.zeros(10)},
    }
    cpu = {"device": torch.device("cpu")}
    stage = run(pages.stage(6), ["imports", "data", "default.defs", "rates.defs"], cpu)
    for name in "default", "he":
        first, _, second = stage[f"{name}_model"]().double()
        with torch.no_grad():
            h = first(torch.tensor(x))
        files[name] = {"h": h, "w2": second.weight.T, "b2": second.bias}
    return {
        name: {
            key: np.asarray(each.detach() if torch.is_tensor(each) else each, np.float32)
            for key, each in arrays.items()
        }
        for name, arrays in files.items()
    }


def spell(name, arrays):
    """The script that gives these arrays to the lab."""
    texts = [
        f'  {key}: "{b64encode(each.astype("<f4").tobytes()).decode()}",\n'
        for key, each in arrays.items()
    ]
    return f'// Made by numbers.py.\nlabData("{name}", {{\n{"".join(texts)}}});\n'


def read(text):
    """The arrays in such a script, flat, by their names."""
    return {
        key: np.frombuffer(b64decode(each), "<f4")
        for key, each in re.findall(r'^  (\w+): "(.*)",$', text, re.MULTILINE)
    }


def main():
    for name, arrays in make_arrays().items():
        path = HERE / f"lab-{name}.js"
        path.write_text(spell(name, arrays), encoding="utf-8")
        print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")
