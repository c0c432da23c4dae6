"""In seconds, what `make mutants` would say after minutes: an edit has left an entry behind."""

import pytest

from book.press import cells, pages
from tests.proofs import entries

NOTEBOOKS = [*pages.stages(), *pages.chapters()]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_lines_of_mutants_and_attempts_are_still_there(path):
    sources = {cell["id"]: cell["source"] for cell in cells.code_cells(cells.read(path))}
    names = [entry["id"] for entry in entries(path)]
    assert sorted(set(names)) == sorted(names), "two entries have one id"
    for entry in entries(path):
        found = sources[entry["cell"]].count(entry.get("old", ""))
        assert found == 1 or "answer" in entry, f"{entry['id']}: 'old' occurs {found} times"
        named = {entry["by"], *entry.get("without", "").split()}
        assert named <= sources.keys(), entry["id"]
    assert sum(entry["how"] != "attempt" for entry in entries(path)) >= 5
