"""Keeps the editions in other languages in step with the English one.

A notebook of an edition has the cells of the English one: programs and outputs are copied; texts,
comments, prompts and alternative texts are translated. Each cell's metadata has, as `of`, the
digest of the text that it translates; a page in Markdown has it in its last line.

The programs that look at a reader's answer, and those that show a table, speak the edition's
language: their strings, and what they print as stored, are those of its verdicts.yml.

*Wrong* is what does not fit the English: another program, another output, formula, number or link,
an id too many or too few. It stops the build's tests. *Outdated* is a text whose English has
changed since: it is shown with a line that says so, and is to be translated anew.
"""

import ast
import hashlib
import io
import re
import sys
import tokenize
from collections import Counter
from copy import deepcopy

from book.press import cells, editions, pages
from book.press.console import BookError, naming

SHARED = "../../book/"  # where a picture is that all editions show, from a page of one in a folder
PARTS = {  # each is taken out of the text before the next is looked for
    "blocks": r"^(```[^\n]*)\n.*?^```|^(:::[^\n]*)$",
    "code": r"(`[^`\n]+`|<code>[^\n]*?</code>)",
    "formulas": r"(\$\$.*?\$\$|\$[^$\n]+\$)",
    "links": r"\]\(([^)]*)\)|(\{\w+\})",
}
SPEAKING = {"judge", "judge-loop", "verdict"}  # cells whose strings the reader is shown
SHOWN = {"text/markdown", "text/html"}  # so are their words that show a table or a drawing:
WORDS = r'(?<=\| )[^|\n]+(?= \|)|(?<=>)[^<>]+(?=<)|(?<=label=")[^"]+'  # in its cells and labels
MARK = "\n% of "  # before the digest in the last line of a page in Markdown


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def as_python(source):
    """The source with IPython's first line, where it writes the cell to a file, as a string."""
    return re.sub(r"\A%%writefile .*", r"'\g<0>'", source)


def comments(source):
    """The comments of a cell, as tokens, in order."""
    tokens = tokenize.generate_tokens(io.StringIO(as_python(source)).readline)
    return [token for token in tokens if token.type == tokenize.COMMENT]


def program(source):
    """A cell without its comments, to be compared: by its syntax tree, line breaks do not count."""
    return ast.dump(ast.parse(as_python(source)))


def with_comments(source, texts):
    """The source with these comments in place of its own, in order."""
    lines = source.splitlines()
    for token, text in zip(comments(source), texts, strict=True):
        row, column = token.start
        lines[row - 1] = lines[row - 1][:column] + text
    return "\n".join(lines)


