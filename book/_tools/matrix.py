"""Run the notebooks in fresh environments with other versions of the libraries that they import,
and print which gave the outputs that they hold.

usage: python matrix.py [environment ...]      without an argument: all of them

oldest  the versions that requirements.txt names as the oldest
pinned  those that it pins
colab   those of Google Colab

The environments are made in _build/matrix, some gigabytes each, and kept there; `make clean`
removes them. They use the Python that made .venv. Exit status: 1 if a notebook failed.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import install
import pages
from console import plain, run_main

ROOT = pages.ROOT
FOLDER = ROOT / "_build" / "matrix"
REQUIREMENTS = Path(install.FILES[0]).read_text("utf-8")
PINS = dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", REQUIREMENTS))
LIBRARIES = ("numpy", "torch", "tensorflow", "matplotlib")
TOOLS = ("ipykernel", "nbclient", "nbval", "pytest", "PyYAML")  # the same everywhere: they are not what is tried

ENVIRONMENTS = {
    "oldest": dict(re.findall(r"(?m)^(\w+)==.*# .*oldest: ([\d.]+)", REQUIREMENTS)),
    "pinned": {name: PINS[name] for name in LIBRARIES},
    "colab": {"numpy": "2.1.3", "torch": "2.11.0", "tensorflow": "2.20.0", "matplotlib": "3.10.0"},
}


def make(name):
    """Make the environment unless it is there with these versions; returns its interpreter."""
    folder, versions = FOLDER / name, ENVIRONMENTS[name]
    packages = [f"{each}=={versions[each]}" for each in LIBRARIES]
    packages += [f"{each}=={PINS[each]}" for each in TOOLS]
    stamp, content = folder / ".installed", f"{packages} {install.digest()}"
    if stamp.exists() and stamp.read_text() == content:
        return str(folder / "bin" / "python")
    print("Installing: some minutes", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    python = install.make_environment(str(folder))
    if name == "pinned":
        packages += ["-c", install.FILES[1]]
    if why := install.install(python, *packages):
        sys.exit(f"_build/matrix/{name} cannot be made: {why}")
    stamp.write_text(content)
    return python


def compare(python, path):
    """Run the notebook with this interpreter; returns how it went and the cell that failed."""
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval"]
    command += ["--nbval-cell-timeout=600", "--exitfirst", str(path)]
    process = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said = plain(process.stdout)
    failed = re.search(r"(?m)^FAILED .*", said)
    return "FAILED" if process.returncode else "passed", failed[0] if failed else said[-300:]


def main(names):
    if unknown := set(names) - set(ENVIRONMENTS):
        sys.exit(f"There is no {', '.join(unknown)}; there are {', '.join(ENVIRONMENTS)}.")
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    table, errors = {}, []
    for name in names or ENVIRONMENTS:
        python = make(name)
        print(f"Running the notebooks in {name}", flush=True)
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda path, python=python: compare(python, path), notebooks))
        table[name] = [result for result, _ in results]
        errors += [f"{name}: {error}" for result, error in results if result != "passed"]
    print(f"{'':<20}", *(f"{name:<12}" for name in table))
    for library in LIBRARIES:
        print(f"{library:<20}", *(f"{ENVIRONMENTS[name][library]:<12}" for name in table))
    for row, path in enumerate(notebooks):
        print(f"{path.stem:<20}", *(f"{table[name][row]:<12}" for name in table))
    sys.exit("\n".join(errors) or 0)


if __name__ == "__main__":
    os.environ["PYTHONNOUSERSITE"] = "1"
    run_main(lambda: main(sys.argv[1:]), "The environments that were made stay in _build/matrix.")
