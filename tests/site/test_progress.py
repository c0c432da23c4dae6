"""What the site remembers for the reader, in the reader's own browser: and that it forgets it."""

from urllib.parse import urljoin

import pytest

from book.press import pages, progress
from tests.site.reader import CHINESE, ENGLISH, FIRST, parse, stage

WORDS = ENGLISH.words["progress"]
PRACTICE = ENGLISH.words["practice"]
LINE = list(progress.read_main_line(ENGLISH))


def count_of(page):
    return page.locator(".bd-sidebar-primary .count").text_content()


def test_what_is_done_is_remembered_and_forgotten(reader):
    page = reader.open(stage(3), reduced_motion="reduce")
    page.wait_for_timeout(600)  # it knows by now where the reader came to
    all_left = count_of(page)
    assert all_left.startswith(WORDS["count"].format(done=0, all=len(LINE)))
    page.evaluate("document.querySelector('#wrong').scrollIntoView()")
    page.goto(f"/{FIRST}")
    page.get_by_role("link", name=f"{WORDS['return']} 3 · Autograd").click()
    page.wait_for_url(f"**/{stage(3)}#what-goes-wrong")
    page.locator(".way .mark").click()
    assert count_of(page) != all_left and page.locator(".bd-links a.done").count() == 1
    page.goto(f"/{FIRST}")
    assert count_of(page).startswith(WORDS["count"].format(done=1, all=len(LINE)))
    page.goto(f"/zh/{stage(3)}")  # what is done in one language is done
    assert page.locator(".way .mark").get_attribute("aria-pressed") == "true"
    page.goto(f"/{FIRST}")
    onward = page.get_by_role("link", name=f"{WORDS['next']} 6 · nn")
    assert onward.get_attribute("href").endswith(stage(6)), "that page is done"
    page.evaluate("kept.set('last', 'page', 'notebooks/02_tensors')")
    page.evaluate("kept.set('last', 'part', 2)")
    page.goto(f"/zh/{FIRST}")  # and to the same part, by the name that it has there
    back = page.get_by_role("link", name=CHINESE.words["progress"]["return"])
    assert "张量" in back.text_content()
    back.click()
    page.wait_for_url(lambda url: "#" in url and ":part" not in url)
    assert page.evaluate("document.querySelector(':target').getBoundingClientRect().top") < 200
    page.goto(f"/{FIRST}")
    erase = page.get_by_role("button", name=WORDS["erase"])
    page.once("dialog", lambda dialog: dialog.dismiss())
    erase.click()
    assert erase.is_visible() and count_of(page) != all_left
    page.once("dialog", lambda dialog: dialog.accept())
    erase.click()
    assert count_of(page) == all_left
    assert not page.get_by_role("link", name=WORDS["return"]).count()
    assert page.locator(":focus").text_content() == WORDS["erased"]
    assert page.evaluate("Object.keys(localStorage).includes('one-network')") is False


def test_mark_is_that_of_every_tab(reader):
    """Also where a tab has not heard of it: a click does what its button says."""
    page = reader.open(stage(1))
    other = page.context.new_page()
    other.goto(f"/{stage(1)}")
    marks = [each.locator(".way .mark") for each in (page, other)]
    marks[0].click()
    other.wait_for_function("document.querySelector('.mark').ariaPressed === 'true'")
    assert count_of(page) == count_of(other)
    other.evaluate("kept.set('done', PAGE, false)")  # it is told to the other tab alone
    page.wait_for_function("document.querySelector('.mark').ariaPressed === 'false'")
    marks[1].click()
    marks[1].click()
    assert other.evaluate("kept.get('done', PAGE)") is True


def test_glance_leaves_no_trace_and_what_is_read_needs_no_goodbye(reader):
    page = reader.open(stage(1), reduced_motion="reduce")
    page.wait_for_timeout(600)
    page.evaluate("scrollTo(0, 9000)")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # then the phone ends it
    assert page.evaluate("kept.get('last', 'page')") == stage(1).removesuffix(".html")
    for number, wait in (2, 600), (3, 0):
        page.goto(f"/{stage(number)}")
        page.wait_for_timeout(wait)
    page.goto(f"/{FIRST}")
    assert "1 · NumPy" in page.get_by_role("link", name=WORDS["return"]).text_content()


