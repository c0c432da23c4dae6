"""The pages of the site as files: they show what the notebooks hold, in both editions.

That links lead somewhere, pictures decode, and nothing raw is shown, the build itself sees to
(book/press/shown.py). Here no browser is needed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from copy import copy
from pathlib import Path
from urllib.parse import urljoin

import jupytext
import pytest
from lxml import html

from book.press import cells, pages, theme, translate
from book.press.prove import clean_environment
from book.press.repository import find_address
from tests.site.reader import EDITIONS, ENGLISH, FIRST, PAGES, SITE, parse, stage

ROOT = pages.ROOT
EVERY = [folder + page for folder in EDITIONS for page in PAGES]
NOTEBOOKS = [path for edition in EDITIONS.values() for path in edition.notebooks()]
STAGES = [path for path in NOTEBOOKS if path.parent.name == "notebooks"]  # and chapters
WRITING = [path for path in ENGLISH.notebooks() if "%%writefile" in path.read_text("utf-8")]
HAN = re.compile("[\u4e00-\u9fff]")
ENGLISH_WORDS = re.compile(r"[a-z]{3,}\s+[a-z]{3,}\s+[a-z]{2,}")
APART = "pre, code, script, style, math, table, .citation, .page-links"  # in no edition's language
# What a language has in its own order, and what a translator may divide.
OWN_WAY = {"em", "strong", "code", "a", "span", "math", "p", "ul", "ol", "li"}
PRIVATE = b"|".join(re.escape(str(path)).encode() for path in {ROOT, Path.home()} - {Path("/")})

TRANSLATED = {  # pages whose Chinese is that of today's English
    page.relative_to(ROOT).with_suffix("").as_posix()
    for page in pages.files()
    if not list(translate.say_outdated(page))
}
every_name = pytest.mark.parametrize("name", pages.names())


def each_of(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path)[-25:-6])


def article(path):
    """What a page of the site says; a notebook's page is found by the notebook's path."""
    if isinstance(path, Path):
        path = path.relative_to(ROOT).with_suffix(".html").as_posix()
    return parse(path).select_one("article.bd-article")


def lines(*texts):
    whole = "\n".join(text.rstrip("\n") for text in texts)
    return [line.rstrip() for line in whole.strip("\n").split("\n")]


def test_every_page_has_a_title_and_a_card_of_its_own():
    """Where the description has letters that the cards' font lacks, the card is a figure."""
    assert len({parse(path).title.get_text() for path in EVERY}) == len(EVERY)
    for path in EVERY:
        card = {m["property"][3:]: m["content"] for m in parse(path).select("meta[property^=og]")}
        assert card["title"] == article(path).h1.find(string=True).strip()
        name = re.search("(_images|_static)/.*", card["image"])[0]
        assert (name == "_static/card.png") == bool(HAN.search(card["description"] + card["title"]))
        assert (SITE / path.partition("zh/")[1] / name).stat().st_size < 150_000


def test_next_leads_through_the_whole_book():
    path, seen = FIRST, []
    while path not in seen:
        seen.append(path)
        for door in parse(path).select("a.right-next"):
            path = urljoin(path, door["href"])
            assert urljoin(path, parse(path).select_one("a.left-prev")["href"]) == seen[-1]
    assert seen == PAGES


@every_name
def test_editions_have_one_skeleton(name):
    """The same elements, with the same classes, in the same order, but for the glossary's terms."""
    bones, apart = [], "ancestor::math or ancestor::dl[contains(@class, 'glossary')]"
    for folder in EDITIONS:
        page = html.fromstring((SITE / folder / f"{name}.html").read_text(encoding="utf-8"))
        inside = page.xpath(theme.ARTICLE)[0].xpath(f".//*[not({apart})]")
        bones.append([(bone.tag, bone.get("class")) for bone in inside if bone.tag not in OWN_WAY])
    if name in TRANSLATED:
        assert bones[0] == bones[1] != []


