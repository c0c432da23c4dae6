"""Writes what the lab of the text needs, lab-writer-weights.js: the alphabet of the chapter *Text*,
and the network that it has trained.
"""

from pathlib import Path

from book.press import cells, pages
from book.press.labs import numbers

PATH = Path(__file__).resolve().with_name("lab-writer-weights.js")


def read():
    """The alphabet, and the weights by their names in the state dict, flat."""
    data = numbers.read(PATH)
    weights = {name: numbers.unpack(packed) for name, packed in data["weights"].items()}
    return data["alphabet"], weights


def main():
    path = pages.find_file("notebooks/text")
    names = [cell["id"] for cell in cells.code_cells(cells.read(path))]
    chapter = numbers.run(path, names[: names.index("learn") + 1])
    state = chapter["writer"].cpu().state_dict()
    weights = {name: numbers.pack(each.numpy()) for name, each in state.items()}
    data = {"alphabet": chapter["alphabet"], "weights": weights}
    PATH.write_text(numbers.spell("writerData", data), encoding="utf-8")
    print(f"{PATH.name}: {PATH.stat().st_size / 1000:.1f} kB")
