"""Measure the book on this machine: what `make bench` prints.

The time of one training step of each stage: its `train` cell, run six times in this process; the
median of the last five, over 500 steps. The first run warms up.
"""

import contextlib
import io
import statistics
import time

from book.press import cells, pages


def time_step(path):
    """Microseconds that one step of a stage's training loop takes."""
    variables = {"__name__": path.stem}
    for cell in cells.code_cells(cells.read(path)):
        if "plt.show()" in cell["source"]:
            continue
        trains = "train" in cells.tags(cell)
        seconds = []
        for _ in range(6 if trains else 1):
            start = time.perf_counter()
            with contextlib.redirect_stdout(io.StringIO()):
                cells.run(cell, variables)
            seconds.append(time.perf_counter() - start)
        if trains:
            return 1e6 * statistics.median(seconds[1:]) / 500
    raise ValueError(f"{path}: no cell is tagged train")


def main():
    for path in pages.stages():
        print(f"one step of {path.stem:30} {time_step(path):9.1f} µs", flush=True)


if __name__ == "__main__":
    main()
