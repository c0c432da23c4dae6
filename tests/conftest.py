"""What tests of several folders need."""

import os
import re

import pytest
from xdist.scheduler import LoadScopeScheduling

from book.press import pages
from book.press.console import BookError
from book.press.run import needs_tensorflow, runs_here
from book.press.serve import find_chromium
from tests.proofs import proven, prover  # noqa: F401, the fixtures


@pytest.fixture(scope="session")
def executable():
    """The path of the browser. Without one the tests that need it skip, in CI they fail."""
    try:
        return find_chromium()
    except BookError as why:
        if os.environ.get("CI") == "true":
            pytest.fail(str(why), pytrace=False)
        pytest.skip(str(why))


def pytest_collection_modifyitems(items):
    """Order the runs of notebooks by what they share, those with TensorFlow first, since they share
    nothing and take longest; and leave these out where it is not installed."""
    paths = pages.computing()
    needing = [path.stem for path in paths if needs_tensorflow(path)]
    left = [path.stem for path in paths if not runs_here(path)]
    places = {item: item.get_closest_marker("place") for item in items}

    def order(item):
        notebook, number = places[item].args if places[item] else ("", 0)
        return notebook not in needing, notebook, number

    items.sort(key=order)
    for item in items:
        named = f"{item.name} {places[item]}"
        if "prover" in item.fixturenames and any(stem in named for stem in left):
            item.add_marker(pytest.mark.skip(reason="TensorFlow is not installed"))


class ByNotebook(LoadScopeScheduling):
    """Gives all runs of a notebook to one process, which has its libraries and cells in common.
    xdist 3.8 does so by a mark of its own, xdist_group, which it overlooks with pytest 9.2."""

    def _split_scope(self, nodeid):
        """The notebook's name, with which the parameters of a test in tests/mutants begin."""
        return re.split(r"[\[\]-]", nodeid)[1] if "tests/mutants/" in nodeid else nodeid


def pytest_xdist_make_scheduler(config, log):
    if config.getoption("dist") == "loadgroup":
        config.option.loadscopereorder = False  # not by the number of tests
        return ByNotebook(config, log)
