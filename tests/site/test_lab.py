"""The labs: networks, graphs and valleys that the reader moves on the page.

What a lab computes is held to the notebooks' own cells, run here. Each leaves its numbers on its
element for these tests: `losses` and `done`, `values` and `grads`, or `paths`.
"""

import random
import re
from functools import cache

import numpy as np
import pytest
import torch

from book.press import cells, pages
from book.press.labs.network import numbers
from tests.site.reader import CHINESE, ENGLISH, FIRST, PAGES, SITE, parse, stage

RATE, GRAPH, NETWORK, VALLEY = LABS = [stage(number) for number in (1, 3, 6, 7)]
WORDS = ENGLISH.words["labs"]
MOVE = """(input, to) => { input.value = input.max ? Math.round(to * input.max) : to;
    input.dispatchEvent(new Event(input.max ? "input" : "change")); }"""


@cache
def run(number, *ids):
    """The variables of a stage's notebook after its cells with these ids."""
    variables = {}
    numbers.run(number, ids, variables)
    return variables


def show(page):
    """Have the lab in view and, where it is the network, computed."""
    page.locator(".lab").scroll_into_view_if_needed()
    if page.locator("[data-lab=network], [data-lab=rate]").count():
        page.wait_for_function("() => document.querySelector('.lab').done")
    return page


def lab(page, name):
    return page.evaluate(f"() => document.querySelector('.lab').{name}")


def status(page):
    return page.locator(".lab [role=status]").text_content()


def printed(number, cell_id):
    """Pairs of step and loss, texts, that a cell of a stage has stored."""
    (cell,) = [c for c in cells.read(pages.stage(number))["cells"] if c["id"] == cell_id]
    return re.findall(r"step +(\d+) +loss +(\S+)", cell["outputs"][0]["text"])


def test_presets_are_what_the_notebooks_compute(reader):
    """The settings are in the address, and there is a way back."""
    sixth = run(6, "imports", "device", "data", "loss", "train", "default")
    expected = {"stage1": run(1, "imports", "data", "train")["losses"]}
    expected |= {"slow": sixth["slow"], "good": sixth["fast"]}
    page, words = show(reader.open(NETWORK)), WORDS["network"]
    for name in *expected, "fast":
        page.get_by_role("button", name=words[name], exact=True).click()
        show(page)
        if name in expected:
            for upto, tolerance in (101, 1e-5), (201, 1e-3):
                found = lab(page, "losses")[:upto], expected[name][:upto]
                np.testing.assert_allclose(*found, rtol=tolerance)
            assert f"{expected[name][0]:.2e}" in status(page) and len(lab(page, "losses")) == 500
    first = [float(loss) for _, loss in printed(1, "wrong-rate") if loss != "nan"]  # of one digit
    assert [float(f"{loss:.0e}") for loss in lab(page, "losses")] == first
    assert status(page).endswith(words["exploded"].partition("{step}")[2])
    address = page.url.removeprefix(f"{reader.address}/")
    assert address.endswith("#lab-network") and "rate=5e-6" in address
    other = show(reader.open(address))
    assert status(other) == status(page)
    other.get_by_role("button", name=WORDS["reset"]).click()
    assert "?" not in other.url
    for query in "rate=7e9", "start=mine", "momentum=x&scale=-1&rate=", "x=1":
        other.goto(f"/{NETWORK}?{query}")
        assert "creeps" in status(show(other)), "as if nothing had been asked for"


def test_small_lab_agrees_with_stage_1(reader):
    page = show(reader.open(RATE))
    found = lab(page, "losses")[:101], run(1, "imports", "data", "train")["losses"][:101]
    np.testing.assert_allclose(*found, rtol=1e-5)
    step, highest = max(printed(1, "rise"), key=lambda pair: float(pair[1]))
    first, last = (f"{lab(page, 'losses')[at]:.2e}" for at in (0, -1))
    values = {"first": first, "highest": highest, "step": step, "last": last}
    assert status(page) == WORDS["network"]["rises"].format(**values)


def test_momentum_is_pytorchs(reader):
    """In float64, and on weights; the lab trains h alone."""
    first, losses = run(1, "imports", "data"), []
    x, y, w1, w2 = (torch.tensor(first[f"{name}_np"]).double() for name in ("x", "y", "w1", "w2"))
    optimizer = torch.optim.SGD([w1.requires_grad_(), w2.requires_grad_()], 4e-7, momentum=0.5)
    for _ in range(200):
        loss = ((x @ w1).clamp(min=0) @ w2 - y).square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    page = show(reader.open(f"{NETWORK}?rate=4e-7&momentum=0.50&start=normal#lab-network"))
    np.testing.assert_allclose(lab(page, "losses")[:200], losses, rtol=1e-4)  # K is in float32


def test_numbers_of_the_lab_are_the_notebooks():
    """Up to what another machine's float32 sums differ by."""
    for name, arrays in numbers.make_arrays().items():
        found = numbers.read((numbers.HERE / f"lab-{name}.js").read_text(encoding="utf-8"))
        for key, array in arrays.items():
            upto, tolerance = (201, 1e-3) if key == "reference" else (None, 1e-5)
            pair = found[key][:upto], array.ravel()[:upto]
            old = f"lab-{name}.js is old: python -m book.press numbers"
            np.testing.assert_allclose(*pair, rtol=tolerance, atol=1e-5, err_msg=old)


