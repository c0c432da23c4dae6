"""The labs: networks, graphs and valleys that the reader moves on the page.

What a lab computes is held to the notebooks' own cells, run here. Each leaves its numbers on its
element for these tests: `losses` and `done`, `values` and `grads`, or `paths`.
"""

import random
from collections import ChainMap

import cells
import lab_data
import numpy as np
import pages
import pytest

NETWORK, RATE = "notebooks/06_nn.html", "notebooks/01_numpy.html"
GRAPH, VALLEY = "notebooks/03_autograd.html", "notebooks/07_optim.html"
LABS = [NETWORK, RATE, GRAPH, VALLEY]
# What the settings in the address ask for, and where its losses are among those of the notebooks.
PRESETS = {
    "stage 1": "stage 1",
    "five times its rate": "wrong-rate",
    "the default at 1e-6": "slow",
    "the default at 1e-4": "fast",
}
DONE = "() => document.querySelector('.lab').done"


def run(number, ids):
    """The variables of a stage's notebook after its cells with these ids."""
    variables = {}
    lab_data.run(number, ids, variables)
    return variables


@pytest.fixture(scope="session")
def losses():
    """The losses of the notebooks, float32, by the names in PRESETS."""
    first = run(1, ["imports", "data", "train"])
    found = {"stage 1": list(first["losses"])}
    source = cells.code_cells(cells.read(pages.stages()[0]))
    (fast,) = [cell["source"] for cell in source if cell["id"] == "wrong-rate"]
    kept = []
    spied = ChainMap({"print": lambda *text: kept.append(text[0])}, first)
    with np.errstate(all="ignore"):
        exec(fast, dict(spied))
    found["wrong-rate"] = [float(line.split()[-1]) for line in kept if line.startswith("step")]
    sixth = run(6, ["imports", "device", "data", "loss", "train", "default"])
    return found | {"slow": sixth["slow"], "fast": sixth["fast"]}


def open_lab(reader, path, theme="light", width=1280):
    """The page, its lab in view and, where it is the network, computed."""
    page = reader.open(path, theme, width)
    page.locator(".lab").scroll_into_view_if_needed()
    if path.partition("?")[0] in (NETWORK, RATE):
        page.wait_for_function(DONE)
    return page


def lab(page, name):
    return page.evaluate(f"() => document.querySelector('.lab').{name}")


def test_presets_are_what_the_notebooks_compute(reader, theme, width, losses):
    page = open_lab(reader, NETWORK, theme, width)
    for button, name in PRESETS.items():
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_function(DONE)
        got, expected = np.array(lab(page, "losses")), np.array(losses[name])
        if name == "wrong-rate":  # the page prints one digit of the first five, then nan
            assert [float(f"{loss:.0e}") for loss in got] == list(expected)
            assert "explodes: at step 5" in page.locator(".lab [role=status]").text_content()
            continue
        off = np.abs(got - expected) / expected
        assert len(got) == 500
        assert off[:101].max() < 1e-5
        assert off[:201].max() < 1e-3
        assert f"{got[0]:.2e}" in page.locator(".lab [role=status]").text_content()


def test_small_lab_agrees_with_stage_1(reader, theme, width, losses):
    page = open_lab(reader, RATE, theme, width)
    got, expected = np.array(lab(page, "losses")), np.array(losses["stage 1"])
    assert (np.abs(got - expected) / expected)[:101].max() < 1e-5
    assert "rises at first, to 4.19e+07 at step 3" in page.locator(".lab").text_content()


def test_momentum_is_pytorchs(reader):
    """On weights, in float64, as torch.optim.SGD has it; the lab trains h alone."""
    first = run(1, ["imports", "data"])
    x, y, w1, w2 = (first[f"{name}_np"].astype(float) for name in ("x", "y", "w1", "w2"))
    v1, v2, expected = 0, 0, []
    for _ in range(500):
        h = x @ w1
        error = 2 * (np.maximum(h, 0) @ w2 - y)
        expected.append(np.square(error / 2).sum())
        v2_new = 0.5 * v2 + np.maximum(h, 0).T @ error
        v1 = 0.5 * v1 + x.T @ np.where(h < 0, 0, error @ w2.T)
        v2 = v2_new
        w1, w2 = w1 - 4e-7 * v1, w2 - 4e-7 * v2
    page = open_lab(reader, f"{NETWORK}?rate=4e-7&momentum=0.50&start=normal")
    off = np.abs(np.array(lab(page, "losses")) - expected) / expected
    assert off[:201].max() < 1e-4  # the batch is sent in float32


