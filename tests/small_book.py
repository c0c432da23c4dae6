"""A small copy of the book for tests of its targets: the book's machinery, and contents of a few
lines, in English and partly in Chinese. It uses the environment that runs these tests.

Each stage adds a line to runs.txt when it executes, and stores what its code prints and a figure.
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
import yaml
from PIL import Image

from book.press import cells, translate

ROOT = Path(__file__).resolve().parents[1]
RAN = "with open('runs.txt', 'a') as file:\n    file.write('NAME ')"
DRAW = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
NAMES = ("1_one", "2_two", "3_three")
TOC = {
    "format": "jb-book",
    "root": "book/intro",
    "parts": [
        {"caption": "One", "chapters": [{"file": "book/computes"}, {"file": "book/glossary"}]},
        {"caption": "Two", "chapters": [{"file": f"notebooks/{name}"} for name in NAMES]},
    ],
}
INTRO = r"""# Intro

{cite}`one`; a note[^1]; `f(**kwargs)` and `None`. None of them costs 5 dollars, \$5 or \$6. By
{eq}`sum`, $\min_\theta L$ is small.

$$
a = \sum_i x_i + \frac{1}{2}
$$ (sum)

::::{tab-set}
:::{tab-item} First
One.
:::
:::{tab-item} Second
Two.
:::
::::

:::{note}
:class: dropdown
Behind it.
:::

[^1]: At the foot.

```{bibliography}
```
"""
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


def ends(pid):
    """Whether the process has ended, or does so soon: a signal takes effect in its own time."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


class Book:
    """A copy of the book in `root`, and its targets."""

    def __init__(self, root):
        self.root, self.site = root, root / "_build" / "site"
        self.python = str(root / ".venv" / "bin" / "python")
        self.command = []  # what starts each command

    def start(self, command, env=None):
        """Start the command in the book's folder, in a process group of its own, its answer in one
        pipe. `env` adds to the variables."""
        environ = {key: os.environ[key] for key in os.environ if not key.startswith(OURS)}
        return subprocess.Popen(
            [*self.command, *command],
            cwd=self.root,
            env=environ | (env or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=heed_signals,
            encoding="utf-8",
            errors="backslashreplace",
        )

    def run(self, *command, ok=True, env=None):
        """Run the command to its end; returns what it said. It must succeed, or with ok=False
        fail; it never says a traceback."""
        with self.start(command, env) as process:
            said = process.communicate(timeout=300)[0]
        assert (process.returncode == 0) is ok and "Traceback" not in said, said
        return said

    def make_command(self, *arguments):
        # old or not, the environment is good enough
        return ["make", f"PYTHON={sys.executable}", "-o", ".venv/.installed", *arguments]

    def make(self, *arguments, **options):
        return self.run(*self.make_command(*arguments), **options)

    def press(self, *arguments, **options):
        """Run a command without make, which adds a line to a failure."""
        return self.run(self.python, "-m", "book.press", *arguments, **options)

    def wait_for(self, path, process):
        """Wait until the process has written the file; returns its content."""
        while not path.exists():
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.05)
        return path.read_text()

    def path(self, name):
        return self.root / (f"{name}.ipynb" if "/" in name else f"notebooks/{name}.ipynb")

    def write(self, name, *contents):
        """A notebook, tidy, whose code cells have the ids a, b, c ...; each of `contents` is a
        source, or a tuple of it, a list of outputs, and tags."""
        notebook = nbformat.v4.new_notebook()
        title = f"# {Path(name).name}\n\nOpening.\n\n## Setup"
        notebook.cells = [nbformat.v4.new_markdown_cell(title, id="title")]
        for number, content in enumerate(contents, start=1):
            source, outputs, *tags = (content, []) if isinstance(content, str) else content
            cell = nbformat.v4.new_code_cell(source, id="_abcdefghijklmnopqrstuvwxyz"[number])
            shown = {"mystnb": {"image": {"alt": f"a line, {number}"}}} if "plt" in source else {}
            cell |= {"metadata": {"tags": tags} | shown, "execution_count": number}
            cell["outputs"] = outputs
            notebook.cells.append(cell)
        cells.save(self.path(name), notebook)
        return self.path(name)

    def read(self, name):
        return nbformat.read(self.path(name), as_version=nbformat.NO_CONVERT)

    def change(self, name, change):
        """Have `change` alter the notebook, in place."""
        notebook = self.read(name)
        change(notebook)
        nbformat.write(notebook, self.path(name))

    def edit(self, name, old, new):
        content = Path(self.root, name).read_text(encoding="utf-8")
        assert old in content
        Path(self.root, name).write_text(content.replace(old, new), encoding="utf-8")

    def page(self, name):
        """The HTML of a page of the site."""
        return (self.site / f"{name}.html").read_text(encoding="utf-8")

    def runs(self):
        """The notebooks executed since the last call, sorted."""
        paths = list(self.root.rglob("runs.txt"))
        return sorted(
            name for path in paths for name in (path.read_text().split(), path.unlink())[0]
        )

    def files(self, *folders):
        """All files in these folders with their bytes, by their paths in the book."""
        paths = [path for folder in folders for path in (self.root / folder).rglob("*")]
        kept = [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in kept}


