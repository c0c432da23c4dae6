"""Lets a build be whole, whatever was built before it:

- a notebook whose stored outputs cannot be those of its code is refused, in one line that names it;
- every page is written anew, and what earlier builds left is removed, so that a build after an
  edit, which reads only what was edited, gives the same bytes as one from nothing;
- where reading gave a warning, the next build reads all pages again, and does not forget it; so it
  does when the book's own code has changed.
"""

import hashlib
from pathlib import Path

from sphinx.errors import ExtensionError
from tools import BookError, cells


def refuse_lost_outputs(app, env, docnames):
    faults = []
    for name in sorted(env.found_docs):
        path = Path(env.doc2path(name))
        if path.suffix == ".ipynb":
            file = path.relative_to(app.srcdir).as_posix()
            try:
                found = cells.find_faults(cells.read(path))
            except BookError as error:
                raise ExtensionError(str(error)) from None
            faults += [f"{file}: error: {fault}: run make notebooks NB={file}" for fault in found]
    if faults:
        raise ExtensionError("\n".join(faults))


def read_again_after_warnings(app, env, added, changed, removed):
    return env.found_docs if getattr(env, "had_warnings", False) else []


def write_all(app, env):
    env.had_warnings = bool(app._warncount)
    # myst-nb copies this last: a first build's links to it lack the digest that later ones have.
    for path in Path(app.outdir, "_static").glob("mystnb.*.css"):
        path.unlink()
    return env.found_docs


def remove_leftovers(app, error):
    """Pages of sources that are gone, and their copies; images and cards that no page names."""
    if error or app.builder.format != "html":
        return
    site, names = Path(app.outdir), app.env.found_docs
    sources = {Path("_sources", app.env.doc2path(name, base=False)) for name in names}
    scripts = {path.with_suffix(".py") for path in sources if path.suffix == ".ipynb"}
    kept = {Path(f"{name}.html") for name in names} | sources | scripts
    for path in [*site.glob("[!_]*/**/*.html"), *site.glob("_sources/**/*.*")]:
        if path.relative_to(site) not in kept:
            path.unlink()
    text = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
    for path in site.glob("_images/**/*"):
        if path.is_file() and path.name not in text:
            path.unlink()


def digest_code():
    code = sorted(Path(__file__).parents[1].glob("_*/*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in code)).hexdigest()


def setup(app):
    app.connect("env-before-read-docs", refuse_lost_outputs)
    app.connect("env-get-outdated", read_again_after_warnings)
    app.connect("env-updated", write_all)
    app.connect("build-finished", remove_leftovers)
    version = digest_code()  # Sphinx reads all again when it is another than the last build's
    return {"env_version": version, "parallel_read_safe": True, "parallel_write_safe": True}
