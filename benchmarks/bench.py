"""Measure the book on this machine: what `make bench` prints.

The site is built in a copy of the working tree, so that nothing of yours is removed: once from
nothing, once with nothing changed, once after the edit of one notebook's code. Then the copy is
tested. Last comes the time of one training step of each stage: its `train` cell, run six times in
this process; the median of the last five, over 500 steps. The first run warms up.
"""

import contextlib
import io
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "book" / "_tools"))
import cells  # noqa: E402
import pages  # noqa: E402

EDITED = "notebooks/03_autograd.ipynb"


def copy_tree(folder):
    """Copy all files that git knows or would add to `folder`, and link .venv there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():  # and not deleted since
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)


def time_make(folder, target):
    """Seconds that `make target` takes in the copy; exits with what it said if it fails."""
    start = time.monotonic()
    command = ["make", "-o", ".venv/.installed", target]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"make {target} failed:\n{run.stdout[-3000:]}{run.stderr[-3000:]}")
    return time.monotonic() - start


def edit(path):
    """Add a comment to the notebook's training loop."""
    notebook = cells.read(path)
    (cell,) = cells.code_cells(notebook, "train")
    cell["source"] += "\n# edited"
    path.write_text(json.dumps(notebook), encoding="utf-8")


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


def say(what, number, unit):
    print(f"{what:42} {number:9.1f} {unit}", flush=True)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_tree(folder)
        say("build from nothing", time_make(folder, "book"), "s")
        say("build with nothing changed", time_make(folder, "book"), "s")
        original = (folder / EDITED).read_bytes()
        edit(folder / EDITED)
        say("build after an edit of one notebook", time_make(folder, "book"), "s")
        (folder / EDITED).write_bytes(original)
        time_make(folder, "book")  # the tests want the site of what they test
        say("tests", time_make(folder, "test"), "s")
    for path in pages.stages():
        say(f"one step of {path.stem}", time_step(path), "µs")


if __name__ == "__main__":
    main()
