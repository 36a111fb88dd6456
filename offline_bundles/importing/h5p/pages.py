"""H5P's texts, pictures and cards as HTML for a page. What a page only shows differently is degraded, and says so."""

from collections.abc import Callable
from html import escape
from urllib.parse import quote

from offline_bundles.importing.h5p.content import Content, content, mappings, text
from offline_bundles.importing.h5p.trail import Trail
from offline_bundles.importing.html import plain_text

LINK_SCHEMES = ("http://", "https://", "mailto:", "tel:")

Show = Callable[[Content, Trail], str]


def read_html(shown: Content, trail: Trail) -> str:
    """A fragment, links in it relative to the content's folder. `shown.library` is a key of `PAGES`."""
    return PAGES[shown.library](shown, trail)


def _text(shown: Content, trail: Trail) -> str:
    return shown.text("text")


def _picture(shown: Content, trail: Trail) -> str:
    path = shown.text("file", "path")
    if not trail.place(path, shown.library):
        return ""
    return f'<p><img src="{quote(path)}" alt="{escape(plain_text(shown.text("alt") or shown.title))}"></p>'


def _pictures(shown: Content, trail: Trail) -> str:
    trail.item(shown.library).degraded("its pictures stand below one another")
    found = [content(each) for each in mappings(shown.params, "imageSlides")]
    return "".join(_picture(each, trail) for each in found if each and each.library == "H5P.Image")


def _accordion(shown: Content, trail: Trail) -> str:
    panels = [(text(each, "title"), content(each.get("content"))) for each in shown.mappings("panels")]
    return "".join(f"<h3>{escape(title)}</h3>{_inside(each, trail)}" for title, each in panels)


def _inside(shown: Content | None, trail: Trail) -> str:
    if shown is None:
        return ""
    if shown.library in PAGES:
        return read_html(shown, trail)
    trail.item(shown.library).dropped("nothing of this kind can stand inside a text")
    return ""


def _dialog_cards(shown: Content, trail: Trail) -> str:
    cards = shown.mappings("dialogs") or shown.mappings("cards")
    trail.item(shown.library).degraded("its cards stand below one another, each with its answer")
    if any(each.get("audio") for each in cards):
        trail.item(shown.library).dropped("sound on its cards is left out")
    return "".join(_card(each, shown, trail) for each in cards)


def _card(card: object, shown: Content, trail: Trail) -> str:
    path = text(card, "image", "path")
    picture = f'<img src="{quote(path)}" alt="">' if path and trail.place(path, shown.library) else ""
    return (
        f"<details><summary>{escape(plain_text(text(card, 'text')))}</summary>{picture}{text(card, 'answer')}</details>"
    )


def _link(shown: Content, trail: Trail) -> str:
    target = shown.text("linkWidget", "protocol") + shown.text("linkWidget", "url")
    if not target.startswith(LINK_SCHEMES):
        trail.item(shown.library).dropped("its address is none that a page may lead to")
        return ""
    return f'<p><a href="{escape(target)}">{escape(shown.text("title") or target)}</a></p>'


PAGES: dict[str, Show] = {
    "H5P.AdvancedText": _text,
    "H5P.Text": _text,
    "H5P.ContinuousText": _text,
    "H5P.Table": _text,
    "H5P.Image": _picture,
    "H5P.ImageSlider": _pictures,
    "H5P.Accordion": _accordion,
    "H5P.Dialogcards": _dialog_cards,
    "H5P.Link": _link,
}
