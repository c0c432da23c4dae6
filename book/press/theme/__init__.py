"""All that knows the theme: sphinx-book-theme on pydata-sphinx-theme, its templates, its class
names, its scripts, and what it, docutils and myst-nb get wrong on a page. Another version of the
theme is two pins in requirements.txt and this folder; the first page of which something has changed
names it.
"""

import json
import re
from pathlib import Path

from lxml import html

from book.press import assets, editions
from book.press.console import BookError

ARTICLE = "//article[contains(@class, 'bd-article')]"  # what a page says
STYLE = r'<link(?=[^>]* rel="stylesheet")[^>]* href="(?P<href>[^"?]+)[^>]*/>\s*'
PRELOAD = r'<link rel="preload"[^>]*/>\s*'
SCRIPT = r'<script[^>]* src="(?P<src>[^"?]+)[^>]*></script>\s*'
# Scripts, and what a page that uses one has in it; None: no page of this book does.
LOGO = "book/_static/favicon.svg"
USED_BY = {
    "bootstrap.js": r'data-bs-toggle="dropdown"',  # its tooltips a browser has anyway
    "all.min.js": None,  # Font Awesome: icons.css has what is used of it
    "sphinx-thebe.js": None,
    "togglebutton.js": r'class="(?:[^"]* )?(?:toggle|dropdown admonition|admonition dropdown)[ "]',
    "design-tabs.js": "sd-tab-set",
    "clipboard.min.js": 'class="highlight"',
    "copybutton.js": 'class="highlight"',
}
DARK = r'html\[data-theme="?dark"?\]'  # so style sheets name the theme that a script has chosen
# Settings of scripts that are not used, and a name that only a switch between versions asks for.
IDLE = r"<script>(?:const THEBE_|DOCUMENTATION_OPTIONS\.pagename).*?</script>\s*"
TOGGLE = r"<script>(?:let|var) toggle.*?</script>\s*"
# The end of the theme's script, which looks for what scrolls. It measures and changes one element
# after the other, closed ones too, so that the page is laid out again and again: theme.js does it.
TAB_STOPS = r',"complete"===document\.readyState\?(\w+)\(\):window\.addEventListener\("load",\1\)'
# Classes that Bootstrap's script gives to elements of these pages. Its own text is no guide: it
# knows many more.
GIVEN = "active dropdown-menu-dark fade show bs-tooltip-auto tooltip tooltip-arrow tooltip-inner"
BODY = {
    # A list has items; the roles that docutils gives them are deprecated.
    r'(<div class="citation"[^>]*) role="doc-biblioentry"': r'\1 role="listitem"',
    # A screen reader read this out for every fold, and not what the summary says is inside.
    ' aria-label="Toggle hidden content"': "",
    # Code and its output are told apart, and solutions are headings.
    r'<div class="cell_(input|output)((?: above-[\w-]+)?) docutils container">': (
        r'<div class="cell_\1\2 docutils container" role="group" aria-label="{\1}"'
        r' data-copy="{copy_\1}">'
    ),
    r'(id="solution-[\w-]+">\s*<details[^>]*>\s*<summary>\s*)'
    r'<p class="collapsed ([^"]*)">(.*?)</p>': (
        r'\1<p class="collapsed \2" role="heading" aria-level="3">\3</p>'
    ),
}
# A touch shows a figure in full size; docutils has such a link of its own for some.
FIGURE = (
    r'(<a class="[^"]*image-reference"[^>]*>\s*)?'
    r'(<img [^>]*src="([^"]*_images/[^"]*)"[^>]*/>)(?(1)\s*</a>)'
)
OUTPUT = r'(<div class="output [^"]*)("><div class="highlight"><pre>)(.*?)(?=</pre>)'
# Names of parts of a page for screen readers, which the theme has in English alone, or not at all.
NAMES = {
    'aria-label="Main"': 'aria-label="{pages}"',
    '<nav aria-label="Page">': '<nav aria-label="{path}">',
    'class="bd-toc-nav page-toc"': 'class="bd-toc-nav page-toc" aria-label="{contents}"',
    '="light/dark"': '="{light_dark}"',
    'title="Toggle primary sidebar"': 'title="{menu}"',
    'title="Toggle secondary sidebar"': 'title="{contents}"',
    'aria-label="Toggle primary sidebar"': 'aria-label="{menu}"',
    'aria-label="Toggle secondary sidebar"': 'aria-label="{contents}"',
    'title="previous page"': 'title="{previous}"',
    'title="next page"': 'title="{next}"',
    'title="Link to this heading"': 'title="{here}"',
    'title="Link to this term"': 'title="{here}"',
    "Back to top": "{top}",
    "Skip to main content": "{skip}",
}