def find_strings(source, shown):
    """The docstrings of a program, and if `shown` its other literals: each as it is written, on one
    line, with its node; the last first."""
    tree, docs, inside = ast.parse(source), set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside |= {*ast.walk(node)} - {node}
        elif isinstance(node, ast.Expr):
            docs.add(node.value)
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "value", None), str)
    ]
    found = [node for node in found if node in docs or shown and node not in inside]
    lines = source.encode().splitlines(keepends=True)
    for node in sorted(found, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        # as ast.get_source_segment, which would split the source anew for each
        literal = lines[node.lineno - 1 : node.end_lineno]
        literal[-1] = literal[-1][: node.end_col_offset]
        literal[0] = literal[0][node.col_offset :]
        yield " ".join(b"".join(literal).decode().split()), node


def speak(cell, verdicts):
    """The cell as an edition has it: its docstrings, its other strings if it speaks to the reader,
    and its outputs."""
    source, outputs = cell["source"], deepcopy(cell["outputs"])
    lines, python = source.encode().splitlines(keepends=True), as_python(source)
    shown = [each["data"] for each in outputs if SHOWN & each.get("data", {}).keys()]
    for literal, node in find_strings(python, shown or SPEAKING & set(cells.tags(cell))):
        said = verdicts["strings"].get(literal)
        if shown and not literal.startswith('"""'):
            word = verdicts["shown"].get(getattr(node, "value", None))
            said = word and f'"{word}"'
        if said is not None and said != literal:
            first, last = node.lineno - 1, node.end_lineno - 1
            start = lines[first][: node.col_offset]
            lines[first : last + 1] = [start + said.encode() + lines[last][node.end_col_offset :]]
    source = b"".join(lines).decode()
    for data in shown:
        for kind in SHOWN & data.keys():
            data[kind] = re.sub(WORDS, lambda it: verdicts["shown"].get(it[0], it[0]), data[kind])
    if {"verdict", "solution"} & set(cells.tags(cell)):
        for each in outputs:
            for pattern, said in verdicts["outputs"].items() if "text" in each else ():
                each["text"] = re.sub(f"(?m)^{pattern}$", said, each["text"])
    return cell | {"source": source, "outputs": outputs}


def find_silent(cell, verdicts):
    """The sentences of a program that an edition is to say, and that it has no words for."""
    python = as_python(cell["source"])
    for literal, _ in find_strings(python, SPEAKING & set(cells.tags(cell))):
        if re.search(r'[a-z] .*[.?]"+$', literal) and literal not in verdicts["strings"]:
            yield literal


def find_wrong_strings(verdicts):
    """The English literals whose translation asks for other values, or is none."""
    for literal, said in verdicts["strings"].items():
        asked = [
            sorted(node.id for node in ast.walk(ast.parse(each)) if isinstance(node, ast.Name))
            for each in (literal, said)
        ]
        if asked[0] != asked[1]:
            yield literal


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


def follow(english, translated, verdicts=editions.SILENT):
    """The cell of the English notebook in the words of the translated one. Comments keep their
    places as long as there are as many; else they come in English, and the cell is outdated. So
    does a text that has other headings now."""
    spoken = speak(english, verdicts) if english["cell_type"] == "code" else english
    cell = spoken | {"metadata": dict(english["metadata"])}
    cell["metadata"]["of"] = translated["metadata"].get("of", "")
    if english["cell_type"] != "code":
        levels = [re.findall(r"(?m)^#+ ", each["source"]) for each in (english, translated)]
        own = cell["metadata"]["of"] and levels[0] == levels[1]  # else it is a copy
        return cell | {"source": translated["source"]} if own else cell
    texts = [token.string for token in comments(translated["source"])]
    if len(texts) == len(comments(english["source"])):
        cell["source"] = with_comments(spoken["source"], texts)
    if shown := english["metadata"].get("mystnb"):
        cell["metadata"]["mystnb"] = shown = dict(shown)
        if prompt(english):
            shown["code_prompt_show"] = prompt(translated) or prompt(english)
        if alt(english):
            shown["image"] = shown["image"] | {"alt": alt(translated) or alt(english)}
    return cell


def parts_of(text):
    """What a text and its translation have in common: lists of code, formulas, links and blocks,
    by these names, and a list of the numbers elsewhere."""
    text, parts = text.replace(SHARED, ""), {}
    for kind, pattern in PARTS.items():
        found = re.findall(pattern, text, re.DOTALL | re.MULTILINE)
        parts[kind] = ["".join("".join(each).split()) for each in found]
        text = re.sub(pattern, " ", text, flags=re.DOTALL | re.MULTILINE)
    numbers = re.findall(r"\d[\d.,]*(?:e-?\d+)?", text)
    return parts, [number.replace(",", "").rstrip(".") for number in numbers]


def compare_texts(english, translated, rules):
    """What is wrong with the translation of a text, by the edition's rules: a line each."""
    letters = rules["letters"]
    if re.search(r"[a-z]{3,} [a-z]{3,}", english) and not re.search(f"[{letters}]", translated):
        yield "is not translated"
    (parts, numbers), (found, its_numbers) = parts_of(english), parts_of(translated)
    for kind in parts:
        wanted, there = Counter(parts[kind]), Counter(found[kind])
        if wanted != there:
            lost, more = sorted(wanted - there), sorted(there - wanted)
            yield f"{kind}: {lost} of the English, {more} instead"
    for number in sorted(Counter(numbers) - Counter(its_numbers)):
        yield f"lacks the number {number}"  # it may have more: what the English writes in words
    for word, meant in rules["never"].items():
        if word in translated:
            yield f"says {word}, and means {meant}"
    if rules["mean"] in translated and not re.search(r"mean\W+squared error|MSE", english):
        yield f"says {rules['mean']}, and the English has no mean"
    plain = re.sub(r"^```.*?^```|`[^`\n]+`", "码", translated, flags=re.DOTALL | re.MULTILINE)
    if not rules["full_width"]:
        return
    if half := re.search(f".{{0,9}}[{letters}][,;:?!.](?=[{letters}\\s]|$)", plain):
        yield f"half-width punctuation: {half[0]}"
    if bold := re.search(r"\*\*[^*\n]*[，。：；？！）”]\*\*(?=[^\s，。：；、？！）*]).?", plain):
        yield f"literal asterisks: no letter may follow the closing ** here: {bold[0]}"


def is_outdated(english, translated):
    """Whether a cell's English has changed since it was translated."""
    return translated["metadata"].get("of") != digest(wording(english))


def compare_cells(english, translated, rules):
    """What is wrong with a cell of an edition: a line each."""
    pairs = [(english["source"], translated["source"])]
    if english["cell_type"] == "code":
        spoken = speak(english, rules["verdicts"])
        if program(spoken["source"]) != program(translated["source"]):
            yield "another program: comments alone are translated, and what verdicts.yml says"
        if spoken["outputs"] != translated["outputs"]:
            yield "other outputs than the English cell's: make zh copies them"
        texts = [
            [each.string for each in comments(cell["source"])] for cell in (english, translated)
        ]
        if len(texts[0]) != len(texts[1]):
            yield f"{len(texts[1])} comments, not {len(texts[0])}"
        pairs = [*zip(*texts, strict=False), *((f(english), f(translated)) for f in (prompt, alt))]
    if not is_outdated(english, translated):  # else it is to be translated anew, and then looked at
        for pair in pairs:
            yield from compare_texts(*pair, rules)


def find_faults(english, translated, rules):
    """What is wrong with a page, from the cells of both: pairs of a cell's id and a line."""
    ids = [[cell["id"] for cell in page] for page in (english, translated)]
    yield from ((name, "is missing") for name in ids[0] if name not in ids[1])
    more = "is no cell of the English notebook"
    yield from ((name, more) for name in ids[1] if name not in ids[0])
    if sorted(ids[0]) == sorted(ids[1]) and ids[0] != ids[1]:
        yield ids[1][0], "and the others stand in another order"
    for cell, its in pair(english, translated):
        for fault in compare_cells(cell, its, rules):
            yield cell["id"], fault


def load(path):
    """The cells of a notebook; of a page in Markdown one, `of` being in its last line."""
    if path.suffix == ".ipynb":
        return cells.read(path)["cells"]
    with naming(path):
        whole = path.read_text(encoding="utf-8")
    text, mark, of = whole.rstrip("\n").rpartition(MARK)
    source = text if mark else whole
    return [{"id": "text", "cell_type": "markdown", "source": source, "metadata": {"of": of}}]


def pair(english, translated):
    """Pairs of an English cell and its translation."""
    by_id = {cell["id"]: cell for cell in translated}
    return [(cell, by_id[cell["id"]]) for cell in english if cell["id"] in by_id]


def look(english):
    """For each edition in a folder: itself, its file of this English page, the file's name."""
    for edition in editions.find_all(pages.ROOT)[1:]:
        path = edition.source / english.relative_to(edition.root)
        yield edition, path, path.relative_to(edition.root).as_posix()


def check(english):
    """What is wrong with the editions' files of an English page: a line each, which names it."""
    for edition, path, name in look(english):
        rules = edition.rules
        found = find_faults(load(english), load(path), rules) if path.exists() else []
        for cell, fault in found:
            if not (english.stem in rules["quoted"] and fault.startswith("says")):
                yield f"{name}: cell {cell}: {fault}"


def find_outdated(english, path):
    """The ids of the cells of the file `path` whose English has changed since, as a set."""
    pairs = pair(load(english), load(path))
    return {cell["id"] for cell, its in pairs if is_outdated(cell, its)}


def say_outdated(english):
    """What is to be translated of a page: a line each."""
    for edition, path, name in look(english):
        if not path.exists():
            yield f"{name}: is missing"
            continue
        for each in sorted(find_outdated(english, path)):
            yield f"{name}: cell {each}: its English has changed since it was translated"
        for cell in cells.code_cells({"cells": load(english)}):
            for literal in find_silent(cell, edition.rules["verdicts"]):
                yield f"{name}: cell {cell['id']}: {editions.VERDICTS} has no words for {literal}"


def copy(english):
    """Copy what is not translated. New cells come in English, and cells that are no more go."""
    english = pages.ROOT / english
    for edition, path, _ in look(english):
        if english.suffix == ".ipynb" and path.exists():
            source, target = cells.read(english)["cells"], cells.read(path)
            by_id = {cell["id"]: cell for cell in target["cells"]}
            verdicts = edition.rules["verdicts"]
            pairs = [(cell, by_id.get(cell["id"], cell)) for cell in source]
            target["cells"] = [follow(*each, verdicts) for each in pairs]
            cells.save(path, target)


def declare_done(name, *ids):
    """Note that these cells, or a page in Markdown, translate the English of today."""
    path = pages.ROOT / name
    edition = next((each for each in editions.find_all()[1:] if each.source in path.parents), None)
    if edition is None or not path.exists():
        raise BookError(f"{name} is no file of an edition, such as zh/notebooks/01_numpy.ipynb")
    wanted, translated = set(ids or ["text"]), load(path)
    pairs = pair(load(pages.ROOT / path.relative_to(edition.source)), translated)
    if unknown := wanted - {cell["id"] for cell, _ in pairs}:
        raise BookError(f"{name} has no cell {', '.join(sorted(unknown))}")
    for cell, its in pairs:
        if cell["id"] in wanted:
            its["metadata"]["of"] = digest(wording(cell))
    if path.suffix == ".ipynb":
        cells.save(path, cells.read(path) | {"cells": translated})
    else:
        page = translated[0]
        path.write_text(f"{page['source']}{MARK}{page['metadata']['of']}\n", encoding="utf-8")


def main(*done):
    """Copy what is not translated, and say what is wrong, with exit status 1, and what is
    outdated. `done` is a file of an edition, and of a notebook the ids of cells, whose
    translation is done."""
    if done:
        declare_done(*done)
    found = pages.files()
    for english in found:
        copy(english)
    faults = [line for english in found for line in check(english)]
    outdated = [line for english in found for line in say_outdated(english)]
    print(*outdated, sep="\n", end="\n" * bool(outdated))
    print(*faults, sep="\n", end="\n" * bool(faults), file=sys.stderr)
    return bool(faults)
