"""The labs: networks, graphs and valleys that the reader moves on the page.

What a lab computes is held to the notebooks' own cells, run here, or to NumPy. Each leaves its
numbers on its element for these tests: `losses` and `done`, `values` and `grads`, `sizes`, `paths`.
"""

import random
import re
from functools import cache

import numpy as np
import pytest
import torch

from book.press import pages
from book.press.labs.network import numbers
from tests.site.reader import CHINESE, ENGLISH, SITE, parse, stage

STAGES = {"rate": 1, "graph": 3, "depth": 6, "network": 6, "valley": 7}
LABS = list(STAGES)
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
    return numbers.run(pages.stage(number), ids)


def visit(reader, name, query="", width=1280, site=""):
    """The page with this lab, at these settings, once it is in view and computed."""
    page = reader.open(f"{site}{stage(STAGES[name])}{query and '?'}{query}#lab-{name}", width=width)
    return show(page, name)


def show(page, name):
    ready = {"network": "lab.done", "rate": "lab.done", "depth": "lab.sizes"}.get(name, "lab")
    look = "lab.scrollIntoView({ block: 'nearest' })"  # whatever moves the page meanwhile
    page.wait_for_function(f"() => {{ const lab = {element(name)}; {look}; return {ready}; }}")
    return page


def element(name):
    return f"document.querySelector('#lab-{name}')"


def kept(page, name, key):
    return page.evaluate(f"() => {element(name)}.{key}")


def status(page, name):
    return page.locator(f"#lab-{name} [role=status]").text_content()


def says(page, name, words):
    """Whether the lab's sentence is this one of the edition, whatever the numbers in it."""
    return re.match(re.sub(r"\\{\w+\\}", ".+", re.escape(words)), status(page, name))


def button(page, name, words):
    return page.locator(f"#lab-{name}").get_by_role("button", name=words, exact=True)


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
    large, small = visit(reader, "network"), visit(reader, "rate")
    for preset, (variable, *made_by) in PRESETS.items():
        losses = run(*made_by)[variable]
        for name, page in {"network": large, "rate": small}.items():
            if name == "network" or preset == "stage1":
                button(page, name, WORDS["network"][preset]).click()
                show(page, name)
                np.testing.assert_allclose(
                    kept(page, name, "losses")[:101], losses[:101], rtol=1e-5
                )
                assert f"{losses[0]:.2e}" in status(page, name)


def test_settings_are_in_the_address(reader):
    """Those that no control has are as if none had been asked for."""
    page, words = visit(reader, "network"), WORDS["network"]
    button(page, "network", words["fast"]).click()
    show(page, "network")
    assert says(page, "network", words["exploded"])
    page.wait_for_url("**/*rate=5e-6*#lab-network")
    said, query = status(page, "network"), page.url.partition("?")[2].partition("#")[0]
    assert status(visit(reader, "network", query), "network") == said
    # The other lab of the page has its own; both stay when the reader goes elsewhere on it.
    page.goto(f"/zh/{stage(6)}?{query}&size=0.16#id3")
    assert "421" in status(show(page, "depth"), "depth")
    show(page, "network")
    assert CHINESE.words["labs"]["network"]["exploded"].partition("{")[0] in status(page, "network")
    page = visit(reader, "network", f"{query}&size=0.16")
    button(page, "network", words["slow"]).click()
    page.wait_for_url(re.compile(r"\?size=0.16#"))
    page = visit(reader, "network", "rate=7e9&start=mine&momentum=x&scale=-1")
    assert says(page, "network", words["stays"])


def test_address_waits_for_the_hand_and_may_be_refused(reader):
    """Safari throws when it has been written a hundred times in half a minute."""
    page, chosen = visit(reader, "graph"), random.Random(331)
    page.evaluate("""() => {
        let allowed = 100;
        window.refuse = () => { allowed = 0; };
        history.replaceState = () => {
            if (allowed-- <= 0) throw new DOMException("The operation is insecure.");
        };
    }""")
    settings = [[chosen.randrange(21) for _ in "wxb"] for _ in range(1000)]
    move = """settings => settings.map(setting => {
        document.querySelectorAll("#lab-graph input").forEach((input, i) => {
            input.value = setting[i];
            input.dispatchEvent(new Event("input"));
        });
        return document.querySelector("#lab-graph [role=status]").textContent;
    })"""
    for setting, said in zip(settings, page.evaluate(move, settings), strict=True):
        w, x, b = ((place - 10) / 2 for place in setting)
        sum_ = f"{w:g} · {x:g} + {b:g} = {w * x + b:g}.".replace("-", "−")
        assert sum_ in said
    page.evaluate("refuse()")
    page.evaluate(move, settings[:1])
    page.wait_for_timeout(500)  # what is thrown, the reader notes


