"""What a reader does on the site: searches, opens folds, copies code, follows its links."""

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from urllib.parse import urljoin
from xml.etree import ElementTree

import cells
import jupytext
import nbformat
import pages
import pytest
from bs4 import BeautifulSoup
from site_reader import PAGES, SITE

ROOT = pages.ROOT
NOTEBOOKS = [*pages.stages(), *pages.chapters()]

notebooks = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


@cache
def parse(path):
    return BeautifulSoup((SITE / path).read_text(encoding="utf-8"), "html.parser")


def wait_until_in_view(locator):
    """Wait until the page has scrolled to it."""
    locator.element_handle().evaluate("""async element => {
        const seen = () => {
            const { top, bottom } = element.getBoundingClientRect();
            return top < innerHeight && bottom > 0;
        };
        for (let i = 0; i < 50 && !seen(); i++) await new Promise(done => setTimeout(done, 100));
        if (!seen()) throw new Error("it is not in view");
    }""")


# Search

FOUND = {  # what one types, and the place that must come first
    "zero_grad": "notebooks/06_nn.html#zero-grad-is-missing",
    "save_for_backward": "notebooks/04_custom_function.html#the-idea",
    "state_dict": "notebooks/08_custom_module.html#",
    "Variable": "book/then_and_now.html#variable",
    "placeholder": "notebooks/05_tf_static_graph.html#a-placeholder-gets-no-value",
    "tf.Session": "book/then_and_now.html#then-and-now",
    "volatile": "book/then_and_now.html#volatile",
    "size_average": "book/then_and_now.html#size-average",
    "loss.data[0]": "book/then_and_now.html#",
    "梯度": "book/glossary.html#term-gradient",
    "RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.": (
        "notebooks/03_autograd.html#no-grad-is-missing"
    ),
    "The size of tensor a (784) must match the size of tensor b (32)": (  # not our sizes
        "notebooks/06_nn.html#the-weight-goes-in-as-it-is"
    ),
}


def test_search_finds(reader):
    page, faults = reader.open("search.html"), []
    for words, place in FOUND.items():
        page.locator(".search-form input").fill(words)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        first = page.locator("#search-results a").first
        if not first.get_attribute("href").startswith(place):
            faults.append(f"{words}: {first.get_attribute('href')}, not {place}")
    assert not faults


@pytest.mark.parametrize("width", [1280, 360])
def test_search_leads_to_the_function(reader, width):
    page = reader.open("book/intro.html", width=width)
    page.keyboard.press("Control+k")
    page.keyboard.type("save_for_backward")
    page.keyboard.press("Enter")
    page.locator("#search-results a").first.click()
    page.wait_for_url("**/04_custom_function.html*")
    wait_until_in_view(page.locator("p").filter(has_text="save_for_backward").first)


def test_search_without_a_find_says_so(reader):
    page = reader.open("search.html?q=xyzzy")
    page.get_by_text("“xyzzy” is nowhere in the book").wait_for()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize(
    "path", ["book/intro.html", "notebooks/03_autograd.html", "search.html", "404.html"]
)
def test_one_search_box(reader, path, width):
    page = reader.open(path, width=width)
    boxes = page.locator("input[name=q]:visible, .search-button__button:visible")
    assert boxes.count() == 1, "in a narrow window it is a button that opens the box"


# Folds


def test_solution_opens_and_closes(reader):
    page = reader.open("notebooks/03_autograd.html")
    fold = page.locator("#solution-2 details")
    code = fold.locator("pre").first
    assert not code.is_visible()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert code.is_visible()
    assert page.url.endswith("#solution-2")
    page.keyboard.press("Enter")
    assert not code.is_visible()


def test_every_mistake_is_folded():
    for notebook in NOTEBOOKS:
        page = parse(f"notebooks/{notebook.stem}.html")
        section = page.select_one("#wrong").find_parent("section")
        shown = section.select("div.cell")
        assert shown and shown == section.select("details.mistake > div.cell")
        folds = section.select("details.mistake")
        mistakes = [cell for cell in cells.read(notebook)["cells"] if "mistake" in cells.tags(cell)]
        assert len(folds) == len(mistakes)
        for fold, cell in zip(folds, mistakes, strict=True):
            assert len(fold.summary.get_text()) > 4 and not fold.has_attr("open")
            assert cell["id"] in [each["id"] for each in [fold.parent, *fold.parent.select("[id]")]]


def test_every_section_and_solution_has_its_cells_id():
    for notebook in NOTEBOOKS:
        page, found = parse(f"notebooks/{notebook.stem}.html"), cells.read(notebook)["cells"]
        ids = [element["id"] for element in page.select("[id]")]
        texts = [cell for cell in found if cell["cell_type"] == "markdown"]
        named = [cell["id"] for cell in texts if cell["source"].startswith(("# ", "## ", "### "))]
        named += [cell["id"] for cell in found if "solution" in cells.tags(cell)]
        assert len(named) >= 15
        assert not set(named) - set(ids)
        assert len(ids) == len(set(ids)), "an id twice"


