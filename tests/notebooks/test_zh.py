"""The Chinese edition is in step with the English one, and what would put it out of step is noticed
and named."""

import copy

import cells
import pages
import pytest
import yaml

import zh

PAIRS = list(zh.editions())
pairs = pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=[pair[0].stem for pair in PAIRS])
STAGE = pages.stages()[0]


@pairs
def test_page_is_in_step(english, chinese):
    if faults := list(zh.check(english, chinese)):
        pytest.fail("\n".join(faults), pytrace=False)


def test_no_page_is_without_an_english_one():
    folder = pages.ROOT / zh.FOLDER
    found = {path for name in ("book", "notebooks") for path in (folder / name).glob("*.*")}
    assert found == {chinese for _, chinese in PAIRS}


def test_contents_have_the_same_order():
    folders = pages.ROOT, pages.ROOT / zh.FOLDER
    assert pages.parts(folders[0]) == pages.parts(folders[1])
    tocs = [yaml.safe_load((folder / "_toc.yml").read_text("utf-8")) for folder in folders]
    assert all(
        one["caption"] != other["caption"]
        for one, other in zip(*(toc["parts"] for toc in tocs), strict=True)
    )


def test_settings_are_the_books_but_for_words_and_paths():
    """So that what is set for one edition is set for the other."""
    texts = [
        (folder / "_config.yml").read_text("utf-8")
        for folder in (pages.ROOT, pages.ROOT / zh.FOLDER)
    ]
    english, chinese = (yaml.safe_load(text) for text in texts)
    assert chinese["sphinx"]["config"].pop("language") == "zh_CN"
    assert chinese["sphinx"]["config"]["html_static_path"].pop() == "book/_static"
    del english["exclude_patterns"]

    def shape(value):
        if isinstance(value, dict):
            return {key: shape(each) for key, each in value.items()}
        if isinstance(value, list):
            return [shape(each) for each in value]
        words = isinstance(value, str) and (
            " " in value or not value.isascii() or value.endswith("code")
        )
        return "words" if words else str(value).removeprefix("../")

    assert shape(english) | {"sphinx": 0} == shape(chinese) | {"sphinx": 0}
    ours, theirs = shape(english)["sphinx"], shape(chinese)["sphinx"]
    assert ours["local_extensions"] == theirs["local_extensions"]
    assert set(ours["config"]) == set(theirs["config"])


# What is planted in a copy of stage 1, and what the tool says of it. Each is a function of the
# English and the Chinese notebook, as dictionaries of cells.


def change_english(english, chinese):
    english["loop-read"]["source"] += " And this is new."


def lose_cell(english, chinese):
    del chinese["toy-read"]


def change_number(english, chinese):
    chinese["loop-read"]["source"] = chinese["loop-read"]["source"].replace("15.4", "15.6")


def change_formula(english, chinese):
    chinese["idea"]["source"] = chinese["idea"]["source"].replace(r"\sum", r"\prod", 1)


def say_gradual_change(english, chinese):
    chinese["idea"]["source"] = chinese["idea"]["source"].replace("梯度", "渐变")


def say_mean(english, chinese):
    chinese["setup"]["source"] += "\n\n损失是均方误差。"


def leave_english(english, chinese):
    chinese["curve-read"]["source"] = english["curve-read"]["source"]


def write_asterisks(english, chinese):
    chinese["setup"]["source"] += "\n\n**两种类型相遇。**然后"


def link_to_english(english, chinese):
    source = chinese["changed"]["source"]
    chinese["changed"]["source"] = source.replace("](02_", "](../../notebooks/02_")


def change_program(english, chinese):
    source = chinese["train"]["source"]
    chinese["train"]["source"] = source.replace("    w1 -= ", "    # w1 -= ")


def drop_comment(english, chinese):
    lines = chinese["train"]["source"].splitlines()
    kept = [line for line in lines if not line.strip().startswith("#")]
    chinese["train"]["source"] = "\n".join(kept)


def change_output(english, chinese):
    english["rise"]["outputs"][0]["text"] += "more\n"


def use_half_width(english, chinese):
    chinese["loop"]["source"] = chinese["loop"]["source"].replace("，", ",", 1)


def lose_code(english, chinese):
    chinese["loop-read"]["source"] = chinese["loop-read"]["source"].replace(
        "`3.40e+07`", "3.40e+07"
    )


PLANTED = {
    change_english: ("loop-read", "translates another text"),
    lose_cell: ("toy-read", "is missing"),
    change_number: ("loop-read", "the number 15.4: 0 times, not 1"),
    change_formula: ("idea", "formulas:"),
    say_gradual_change: ("idea", "says 渐变, and means 梯度"),
    say_mean: ("setup", "says 均方误差"),
    leave_english: ("curve-read", "is not translated"),
    write_asterisks: ("setup", "literal asterisks"),
    link_to_english: ("changed", "links:"),
    change_program: ("train", "another program"),
    drop_comment: ("train", "0 comments"),
    change_output: ("rise", "other outputs"),
    use_half_width: ("loop", "half-width punctuation"),
    lose_code: ("loop-read", "code:"),
}


@pytest.mark.parametrize("plant", PLANTED, ids=[plant.__name__ for plant in PLANTED])
def test_fault_is_noticed_and_named(plant):
    notebooks = [copy.deepcopy(cells.read(path)) for path in (STAGE, zh_path(STAGE))]
    assert list(zh.find_faults(*notebooks)) == []
    by_id = [{cell["id"]: cell for cell in notebook["cells"]} for notebook in notebooks]
    plant(*by_id)
    for notebook, named in zip(notebooks, by_id, strict=True):
        notebook["cells"] = list(named.values())
    name, says = PLANTED[plant]
    found = [fault for cell, fault in zh.find_faults(*notebooks) if cell == name]
    assert any(says in fault for fault in found), found


def zh_path(path):
    return pages.ROOT / zh.FOLDER / path.relative_to(pages.ROOT)


def test_make_zh_copies_programs_and_outputs(tmp_path):
    """And leaves the texts: what is to be translated anew is said, not overwritten."""
    english, chinese = cells.read(STAGE), cells.read(zh_path(STAGE))
    texts = [cell["source"] for cell in chinese["cells"] if cell["cell_type"] == "markdown"]
    for notebook in english, chinese:
        for cell in notebook["cells"]:
            if cell["id"] == "train":
                train = cell
        if notebook is english:
            train["source"] = train["source"].replace("range(500)", "range(400)")
            train["outputs"] = []
    paths = tmp_path / "01.ipynb", tmp_path / "zh.ipynb"
    for path, notebook in zip(paths, (english, chinese), strict=True):
        path.write_text("{}")
        zh.save(path, notebook)
    zh.update(*paths)
    updated = {cell["id"]: cell for cell in cells.read(paths[1])["cells"]}
    assert "range(400)" in updated["train"]["source"]
    assert "range(500)" not in updated["train"]["source"]
    assert "#" in updated["train"]["source"]
    assert any("\u4e00" <= letter for letter in updated["train"]["source"])
    assert updated["train"]["outputs"] == []
    kept = [cell["source"] for cell in updated.values() if cell["cell_type"] == "markdown"]
    assert kept == texts
    faults = list(zh.find_faults(cells.read(paths[0]), cells.read(paths[1])))
    assert faults == []