def test_numbers_come_when_the_lab_is_in_view(reader):
    page = reader.open(stage(6))
    page.wait_for_load_state("networkidle")
    loaded = re.findall(r"/(lab[\w-]*\.js)", " ".join(each.url for each in reader.responses))
    assert set(loaded) == {"lab-words.js", "lab.js", "lab-depth.js", "lab-network.js"}
    assert kept(page, "depth", "sizes") is None
    show(page, "network")
    assert any("lab-batch.js" in response.url for response in reader.responses)


def test_sentence_belongs_to_the_curve(reader):
    """While it is drawn there is none; a line that is nearly flat does not fall "at once"."""
    page = visit(reader, "rate", "rate=1e-8")
    assert says(page, "rate", WORDS["network"]["slows"])
    button(page, "rate", WORDS["network"]["stage1"]).click()
    page.wait_for_function(f"() => {element('rate')}.losses.length")
    said = page.evaluate(f"() => [{element('rate')}.done, {element('rate')}.lastChild.textContent]")
    assert said[0] or said[1] == ""


@pytest.mark.parametrize("name", LABS)
def test_lab_fits_a_phone(reader, name):
    """A finger, eyes, and what is chosen; the tracks begin at one line; one preset is in force.
    It is not printed."""
    page = visit(reader, name, width=360)
    lab = page.locator(f"#lab-{name}")
    tall = lab.locator("input, select, button").evaluate_all("all => all.map(e => e.offsetHeight)")
    assert min(tall) >= 44
    assert len(set(lab.locator("input").evaluate_all("all => all.map(e => e.offsetLeft)"))) == 1
    sizes = """all => all.map(text =>
        parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"""
    assert min(lab.locator("svg text").evaluate_all(sizes)) >= 12
    for select in lab.locator("select").all():
        need = "select => [select.offsetWidth, (select.style.width = 'auto', select.offsetWidth)]"
        given, needed = select.evaluate(need)
        assert needed <= given
    if name != "graph":
        assert lab.locator("button[aria-pressed=true]").count() == 1
        assert lab.get_by_role("button", name=WORDS["reset"]).count() == 0  # that preset is it
    page.emulate_media(media="print")
    assert not lab.is_visible()


@pytest.mark.parametrize("name", LABS)
def test_lab_has_its_height_from_the_beginning(reader, name):
    """A link to what follows it leads there, while it computes and before its scripts have come."""
    after = parse(stage(STAGES[name])).select_one(f"#lab-{name}").find_next("section")["id"]
    page = reader.open(f"{stage(STAGES[name])}#{after}", reduced_motion="reduce")
    page.wait_for_function("() => scrollY")
    before, tall = page.evaluate(f"() => [scrollY, {element(name)}.offsetHeight]")
    show(page, name)
    assert page.evaluate(f"() => {element(name)}.offsetHeight") == tall
    page.evaluate("document.querySelector(location.hash).scrollIntoView()")
    assert abs(page.evaluate("scrollY") - before) < 2
    bare = "lab => { lab.replaceChildren(); lab.hidden = true; return lab.offsetHeight; }"
    assert 0.8 < page.locator(f"#lab-{name}").evaluate(bare) / tall < 1.2


@pytest.mark.parametrize(
    ("name", "reaching", "not_yet"),
    [
        ("rate", "rate=3e-6", ["rate=2.5e-6", "rate=4e-6"]),
        ("graph", "w=-1&step=4", ["w=-1&step=3", "w=1&step=4"]),
        ("graph", "graph=twice&x=-1&step=3", ["graph=twice&x=-1&step=2", "graph=twice&step=4"]),
        ("depth", "size=0.1414", ["size=0.14", "size=0.145", "size=1", "size=0.01"]),
        ("network", "rate=7e-4&momentum=0.50", ["rate=1e-4"]),
        ("valley", "rate=1e-1", ["rate=9e-2", "rate=1.2e-1"]),
    ],
)
def test_goal_is_reached(reader, name, reaching, not_yet):
    page = visit(reader, name, reaching)
    page.locator(f"#lab-{name} .lab-goal.reached").wait_for()
    for query in [reaching, *not_yet]:
        page.goto(f"/{stage(STAGES[name])}?{query}#lab-{name}")
        show(page, name)
        page.wait_for_timeout(100)
        assert status(page, name).endswith(WORDS["reached"]) == (query == reaching)
        if "twice" not in reaching:  # which is the second goal
            page.locator(f"#lab-{name} .lab-goal.reached").wait_for()  # it stays so


