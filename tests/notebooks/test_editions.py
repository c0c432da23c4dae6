"""The other editions are in step with the English one, and what would put one out of step is
noticed and named. A text whose English has changed since stops nothing but the weekly run."""

import pytest

from book.press import cells, editions, pages, translate

STAGE = pages.stage(1)
CHINESE = editions.Edition(pages.ROOT, "zh")
PATHS = STAGE, CHINESE.source / STAGE.relative_to(CHINESE.root)
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


def test_verdicts_ask_for_the_same_values():
    assert list(translate.find_wrong_strings(CHINESE.rules["verdicts"])) == []
    lost = {'f"{name} is {how}."': 'f"{name} 不对。"'}
    assert list(translate.find_wrong_strings({"strings": lost})) == [*lost]


def test_docstring_without_words_is_told():
    cell = {"source": 'def add(a, b):\n    """Add two numbers."""', "metadata": {}}
    assert list(translate.find_silent(cell, editions.SILENT)) == ['"""Add two numbers."""']


PLANTED = [  # a cell of stage 1, what is changed in its translation, and what is said
    ("loop-read", "15.4", "15.6", "lacks the number 15.4"),
    ("loop-read", r"\times", r"\div", "formulas:"),
    ("toy-read", "梯度", "渐变", "says 渐变, and means 梯度"),
    ("setup", "\n", "\n\n损失是均方误差。\n", "says 均方误差"),
    ("setup", "\n", "\n\n**两种类型相遇。**然后\n", "literal asterisks"),
    ("changed", "](02_", "](../../notebooks/02_", "links:"),
    ("loop", "，", ",", "half-width punctuation"),
    ("loop-read", "`3.40e+07`", "3.40e+07", "code:"),
    ("train", "    w1 -= ", "    # w1 -= ", "another program"),
    ("train", "    # 前向", "    # 一\n    # 前向", "4 comments, not 3"),
    ("train", "更新：逆着梯度迈一小步。", "Update: a small step.", "is not translated"),
]


def read_both():
    """The cells of stage 1 and of its translation, which is taken to be one of today's English."""
    english, chinese = (cells.read(path)["cells"] for path in PATHS)
    for cell, its in translate.pair(english, chinese):
        its["metadata"]["of"] = translate.digest(translate.wording(cell))
    return english, chinese


@pytest.mark.parametrize(("name", "old", "new", "says"), PLANTED, ids=[each[3] for each in PLANTED])
def test_fault_is_noticed_and_named(name, old, new, says):
    english, chinese = read_both()
    (translated,) = [cell for cell in chinese if cell["id"] == name]
    assert old in translated["source"]
    translated["source"] = translated["source"].replace(old, new, 1)
    faults = translate.find_faults(english, chinese, CHINESE.rules)
    found = [fault for cell, fault in faults if cell == name]
    assert any(says in fault for fault in found), found


def test_changed_english_is_outdated_and_in_step():
    """A typo mended in a text, a comment more, a new cell: who writes no Chinese can do it."""
    english, chinese = read_both()
    rules = CHINESE.rules
    before = set(translate.find_faults(english, chinese, rules))
    by_id = {cell["id"]: cell for cell in english}
    by_id["loop-read"]["source"] += " And this is new."
    by_id["train"]["source"] += "\n# one comment more"
    new = by_id["loop-read"] | {"id": "brand-new", "source": "All of it is new."}
    english.insert(1, new)
    translated = {cell["id"]: cell for cell in chinese}
    assert ("brand-new", "is missing") in translate.find_faults(english, chinese, rules)
    pairs = [(cell, translated.get(cell["id"], cell)) for cell in english]
    chinese = [translate.follow(*each, rules["verdicts"]) for each in pairs]
    pairs = list(zip(english, chinese, strict=True))
    old = [cell["id"] for cell, its in pairs if translate.is_outdated(cell, its)]
    assert sorted(old) == ["brand-new", "loop-read", "train"]
    assert set(translate.find_faults(english, chinese, rules)) <= before
    by_id = {cell["id"]: cell for cell in chinese}
    assert by_id["loop-read"]["source"] == translated["loop-read"]["source"]
    assert "one comment more" in by_id["train"]["source"]
