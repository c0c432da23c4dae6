"""What the site adds to practice: lines that one moves, and the page of skills.

The exercise *In order* stands on the page as a list of lines to be moved by pointer, touch or keys;
without JavaScript there is its code. Its rules are those of the verdict in the notebook. Under each
cell to write in there are links to it in the notebook, where the verdict is.

A prediction has a line for the reader's guess, a question's answers are marked as right or wrong
when they are opened (answers.js).

A prediction, a question or an exercise names by its tags what it trains: `skill-clear` for the
skill `clear` of edition.yml.

    ```{skills}
    ```

lists the skills, each with every place in the book that trains it.
"""

import ast
import json
import re
from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from book.press import assets, cells, editions, links
from book.press.console import BookError
from book.press.sources import CELL_LINES, cell_of, code_containers, html, read_cells


def rules_of(verdict):
    """The rules of an order, triples: how a line begins, how one after it begins, and why."""
    for node in ast.parse(verdict).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ORDER":
            return ast.literal_eval(node.value)


def take_apart(starter, rules):
    """The text of a starter before the lines that the rules are about; these lines, in a list, each
    with what is indented under it; and the text after them."""
    begins, lines = {start for rule in rules for start in rule[:2]}, starter.splitlines()
    for node in ast.walk(ast.parse(starter)):
        body = [each for each in getattr(node, "body", []) if isinstance(each, ast.stmt)]
        moved = [each for each in body if lines[each.lineno - 1].strip().startswith(tuple(begins))]
        if len(moved) == len(begins):
            first, last = moved[0].lineno - 1, moved[-1].end_lineno
            pieces = ["\n".join(lines[each.lineno - 1 : each.end_lineno]) for each in moved]
            return "\n".join(lines[:first]), pieces, "\n".join(lines[last:])
    raise BookError("the lines of starter-order are not those that the rules of its verdict name")


def add_lists(app, doctree):
    """A list of lines under each starter whose lines are to be put in order."""
    notebook = read_cells(app)
    sources = {cell["id"]: cell["source"] for cell in notebook}
    for container in code_containers(doctree) if notebook else []:
        if cell_of(container, notebook)["id"] == "starter-order":
            rules = rules_of(sources["verdict-order"])
            before, pieces, after = take_apart(sources["starter-order"], rules)
            task = {"before": before, "pieces": pieces, "after": after, "rules": rules}
            task |= {"words": editions.find(app).words["order"]}
            place = f'<div class="order" data-task="{escape(json.dumps(task))}" hidden></div>'
            container["classes"].append("order-code")
            container.parent.insert(container.parent.index(container) + 1, html(place))


def lead_to_notebook(app, doctree):
    """Under each cell to write in, a place for links to it; what looks at the answer runs in the
    notebook alone, and stays out of the page."""
    notebook = read_cells(app)
    for container in code_containers(doctree) if notebook else []:
        cell, around = cell_of(container, notebook), container.parent
        if {"judge", "judge-loop", "verdict"} & set(cells.tags(cell)):
            around.remove(container)
        elif "starter" in cells.tags(cell) and cell["id"] != "starter-order":  # has its list here
            place = around.index(container) + 1
            around.insert(place, html(f'<p class="try" data-cell="{cell["id"]}"></p>'))


def skills_of(cell):
    return [tag.removeprefix("skill-") for tag in cells.tags(cell) if tag.startswith("skill-")]


def name_chances(app, doctree):
    """Give what trains a skill an address, the id of its cell."""
    notebook = read_cells(app)
    named = {}
    for node in doctree.findall(nodes.paragraph) if notebook else []:
        named.setdefault((node.line or 0) // CELL_LINES - 1, node)
    for number, cell in enumerate(notebook):
        if skills_of(cell) and cell["cell_type"] == "markdown" and number in named:
            named[number]["ids"].append(cell["id"])
    for container in code_containers(doctree) if notebook else []:
        cell = cell_of(container, notebook)
        if skills_of(cell) and "solution" not in cells.tags(cell):
            container["ids"].append(cell["id"])


def describe(cell):
    """What a chance asks, in a few words without marks."""
    if cell["cell_type"] == "code":
        return cell["metadata"]["mystnb"]["code_prompt_show"]
    text = cell["source"].partition("\n")[0]
    if name := re.match(r"\*\*([^*\d][^*.]*)\*\* \(", text):  # of an exercise
        return name[1]
    text = re.sub(r"\A\*\*\d+\.\*\* *(\(.*?\))? *", "", text)  # its number, and its minutes
    text, formula, _ = re.sub(r"(?<! )\*|\*(?! )|`", "", text).partition("$")
    return f"{text[:88].rsplit(' ', 1)[0]} …" if formula or len(text) > 90 else text


def find_chances(edition):
    """The places that train each skill: a list of pairs (page, cell) by its name."""
    found = {name: [] for name in edition.words["skills"]}
    for path in edition.notebooks():
        page = edition.name_of(path)
        for cell in cells.read(path)["cells"]:
            for skill in skills_of(cell):
                found[skill].append((page, cell))
    return found


class Skills(SphinxDirective):
    def run(self):
        edition, sections = editions.find(self.env.app), []
        titles, up = {}, "../" * self.env.docname.count("/")
        for path in edition.notebooks():
            self.env.note_dependency(str(path))
            titles[edition.name_of(path)] = cells.title(path)
        for name, chances in find_chances(edition).items():
            section = nodes.section(ids=[f"skill-{name}"])
            section += nodes.title("", edition.words["skills"][name])
            rows = []
            for page in dict.fromkeys(page for page, _ in chances):
                links = "".join(
                    f'<li><a href="{up}{page}.html#{cell["id"]}">{escape(describe(cell))}</a></li>'
                    for at, cell in chances
                    if at == page
                )
                rows.append(f"<dt>{escape(titles[page])}</dt><dd><ul>{links}</ul></dd>")
            section += html(f'<dl class="skills">{"".join(rows)}</dl>')
            sections.append(section)
        return sections


def finish(app, pagename, templatename, context, doctree):
    """Tell the right answers of questions from the wrong ones, fill in the links to the notebook,
    load the scripts that are used."""
    body, words = context.get("body", ""), editions.find(app).words["practice"]
    answer = rf"<details>(<summary>.*?</summary>\s*<p>)(?=({words['yes']})|{words['no']})"
    body = re.sub(
        answer,
        lambda it: f'<details class="answer {"right" if it[2] else "wrong"}">{it[1]}',
        body,
        flags=re.DOTALL,
    )
    if '<p class="try"' in body:
        there = f"{words['try']} {links.to_notebook(app, pagename, context)}"
        pattern = r'(<p class="try" data-cell="([\w-]+)">)(?=</p>)'
        body = re.sub(pattern, lambda it: it[1] + there.replace("{}", it[2]), body)
    context["body"] = body
    if 'class="order"' in body:
        app.add_js_file("order.js")
    if "tag_predict" in body or 'class="answer' in body:
        app.add_js_file(None, body=f"const PRACTICE = {json.dumps({'words': words})};")
        app.add_js_file("answers.js")


def setup(app):
    app.add_directive("skills", Skills)
    app.connect("doctree-read", add_lists)
    app.connect("doctree-read", lead_to_notebook)
    app.connect("doctree-read", name_chances)
    app.connect("html-page-context", finish)
    assets.add(app, __file__, "practice.css")