def test_data_of_the_lab_are_the_notebooks():
    """Up to what another machine's float32 sums differ by."""
    for name, arrays in lab_data.make_arrays().items():
        path = pages.ROOT / "book" / "_static" / f"lab-{name}.js"
        stored = lab_data.read(path.read_text(encoding="utf-8"))
        for key, array in arrays.items():
            close = (
                {"rtol": 1e-3, "atol": 0} if key == "reference" else {"rtol": 1e-5, "atol": 1e-5}
            )
            upto = 201 if key == "reference" else None
            np.testing.assert_allclose(
                stored[key][:upto],
                array.ravel()[:upto],
                **close,
                err_msg=f"{path.name} is old: python book/_tools/lab_data.py makes it anew",
            )


def test_state_is_in_the_address_and_there_is_a_way_back(reader):
    page = open_lab(reader, NETWORK)
    page.get_by_role("button", name="the default at 1e-4").click()
    page.wait_for_function(DONE)
    assert "rate=1e-4" in page.url
    sentence = page.locator(".lab [role=status]").text_content()
    path = page.url.removeprefix(reader.address).lstrip("/")
    other = open_lab(reader, path)
    assert other.locator(".lab [role=status]").text_content() == sentence
    other.get_by_role("button", name="back to the beginning").click()
    assert "?" not in other.url


@pytest.mark.parametrize("query", ["rate=7e9", "rate=", "start=mine", "momentum=x&scale=-1", "x=1"])
def test_an_address_that_nobody_made_is_no_trouble(reader, query):
    page = open_lab(reader, f"{NETWORK}?{query}")
    assert "creeps" in page.locator(".lab [role=status]").text_content()


def test_a_thousand_random_settings(reader):
    """None leaves the lab in an error, a hang or an empty picture; every fiftieth runs to its end,
    the others are overtaken by the next, some before anything of them is drawn."""
    page = open_lab(reader, NETWORK)
    settings = random.Random(0)
    for number in range(1000):
        page.evaluate(
            """([places, start]) => {
                const lab = document.querySelector(".lab");
                lab.querySelectorAll("input").forEach((input, i) => {
                    input.value = Math.round(places[i] * input.max);
                    input.dispatchEvent(new Event("input"));
                });
                lab.querySelector("select").value = start;
                lab.querySelector("select").dispatchEvent(new Event("change"));
            }""",
            [
                [settings.random() for _ in range(3)],
                settings.choice(["normal", "default", "he"]),
            ],
        )
        if number % 50 == 0:
            page.wait_for_function(DONE, timeout=20_000)
            assert lab(page, "losses")
            assert page.locator(".lab [role=status]").text_content().startswith("The loss begins")
            drawn = page.locator(".lab .yours").get_attribute("points")
            end = page.locator(".lab .end").get_attribute("d")
            assert drawn.count(" ") or end
            assert "NaN" not in drawn + end


def test_lab_works_from_the_file_system(chromium):
    """Where a browser loads neither modules nor data by script, but a script it does."""
    page = chromium.new_page()
    page.goto(f"file://{pages.ROOT}/_build/site/{NETWORK}")
    page.locator(".lab").scroll_into_view_if_needed()
    page.wait_for_function(DONE)
    assert len(lab(page, "losses")) == 500
    page.close()


def test_leaving_the_page_ends_the_worker(reader):
    page = open_lab(reader, NETWORK)
    (worker,) = page.workers
    ended = []
    worker.on("close", lambda _: ended.append(True))
    page.goto("/book/intro.html")
    page.wait_for_timeout(500)
    assert ended
    assert page.workers == []
    page.go_back()
    page.locator(".lab").scroll_into_view_if_needed()
    page.wait_for_function(DONE)