def test_three_hundred_random_settings(reader):
    """None leaves the lab in an error, a hang or an empty picture; every fiftieth runs to its end,
    the others are overtaken by the next, some before anything of them is drawn."""
    page, settings = show(reader.open(NETWORK)), random.Random(0)
    controls = page.locator(".lab :is(input, select)")
    move = f"(all, to) => all.forEach((control, i) => ({MOVE})(control, to[i]))"
    starts = list(WORDS["network"]["starts"])
    for number in range(300):
        to = [settings.random(), settings.random(), settings.choice(starts), settings.random()]
        controls.evaluate_all(move, to)
        if number % 50 == 0:
            show(page)
            assert lab(page, "losses") and status(page).startswith("The loss begins")
            drawn = page.locator(".lab .yours").get_attribute("points")
            end = page.locator(".lab .end").get_attribute("d")
            assert (" " in drawn or end) and "NaN" not in drawn + end


def test_numbers_come_when_the_lab_is_in_view_and_the_worker_ends_with_the_page(reader):
    page = reader.open(NETWORK)
    page.wait_for_load_state("networkidle")
    loaded = re.findall(r"/(lab[\w-]*\.js)", " ".join(each.url for each in reader.responses))
    assert set(loaded) == {"lab-words.js", "lab.js", "lab-network.js"}
    (worker,) = show(page).workers
    assert any("lab-batch.js" in response.url for response in reader.responses)
    with worker.expect_event("close"):
        page.goto(f"/{FIRST}")
    page.go_back()
    show(page)


def test_labs_are_on_their_pages_alone():
    """Hidden until a script has filled them."""
    for path in [folder + path for folder in ("", "zh/") for path in PAGES]:
        labs = parse(path).select(".lab[hidden]")
        assert len(labs) == len(parse(path).select(".lab")) == (path.removeprefix("zh/") in LABS)
        assert bool(labs) == bool(parse(path).select("script[src*='/lab']")), path


@pytest.mark.parametrize("path", LABS)
def test_lab_by_keyboard_and_not_on_paper(reader, path):
    page = show(reader.open(path))
    slider = page.get_by_role("slider").first
    before = slider.get_attribute("aria-valuetext")
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") != before
    page.emulate_media(media="print")
    assert not page.locator(".lab").is_visible()


def test_lab_speaks_chinese_from_the_file_system(reader):
    """Where a browser loads neither modules nor data by script, but a script it does."""
    page, words = show(reader.open((SITE / "zh" / NETWORK).as_uri())), CHINESE.words["labs"]
    assert status(page).startswith(words["network"]["creeps"].partition("{")[0])
    assert page.get_by_role("slider", name=words["network"]["rate"]).count() == 1


def test_graph_says_what_the_engine_computes(reader):
    """An arrow at a time, and back."""
    page, engine = show(reader.open(GRAPH)), run(3, "imports", "engine-toy", "engine-backward")
    forth, back = (page.get_by_role("button", name=WORDS["graph"][to]) for to in ("next", "back"))
    for inputs in (-1.5, 4, 0), (0, 0, -5), (3, 2, 1):
        for name, value in zip("wxb", inputs, strict=True):
            slider = page.get_by_role("slider", name=name, exact=True)
            slider.evaluate(MOVE, (value + 5) / 10)
        w, x, b = nodes = [engine["Value"](float(each)) for each in inputs]
        out = w * x + b
        engine["backward"](out)
        for step in range(1, 6):
            forth.click()
            assert page.locator(".lab line.backward").count() == step
        said = status(page)
        assert lab(page, "values")["out"] == out.data
        assert [lab(page, "grads")[name] for name in "wxb"] == [node.grad for node in nodes]
        while back.is_enabled():
            back.click()
        assert lab(page, "grads") == {"out": 1}
    assert "x.grad = 1 · 1 · 3 = 3" in said


def test_valley_walks_as_pytorch_does(reader):
    page, words = show(reader.open(VALLEY)), WORDS["valley"]["rules"]
    sgd, adam = torch.optim.SGD, torch.optim.Adam
    kinds = {"sgd": (sgd, {}), "momentum": (sgd, {"momentum": 0.9}), "adam": (adam, {})}
    for preset, rate in ("momentum", "3e-2"), ("sgd", "9e-2"), ("adam", "3e-1"):
        page.get_by_role("button", name=f"{words[preset]} {rate}").click()
        for rule, (kind, options) in kinds.items():
            place = torch.tensor([1.2, 6.0], requires_grad=True, dtype=torch.float64)
            optimizer = kind([place], lr=float(rate), **options)
            for step in lab(page, "paths")[rule]:
                found = np.array(step, float), place.detach().numpy()
                np.testing.assert_allclose(*found, rtol=1e-6, atol=1e-9)
                optimizer.zero_grad()
                (10 * place[0] ** 2 + 0.1 * place[1] ** 2).backward()
                optimizer.step()
