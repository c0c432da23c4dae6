"""The Makefile's own promises, each on a small copy of the book.

The copy has three notebooks of its own and a page that computes; it uses the environment that runs
these tests instead of making one. Each of the notebooks adds a line to runs.txt when it executes.
"""

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import install
import nbformat
import psutil
import pytest
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "book" / "_ext")]
from repository_links import find_address, find_repository  # noqa: E402

RAN = "with open('runs.txt', 'a') as file:\n    file.write('NAME ')\n"
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
COMPUTES = """---
file_format: mystnb
kernelspec: {name: python3}
---
# Computes

```{code-cell}
with open("runs.txt", "a") as file:
    file.write("computes ")
print("computed", 6 * 7)
```
"""


def heed_signals():
    """A shell in the background, or nohup, has what it starts ignore signals: no longer."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Book:
    """A copy of the book in `root`, and its targets."""

    def __init__(self, root):
        self.root = root
        self.command = []  # what starts `make`

    def start(self, *arguments, env=None):
        """Start `make` in a process group of its own."""
        ours = ("MAKE", "MFLAGS", "GITHUB_", "CELL_", "PYTEST_")  # of the test's own surroundings
        environ = {key: os.environ[key] for key in os.environ if not key.startswith(ours)}
        command = [*self.command, "make", f"PYTHON='{sys.executable}'"]
        if (self.root / ".venv").is_symlink():
            command += ["-o", ".venv/.installed"]  # old or not, it is good enough
        return subprocess.Popen(
            [*command, *arguments],
            cwd=self.root,
            env=environ | (env or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=heed_signals,
        )

    def make(self, *arguments, ok=True, **options):
        """Run `make` to its end; returns what it said. It must succeed, or with ok=False fail."""
        with self.start(*arguments, **options) as process:
            said = process.communicate(timeout=300)[0]
        assert (process.returncode == 0) is ok, said
        return said

    def write(self, name, *sources, tags=()):
        """A notebook whose cells have these sources and the ids a, b, c ..."""
        kernel = {"name": "python3", "display_name": "Elsewhere", "env": "mine"}
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel, "who": "me"})
        notebook.cells = [nbformat.v4.new_markdown_cell(f"# {name}", id="title")]
        for letter, source in zip("abcdef", sources, strict=False):
            metadata = {"tags": list(tags), "execution": {"at": "noon"}}
            notebook.cells.append(
                nbformat.v4.new_code_cell(source, id=letter, metadata=metadata, execution_count=77)
            )
        path = self.root / "notebooks" / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    def edit(self, name, old, new):
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def runs(self):
        """The notebooks executed since the last call, sorted."""
        names = []
        for path in self.root.rglob("runs.txt"):
            names += path.read_text().split()
            path.unlink()
        return sorted(names)

    def files(self, *folders):
        """All files in these folders with their bytes."""
        paths = [path for folder in folders for path in (self.root / folder).rglob("*")]
        return {path: path.read_bytes() for path in paths if path.is_file()}


def copy_book(root):
    """A copy of the book's machinery in `root`, with small contents."""
    for name in ("Makefile", "_config.yml", "requirements.txt", "constraints.txt"):
        shutil.copy2(ROOT / name, root / name)
    for name in ("book/_tools", "book/_ext", "book/_static", "book/_templates"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / ".venv").symlink_to(sys.prefix)
    book = Book(root)
    (root / "notebooks").mkdir()
    for name in ("1_one", "2_two", "3_three"):
        show = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
        book.write(name, RAN.replace("NAME", name), f"print('the output of', {name!r})", show)
    (root / "_toc.yml").write_text(json.dumps(TOC))
    (root / "book" / "references.bib").write_text(
        "@book{one, author={A, B}, title={C}, publisher={D}, year={2017}}"
    )
    (root / "book" / "intro.md").write_text("# Intro\n\n{cite}`one`\n\n```{bibliography}\n```\n")
    (root / "book" / "computes.md").write_text(COMPUTES)
    return book


@pytest.fixture
def book(tmp_path):
    """A book not built yet."""
    return copy_book(tmp_path)


@pytest.fixture
def bare(book):
    """A book without an environment."""
    (book.root / ".venv").unlink()
    return book