def test_data_are_loaded_when_the_lab_comes_into_view(reader):
    page = reader.open(NETWORK)
    page.wait_for_load_state("networkidle")
    loaded = [response.url for response in reader.responses if "/lab-" in response.url]
    assert {url.rpartition("/")[2].partition("?")[0] for url in loaded} == {
        "lab-words.js",
        "lab-network.js",
    }
    page.locator(".lab").scroll_into_view_if_needed()
    page.wait_for_function(DONE)
    assert any("lab-batch.js" in response.url for response in reader.responses)


@pytest.mark.parametrize("path", LABS)
def test_a_page_without_scripts_has_no_lab(reader, path):
    page = reader.open(path, java_script_enabled=False)
    assert page.locator(".lab").count() == 1
    assert not page.locator(".lab").is_visible()


@pytest.mark.parametrize("path", LABS)
def test_a_lab_is_not_printed(reader, path):
    page = open_lab(reader, path)
    assert page.locator(".lab").is_visible()
    page.emulate_media(media="print")
    assert not page.locator(".lab").is_visible()


def test_scripts_are_on_the_pages_with_a_lab_alone():
    for name in pages.names():
        text = (pages.ROOT / "_build" / "site" / f"{name}.html").read_text(encoding="utf-8")
        assert ("/lab.js" in text) == (f"{name}.html" in LABS), name


def test_graph_says_what_the_engine_computes(reader, theme, width):
    page = open_lab(reader, GRAPH, theme, width)
    stage = run(3, ["imports", "engine-toy", "engine-backward"])
    for w, x, b in (3, 2, 1), (-1.5, 4, 0), (0, 0, -5):
        for name, value in zip("wxb", (w, x, b), strict=True):
            slider = page.get_by_role("slider", name=name, exact=True)
            slider.evaluate(
                "(input, place) => { input.value = place;"
                " input.dispatchEvent(new Event('input')); }",
                2 * value + 10,
            )
        nodes = [stage["Value"](float(each)) for each in (w, x, b)]
        out = nodes[0] * nodes[1] + nodes[2]
        stage["backward"](out)
        while not page.get_by_role("button", name="next arrow").is_disabled():
            page.get_by_role("button", name="next arrow").click()
        assert lab(page, "values")["out"] == out.data
        grads = lab(page, "grads")
        assert [grads[name] for name in "wxb"] == [node.grad for node in nodes]
        while not page.get_by_role("button", name="one back").is_disabled():
            page.get_by_role("button", name="one back").click()
        assert lab(page, "grads") == {"out": 1}


def test_graph_walks_an_arrow_at_a_time(reader):
    page = open_lab(reader, GRAPH)
    for step in range(1, 6):
        page.get_by_role("button", name="next arrow").click()
        assert page.locator(".lab line.backward").count() == step
    assert "x.grad = 1 · 1 · 3 = 3" in page.locator(".lab [role=status]").text_content()


def test_valley_walks_as_pytorch_does(reader, theme, width):
    page = open_lab(reader, VALLEY, theme, width)
    stage = run(7, ["imports"])
    torch = stage["torch"]
    for rate in "3e-2", "9e-2", "3e-1":
        page.get_by_role("button", name=f" {rate}").click()
        paths = lab(page, "paths")
        for rule, kind, options in (
            ("sgd", torch.optim.SGD, {}),
            ("momentum", torch.optim.SGD, {"momentum": 0.9}),
            ("adam", torch.optim.Adam, {}),
        ):
            place = torch.tensor([1.2, 6.0], requires_grad=True, dtype=torch.float64)
            optimizer = kind([place], lr=float(rate), **options)
            for step in paths[rule]:
                np.testing.assert_allclose(
                    np.array(step, float), place.detach(), rtol=1e-6, atol=1e-9
                )
                optimizer.zero_grad()
                (10 * place[0] ** 2 + 0.1 * place[1] ** 2).backward()
                optimizer.step()


@pytest.mark.parametrize("path", LABS)
def test_lab_by_keyboard(reader, path):
    page = open_lab(reader, path)
    slider = page.get_by_role("slider").first
    before = slider.get_attribute("aria-valuetext")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") != before
