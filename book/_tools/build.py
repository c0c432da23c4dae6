"""Build the site in _build/html: execute the notebooks that the cache lacks, render all pages, and
replace the site that was there if all went well.

In _build:
.jupyter_cache  executed notebooks, by their code; environment.json there says what ran them
inputs          a digest of what _build/html was made from: when nothing changed, nothing is done
new, build.log  the site being made, and what jupyter-book said of it
*.pdf           the book printed from the site (pdf.py); the site links to it
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import execute
import yaml

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path("_build")
SITE, NEW, OLD = BUILD / "html", BUILD / "new", BUILD / "old"
CACHE, INPUTS, LOG = BUILD / ".jupyter_cache", BUILD / "inputs", BUILD / "build.log"
UNDONE = "The site is as it was."

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from repository_links import PDF_NAME, find_dates, find_repository  # noqa: E402

PDF = BUILD / PDF_NAME


def list_pages():
    """The files of the pages in _toc.yml, in order; exits if one is missing."""
    try:
        table = yaml.safe_load(Path("_toc.yml").read_text(encoding="utf-8"))
        names = [chapter["file"] for part in table["parts"] for chapter in part["chapters"]]
        names.insert(0, table["root"])
    except FileNotFoundError:
        sys.exit("There is no _toc.yml here. Restore it: git checkout _toc.yml")
    except (yaml.YAMLError, KeyError, TypeError) as error:
        what = " ".join(str(error).split())
        sys.exit(f"_toc.yml is malformed, see `git diff _toc.yml`: {type(error).__name__}: {what}")
    files = [
        [f for f in (Path(f"{name}.md"), Path(f"{name}.ipynb")) if f.exists()] for name in names
    ]
    for name, found in zip(names, files, strict=True):
        if not found:
            sys.exit(
                f"_toc.yml names {name}, but there is no {name}.md and no {name}.ipynb: "
                f"add one, or take the line out. {UNDONE}"
            )
    return sum(files, [])


def environment():
    """What outputs may depend on beside the code: Python, the packages, the accelerators."""
    gpus = ""
    if shutil.which("nvidia-smi"):
        gpus = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True).stdout
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": sorted({f"{each.name} {each.version}" for each in distributions()}),
        "gpus": [*gpus.splitlines(), *map(str, Path("/dev").glob("kfd"))],
        "visible": {key: os.environ[key] for key in os.environ if "_VISIBLE_DEVICES" in key},
    }


def digest_inputs(here):
    """A digest of all that the site is made from."""
    digest = hashlib.sha256(repr((here, find_repository("."), find_dates("."))).encode())
    folders = ("book", "notebooks", "benchmarks/results")
    files = [path for folder in folders for path in Path(folder).rglob("*")]
    for path in sorted([Path("_config.yml"), Path("_toc.yml"), *files]):
        hidden = any(part.startswith((".", "__pycache__")) for part in path.parts)
        if path.is_file() and not hidden:
            digest.update(f"{path} {path.stat().st_size}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def fill_cache(files, here):
    """Execute the notebooks among `files` that the cache lacks; exits if one fails."""
    note = CACHE / "environment.json"
    if CACHE.exists() and (not note.exists() or json.loads(note.read_text()) != here):
        print("The environment has changed: every notebook runs again", flush=True)
        shutil.rmtree(CACHE)
    CACHE.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(here, indent=1))

    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn

    try:
        notebooks = {path: execute.read(path) for path in files}
    except execute.NotebookError as error:
        sys.exit(f"{error}\n{UNDONE}")
    code = {
        path: "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
        for path, notebook in notebooks.items()
        if notebook
    }
    cells = "".join(code[path] for path in code if path.suffix == ".ipynb")
    records = sorted(Path("benchmarks/results").glob("*.json"))
    records = "".join(path.name + path.read_text(encoding="utf-8") for path in records)
    opened = {
        "../notebooks": hashlib.sha256(cells.encode()).hexdigest(),
        "../benchmarks": hashlib.sha256(records.encode()).hexdigest(),
    }
    cache = get_cache(CACHE)

    def read_by(path):
        """For a page that opens the notebooks or the records a digest of them, else None."""
        digests = [opened[place] for place in opened if place in code[path]]
        return " ".join(digests) if path.suffix == ".md" and digests else None

    def cached(path):
        try:
            record = cache.match_cache_notebook(notebooks[path])
            cache.get_cache_bundle(record.pk)
            return record.data["read"] == read_by(path)
        except KeyError:  # it is not there, or not whole
            return False

    def keep(path, notebook, seconds):
        data = {"execution_seconds": seconds, "read": read_by(path)}
        bundle = CacheBundleIn(notebook, str(path.resolve()), data=data)
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)

    missing = [path for path in code if not cached(path)]
    missing.sort(key=lambda path: read_by(path) is None)  # what runs all of them takes longest
    if missing:
        print(f"Executing {len(missing)} of {len(code)} notebooks", flush=True)
    errors = execute.execute(missing, keep)
    if errors:
        sys.exit("\n".join([*errors, UNDONE]))


def render():
    """Render all pages, and put them in place of the old ones; exits over any warning."""
    print("Rendering", flush=True)
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command += ["build", ".", "--path-output", str(NEW), "-W", "--keep-going"]
    with LOG.open("w") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT).returncode
    said = execute.plain(LOG.read_text()).replace(f"{ROOT}/", "")
    LOG.write_text(said)
    if code:
        lines = [line for line in said.splitlines() if "WARNING:" in line or "rror:" in line]
        lines = dict.fromkeys(lines or said.splitlines()[-5:])
        sys.exit("\n".join([*lines, f"{UNDONE} All that jupyter-book said: {LOG}"]))
    shutil.rmtree(OLD, ignore_errors=True)
    if SITE.exists():
        SITE.rename(OLD)
    (NEW / "_build" / "html").rename(SITE)
    shutil.rmtree(OLD, ignore_errors=True)
    shutil.rmtree(NEW)


def main():
    files, here = list_pages(), environment()
    inputs, index = digest_inputs(here), SITE / "index.html"
    if not (index.exists() and INPUTS.exists() and INPUTS.read_text() == inputs):
        shutil.rmtree(NEW, ignore_errors=True)
        NEW.mkdir(parents=True)  # before all else: in a read-only checkout it ends here
        fill_cache(files, here)
        PDF.unlink(missing_ok=True)  # it is of the old site
        render()
        INPUTS.write_text(inputs)
    print(index.resolve())


if __name__ == "__main__":
    os.chdir(ROOT)
    execute.run_main(main, UNDONE)
