"""Looks at the finished pages as their readers will, and refuses what no reader should see: raw
TeX, raw Markdown, a link that leads nowhere, a placeholder that some tool left, an element without
the script that it needs, a picture that does not decode, anything from another host. Each is named
with its page and its place.
"""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree, html
from PIL import Image

from book.press import theme
from book.press.console import BookError, explain

# What shows a program or what it prints, a script, or a formula: no prose.
CODE = "pre code script style math kbd samp textarea svg template".split()
PROSE = f"//text()[normalize-space() and not(ancestor::{' or ancestor::'.join(CODE)})]"
RAW = {
    "raw TeX": r"\\(?:[a-zA-Z]{2,}|[()[\]{}])|\$\$|\$[^$\s](?:[^$]*[^$\s])?\$(?!\d)",
    "raw Markdown": (
        r"(?<![\d\s])\*\*|\*\*(?![\d\s])|```|~~|:::|\][([]|\{[\w:+.-]+\}`|\[\^|`|!\[|^\s*#{1,6}\s|^\s*\|.*\|\s*$|^\s*>\s"
    ),
    "raw HTML": r"</?[a-z]+[^>]*>|&(?:[a-z]+|#\d+);",
    "a placeholder": (
        r"\b(?:TODO|FIXME|XXX|TBD|[Ll]orem ipsum)\b|\[object \w+\]"
        r"|\b(?i:name|title|author|version|copyright|project|url|date) not set\b"
    ),
    "a gap that was not filled": (
        r"\{(?:|\d|\w{2,}|[\w.]+:[^}]*)\}|\{\{.*\}\}|%\(\w+\)s|<(?:class|function|Figure|module) "
        r"| object at 0x|\ufffd"
    ),
}
ANY = re.compile("|".join(RAW.values()), re.MULTILINE)
# What tools write where a setting or a value is missing: nowhere outside of an article, and in it
# not as all that an element says.
MISSING = r"(?i)\b(?:none|null|nan|undefined|unnamed|untitled|unknown|not set)\b"
ATTRIBUTES = "//@alt | //@aria-label | //@placeholder | //meta/@content | //@title"
LINKS = "//@href | //@src | //@srcset | //@action | //object/@data | //@poster"
LOADED = "stylesheet preload modulepreload icon manifest".split()  # links that browsers follow
NEEDS = {  # what an element has, and the script without which it shows nothing or does nothing
    r'class="[^"]*\bsd-tab-set\b': "design-tabs.js",
    theme.USED_BY["togglebutton.js"]: "togglebutton.js",
    r'data-lab="rate"': "lab-rate.js",
    r"data-lab=": "lab.js",
    r'class="[^"]*\bmermaid\b': "mermaid",
    r"vnd\.jupyter\.widget": "html-manager",
    r"\brequire(?:js)?\(\[": "require",
    r'class="[^"]*\bthebe-button\b': "thebe",
}


def place_of(element):
    """The nearest address at or before the element, as "#id", or "" at the top of a page."""
    near = element.xpath("(ancestor-or-self::*/@id | preceding::*/@id)[last()]")
    return f"#{near[0]}" if near else ""


def shorten(text, found):
    """The text around what was found in it, on one line."""
    around = text[max(0, found.start() - 15) : found.end() + 15]
    return repr(" ".join(around.split()))


def name_kind(text):
    """What is raw in this text: the name of the kind, and the match."""
    found = {what: re.search(pattern, text, re.MULTILINE) for what, pattern in RAW.items()}
    return next((what, match) for what, match in found.items() if match)


def find_raw(page):
    """What is shown as it was written, or missing: pairs of an element and a line."""
    articles = set(page.xpath(theme.ARTICLE))
    for text in page.xpath(PROSE):
        element = text.getparent()
        if ANY.search(text):
            what, found = name_kind(text)
            yield element, f"shows {what}: {shorten(text, found)}"
        if found := re.search(MISSING, text):
            # The titles of pages, in an article, in links to it, and in the window's frame.
            inside = not articles.isdisjoint(element.iterancestors()) or element.xpath(
                "self::title | ancestor-or-self::a[contains(@href, 'html') or contains(@href, '#')]"
            )
            alone = re.fullmatch(rf"\W*{MISSING[4:]}\W*", text, re.IGNORECASE)
            if (alone or not inside) and not element.xpath(
                "ancestor-or-self::*[self::td or self::th or self::dt]"
            ):
                yield element, f"shows a placeholder: {shorten(text, found)}"
    for value in page.xpath(ATTRIBUTES):
        element, alone = value.getparent(), re.fullmatch(rf"\W*{MISSING[4:]}\W*", value, re.I)
        raw = ANY if value.attrname == "alt" else re.compile(RAW["a placeholder"])
        if alone or raw.search(value):
            yield element, f"says in its {value.attrname}: {value[:60]!r}"
        if value.attrname == "alt" and re.search(r"(?i)^\S+\.(png|svg|jpe?g|gif|webp)$", value):
            yield element, f"has a file's name for its alternative text: {value!r}"
    for element in page.xpath("//article//img[not(normalize-space(@alt))]"):
        yield element, f"has no alternative text: {element.get('src')}"
    for element in page.xpath("//*[contains(@class, 'system-message') or @class='problematic']"):
        yield element, f"shows an error of docutils: {element.text_content().strip()[:80]!r}"
    for formula in page.iter("math"):
        if found := re.search(r"\\|&", formula.text_content()):
            yield formula, f"shows raw TeX: {shorten(formula.text_content(), found)}"