@pytest.fixture(scope="module")
def built_once(tmp_path_factory):
    book = copy_book(tmp_path_factory.mktemp("built"))
    book.said = book.make("book")
    return book


@pytest.fixture
def built(built_once, tmp_path):
    """A book built before, in a folder that the test may change."""
    shutil.copytree(built_once.root, tmp_path, symlinks=True, dirs_exist_ok=True)
    book = Book(tmp_path)
    book.runs()
    return book


def test_help_is_the_default_and_lists_every_target(book):
    said = book.make()
    assert said == book.make("help")
    targets = re.search(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    assert [line.split()[:2] for line in said.splitlines()] == [["make", name] for name in targets]


def test_book_executes_renders_and_names_the_site(built_once):
    assert built_once.said.splitlines()[-1] == f"{built_once.root}/_build/html/index.html"
    assert Path(built_once.said.splitlines()[-1]).exists()
    for name in ("computes", "1_one", "2_two", "3_three"):  # a line of progress for each
        assert re.search(rf"^\[\d/4\] {name} +\d+\.\d s$", built_once.said, re.MULTILINE)
    pages = built_once.root / "_build" / "html"
    assert "the output of 2_two" in (pages / "notebooks" / "2_two.html").read_text()
    assert "computed 42" in (pages / "book" / "computes.html").read_text()


def test_each_notebook_executes_once_for_a_site(book):
    book.make("book")
    assert book.runs() == ["1_one", "2_two", "3_three", "computes"]


def test_book_again_does_nothing_and_needs_no_network(built):
    before = built.files("_build/html")
    start = time.monotonic()
    said = built.make("book", env={"https_proxy": "http://127.0.0.1:9"})
    assert said.splitlines() == [f"{built.root}/_build/html/index.html"]
    assert time.monotonic() - start < 6
    assert built.runs() == []
    assert built.files("_build/html") == before


def test_book_after_an_edit_executes_that_notebook_only(built):
    built.edit("notebooks/2_two.ipynb", "the output of", "the new output of")
    assert "[1/1] 2_two" in built.make("book")
    assert built.runs() == ["2_two"]
    page = built.root / "_build" / "html" / "notebooks" / "2_two.html"
    assert "the new output of 2_two" in page.read_text()


def test_page_that_opens_the_notebooks_executes_again_with_them(built):
    built.edit("book/computes.md", "6 * 7", "len(open('../notebooks/2_two.ipynb').read())")
    built.make("book")
    assert built.runs() == ["computes"]
    built.edit("notebooks/2_two.ipynb", "the output of", "the new output of")
    built.make("book")
    assert built.runs() == ["2_two", "computes"]
    built.edit("notebooks/2_two.ipynb", "# 2_two", "# Another title")
    built.make("book")
    assert built.runs() == []


def test_page_that_opens_the_records_executes_again_with_them(built):
    folder = built.root / "benchmarks" / "results"
    folder.mkdir(parents=True)
    (folder / "one.json").write_text("[6]")
    built.edit("book/computes.md", "6 * 7", "open('../benchmarks/results/one.json').read()")
    built.make("book")
    assert built.runs() == ["computes"]
    (folder / "one.json").write_text("[7]")
    built.make("book")
    assert built.runs() == ["computes"]
    assert "[7]" in (built.root / "_build" / "html" / "book" / "computes.html").read_text()


def test_book_after_an_edit_of_prose_executes_nothing(built):
    built.edit("book/intro.md", "Intro", "Another introduction")
    built.edit("notebooks/1_one.ipynb", "# 1_one", "# Another title")
    built.make("book")
    assert built.runs() == []
    pages = built.root / "_build" / "html"
    assert "Another introduction" in (pages / "book" / "intro.html").read_text()
    assert "Another title" in (pages / "notebooks" / "1_one.html").read_text()


def test_book_shows_changed_tags_and_alternative_texts(built):
    path = built.root / "notebooks" / "1_one.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].metadata.tags = ["hide-input"]
    notebook.cells[3].metadata.mystnb = {"image": {"alt": "another text"}}
    nbformat.write(notebook, path)
    built.make("book")
    page = built.root / "_build" / "html" / "notebooks" / "1_one.html"
    assert "tag_hide-input" in page.read_text()
    assert 'alt="another text"' in page.read_text()


def test_book_in_a_changed_environment_executes_everything(built):
    said = built.make("book", env={"CUDA_VISIBLE_DEVICES": "7"})
    assert "The environment has changed" in said
    assert built.runs() == ["1_one", "2_two", "3_three", "computes"]


def test_page_out_of_the_table_leaves_the_site(built):
    built.edit("_toc.yml", ', {"file": "notebooks/3_three"}', "")
    built.make("book")
    assert not (built.root / "_build" / "html" / "notebooks" / "3_three.html").exists()


def fails_and_keeps_the_site(book, line, **options):
    """`make book` must fail and say `line`, a whole one, and leave the site as it was."""
    before = book.files("_build/html")
    assert before
    said = book.make("book", ok=False, **options)
    assert line in said.splitlines()
    assert "Traceback" not in said
    assert book.files("_build/html") == before


def test_failing_cell_stops_the_book(built):
    built.write("2_two", "x = 1", "y = foo + x")
    line = "notebooks/2_two.ipynb, cell 3 (b): NameError: name 'foo' is not defined"
    fails_and_keeps_the_site(built, line)
    fails_and_keeps_the_site(built, line)  # and not only the first time


def test_failing_cell_of_a_page_stops_the_book(built):
    built.edit("book/computes.md", "6 * 7", "6 / 0")
    line = "book/computes.md, cell 2: ZeroDivisionError: division by zero"
    fails_and_keeps_the_site(built, line)


def test_missing_page_stops_the_book(built):
    (built.root / "notebooks" / "3_three.ipynb").unlink()
    line = (
        "_toc.yml names notebooks/3_three, but there is no notebooks/3_three.md and no "
        "notebooks/3_three.ipynb: add one, or take the line out. The site is as it was."
    )
    fails_and_keeps_the_site(built, line)


def test_warning_stops_the_book(built):
    built.edit("book/intro.md", "# Intro", "# Intro\n\n[to nowhere](nowhere.md)")
    line = (
        "book/intro.md:3: WARNING: 'myst' cross-reference target not found: 'nowhere.md' "
        "[myst.xref_missing]"
    )
    fails_and_keeps_the_site(built, line)


def test_clean_removes_the_site_and_leaves_the_environment(built):
    kept = set(built.root.iterdir()) - {built.root / "_build"}
    built.make("clean")
    assert set(built.root.iterdir()) == kept


def test_serve_shows_the_site(built):
    with built.start("serve", "PORT=0", env={"PYTHONUNBUFFERED": "1"}) as process:
        try:
            while not (match := re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())):
                assert process.poll() is None
            with urllib.request.urlopen(match[0] + "book/computes.html", timeout=10) as page:
                assert b"computed 42" in page.read()
        finally:
            os.killpg(process.pid, signal.SIGINT)


