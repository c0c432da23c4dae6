"""A small copy of the book for tests of its targets: the book's machinery, and contents of a few
lines, in English and partly in Chinese. Each notebook adds a word to runs.txt when it executes.
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

import psutil
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from book.press import cells, translate

ROOT = Path(__file__).resolve().parents[1]
COPIED = "Makefile _config.yml requirements.txt constraints.txt conftest.py pytest.ini "
COPIED += "book/press book/_static book/edition.yml"
RAN = "with open('runs.txt', 'a') as file:\n    file.write('NAME ')"
DRAW = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
NAMES = ("1_one", "2_two", "3_three")
PARTS = ["book/computes", "book/glossary"], [f"notebooks/{name}" for name in NAMES]
INTRO = r"""# Intro

{cite}`one`; `f(**kwargs)` costs \$5 or \$6. By {eq}`sum`, $\min_\theta L$ is small.

$$ a = \sum_i x_i $$ (sum)

::::{tab-set}
:::{tab-item} First
One.
:::
::::

```{bibliography}
```
"""
BIB = "@book{one, author={A, B}, title={C}, publisher={D}, year={2017}}"


def text(content):
    """What a cell stores that prints this."""
    return new_output("stream", name="stdout", text=content)


def figure(colour="red"):
    """What a cell stores that draws."""
    Image.new("RGB", (60, 40), colour).save(data := BytesIO(), "PNG")
    picture = {"image/png": b64encode(data.getvalue()).decode(), "text/plain": "<Figure>"}
    return new_output("display_data", picture)


def ends(pid):
    """Whether the process has ended, or does so soon: a signal takes effect in its own time."""
    try:
        for _ in range(600):
            if psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE:
                return True
            time.sleep(0.05)
    except psutil.NoSuchProcess:
        return True
    return False


class Book:
    """A copy of the book in `root`, and its targets."""

    def __init__(self, root):
        self.root, self.site = root, root / "_build" / "site"
        self.python = str(root / ".venv" / "bin" / "python")

    def start(self, command, env=None):
        """Start the command in the book's folder, in a process group of its own."""
        ours = ("MAKE", "MFLAGS", "GITHUB_", "CELL_", "PYTEST_", "COVERAGE_", "CI")  # of a test run
        environ = {key: os.environ[key] for key in os.environ if not key.startswith(ours)}
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
        options |= {"errors": "backslashreplace", "cwd": self.root, "start_new_session": True}
        # A shell in the background has what it starts ignore Ctrl-C: no longer.
        options["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        return subprocess.Popen(command, env=environ | (env or {}), **options)

    def run(self, *command, ok=True, env=None):
        """Run the command to its end, good or bad, and never a traceback; returns what it said."""
        with self.start(command, env) as process:
            said = process.communicate(timeout=300)[0]
        assert (process.returncode == 0) is ok and "Traceback (most" not in said, said
        return said

    def make_command(self, *arguments):
        """The environment is good enough, old or not."""
        return ["make", f"PYTHON={sys.executable}", "-o", ".venv/.installed", *arguments]

    def make(self, *arguments, **options):
        return self.run(*self.make_command(*arguments), **options)

    def press(self, *arguments, **options):
        """Run a command without make, which adds a line to a failure."""
        return self.run(self.python, "-m", "book.press", *arguments, **options)

    def interrupt(self, name, command, meanwhile=lambda: None):
        """Start the command, press Ctrl-C when this file is there; returns both texts."""
        path = self.root / name
        with self.start(command) as process:
            while not path.exists():
                assert process.poll() is None, process.stdout.read()
                time.sleep(0.05)
            meanwhile()
            os.killpg(process.pid, signal.SIGINT)
            said = process.communicate(timeout=60)[0]
        assert process.returncode != 0 and "Traceback (most" not in said
        return path.read_text().split(), said

    def path(self, name):
        return self.root / (f"{name}.ipynb" if "/" in name else f"notebooks/{name}.ipynb")

    def write(self, name, *contents):
        """A notebook with cells a, b, c ..., each a source, or a tuple of it, outputs and tags."""
        title = f"# {Path(name).name}\n\nOpening.\n\n## Setup"
        notebook = new_notebook(cells=[new_markdown_cell(title, id="title")])
        for number, content in enumerate(contents, start=1):
            source, outputs, *tags = (content, []) if isinstance(content, str) else content
            alt = {"mystnb": {"image": {"alt": f"a line, {number}"}}} if "plt" in source else {}
            cell = new_code_cell(source, id=chr(96 + number), metadata=alt | {"tags": tags})
            notebook.cells.append(cell | {"execution_count": number, "outputs": outputs})
        cells.save(self.path(name), notebook)
        return self.path(name)

    def edit(self, name, old, new):
        """Replace a text in the file."""
        content = (self.root / name).read_text(encoding="utf-8")
        assert old in content
        (self.root / name).write_text(content.replace(old, new), encoding="utf-8")

    def page(self, name):
        """The HTML of a page of the site."""
        return (self.site / f"{name}.html").read_text(encoding="utf-8")

    def runs(self):
        """The notebooks executed since the copy was made, sorted."""
        return sorted("".join(path.read_text() for path in self.root.rglob("runs.txt")).split())

    def files(self, *folders):
        """All files in these folders with their bytes, by their paths in the book."""
        paths = [path for folder in folders for path in (self.root / folder).rglob("*")]
        kept = [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in kept}


def copy_book(root):
    """A copy of the book's machinery, with small contents; zh lacks two of the notebooks."""
    book = Book(root)
    for folder in "book", "notebooks", "zh/book", "zh/notebooks":
        (root / folder).mkdir(parents=True)
    for path in map(ROOT.joinpath, COPIED.split()):
        copy = shutil.copytree if path.is_dir() else shutil.copy2
        copy(path, root / path.relative_to(ROOT))
    (root / ".venv").symlink_to(sys.prefix)
    parts = [{"caption": "A", "chapters": [{"file": page} for page in part]} for part in PARTS]
    toc = json.dumps({"format": "jb-book", "root": "book/intro", "parts": parts})
    (root / "_toc.yml").write_text(toc)
    for number, name in enumerate(NAMES):
        print_it = f"print('the output of {name}')", [text(f"the output of {name}\n")]
        draw = DRAW, [figure(("red", "green", "grey")[number])], "curve"
        train = f"for step in range(500):\n    w = {number}", [], "train"
        book.write(name, RAN.replace("NAME", name), print_it, draw, train)
    computes = RAN.replace("NAME", "computes") + "\nprint('computed', 6 * 7)"
    book.write("book/computes", (computes, [text("computed 42\n")]))
    (root / "book" / "references.bib").write_text(BIB)
    words = yaml.safe_load((ROOT / "zh" / "edition.yml").read_text("utf-8"))
    (root / "zh" / "edition.yml").write_text(yaml.safe_dump(words | {"parts": ["一", "二"]}))
    for name, page in ("intro", INTRO), ("glossary", "# Glossary\n\nOf terms.\n"):
        (root / "book" / f"{name}.md").write_text(page, encoding="utf-8")
        other = page.replace("\n", "标题\n", 1) + f"{translate.MARK}{translate.digest(page)}\n"
        (root / "zh" / "book" / f"{name}.md").write_text(other, encoding="utf-8")
    for name in "notebooks/1_one", "notebooks/3_three":
        notebook = cells.read(book.path(name))
        for cell in notebook["cells"]:
            cell["metadata"]["of"] = translate.digest(translate.wording(cell))
        notebook["cells"][0]["source"] = "# 一\n\n开头。\n\n## 准备"
        cells.save(root / "zh" / f"{name}.ipynb", notebook)
    return book
