"""Record the ladder of notebooks/speed.ipynb on this machine.

usage: python -m benchmarks.record [folder]      writes folder/<device>.json, a copy stays on screen
       python -m benchmarks.record --page        the same, and stores the notebook with this run

It runs the notebook's own cells, those tagged `record`, and needs torch and numpy alone. Without
TensorFlow, a C++ compiler or CUDA the cells leave the rungs that need it out, and say so. A rung
with another curve stops it, and nothing is written. The default folder is benchmarks/results.

With --page all cells run, in a kernel with all threads, as `make notebooks` runs them. So the page
and the record of the machine that the site shows are one run.

The file holds: what ran (device, driver, versions, threads, date), the two rates measured
(operations/s and bytes/s), the floors, each rung's quartiles and the sweeps, all in seconds a step.
"""

import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from pathlib import Path

from book.press import cells

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "speed.ipynb"


def run_cells():
    """Run the cells tagged `record`, in order; returns their variables."""
    variables = {"__name__": "speed"}
    for cell in cells.code_cells(cells.read(NOTEBOOK), "record"):
        cells.run(cell, variables)
    return variables


def said_by(*command):
    """What a program prints, or "" where there is no such program."""
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def name_cpu():
    """The CPU's model and the number of cores at hand, such as "Intel Xeon Processor, 2 cores"."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text() if cpuinfo.exists() else ""
    model = re.search(r"(?m)^model name\s*: (.+)", text)
    name = model[1] if model else said_by("sysctl", "-n", "machdep.cpu.brand_string")
    name = re.sub(r"\((R|TM|r|tm)\)", "", name or platform.machine())
    return f"{name.strip()}, {os.cpu_count()} cores"


def name_device(torch, device):
    """The name of the device that the ladder ran on, and its driver's version if it has one."""
    if device.type == "cuda":
        driver = said_by("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader")
        return torch.cuda.get_device_name(device), driver.split("\n")[0] or None
    if device.type == "xpu":
        return torch.xpu.get_device_name(device), None
    return name_cpu() + (" (GPU)" if device.type == "mps" else ""), None


def run_page():
    """Run all cells and store the notebook; returns its record, which its kernel has made."""
    import nbformat

    from book.press.prove import count_cpus
    from book.press.run import Run, store

    os.environ["OMP_NUM_THREADS"] = str(count_cpus())
    notebook = nbformat.from_dict(cells.read(NOTEBOOK))
    code = f"import json, os; os.chdir({str(ROOT)!r})\n"  # where benchmarks is found
    code += "from benchmarks.record import record; print(json.dumps(record(globals())))"
    notebook.cells.append(nbformat.v4.new_code_cell(code))
    Run(notebook, NOTEBOOK).execute()
    (said,) = notebook.cells.pop().outputs
    store(NOTEBOOK, notebook)
    return json.loads(said.text)


def record(ran):
    """The record, ready for JSON, of the variables that the cells have left."""
    torch, tf = ran["torch"], ran["tf"]
    device, driver = name_device(torch, ran["device"])
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    versions |= {"numpy": ran["np"].__version__, "cuda": torch.version.cuda}
    versions["tensorflow"] = tf and tf.__version__
    keys = ("low", "median", "high")  # the three quartiles
    return {
        "device": device,
        "type": ran["device"].type,
        "driver": driver,
        "cpu": name_cpu(),
        "threads": torch.get_num_threads(),
        "versions": versions,
        "date": datetime.date.today().isoformat(),
        "rates": {"arithmetic": ran["product_rate"], "memory": ran["memory_rate"]},
        "floors": ran["floors"],
        "rungs": {
            name: dict(zip(keys, statistics.quantiles(seconds, n=4), strict=True))
            for name, seconds in ran["times"].items()
        },
        "sizes": {"batch": ran["batches"], "hidden": ran["hiddens"]},
        "sweeps": ran["sweeps"],
    }


def main():
    page = sys.argv[1:] == ["--page"]
    folder = ROOT / "benchmarks" / "results"
    if sys.argv[1:] and not page:
        folder = Path(sys.argv[1])
    if not folder.is_dir():
        sys.exit(f"There is no folder {folder} to write to: nothing was recorded.")
    try:
        found = run_page() if page else record(run_cells())
    except ModuleNotFoundError as error:
        sys.exit(f"{error}: install it with pip install torch numpy. Nothing was recorded.")
    except AssertionError as error:
        sys.exit(f"{error}. Nothing was recorded.")
    name = re.sub(r"[^a-z0-9]+", "-", found["device"].lower()).strip("-")
    path = folder / f"{name}.json"
    text = json.dumps(found, indent=1) + "\n"
    path.write_text(text, encoding="utf-8")
    print(text, path, sep="\n")


if __name__ == "__main__":
    main()
