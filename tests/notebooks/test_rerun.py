"""Every code cell can be run twice in a row, and every check once more at the end.

A reader runs cells again and out of order. So a cell makes what it changes, and each run of it
prints what is stored; nothing below a check takes away what the check needs. Those that take
minutes are tried once a week.
"""

import pytest

from book.press import cells, pages

SHORT = [*pages.stages(), pages.ROOT / "book" / "gradients.ipynb"]
PATHS = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.weekly] * (path not in SHORT))
    for path in pages.computing()
]


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_cells_can_be_run_again(path, proven, prover):
    def prove():
        code = cells.code_cells(cells.read(path))
        catches = prover(path, folder=path.parent).run(code, again=True, seconds=900)
        if catches:
            pytest.fail("\n".join(map(str, catches)), pytrace=False)
        return ""

    if path.parent.name == "notebooks":
        proven(path, None, prove)
    else:  # it reads other files, which no digest covers
        prove()


# The test's own proof: on a notebook of three cells, the second a check; each prints 1, it says


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["weights = [1]", "a = weights[0]", "b = 2"], []),
        (["a = 2", "a = 1", ""], ["first", "first"]),  # each time
        (["a = 1 + ('b' in globals())\nb = 0", "a = 1", ""], ["first"]),  # the second time
        (["weights = [1]", "a = weights.pop()", "a = 1"], ["second", "second"]),  # and at the end
        (["weights = [1]", "a = weights[0]", "weights = [2]"], ["second"]),  # at the end
    ],
)
def test_faults_are_found(sources, expected, prover):
    code = [
        {
            "id": name,
            "source": f"a = 1\n{source}\nprint(a)",
            "metadata": {"tags": tags},
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "1\n"}],
        }
        for name, source, tags in zip(
            ("first", "second", "third"), sources, ([], ["check"], []), strict=True
        )
    ]
    catches = prover(pages.stages()[0]).run(code, again=True)
    assert [catch.cell for catch in catches] == expected, catches
