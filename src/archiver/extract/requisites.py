"""Find the requisites of a page: what a browser fetches to show it. Images, style sheets, fonts, icons, and scripts.

A style sheet has requisites of its own: what it imports, its images and its fonts. Frames are pages of their own. Of
several sizes of an image all are requisites, because each viewer chooses another.
"""

from collections.abc import Iterable, Iterator

from archiver.extract.css import css_addresses, css_text, declared_charset
from archiver.extract.images import LAZY, LAZY_SETS, candidates, noscript_images
from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, attribute
from archiver.model.capture import Capture
from archiver.text.url import absolute, extension_of

MOST = 2_000
"""The maximum number of requisites of one page or style sheet."""
_ICONS = frozenset(("icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "fluid-icon"))
_PRELOADED = frozenset(("style", "font", "image"))
_IMAGES = "img, source, amp-img, amp-anim"
_NOT_OF_IMAGES = frozenset(("video", "audio"))
_CSS = "text/css"
_IMAGE_ENDINGS = frozenset(("svg", "svgz", "png", "jpg", "jpeg", "gif", "webp", "avif", "bmp", "ico"))


def requisites_of(page: ParsedPage, *, scripts: bool) -> tuple[str, ...]:
    """Return the addresses of a page's requisites, each once, style sheets first; at most `MOST`.

    Args:
        page: the parsed page, before nodes are removed from it.
        scripts: whether scripts are among them.
    """
    return _once((page.absolute(href) for href in _written(page, scripts=scripts)), page.url)


def requisites_of_css(capture: Capture) -> tuple[str, ...]:
    """Return the addresses of a style sheet's requisites, relative to its own address; () for another capture."""
    if capture.media_type != _CSS:
        return ()
    text = css_text(capture.body, declared_charset(capture.header("content-type")))
    return _once((absolute(capture.url, address) for address in css_addresses(text)), capture.url)


def _once(found: Iterable[str | None], own: str) -> tuple[str, ...]:
    addresses: dict[str, None] = {}
    for url in found:
        if url is not None and url != own:
            addresses[url] = None
            if len(addresses) >= MOST:
                break
    return tuple(addresses)


def _written(page: ParsedPage, *, scripts: bool) -> Iterator[str]:
    """Yield addresses as written."""
    yield from _linked(page, scripts=scripts)
    for node in page.document.css("style"):
        yield from css_addresses(node.text())
    if scripts:
        yield from _attributes(page, "script[src]", "src")
    for node in page.document.css(_IMAGES):
        yield from _of_image(node)
    for selector, name in (
        ("input[type=image i][src]", "src"),
        ("video[poster]", "poster"),
        ("[background]", "background"),
    ):
        yield from _attributes(page, selector, name)
    yield from map(_shown_in, page.document.css("object[data], embed[src]"))
    for node in page.document.css("use, image, feImage"):  # of SVG
        yield attribute(node, "href") or attribute(node, "xlink:href") or ""
    for node in page.document.css("[style]"):
        yield from css_addresses(attribute(node, "style") or "")
    for node in page.document.css("noscript"):
        yield from noscript_images(node)


def _linked(page: ParsedPage, *, scripts: bool) -> Iterator[str]:
    """Yield the addresses of `<link>` elements that a browser fetches: style sheets, icons, what is preloaded."""
    for node in page.document.css("link[rel]"):
        relations = frozenset((attribute(node, "rel") or "").lower().split())
        destination = (attribute(node, "as") or "").strip().lower()
        is_preloaded = "preload" in relations and destination in _PRELOADED
        is_script = "modulepreload" in relations or ("preload" in relations and destination == "script")
        if "stylesheet" in relations or relations & _ICONS or is_preloaded or (scripts and is_script):
            yield attribute(node, "href") or ""
            yield from _of_set(attribute(node, "imagesrcset"))


def _attributes(page: ParsedPage, selector: str, name: str) -> Iterator[str]:
    for node in page.document.css(selector):
        yield attribute(node, name) or ""


def _shown_in(node: Node) -> str:
    """Return the address of an image in an `object` or an `embed`; "" for a film, a document or a page."""
    return _held_by(node) if is_image_element(node) else ""


def is_image_element(node: Node) -> bool:
    """Whether an `object` or an `embed` is an image."""
    declared = (attribute(node, "type") or "").strip().lower()
    return declared.startswith("image/") if declared else extension_of(_held_by(node)) in _IMAGE_ENDINGS


def _held_by(node: Node) -> str:
    return attribute(node, "data" if node.tag == "object" else "src") or ""


def _of_image(node: Node) -> Iterator[str]:
    """Yield every address of an image: also of its placeholder, of its other sizes, and what a script shows later."""
    attributes = node.attributes
    if node.tag != "source" or node.parent is None or node.parent.tag not in _NOT_OF_IMAGES:
        yield attributes.get("src") or ""
    for name in ("srcset", *LAZY_SETS):
        yield from _of_set(attributes.get(name))
    for name in LAZY:
        value = (attributes.get(name) or "").strip()
        if "." in value or "/" in value:  # not `data-lazy="true"`
            yield value


def _of_set(srcset: str | None) -> Iterator[str]:
    for _, _, address in candidates(srcset or ""):
        yield address
