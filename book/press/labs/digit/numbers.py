"""Writes what the lab of the digits needs, lab-digit-weights.js, as the chapter *Your own data*
makes it: python -m book.press numbers, when that chapter has changed.

The weights are whole numbers of 16 bits and a scale for each array, little-endian, in base64: half
the size of float32, and as good to the fifth digit. The scans are 8 x 8 bytes each.
"""

import contextlib
import io
import json
from base64 import b64decode, b64encode
from pathlib import Path

import numpy as np
import torch

from book.press import cells, pages

PATH = Path(__file__).resolve().with_name("lab-digit-weights.js")
CELLS = "imports device data digits split split-scale entropy-first loader fit schedule".split()
NAMES = ("w1", "b1", "w2", "b2")  # (100, 64), (100,), (10, 100), (10,)


def train():
    """The chapter's variables, and its model with the best weights of the run that it tests."""
    by_id = {
        cell["id"]: cell
        for cell in cells.code_cells(cells.read(pages.find_file("notebooks/own_data")))
    }
    chapter = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for name in CELLS:
            cells.run(by_id[name], chapter)
    model = chapter["make_model"]()
    model.load_state_dict(chapter["train_digits"](1e-2, 30, True, 0)[0])
    return chapter, model.cpu().eval()


def choose_scans(chapter, model):
    """Twelve scans of the test part, places in the data: those that are read wrongly first, then
    the first of each digit."""
    test = chapter["test"]
    with torch.no_grad():
        answers = model(chapter["images"][test]).argmax(dim=1)
    wrong = test[(answers != chapter["labels"][test]).numpy()][:2]
    labels = chapter["digits"].target[test]
    firsts = [test[np.flatnonzero(labels == digit)[0]] for digit in range(10)]
    return [*firsts, *wrong]


def spell(chapter, model):
    """The script that gives the lab its numbers."""
    data = {"mean": float(chapter["mean"]), "std": float(chapter["std"])}
    for name, weights in zip(NAMES, model.parameters(), strict=True):
        weights = weights.detach().numpy()
        scale = float(np.abs(weights).max() / 32767)
        whole = np.round(weights / scale).astype("<i2")
        data[name] = {"scale": scale, "whole": b64encode(whole.tobytes()).decode()}
    places, digits = choose_scans(chapter, model), chapter["digits"]
    scans = digits.data[places].astype(np.uint8)
    data["scans"] = b64encode(scans.tobytes()).decode()
    data["labels"] = digits.target[places].tolist()
    return f"// Made by numbers.py.\ndigitData({json.dumps(data, indent=1)});\n"


def read():
    """What the script holds: a dictionary, its arrays as float64, the scans of shape (12, 64)."""
    text = PATH.read_text(encoding="utf-8")
    data = json.loads(text[text.index("{") : text.rindex("}") + 1])
    for name in NAMES:
        whole = np.frombuffer(b64decode(data[name]["whole"]), "<i2")
        data[name] = whole * data[name]["scale"]
    data["scans"] = np.frombuffer(b64decode(data["scans"]), np.uint8).reshape(-1, 64)
    return data


def main():
    PATH.write_text(spell(*train()), encoding="utf-8")
    print(f"{PATH.name}: {PATH.stat().st_size / 1000:.1f} kB")