def test_notebooks_are_saved_clean_and_again_the_same(book):
    path = book.write("2_two", "import sys", "print(sys.prefix)\nsys.stdout.flush()\nprint(1)")
    path.chmod(0o640)
    said = book.make("notebooks")
    for name in ("1_one", "2_two", "3_three"):
        assert re.search(rf"^\[\d/3\] {name} +\d+\.\d s$", said, re.MULTILINE)
    notebook = nbformat.read(path, as_version=4)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert notebook.metadata == {"kernelspec": kernel, "language_info": {"name": "python"}}
    assert [cell.id for cell in notebook.cells] == ["title", "a", "b"]
    code = notebook.cells[1:]
    assert [cell.metadata for cell in code] == [{"tags": []}, {"tags": []}]
    assert [cell.execution_count for cell in code] == [1, 2]
    assert [output.text for output in code[1].outputs] == [f"{book.root}/.venv\n1\n"]
    assert path.read_bytes().endswith(b"}\n")
    assert path.stat().st_mode & 0o777 == 0o640
    before = book.files("notebooks")
    book.make("notebooks")
    assert before | book.files("notebooks") == book.files("notebooks") | {
        path: data for path, data in before.items() if path.name != "runs.txt"
    }


def test_notebooks_run_in_this_environment_whatever_kernels_the_reader_has(book, tmp_path):
    spec = {"argv": ["/bin/false"], "display_name": "Python 3", "language": "python"}
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))
    places = {"JUPYTER_PATH": str(folder.parents[1]), "JUPYTER_DATA_DIR": str(folder.parents[1])}
    book.make("notebooks", "NB=notebooks/1_one.ipynb", env=places)
    assert book.runs() == ["1_one"]