@every_name
def test_page_is_chinese(name):
    """Every paragraph but for what programs print, and what a screen reader says of buttons."""
    path = f"zh/{name}.html"
    page = copy(article(path))
    for element in page.select(APART):
        element.extract()
    for element in page.select("p, li, h2, h3, summary") if name in TRANSLATED else []:
        said = element.get_text()
        assert HAN.search(said) or not ENGLISH_WORDS.search(said), said
    for button in parse(path).select("button, #pst-skip-link a"):
        said = button.get("aria-label") or button.get_text().strip() or button["title"]
        assert HAN.search(said), button


def test_search_engines_are_told_of_all_pages_and_which_is_which():
    """The latter where the site's address is known."""
    places = re.findall("<loc>(.*?)</loc>", (SITE / "sitemap.xml").read_text(encoding="utf-8"))
    root = os.path.commonprefix(places)
    assert sorted(places) == sorted(root + path for path in EVERY)
    address, page = find_address(str(ROOT)), stage(3)
    wanted = {each.words["lang"]: address + folder + page for folder, each in EDITIONS.items()}
    for folder in EDITIONS:
        links = parse(folder + page).select("link[rel=alternate][hreflang]")
        assert {link["hreflang"]: link["href"] for link in links} == (wanted if address else {})


def test_files():
    """Figures are light, and no path of this machine is published."""
    private = re.compile(rb"(?<![\w./-])(" + PRIVATE + rb")(?![\w-])")
    for path in [path for path in SITE.rglob("*") if path.is_file()]:
        assert not private.search(path.read_bytes()), path
        assert "_images" not in path.parent.name or path.stat().st_size <= 60_000, path


@each_of(NOTEBOOKS)
def test_page_shows_what_the_notebook_holds(path):
    """Programs, outputs, figures with their texts; solutions and mistakes behind their names; and
    what a screen reader says of each part. What looks at answers runs in the notebook alone; from
    each cell to write in a link leads there."""
    notebook, page = cells.read(path), article(path)
    code, looks = cells.code_cells(notebook), {"judge", "judge-loop", "verdict"}
    asked = [cell["id"] for cell in code if "starter" in cells.tags(cell)]
    asked = [name for name in asked if name != "starter-order"]  # it has its list on the page
    assert [each["data-cell"] for each in page.select(".try:has(a[download])")] == asked
    code = [cell for cell in code if looks.isdisjoint(cells.tags(cell))]
    assert not page.select(".output.stderr, .output.traceback, :not(a) > .xref")
    for cell, element in zip(code, page.select("div.cell"), strict=True):
        source = re.sub(r"\A#@title .*\n", "", cell["source"])
        assert lines(element.select_one(".cell_input pre").get_text()) == lines(source)
        if "nbval-ignore-output" not in cells.tags(cell):
            shown = [pre.get_text() for pre in element.select(".cell_output pre")]
            given = [each.get("data", {"": each.get("text", "")}) for each in cell["outputs"]]
            stored = [text for data in given if len(data) == 1 for text in data.values()]
            assert lines(*shown) == lines(*stored), cell["id"]  # figures and tables aside
        alts = [image["alt"] for image in element.select(".cell_output img")]
        assert len(alts) == sum("image/png" in each.get("data", {}) for each in cell["outputs"])
        assert not alts or alts == [cell["metadata"]["mystnb"]["image"]["alt"]] and alts[0][15:]
        if "solution" in cells.tags(cell):
            (fold,) = element.find_all("details", recursive=False)
            assert fold.select("pre") == element.select("pre") and not fold.has_attr("open")
            assert fold.select_one("summary [role=heading]").get_text()
    words = EDITIONS["zh/" * path.is_relative_to(ROOT / "zh")].words["site"]["cell"]
    for kind in "input", "output":
        names = {(part["aria-label"], part["data-copy"]) for part in page.select(f".cell_{kind}")}
        assert names <= {(words[kind], words[f"copy_{kind}"])}
    mistakes = [cell["id"] for cell in notebook["cells"] if "mistake" in cells.tags(cell)]
    for fold, place in zip(page.select("details.mistake"), mistakes, strict=True):
        assert fold.select_one("summary > h3").get_text() and not fold.has_attr("open")
        assert fold.parent.get("id") == place or fold.parent.select(f"#{place}")


