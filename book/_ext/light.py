"""Makes the pages light when the site is built, for readers with slow connections:

- one style sheet instead of the dozen that the theme and its extensions bring, and in it only the
  rules that some page can use;
- of the icon font the icons that are left in that style sheet, inside of it;
- only the scripts that a page uses, and none that keeps it from being shown;
- figures in a palette of 256 colours, with their size in the page, so that no text jumps, and
  loaded when the reader comes near them;
- no file that no page asks for.

It works on the finished pages. Where the theme looks otherwise than it is known here, the build
ends with an error.
"""

import re
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import tinycss2
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from PIL import Image
from sphinx.errors import ExtensionError

STYLE = r'<link(?=[^>]* rel="stylesheet")[^>]* href="(?P<href>[^"?]+)[^>]*/>\s*'
PRELOAD = r'<link rel="preload"[^>]*/>\s*'
SCRIPT = r'<script[^>]* src="(?P<src>[^"?]+)[^>]*></script>\s*'

# Scripts, and what a page that uses one has in it; None: no page of this book does.
USED_BY = {
    "bootstrap.js": 'data-bs-toggle="dropdown"',  # its tooltips a browser has anyway
    "all.min.js": None,  # Font Awesome, which is in the style sheet too
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
    """Whether each tag, class and id that this selector (tokens) asks for is one of the words."""
    before = None
    for token in selector:
        if token.type == "ident" and before != ":" and token.value not in words:
            return False
        if token.type == "hash" and token.value not in words:
            return False
        before = token.value if token.type == "literal" else None
    return True


def split(tokens):
    """The selectors of a list of selectors."""
    selectors = [[]]
    for token in tokens:
        if token == ",":
            selectors.append([])
        else:
            selectors[-1].append(token)
    return selectors


def prune(rules, words):
    """The text of these rules, without comments, without selectors that do not match, and without
    rules of which nothing is left."""
    text = []
    for rule in rules:
        if rule.type == "error":
            raise ExtensionError(f"light: error: a style sheet is malformed: {rule.message}")
        if rule.type == "qualified-rule":
            selectors = [each for each in split(rule.prelude) if matches(each, words)]
            selectors = [tinycss2.serialize(each).strip() for each in selectors]
            if selectors:
                text.append(f"{','.join(selectors)}{{{tinycss2.serialize(rule.content).strip()}}}")
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


ICON = r"[\ue000-\uf8ff]"  # the characters that every font may use as it likes
ICON_FONTS = {
    "fa-solid-900": {"fa-solid", "fas"},
    "fa-regular-400": {"fa-regular", "far"},
    "fa-brands-400": {"fa-brands", "fab", "github", "gitlab"},
}


def embed_icons(css, fonts, words):
    """The style sheet with each icon font, out of the folder `fonts`, cut down to the icons that
    the style sheet has left, and embedded. Fonts that no page uses are taken out."""
    icons = {ord(icon) for icon in re.findall(ICON, css)}

    def embed(face):
        name = re.search(r"/webfonts/([\w-]+)\.ttf", face[0])
        if not name:
            return face[0]
        if "Awesome\\ 6 " not in face[0] or not ICON_FONTS[name[1]] & words:  # names of the past
            return ""
        font = TTFont(fonts / f"{name[1]}.ttf", recalcTimestamp=False)
        subsetter = Subsetter(Options(layout_features=[], hinting=False, notdef_outline=False))
        subsetter.populate(unicodes=icons)
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(data := BytesIO())
        source = f"src:url(data:font/woff;base64,{b64encode(data.getvalue()).decode()})"
        return re.sub(r"src:[^}]*", source, face[0])

    return re.sub(r"@font-face\s*\{[^}]*\}\n?", embed, css)


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
    fonts = [sheet.parents[1] / "webfonts" for sheet in sheets if "fontawesome" in sheet.parts]
    if len(fonts) != 1:
        raise ExtensionError("light: error: the theme has changed: it has no Font Awesome")
    # The icons have names beside them: a screen reader is not to spell them.
    return re.sub(f'(content:"{ICON}")', r'\1;\1/""', embed_icons(text, fonts[0], words))


def quantize(path):
    """Give the picture a palette, where that makes its file smaller; returns its size in pixels."""
    image = Image.open(path)
    opaque = image.convert("RGBA").getextrema()[3] == (255, 255)
    method = Image.Quantize.MEDIANCUT if opaque else Image.Quantize.FASTOCTREE
    image = image.convert("RGB" if opaque else "RGBA")
    palette = image.quantize(256, method, dither=Image.Dither.NONE)
    palette.save(data := BytesIO(), "PNG", optimize=True)
    if len(data.getvalue()) < path.stat().st_size:
        path.write_bytes(data.getvalue())
    return image.size


def lighten(app, error):
    """Rewrite the pages, and what they load."""
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir)
    static = site / "_static"
    pages = {
        path: path.read_text(encoding="utf-8")
        for path in sorted(site.rglob("*.html"))
        if static not in path.parents and path != site / "index.html"  # it leads on at once
    }
    sizes = {path.name: quantize(path) for path in sorted(site.glob("_images/*.png"))}
    sheets, scripts = {}, {}

    def add_size(image):
        width, height = sizes[image[1]]
        later = image.start() > image.string.find("<img")  # the first one may be in view
        return f'{image[0]} width="{width}" height="{height}"' + ' loading="lazy"' * later

    for path, page in pages.items():
        if not re.search(STYLE, page):
            raise ExtensionError(f"light: error: the theme has changed, see {path.name}")
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
    words = find_words(pages.values(), scripts)
    css = bundle(sheets, words)
    (static / "site.css").write_text(css, encoding="utf-8")
    for path, page in pages.items():
        path.write_text(page, encoding="utf-8")

    asked_for = "".join(
        [*pages.values(), css, *(path.read_text(encoding="utf-8") for path in scripts)]
    )
    for path in sorted(static.rglob("*"), reverse=True):  # the files of a folder before the folder
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.name not in asked_for and "LICENSE" not in path.name:
            path.unlink()


def setup(app):
    app.connect("build-finished", lighten, priority=900)  # the theme writes a style sheet there
    return {"parallel_read_safe": True, "parallel_write_safe": True}
