"""Puts the files of a feature's folder on the site: style sheets, scripts, fonts."""

import shutil
from pathlib import Path


def add(app, feature, *everywhere):
    """Copy the files beside `feature`, a path, to the site; load `everywhere` on all pages."""

    def copy(app):
        target = Path(app.outdir, "_static")
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(Path(feature).parent.rglob("*.*")):
            inside = path.relative_to(Path(feature).parent).parts[:-1]
            if path.suffix not in (".py", ".pyc", ".html") and "templates" not in inside:
                shutil.copyfile(path, target / path.name)

    app.connect("builder-inited", copy)
    for name in everywhere:
        if name.endswith(".css"):
            app.add_css_file(name)
        else:
            app.add_js_file(name)
