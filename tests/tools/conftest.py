"""Small books, built or not."""

import shutil

import pytest

from tests import small_book


@pytest.fixture
def book(tmp_path):
    """A book not built yet, in a folder with a name as readers have them."""
    return small_book.copy_book(tmp_path / "mein büch 100%")


@pytest.fixture(scope="session")
def built_once(tmp_path_factory):
    """A book that no test may change; `said` is what its build said."""
    book = small_book.copy_book(tmp_path_factory.mktemp("once") / "built")
    book.said = book.make("book")
    return book


@pytest.fixture
def built(built_once, tmp_path):
    """A book built before, in a folder that the test may change."""
    root = shutil.copytree(built_once.root, tmp_path / "clone", symlinks=True)
    return small_book.Book(root)
