"""Keep the Chinese edition, the folder zh/, in step with the English one: what `make zh` runs.

usage: python zh.py
       python zh.py notebooks/03_autograd.ipynb idea      the digest of a cell, or of a page: `of`

A Chinese notebook has the cells of the English one: programs and outputs are copied, and texts,
comments, prompts and alternative texts are translated. Each cell's metadata has the digest of what
it translates, `of`; a page in Markdown has it in its last line. Where the English has changed, or
the Chinese does not fit it, a line says so, and the exit status is 1.
"""

import ast
import hashlib
import io
import re
import sys
import tokenize

import cells
import nbformat
import pages
from console import BookError, run_main
from tidy import save

FOLDER = "zh"
LETTERS = "\u4e00-\u9fff"
# What must not be there, and what is meant: words of older notes, which the page on them quotes.
NEVER = {
    "渐变": "梯度",
    "隐含层": "隐藏层",
    "后向传": "反向传播",
    "计算图形": "计算图",
    "学习速率": "学习率",
    "叶节点": "叶子张量",
    "您": "你",
}
QUOTED = "older_notes"
MEAN = "均方误差"  # where the English has a mean
# Numbers that the English writes in words, and the Chinese may write in digits.
WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
NUMBERS = {word: str(number) for number, word in enumerate(WORDS)} | {
    "half": "2",
    "ones": "1",
    "once": "1",
    "twice": "2",
    "first": "1",
    "second": "2",
    "third": "3",
    "thirteen": "13",
    "sixteen": "16",
    "thirty": "30",
    "sixty": "60",
    "hundred": "100",
    "thousand": "1000",
    "million": "1000000",
}
SHARED = "../../book/"  # where a picture is that both editions show, from a Chinese page
MAGIC = r"\A%%writefile .*\n"


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def comments(source):
    """The comments of a cell, as tokens, in order."""
    plain = re.sub(MAGIC, "\n", source)  # IPython's first line is no Python
    tokens = tokenize.generate_tokens(io.StringIO(plain).readline)
    return [token for token in tokens if token.type == tokenize.COMMENT]


def program(source):
    """A cell without its comments, to be compared: by its syntax tree, line breaks do not count."""
    magic = re.match(MAGIC, source)
    return magic and magic[0], ast.dump(ast.parse(re.sub(MAGIC, "", source)))


def with_comments(source, texts):
    """The source with these comments in place of its own, in order."""
    lines = source.splitlines()
    for token, text in zip(comments(source), texts, strict=True):
        row, column = token.start
        lines[row - 1] = lines[row - 1][:column] + text
    return "\n".join(lines)


def prompt(cell):
    return cell["metadata"].get("mystnb", {}).get("code_prompt_show", "")


def alt(cell):
    return cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")


def wording(cell):
    """What of a cell is translated, as one text."""
    if cell["cell_type"] != "code":
        return cell["source"]
    return "\n".join(
        [*(token.string for token in comments(cell["source"])), prompt(cell), alt(cell)]
    )


def follow(english, chinese):
    """The cell of the English notebook in the words of the Chinese one, whose comments keep their
    places as long as there are as many."""
    cell = english | {"metadata": dict(english["metadata"])}
    cell["metadata"]["of"] = chinese["metadata"].get("of", "")
    if english["cell_type"] != "code":
        return cell | {"source": chinese["source"]}
    texts = [token.string for token in comments(chinese["source"])]
    if len(texts) == len(comments(english["source"])):
        cell["source"] = with_comments(english["source"], texts)
    else:
        cell["source"] = chinese["source"]
    if shown := english["metadata"].get("mystnb"):
        cell["metadata"]["mystnb"] = shown = dict(shown)
        if prompt(english):
            shown |= dict.fromkeys(("code_prompt_hide", "code_prompt_show"), prompt(chinese))
        if alt(english):
            shown["image"] = shown["image"] | {"alt": alt(chinese)}
    return cell