LED = """window.led = [];
const { scrollIntoView } = Element.prototype;
Element.prototype.scrollIntoView = function (how) {
    if (this.closest("article")) led.push(this.id);
    scrollIntoView.call(this, how);
}"""


def test_reload_stays_where_the_reader_is(reader):
    """Though the address is that of a fold, or a lab, that was touched far above."""
    page = reader.open(stage(1))
    page.add_init_script(LED)
    page.locator("#toy .guess").wait_for()
    for touched, key in ("#toy > details > summary", "Enter"), ("#lab-rate input", "ArrowRight"):
        page.locator(touched).first.press(key)
        page.wait_for_url("**#" + touched[1:].split()[0])
        page.evaluate("scrollTo({ top: 16600, behavior: 'instant' })")
        page.wait_for_timeout(300)
        page.reload()
        page.wait_for_timeout(700)
        assert page.evaluate("led") == [] and abs(page.evaluate("scrollY") - 16600) < 1000
    page.goto(f"/{stage(2)}")
    page.goto(f"/{stage(1)}#toy")  # who follows a link is led
    page.wait_for_function("led.length")


def test_list_of_pages_stays_where_it_is(reader):
    """From page to page, though a line is added above what is in view; and it shows the page."""
    scrolled = "document.querySelector('.bd-sidebar-primary').scrollTop"
    places, page = [], reader.open(LINE[-1] + ".html")
    for name in LINE[-2], LINE[-1], LINE[-2], LINE[0]:
        page.goto(f"/{name}.html")
        page.locator(".bd-sidebar-primary .count").wait_for(state="attached")
        page.wait_for_timeout(300)
        places.append(page.evaluate(scrolled))
        box = page.locator(".bd-sidebar-primary nav.bd-links a[href='#']").bounding_box()
        assert -1 < box["y"] < 800 and page.evaluate("scrollY") == 0
    assert places[0] == places[1] == places[2] > 100


def test_main_line_leads_on():
    """From stage 3 to stage 6; where the book's next page is the main line's, no link is added."""
    assert [name.split("/")[1][:2] for name in LINE[:6]] == ["01", "02", "03", "06", "07", "08"]
    ways = {number: parse(stage(number)).select(".way a") for number in (3, 4, 6)}
    assert [urljoin(stage(3), link["href"]) for link in ways[3]] == [stage(6)]
    assert ways[4] == ways[6] == []


@pytest.mark.parametrize("keeps", [True, False], ids=["", "storage refused"])
def test_guess_is_compared(reader, keeps):
    page = reader.open(stage(3))
    if not keeps:
        page.add_init_script("Object.defineProperty(window, 'localStorage', {get() {throw 1}})")
        page.reload()
    cell = page.locator(".cell.tag_predict").first
    guess, told = cell.get_by_label(PRACTICE["guess"]), cell.get_by_role("status")
    fold = cell.locator("details")
    cell.get_by_role("button", name=PRACTICE["compare"]).press("Enter")
    assert told.text_content() == PRACTICE["empty"]
    assert not fold.get_attribute("open")
    guess.fill("7")
    page.reload()  # what is typed is kept before it is compared
    assert guess.input_value() == ("7" if keeps else "")
    printed = fold.locator("pre").text_content()
    for written, says in (
        (printed.replace(" ", "  ").replace("the fare is 7.0", "7"), f"✓ {PRACTICE['same']}"),
        ("7\n1\n1.0", f"✓ {PRACTICE['partly']}"),
        ("7, 1, 1", f"✓ {PRACTICE['partly']}"),
        ("8\n1\n1", PRACTICE["differs"].format(right=2, all=3)),
        ("7\n−1\n1", PRACTICE["differs"].format(right=2, all=3)),
        ("7\n1", PRACTICE["yourself"]),
        ("7\n1\nbanana", PRACTICE["yourself"]),
        ("no number", PRACTICE["yourself"]),
    ):
        guess.fill(written)
        cell.get_by_role("button", name=PRACTICE["compare"]).press("Enter")
        assert told.text_content() == says
    page.reload()
    assert bool(cell.get_by_label(PRACTICE["guess"]).input_value()) == keeps


