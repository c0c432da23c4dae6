"""A small copy of the book for tests of its targets: the book's machinery, and contents of a few
lines. It uses the environment that runs these tests instead of making one.

Each of the notebooks adds a line to runs.txt when it executes, stores what its code prints, and
stores a figure: a plain picture in a colour.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import nbformat
import psutil
from console import plain
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
RAN = "with open('runs.txt', 'a') as file:\n    file.write('NAME ')"
DRAW = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
TOC = {
    "format": "jb-book",
    "root": "book/intro",
    "parts": [
        {"caption": "One", "chapters": [{"file": "book/computes"}, {"file": "notebooks/1_one"}]},
        {
            "caption": "Two",
            "chapters": [{"file": "notebooks/2_two"}, {"file": "notebooks/3_three"}],
        },
    ],
}
OURS = ("MAKE", "MFLAGS", "GITHUB_", "CELL_", "PYTEST_", "COVERAGE_", "CI")  # of a test run


def text(content):
    """What a cell stores that prints this."""
    return nbformat.v4.new_output("stream", name="stdout", text=content)


def figure(colour="red"):
    """What a cell stores that draws."""
    Image.new("RGB", (60, 40), colour).save(data := BytesIO(), "PNG")
    picture = {"image/png": b64encode(data.getvalue()).decode(), "text/plain": "<Figure>"}
    return nbformat.v4.new_output("display_data", picture)


def error(name, value):
    """What a cell stores that raises."""
    return nbformat.v4.new_output("error", ename=name, evalue=value, traceback=[])


def heed_signals():
    """A shell in the background, or nohup, has what it starts ignore signals: no longer."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def alive(pid):
    """Whether the process runs; one that has ended and was not collected does not."""
    try:
        return psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def ends(pid):
    """Whether the process has ended, or does so soon: a signal takes effect in its own time."""
    deadline = time.monotonic() + 30
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(pid)


def left_in(folder):
    """The processes that run in the folder."""
    every = psutil.process_iter(["cwd"])  # one that has ended has none
    return [process.pid for process in every if process.info["cwd"] == str(folder)]


class Book:
    """A copy of the book in `root`, and its targets."""

    def __init__(self, root):
        self.root = root
        self.python = str(root / ".venv" / "bin" / "python")
        self.site, self.html = root / "_build" / "site", root / "_build" / "html"
        self.command = []  # what starts each command

    def start(self, command, env=None, **options):
        """Start the command in the book's folder, in a process group of its own, its answer in one
        pipe. `env` adds to the variables; what is None there is taken out."""
        environ = {key: os.environ[key] for key in os.environ if not key.startswith(OURS)}
        environ = {
            key: value for key, value in (environ | (env or {})).items() if value is not None
        }
        options = {"encoding": "utf-8", "errors": "backslashreplace"} | options
        return subprocess.Popen(
            [*self.command, *command],
            cwd=self.root,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=heed_signals,
            **options,
        )

    def run(self, command, ok=True, **options):
        """Run the command to its end; returns what it said, without colours. It must succeed, or
        with ok=False fail."""
        with self.start(command, **options) as process:
            said = plain(process.communicate(timeout=300)[0])
        assert (process.returncode == 0) is ok, said
        return said

    def make_command(self, *arguments):
        # old or not, the environment is good enough
        return ["make", f"PYTHON={sys.executable}", "-o", ".venv/.installed", *arguments]

    def make(self, *arguments, **options):
        """Run `make`; it never says a traceback."""
        said = self.run(self.make_command(*arguments), **options)
        assert "Traceback" not in said, said
        return said

    def jupyter_book(self, *arguments, **options):
        """Run `jupyter-book`, as by hand."""
        code = "from jupyter_book.cli.main import main; main()"
        return self.run([self.python, "-c", code, *arguments], **options)

    def write(self, name, *cells, stale=False):
        """A notebook whose code cells have the ids a, b, c ...; each of `cells` is a source, or a
        tuple of it, a list of outputs, and tags. With `stale` it is as an editor saves it:
        executed long ago, with metadata of others."""
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
        if stale:
            metadata = {"kernelspec": kernel | {"display_name": "Elsewhere"}, "who": "me"}
        notebook = nbformat.v4.new_notebook(metadata=metadata)
        title = Path(name).name
        notebook.cells = [nbformat.v4.new_markdown_cell(f"# {title}", id="title")]
        for number, (letter, cell) in enumerate(zip("abcdef", cells, strict=False), start=1):
            source, outputs, *tags = (cell, []) if isinstance(cell, str) else cell
            metadata = {"tags": tags} | ({"execution": {"at": "noon"}} if stale else {})
            count = 77 if stale else number
            notebook.cells.append(
                nbformat.v4.new_code_cell(
                    source, id=letter, metadata=metadata, execution_count=count, outputs=outputs
                )
            )
        path = self.root / f"{name}.ipynb" if "/" in name else self.notebook(name)
        nbformat.write(notebook, path)
        return path

    def notebook(self, name):
        return self.root / "notebooks" / f"{name}.ipynb"

    def read(self, name):
        """The notebook, as nbformat has it."""
        return nbformat.read(self.notebook(name), as_version=nbformat.NO_CONVERT)

    def change(self, name, change):
        """Have `change` alter the notebook, in place."""
        notebook = self.read(name)
        change(notebook)
        nbformat.write(notebook, self.notebook(name))

    def edit(self, name, old, new):
        path = self.root / name
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_text(content.replace(old, new), encoding="utf-8")

    def page(self, name):
        """The HTML of a page of the site."""
        return (self.site / f"{name}.html").read_text(encoding="utf-8")

    def runs(self):
        """The notebooks executed since the last call, sorted."""
        names = []
        for path in self.root.rglob("runs.txt"):
            names += path.read_text().split()
            path.unlink()
        return sorted(names)

    def files(self, *folders):
        """All files in these folders with their bytes, by their paths in the book."""
        paths = [path for folder in folders for path in (self.root / folder).rglob("*")]
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in paths
            if path.is_file()
        }


def copy_machinery(root):
    """What makes the book, without its contents, in `root`."""
    names = ("Makefile", "_config.yml", "requirements.txt", "constraints.txt")
    for name in (*names, "conftest.py", "pytest.ini"):
        shutil.copy2(ROOT / name, root / name)
    for name in ("book/_tools", "book/_ext", "book/_static", "book/_templates"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / ".venv").symlink_to(sys.prefix)
    return Book(root)


def copy_book(root):
    """A copy of the book's machinery in `root`, with small contents."""
    book = copy_machinery(root)
    (root / "notebooks").mkdir()
    for name, colour in ("1_one", "red"), ("2_two", "green"), ("3_three", "grey"):
        says = f"the output of {name}"
        book.write(
            name,
            RAN.replace("NAME", name),
            (f"print({says!r})", [text(f"{says}\n")]),
            (DRAW, [figure(colour)], "curve"),
        )
    computes = RAN.replace("NAME", "computes") + "\nprint('computed', 6 * 7)"
    book.write("book/computes", (computes, [text("computed 42\n")]))
    (root / "_toc.yml").write_text(json.dumps(TOC))
    (root / "book" / "references.bib").write_text(
        "@book{one, author={A, B}, title={C}, publisher={D}, year={2017}}"
    )
    (root / "book" / "intro.md").write_text("# Intro\n\n{cite}`one`\n\n```{bibliography}\n```\n")
    return book


def clone(book, root):
    """A copy of the small book, as it is, in `root`."""
    shutil.copytree(book.root, root, symlinks=True, dirs_exist_ok=True)
    return Book(root)
