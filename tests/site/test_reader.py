"""What a reader does on the site: searches, opens folds, copies code, changes the language."""

from urllib.parse import urljoin

import pytest

from book.press import cells, pages
from tests.site.reader import ENGLISH, FIRST, PAGES, SITE, parse, stage

LEAF = "RuntimeError: a leaf Variable that requires grad is being used in an in-place operation."
SIZES = "The size of tensor a (784) must match the size of tensor b (32)"  # not our sizes
PLACES = {  # what one types, and the place that must come first
    "zero_grad": f"{stage(6)}#zero-grad-is-missing",
    "save_for_backward": f"{stage(4)}#",
    "Variable": "book/then_and_now.html#variable",
    "volatile": "book/then_and_now.html#volatile",
    "loss.data[0]": "book/then_and_now.html#",
    "梯度": "book/glossary.html#term-gradient",
    LEAF: f"{stage(3)}#no-grad-is-missing",
    SIZES: f"{stage(6)}#the-weight-goes-in-as-it-is",
}
# What readers of the notes that this book replaces look for, and a mistake of today.
OLD_WORDS = dict.fromkeys(["渐变", "隐含层", "后向传递", "计算图形"], "older_notes")
OLD_WORDS["学习率太大"] = f"{stage(1)}#"


# Neither the element nor anything around it is see-through.
OPAQUE = "e => { while (e && getComputedStyle(e).opacity == 1) e = e.parentElement; return !e }"


def wait_until_in_view(page, selector):
    box = f"document.querySelector('{selector}')?.getBoundingClientRect()"
    page.wait_for_function(f"{box} && {box}.top < innerHeight && {box}.bottom > 0")


@pytest.mark.browser("where it finds the words of a Chinese query")
@pytest.mark.parametrize(
    ("folder", "places", "first"), [("", PLACES, 1), ("zh/", OLD_WORDS, 3)], ids=["en", "zh"]
)
def test_search_finds(reader, folder, places, first):
    page, faults = reader.open(f"{folder}search.html"), []
    for words, place in places.items():
        page.locator(".search-form input").fill(words)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        links = page.locator("#search-results li a")
        found = links.evaluate_all("all => all.map(link => link.getAttribute('href'))")
        if not any(place in link for link in found[:first]):
            faults.append(f"{words}: {found[:3]}, not {place}")
    assert not faults
    page.goto(f"{page.url.partition('?')[0]}?q={'梯度' if folder else 'gradient'}")
    found = page.locator("#search-results li").all_inner_texts()
    assert found[0].startswith("梯度 (gradient)" if folder else "gradient (梯度)"), "the glossary"
    says = "笔记说：" if folder else "the notes say: "
    assert any(each.startswith(says) for each in found), "what is not so does not stand alone"
    page.goto(page.url.partition("?")[0] + "?q=-=")
    assert any("-=" in each for each in page.locator("#search-results mark").all_inner_texts())
    glued = "PLACES.filter(place => /\\?[A-Z]/.test(place.text)).map(place => place.text)"
    assert folder or page.evaluate(glued) == []  # the questions of a list stand apart
    if folder:  # a single sign of a longer word says little
        page.goto(page.url.partition("?")[0] + "?q=过拟合")
        found = page.locator("#search-results mark").all_inner_texts()
        assert found and all(len(each) > 1 for each in found)
    page.goto(page.url.partition("?")[0] + "?q=xyzzy 齉齉齉")
    page.get_by_text("xyzzy 齉齉齉").wait_for()


@pytest.mark.parametrize(("served", "width"), [(True, 360), (False, 1280)])
def test_search_leads_to_the_place(reader, served, width):
    """Also from the file system, as when a reader opens the file that `make book` names."""
    page = reader.open(FIRST if served else (SITE / FIRST).as_uri(), width=width)
    page.keyboard.press("Control+k")
    page.keyboard.type("zero_grad")
    page.keyboard.press("Enter")
    page.locator("#search-results a").first.click()
    page.wait_for_url(f"**/{stage(6)}*")
    wait_until_in_view(page, "#zero-grad-is-missing > details[open]")


@pytest.mark.parametrize("target", ["solution-3", "no-grad-is-missing"])
def test_deep_link_opens_the_fold(reader, target):
    page = reader.open(f"{stage(3)}#{target}")
    around = page.locator(f"#{target}").locator("xpath=ancestor-or-self::*[.//details][1]")
    around.locator("details[open] pre").first.wait_for()
    wait_until_in_view(page, f"#{target}")
    page.evaluate("location.hash = 'solution-1'")  # a link within the page
    page.locator("#solution-1 pre").first.wait_for()


@pytest.mark.parametrize("target", ["check-yourself", "again-2", "used-twice", "exercise-repair"])
def test_deep_link_gives_no_answer_away(reader, target):
    """Nor is it taken for the reader's; and the target is where the reader looks."""
    page = reader.open(f"{stage(3)}#{target}", width=390, reduced_motion="reduce")
    page.locator(".guess").last.wait_for(state="attached")
    wait_until_in_view(page, f"#{target}")
    top = page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", target)
    assert 0 <= top < 120
    assert page.locator(f"#{target} details[open], details.answer[open]").count() == 0
    assert page.locator(f"#{target} + details[open]").count() == 0
    assert page.evaluate("kept.read().answers") is None