DEEP = ["#solution-3", "#backward-twice-on-one-loss", "#wrong-inplace-text"]


@pytest.mark.parametrize("target", DEEP)
def test_deep_link_opens_the_fold(reader, target):
    page = reader.open(f"notebooks/03_autograd.html{target}")
    around = page.locator(target).locator("xpath=ancestor-or-self::*[.//details][1]")
    around.locator("details[open] pre").first.wait_for()
    wait_until_in_view(page.locator(target))


def test_link_within_the_page_opens_the_fold(reader):
    page = reader.open("notebooks/03_autograd.html")
    page.evaluate("location.hash = 'solution-1'")
    page.locator("#solution-1 pre").first.wait_for()


def test_folds_are_open_on_paper(reader):
    page = reader.open("notebooks/03_autograd.html")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    folds = page.locator("article details")
    assert folds.count() > 5
    assert page.locator("article details[open]").count() == folds.count()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("article details[open]").count() == 0


# Code, theme, keyboard


def test_copied_cell_is_the_notebooks(reader):
    notebook = nbformat.read(ROOT / "notebooks" / "03_autograd.ipynb", as_version=4)
    (cell,) = cells.code_cells(notebook, "train")
    page = reader.open("notebooks/03_autograd.html", permissions=["clipboard-read"])
    code = page.locator("#the-training-loop .cell_input").first
    code.hover()
    code.locator(".copybtn").click()
    code.locator(".copybtn.success").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").rstrip("\n") == cell.source


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_chosen_theme_stays(reader, theme):
    page = reader.open("book/intro.html", theme)
    other = {"light": "dark", "dark": "light"}[theme]
    for _ in range(3):  # from "as the system has it" through both
        if page.evaluate("document.documentElement.dataset.mode") != other:
            page.locator(".theme-switch-button:visible").click()
    assert page.evaluate("document.documentElement.dataset.theme") == other
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == other


def test_from_the_landing_page_to_stage_9_by_keyboard(reader):
    page = reader.open("book/intro.html")
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.closest('.stages')?.textContent")
        if focused and page.evaluate("document.activeElement.textContent") == "9 · Dynamic net":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/notebooks/09_dynamic_net.html")


def test_next_leads_through_the_whole_book():
    path, seen = "book/intro.html", []
    while path not in seen:
        seen.append(path)
        for door in parse(path).select("a.right-next"):
            path = urljoin(path, door["href"])
            assert urljoin(path, parse(path).select_one("a.left-prev")["href"]) == seen[-1]
    assert sorted(seen) == PAGES


# Links of the page


@notebooks
def test_downloads(reader, notebook):
    page = reader.open(f"notebooks/{notebook.stem}.html")
    for suffix in ".ipynb", ".py":
        with page.expect_download() as download:
            page.get_by_role("link", name=f"Download {suffix}").click()
        assert download.value.suggested_filename == notebook.stem + suffix
        data = download.value.path().read_bytes()
        if suffix == ".ipynb":
            assert data == notebook.read_bytes(), "the notebook that was tested, byte for byte"
        else:
            compile(data, notebook.stem, "exec")
            script = jupytext.reads(data.decode(), fmt="py:percent").cells
            original = nbformat.read(notebook, as_version=4).cells
            if len(script) > len(original):  # one more, for terminals that lack a letter
                assert "reconfigure" in script.pop(1).source
            for cell, was in zip(script, original, strict=True):
                first, _, text = was.source.partition("\n")
                written = text in cell.source and first.startswith("%%writefile")
                assert cell.cell_type == was.cell_type and (written or cell.source == was.source)