def find_used(page):
    """The script tags of those that this page uses, by the path of each."""
    used = {}
    for script in re.finditer(SCRIPT, page):
        needed = USED_BY.get(Path(script["src"]).name, "")
        if needed is not None and re.search(needed, page):
            used[script["src"]] = script[0]
    return used


def take_apart(path, page):
    """The page without its style sheets and scripts, and the paths of the former; BookError where
    the theme looks otherwise than it is known here."""
    styles = [style["href"] for style in re.finditer(STYLE, page)]
    if not styles or "</head>" not in page:
        raise BookError(f"the theme has changed: {path.name} has no style sheet")
    idle = [STYLE, PRELOAD, SCRIPT, IDLE]
    if not re.search(USED_BY["togglebutton.js"], page):
        idle.append(TOGGLE)
    return re.sub("|".join(idle), "", page), styles


def name_parts(page, words):
    """The page with names for its parts in the edition's language."""
    for part, named in NAMES.items():
        page = page.replace(part, named.format(**words["parts"]))
    return page


def mark_long(output):
    """The start of an output, marked where it has a line that is longer than those of programs."""
    text = html.fromstring(f"<pre>{output[3]}</pre>").text_content()
    long = max(map(len, text.splitlines()), default=0) > 88
    return f"{output[1]}{' long' * long}{output[2]}{output[3]}"


def let_break(cell):
    """A table's cell in which code may break where a reader would: behind a dot, a bracket ...;
    what is short, where the page is narrow alone."""

    def add_breaks(code):
        kind = ' class="narrow"' * (len(code[0]) < 25)
        return re.sub(r"([._(,=\[])(?=\w)", rf"\1<wbr{kind} />", code[0])

    return re.sub(r'(?<=<span class="pre">)[^<]+', add_breaks, cell[0])


def put_right(app, pagename, templatename, context, doctree):
    words, body = editions.words(app), context.get("body", "")
    for pattern, instead in BODY.items():
        body = re.sub(pattern, instead, body, flags=re.DOTALL)
    body = re.sub(OUTPUT, mark_long, body, flags=re.DOTALL)
    body = re.sub(r"<td>.*?</td>", let_break, body, flags=re.DOTALL)
    body = re.sub(FIGURE, r'<a class="figure" href="\3">\2</a>', body)
    context["body"] = re.sub(
        r"\{(input|output|copy_input|copy_output)\}", lambda name: words["cell"][name[1]], body
    )
    if pagename == app.config.root_doc:
        context["docstitle"] = ""  # its title is the book's


def set_options(app, config):
    """What every edition has of the theme's options."""
    words = editions.words(app)
    config.templates_path.append(str(Path(__file__).resolve().parent / "templates"))
    logo = str(editions.find(app).root / LOGO)
    names = {"text": config.html_title, "image_light": logo, "image_dark": logo}
    config.html_theme_options |= {"logo": names, "search_bar_text": words["search_for"]}
    config.notfound_context = {"title": words["no_page"]}
    config.nb_code_prompt_show = config.nb_code_prompt_hide = words["code_prompt"]


def name_themes(app, env, docnames):
    themes = json.dumps(editions.words(app)["themes"], ensure_ascii=False)
    assets.add_to_bundle(app, f"const THEMES = {themes};")


def setup(app):
    assets.add(app, __file__, "icons.css", "book.css", "links.css", "theme.js")
    app.connect("config-inited", set_options)
    app.connect("env-before-read-docs", name_themes, priority=600)
    app.connect("html-page-context", put_right)
