"""The installation, in small trees with requirements of their own; nothing needs the network.

The environments are copies of one that the installer made, so that they have moved, too.
"""

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import install
import pytest

INSTALLER = Path(install.__file__)
SAID = "Installing the requirements: some minutes the first time"


def make_wheel(folder, name, version, requires=""):
    """A package with nothing in it but its version."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
    files = {
        f"{name}.py": f"version = {version!r}\n",
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)


class Tree:
    """A book with nothing but an installer, a home, and wheels: tiny 1.0 and 2.0 with need 1.0."""

    def __init__(self, root):
        self.root = root
        self.book, self.home = root / "book", root / "home"
        self.venv, self.stamp = self.book / ".venv", self.book / ".venv" / ".installed"
        self.command = []  # what starts the installer

    def fill(self):
        (self.book / "book" / "_tools").mkdir(parents=True)
        shutil.copy(INSTALLER, self.book / "book" / "_tools")
        self.home.mkdir()
        for version in "1.0", "2.0":
            make_wheel(self.root / "wheels", "tiny", version, "Requires-Dist: need\n")
        make_wheel(self.root / "wheels", "need", "1.0")
        self.require("tiny==2.0  # as in the book's own\n")

    def require(self, text, constraints=""):
        (self.book / "requirements.txt").write_text(text)
        (self.book / "constraints.txt").write_text(constraints)

    def install(self, ok=True, python=sys.executable, **settings):
        """Run the installer; returns what it said. It must succeed, or with ok=False fail with one
        line after those of its progress."""
        ours = ("PIP_", "PYTHON", "CONDA", "VIRTUAL_ENV", "XDG_")  # of the test's own surroundings
        env = {key: os.environ[key] for key in os.environ if not key.startswith(ours)}
        env |= {"HOME": str(self.home), "PIP_NO_INDEX": "1"}
        env |= {"PIP_FIND_LINKS": str(self.root / "wheels")} | settings
        script = str(self.book / "book" / "_tools" / "install.py")
        result = subprocess.run(
            [*self.command, python, "-I", script, ".venv"],
            cwd=self.book,
            env={key: value for key, value in env.items() if value is not None},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        assert (result.returncode == 0) is ok, result.stdout
        assert "Traceback" not in result.stdout
        return result.stdout

    def versions(self):
        """What the environment can import."""
        code = "import tiny, need; print(tiny.version, need.version)"
        command = [self.venv / "bin" / "python", "-I", "-c", code]
        return subprocess.run(command, capture_output=True, text=True).stdout.split()

    def outside(self):
        """All files that are not in the environment."""
        files = {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()}
        return {path: files[path] for path in files if self.venv not in path.parents}

    def configure(self, text):
        folder = self.home / ".config" / "pip"
        folder.mkdir(parents=True)
        (folder / "pip.conf").write_text(text)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A tree with an environment in which nothing is installed."""
    tree = Tree(tmp_path_factory.mktemp("made"))
    tree.fill()
    tree.require("")
    assert "Making .venv" in tree.install()
    tree.stamp.unlink()
    tree.require("tiny==2.0  # as in the book's own\n")
    return tree


