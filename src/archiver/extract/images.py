"""Find the address of an image: `src`, `srcset`, the sources of a `picture`, or an attribute that a script reads.

A placeholder is not an image: a `data:` address, a name such as `spacer.gif` or `loading.svg`, an image of one pixel.
Of several sizes of one image the largest counts. Only attributes are read here; the page resolves the addresses.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from archiver.extract.tree import Node, attribute, nodes_of, tag_id
from archiver.text.clean import line

IMAGES = "img, amp-img, amp-anim, noscript"
"""The elements with images: a `noscript` may hold the only copy of one."""

_Attributes = Mapping[str, str | None]
Candidate = tuple[bool, float, str]
"""An image of a `srcset`: whether its size is a width in pixels (else it is a density), the size, the address."""
_PICTURE, _SOURCE, _SVG = tag_id("picture"), tag_id("source"), tag_id("svg")
_EXTENSION = r"\.(?:avif|bmp|gif|jpe?g|jxl|png|svg|webp)"
LAZY_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set", "data-ezsrcset", "data-cfsrcset")
LAZY = (
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-lazyload",
    "data-ll-src",
    "data-hi-res-src",
    "data-original-src",
    "data-actualsrc",
    "data-ezsrc",
    "data-cfsrc",
    "data-pagespeed-lazy-src",
    "data-echo",
)
"""Attributes in which scripts keep the address of a lazily loaded image; `src` is then a placeholder."""
_LATE = frozenset((*LAZY_SETS, *LAZY))
_IMAGE_ADDRESS = re.compile(rf"[^\s{{}}<>\"'?#]+{_EXTENSION}(?:[?#][^\s{{}}<>\"']*)?", re.IGNORECASE)
_IMAGE_PATH = re.compile(rf"{_EXTENSION}\Z", re.IGNORECASE)
_OTHER_USES = re.compile(r"placeholder|blur|lqip|error|default|fallback|loading|thumb")
_LONGEST = 2_000
_NO_ADDRESS = re.compile(r"[{}<>\"\n]")
"""An address with one of these is a template (`photo_{width}x.jpg`) or something else."""
_WAITING_WORDS = "ajaxloader blank lazy lazyload lazyloading loader loading placeholder preloader spacer transparent"
_EMPTY_WORDS = "cleardot dummy empty gray grey pixel px shim spinner trans transparency"
_WAITING = frozenset(_WAITING_WORDS.split())
_EMPTY = frozenset(_EMPTY_WORDS.split())
_EMPTY_GIF = frozenset(("clear", "dot", "space"))
_SIDE_WORDS = frozenset(("ajax", "bg", "default", "icon", "image", "img", "lazy", "load"))
_WORD = re.compile(r"[a-z]+")
_PIXELS = re.compile(r"\d+x\d+(?:px)?|1px")
_ONE_PIXEL = frozenset(("1x1", "1x1px", "1px"))
_LONGEST_NAME = 60
_TINY = re.compile(r"\s*[01](?:\.\d*)?\s*(?:px)?\s*\Z")
_STYLED = re.compile(r"(?:^|[;\s])(?:width|height)\s*:\s*([^;]*)", re.IGNORECASE)
_UNSEEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CANDIDATE = re.compile(r"[\s,]*+(\S++)(?:\s++(\d{1,6}(?:\.\d{1,6})?)([wx])(?=[\s,]|\Z))?((?:[^,(]++|\([^)]*+\)?)*+)")
_DESCRIPTOR = re.compile(r"\s(\d{1,6}(?:\.\d{1,6})?)([wx])(?!\S)")
_MOST_CANDIDATES = 100
_MOST_SOURCES = 20
_LONGEST_NOSCRIPT = 20_000
_SIZE = re.compile(r"-\d{2,4}x\d{2,4}(?=\.\w+\Z)")


def image_address(node: Node) -> str | None:
    """Return the address of an image by its attributes; None when it has only a placeholder."""
    attributes = node.attributes
    if _is_tiny(node, attributes):
        return None
    return _own(attributes) or _of_sources(node) or _in_any_attribute(attributes)


def source_address(node: Node) -> str | None:
    """Return the address of a `source` by its attributes: of an image, a film or a sound."""
    return _own(node.attributes)


def late_address(attributes: _Attributes) -> str | None:
    """Return the address of an image that a script would load in place of a placeholder; None: it has its own."""
    own = (attributes.get("src") or "").strip()
    return None if own and not is_placeholder(own) else _largest(attributes, LAZY_SETS, LAZY)


def noscript_images(node: Node) -> list[str]:
    """Return the addresses of the images that a `noscript` holds."""
    text = node.text()[:_LONGEST_NOSCRIPT]
    if "<img" not in text.lower():
        return []
    shown = (image for image in nodes_of(text, "img") if not _UNSEEN.search(attribute(image, "style") or ""))
    return [address for address in map(image_address, shown) if address]


def copy_key(address: str) -> str:
    """Return the common key of the addresses of one image, shown and in a `noscript`: without size and query."""
    path = address.partition("#")[0].partition("?")[0]
    return _SIZE.sub("", path) if _IMAGE_PATH.search(path) else address


def picture_label(node: Node) -> str:
    """Return the text of an image: `[image: ALT]` with its description, else `[image]`.

    A spacer, or a pixel that counts visitors, has the text "".
    """
    if node.tag_id == _SVG:
        title = node.css_first("title")
        text = attribute(node, "aria-label") or (title.text() if title is not None else "")
    else:
        attributes = node.attributes
        text = attributes.get("alt") or ""
        if _is_tiny(node, attributes) or not (text or _own(attributes) or _of_sources(node)):
            return ""
    label = line(text)
    return f"[image: {label}]" if label else "[image]"


def is_placeholder(address: str) -> bool:
    """Whether an address is not an image: a `data:` address, or the name of an empty image or of a placeholder."""
    if address[:5].lower() == "data:":
        return True
    name = address.partition("?")[0].partition("#")[0].rpartition("/")[2].lower()
    if len(name) > _LONGEST_NAME:
        return False
    stem, _, extension = name.rpartition(".") if "." in name else (name, "", "")
    bare = _PIXELS.sub(" ", stem)
    words = _WORD.findall(bare)
    if not words:
        return stem in _ONE_PIXEL
    core = [word for word in words if word not in _SIDE_WORDS] or ["".join(words)]
    if all(word in _WAITING for word in core):
        return True
    empty = _EMPTY | _EMPTY_GIF if extension == "gif" else _EMPTY
    return extension in ("gif", "png", "svg", "webp", "") and stem.isalpha() and all(word in empty for word in core)


def candidates(srcset: str) -> Iterator[Candidate]:
    """Yield the images of a `srcset`.

    An address may hold commas, but not end with one (HTML Standard, "Parsing a srcset attribute").
    """
    position = number = 0
    while number < _MOST_CANDIDATES and (found := _CANDIDATE.match(srcset, position)):
        number += 1
        address, size, unit, others = found.groups()
        position = found.end()
        if address.endswith(","):
            address, size, unit, others, position = address.rstrip(","), None, None, "", found.end(1)
        if size is None and (described := _DESCRIPTOR.search(others)):
            size, unit = described.groups()
        if address:
            yield unit == "w", float(size or 1), address


def _own(attributes: _Attributes) -> str | None:
    """Return the address by an image's own attributes."""
    late = None if _LATE.isdisjoint(attributes) else _largest(attributes, LAZY_SETS, LAZY)
    return late or _largest(attributes, ("srcset",), ("src",))


