"""The installation, in small trees with requirements and wheels of their own, and no network."""

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from book.press import install

INSTALLER = Path(install.__file__)
# pip's settings that do something else than to install the requirements into the environment.
HARM = """target=ROOT/elsewhere user=1 prefix=ROOT/elsewhere root=ROOT/elsewhere dry-run=1 no-deps=1
requirement=ROOT/more.txt constraint=ROOT/more.txt require-virtualenv=1 require-hashes=1 quiet=3
report=ROOT/report.json no-binary=:all: platform=win32 python-version=2.7 force-reinstall=1"""
OLD = "sys.version_info = (3, 10, 2)"
NO_ENSUREPIP = """import importlib.util as util
find = util.find_spec
util.find_spec = lambda name: None if name == "ensurepip" else find(name)"""
BROKEN = {  # what is in the place of its Python, and what is said
    "#!/bin/sh\necho '[[3, 10], \"/usr\", {}]'\n": "its Python is 3.10 and the book needs 3.11",
    "#!/bin/sh\nkill -9 $$\n": "is gone or does not run",
    "rubbish": "is gone or does not run",
    "": "/nowhere/python3.10, is gone or does not run",
    "moved": "its packages would go to",
}


def make_wheel(folder, name, version, requires=""):
    """A package with nothing in it but its version."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    wheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
    files = {f"{name}.py": f"version = {version!r}\n"}
    files |= {f"{info}/METADATA": metadata, f"{info}/WHEEL": wheel}
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)


class Tree:
    """A book with nothing but an installer, a home, and wheels: tiny 1.0 and 2.0 with need 1.0."""

    def __init__(self, root):
        self.root, self.book, self.home = root, root / "book", root / "home"
        self.venv, self.stamp = self.book / ".venv", self.book / ".venv" / ".installed"
        self.command = []  # what starts the installer

    def fill(self):
        (self.book / "book" / "press").mkdir(parents=True)
        shutil.copy(INSTALLER, self.book / "book" / "press")
        self.home.mkdir()
        for version in "1.0", "2.0":
            make_wheel(self.root / "wheels", "tiny", version, "Requires-Dist: need\n")
        make_wheel(self.root / "wheels", "need", "1.0")
        (self.book / "constraints.txt").touch()
        self.require("tiny==2.0  # as in the book's own\n")
        return self.install()

    def require(self, text):
        (self.book / "requirements.txt").write_text(text)

    def install(self, ok=True, before="", **settings):
        """Run the installer, after this code; returns what it said."""
        ours = ("PIP_", "PYTHON", "CONDA", "VIRTUAL_ENV", "XDG_")  # of the test's own surroundings
        env = {key: os.environ[key] for key in os.environ if not key.startswith(ours)}
        env |= {"HOME": str(self.home), "PIP_NO_INDEX": "1"}
        env |= {"PIP_FIND_LINKS": str(self.root / "wheels")} | settings
        code = f"import runpy, sys\nsys.argv = ['install.py', '.venv']\n{before}\n"
        code += "runpy.run_path('book/press/install.py', run_name='__main__')"
        command = [*self.command, sys.executable, "-I", "-c", code]
        env = {key: value for key, value in env.items() if value is not None}
        pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        result = subprocess.run(command, cwd=self.book, env=env, timeout=120, **pipe)
        assert (result.returncode == 0) is ok and "Traceback" not in result.stdout, result.stdout
        return result.stdout

    def versions(self):
        code = "import tiny, need; print(tiny.version, need.version)"
        command = [self.venv / "bin" / "python", "-I", "-c", code]
        return subprocess.run(command, capture_output=True, text=True).stdout

    def outside(self):
        """All files that are not in the environment."""
        paths = [path for path in self.root.rglob("*") if self.venv not in path.parents]
        return {path: path.read_bytes() for path in paths if path.is_file()}


@pytest.fixture(scope="module")
def made(once):
    """A tree in which all is installed."""
    root, said = once("made", lambda root: Tree(root).fill())
    assert said.startswith("Making .venv\n")
    return Tree(root)


@pytest.fixture
def tree(made, tmp_path):
    return Tree(shutil.copytree(made.root, tmp_path / "tree", symlinks=True))


def test_installation(made, tree):
    """Again it does nothing. Settings of pip's that lead elsewhere, by variables and by a file, do
    not count, what says how to reach an index does; a removed package is installed again."""
    assert made.versions() == "2.0 1.0\n" and made.install(PIP_FIND_LINKS="/nowhere") == ""
    shutil.rmtree(next(tree.venv.glob("lib/*/site-packages/tiny-2.0.dist-info")))
    (tree.root / "more.txt").write_text("tiny==1.0\n")
    harm = [pair.split("=") for pair in HARM.replace("ROOT", str(tree.root)).split()]
    file = tree.home / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True)
    lines = [f"find-links =\n    /nowhere\n    {tree.root}/wheels", "no-index = true"]
    lines = ["[global]\nno-index = false\n[install]", *lines, *map(" = ".join, harm)]
    file.write_text("\n".join(lines))
    settings = {"PIP_" + name.upper().replace("-", "_"): value for name, value in harm}
    settings |= {"PYTHONHOME": "/nowhere", "PYTHONPATH": str(tree.root), "PIP_NO_INDEX": None}
    (tree.book / "pip.py").write_text("raise SystemExit('trapped')\n")  # where Python is started
    before = tree.outside()
    tree.install(**settings | {"PIP_FIND_LINKS": None})
    assert tree.versions() == "2.0 1.0\n" and tree.outside() == before
    assert tree.install(**settings) == ""


def test_failed_installation_is_resumed_and_says_why(tree):
    """The environment stays as it was. An old Python may look after one that is there."""
    tree.require("tiny==1.0\nneed==7\n")
    index = {"PIP_NO_INDEX": None, "PIP_FIND_LINKS": None, "PIP_RETRIES": "1"}
    said = tree.install(ok=False, **index, PIP_INDEX_URL="http://127.0.0.1:9/").splitlines()
    why = "the package index cannot be reached: connect to the network"
    line = f"The requirements are not installed, {why}. Then run make again, it goes on here."
    assert said[-1] == line
    assert "satisfies the requirement need==7" in tree.install(ok=False)
    assert tree.versions() == "2.0 1.0\n" and not tree.stamp.exists()
    tree.require("tiny==1.0\n")
    tree.install(before=OLD)
    assert tree.versions() == "1.0 1.0\n"


def test_pip_that_only_claims_success(tree):
    """Here it finds the package in another folder, which a .pth file adds to the path."""
    packages, other = next(tree.venv.glob("lib/*/site-packages")), tree.root / "other"
    shutil.move(packages / "tiny-2.0.dist-info", other / "tiny-2.0.dist-info")
    (packages / "other.pth").write_text(str(other))
    line = tree.install(ok=False).splitlines()[-1]
    assert "pip left out tiny==2.0: run rm -r .venv" in line and not tree.stamp.exists()


@pytest.mark.parametrize("script", BROKEN)
def test_broken_environment_is_named_and_kept(tree, script):
    """The advice leads to a new one, which an old Python cannot make."""
    python = tree.venv / "bin" / "python"
    if script == "moved":
        (tree.venv / "pyvenv.cfg").unlink()
    else:
        python.unlink()
        python.write_text(script) if script else python.symlink_to("/nowhere/python3.10")
        python.chmod(0o755) if script else None
    before = sorted(tree.root.rglob("*"))
    line = tree.install(ok=False)
    assert line.startswith(".venv is no working environment, ") and BROKEN[script] in line
    assert sorted(tree.root.rglob("*")) == before
    advice = re.search("Run: (.*); then make again\n$", line)[1]
    subprocess.run(advice.split(), cwd=tree.book, check=True)
    said = tree.install(ok=False, before=OLD)
    assert said.startswith("Python 3.10 is too old: the book needs 3.11 or newer; ")


def test_environment_that_cannot_be_made(tree, read_only):
    """For a file or a dead link of the reader's in its place; as on a bare Debian, where there is a
    module `venv` and no `ensurepip`; in another user's folder."""
    shutil.rmtree(tree.venv)
    assert tree.install(ok=False, before=NO_ENSUREPIP).endswith("apt install python3-venv)\n")
    tree.venv.write_text("mine")
    line = tree.install(ok=False).splitlines()[-1]
    assert line.startswith(".venv cannot be made, ") and tree.venv.read_text() == "mine"
    tree.venv.unlink()
    tree.venv.symlink_to("/nowhere/of/mine")
    assert "rm -r .venv" in tree.install(ok=False).splitlines()[-1] and tree.venv.is_symlink()
    tree.command = read_only(tree.book)
    assert tree.install(ok=False).endswith("clone the book to a folder of yours\n")


def test_python_of_any_age(capsys):
    """An old one can read the installer; for a new one what has no wheels is left out."""
    ast.parse(INSTALLER.read_text(encoding="utf-8"), feature_version=(3, 6))
    with pytest.raises(SystemExit, match="; run: make PYTHON=python3.12$"):
        install.check_python((3, 10), which=lambda name: name == "python3.12")
    with pytest.raises(SystemExit, match="; install one, then: make PYTHON=python3.12$"):
        install.check_python((3, 6), which=lambda name: None)
    install.check_python((3, 13))
    assert capsys.readouterr().out == ""
    install.check_python((3, 14))
    assert capsys.readouterr().out.startswith("Without TensorFlow, which has no wheels for this")
    old, new = install.read_pins((3, 11)), install.read_pins((3, 14))
    assert [name for name, _ in old if name not in dict(new)] == ["tensorflow"] and len(new) > 20
