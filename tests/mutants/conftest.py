"""All runs of a notebook are made by one process, which has its libraries and cells in common.

With this pytest, 9.2, xdist 3.8 overlooks its own mark for that, xdist_group.
"""

import re

from xdist.scheduler import LoadScopeScheduling


class ByNotebook(LoadScopeScheduling):
    def _split_scope(self, nodeid):
        """The notebook's name, with which the parameters of each test begin."""
        return re.split(r"[\[\]-]", nodeid)[1]


def pytest_xdist_make_scheduler(config, log):
    return ByNotebook(config, log)
