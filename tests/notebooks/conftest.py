"""Where a tool has taken the outputs or the ids from the notebooks, as nbstripout does, one line
says so, and not each of the tests."""

import pytest

from book.press import cells, pages
from book.press.console import BookError


def pytest_collection_finish():
    for path in pages.computing():
        try:
            code = cells.code_cells(cells.read(path))
        except BookError as error:
            pytest.exit(str(error), returncode=1)
        if code and not any(cell["outputs"] for cell in code):
            shown = path.relative_to(pages.ROOT)
            why = f"its outputs are gone: git checkout {shown}, or make notebooks"
            pytest.exit(f"{shown}: {why}", returncode=1)