@pytest.fixture
def tree(made, tmp_path):
    shutil.copytree(made.root, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Tree(tmp_path)


@pytest.fixture
def bare(tree):
    """A tree without an environment."""
    shutil.rmtree(tree.venv)
    return tree


def installs(tree, **settings):
    """The installer must install what is required, into the environment and nowhere else."""
    before = tree.outside()
    tree.install(**settings)
    assert tree.versions() == ["2.0", "1.0"]
    assert tree.outside() == before
    assert tree.stamp.exists()
    assert tree.install(**settings) == ""


def test_installs_and_again_does_nothing(tree):
    installs(tree)
    os.utime(tree.book / "requirements.txt")  # as after a checkout: new date, same content
    assert tree.install(PIP_FIND_LINKS="/nowhere") == ""


def test_other_requirements_are_installed(tree):
    tree.install()
    tree.require("tiny==1.0\n")
    assert SAID in tree.install()
    assert tree.versions() == ["1.0", "1.0"]
    make_wheel(tree.root / "wheels", "need", "0.9")
    tree.require("tiny==1.0\n", "need==0.9\n")
    tree.install()
    assert tree.versions() == ["1.0", "0.9"]


# pip's settings that do something else than to install the requirements into the environment.
HARM = {
    "target": "ROOT/elsewhere",
    "user": "1",
    "prefix": "ROOT/elsewhere",
    "root": "ROOT/elsewhere",
    "dry-run": "1",
    "no-deps": "1",
    "requirement": "ROOT/more.txt",
    "constraint": "ROOT/more.txt",
    "editable": "ROOT/elsewhere",
    "require-virtualenv": "1",
    "require-hashes": "1",
    "python": "/nowhere/python",
    "quiet": "3",
    "verbose": "3",
    "log": "ROOT/pip.log",
    "report": "ROOT/report.json",
    "pre": "1",
    "no-binary": ":all:",
    "platform": "win32",
    "python-version": "2.7",
    "ignore-installed": "1",
    "force-reinstall": "1",
    "debug": "1",
}


def harm(tree, *without):
    """The settings; each alone makes an installation that heeds it fail, or go elsewhere."""
    (tree.root / "more.txt").write_text("tiny==1.0\n")
    return {k: v.replace("ROOT", str(tree.root)) for k, v in HARM.items() if k not in without}


def test_harmful_variables_of_pip(tree):
    settings = harm(tree)
    installs(tree, **{"PIP_" + key.upper().replace("-", "_"): settings[key] for key in settings})


@pytest.mark.parametrize("section", ["global", "install"])
def test_harmful_lines_of_pips_file(tree, section):
    settings = harm(tree, "log", "python")  # those two would keep the file from being read
    tree.configure(f"[{section}]\n" + "".join(f"{k} = {v}\n" for k, v in settings.items()))
    installs(tree)


def test_file_of_pip_named_by_a_variable(tree):
    path = tree.root / "pip.conf"
    path.write_text(f"[install]\ntarget = {tree.root}/elsewhere\n")
    installs(tree, PIP_CONFIG_FILE=str(path))


def make_index(tree):
    """An index in a folder; returns its address."""
    for wheel in sorted((tree.root / "wheels").iterdir()):
        page = tree.root / "simple" / wheel.name.split("-")[0] / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        text = page.read_text() if page.exists() else ""
        page.write_text(f'{text}<a href="{wheel.as_uri()}">{wheel.name}</a>\n')
    return (tree.root / "simple").as_uri()


@pytest.mark.parametrize(
    "text",
    [
        "[global]\nindex-url = INDEX\n",
        "[global]\nindex-url = http://127.0.0.1:9\n[install]\nindex-url = INDEX\nuser = true\n",
        "[global]\nno-index = true\nfind-links =\n    /nowhere\n    WHEELS\ntarget = /nowhere\n",
        "[global]\nno-index = true\nextra-index-url = INDEX\nfind-links = WHEELS\nquiet = 3\n",
    ],
)
def test_readers_index_counts(tree, text):
    wheels = str(tree.root / "wheels")
    tree.configure(text.replace("INDEX", make_index(tree)).replace("WHEELS", wheels))
    installs(tree, PIP_NO_INDEX=None, PIP_FIND_LINKS=None)


def test_readers_variable_goes_before_the_file(tree):
    tree.configure("[install]\nindex-url = http://127.0.0.1:9\nretries = 0\n")
    installs(tree, PIP_NO_INDEX=None, PIP_FIND_LINKS="", PIP_INDEX_URL=make_index(tree))


@pytest.mark.parametrize(
    ("text", "why"),
    [("rubbish\n", "contains no section headers"), ("[global]\ntimeout = soon\n", "timeout")],
)
def test_file_of_pip_with_an_error(tree, text, why):
    tree.configure(text)
    line = tree.install(ok=False).splitlines()[-1]
    assert line.startswith("pip's settings cannot be read") and why in line
    assert not tree.stamp.exists()


def test_variables_of_python(tree):
    """Each of these breaks the interpreter, its pip, or where that finds packages."""
    trap = tree.root / "trap"
    (trap / "tiny-2.0.dist-info").mkdir(parents=True)
    (trap / "tiny-2.0.dist-info" / "METADATA").write_text("Name: tiny\nVersion: 2.0\n")
    (trap / "pip.py").write_text("raise SystemExit('trapped')\n")
    shutil.copy(trap / "pip.py", trap / "sitecustomize.py")
    shutil.copy(trap / "pip.py", tree.book)  # `python -m` looks where it is started, too
    installs(
        tree,
        PYTHONHOME="/nowhere",
        PYTHONPATH=str(trap),
        PYTHONUSERBASE=str(trap),
        PYTHONINSPECT="1",
        PYTHONWARNINGS="error",
        PYTHONPLATLIBDIR="elsewhere",
        PYTHONSTARTUP=str(trap / "pip.py"),
        __PYVENV_LAUNCHER__="/nowhere/python",
        VIRTUAL_ENV=str(trap),
        CONDA_PREFIX=str(trap),
        LC_ALL="C",
    )


def test_variables_of_python_while_the_environment_is_made(bare):
    (bare.root / "ensurepip.py").write_text("raise SystemExit('trapped')\n")
    installs(bare, PYTHONHOME="/nowhere", PYTHONPATH=str(bare.root), PIP_USER="1")


def test_pip_that_only_claims_success(tree):
    """Here it finds the package in another folder, which a .pth file adds to the path."""
    folder = tree.root / "other"
    for name, version in ("tiny", "2.0"), ("need", "1.0"):
        (folder / f"{name}-{version}.dist-info").mkdir(parents=True)
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (folder / f"{name}-{version}.dist-info" / "METADATA").write_text(metadata)
    packages = next(tree.venv.glob("lib/*/site-packages"))
    (packages / "other.pth").write_text(str(folder))
    line = tree.install(ok=False).splitlines()[-1]
    assert "tiny==2.0" in line and "rm -r .venv" in line
    assert not tree.stamp.exists()


def test_version_for_a_kind_of_device_counts(tree):
    (tree.root / "wheels" / "tiny-2.0-py3-none-any.whl").unlink()
    make_wheel(tree.root / "wheels", "tiny", "2.0+cpu", "Requires-Dist: need\n")
    tree.install()
    assert tree.versions() == ["2.0+cpu", "1.0"]
    assert tree.stamp.exists()


@pytest.mark.parametrize("part", ["tiny-2.0.dist-info", "tiny-2.0.dist-info/METADATA"])
def test_removed_package_is_installed_again(tree, part):
    tree.install()
    path = next(tree.venv.glob(f"lib/*/site-packages/{part}"))
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    installs(tree)


def test_package_changed_by_hand_is_put_right(tree):
    tree.install()
    python = tree.venv / "bin" / "python"
    command = [python, "-m", "pip", "install", "-q", "--no-index", "tiny==1.0"]
    subprocess.run([*command, "--find-links", tree.root / "wheels"], check=True)
    assert tree.versions() == ["1.0", "1.0"]
    installs(tree)


def test_stamp_that_is_rubbish(tree):
    tree.stamp.write_bytes(b"\xff\xfe")
    installs(tree)


def test_failed_installation_keeps_the_environment_and_is_resumed(tree):
    tree.install()
    before = tree.versions()
    tree.require("tiny==1.0\nneed==7\n")
    index = {"PIP_NO_INDEX": None, "PIP_FIND_LINKS": None, "PIP_RETRIES": "1"}
    index["PIP_INDEX_URL"] = "http://127.0.0.1:9/"
    line = (
        "The requirements are not installed, the package index cannot be reached: connect to the "
        "network. Then run make again, it goes on here."
    )
    for _ in range(2):
        assert tree.install(ok=False, **index).splitlines()[-1] == line
        assert tree.versions() == before
        assert not tree.stamp.exists()
    assert "satisfies the requirement need==7" in tree.install(ok=False)
    tree.require("tiny==1.0\n")
    tree.install()
    assert tree.versions() == ["1.0", "1.0"]


def replace(path, text):
    path.unlink()
    path.write_text(text)
    path.chmod(0o755)


def other_version(tree):
    replace(tree.venv / "bin" / "python", "#!/bin/sh\necho '[[3, 10], \"/usr\", {}]'\n")


def gone(tree):
    (tree.venv / "bin" / "python").unlink()
    (tree.venv / "bin" / "python").symlink_to("/nowhere/python3.10")


def no_executable(tree):
    replace(tree.venv / "bin" / "python", "rubbish")
    (tree.venv / "bin" / "python").chmod(0o644)


def for_another_processor(tree):
    replace(tree.venv / "bin" / "python", "\x7fELF rubbish")


def without_configuration(tree):
    (tree.venv / "pyvenv.cfg").unlink()


def crashing(tree):
    replace(tree.venv / "bin" / "python", "#!/bin/sh\nkill -9 $$\n")


BROKEN = {
    other_version: "its Python is 3.10 and the book needs Python 3.11, 3.12 or 3.13",
    gone: "its Python, /nowhere/python3.10, is gone or does not run",
    no_executable: "is gone or does not run",
    for_another_processor: "is gone or does not run",
    crashing: "is gone or does not run",
    without_configuration: "its packages would go to",
}


@pytest.mark.parametrize("make_broken", BROKEN)
def test_broken_environment_is_named_and_kept(tree, make_broken):
    digest = hashlib.sha256((tree.book / "requirements.txt").read_bytes())
    tree.stamp.write_text(digest.hexdigest())  # as if all were well
    make_broken(tree)
    before = sorted(tree.root.rglob("*"))
    line = tree.install(ok=False)
    assert line.startswith(".venv is no working environment, ")
    assert BROKEN[make_broken] in line
    assert line.endswith("Run: rm -r .venv; then make again\n")
    assert sorted(tree.root.rglob("*")) == before


def test_advice_for_a_broken_environment_helps(tree):
    gone(tree)
    advice = re.search("Run: (.*);", tree.install(ok=False))[1]
    subprocess.run(advice.split(), cwd=tree.book, check=True)
    installs(tree)


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_folder_is_named_and_kept(bare, kind):
    if kind == "file":
        bare.venv.write_text("mine")
    else:
        bare.venv.symlink_to("/nowhere/of/mine")
    line = bare.install(ok=False).splitlines()[-1]
    assert line.startswith(".venv cannot be made, ") and "rm -r .venv" in line
    assert bare.venv.is_symlink() or bare.venv.read_text() == "mine"


@pytest.mark.parametrize("part", ["bin/python", "lib"])
def test_half_made_environment_is_finished(tree, part):
    """As after an interruption: there is no interpreter yet, or no pip."""
    path = tree.venv / part
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    installs(tree)


def test_read_only_book(bare, read_only):
    bare.command = read_only(bare.book)
    line = f"Cannot write to {bare.book} (Permission denied): clone the book to a folder of yours\n"
    assert bare.install(ok=False) == line


def test_read_only_environment(tree, read_only):
    tree.command = read_only(tree.venv)
    assert "Permission denied" in tree.install(ok=False).splitlines()[-1]


def test_read_only_book_in_which_all_is_installed(tree, read_only):
    tree.install()
    tree.command = read_only(tree.book)
    assert tree.install() == ""


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
    ast.parse(INSTALLER.read_text(encoding="utf-8"), feature_version=(3, 6))


def pretend(tree, code):
    """The start of a command line that runs the installer after this code."""
    script = tree.root / "pretend.py"
    start = "import importlib.util as util, runpy, sys\nsys.argv = sys.argv[2:]\n"
    script.write_text(start + code + "\nrunpy.run_path(sys.argv[0], run_name='__main__')\n")
    tree.command = [sys.executable, str(script)]
    return {"python": "python"}


NO_ENSUREPIP = """
find = util.find_spec
util.find_spec = lambda name: None if name == 'ensurepip' else find(name)
sys.argv = sys.argv[1:]
"""
TOO_OLD = "sys.version_info = (3, 9, 2)\nsys.argv = sys.argv[1:]\n"


def test_python_without_venv_is_told_what_to_do(bare):
    """As on a bare Debian: there is a module `venv`, but no `ensurepip`."""
    assert bare.install(ok=False, **pretend(bare, NO_ENSUREPIP)) == (
        "This Python comes without its venv module: install it, then run make again "
        "(on Debian and Ubuntu: apt install python3-venv)\n"
    )
    assert not bare.venv.exists()


def test_python_out_of_range_makes_no_environment(bare):
    assert bare.install(ok=False, **pretend(bare, TOO_OLD)).startswith("Python 3.9 is too old")
    assert not bare.venv.exists()


def test_python_out_of_range_may_look_after_an_environment_that_is_there(tree):
    """As after make PYTHON=python3.12, where python3 is another."""
    tree.install(**pretend(tree, TOO_OLD))
    assert tree.versions() == ["2.0", "1.0"]


def test_the_books_own_pins_are_seen():
    """In the environment that runs this; its names are spelt as in the packages' metadata."""
    if not re.search(r"/\.venv$", sys.prefix):
        pytest.skip("this is not the environment that `make` made")
    assert install.find_missing(sys.prefix) == []
    assert len(re.findall("==", Path(install.FILES[0]).read_text())) > 20