def parts_of(text):
    """What a text and its translation have in common: code, formulas, links, and numbers."""
    fenced = re.findall(r"^(?:```|:::).*$", text.replace(SHARED, ""), re.MULTILINE)
    text = re.sub(r"^```.*?^```", " ", text, flags=re.DOTALL | re.MULTILINE)
    code = re.findall(r"`[^`\n]+`|<code>.*?</code>", text)
    text = re.sub(r"`[^`\n]+`|<code>.*?</code>", " ", text)
    formulas = re.findall(r"\$\$.*?\$\$|\$[^$\n]+\$", text, re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$", " ", text, flags=re.DOTALL)
    links = re.findall(r"\]\(([^)]*)\)|(\{\w+\})", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    numbers = [
        number.replace(",", "").rstrip(".") for number in re.findall(r"\d[\d.,]*(?:e-?\d+)?", text)
    ]
    formulas = ["".join(each.split()) for each in formulas]
    return {"code": code, "formulas": formulas, "links": links, "blocks": fenced}, numbers


def compare_texts(english, chinese):
    """What is wrong with the translation of a text: a line each."""
    if re.search(r"[a-z]{3,} [a-z]{3,}", english) and not re.search(f"[{LETTERS}]", chinese):
        yield "is not translated"
    (parts, numbers), (found, its_numbers) = parts_of(english), parts_of(chinese)
    for kind in parts:
        lost = [each for each in parts[kind] if found[kind].count(each) < parts[kind].count(each)]
        more = [each for each in found[kind] if found[kind].count(each) > parts[kind].count(each)]
        if lost or more:
            yield f"{kind}: {sorted(set(lost))} of the English, {sorted(set(more))} instead"
    spelled = {NUMBERS[word] for word in re.findall(r"[a-z]+", english.lower()) if word in NUMBERS}
    for number in sorted({*numbers, *its_numbers}):
        wanted, there = numbers.count(number), its_numbers.count(number)
        if there < wanted or (there > wanted and number not in spelled):
            yield f"the number {number}: {there} times, not {wanted}"
    for pattern, what in (r"^#+ ", "headings"), (r"^\s*- ", "list items"), (r"^\|", "rows"):
        counts = [len(re.findall(pattern, text, re.MULTILINE)) for text in (english, chinese)]
        if counts[0] != counts[1]:
            yield f"{what}: {counts[1]}, not {counts[0]}"
    for word, meant in NEVER.items():
        if word in chinese:
            yield f"says {word}, and means {meant}"
    if MEAN in chinese and not re.search(r"mean\W+squared error|MSE", english):
        yield f"says {MEAN}, and the English has no mean"
    plain = re.sub(r"^```.*?^```|`[^`\n]+`", "码", chinese, flags=re.DOTALL | re.MULTILINE)
    if half := re.search(f".{{0,9}}[{LETTERS}][,;:?!.](?=[{LETTERS}\\s]|$)", plain):
        yield f"half-width punctuation: {half[0]}"
    if bold := re.search(r"\*\*[^*\n]*[，。：；？！）”]\*\*(?=[^\s，。：；、？！）*]).?", plain):
        yield f"literal asterisks: no letter may follow the closing ** here: {bold[0]}"


def compare_cells(english, chinese):
    """What is wrong with a Chinese cell: a line each."""
    if chinese["metadata"].get("of") != digest(wording(english)):
        yield "translates another text than the English cell has now"
    if english["cell_type"] != "code":
        yield from compare_texts(english["source"], chinese["source"])
        return
    if program(english["source"]) != program(chinese["source"]):
        yield "another program: comments alone are translated"
    if english["outputs"] != chinese["outputs"]:
        yield "other outputs than the English cell's: make zh copies them"
    texts = [[token.string for token in comments(cell["source"])] for cell in (english, chinese)]
    if len(texts[0]) != len(texts[1]):
        yield f"{len(texts[1])} comments, not {len(texts[0])}"
    for one, other in [
        *zip(*texts, strict=False),
        *((f(english), f(chinese)) for f in (prompt, alt)),
    ]:
        yield from compare_texts(one, other)


def find_faults(english, chinese):
    """What is wrong with a Chinese notebook: pairs of a cell's id and a line."""
    ids = [[cell["id"] for cell in notebook["cells"]] for notebook in (english, chinese)]
    for name in ids[0]:
        if name not in ids[1]:
            yield name, "is missing"
    for name in ids[1]:
        if name not in ids[0]:
            yield name, "is no cell of the English notebook"
    if sorted(ids[0]) == sorted(ids[1]) and ids[0] != ids[1]:
        yield ids[1][0], "and the others stand in another order"
    translated = {cell["id"]: cell for cell in chinese["cells"]}
    for cell in english["cells"]:
        if cell["id"] in translated:
            for fault in compare_cells(cell, translated[cell["id"]]):
                yield cell["id"], fault


def compare_pages(english, chinese):
    """What is wrong with a Chinese page in Markdown, from the two texts: a line each."""
    text, _, mark = chinese.rstrip("\n").rpartition("\n% of ")
    if mark != digest(english):
        yield "translates another text than the English page has now"
    yield from compare_texts(english, text)


def editions(root=pages.ROOT):
    """Pairs of paths: each English page and the Chinese one, which may not be there."""
    for path in pages.files(root):
        yield path, root / FOLDER / path.relative_to(root)


def check(english, chinese):
    """What is wrong with the Chinese file of a page: a line each, which names it."""
    name = f"{FOLDER}/{chinese.parent.name}/{chinese.name}"
    if not chinese.exists():
        yield f"{name}: is missing"
    elif english.suffix == ".md":
        texts = [path.read_text(encoding="utf-8") for path in (english, chinese)]
        for fault in compare_pages(*texts):
            if not (english.stem == QUOTED and fault.startswith("says")):
                yield f"{name}: {fault}"
    else:
        for cell, fault in find_faults(cells.read(english), cells.read(chinese)):
            yield f"{name}: cell {cell}: {fault}"


def update(english, chinese):
    """Copy to the Chinese notebook what is not translated. Cells that it lacks come in English, and
    cells that are no more go."""
    source, target = cells.read(english), cells.read(chinese)
    translated = {cell["id"]: cell for cell in target["cells"]}
    target["cells"] = [follow(cell, translated.get(cell["id"], cell)) for cell in source["cells"]]
    save(chinese, nbformat.from_dict(target))


def mark(name, cell=None):
    """The digest of a page in Markdown, or of a notebook's cell."""
    path = pages.ROOT / name
    if cell is None:
        return digest(path.read_text(encoding="utf-8"))
    for each in cells.read(path)["cells"]:
        if each["id"] == cell:
            return digest(wording(each))
    raise BookError(f"{name} has no cell {cell}")


def main():
    if len(sys.argv) > 1:
        print(mark(*sys.argv[1:3]))
        return 0
    faults = []
    for english, chinese in editions():
        if english.suffix == ".ipynb" and chinese.exists():
            update(english, chinese)
        faults += check(english, chinese)
    for fault in faults:
        print(fault, file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    run_main(main, "The Chinese edition is as it was.")