def test_one_notebook(book):
    before = book.files("notebooks")
    book.make("notebooks", "NB=notebooks/2_two.ipynb")
    assert book.runs() == ["2_two"]
    after = book.files("notebooks")
    assert [path.stem for path in before if after[path] != before[path]] == ["2_two"]


FAILURES = {
    "name": ("y = foo", "cell 3 (b): NameError: name 'foo' is not defined"),
    "syntax": ("y = 1\nz = = 2", "cell 3 (b): SyntaxError: invalid syntax (line 2)"),
    "endless": (
        "while True:\n    pass",
        "cell 3 (b): still running after 3 s, the time limit; end the loop, or allow more: "
        "CELL_TIMEOUT=6 make ...",
    ),
    "dead": (
        "import os\nos._exit(3)",
        "cell 3 (b): the kernel died: the memory ran out, or the code ended its own process",
    ),
    "cuda": (
        "class OutOfMemoryError(RuntimeError):\n    pass\n\n"
        "raise OutOfMemoryError('CUDA out of memory. Tried to allocate 20 MiB.\\nGPU 0 has ...')",
        "cell 3 (b): OutOfMemoryError: CUDA out of memory. Tried to allocate 20 MiB. GPU 0 has "
        "... | Free the GPU, or run on the CPU: CUDA_VISIBLE_DEVICES='' make ...",
    ),
}


def test_failing_notebooks_are_named_and_left_as_they_were(book):
    for name, (source, _) in FAILURES.items():
        book.write(name, "x = 1", source, "print('not reached')")
    (book.root / "notebooks" / "json.ipynb").write_text('{"cells": [\n<<<<<<< HEAD\n')
    before = book.files("notebooks")
    (book.root / "notebooks" / "endless.ipynb").rename(book.root / "endless.ipynb")
    said = book.make("notebooks", ok=False).splitlines()
    (book.root / "endless.ipynb").rename(book.root / "notebooks" / "endless.ipynb")
    limit = {"CELL_TIMEOUT": "3"}
    said += book.make("notebooks", "NB=notebooks/endless.ipynb", ok=False, env=limit).splitlines()
    for name, (_, problem) in FAILURES.items():
        assert f"notebooks/{name}.ipynb, {problem}" in said
    problem = "JSONDecodeError: Expecting value: line 2 column 1 (char 12)"
    line = f"notebooks/json.ipynb: malformed: {problem}"
    assert line in said
    assert not [line for line in said if "Traceback" in line or "Task was destroyed" in line]
    after = book.files("notebooks")
    same = {path.stem for path in before if after[path] == before[path]}
    assert same == {*FAILURES, "json"}  # the others ran, and were saved


def test_kernel_that_does_not_start(book):
    (book.root / "ipykernel_launcher.py").write_text("raise SystemExit(1)")
    said = book.make("notebooks", ok=False, env={"PYTHONPATH": str(book.root)})
    assert "notebooks/1_one.ipynb: RuntimeError: Kernel died before replying to kernel_info" in said
    assert "Traceback" not in said


def test_cell_may_raise_where_its_tag_says_so(book):
    path = book.write("2_two", "raise ValueError('on purpose')", tags=["raises-exception"])
    book.make("notebooks", "NB=notebooks/2_two.ipynb")
    assert nbformat.read(path, as_version=4).cells[1].outputs[0].evalue == "on purpose"


def test_missing_notebook(book):
    said = book.make("notebooks", "NB=notebooks/none.ipynb", ok=False)
    assert "notebooks/none.ipynb: there is no such file" in said.splitlines()


