"""Which stored outputs cannot be their code's."""

import cells
import nbformat
import pytest
from small_book import error, figure, text


def faults(*parts):
    """The faults of a notebook of such cells: source, outputs, tags."""
    notebook = nbformat.v4.new_notebook()
    for number, (source, outputs, *tags) in enumerate(parts, start=1):
        cell = nbformat.v4.new_code_cell(source, outputs=outputs, id="abc"[number - 1])
        cell.metadata.tags = tags
        cell.execution_count = number
        notebook.cells += [nbformat.v4.new_markdown_cell("between"), cell]
    return cells.find_faults(notebook)


PRINTS, DRAWS = "cell a prints, and nothing is stored", "cell a draws a figure, and none is stored"


@pytest.mark.parametrize(
    ("source", "outputs", "tags", "expected"),
    [
        ("x = 1", [], [], None),
        ("print(1)", [text("1\n")], [], None),
        ("print(1)", [], [], PRINTS),
        ("for i in range(3):\n    print(i)", [], [], PRINTS),
        ("with a as b:\n    print(b)", [], [], PRINTS),
        ("x = print(1)", [], [], PRINTS),
        ("def f():\n    print(1)", [], [], None),
        ("f = lambda: print(1)", [], [], None),
        ("class A:\n    def f(self):\n        print(1)", [], [], None),
        ("print(1)", [], ["nbval-ignore-output"], None),
        ("printed(1)", [], [], None),
        ("# print(1)", [], [], None),
        ("plt.show()", [figure()], [], None),
        ("plt.show()", [], [], DRAWS),
        ("plt.show()", [text("<Figure>")], [], DRAWS),
        ("plt.show()", [], ["nbval-ignore-output"], DRAWS),
        ("def draw():\n    plt.show()", [], [], None),
        ("1 / 0", [error("ZeroDivisionError", "")], ["raises-exception"], None),
        (
            "1 / 0",
            [text("1\n"), error("ZeroDivisionError", "")],
            [],
            "cell a stores an error that nobody asked for: ZeroDivisionError",
        ),
        ("1 +", [error("SyntaxError", "")], ["raises-exception"], None),
        ("%%writefile a.py\nprint(1)", [text("Writing a.py\n")], [], None),
        ("!ls", [], [], None),
    ],
)
def test_outputs_that_cannot_be_the_codes(source, outputs, tags, expected):
    assert faults((source, outputs, *tags)) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((1, 2, 3), []),
        ((None, None, None), [f"cell {name} was not executed" for name in "abc"]),
        ((1, None, 2), ["cell b was not executed", "cell c was executed as number 2, not 3"]),
        (
            (2, 3, 4),
            [
                f"cell {name} was executed as number {n + 1}, not {n}"
                for n, name in enumerate("abc", start=1)
            ],
        ),
        (
            (1, 3, 2),
            ["cell b was executed as number 3, not 2", "cell c was executed as number 2, not 3"],
        ),
        ((1, 2, 2), ["cell c was executed as number 2, not 3"]),
    ],
)
def test_order_of_execution(counts, expected):
    notebook = nbformat.v4.new_notebook()
    for name, count in zip("abc", counts, strict=True):
        notebook.cells.append(nbformat.v4.new_code_cell("x = 1", id=name, execution_count=count))
    assert cells.find_faults(notebook) == expected
