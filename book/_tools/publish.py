"""Make the site that readers get, in _build/site, of the one that jupyter-book made, in
_build/html: the same pages, light, for readers with slow connections.

- one style sheet instead of the dozen that the theme and its extensions bring, and in it only the
  rules that some page can use;
- only the scripts that a page uses, and none that keeps it from being shown;
- figures in a palette of 256 colours, with their size in the page, so that no text jumps, and
  loaded when the reader comes near them;
- no file that no page asks for;
- the book as a PDF, where `make pdf` has printed it, and a link to it on the first page.

Where the theme looks otherwise than it is known here, it ends with an error.
"""

import hashlib
import re
import shutil
from io import BytesIO
from pathlib import Path

import tinycss2
from console import BookError
from PIL import Image

PDF_NAME = "one-network-nine-ways.pdf"
STYLE = r'<link(?=[^>]* rel="stylesheet")[^>]* href="(?P<href>[^"?]+)[^>]*/>\s*'
PRELOAD = r'<link rel="preload"[^>]*/>\s*'
SCRIPT = r'<script[^>]* src="(?P<src>[^"?]+)[^>]*></script>\s*'

# Scripts, and what a page that uses one has in it; None: no page of this book does.
USED_BY = {
    "bootstrap.js": 'data-bs-toggle="dropdown"',  # its tooltips a browser has anyway
    "all.min.js": None,  # Font Awesome: icons.css has what is used of it
    "sphinx-thebe.js": None,
    "togglebutton.js": None,
    "design-tabs.js": "sd-tab-set",
    "clipboard.min.js": 'class="highlight"',
    "copybutton.js": 'class="highlight"',
}
SETTINGS = (  # of those scripts, and a name that only a switch between versions of a book asks for
    r"<script>(?:let toggle|var toggle|const THEBE_|DOCUMENTATION_OPTIONS\.pagename).*?</script>\s*"
)


# Classes that Bootstrap's script gives to elements of these pages. Its own text is no guide: it
# knows many more.
GIVEN = "active dropdown-menu-dark fade show bs-tooltip-auto tooltip tooltip-arrow tooltip-inner"


def find_words(pages, scripts):
    """All that may be the name of a tag, a class or an id on these pages, texts of HTML, or be put
    there by these scripts, paths."""
    words = set(GIVEN.split()) | {"html", "body"}
    for page in pages:
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
    """The text of these rules, without comments, without selectors that do not match, and without
    rules of which nothing is left."""
    text = []
    for rule in rules:
        if rule.type == "error":
            raise BookError(f"a style sheet is malformed: {rule.message}")
        if rule.type == "qualified-rule":
            selectors = re.split(r",(?![^(]*\))", tinycss2.serialize(rule.prelude))
            used = ",".join(each.strip() for each in selectors if matches(each, words))
            if used:
                text.append(f"{used}{{{tinycss2.serialize(rule.content).strip()}}}")
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
        css = re.sub(
            r'@import "([^"]+)";',
            lambda name, folder=sheet.parent: (folder / name[1]).read_text(encoding="utf-8"),
            sheet.read_text(encoding="utf-8"),
        )
        text += prune(tinycss2.parse_stylesheet(css), words) + "\n"
    return text


def quantize(source, target, kept):
    """Write the picture with a palette to `target`, where that makes its file smaller; returns its
    size in pixels. `kept` is a folder in which results stay for the next time: it takes long."""
    data, program = source.read_bytes(), Path(__file__).read_bytes()
    result = kept / f"{hashlib.sha256(program + data).hexdigest()}.png"
    if not result.exists():
        image = Image.open(source)
        opaque = image.convert("RGBA").getextrema()[3] == (255, 255)
        method = Image.Quantize.MEDIANCUT if opaque else Image.Quantize.FASTOCTREE
        image = image.convert("RGB" if opaque else "RGBA")
        palette = image.quantize(256, method, dither=Image.Dither.NONE)
        palette.save(smaller := BytesIO(), "PNG", optimize=True)
        kept.mkdir(parents=True, exist_ok=True)
        new = result.with_suffix(".new")
        new.write_bytes(min(smaller.getvalue(), data, key=len))
        new.replace(result)
    shutil.copyfile(result, target)
    with Image.open(target) as image:
        return image.size