def alive(pid):
    """Whether the process runs; one that has ended and was not collected does not."""
    try:
        return psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    ("target", "number"),
    [
        ("notebooks", signal.SIGINT),
        ("notebooks", signal.SIGTERM),
        ("notebooks", signal.SIGHUP),
        ("book", signal.SIGINT),
    ],
)
def test_interruption_loses_nothing_and_leaves_no_kernel(built, target, number):
    sleeper = (
        "import os, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '99'])\n"
        "with open('pids.new', 'w') as file:\n    file.write(f'{os.getpid()} {child.pid}')\n"
        "os.rename('pids.new', 'pids.txt')\n"
        "time.sleep(99)"
    )
    built.write("2_two", sleeper)
    before = built.files("notebooks", "_build/html")
    pids = built.root / "notebooks" / "pids.txt"
    with built.start(target) as process:
        while not pids.exists():
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.05)
        found = pids.read_text().split()
        pids.unlink()
        assert all(map(alive, found))
        os.killpg(process.pid, number)
        said = process.communicate(timeout=60)[0]
    assert process.returncode != 0
    assert "Interrupted." in said
    assert "Traceback" not in said
    assert not any(map(alive, found))
    after = built.files("notebooks", "_build/html")
    changed = {path.stem for path in before if before[path] != after[path]}
    assert changed <= {"1_one", "3_three"}  # those that had run to the end
    assert not [path for path in after if path.name.endswith(".new")]


def test_interruption_while_a_thread_starts_is_heeded(book):
    """At that line an exception would make the program forget the thread, and wait for it."""
    book.write("2_two", "import time\ntime.sleep(99)")
    code = (
        "import os, signal, sys, threading\n"
        "sys.path.insert(0, 'book/_tools')\n"
        "import execute\n"
        "start = threading.Thread.start\n"
        "def start_and_interrupt(thread):\n"
        "    threading.Thread.start = start\n"
        "    start(thread)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "threading.Thread.start = start_and_interrupt\n"
        "paths = [execute.Path('notebooks/2_two.ipynb')]\n"
        "execute.run_main(lambda: execute.execute(paths, print), '')"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=book.root, capture_output=True, text=True, timeout=60)
    assert result.returncode == 130
    assert result.stderr.split() == ["Interrupted."]


@pytest.fixture
def read_only():
    """A function that makes a folder read-only until the test is over, and returns the start of a
    command line that cannot write there either. Root can write everywhere; without that right, a
    capability, root is like anybody else."""
    opened = []
    command = []
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-all"]
        if not shutil.which("setpriv") or subprocess.call([*command, "true"]):
            pytest.skip("root here cannot give up writing everywhere")

    def close(root):
        folders = (path for path in [root, *root.rglob("*")] if path.is_dir())
        opened.extend(folder for folder in folders if not folder.is_symlink())
        for folder in opened:
            folder.chmod(0o555)
        return command

    yield close
    for folder in opened:
        folder.chmod(0o755)


def test_read_only_checkout(built, read_only):
    built.edit("book/intro.md", "Intro", "Changed")
    before = built.files("notebooks", "_build/html")
    built.command = read_only(built.root)
    said = built.make("book", ok=False)
    assert "_build/new: Permission denied. The site is as it was." in said.splitlines()
    said += built.make("notebooks", ok=False)
    assert "Cannot write to notebooks: nothing was executed." in said.splitlines()
    built.root.chmod(0o755)
    (built.root / ".venv").unlink()
    built.root.chmod(0o555)
    said += built.make("book", ok=False)
    line = f"Cannot write to {built.root} (Permission denied): clone the book to a folder of yours"
    assert line in said.splitlines()
    assert "Traceback" not in said
    assert built.files("notebooks", "_build/html") == before


def test_python_out_of_range_is_told_what_to_do():
    for version in (3, 11), (3, 12, 1), (3, 13, 0, "final", 0):
        install.check_python(version)
    with pytest.raises(SystemExit) as old:
        install.check_python((3, 10, 13), which=lambda name: name == "python3.12")
    needed = "the book needs Python 3.11, 3.12 or 3.13"
    assert old.value.code == f"Python 3.10 is too old: {needed}; run: make PYTHON=python3.12"
    with pytest.raises(SystemExit) as new:
        install.check_python((3, 14, 0), which=lambda name: None)
    assert new.value.code == (
        f"Python 3.14 is too new (TensorFlow has no wheels for it): {needed}; "
        "install one, then run: make PYTHON=python3.12"
    )


