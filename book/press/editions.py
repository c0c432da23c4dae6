"""The editions of the book: English, and a folder for each other language.

An edition is a folder with the same pages and an `edition.yml`: its language, its title, and every
word that its site, its labs and its search say. English stands at the top of the book, with its
words in book/edition.yml. An edition has no settings and no table of contents of its own: what
jupyter-book reads of it is made of the book's, in _build.
"""

import copy
from functools import cache
from pathlib import Path

import yaml

from book.press import pages
from book.press.console import BookError, naming

FILE = "edition.yml"
VERDICTS = "verdicts.yml"  # what an edition's programs say that look at a reader's answer
SILENT = {"strings": {}, "outputs": {}, "shown": {}}  # of one that says it in English
# What every edition says,
SHARED = "name lang language site progress practice order skills labs".split()
OWN = {"title", "author", "parts", "rules"}  # and what one in a folder says beside it,
RULES = {"letters", "never", "mean", "full_width", "quoted"}  # by which its texts are checked


class Edition:
    """An edition of the book in the folder `root`; `name` is its folder there, "" for the one at
    the top, and `folder` where it stands on the site, such as "zh/"."""

    def __init__(self, root, name):
        self.root, self.name, self.folder = root, name, name and f"{name}/"
        self.source = root / name  # its pages
        self.build = root / "_build" / (name or "en")  # in which jupyter-book builds it,
        self.html = self.build / "_build" / "html"  # to which
        self.config, self.toc = self.build / "_config.yml", self.build / "_toc.yml"  # by these
        self.pdf = self.build / "one-network-nine-ways.pdf"  # what `make pdf` prints

    def __eq__(self, other):
        return self.source == other.source

    @property
    def words(self):
        """What its edition.yml says."""
        return read(self.source / ("" if self.name else "book") / FILE)

    @property
    def rules(self):
        """How its texts are checked, and as `verdicts` what its programs say: `strings` by the
        English literals, `outputs` by patterns of the stored English lines, `shown`, the words of
        tables and drawings."""
        path = self.source / VERDICTS
        return self.words["rules"] | {"verdicts": read(path) if path.exists() else SILENT}

    def stages(self):
        """The paths of the notebooks of its stages, in order, the English where it has none."""
        english = pages.stages(self.root)
        own = [self.source / path.relative_to(self.root) for path in english]
        return [path if path.exists() else other for path, other in zip(own, english, strict=True)]

    def notebooks(self):
        """The paths of its notebooks, in the order of the book."""
        paths = [Path(self.source, f"{name}.ipynb") for name in pages.names(self.root)]
        return [path for path in paths if path.exists()]

    def name_of(self, path):
        """The name of the page in the file `path`, such as "notebooks/03_autograd"."""
        return path.relative_to(self.source).with_suffix("").as_posix()

    def has(self, page):
        """Whether it has this page."""
        return any(Path(self.source, page + suffix).exists() for suffix in pages.SUFFIXES)

    def link_to(self, page, other):
        """The address of a page of the edition `other`, relative to this edition's page `page`."""
        up = "../" * (page.count("/") + bool(self.name))
        return f"{up}{other.folder}{page}.html"


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


def find_names(words, within=""):
    """The names of all words, such as "site.colab"; of those in a list, how many there are."""
    if isinstance(words, dict):
        return [name for key in words for name in find_names(words[key], f"{within}.{key}")]
    return [f"{within[1:]} ({len(words)})" if isinstance(words, list) else within[1:]]


def refuse_other_words(edition):
    """BookError where an edition lacks words that the English one has, or has more."""
    both = Edition(edition.root, "").words, edition.words
    english, own = (set(find_names({key: each[key] for key in SHARED})) for each in both)
    rules = RULES - set(edition.words.get("rules", ()))
    if differ := sorted(english ^ own) or sorted((OWN - set(edition.words)) | rules):
        what = "lacks" if differ[0] in english | OWN | RULES else "has more:"
        seen = "book" if differ[0] in english ^ own else "zh"
        raise BookError(f"{edition.name}/{FILE} {what} {', '.join(differ)}: see {seen}/{FILE}")


def write_settings(edition):
    """Write what jupyter-book reads of an edition: the settings, and of the table what it has."""
    edition.build.mkdir(parents=True, exist_ok=True)
    if not edition.name:
        return
    refuse_other_words(edition)
    with naming(edition.root / "_config.yml"):
        text = Path(edition.root, "_config.yml").read_text(encoding="utf-8")
        config, own = yaml.safe_load(text), edition.words
        config |= {key: own[key] for key in ("title", "author")}
        config["sphinx"]["config"]["language"] = own["language"]
        extensions = config["sphinx"]["local_extensions"]
        config["sphinx"]["local_extensions"] = dict.fromkeys(extensions, str(edition.root))
        config["bibtex_bibfiles"] = [f"../{path}" for path in config["bibtex_bibfiles"]]
        config["html"]["favicon"] = f"../{config['html']['favicon']}"
    toc = copy.deepcopy(pages.read_toc(edition.root))
    if len(own["parts"]) != len(toc["parts"]):
        counts = f"{len(own['parts'])} parts, and _toc.yml {len(toc['parts'])}"
        raise BookError(f"{edition.name}/{FILE} has {counts}: also one without a page has a name")
    for part, caption in zip(toc["parts"], own["parts"], strict=True):
        part["caption"] = caption
        part["chapters"] = [each for each in part["chapters"] if edition.has(each["file"])]
    toc["parts"] = [part for part in toc["parts"] if part["chapters"]]
    for path, content in (edition.config, config), (edition.toc, toc):
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def add_words(app, pagename, templatename, context, doctree):
    """Give the templates the words, and lead to the same page of the other editions."""
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
    if pagename == "404":  # of which a host has one for all editions
        root = app.config.notfound_urls_prefix.removesuffix(edition.folder)
        context["others"] = [
            {"words": each.words, "address": f"{root}{each.folder}{app.config.root_doc}.html"}
            for each in twins
            if each != edition
        ]
    address = context["whole_address"]
    if doctree is not None and address and len(twins) > 1:
        for each in twins:
            lang, page = each.words["lang"], f"{address}{each.folder}{pagename}.html"
            context["metatags"] += f'<link rel="alternate" hreflang="{lang}" href="{page}" />\n'


def setup(app):
    app.connect("html-page-context", add_words)
