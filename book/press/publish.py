"""Make the site that readers get, in _build/site, of what jupyter-book made of each edition: the
same pages, light, for readers with slow connections.

- one style sheet instead of the dozen that the theme and its extensions bring, and in it only the
  rules that some page can use;
- only the scripts that a page uses, and none that keeps it from being shown;
- dark, where the reader's system is, without a script, too;
- figures with their size in the page, so that no text jumps, and loaded when the reader comes near;
- no file that no page asks for, but for licences;
- the book as a PDF, where `make pdf` has printed it, and a link to it on the first page.
"""

import re
import shutil
from contextlib import suppress

import tinycss2
from PIL import Image

from book.press import pages, theme
from book.press.console import BookError, naming
from book.press.repository import find_address
from book.press.shown import refuse_what_is_shown

SERVED = "http://localhost:8000/"  # a book without a repository is shown by `make serve` alone


def find_words(texts, scripts):
    """All names of tags, classes and ids in these texts of HTML, or that these scripts may add."""
    words = set(theme.GIVEN.split()) | {"html", "body"}
    for page in texts:
        words.update(re.findall(r"<([a-z][a-z0-9]*)", page))
        for names in re.findall(r'(?:class|id)="([^"]*)"', page):
            words.update(names.split())
        for inline in re.findall(r"<script[^>]*>(.+?)</script>", page, re.DOTALL):
            words.update(re.findall(r"[\w-]+", inline))
    for script in scripts:
        if script.name != "bootstrap.js":
            words.update(re.findall(r"[\w-]+", script.read_text(encoding="utf-8")))
    return words


def matches(selector, words):
    """Whether each tag, class and id that this selector asks for is one of the words. States, as
    `:hover`, attributes, and what is in brackets ask for nothing."""
    names = re.sub(r"::?[\w-]+|\[[^]]*\]|\([^)]*\)", "", selector)
    return words.issuperset(re.findall(r"[\w-]+", names))