def lighten(site, static, sizes):
    """Rewrite the pages in the folder `site`, and what they load from `static` in it. `sizes` are
    those of the pictures, by their names."""
    pages = {
        path: path.read_text(encoding="utf-8")
        for path in sorted(site.rglob("*.html"))
        if static not in path.parents and path != site / "index.html"  # it leads on at once
    }
    sheets, scripts = {}, {}

    def add_size(image):
        width, height = sizes[image[1]]
        later = ' loading="lazy"' if image.start() > image.string.find("<img") else ""
        return f'{image[0]} width="{width}" height="{height}"{later}'  # the first may be in view

    for path, page in pages.items():
        if not re.search(STYLE, page):
            raise BookError(f"the theme has changed: {path.name} has no style sheet")
        used = {
            script["src"]: script[0]
            for script in re.finditer(SCRIPT, page)
            if (needed := USED_BY.get(Path(script["src"]).name, "")) is not None and needed in page
        }
        scripts |= {
            (static / src.partition("_static/")[2]): None for src in used if "_static/" in src
        }
        for style in re.finditer(STYLE, page):
            base, _, name = style["href"].partition("_static/")
            sheets[static / name] = None
        page = re.sub("|".join((STYLE, PRELOAD, SCRIPT, SETTINGS)), "", page)
        page = re.sub(r'<img[^>]*_images/([^"/]+\.png)"', add_size, page)
        head = [f'<link rel="stylesheet" href="{base}_static/site.css" />']
        head += [tag.replace("<script", "<script defer", 1) for tag in used.values()]
        pages[path] = page.replace("</head>", "\n".join([*head, "</head>"]), 1)

    for script in scripts:
        text = script.read_text(encoding="utf-8")
        script.write_text(re.sub(r"\n//# sourceMappingURL=.*", "", text), encoding="utf-8")
    css = bundle(sheets, find_words(pages.values(), scripts))
    (static / "site.css").write_text(css, encoding="utf-8")
    for path, page in pages.items():
        path.write_text(page, encoding="utf-8")

    asked_for = [*pages.values(), css, *(path.read_text(encoding="utf-8") for path in scripts)]
    remove_idle(static, "".join(asked_for))


def remove_idle(folder, asked_for):
    """Remove the files in the folder whose names are not in this text, licences aside."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in asked_for and "LICENSE" not in path.name:
            path.unlink()


def add_pdf(site, pdf, root, words=("The book as PDF", "The whole book")):
    """Put the file `pdf` on the site, and a link to it under the title of the page `root`; `words`
    are the link's and its label."""
    shutil.copyfile(pdf, site / pdf.name)
    path = site / f"{root}.html"
    up = "../" * root.count("/")
    row = f'<nav class="page-links" aria-label="{words[1]}"><a href="{up}{pdf.name}">'
    page = path.read_text(encoding="utf-8")
    page = page.replace("</h1>", f"</h1>\n{row}{words[0]}</a></nav>", 1)
    path.write_text(page, encoding="utf-8")


def make_edition(html, new, kept):
    """Make the folder `new` of the folder `html`; `kept` is where made pictures stay."""
    pictures = shutil.ignore_patterns("*.map", ".buildinfo*", "_images")
    shutil.copytree(html, new, ignore=pictures)
    sizes = {}
    for path in sorted(html.glob("_images/**/*")):
        target = new / path.relative_to(html)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".png":
            sizes[path.name] = quantize(path, target, kept)
        elif path.is_file():
            shutil.copyfile(path, target)
    lighten(new, new / "_static", sizes)


def join_sitemaps(site, folder):
    """Move the addresses of the edition in a folder of the site to the sitemap of the whole."""
    whole, part = site / "sitemap.xml", site / folder / "sitemap.xml"
    addresses = "".join(re.findall(r"<url>.*?</url>", part.read_text("utf-8"), re.DOTALL))
    text = whole.read_text(encoding="utf-8").replace("</urlset>", f"{addresses}</urlset>")
    whole.write_text(text, encoding="utf-8")
    part.unlink()


def publish(html, site, root, pdf=None, others=None):
    """Make the folder `site` of the folder `html`, in place of the old one in one step. `root` is
    the name of the first page; `pdf` is a path or None. `others` are editions in other languages by
    the names of their folders on the site, each a folder, a PDF and the words for it."""
    new, old = site.with_name("site.new"), site.with_name("site.old")
    for folder in new, old:
        shutil.rmtree(folder, ignore_errors=True)
    make_edition(html, new, site.with_name("pictures"))
    if pdf and pdf.exists():
        add_pdf(new, pdf, root)
    for name, (its_html, its_pdf, words) in (others or {}).items():
        make_edition(its_html, new / name, site.with_name("pictures"))
        join_sitemaps(new, name)
        if its_pdf.exists():
            add_pdf(new / name, its_pdf, root, words)
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)
