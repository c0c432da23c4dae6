"""The site for readers, made of the one that jupyter-book made: light, whole, in one step."""

import re
import shutil

import pytest
from console import BookError
from PIL import Image
from publish import publish
from small_book import figure, text


@pytest.fixture
def html(built_once, tmp_path):
    """A folder as jupyter-book makes it, which may be changed."""
    return shutil.copytree(built_once.html, tmp_path / "html")


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_site_is_light_and_all_that_it_names_is_there(built_once):
    files = contents(built_once.site)
    assert len(files) < len(contents(built_once.html)) / 2
    assert not [name for name in files if name.endswith(".map")]
    for name in ("book/intro", "book/computes", "notebooks/1_one", "404"):
        page = built_once.page(name)
        assert len(re.findall(r'<link[^>]* rel="stylesheet"', page)) == 1
        for target in re.findall(r'(?:src|href)="([^"#?]+)', page):
            if not re.match(r"\w+:|/", target):
                path = (built_once.site / name).parent / target
                assert path.exists(), f"{name}: {target}"


def test_figures_have_their_size_and_few_colours(built_once):
    page = built_once.page("notebooks/2_two")
    source = re.search(r'<img[^>]*src="\.\./(_images/[^"]*)"[^>]* width="60" height="40"', page)
    with Image.open(built_once.site / source[1]) as image:
        assert image.mode == "P"
        assert image.convert("RGB").getpixel((0, 0)) == (0, 128, 0)  # green, as it was drawn


def test_publishing_again_gives_the_same_and_leaves_nothing(built_once, html, tmp_path):
    site = tmp_path / "site"
    for _ in range(2):
        publish(html, site, "book/intro")
        assert contents(site) == contents(built_once.site)
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {"html", "site", "pictures"}


def test_what_an_interrupted_one_left_is_no_hindrance(built_once, html, tmp_path):
    for name in "site.new", "site.old":
        (tmp_path / name).mkdir()
        (tmp_path / name / "rubbish.html").write_text("rubbish")
    publish(html, tmp_path / "site", "book/intro")
    assert contents(tmp_path / "site") == contents(built_once.site)


def test_theme_that_has_changed_keeps_the_site(built_once, html, tmp_path):
    site = shutil.copytree(built_once.site, tmp_path / "site")
    path = html / "book" / "intro.html"
    page = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"<link[^>]*stylesheet[^>]*>", "", page), encoding="utf-8")
    why = "^the theme has changed: intro.html has no style sheet$"
    with pytest.raises(BookError, match=why):
        publish(html, site, "book/intro")
    assert contents(site) == contents(built_once.site)


def test_scripts_run_whatever_letters_the_terminal_has(book):
    """What a notebook's script prints, and what it writes for another program to read."""
    say = "print('1 µs × 2 …')"
    write = "%%writefile mine.py\nprint(len('µ×'))"
    cells = (say, [text("1 µs × 2 …\n")]), (write, [text("Writing mine.py\n")])
    book.write("1_one", *cells, ("1", [figure()], "curve"))
    book.make("book")
    folder = book.site / "_sources" / "notebooks"
    for encoding, printed in {
        "utf-8": "1 µs × 2 …",
        "ascii": "1 ?s ? 2 ?",
        "gbk": "1 ?s × 2 …",
        "latin-1": "1 µs × 2 ?",
    }.items():
        env = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "LC_ALL": "C"}
        env |= {"PYTHONCOERCECLOCALE": "0"}
        script = [book.python, str(folder / "1_one.py")]
        said = book.run(script, env=env, encoding=encoding)
        assert said.splitlines()[0] == printed
        assert book.run([book.python, "mine.py"]) == "2\n"
    assert "reconfigure" not in (folder / "2_two.py").read_text(), "it prints no such letter"
