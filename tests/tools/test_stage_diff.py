"""The differences between the stages' training loops: on the pages that `make book` made, and on a
small book of three notebooks, which is built again after an edit."""

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from pygments.styles import get_style_by_name

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "site"
STAGES = sorted((ROOT / "notebooks").glob("0[1-9]_*.ipynb"))
PAIRS = [pair if pair[1] != STAGES[5] else (STAGES[2], STAGES[5]) for pair in pairwise(STAGES)]
THEMES = {"": "a11y-high-contrast-light", 'html[data-theme="dark"] ': "a11y-high-contrast-dark"}

pairs = pytest.mark.parametrize(("earlier", "later"), PAIRS, ids=[pair[1].stem for pair in PAIRS])


def article(name):
    path = SITE / f"{name}.html"
    if not path.exists():
        pytest.fail(f"_build/site/{name}.html is missing: run `make book`", pytrace=False)
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select_one("article")


def loop(path):
    """The lines of a notebook's training loop."""
    cells = nbformat.read(path, as_version=4).cells
    (cell,) = [cell for cell in cells if "train" in cell.metadata.get("tags", [])]
    return cell.source.splitlines()


def signed(element):
    """Pairs of sign and code, one for each line of a shown difference."""
    lines = element.pre.get_text().removesuffix("\n").split("\n")
    assert all(line[:2] in ("  ", "- ", "+ ") for line in lines)
    return [(line[0], line[2:]) for line in lines]


def check(element, earlier, later):
    """Without its + lines a difference is the earlier loop, without its - lines the later one."""
    lines = signed(element)
    assert [code for sign, code in lines if sign != "+"] == loop(earlier)
    assert [code for sign, code in lines if sign != "-"] == loop(later)
    written = [sign for sign, code in lines if code.strip()]
    counts = {sign: written.count(sign) for sign in "-+ "}
    stays = "stays" if counts[" "] == 1 else "stay"
    assert element.p.get_text() == (
        f"Of the {counts['-'] + counts[' ']} lines of stage {int(earlier.name[:2])}, "
        f"{counts['-']} are taken away (-) and {counts[' ']} {stays}; {counts['+']} are added (+)."
    )
    for tag, sign in ("del", "-"), ("ins", "+"):
        marked = "".join(run.get_text() for run in element.select(f"pre > {tag}"))
        assert marked == "".join(f"{s} {code}\n" for s, code in lines if s == sign)


def test_there_are_nine_stages():
    assert [int(path.name[:2]) for path in STAGES] == list(range(1, 10))


@pairs
def test_stage_shows_what_changed(earlier, later):
    (fold,) = article(f"notebooks/{later.stem}").select("details.stage-diff")
    check(fold, earlier, later)


@pairs
def test_fold_is_closed_and_stands_under_the_opening(earlier, later):
    (fold,) = article(f"notebooks/{later.stem}").select("details.stage-diff")
    assert not fold.has_attr("open")
    number = int(earlier.name[:2])
    assert fold.summary.get_text() == f"What changed in the loop since stage {number}"
    before = [element.name for element in fold.find_previous_siblings()]
    assert before[:4] == ["p", "p", "nav", "h1"]  # the opening and what the page takes of your time
    assert fold.find_next_sibling().name == "section"
    assert fold.find_next_sibling().h2.get_text().startswith("Setup")


def test_other_pages_have_no_fold():
    pages = {path for path in SITE.rglob("*.html") if "_static" not in path.parts}
    for edition in SITE, SITE / "zh":
        pages -= {edition / "notebooks" / f"{later.stem}.html" for _, later in PAIRS}
    assert SITE / "notebooks" / f"{STAGES[0].stem}.html" in pages
    assert not [path for path in pages if '<details class="stage-diff"' in path.read_text()]


def test_page_shows_all_in_a_row():
    sections = article("book/stage_diffs").select("section > section")
    assert len(sections) == len(PAIRS)
    for section, (earlier, later) in zip(sections, PAIRS, strict=True):
        check(section.select_one("div.stage-diff"), earlier, later)
        title = article(f"notebooks/{later.stem}").h1.get_text().removesuffix("#")
        number, name = title.split(" · ")
        assert section.h2.get_text().removesuffix("#") == f"Stage {number}: {name}"
        links = [link["href"] for link in section.select("p > a")]
        assert links == [f"../notebooks/{later.stem}.html"]


def test_code_is_coloured_and_its_style_is_loaded():
    page = article(f"notebooks/{STAGES[2].stem}")
    (fold,) = page.select("details.stage-diff")
    assert {"for", "in", "with"} <= {word.get_text() for word in fold.select(".highlight .k, .ow")}
    css = (SITE / "_static" / "site.css").read_text(encoding="utf-8")
    assert ".stage-diff summary" in css
    for pre in article("book/stage_diffs").select(".stage-diff pre") + fold.select("pre"):
        assert pre["tabindex"] == "0", "the keyboard can scroll it"


