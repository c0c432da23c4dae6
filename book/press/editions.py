"""The editions of the book: English, and a folder for each other language.

An edition is a folder with the same pages and an `edition.yml`: its language, its title, and every
word that its site, its labs and its search say. English stands at the top of the book, with its
words in book/edition.yml. An edition has no settings and no table of contents of its own: what
jupyter-book reads of it is made of the book's, in _build.
"""

import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from book.press import pages
from book.press.console import BookError, naming

FILE = "edition.yml"


@dataclass(frozen=True)
class Edition:
    """An edition of the book in the folder `root`; `name` is its folder there and on the site, ""
    for the one at the top."""

    root: Path
    name: str

    @property
    def source(self):
        """The folder of its pages."""
        return self.root / self.name

    @property
    def build(self):
        """The folder that jupyter-book builds it in."""
        return self.root / "_build" / (self.name or "en")

    @property
    def html(self):
        """The folder of its site as jupyter-book makes it."""
        return self.build / "_build" / "html"

    @property
    def pdf(self):
        """The file that `make pdf` prints it to."""
        return self.build / "one-network-nine-ways.pdf"

    @property
    def words(self):
        """What its edition.yml says."""
        return read(self.source / ("" if self.name else "book") / FILE)

    def stages(self):
        """The paths of the notebooks of its stages, in order; the English one where it lacks one."""
        english = pages.stages(self.root)
        own = [self.source / path.relative_to(self.root) for path in english]
        return [path if path.exists() else other for path, other in zip(own, english, strict=True)]

    def notebooks(self):
        """The paths of its notebooks, in the order of the book."""
        paths = [Path(self.source, f"{name}.ipynb") for name in pages.names(self.root)]
        return [path for path in paths if path.exists()]

    def has(self, page):
        """Whether it has this page."""
        return any(Path(self.source, page + suffix).exists() for suffix in pages.SUFFIXES)

    def link_to(self, page, other):
        """The address of a page of the edition `other`, relative to this edition's page `page`."""
        up = "../" * (page.count("/") + bool(self.name))
        return f"{up}{other.name and other.name + '/'}{page}.html"


@cache
def read(path):
    with naming(path, ": git checkout restores it"):
        return yaml.safe_load(path.read_text(encoding="utf-8"))


def find_all(root=pages.ROOT):
    """The editions of the book in the folder `root`, English first."""
    folders = sorted(path.parent.name for path in Path(root).glob(f"[!_.]*/{FILE}"))
    return [Edition(Path(root), name) for name in ["", *folders] if name != "book"]


def find(app):
    """The edition that Sphinx builds."""
    source = Path(app.srcdir)
    if Path(source, FILE).exists():
        return Edition(source.parent, source.name)
    return Edition(source, "")


def words(app):
    """The words that the site of the edition that Sphinx builds adds to its pages."""
    return find(app).words["site"]


def write_settings(edition):
    """Write what jupyter-book reads of an edition in a folder: the book's settings with its words,
    and of the table of contents the pages that it has. Returns the two paths."""
    with naming(edition.root / "_config.yml"):
        text = Path(edition.root, "_config.yml").read_text(encoding="utf-8")
        config, own = yaml.safe_load(text), edition.words
        config |= {key: own[key] for key in ("title", "author")}
        config["sphinx"]["config"]["language"] = own["language"]
        extensions = config["sphinx"]["local_extensions"]
        config["sphinx"]["local_extensions"] = dict.fromkeys(extensions, str(edition.root))
        for settings, key in (config, "bibtex_bibfiles"), (config["html"], "favicon"):
            paths = settings[key]
            up = [f"../{path}" for path in ([paths] if isinstance(paths, str) else paths)]
            settings[key] = up[0] if isinstance(paths, str) else up
    toc = copy.deepcopy(pages.read_toc(edition.root))
    if len(own["parts"]) != len(toc["parts"]):
        raise BookError(
            f"{edition.name}/{FILE}: {len(own['parts'])} parts, and _toc.yml has others"
        )
    for part, caption in zip(toc["parts"], own["parts"], strict=True):
        part["caption"] = caption
        part["chapters"] = [each for each in part["chapters"] if edition.has(each["file"])]
    toc["parts"] = [part for part in toc["parts"] if part["chapters"]]
    paths = edition.build / "_config.yml", edition.build / "_toc.yml"
    edition.build.mkdir(parents=True, exist_ok=True)
    for path, content in zip(paths, (config, toc), strict=True):
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    return paths


def add_words(app, pagename, templatename, context, doctree):
    """Give the templates the words, and lead to the same page of the other editions, with `hreflang`
    for search engines."""
    edition = find(app)
    context["words"] = edition.words["site"]
    twins = [each for each in find_all(edition.root) if doctree is None or each.has(pagename)]
    links = [
        f'<a class="language" href="{edition.link_to(pagename, each)}" lang="{each.words["lang"]}" '
        f'hreflang="{each.words["lang"]}">{each.words["name"]}</a>'
        for each in twins
        if each != edition and pagename != "404"  # a host shows it at any depth
    ]
    context["language_links"] = "".join(links)
    address = context["whole_address"]
    if doctree is not None and address and len(twins) > 1:
        for each in twins:
            page = f"{address}{each.name and each.name + '/'}{pagename}.html"
            lang = each.words["lang"]
            context["metatags"] += f'<link rel="alternate" hreflang="{lang}" href="{page}" />\n'


def setup(app):
    app.connect("html-page-context", add_words)