def copy_book(root):
    """A copy of the book's machinery in `root`, with small contents."""
    book = Book(root)
    for (
        name
    ) in "Makefile _config.yml requirements.txt constraints.txt conftest.py pytest.ini".split():
        shutil.copy2(ROOT / name, root / name)
    for name in "book/press", "book/_static":
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / ".venv").symlink_to(sys.prefix)
    (root / "_toc.yml").write_text(json.dumps(TOC))
    (root / "notebooks").mkdir()
    for number, name in enumerate(NAMES):
        says, loop = f"the output of {name}", f"for step in range(500):\n    w = {number}"
        book.write(
            name,
            RAN.replace("NAME", name),
            (f"print({says!r})", [text(f"{says}\n")]),
            (DRAW, [figure(("red", "green", "grey")[number])], "curve"),
            (loop, [], "train"),
        )
    computes = RAN.replace("NAME", "computes") + "\nprint('computed', 6 * 7)"
    book.write("book/computes", (computes, [text("computed 42\n")]))
    shutil.copy2(ROOT / "book" / "edition.yml", root / "book")
    (root / "book" / "references.bib").write_text(
        "@book{one, author={A, B}, title={C}, publisher={D}, year={2017}}"
    )
    (root / "book" / "intro.md").write_text(INTRO)
    (root / "book" / "glossary.md").write_text("# Glossary\n\nOf terms.\n")
    translate_part(book)
    return book


def translate_part(book):
    """The edition zh: all but a notebook of book/ and the second stage."""
    (book.root / "zh" / "book").mkdir(parents=True)
    (book.root / "zh" / "notebooks").mkdir()
    words = yaml.safe_load((ROOT / "zh" / "edition.yml").read_text(encoding="utf-8"))
    words = yaml.safe_dump(words | {"parts": ["一", "二"]}, allow_unicode=True)
    (book.root / "zh" / "edition.yml").write_text(words, encoding="utf-8")
    for name, title in ("intro", "Intro"), ("glossary", "Glossary"):
        english = (book.root / "book" / f"{name}.md").read_text(encoding="utf-8")
        mark = f"{translate.MARK}{translate.digest(english)}\n"
        path = book.root / "zh" / "book" / f"{name}.md"
        path.write_text(english.replace(title, "标题") + mark, encoding="utf-8")
    for name in "notebooks/1_one", "notebooks/3_three":
        notebook = cells.read(book.path(name))
        for cell in notebook["cells"]:
            cell["metadata"]["of"] = translate.digest(translate.wording(cell))
        notebook["cells"][0]["source"] = "# 一\n\n开头。\n\n## 准备"
        cells.save(book.root / "zh" / f"{name}.ipynb", notebook)


def clone(book, root):
    """A copy of the small book, as it is, in `root`."""
    shutil.copytree(book.root, root, symlinks=True, dirs_exist_ok=True)
    return Book(root)