def test_folds_open_and_close(reader):
    """What is opened is in the address, so that it can be passed on."""
    page = reader.open(stage(3))
    summary = page.locator("#solution-2 summary")
    for key, opened in ("Enter", True), ("Space", False), ("Enter", True):
        summary.press(key)
        assert page.locator("#solution-2 details pre").first.is_visible() == opened
    assert page.url.endswith("#solution-2")


@pytest.mark.browser("when it tells a page that it is printed")
def test_page_on_paper(reader):
    """In the light theme, with its title, mistakes and predictions open, the answers at the end;
    afterwards it is as it was."""
    page = reader.open(stage(3), "dark", reduced_motion="no-preference")
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(300)  # a fade-in would begin now
    assert (
        page.locator("article h1").is_visible() and page.locator("html[data-theme=light]").count()
    )
    answers = ".on-paper details.right p", ".on-paper .tag_solution pre"
    for shown in "details.mistake > p", ".tag_predict details pre", *answers:
        assert page.locator(shown).first.is_visible(), shown
        assert page.locator(shown).first.evaluate(OPAQUE), shown
    for hidden in ".try", "details.above-input pre", "section:not(.on-paper) > .tag_solution":
        assert not page.locator(f"article {hidden}").first.is_visible(), hidden
    whole = page.locator(".tag_train .cell_input").evaluate("e => getComputedStyle(e).breakInside")
    assert whole == "avoid"  # or the bars stand on another page than their lines
    solutions = page.locator("section:not(.on-paper) > .tag_solution").count()
    assert page.locator(".on-paper .tag_solution pre").count() >= solutions > 3
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("html[data-theme=dark]").count()
    assert page.locator(".on-paper, article details[open]").count() == 0


def test_copied_cell_is_the_notebooks(reader):
    cell = cells.find(pages.stage(3), "train")
    page = reader.open(stage(3), permissions=["clipboard-read"])
    shown = page.locator("#the-training-loop .cell").first
    for kind, text in ("input", cell["source"]), ("output", cell["outputs"][0]["text"]):
        part = shown.locator(f".cell_{kind}")
        part.hover()
        part.get_by_role("button", name=ENGLISH.words["site"]["cell"][f"copy_{kind}"]).click()
        part.locator(".copybtn.success").wait_for()
        assert page.evaluate("navigator.clipboard.readText()").rstrip("\n") == text.rstrip("\n")


def test_switch_leads_to_the_same_place_and_back():
    """On every page with a source; and from search to search."""
    for path in [*PAGES, "search.html"]:
        for here, there in (path, f"zh/{path}"), (f"zh/{path}", path):
            assert {urljoin(here, a["href"]) for a in parse(here).select("a.language")} == {there}


def test_switch_keeps_the_place_and_the_search(reader):
    """Parts have other names in the other language."""
    page = reader.open(stage(3), reduced_motion="reduce")
    page.locator(".guess").last.wait_for(state="attached")  # they move what follows
    page.evaluate("document.querySelector('#what-goes-wrong').scrollIntoView()")
    page.locator("a.language").click()
    page.wait_for_url(f"**/zh/{stage(3)}#*")
    names = [
        [part["id"] for part in parse(f"{at}{stage(3)}").select("article section[id]")]
        for at in ("", "zh/")
    ]
    there = names[1][names[0].index("what-goes-wrong")]
    page.wait_for_function("id => decodeURIComponent(location.hash) === `#${id}`", arg=there)
    wait_until_in_view(page, f'[id="{there}"]')
    page.goto(f"/{stage(1)}")
    page.evaluate("document.querySelector('#lab-rate').scrollIntoView()")
    page.locator("a.language").click()
    page.wait_for_url(f"**/zh/{stage(1)}#lab-rate")
    page.goto("/search.html?q=zero_grad")
    page.locator("a.language:visible").click()
    page.wait_for_url("**/zh/search.html?q=zero_grad")


def test_404_has_all_its_links_at_any_depth(reader):
    page = reader.open("search.html")
    root = parse("404.html").form["action"].removesuffix("search.html")
    page.goto(f"{root}a/b/nowhere.html")
    page.wait_for_load_state("networkidle")
    reader.trouble = [line for line in reader.trouble if "404" not in line]  # this page is one
    assert page.locator("article h1").inner_text() == ENGLISH.words["site"]["no_page"]
    for link in page.evaluate("[...document.links].map(link => link.href)"):
        assert link == f"{page.url}#main-content" or page.request.get(link).ok, link


@pytest.mark.browser("its order of Chinese characters")
def test_glossary_is_in_the_order_of_pinyin(reader):
    terms, ordered = reader.open("zh/book/glossary.html").evaluate("""() => {
        const all = [...document.querySelectorAll("dl.glossary dt")].map(term => term.textContent);
        const terms = all.filter(term => /^\\p{Script=Han}/u.test(term));
        const { compare } = new Intl.Collator("zh-u-co-pinyin");
        const read = term => term.replace(/^重新/, "虫新").replace(/^拓扑/, "唾扑"); // chóng, tuò
        return [terms, terms.toSorted((a, b) => compare(read(a), read(b)))];
    }""")
    assert len(terms) > 50 and terms == ordered
