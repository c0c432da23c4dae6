"""Small books, built or not, and a folder that nobody can write to."""

import fcntl
import os
import shutil
import subprocess

import pytest

from tests import small_book


@pytest.fixture
def book(tmp_path):
    """A book not built yet, in a folder with a name as readers have them."""
    (tmp_path / "mein büch 100%").mkdir()
    return small_book.copy_book(tmp_path / "mein büch 100%")


@pytest.fixture(scope="session")
def once(tmp_path_factory, worker_id):
    """A function that has one of pytest's workers fill a folder of this name, by `make`, for all to
    read; gives the folder, and what was said."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder if worker_id == "master" else folder.parent

    def fill(name, make):
        root, said = folder / name, folder / f"{name}.txt"
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not said.exists():
                shutil.rmtree(root, ignore_errors=True)
                root.mkdir()
                said.write_text(make(root), encoding="utf-8")
        return root, said.read_text(encoding="utf-8")

    return fill


@pytest.fixture(scope="session")
def built_once(once):
    """A book that no test may change; `said` is what its build said."""
    root, said = once("built", lambda root: small_book.copy_book(root).make("book"))
    book = small_book.Book(root)
    book.said = said
    return book


@pytest.fixture
def built(built_once, tmp_path):
    """A book built before, in a folder that the test may change."""
    root = shutil.copytree(built_once.root, tmp_path / "clone", symlinks=True)
    return small_book.Book(root)


@pytest.fixture
def read_only():
    """A function that makes a folder read-only until the test is over, and returns the start of a
    command line that cannot write there either: root can write everywhere, but for a right that it
    can give up."""
    command = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-all"]
    command, opened = command if os.geteuid() == 0 else [], []
    if command and (not shutil.which("setpriv") or subprocess.call([*command, "true"])):
        pytest.skip("root here cannot give up writing everywhere")

    def close(root):
        folders = [path for path in [root, *root.rglob("*")] if path.is_dir()]
        opened.extend(folder for folder in folders if not folder.is_symlink())
        for folder in opened:
            folder.chmod(0o555)
        return command

    yield close
    for folder in opened:
        folder.chmod(0o755)
