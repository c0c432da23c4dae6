"""The cards that other sites show beside a link (sphinxext-opengraph makes them) have stage 1's
figure on them. A card has letters of a font that has no Chinese: beside a page whose description
has some there is the figure alone.
"""

import hashlib
import os
import re
from base64 import b64decode
from pathlib import Path

from PIL import Image
from sphinxext.opengraph import get_description

from book.press import editions
from book.press.landing import stored

FIGURE = "_static/card.png"
IN_THE_FONT = "[\u0000-\u024f\u2000-\u22ff]*"


def first_figure(app):
    """Stage 1's figure, the bytes of a PNG; None in a book without stages."""
    for stage in editions.find(app).stages()[:1]:
        return b64decode(stored(stage, "curve", "image/png"))


def set_card(app, config):
    """Put the figure on every card, and nothing in the corner for the maker's logo."""
    config.project = config.html_title
    config.ogp_site_name = config.html_title
    config.ogp_site_url = config.html_baseurl  # links.py has set it
    folder = editions.find(app).build / "card"
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("RGBA", (1, 1)).save(folder / "none.png")
    # A card is made anew when its settings change: a file's name does, its bytes do not.
    place = os.path.relpath(folder, app.srcdir)
    card = {"image_mini": f"{place}/none.png", "line_color": "#0072B2"}
    card["site_url"] = config.ogp_site_url
    if figure := first_figure(app):
        name = f"{hashlib.sha256(figure).hexdigest()[:16]}.png"
        Path(folder, name).write_bytes(figure)
        card["image"] = f"{place}/{name}"
    config.ogp_social_cards = card


def choose_picture(app, pagename, templatename, context, doctree):
    """Have a page with other letters than the card's font has show the figure alone."""
    if doctree is None:
        return
    shown = context["title"] + get_description(doctree, app.config.ogp_description_length)
    if not re.fullmatch(IN_THE_FONT, shown + app.config.html_title):
        context["meta"] = (context["meta"] or {}) | {
            "og:image": f"{app.config.html_baseurl}{FIGURE}",
            "og:image:alt": app.config.html_title,
        }


def copy_figure(app):
    if figure := first_figure(app):
        path = Path(app.outdir, FIGURE)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(figure)


def setup(app):
    # Before sphinxext-opengraph, which is in the same event.
    app.connect("html-page-context", choose_picture, priority=400)
    app.setup_extension("sphinxext.opengraph")
    app.connect("config-inited", set_card, priority=600)  # after links.py
    app.connect("builder-inited", copy_figure)
