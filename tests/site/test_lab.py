"""The labs: networks, graphs and valleys that the reader moves on the page.

What a lab computes is held to the notebooks' own cells, run here. Each leaves its numbers on its
element for these tests: `losses` and `done`, `values` and `grads`, or `paths`.
"""

import re
from functools import cache

import numpy as np
import pytest
import torch

from book.press.labs.network import numbers
from tests.site.reader import CHINESE, ENGLISH, SITE, stage

RATE, GRAPH, NETWORK, VALLEY = LABS = [stage(number) for number in (1, 3, 6, 7)]
WORDS = ENGLISH.words["labs"]
SGD, ADAM = torch.optim.SGD, torch.optim.Adam
RULES = {"sgd": (SGD, {}), "momentum": (SGD, {"momentum": 0.9}), "adam": (ADAM, {})}
# Of the network's buttons: the variable with the losses, the stage, and the cells that make it.
SIXTH = (6, "imports", "device", "data", "loss", "train", "default", "default-fast")
STAGE_1 = ("losses", 1, "imports", "data", "train")
PRESETS = {"stage1": STAGE_1, "slow": ("slow", *SIXTH), "good": ("fast", *SIXTH)}


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


def test_numbers_are_those_of_the_notebooks():
    """Up to what another machine's float32 sums differ by; stage 1's losses to step 200."""
    for name, arrays in numbers.make_arrays().items():
        stored = numbers.read((numbers.HERE / f"lab-{name}.js").read_text("utf-8"))
        for key, array in arrays.items():
            upto = 201 if key == "reference" else None
            near = {"rtol": 1e-3, "atol": 0} if upto else {"rtol": 1e-5, "atol": 1e-5}
            np.testing.assert_allclose(stored[key][:upto], array.ravel()[:upto], **near)


def test_presets_are_what_the_notebooks_compute(reader):
    """As long as float32 rounds alike."""
    page, small = show(reader.open(NETWORK)), show(reader.open(RATE))
    for preset, (name, *made_by) in PRESETS.items():
        page.get_by_role("button", name=WORDS["network"][preset], exact=True).click()
        losses = run(*made_by)[name]
        for each in [show(page), small] if preset == "stage1" else [show(page)]:
            np.testing.assert_allclose(lab(each, "losses")[:101], losses[:101], rtol=1e-5)
            assert f"{losses[0]:.2e}" in status(each)


def test_settings_are_in_the_address(reader):
    """Those that no control has are as if none had been asked for."""
    page, words = show(reader.open(NETWORK)), WORDS["network"]
    page.get_by_role("button", name=words["fast"], exact=True).click()
    said = status(show(page))
    assert said.endswith(words["exploded"].partition("{step}")[2])
    assert page.url.endswith("#lab-network") and "rate=5e-6" in page.url
    page = show(reader.open(page.url.removeprefix(f"{reader.address}/")))
    assert status(page) == said
    page.get_by_role("button", name=WORDS["reset"]).click()
    assert "?" not in page.url
    page.goto(f"/{NETWORK}?rate=7e9&start=mine&momentum=x&scale=-1")
    assert "creeps" in status(show(page))


def test_numbers_come_when_the_lab_is_in_view(reader):
    page = reader.open(NETWORK)
    page.wait_for_load_state("networkidle")
    loaded = re.findall(r"/(lab[\w-]*\.js)", " ".join(each.url for each in reader.responses))
    assert set(loaded) == {"lab-words.js", "lab.js", "lab-network.js"}
    show(page)
    assert any("lab-batch.js" in response.url for response in reader.responses)


@pytest.mark.parametrize("path", LABS)
def test_lab_is_not_printed(reader, path):
    page = show(reader.open(path))
    page.emulate_media(media="print")
    assert not page.locator(".lab").is_visible()


def test_lab_speaks_chinese_from_the_file_system(reader):
    """Where a browser loads neither modules nor data by script, but a script it does."""
    page, words = show(reader.open((SITE / "zh" / NETWORK).as_uri())), CHINESE.words["labs"]
    assert status(page).startswith(words["network"]["creeps"].partition("{")[0])


def test_graph_says_what_the_engine_computes(reader):
    """An arrow at a time, and back."""
    page, engine = show(reader.open(GRAPH)), run(3, "imports", "engine-toy", "engine-backward")
    forth, back = (page.get_by_role("button", name=WORDS["graph"][to]) for to in ("next", "back"))
    w, x, b = (engine["Value"](value) for value in (2.5, 4.0, -3.0))
    out = w * x + b
    engine["backward"](out)
    for name, node in {"w": w, "x": x, "b": b}.items():
        slider = page.get_by_role("slider", name=name, exact=True)  # its middle is 0, its end 5
        slider.fill(str(round((node.data + 5) / 10 * int(slider.get_attribute("max")))))
    for step in range(1, 5):
        forth.click()
        assert page.locator(".lab line.backward").count() == step
    assert "x.grad = 1 · 2.5 = 2.5" in status(page)
    assert lab(page, "values")["out"] == out.data
    assert [lab(page, "grads")[name] for name in "wxb"] == [w.grad, x.grad, b.grad]
    back.click()
    assert page.locator(".lab line.backward").count() == 3


def test_valley_walks_as_pytorch_does(reader):
    page = show(reader.open(VALLEY))
    page.get_by_role("button", name=f"{WORDS['valley']['rules']['sgd']} 9e-2").click()
    for rule, (kind, options) in RULES.items():
        place = torch.tensor([1.2, 6.0], requires_grad=True, dtype=torch.float64)
        optimizer = kind([place], lr=9e-2, **options)
        for step in lab(page, "paths")[rule]:
            found = np.array(step, float), place.detach().numpy()
            np.testing.assert_allclose(*found, rtol=1e-6, atol=1e-9)
            optimizer.zero_grad()
            (10 * place[0] ** 2 + 0.1 * place[1] ** 2).backward()
            optimizer.step()