TRANSLATED = [path for path in NOTEBOOKS if "%%writefile" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("notebook", [NOTEBOOKS[0], *TRANSLATED], ids=lambda path: path.stem)
def test_script_runs_as_it_is(notebook, tmp_path):
    """It prints what the notebook holds, line by line; other lines may come between. Run are the
    first, and those in which more is changed than the test above allows for."""
    script = SITE / "_sources" / "notebooks" / f"{notebook.stem}.py"
    environ = os.environ | {"MPLBACKEND": "Agg"}
    run = subprocess.run(
        [sys.executable, script], cwd=tmp_path, env=environ, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    printed = iter(run.stdout.splitlines())
    for cell in nbformat.read(notebook, as_version=4).cells:
        if "nbval-ignore-output" not in cell.metadata.get("tags", []):
            for output in cell.get("outputs", []):
                for line in output.get("text", "").splitlines():
                    assert line in printed, f"cell {cell.id}"


def test_links_to_the_repository_agree():
    """All lead to the remote that git names, or there are none."""
    command = ["git", "-C", ROOT, "config", "--get", "remote.origin.url"]
    remote = subprocess.run(command, capture_output=True, text=True).stdout
    name = os.environ.get("GITHUB_REPOSITORY") or remote.strip().removesuffix(".git")
    links = [a["href"] for path in PAGES for a in parse(path).select(".page-links a[href*='//']")]
    assert all("/".join(name.split("/")[-2:]) in link for link in links)
    assert bool(links) == ("github.com" in remote or "GITHUB_REPOSITORY" in os.environ)


@pytest.mark.parametrize("path", PAGES)
def test_card(path):
    html = parse(path)
    properties = {m["property"]: m["content"] for m in html.select("meta[property^=og]")}
    assert properties["og:title"] == html.h1.find(string=True).strip()
    assert len(properties["og:description"]) > 30
    name = properties["og:image"].rpartition("/")[2]
    data = SITE.joinpath("_images", "social_previews", name).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) < 150_000
    size = [int.from_bytes(data[at : at + 4], "big") for at in (16, 20)]
    assert size == [int(properties[f"og:image:{side}"]) for side in ("width", "height")]


def test_sitemap_lists_every_page():
    sitemap = ElementTree.parse(SITE / "sitemap.xml")
    locations = sorted(each.text for each in sitemap.iter() if each.tag.endswith("}loc"))
    locations = [place for place in locations if "/zh/" not in place]  # those are in test_zh.py
    roots = {where.removesuffix(path) for where, path in zip(locations, PAGES, strict=True)}
    assert len(roots) == 1 and re.fullmatch("https?://.*/", roots.pop())


def test_404_has_all_its_links_at_any_depth(reader):
    page = reader.open("search.html")
    root = parse("404.html").form["action"].removesuffix("search.html")
    page.goto(f"{root}a/b/nowhere.html")
    reader.trouble = [line for line in reader.trouble if "404" not in line]  # this page is one
    assert page.locator("article h1").inner_text() == "There is no such page"
    links = page.evaluate("[...document.links].map(link => link.href)")
    assert len(links) > 1
    for link in links:
        assert link == f"{page.url}#main-content" or page.request.get(link).ok, link
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="begin at the beginning").click()
    assert page.locator("article h1").inner_text().startswith("One Network, Nine Ways")


@pytest.mark.parametrize("folder", [SITE, SITE.with_name("html")], ids=["site", "stock"])
def test_search_works_from_the_file_system(chromium, folder):
    """As when a reader opens the file that `make book` names: nothing is served."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page, trouble, asked = context.new_page(), [], []
    page.on("console", lambda message: trouble.append((message.type, message.text)))
    page.on("pageerror", lambda error: trouble.append(("error", str(error))))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / "book" / "intro.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type("zero_grad")
    page.keyboard.press("Enter")
    page.locator("#search-results a").first.click()
    page.wait_for_url("**/06_nn.html*")
    wait_until_in_view(page.locator("#zero-grad-is-missing"))
    assert page.locator("#zero-grad-is-missing > details").evaluate("fold => fold.open")
    if folder == SITE:  # the stock one's browser may not preload a font from a file, and says so
        assert [text for kind, text in trouble if kind in ("error", "warning")] == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)  # a lab's worker
    context.close()


def test_landing_curve_is_the_stored_one_in_the_themes_colours(reader):
    stored = cells.find(ROOT / "book" / "one_curve.ipynb", "landing")["outputs"][0]["data"]
    page = (SITE / "book" / "intro.html").read_text(encoding="utf-8")
    assert stored["text/html"].strip() in page
    colours = {
        reader.open("book/intro.html", theme).evaluate(
            "getComputedStyle(document.querySelector('svg.curve polyline')).stroke"
        )
        for theme in ("light", "dark")
    }
    assert len(colours) == 2


def test_failed_test_keeps_its_screenshot(tmp_path):
    """Of a test in a copy of this folder."""
    tests = shutil.ignore_patterns("test_*.py", "__pycache__")
    for name in "book/_tools", "tests/site":
        shutil.copytree(ROOT / name, tmp_path / name, ignore=tests)
    for name in (
        "tests/conftest.py",
        "tests/site_reader.py",
        "conftest.py",
        "pytest.ini",
        "_toc.yml",
    ):
        shutil.copyfile(ROOT / name, tmp_path / name)
    (tmp_path / "_build").mkdir()
    (tmp_path / "_build" / "site").symlink_to(SITE)
    test = "def test_it(reader):\n    reader.open('book/intro.html')\n    assert False\n"
    (tmp_path / "tests" / "site" / "test_one.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "tests/site"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.stdout.splitlines()[-1].startswith("1 failed"), run.stdout
    (path,) = tmp_path.glob("_build/reports/screenshots/*")
    assert path.name == "test_it-0.png" and path.read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("edition", ["", "zh/"])
def test_old_and_new_stand_side_by_side_where_there_is_room(reader, edition):
    """On the page of all differences in a wide window; on a phone one below the other."""
    for width, beside in (1440, True), (360, False):
        page = reader.open(f"{edition}book/stage_diffs.html", width=width)
        old, new = (
            page.locator(f".stage-diff {tag}").first.bounding_box() for tag in ("del", "ins")
        )
        assert (old["y"] == new["y"] and old["x"] < new["x"]) == beside