def _largest(attributes: _Attributes, sets: Iterable[str], singles: Iterable[str]) -> str | None:
    """Return the largest image of the sets; a single address counts as the density 1."""
    srcset = next(filter(None, map(attributes.get, sets)), None)
    found = list(candidates(srcset)) if srcset else []
    found += [(False, 1.0, value.strip()) for name in singles if (value := attributes.get(name))]
    return _best(found)


def _best(found: list[Candidate]) -> str | None:
    """Return the address of the largest image that is not a placeholder; of two of one size the first."""
    if len(found) > 1:
        found.sort(key=lambda each: each[:2], reverse=True)
    return next((address for _, _, address in found if _is_usable(address)), None)


def _is_usable(address: str) -> bool:
    """Return whether a text may be an image's address: `data-lazy="true"` and `src="#"` are not."""
    if not address or address[0] == "#" or ("." not in address and "/" not in address):
        return False
    return not _NO_ADDRESS.search(address) and not is_placeholder(address)


def _of_sources(node: Node) -> str | None:
    """Return the largest image among the sources of the `picture` around an image."""
    picture = node.parent
    if picture is None or picture.tag_id != _PICTURE:
        return None
    found: list[Candidate] = []
    child = picture.first_child
    for _ in range(_MOST_SOURCES):
        if child is None:
            break
        if child.tag_id == _SOURCE:
            attributes = child.attributes
            names = (name for name in (*LAZY_SETS, "srcset") if attributes.get(name))
            found += candidates(attributes.get(next(names, "")) or "")
        child = child.next
    return _best(found)


def _in_any_attribute(attributes: _Attributes) -> str | None:
    """Return the address of an image in any attribute that a script reads: `data-url="/photo.jpg"`."""
    named = [
        (name, value.strip())
        for name, value in attributes.items()
        if name.startswith("data-") and value and len(value) <= _LONGEST and not _OTHER_USES.search(name)
    ]
    found = [pair for pair in named if _IMAGE_ADDRESS.fullmatch(pair[1]) and _is_usable(pair[1])]
    return min(found, key=lambda pair: "src" not in pair[0])[1] if found else None


def _is_tiny(node: Node, attributes: _Attributes) -> bool:
    """Return whether an image has at most one pixel of width or height; a style takes precedence."""
    style = attributes.get("style")
    if style and (styled := _STYLED.findall(style)):
        return any(_TINY.match(value) for value in styled)
    width, height = attributes.get("width"), attributes.get("height")
    return bool((width and _TINY.match(width)) or (height and _TINY.match(height))) and node.tag == "img"