READ = [("−16", -16), ("‑1.5e−3", -1.5e-3), (".8", 0.8), ("101,110", 101110), ("7.", 7)]
NAMES = "first.0.weight, w1"  # whose digits are no numbers
GUESSES = [  # a page, a cell, what is typed, and what is said
    (stage(6), "bias", "0\n3", "yourself"),  # asked for, and not the last of its line
    (stage(8), "setattr", "layer\nsize", "yourself"),  # words, less than are printed
    (stage(8), "nested", "second.0.weight, second.0.bias", "yourself"),
    ("notebooks/own_data.html", "entropy-first", "2.3", "partly"),  # it is rounded
    ("notebooks/own_data.html", "batches", "38 and 16", "yourself"),
    ("notebooks/own_data.html", "wrong-broadcast", "1/3", "yourself"),
]


def test_guess_is_judged_where_it_can_be(reader):
    page = reader.open(stage(6))
    for written, number in [*READ, (NAMES, NAMES)]:
        assert page.evaluate("numbersOf", written) == [number]
    for path, cell, written, says in GUESSES:
        if not page.url.endswith(path):
            page.goto(f"/{path}")
        guess = page.locator(f"#{cell} textarea")
        guess.wait_for(state="attached")
        guess.evaluate(
            "(guess, text) => { guess.value = text; guess.form.requestSubmit(); }", written
        )
        said = page.locator(f"#{cell} .guess [role=status]").text_content()
        assert said.endswith(PRACTICE[says]), cell


@pytest.mark.parametrize("folder", ["", "zh/"])
def test_answers_are_marked_and_the_first_is_remembered(reader, folder):
    page = reader.open(f"{folder}{stage(1)}")
    right, wrong = (page.locator(f"details.answer.{kind}") for kind in ("right", "wrong"))
    questions = page.locator("details.answer.right").count()
    assert questions >= 2 and wrong.count() >= 2 * questions
    wrong.first.locator("summary").click()
    right.first.locator("summary").click()
    signs = [
        each.locator("summary").evaluate("e => getComputedStyle(e, '::after').content")
        for each in (right.first, wrong.first)
    ]
    assert signs == ['" ✓"', '" ✗"']
    page.reload()
    assert page.locator("details.answer.chosen").count() == 1
    assert "wrong" in page.locator("details.answer.chosen").get_attribute("class")
    page.goto(f"/{stage(1)}" if folder else f"/zh/{stage(1)}")  # it is chosen in every language
    assert page.locator("details.answer.chosen.wrong").count() == 1


def test_week_later_can_be_taken_again(reader):
    page = reader.open("book/week_later.html")
    answers = page.locator("details.answer")
    for number in 0, 5:
        answers.nth(number).locator("summary").click()
    page.evaluate("kept.set('answers', 'notebooks/01_numpy#1', 2)")
    page.get_by_role("button", name=PRACTICE["again"]).press("Enter")
    assert page.locator("article [role=status]").first.text_content() == PRACTICE["cleared"]
    page.reload()
    page.get_by_role("button", name=PRACTICE["again"]).wait_for()
    assert page.locator("details.answer:is([open], .chosen)").count() == 0
    assert page.evaluate("Object.keys(kept.read().answers)") == ["notebooks/01_numpy#1"]


def test_contents_follow_the_reader(reader):
    page = reader.open(stage(3), reduced_motion="reduce")
    page.evaluate("document.querySelector('#exercises').scrollIntoView()")
    page.locator(".page-toc a[aria-current]").wait_for()
    assert page.locator(".page-toc a[aria-current]").get_attribute("href") == "#exercises"


def test_listing_goes_from_stage_to_stage(reader):
    page = reader.open(FIRST, reduced_motion="reduce", width=360)
    lines, slider = page.locator(".loops-lines li:not(.gone)"), page.get_by_role("slider")
    for number, count in (1, 12), (3, 8), (5, 1), (8, 5), (1, 12):
        slider.fill(str(number))
        assert lines.count() == count
        assert page.locator(".loops-head a").get_attribute("href").endswith(stage(number))
    slider.fill("5")  # the long line of TensorFlow's can be reached on a phone
    page.locator(".loops-lines.more[tabindex='0']").wait_for()
    slider.fill("1")
    assert lines.first.text_content() == "h = x @ w1" and pages.stage(1).stem in stage(1)
