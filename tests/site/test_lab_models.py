"""The labs in which a trained network answers: it is the chapter's."""

import numpy as np
import pytest
import torch

from book.press import pages
from book.press.labs.digit import numbers
from book.press.labs.numbers import run
from book.press.labs.writer import numbers as writer
from tests.site.reader import ENGLISH

PAGE = "notebooks/own_data.html"
WORDS = ENGLISH.words["labs"]["digit"]


def scores_of(pixels):
    """The forward pass of the stored weights, in NumPy."""
    stored = numbers.read()
    x = (np.array(pixels) - stored["mean"]) / stored["std"]
    h = np.maximum(stored["w1"].reshape(100, 64) @ x + stored["b1"], 0)
    return stored["w2"].reshape(10, 100) @ h + stored["b2"]


@pytest.mark.weekly  # it trains the chapter's network anew
def test_weights_are_as_good_as_the_chapters():
    """Another machine rounds otherwise, and ends with other weights that read as well."""
    chapter, model = numbers.train()
    test = chapter["test"]
    labels = chapter["digits"].target[test]
    with torch.no_grad():
        now = model(chapter["images"][test]).argmax(dim=1).numpy()
    stored = np.array([scores_of(scan).argmax() for scan in chapter["digits"].data[test]])
    assert abs((now == labels).sum() - (stored == labels).sum()) <= 4
    scans, meant = numbers.read()["scans"], numbers.read()["labels"]
    read = [scores_of(scan).argmax() for scan in scans]
    assert read[:10] == meant[:10] and all(np.not_equal(read[10:], meant[10:]))


def open_lab(reader, **options):
    page = reader.open(PAGE, reduced_motion="reduce", **options)
    page.locator("#lab-digit").scroll_into_view_if_needed()
    page.locator("#lab-digit .lab-presets button").first.wait_for()
    return page, page.locator("#lab-digit [role=status]")


def of_place(page, name):
    return page.evaluate(f"document.querySelector('#lab-digit').{name}")


def test_scans_are_read(reader):
    page, told = open_lab(reader, width=360)
    for number, scan in enumerate(numbers.read()["scans"]):
        page.locator("#lab-digit .lab-presets button").nth(number).press("Enter")
        assert of_place(page, "pixels") == scan.tolist()
        np.testing.assert_allclose(of_place(page, "scores"), scores_of(scan), atol=1e-9)
    assert told.text_content().endswith(WORDS["meant"].format(label=6))
    assert page.locator("#lab-digit [aria-pressed=true]").count() == 1
    parts = [page.locator(f".digit-{part}") for part in ("pad", "seen", "scores")]
    pad, seen, scores = [part.bounding_box() for part in parts]
    assert 0 < told.bounding_box()["y"] - pad["y"] < 400
    assert seen["y"] == pad["y"]  # beside each other
    assert scores["y"] + scores["height"] - pad["y"] < 740  # in view while one draws


def test_drawing_is_read_as_scans_are(reader):
    """Wherever it stands on the pad, and however small it is."""
    page, told = open_lab(reader)
    pad = page.locator(".digit-pad")
    pad.scroll_into_view_if_needed()
    box, seen = pad.bounding_box(), []
    for size in 1, 0.4:
        strokes = [(70, 45), (110, 20)], [(110, 20), (110, 200)]
        for (x, y), (to_x, to_y) in strokes:
            page.mouse.move(box["x"] + size * x, box["y"] + size * y)
            page.mouse.down()
            page.mouse.move(box["x"] + size * to_x, box["y"] + size * to_y, steps=9)
            page.mouse.up()
        seen.append(np.array(of_place(page, "pixels")))
        np.testing.assert_allclose(of_place(page, "scores"), scores_of(seen[-1]), atol=1e-9)
        assert told.text_content().startswith(WORDS["sure"].split("{digit}")[0] + "1")
        for kind in "pointerdown", "pointermove":  # the palm
            pad.dispatch_event(kind, {"pointerId": 7, "clientX": 300, "clientY": 300})
        assert of_place(page, "pixels") == seen[-1].tolist()
        page.get_by_role("button", name=WORDS["clear"]).click()
        assert told.text_content() == WORDS["empty"]
    assert abs(seen[0] - seen[1]).max() <= 6 and 250 < seen[0].sum() < 380


def test_writer_is_the_chapters_network(reader):
    """Its scores are those of PyTorch with the same weights, which are as good as the page says."""
    only = "imports device read-text numbers norm module windows train-epoch".split()
    chapter = run(pages.find_file("notebooks/text"), only)
    alphabet, stored = writer.read()
    model = chapter["Writer"]()
    state = {
        name: torch.tensor(stored[name]).reshape(each.shape)
        for name, each in model.state_dict().items()
    }
    model.load_state_dict(state)
    model.to(chapter["device"])
    loss, _ = chapter["evaluate"](model, chapter["fresh_loader"], chapter["loss_fn"])
    assert alphabet == chapter["alphabet"] and loss < 1.45
    page = reader.open("notebooks/text.html", reduced_motion="reduce", width=360)
    page.locator("#lab-writer").scroll_into_view_if_needed()
    words = ENGLISH.words["labs"]["writer"]
    page.locator("#lab-writer button:enabled").wait_for()
    for begun in "a", "the cat sat", 10 * "it is a long text, ":
        found = page.evaluate("text => document.querySelector('#lab-writer').read(text)", begun)
        with torch.no_grad():
            x = torch.tensor(chapter["encode"](begun)[-64:])[None]
            wanted = model.cpu().double()(x)[0, -1]
        np.testing.assert_allclose(found, wanted, atol=1e-6)
    page.get_by_label(words["start"]).fill("The END?")
    page.get_by_role("slider", name=words["temperature"]).fill("0")
    page.get_by_label(words["start"]).press("Enter")
    text = page.locator("#lab-writer .writer-text")
    page.wait_for_function("document.querySelector('.writer-text').textContent.length > 40")
    assert text.text_content().startswith("the end.")
    page.get_by_role("button", name=words["stop"]).click()
    assert page.locator("#lab-writer [role=status]").text_content().endswith("0.0.")
    page.get_by_role("button", name=words["write"]).click()
    page.get_by_label(words["start"]).fill("of a")
    page.get_by_label(words["start"]).press("Enter")  # which does not stop it
    page.wait_for_function("document.querySelector('.writer-text').textContent.length > 20")
    assert text.text_content().startswith("of a")
    page.get_by_role("slider", name=words["temperature"]).fill("20")  # it begins anew
    assert len(text.text_content()) < 12
    page.get_by_role("button", name=words["stop"]).click()
    assert page.locator("#lab-writer [role=status]").text_content().endswith("2.0.")