def test_lab_speaks_chinese_from_the_file_system(reader):
    """Where a browser loads neither modules nor data by script, but a script it does."""
    page = show(reader.open((SITE / "zh" / stage(6)).as_uri()), "network")
    assert says(page, "network", CHINESE.words["labs"]["network"]["stays"])


@pytest.mark.parametrize("graph", ["once", "twice"])
def test_graph_says_what_the_engine_computes(reader, graph):
    """An arrow at a time, and back."""
    page, engine = visit(reader, "graph"), run(3, "imports", "engine-toy", "engine-backward")
    page.locator("#lab-graph select").select_option(graph)
    forth, back = (button(page, "graph", WORDS["graph"][to]) for to in ("next", "back"))
    w, x, b = (engine["Value"](value) for value in (2.5, 4.0, -3.0))
    out = w * x + (b if graph == "once" else w)
    engine["backward"](out)
    nodes = {"w": w, "x": x, "b": b} if graph == "once" else {"w": w, "x": x}
    for name, node in nodes.items():
        slider = page.get_by_role("slider", name=name, exact=True)  # its middle is 0, its end 5
        slider.fill(str(round((node.data + 5) / 10 * int(slider.get_attribute("max")))))
    for step in range(1, 5):
        forth.click()
        assert page.locator(".lab line.backward").count() == step
    assert "x.grad = 1 · 2.5 = 2.5" in status(page, "graph")
    drawn = page.locator(".lab svg text").all_text_contents()
    assert {"w = 2.5", f"grad {w.grad:g}", "× 4", "× 2.5", "× 1"} <= set(drawn)
    assert kept(page, "graph", "values")["out"] == out.data
    grads = kept(page, "graph", "grads")
    assert [grads[name] for name in nodes] == [node.grad for node in nodes.values()]
    back.click()
    assert page.locator(".lab line.backward").count() == 3


def test_layers_are_those_of_numpy(reader):
    """The same numbers, drawn and sent through the layers here."""
    state = np.arange(1, 2 * (64 + 50 * 100) * 100 + 1, dtype=np.uint32)
    state = np.uint32(2) + np.uint32(0x6D2B79F5) * state
    mixed = (state ^ state >> 15) * (state | 1)
    mixed = mixed + (mixed ^ mixed >> 7) * (mixed | 61) ^ mixed
    even = (mixed ^ mixed >> 14) / 2**32
    normal = np.sqrt(-2 * np.log(1 - even[::2])) * np.cos(2 * np.pi * even[1::2])
    first, *weights = np.split(normal.reshape(-1, 100), range(64, 5064, 100))
    for size in "0.1", "0.1414", "0.2":
        h, sizes = first, []
        for weight in weights:
            h = np.maximum(h @ (float(size) * weight), 0)
            sizes.append(np.sqrt(np.square(h).mean()))
        page = visit(reader, "depth", f"size={size}")
        np.testing.assert_allclose(kept(page, "depth", "sizes"), sizes, rtol=1e-9)
        assert f"{(sizes[-1] / sizes[0]) ** (1 / 49):.3g}" in status(page, "depth")


def test_valley_walks_as_pytorch_does(reader):
    """All in one picture, and who leaves it is named there."""
    page = visit(reader, "valley")
    button(page, "valley", f"{WORDS['valley']['rules']['sgd']} 9e-2").click()
    for rule, (kind, options) in RULES.items():
        place = torch.tensor([1.2, 6.0], requires_grad=True, dtype=torch.float64)
        optimizer = kind([place], lr=9e-2, **options)
        for step in kept(page, "valley", "paths")[rule]:
            found = np.array(step, float), place.detach().numpy()
            np.testing.assert_allclose(*found, rtol=1e-6, atol=1e-9)
            optimizer.zero_grad()
            (10 * place[0] ** 2 + 0.1 * place[1] ** 2).backward()
            optimizer.step()
    button(page, "valley", f"{WORDS['valley']['rules']['adam']} 3e-1").click()
    svg = page.locator(".lab svg[role=img]")
    left = WORDS["valley"]["left"].format(rules="SGD, momentum", edge="↓")
    assert svg.locator("text").all_text_contents() == [left, WORDS["valley"]["start"], "★"]
    assert svg.locator("polyline").count() == 3