@pytest.mark.parametrize("theme", THEMES)
def test_code_is_readable_on_both_themes(theme):
    """Every colour that a token can have stands out from both backgrounds, 4.5 to 1 (WCAG AA)."""
    site = (SITE / "_static" / "site.css").read_text(encoding="utf-8").lower()
    css = (ROOT / "book" / "_static" / "stage_diff.css").read_text(encoding="utf-8")
    rule = re.search(rf"(?m)^{re.escape(theme)}\.stage-diff \{{(.*?)\}}", css, re.DOTALL)[1]
    grounds = dict(re.findall(r"--(added|taken): #(\w{6});", rule))
    assert set(grounds) == {"added", "taken"}
    colours = {style["color"] for _, style in get_style_by_name(THEMES[theme]) if style["color"]}
    assert sum(f"#{colour}" in site for colour in colours) > 4  # those of tokens that occur
    for ground in grounds.values():
        for colour in colours:
            assert contrast(colour, ground) >= 4.5, f"#{colour} on #{ground}"


def contrast(one, other):
    """The contrast ratio of two colours such as "0072b2", as WCAG 2 defines it."""
    lights = []
    for colour in one, other:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        lights.append(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] + 0.05)
    return max(lights) / min(lights)


# A small book


class Book:
    def __init__(self, root):
        self.root = root
        (root / "notebooks").mkdir()
        (root / "_toc.yml").write_text(
            "format: jb-book\nroot: row\nparts:\n- chapters:\n"
            + "".join(f"  - file: notebooks/0{number}_stage\n" for number in (1, 2, 3))
        )
        (root / "conf.py").write_text(
            f"import sys\nsys.path.append({str(ROOT / 'book' / '_ext')!r})\n"
            "exclude_patterns = ['out', 'jupyter_execute']\n"
            "extensions = ['myst_nb', 'stage_diff']\nnb_execution_mode = 'off'\n"
            f"html_static_path = [{str(ROOT / 'book' / '_static')!r}]\nroot_doc = 'row'\n"
        )
        (root / "row.md").write_text(
            "# Row\n\n```{toctree}\n:glob:\nnotebooks/*\n```\n\n```{stage-diff} 3\n```\n"
        )
        for number, code in (1, "a = 1\nb = 1"), (2, "a = 2\nb = 1"), (3, "a = 2\nb = 3 < 4"):
            self.write(number, code)

    def write(self, number, *loops):
        cells = [nbformat.v4.new_markdown_cell(f"# {number}\n\nOpening.\n\n## Setup", id="title")]
        for index, code in enumerate(loops):
            metadata = {"tags": ["train"]}
            cells.append(nbformat.v4.new_code_cell(code, id=f"loop-{index}", metadata=metadata))
        kernel = {"name": "python3", "display_name": "Python 3"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        notebook.metadata.language_info = {"name": "python", "pygments_lexer": "python"}
        nbformat.write(notebook, self.root / "notebooks" / f"0{number}_stage.ipynb")

    def build(self, ok=True):
        """Build what is out of date; returns what Sphinx said."""
        command = [
            sys.executable,
            "-m",
            "sphinx",
            "-v",
            "-W",
            str(self.root),
            str(self.root / "out"),
        ]
        environ = os.environ | {"NO_COLOR": "1"}
        run = subprocess.run(command, env=environ, capture_output=True, text=True)
        said = run.stdout + run.stderr
        assert (run.returncode == 0) is ok, said
        return said

    def shown(self, page):
        html = (self.root / "out" / f"{page}.html").read_text(encoding="utf-8")
        (element,) = BeautifulSoup(html, "html.parser").select(".stage-diff")
        return element.pre.get_text().splitlines()


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


def test_difference_follows_both_notebooks(book):
    book.build()
    assert book.shown("notebooks/02_stage") == ["- a = 1", "+ a = 2", "  b = 1"]
    assert book.shown("notebooks/03_stage") == ["  a = 2", "- b = 1", "+ b = 3 < 4"]
    book.write(2, "a = 2\nb = 2")
    book.build()
    assert book.shown("notebooks/02_stage") == ["- a = 1", "- b = 1", "+ a = 2", "+ b = 2"]
    for page in "notebooks/03_stage", "row":
        assert book.shown(page) == ["  a = 2", "- b = 2", "+ b = 3 < 4"]
    book.write(3, "a = 2\nb = 2")
    book.build()
    for page in "notebooks/03_stage", "row":
        assert book.shown(page) == ["  a = 2", "  b = 2"]


def test_build_fails_without_one_loop_to_compare(book):
    book.write(2, "a = 2", "a = 3")
    assert "02_stage.ipynb: 2 cells are tagged train, not one" in book.build(ok=False)
    book.write(2)
    assert "02_stage.ipynb: 0 cells are tagged train, not one" in book.build(ok=False)
    (book.root / "notebooks" / "02_stage.ipynb").unlink()
    assert "_toc.yml names notebooks/02_stage, but there is no" in book.build(ok=False)
    book.write(2, "a = 2")
    row = book.root / "row.md"
    row.write_text(row.read_text().replace("{stage-diff} 3", "{stage-diff} 4"))
    assert "row: error: there are no stages 3 and 4" in book.build(ok=False)
