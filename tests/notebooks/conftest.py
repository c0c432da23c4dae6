"""Where a tool has taken the outputs or the ids from the notebooks, as nbstripout does, one line
says so, and not each of the tests."""

import pytest

from book.press import cells, pages
from book.press.console import BookError


def pytest_sessionstart():
    for path in pages.computing():
        try:
            notebook = cells.read(path)
            if not any(cell["outputs"] for cell in cells.code_cells(notebook)):
                cells.refuse_faults(path.relative_to(pages.ROOT), notebook)
        except BookError as error:
            pytest.exit(str(error), returncode=1)
