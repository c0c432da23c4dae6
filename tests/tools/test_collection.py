"""pytest, typed directly: what it collects and what it runs."""

import re
import subprocess
import sys
from collections import Counter

import small_book


def collect(root, *arguments):
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    run = subprocess.run([*command, *arguments], cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return [line for line in run.stdout.splitlines() if "::" in line]


def test_tests_of_the_book_are_collected_once(built_once):
    ids = collect(small_book.ROOT, "tests")
    assert [each for each, count in Counter(ids).items() if count > 1] == []
    for folder in "tools", "notebooks", "site", "mutants":
        assert [each for each in ids if each.startswith(f"tests/{folder}/")], folder


def test_folders_of_tests_are_collected_alone():
    """Helpers of one folder need no other; names may be the same in two."""
    for folders in ["tests/site", "tests/mutants"], ["tests/mutants"], ["tests/notebooks"]:
        assert collect(small_book.ROOT, *folders)


def test_notebooks_are_collected_where_they_are_written_only(built_once):
    """Copies of them are in _build, after a build by hand too."""
    assert list(built_once.root.glob("_build/**/*.ipynb"))
    files = {each.split("::")[0] for each in collect(built_once.root, "--nbval")}
    here = {f"notebooks/{name}.ipynb" for name in ("1_one", "2_two", "3_three")}
    assert files == {"book/computes.ipynb", *here}
    ids = collect(built_once.root, "--nbval")
    assert len(ids) == len(set(ids)) == 10


def test_last_failed_is_run_again(book):
    (book.root / "tests").mkdir()
    (book.root / "tests" / "test_it.py").write_text(
        "import pages\ndef test_good(): pass\ndef test_bad(): assert 0\n"
    )
    command = [book.python, "-m", "pytest", "-q", "--color=no", "tests"]
    assert "1 failed, 1 passed" in book.run(command, ok=False)
    assert (book.root / "_build" / "pytest").is_dir()
    again = book.run([*command, "--lf"], ok=False)
    assert re.search(r"1 failed, 1 deselected|1 failed in", again)
    assert not list(book.root.rglob(".pytest_cache"))
