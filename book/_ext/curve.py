"""Shows the loss curve, from stored outputs, where a page has no cell to show it:

    ```{curve}
    ```

puts the output of the cell tagged `landing` of the page *One curve* there; and the cards that other
sites show beside a link (sphinxext-opengraph makes them) have stage 1's figure on them. A card has
letters of a font that has no Chinese: beside a Chinese page there is the figure alone.
"""

import hashlib
from base64 import b64decode
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from tools import BookError, cells, pages
from words import CHINESE, of

SOURCE = "book/one_curve.ipynb"
FIGURE = "_static/card.png"


def stored(path, tag, kind):
    """The output of this kind, such as "text/html", that the one cell with this tag stores."""
    for output in cells.find(path, tag)["outputs"]:
        if kind in output.get("data", {}):
            return output["data"][kind]
    raise BookError(f"{path}: the cell tagged {tag} stores no {kind}")


class Curve(SphinxDirective):
    def run(self):
        path = Path(self.env.srcdir, SOURCE)
        self.env.note_dependency(str(path))
        try:
            return [nodes.raw("", stored(path, "landing", "text/html"), format="html")]
        except BookError as error:
            raise ExtensionError(str(error)) from None


def set_card(app, config):
    """Put stage 1's figure on every card, and nothing in the corner for the maker's logo."""
    folder = Path(app.srcdir, "_build", "card")
    config.ogp_site_url = config.html_baseurl  # book/_ext/page_links.py has set it
    if of(config) is CHINESE:
        config.ogp_social_cards = {"enable": False}
        config.ogp_image = f"{config.html_baseurl}{FIGURE}"
        return
    folder.mkdir(parents=True, exist_ok=True)
    config.ogp_social_cards = {"image_mini": "_build/card/none.png", "line_color": "#0072B2"}
    config.ogp_social_cards["site_url"] = config.ogp_site_url  # one of the settings, see below
    Image.new("RGBA", (1, 1)).save(folder / "none.png")
    for stage in pages.stages(app.srcdir)[:1]:
        try:
            figure = b64decode(stored(stage, "curve", "image/png"))
        except BookError as error:
            raise ExtensionError(str(error)) from None
        # A card is made anew when its settings change: a file's name does, its bytes do not.
        name = f"{hashlib.sha256(figure).hexdigest()[:16]}.png"
        Path(folder, name).write_bytes(figure)
        config.ogp_social_cards["image"] = f"_build/card/{name}"


def copy_figure(app, error):
    """Put stage 1's figure where a Chinese page names it."""
    if not error and of(app.config) is CHINESE:
        figure = b64decode(stored(pages.stages(app.srcdir)[0], "curve", "image/png"))
        Path(app.outdir, FIGURE).write_bytes(figure)


def setup(app):
    app.setup_extension("sphinxext.opengraph")
    app.add_directive("curve", Curve)
    app.connect("config-inited", set_card, priority=600)  # after page_links.py
    app.connect("build-finished", copy_figure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
