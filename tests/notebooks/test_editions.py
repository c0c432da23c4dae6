"""The other editions are in step with the English one, and what would put one out of step is
noticed and named. A text whose English has changed since stops nothing but the weekly run."""

import copy

import pytest

from book.press import cells, editions, pages, translate
from book.press.console import BookError

STAGE = pages.stage(1)
CHINESE = editions.Edition(pages.ROOT, "zh")
every_page = pytest.mark.parametrize("english", pages.files(), ids=lambda path: path.stem)


@every_page
def test_page_is_in_step(english):
    assert list(translate.check(english)) == []


@pytest.mark.weekly
@every_page
def test_text_is_not_outdated(english):
    assert list(translate.say_outdated(english)) == []


def test_no_page_is_without_an_english_one():
    for edition in editions.find_all()[1:]:
        names = {path.relative_to(edition.root) for path in pages.files()}
        for folder in "book", "notebooks":
            for path in (edition.source / folder).glob("*.*"):
                found = path.relative_to(edition.source)
                assert found in names, f"{path}: there is no English page of this name: rename it"


def test_editions_have_the_same_words():
    for edition in editions.find_all()[1:]:
        editions.refuse_other_words(edition)
    english = editions.find_all()[0].words
    lacking = editions.Edition(CHINESE.root, "zh")
    without = dict(lacking.words, site={k: v for k, v in english["site"].items() if k != "edit"})
    with pytest.MonkeyPatch.context() as patch, pytest.raises(BookError, match="lacks site.edit"):
        patch.setattr(editions, "read", lambda path: without if "zh" in path.parts else english)
        editions.refuse_other_words(lacking)


def change(name, old, new):
    """A plant: change this cell's text in the edition."""

    def plant(english, translated):
        assert old in translated[name]["source"]
        translated[name]["source"] = translated[name]["source"].replace(old, new, 1)

    return plant


def add(name, text):
    return lambda english, translated: translated[name].update(
        source=translated[name]["source"] + text
    )


def leave_english(english, translated):
    translated["curve-read"]["source"] = english["curve-read"]["source"]


def drop_comments(english, translated):
    lines = translated["train"]["source"].splitlines()
    kept = [line for line in lines if not line.strip().startswith("#")]
    translated["train"]["source"] = "\n".join(kept)


def change_output(english, translated):
    english["rise"]["outputs"][0]["text"] += "more\n"


PLANTED = [  # what is done to stage 1 and its translation, the cell, and what is said
    (lambda english, translated: translated.pop("toy-read"), "toy-read", "is missing"),
    (lambda english, translated: english.pop("toy-read"), "toy-read", "is no cell of the English"),
    (change("loop-read", "15.4", "15.6"), "loop-read", "the number 15.4: 0 times, not 1"),
    (change("idea", r"\sum", r"\prod"), "idea", "formulas:"),
    (change("idea", "梯度", "渐变"), "idea", "says 渐变, and means 梯度"),
    (add("setup", "\n\n损失是均方误差。"), "setup", "says 均方误差"),
    (add("setup", "\n\n**两种类型相遇。**然后"), "setup", "literal asterisks"),
    (change("changed", "](02_", "](../../notebooks/02_"), "changed", "links:"),
    (change("train", "    w1 -= ", "    # w1 -= "), "train", "another program"),
    (change("loop", "，", ","), "loop", "half-width punctuation"),
    (change("loop-read", "`3.40e+07`", "3.40e+07"), "loop-read", "code:"),
    (leave_english, "curve-read", "is not translated"),
    (drop_comments, "train", "0 comments"),
    (change_output, "rise", "other outputs"),
]


def read_both():
    """The cells of stage 1 and of its translation, which is taken to be one of today's English."""
    paths = STAGE, CHINESE.source / STAGE.relative_to(CHINESE.root)
    english, chinese = (copy.deepcopy(cells.read(path)["cells"]) for path in paths)
    for cell, its in translate.pair(english, chinese):
        its["metadata"]["of"] = translate.digest(translate.wording(cell))
    return english, chinese


@pytest.mark.parametrize(("plant", "name", "says"), PLANTED, ids=[each[2] for each in PLANTED])
def test_fault_is_noticed_and_named(plant, name, says):
    by_id = [{cell["id"]: cell for cell in page} for page in read_both()]
    plant(*by_id)
    both = [list(each.values()) for each in by_id]
    faults = translate.find_faults(*both, CHINESE.words["rules"])
    found = [fault for cell, fault in faults if cell == name]
    assert any(says in fault for fault in found), found


def test_changed_english_is_outdated_and_in_step():
    """A typo mended in a text, a comment more, a new cell: who writes no Chinese can do it."""
    english, chinese = read_both()
    rules = CHINESE.words["rules"]
    before = list(translate.find_faults(english, chinese, rules))
    by_id = {cell["id"]: cell for cell in english}
    by_id["loop-read"]["source"] += " And this is new."
    by_id["train"]["source"] += "\n# one comment more"
    new = copy.deepcopy(by_id["loop-read"]) | {"id": "brand-new", "source": "All of it is new."}
    english.insert(1, new)
    translated = {cell["id"]: cell for cell in chinese}
    chinese = [translate.follow(cell, translated.get(cell["id"], cell)) for cell in english]
    pairs = zip(english, chinese, strict=True)
    old = [one["id"] for one, other in pairs if translate.is_outdated(one, other)]
    assert sorted(old) == ["brand-new", "loop-read", "train"]
    assert set(translate.find_faults(english, chinese, rules)) <= set(before)
    by_id = {cell["id"]: cell for cell in chinese}
    assert by_id["loop-read"]["source"] == translated["loop-read"]["source"]
    assert "one comment more" in by_id["train"]["source"]
