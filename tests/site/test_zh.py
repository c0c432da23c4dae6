"""The Chinese edition on the site: what a reader of Chinese meets that the English one does not.

That its pages are accessible, fit, load nothing from elsewhere and leave the console empty is
tested with all pages, in test_every_page.py.
"""

import gzip
import re

import cells
import pages
import pytest
import repository
from bs4 import BeautifulSoup
from site_reader import SITE

NAMES = pages.names()
every_page = pytest.mark.parametrize("name", NAMES)
# What readers of the notes that this book replaces look for, and where it is.
OLD_WORDS = ["渐变", "隐含层", "后向传递", "计算图形", "自动微分", "静态图", "学习率"]
HAN = re.compile("[\u4e00-\u9fff]")


def parse(path):
    return BeautifulSoup((SITE / path).read_text(encoding="utf-8"), "html.parser")


@every_page
def test_switch_leads_to_the_same_place_and_back(reader, name):
    page = reader.open(f"{name}.html")
    page.locator("a.language").first.click()
    assert page.url.endswith(f"/zh/{name}.html")
    assert page.locator("html").get_attribute("lang").startswith("zh")
    page.locator("a.language").first.click()
    assert page.url == f"{reader.address}/{name}.html"


@every_page
def test_page_is_chinese(name):
    """Every paragraph of it, but for what programs print."""
    article = parse(f"zh/{name}.html").select_one("article")
    for element in article.select("pre, code, script, style, .math, math, .bibtex, dl.citation"):
        element.decompose()
    for element in article.select(".citation, .citation-list, .page-links, table"):
        element.decompose()
    texts = [
        " ".join(element.get_text().split()) for element in article.select("p, li, h2, h3, summary")
    ]
    english = [
        text
        for text in texts
        if re.search("[a-z]{3,} [a-z]{3,} [a-z]{2,}", text) and not HAN.search(text)
    ]
    assert english == []
    assert "**" not in article.get_text()


@every_page
def test_page_is_no_heavier_than_the_english_one(name):
    """By a tenth at most, the page itself; what it loads is the same."""
    sizes = [
        len(gzip.compress((SITE / folder / f"{name}.html").read_bytes())) for folder in ("", "zh")
    ]
    assert sizes[1] <= 1.1 * sizes[0] + 1000


@pytest.mark.parametrize("word", OLD_WORDS)
def test_old_words_find_todays(reader, word):
    page = reader.open(f"zh/search.html?q={word}")
    found = page.locator("#search-results li a").all_text_contents()
    assert found
    addresses = [link.get_attribute("href") for link in page.locator("#search-results li a").all()]
    if word in ("渐变", "隐含层", "后向传递", "计算图形"):
        assert any("older_notes" in address for address in addresses[:3])


def test_search_in_chinese_leads_to_the_place(reader):
    page = reader.open("zh/search.html?q=学习率太大")
    page.locator("#search-results li a").first.click()
    assert "/zh/notebooks/01_numpy.html" in page.url
    fold = page.locator("details[open] summary", has_text="学习率太大")
    fold.wait_for()


def test_search_without_a_find_says_so_in_chinese(reader):
    page = reader.open("zh/search.html?q=齉齉齉")
    assert "没有" in page.locator("#search-status").text_content()


def test_lab_speaks_chinese(reader):
    page = reader.open("zh/notebooks/06_nn.html")
    page.locator(".lab").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.lab').done")
    assert "500 步后" in page.locator(".lab [role=status]").text_content()
    assert page.get_by_role("slider", name="学习率").count() == 1


def test_doors_open_the_chinese_file():
    for path in pages.computing(pages.ROOT / "zh"):
        if path.parent.name == "notebooks":
            page = parse(f"zh/notebooks/{path.stem}.html")
            (link,) = page.select("a[href$='.ipynb'][download]")
            copy = (SITE / "zh" / "notebooks" / link["href"]).resolve()
            stored, downloaded = (cells.read(each)["cells"] for each in (path, copy))
            assert [cell["source"] for cell in stored] == [cell["source"] for cell in downloaded]


def test_sitemap_has_both_editions():
    text = (SITE / "sitemap.xml").read_text(encoding="utf-8")
    locations = re.findall("<loc>(.*?)</loc>", text)
    for name in NAMES:
        assert sum(place.endswith(f"/{name}.html") for place in locations) == 2
        assert sum(place.endswith(f"/zh/{name}.html") for place in locations) == 1
    assert not (SITE / "zh" / "sitemap.xml").exists()


def test_glossary_is_in_the_order_of_pinyin(reader):
    page = reader.open("zh/book/glossary.html")
    terms, ordered = page.evaluate("""() => {
        const entries = [...document.querySelectorAll("dl.glossary dt")];
        const all = entries.map((term) => term.textContent);
        const terms = all.filter((term) => /^\\p{Script=Han}/u.test(term));
        return [terms, terms.toSorted(new Intl.Collator("zh-u-co-pinyin").compare)];
    }""")
    assert len(terms) > 50
    assert terms == ordered


def test_search_engines_are_told_of_both_editions():
    """Where the site's address is known; without it the links would lead nowhere."""
    address = repository.find_address(repository.find_repository(str(pages.ROOT)))
    for folder in "", "zh/":
        links = parse(f"{folder}notebooks/03_autograd.html").select("link[rel=alternate][hreflang]")
        found = {link["hreflang"]: link["href"] for link in links}
        places = {"en": "notebooks/03_autograd.html", "zh-CN": "zh/notebooks/03_autograd.html"}
        assert found == {code: address + place for code, place in places.items() if address}