def test_old_python_can_read_the_installer():
    source = (ROOT / "book" / "_tools" / "install.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))


def test_python_without_venv_is_told_what_to_do(bare):
    """As on a bare Debian: there is a module `venv`, but no `ensurepip`."""
    blind = bare.root / "blind.py"
    blind.write_text(
        "import importlib.util as util, runpy, sys\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name: None if name == 'ensurepip' else find(name)\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    said = bare.make("book", f"PYTHON='{sys.executable}' blind.py", ok=False)
    assert said.splitlines()[0] == (
        "This Python comes without its venv module: install it, then run make again "
        "(on Debian and Ubuntu: apt install python3-venv)"
    )
    assert not (bare.root / ".venv").exists()


OFFLINE = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_RETRIES": "1",
    "PIP_NO_CACHE_DIR": "1",
}


def test_failed_installation_keeps_the_environment_and_is_resumed(bare):
    def install_offline(**options):
        return bare.make(".venv/.installed", env=OFFLINE, **options)

    requirements, stamp = bare.root / "requirements.txt", bare.root / ".venv" / ".installed"
    requirements.write_text("")
    (bare.root / "constraints.txt").write_text("")
    install_offline()
    assert stamp.exists()
    before = bare.files(".venv/lib")

    requirements.write_text("numpy==2.0\n")
    line = (
        "The requirements are not installed, the package index cannot be reached: connect to the "
        "network. Then run make again, it goes on here."
    )
    for _ in range(2):
        assert line in install_offline(ok=False).splitlines()
    after = bare.files(".venv/lib")
    assert before == {path: after[path] for path in after if path in before}

    requirements.write_text("pip\n")  # is there already
    install_offline()
    assert stamp.exists()
    os.utime(requirements)  # as after a checkout: new date, same content
    assert "Installing" not in install_offline()


def test_environment_that_does_not_work_is_named_and_kept(bare):
    python = bare.root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/nowhere/python3.10")
    said = bare.make("book", ok=False)
    assert ".venv is no working environment: remove it, then run make again." in said
    assert python.is_symlink()


LINKS = {
    "https://github.com/some.one/the-book.git": "https://github.com/some.one/the-book",
    "https://github.com/someone/book": "https://github.com/someone/book",
    "git@github.com:someone/book.git": "https://github.com/someone/book",
    "ssh://git@github.com/someone/book": "https://github.com/someone/book",
    "https://gitlab.com/someone/book.git": None,
    "https://github.com.example.org/someone/book": None,
    "https://user:secret@github.com/someone/book": None,
    "/srv/git/book.git": None,
    "": None,
}


@pytest.mark.parametrize("remote", LINKS)
def test_repository_comes_from_the_remote(tmp_path, monkeypatch, remote):
    for name in ("GITHUB_REPOSITORY", "GITHUB_REF_NAME"):
        monkeypatch.delenv(name, raising=False)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    if remote:
        subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", remote], check=True)
    url = LINKS[remote]
    assert find_repository(tmp_path) == (url and (url, "main"))


def test_repository_comes_from_github_first(tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "fork/book")
    monkeypatch.setenv("GITHUB_REF_NAME", "idea")
    assert find_repository(tmp_path) == ("https://github.com/fork/book", "idea")


def test_address_is_that_of_github_pages():
    assert find_address(("https://github.com/Some/Book", "main")) == "https://some.github.io/Book/"
    assert find_address(("https://github.com/a/a.github.io", "main")) == "https://a.github.io/"
    assert find_address(None) == ""


def test_without_git_there_is_no_repository(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_repository(tmp_path) is None


def test_pages_link_to_the_repository_only_where_there_is_one(built):
    pages = built.root / "_build" / "html"
    notebook, page = pages / "notebooks" / "1_one.html", pages / "book" / "intro.html"
    for path in notebook, page:
        assert not re.search(r"github\.com|colab\.research|mybinder\.org", path.read_text())
    built.make("book", env={"GITHUB_REPOSITORY": "fork/book", "GITHUB_REF_NAME": "main"})
    assert built.runs() == []
    for link in (
        "https://colab.research.google.com/github/fork/book/blob/main/notebooks/1_one.ipynb",
        "https://mybinder.org/v2/gh/fork/book/main?urlpath=lab/tree/notebooks/1_one.ipynb",
    ):
        assert f'href="{link}"' in notebook.read_text()
        assert f'href="{link}"' not in page.read_text()
    assert 'href="https://github.com/fork/book/edit/main/book/intro.md"' in page.read_text()


def test_the_date_of_a_page_is_gits(built):
    page = built.root / "_build" / "html" / "book" / "intro.html"
    assert "Last updated" not in page.read_text()
    git = ["git", "-C", built.root, "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for *command, day in (
        ("init", "-q", ""),
        ("add", "book", "notebooks", ""),
        ("commit", "-qm", "A", "2019-03-02"),
        ("commit", "-qm", "B", "--allow-empty", "2020-01-01"),
    ):
        dates = {"GIT_AUTHOR_DATE": f"{day}T12:00", "GIT_COMMITTER_DATE": f"{day}T12:00"}
        subprocess.run([*git, *command], check=True, env=os.environ | dates)
    built.make("book")
    assert built.runs() == []
    assert '<time datetime="2019-03-02">' in page.read_text()
    assert "<lastmod>2019-03-02<" in (page.parents[1] / "sitemap.xml").read_text()


def test_another_build_of_the_book_is_identical(tmp_path):
    """The whole book once more, in another folder and time zone, with the cached outputs."""
    junk = shutil.ignore_patterns(".venv", "_build", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, tmp_path, dirs_exist_ok=True, ignore=junk)
    shutil.copytree(ROOT / "_build" / ".jupyter_cache", tmp_path / "_build" / ".jupyter_cache")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    github = {key: os.environ[key] for key in os.environ if key.startswith("GITHUB_")}
    said = Book(tmp_path).make("book", env=github | {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"})
    assert "Executing" not in said
    sites = [
        {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
        for site in (ROOT / "_build" / "html", tmp_path / "_build" / "html")
    ]
    if (ROOT / "_build" / "one-network-nine-ways.pdf").exists():  # a thing of the other site
        for path in "one-network-nine-ways.pdf", "book/intro.html":
            sites[0].pop(Path(path)), sites[1].pop(Path(path), None)
    assert sites[0].keys() == sites[1].keys()
    assert [path for path in sites[0] if sites[0][path] != sites[1][path]] == []


def test_pdf_is_printed_and_linked(built, executable):
    path = built.root / "_build" / "one-network-nine-ways.pdf"
    copy = built.root / "_build" / "html" / path.name
    intro = copy.parent / "book" / "intro.html"
    assert path.name not in intro.read_text()
    assert built.make("pdf").splitlines()[-1] == str(path)
    pdf = PdfReader(path)
    titles = [entry.title for entry in pdf.outline if not isinstance(entry, list)]
    assert titles == ["Intro", "Computes", "1_one", "2_two", "3_three"]
    text = [page.extract_text() for page in pdf.pages]
    assert "computed 42" in " ".join(text)
    assert sum(len(page.images) for page in pdf.pages) == 3
    assert all(f"{number} / {len(text)}" in page for number, page in enumerate(text, start=1))
    assert f'href="../{path.name}"' in intro.read_text()
    assert copy.read_bytes() == path.read_bytes()

    built.make("book")
    assert copy.exists()
    built.edit("book/intro.md", "Intro", "Another introduction")
    built.make("book")
    assert not path.exists() and not copy.exists()
    assert path.name not in intro.read_text()


def test_pdf_without_a_browser_says_what_to_do(built):
    said = built.make("pdf", env={"CHROMIUM": "/nowhere/chromium"}, ok=False)
    line = "CHROMIUM is /nowhere/chromium, and that is no executable: name a Chromium's"
    assert line in said and "Traceback" not in said
    assert not (built.root / "_build" / "one-network-nine-ways.pdf").exists()
