"""The lab in which the reader draws a digit: its network is the chapter's."""

import numpy as np
import torch

from book.press.labs.digit import numbers
from tests.site.reader import ENGLISH

PAGE = "notebooks/own_data.html"
WORDS = ENGLISH.words["labs"]["digit"]


def scores_of(pixels):
    """The forward pass of the stored weights, in NumPy."""
    stored = numbers.read()
    x = (np.array(pixels) - stored["mean"]) / stored["std"]
    h = np.maximum(stored["w1"].reshape(100, 64) @ x + stored["b1"], 0)
    return stored["w2"].reshape(10, 100) @ h + stored["b2"]


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
        page.get_by_role("button", name=WORDS["clear"]).click()
        assert told.text_content() == WORDS["empty"]
    assert abs(seen[0] - seen[1]).max() <= 6 and 250 < seen[0].sum() < 380
