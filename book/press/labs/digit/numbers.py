"""Writes what the lab of the digits needs, lab-digit-weights.js, as the chapter *Your own data*
makes it: the weights that it tests, and scans of 8 x 8 bytes each.
"""

from base64 import b64decode, b64encode
from pathlib import Path

import numpy as np
import torch

from book.press import pages
from book.press.labs import numbers

PATH = Path(__file__).resolve().with_name("lab-digit-weights.js")
CELLS = "imports device data digits split split-scale entropy-first loader fit schedule".split()
NAMES = ("w1", "b1", "w2", "b2")  # (100, 64), (100,), (10, 100), (10,)


def train():
    """The chapter's variables, and its model with the best weights of the run that it tests."""
    chapter = numbers.run(pages.find_file("notebooks/own_data"), CELLS)
    model = chapter["make_model"]()
    model.load_state_dict(chapter["train_digits"](1e-2, 30, True, 0)[0])
    return chapter, model.cpu().eval()


def choose_scans(chapter, model):
    """Twelve scans of the test part, places in the data: the first of each digit, then two that
    are read wrongly."""
    test = chapter["test"]
    with torch.no_grad():
        answers = model(chapter["images"][test]).argmax(dim=1)
    wrong = test[(answers != chapter["labels"][test]).numpy()][:2]
    labels = chapter["digits"].target[test]
    firsts = [test[np.flatnonzero(labels == digit)[0]] for digit in range(10)]
    return [*firsts, *wrong]


def read():
    """What the script holds: its arrays flat, the scans of shape (12, 64)."""
    data = numbers.read(PATH)
    scans = np.frombuffer(b64decode(data["scans"]), np.uint8).reshape(-1, 64)
    return data | {name: numbers.unpack(data[name]) for name in NAMES} | {"scans": scans}


def main():
    chapter, model = train()
    data = {"mean": float(chapter["mean"]), "std": float(chapter["std"])}
    for name, weights in zip(NAMES, model.parameters(), strict=True):
        data[name] = numbers.pack(weights.detach().numpy())
    places, digits = choose_scans(chapter, model), chapter["digits"]
    data["scans"] = b64encode(digits.data[places].astype(np.uint8).tobytes()).decode()
    data["labels"] = digits.target[places].tolist()
    PATH.write_text(numbers.spell("digitData", data), encoding="utf-8")
    print(f"{PATH.name}: {PATH.stat().st_size / 1000:.1f} kB")