@each_of(STAGES)
def test_downloads(path):
    """The notebook that was tested, byte for byte, and a script of its cells."""
    folder = SITE / path.relative_to(ROOT).parent
    links = article(path).select("nav a[download]")
    notebook, script = (folder / link["href"] for link in links)
    assert notebook.name == path.name and notebook.read_bytes() == path.read_bytes()
    found, original = jupytext.read(script).cells, cells.read(path)["cells"]
    assert "reconfigure" in found.pop(1).source  # for terminals that lack a letter
    for cell, was in zip(found, original, strict=True):
        written = was["source"].startswith("%%writefile") and cells.program(was) in cell.source
        assert cell.cell_type == was["cell_type"] and (written or cell.source == was["source"])


@each_of([pages.stage(1), *(pytest.param(path, marks=pytest.mark.weekly) for path in WRITING)])
def test_script_runs_as_it_is(path, tmp_path):
    """It prints what the notebook holds, line by line; other lines may come between. Run are the
    first, and those in which more is changed than the test above allows for."""
    script = shutil.copy(SITE / "_sources" / "notebooks" / f"{path.stem}.py", tmp_path)
    command = [sys.executable, script]  # as a reader has it, in a folder of its own
    environment = clean_environment({"MPLBACKEND": "Agg"})
    options = {"env": environment, "capture_output": True, "text": True}
    run = subprocess.run(command, cwd=tmp_path, **options)
    assert run.returncode == 0, run.stderr
    printed = iter(run.stdout.splitlines())
    for cell in cells.code_cells(cells.read(path)):
        if "nbval-ignore-output" not in cells.tags(cell):
            text = "".join(output.get("text", "") for output in cell["outputs"])
            assert [line for line in text.splitlines() if line not in printed] == [], cell["id"]


def test_landing_page_shows_the_lines_of_each_step():
    box = article(FIRST).select_one(".loops")
    steps, columns = json.loads(box["data-loops"])["steps"], box.select(".loops-map a")
    counts = [len(column.select("i")) for column in columns]
    assert counts == [12, 12, 8, 8, 1, 7, 5, 5, 6]
    assert counts == [int(step["count"].split()[0]) for step in steps]
    assert [line.get_text() for line in box.select(".loops-lines li")][0] == "h = x @ w1"
    assert [urljoin(FIRST, column["href"]) for column in columns] == [*map(stage, range(1, 10))]


def test_stripes_stand_beside_the_lines_of_their_job():
    """Stage 3: the comments go with what is under them."""
    style = article(stage(3)).select_one(".tag_train .stripes")["style"]
    bands = re.findall(r"var\(--(\w+)\) (\d+)lh (\d+)lh", style)
    lines = cells.find(pages.stage(3), "train")["source"].split("\n")
    found = {
        job: [line.strip() for j, a, b in bands if j == job for line in lines[int(a) : int(b)]]
        for job, _, _ in bands
    }
    assert found["forward"][-1] == "loss = (y_pred - y).pow(2).sum()"
    assert found["gradients"][-1] == "loss.backward()" and len(found["update"]) == 6


@pytest.mark.parametrize("folder", EDITIONS)
def test_stage_shows_what_changed(folder):
    """On its page, and all in a row on a page of their own, each with a link. Without its + lines a
    difference is the earlier loop, without its - lines the later one."""
    edition, row_page = EDITIONS[folder], f"{folder}book/stage_diffs.html"
    rows = article(row_page).select("section > section")
    for later, row in zip(range(2, len(pages.stages()) + 1), rows, strict=True):
        earlier, page = pages.follows(later), folder + stage(later)
        (fold,), (whole,) = article(page).select("details.stage-diff"), row.select("div.stage-diff")
        shown = fold.pre.get_text().removesuffix("\n").split("\n")
        for sign, number in ("+", earlier), ("-", later):
            loop = cells.find(edition.stages()[number - 1], "train")["source"].split("\n")
            assert [line[2:] for line in shown if line[:2] != f"{sign} "] == loop
        assert whole.pre.get_text() == fold.pre.get_text()
        assert fold.summary.get_text() == edition.words["site"]["diff"].format(earlier)
        assert urljoin(row_page, row.select_one("p > a")["href"]) == page
