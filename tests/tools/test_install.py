"""The installation, in small trees with requirements and wheels of their own, and no network."""

import ast
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from book.press import install

# pip's settings that do something else than to install the requirements into the environment.
HARM = """target=ROOT/elsewhere user=1 prefix=ROOT/elsewhere root=ROOT/elsewhere dry-run=1 no-deps=1
require-hashes=1 constraint=ROOT/more.txt quiet=3 no-binary=:all: platform=win32 no-index=true"""
OLD = "sys.version_info = (3, 10, 2)"
BROKEN = {  # what is said, and what the environment's Python answers
    "its Python is 3.10, ": "echo '[[3, 10], \"/usr\", {}]'",
    "and its packages go to /usr": "echo '[[3, 12], \"/usr\", {}]'",
    "is gone or does not run": "exit 1",
}


def make_wheel(folder, name, version, requires=""):
    """A package with nothing in it but its version."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
    wheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {f"{name}.py": f"version = {version!r}\n"}
    files |= {f"{info}/METADATA": metadata, f"{info}/WHEEL": wheel}
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)


class Tree:
    """A book with nothing but an installer, a home, and wheels: tiny 1.0 and 2.0 with need 1.0."""

    def __init__(self, root):
        self.root, self.book, self.venv = root, root / "book", root / "book" / ".venv"
        (self.book / "book" / "press").mkdir(parents=True)
        shutil.copy(install.__file__, self.book / "book" / "press")
        for version in "1.0", "2.0":
            make_wheel(self.root / "wheels", "tiny", version, "Requires-Dist: need\n")
        make_wheel(self.root / "wheels", "need", "1.0")
        (self.book / "constraints.txt").touch()
        (self.book / "requirements.txt").write_text("tiny==2.0  # as in the book's own\n")

    def install(self, ok=True, before="pass", **settings):
        """Run the installer, after this code; returns what it said."""
        ours = ("PIP_", "PYTHON", "CONDA", "VIRTUAL_ENV", "XDG_")  # of the test's own surroundings
        env = {key: os.environ[key] for key in os.environ if not key.startswith(ours)}
        env |= {"HOME": str(self.root), "PIP_FIND_LINKS": str(self.root / "wheels")}
        code = f"import runpy, sys; sys.argv = ['install.py', '.venv']; {before}; "
        code += "runpy.run_path('book/press/install.py', run_name='__main__')"
        command, env = [sys.executable, "-I", "-c", code], env | {"PIP_NO_INDEX": "1"} | settings
        pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        result = subprocess.run(command, cwd=self.book, env=env, timeout=120, **pipe)
        assert (result.returncode == 0) is ok and "Traceback" not in result.stdout, result.stdout
        return result.stdout

    def versions(self):
        code = "import tiny, need; print(tiny.version, need.version)"
        command = [self.venv / "bin" / "python", "-I", "-c", code]
        return subprocess.run(command, capture_output=True, text=True).stdout


@pytest.fixture
def tree(tmp_path):
    """A tree in which all is installed."""
    tree = Tree(tmp_path)
    assert tree.install().startswith("Making .venv\n")
    return tree


def test_installation(tree):
    """Again it does nothing. Settings of pip's that lead elsewhere, by variables and by a file, do
    not count, what says how to reach an index does; a removed package is installed again."""
    shutil.rmtree(next(tree.venv.glob("lib/*/site-packages/tiny-2.0.dist-info")))
    (tree.root / "more.txt").write_text("tiny==1.0\n")
    harm = [pair.split("=") for pair in HARM.replace("ROOT", str(tree.root)).split()]
    (tree.root / ".pip").mkdir()
    lines = [f"find-links = {tree.root}/wheels", *map(" = ".join, harm)]
    (tree.root / ".pip" / "pip.conf").write_text("\n".join(["[install]", *lines]))
    settings = {"PIP_" + name.upper().replace("-", "_"): value for name, value in harm}
    settings |= {"PYTHONHOME": "/nowhere", "PYTHONPATH": str(tree.root), "PIP_FIND_LINKS": ""}
    outside = {path for path in tree.root.rglob("*") if tree.venv not in path.parents}
    tree.install(**settings)
    assert tree.versions() == "2.0 1.0\n"
    assert {path for path in tree.root.rglob("*") if tree.venv not in path.parents} == outside
    assert tree.install(**settings) == ""


def test_failed_installation_is_resumed_and_says_why(tree):
    """The environment stays as it was. An old Python may look after one that is there."""
    (tree.book / "requirements.txt").write_text("tiny==1.0\nneed==7\n")
    index = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_RETRIES": "1"}
    said = tree.install(ok=False, **index, PIP_INDEX_URL="http://127.0.0.1:9/")
    why = "the package index cannot be reached: connect to the network"
    assert said.endswith(f"{why}. Then run make again, it goes on here.\n")
    assert "satisfies the requirement need==7" in tree.install(ok=False)
    assert tree.versions() == "2.0 1.0\n"
    (tree.book / "requirements.txt").write_text("tiny==1.0\n")
    tree.install(before=OLD)
    assert tree.versions() == "1.0 1.0\n"


def test_broken_environment_is_named_and_kept(tree):
    """As is said, it is to be removed; an old Python cannot make a new one."""
    python = tree.venv / "bin" / "python"
    for why, answer in BROKEN.items():
        python.unlink()
        python.write_text(f"#!/bin/sh\n{answer}\n")
        python.chmod(0o755)
        line = tree.install(ok=False)
        assert line.startswith(".venv is no working environment, ") and why in line
        assert line.endswith("Run: rm -r .venv; then make again\n") and python.exists()
    shutil.rmtree(tree.venv)
    said = tree.install(ok=False, before=OLD)
    assert said.startswith("Python 3.10 is too old: the book needs 3.11 or newer; ")


def test_python_of_the_reader(capsys):
    """An old one reads the installer; Debian's has no venv; for a new one stage 5 is left out."""
    ast.parse(Path(install.__file__).read_text("utf-8"), feature_version=(3, 6))
    with pytest.raises(SystemExit, match="; run: make PYTHON=python3.12$"):
        install.check_python((3, 10), which=lambda name: name == "python3.12")
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        install.check_python((3, 12), find_spec=lambda name: None)
    install.check_python((3, 14))
    assert capsys.readouterr().out.startswith("Without TensorFlow, which has no wheels for this")
