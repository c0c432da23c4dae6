"""Puts the files of a feature's folder on the site: style sheets, scripts, fonts. The scripts that
every page loads are one file."""

import shutil
from pathlib import Path

BUNDLE = "press.js"


def find_static(app):
    """The folder of the site for such files, which is made where there is none."""
    folder = Path(app.outdir, "_static")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def add_to_bundle(app, script):
    """Have every page run this text, too."""
    with Path(find_static(app), BUNDLE).open("a", encoding="utf-8") as bundle:
        bundle.write(f"{script}\n")


def add(app, feature, *everywhere):
    """Copy the files beside `feature`, a path, to the site; load `everywhere` on all pages."""

    def copy(app):
        target = find_static(app)
        for path in sorted(Path(feature).parent.rglob("*.*")):
            inside = path.relative_to(Path(feature).parent).parts[:-1]
            if path.suffix == ".js" and path.name in everywhere:
                add_to_bundle(app, path.read_text(encoding="utf-8"))
            elif path.suffix not in (".py", ".pyc", ".html") and "templates" not in inside:
                shutil.copyfile(path, target / path.name)

    app.connect("builder-inited", copy)
    for name in everywhere:
        if name.endswith(".css"):
            app.add_css_file(name)


def begin_bundle(app):
    Path(find_static(app), BUNDLE).write_text("", encoding="utf-8")


def setup(app):
    app.connect("builder-inited", begin_bundle, priority=100)
    app.add_js_file(BUNDLE)
