"""The table of contents against the files, and the pages that `make book` made of them.

Nothing is built or executed here: the site in _build/site is read.
"""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import cells
import pages
import pytest
import yaml
from bs4 import BeautifulSoup
from site_reader import SITE

ROOT = pages.ROOT
SOURCES = {
    path.relative_to(ROOT).with_suffix("").as_posix(): path
    for folder in ("book", "notebooks")
    for path in sorted(ROOT.joinpath(folder).glob("*.*"))
    if path.suffix in pages.SUFFIXES
}
COMPUTING = [name for name in SOURCES if SOURCES[name].suffix == ".ipynb"]
NOTEBOOKS = [name for name in COMPUTING if name.startswith("notebooks/")]
OUTGOING = re.compile(
    r"mailto:\S+@\S+|https?://(?!localhost|[\d.]+[:/])[\w-]+(\.[\w-]+)+([/?#][^\s\"<>]*)?"
)

every_page = pytest.mark.parametrize("name", SOURCES)
computing = pytest.mark.parametrize("name", COMPUTING)
notebooks = pytest.mark.parametrize("name", NOTEBOOKS)


@cache
def parse(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def page(name):
    """The built page of a source such as "notebooks/01_numpy"."""
    path = SITE / f"{name}.html"
    if not path.exists():
        pytest.fail(f"_build/site/{name}.html is missing: run `make book`", pytrace=False)
    return parse(path)


def article(name):
    return page(name).select_one("article.bd-article")


def prose(name):
    """The text of a page, without code, outputs and maths."""
    copy = BeautifulSoup(str(article(name)), "html.parser")
    for element in copy.select("pre, code, script, style, .math"):
        element.decompose()
    return copy.get_text()


def code_cells(name, tag=None):
    """Pairs of a notebook's code cell and its element on the page; those with the tag, if given."""
    found = cells.code_cells(cells.read(SOURCES[name]))
    elements = article(name).select("div.cell")
    assert len(found) == len(elements), "the page shows other cells than the notebook: make book"
    pairs = [
        (cell, element)
        for cell, element in zip(found, elements, strict=True)
        if tag is None or tag in cells.tags(cell)
    ]
    assert pairs, f"no code cell is tagged {tag}"
    return pairs


def stored(cell):
    """The lines of text that a cell's stored outputs show: figures, tables and errors aside."""
    texts = []
    for output in cell["outputs"]:
        data = output.get("data", {"text/plain": output.get("text", "")})
        if output["output_type"] != "error" and len(data) == 1:
            texts.append(data["text/plain"].rstrip("\n"))
    return lines("\n".join(texts))


def shown(element):
    """The lines of text that the page shows as a cell's output."""
    return lines(
        "\n".join(pre.get_text().rstrip("\n") for pre in element.select(".cell_output pre"))
    )


def lines(text):
    return [line.rstrip() for line in text.strip("\n").split("\n")]


def report(faults):
    if faults := list(faults):
        pytest.fail("\n".join(faults), pytrace=False)


# The table of contents


def listed(entry):
    """Every file that an entry of _toc.yml names, those of its subentries included."""
    names = [entry[key] for key in ("root", "file") if key in entry]
    for key in "parts", "chapters", "sections", "subtrees", "entries":
        names += [name for inner in entry.get(key, ()) for name in listed(inner)]
    return [name.removesuffix(".md").removesuffix(".ipynb") for name in names]


def test_toc_and_files_agree():
    text = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    names = listed(yaml.safe_load(text))
    report(
        [f"_toc.yml names {name}, and there is no such page" for name in set(names) - set(SOURCES)]
        + [f"_toc.yml does not name {name}" for name in set(SOURCES) - set(names)]
        + [f"_toc.yml names {name} twice" for name in set(names) if names.count(name) > 1]
    )
    assert "glob:" not in text, "_toc.yml names each page by itself"
    assert [name for name in names if name in NOTEBOOKS] == NOTEBOOKS, "the stages are in order"


# Every page


@every_page
def test_title(name):
    headings = [heading.get_text().removesuffix("#") for heading in article(name).select("h1")]
    assert len(headings) == 1, f"the page has the titles {headings}; one is wanted"
    title = page(name).title.get_text()
    assert headings[0] in title, f"its <title> is {title!r}, its heading {headings[0]!r}"


def test_no_two_pages_have_one_title():
    titles = [page(name).title.get_text() for name in SOURCES]
    assert sorted(set(titles)) == sorted(titles)


@every_page
def test_no_trouble_on_the_page(name):
    trouble = {
        "an error or a warning": ".output.stderr, .output.traceback, .system-message, .problematic",
        "a reference that leads nowhere": ":not(a) > .xref",
    }
    faults = [
        f"{what}: {element.get_text().strip()[:100]!r}"
        for what, selector in trouble.items()
        for element in article(name).select(selector)
    ]
    if "Traceback (most recent call last)" in article(name).get_text():
        faults.append("a traceback")
    for found in re.findall(
        r"\$\S.{,30}|\{[a-z][\w:+.-]*\}.{,30}|:::.{,30}|```.{,30}", prose(name)
    ):
        faults.append(f"maths, a role or a directive that was not rendered: {found!r}")
    report(faults)


@every_page
def test_images_have_alt_text(name):
    faults = []
    for image in article(name).select("img"):
        alt = image.get("alt", "")
        if len(alt) < 15 or " " not in alt or re.search(r"\.(png|svg|jpe?g)\b|_images|_build", alt):
            faults.append(f"{image['src']}: its alt text is {alt!r}; say what it shows")
    report(faults)


def test_internal_links_resolve():
    ids, faults = {}, []
    built = {
        path: parse(path) for path in sorted(SITE.rglob("*.html")) if "_static" not in path.parts
    }
    for path, html in built.items():
        ids[path] = {element["id"] for element in html.select("[id]")}
        ids[path] |= {element["name"] for element in html.select("a[name]")} | {"", "top"}
    for path, html in built.items():
        root = html.form["action"].removesuffix("search.html") if path.name == "404.html" else ""
        links = [element["href"] for element in html.select("[href]:not(base)")]
        links += [element["src"] for element in html.select("[src]")]
        links += [element["data"] for element in html.select("object[data]")]
        links += [
            element["content"].partition("url=")[2]
            for element in html.select("meta[http-equiv=Refresh]")
        ]
        for link in dict.fromkeys(links):
            parts = urlsplit(link.removeprefix(root))
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            where = f"{path.relative_to(SITE)}: {link}"
            if parts.scheme == "data":
                continue
            if parts.scheme or parts.netloc:
                if not OUTGOING.fullmatch(link):
                    faults.append(f"{where} is no address on the web")
            elif not target.is_file() or SITE.resolve() not in target.parents:
                faults.append(f"{where} leads to no file of the site")
            elif target.suffix == ".html" and unquote(parts.fragment) not in ids[target]:
                faults.append(f"{where} leads to no place on that page")
    report(faults)


def test_stylesheets_find_their_files():
    report(
        f"{path.relative_to(SITE)}: {target} is not there"
        for path in SITE.rglob("*.css")
        for target in re.findall(
            r"(?:url\(|@import\s+(?!url))\s*[\"']?([^\"')\s;]+)", path.read_text(encoding="utf-8")
        )
        if not target.startswith(("data:", "http:", "https:", "#"))
        and not (path.parent / unquote(urlsplit(target).path)).exists()
    )


def test_no_path_of_the_building_machine():
    """In any file, pictures included."""
    folders = {str(ROOT), str(Path.home())} - {"/"}
    names = "|".join(map(re.escape, folders)).encode()
    pattern = re.compile(rb"(?<![\w./-])(" + names + rb")(?![\w-])")
    files = [path for path in SITE.rglob("*") if path.is_file()]
    assert len(files) > 60
    report(
        f"{path.relative_to(SITE)} names {found[0]}"
        for path in files
        if (found := pattern.search(path.read_bytes()))
    )


# The notebooks


@notebooks
def test_curve_is_on_the_page(name):
    ((cell, element),) = code_cells(name, "curve")
    alts = [image.get("alt") for image in element.select(".cell_output img")]
    assert alts == [cell["metadata"]["mystnb"]["image"]["alt"]], (
        "the curve, with the notebook's alt text"
    )


@notebooks
def test_check_line_is_on_the_page(name):
    text = [line for _, element in code_cells(name, "check") for line in shown(element)]
    assert any(line.startswith("Same curve") for line in text), f"the page shows {text}"


@computing
def test_outputs_are_those_of_the_notebook(name):
    report(
        f"cell {cell['id']}: the page shows {shown(element)}, the notebook holds {stored(cell)}"
        for cell, element in code_cells(name)
        if "nbval-ignore-output" not in cells.tags(cell) and shown(element) != stored(cell)
    )


@computing
def test_figures_are_on_the_page(name):
    report(
        f"cell {cell['id']}: the page shows {len(images)} figures, the notebook holds {count}"
        for cell, element in code_cells(name)
        if len(images := element.select(".cell_output img"))
        != (count := sum("image/png" in output.get("data", {}) for output in cell["outputs"]))
    )


@notebooks
def test_solutions_are_folded(name):
    faults = []
    for cell, element in code_cells(name, "solution"):
        prompt = cell["metadata"]["mystnb"]["code_prompt_show"]
        details = element.find("details", recursive=False)
        if details is None or details.has_attr("open"):
            faults.append(f"cell {cell['id']} is open")
        elif prompt not in details.summary.get_text():
            faults.append(f"cell {cell['id']}: its summary is not {prompt!r}")
        elif len(element.select("pre")) != len(details.select("pre")):
            faults.append(f"cell {cell['id']}: something of it stands outside of the fold")
    report(faults)


def test_steps_on_the_landing_page_are_those_of_the_loops():
    """As many bars as a step has lines; 12 by hand, 5 with nn and optim."""
    columns = article("book/intro").select(".loops > div")
    assert len(columns) == 9
    for column in columns:
        (count,) = column.select("span")
        assert int(count.get_text().split()[0]) == len(column.select("i"))
    said = [column.get_text(" ") for column in columns]
    assert said[0] == "1 NumPy 12 lines"
    assert said[4] == "5 TensorFlow 1 line"
    assert said[6] == "7 optim 5 lines"
    label = article("book/intro").select_one(".loops")["aria-label"]
    assert "NumPy, 12; Tensors, 12; Autograd, 8; Custom function, 8; TensorFlow, 1; nn, 7" in label
    gradients = [len(column.select(".gradients")) for column in columns]
    assert gradients == [6, 6, 1, 1, 0, 1, 1, 1, 1]