@cache
def parse(path):
    return html.fromstring(path.read_text(encoding="utf-8"))


@cache
def ids_of(path):
    return set(parse(path).xpath("//@id | //a/@name"))


def find_target(site, path, address):
    """The file of the site that an address on the page in `path` leads to, or None."""
    place = unquote(address)
    if not place:
        return path
    if not place.startswith("/"):
        return (path.parent / place).resolve()
    parts = place.strip("/").split("/")  # from the root of the host, where the site is in a folder
    for start in range(len(parts) + 1):
        target = site.joinpath(*parts[start:])
        if target.exists():
            return target
    return site / "nowhere"


def find_dead_links(site, path, page):
    """What a page names that is not there, or elsewhere: pairs of an element and a line."""
    for address in page.xpath(LINKS):
        element, name = address.getparent(), address.attrname
        try:
            parts = urlsplit(address.strip())
        except ValueError:
            yield element, f"leads nowhere: {address[:80]}"
            continue
        if not address.strip():
            yield element, f"has an empty {name}"
        elif parts.netloc or parts.scheme:
            loads = name in ("src", "data", "poster") or element.get("rel") in LOADED
            if loads and parts.scheme not in ("data", "blob"):
                yield element, f"loads from another host: {address[:80]}"
            elif re.search(r"[{}]|/(?:None|null|undefined)(?:/|$)", address) or (
                parts.scheme in ("http", "https", "") and "." not in parts.netloc
            ):
                yield element, f"leads nowhere: {address[:80]}"
        else:
            target = find_target(site, path, parts.path)
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file() or site not in target.parents:
                yield element, f"leads nowhere: {address[:80]}"
            elif parts.fragment and target.suffix == ".html" and element.tag == "a":
                place = unquote(parts.fragment).split(":~:")[0]
                if place and place not in ids_of(target):
                    yield element, f"leads to a place that is not there: {address[:80]}"


def find_double_places(page):
    """Elements to which no link can lead, for another one has the same id: pairs as above."""
    seen = set()
    for element in page.xpath("//*[@id]"):
        if element.get("id") in seen:
            yield element, f"has the id of another element: {element.get('id')}"
        seen.add(element.get("id"))


def find_lost_scripts(page, text):
    """Elements of a page whose script is not loaded."""
    loaded = " ".join(script.get("src", "") for script in page.iter("script"))
    for pattern, script in NEEDS.items():
        if (found := re.search(pattern, text)) and script not in loaded:
            yield page, f"has lost the script {script}, which {shorten(text, found)} needs"


def find_broken_pictures(site):
    """A line for each picture of the site that does not decode, with a page that shows it."""
    seen = set()
    for path in sorted(site.rglob("*.*")):
        kind = path.suffix.lower()
        if (path.name, path.stat().st_size) in seen:  # editions have figures in common
            continue
        seen.add((path.name, path.stat().st_size))
        try:
            if kind == ".svg":
                etree.parse(path)
            elif kind in (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp", ".ico"):
                with Image.open(path) as image:
                    image.load()
        except Exception as error:
            what = f"{explain(error)}: git checkout or make notebooks restores it"
            if path.read_bytes().startswith(b"version https://git-lfs"):
                what = "it is a pointer of Git LFS: git lfs pull"
            shown = [page for page in site.rglob("*.html") if path.name in page.read_text("utf-8")]
            where = ", ".join(page.relative_to(site).as_posix() for page in sorted(shown)[:3])
            yield f"{where or 'the site'}: shows {path.name}, which is no picture: {what}"


def refuse_what_is_shown(site):
    """BookError where something on the pages of the site is not for its readers: a line each."""
    site, lines = Path(site).resolve(), []
    parse.cache_clear()
    ids_of.cache_clear()
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).as_posix()
        if "_static" in path.parts or "_sources" in path.parts or name == "index.html":
            continue
        page, text = parse(path), path.read_text(encoding="utf-8")
        found = [*find_raw(page), *find_dead_links(site, path, page)]
        found += [*find_double_places(page), *find_lost_scripts(page, text)]
        lines += [f"{name}{place_of(element)}: {line}" for element, line in found]
    if lines := list(dict.fromkeys([*lines, *find_broken_pictures(site)])):
        more = [f"and {len(lines) - 20} more"] * (len(lines) > 20)
        raise BookError("\n".join([*lines[:20], *more]))
