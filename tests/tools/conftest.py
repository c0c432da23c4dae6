"""Small books, built or not."""

import fcntl
import shutil

import pytest

from tests import small_book


@pytest.fixture
def book(tmp_path):
    """A book not built yet, in a folder with a name as readers have them."""
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