def prune(rules, words):
    """The text of these rules, without comments, and without what matches nothing."""
    text = []
    for rule in rules:
        if rule.type == "error":
            raise BookError(f"a style sheet is malformed: {rule.message}")
        if rule.type == "qualified-rule":
            selectors = re.split(r",(?![^(]*\))", tinycss2.serialize(rule.prelude))
            used = ",".join(each.strip() for each in selectors if matches(each, words))
            content = f"{{{tinycss2.serialize(rule.content).strip()}}}"
            if used:
                text.append(used + content)
            dark = re.sub(theme.DARK, "html:not([data-theme])", used)
            if dark != used:  # without a script a page is dark where the reader's system is
                text.append(f"@media screen and (prefers-color-scheme:dark){{{dark}{content}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = prune(tinycss2.parse_rule_list(rule.content, True, True), words)
            if inner:
                head = tinycss2.serialize(rule.prelude).strip()
                text.append(f"@{rule.lower_at_keyword} {head}{{{inner}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword != "charset":
            text.append(rule.serialize())
        elif rule.type == "comment" and rule.value.startswith("!"):  # a licence
            text.append(rule.serialize())
    return "\n".join(text)


def bundle(sheets, words):
    """The text of one style sheet, made of those at these paths."""
    text = ""
    for sheet in sheets:
        with naming(sheet):
            css = re.sub(
                r'@import "([^"]+)";',
                lambda name, folder=sheet.parent: (folder / name[1]).read_text(encoding="utf-8"),
                sheet.read_text(encoding="utf-8"),
            )
            text += prune(tinycss2.parse_stylesheet(css), words) + "\n"
    return text


def lighten(site, words):
    """Rewrite the pages in the folder `site`, and what they load from its _static."""
    static, pages, sheets, scripts = site / "_static", {}, {}, {}
    sizes = {}
    for path in site.glob("_images/**/*.png"):
        with suppress(OSError), Image.open(path) as image:  # what is none is refused at the end
            sizes[path.name] = image.size
    for path in sorted(site.rglob("*.html")):
        if static not in path.parents and path != site / "index.html":  # it leads on at once
            pages[path] = path.read_text(encoding="utf-8")

    def add_size(image):
        if image[1] not in sizes:
            return image[0]
        width, height = sizes[image[1]]
        later = ' loading="lazy"' if image.start() > image.string.find("<img") else ""
        return f'{image[0]} width="{width}" height="{height}"{later}'  # the first may be in view

    for path, page in pages.items():
        used = theme.find_used(page)
        page, styles = theme.take_apart(path, page)
        base = styles[0].partition("_static/")[0]
        sheets |= {static / href.partition("_static/")[2]: None for href in styles}
        scripts |= {
            static / src.partition("_static/")[2]: None for src in used if "_static/" in src
        }
        page = re.sub(r'<img[^>]*_images/([^"/]+\.png)"', add_size, theme.name_parts(page, words))
        head = [f'<link rel="stylesheet" href="{base}_static/site.css" />']
        head += [tag.replace("<script", "<script defer", 1) for tag in used.values()]
        pages[path] = page.replace("</head>", "\n".join([*head, "</head>"]), 1)

    for script in scripts:
        text = script.read_text(encoding="utf-8")
        text = re.sub(rf"\n//# sourceMappingURL=.*|{theme.TAB_STOPS}", "", text)
        script.write_text(text, encoding="utf-8")
    css = bundle(sheets, find_words(pages.values(), scripts))
    (static / "site.css").write_text(css, encoding="utf-8")
    for path, page in pages.items():
        path.write_text(page, encoding="utf-8")
    asked_for = [*pages.values(), css, *(path.read_text(encoding="utf-8") for path in scripts)]
    remove_idle(site, "".join(asked_for))


def remove_idle(site, asked_for):
    """Remove files of _static and _images that this text does not name, but for licences, and empty
    folders."""
    names = set(re.findall(r"[\w.%-]+\.\w+", asked_for))
    for folder in site / "_static", site / "_images":
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path.name not in names and "LICENSE" not in path.name:
                path.unlink()


def add_pdf(site, pdf, root, words):
    """Put the file `pdf` on the site, and a link to it under the title of the page `root`."""
    shutil.copyfile(pdf, site / pdf.name)
    path, up = site / f"{root}.html", "../" * root.count("/")
    row = f'<nav class="page-links" aria-label="{words["whole_book"]}"><a href="{up}{pdf.name}">'
    page = path.read_text(encoding="utf-8")
    page = page.replace("</h1>", f"</h1>\n{row}{words['pdf']}</a></nav>", 1)
    path.write_text(page, encoding="utf-8")


def write_sitemap(site, editions):
    """Tell search engines of all pages of these editions."""
    root = find_address(editions[0].root) or SERVED
    names = pages.names(editions[0].root)
    places = [f"{each.folder}{name}.html" for each in editions for name in names if each.has(name)]
    rows = "".join(f"<url><loc>{root}{place}</loc></url>\n" for place in places)
    opening = '<?xml version="1.0"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    (site / "sitemap.xml").write_text(f"{opening}\n{rows}</urlset>\n", encoding="utf-8")


def publish(editions, site, root):
    """Make the folder `site` of these editions, in place of the old one in one step; `root` is the
    name of the first page. Nothing is replaced by a site with something on it that no reader should
    see."""
    new, old = site.with_name("site.new"), site.with_name("site.old")
    for folder in new, old:
        if folder.exists():
            shutil.rmtree(folder)
    for edition in editions:  # English first: the others stand in folders of it
        folder, words = new / edition.name, edition.words["site"]
        shutil.copytree(edition.html, folder, ignore=shutil.ignore_patterns("*.map", ".buildinfo*"))
        lighten(folder, words)
        if edition.pdf.exists():
            add_pdf(folder, edition.pdf, root, words)
    write_sitemap(new, editions)
    refuse_what_is_shown(new)
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)
