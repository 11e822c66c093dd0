"""Make a captured page one HTML text that needs nothing else and does nothing.

Its images, style sheets and fonts are put into it. What runs, sends or loads is left out: scripts, handlers, frames,
addresses of forms, refreshes, plug-ins. The text is serialised from the parsed tree, element by element, so what the
parser understood is what a browser understands; the Content-Security-Policy that the caller puts first is the second
barrier.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from archiver.extract.images import LAZY, LAZY_SETS, candidates, image_address, is_placeholder
from archiver.extract.inliner import Inliner
from archiver.extract.linked import ICONS, OTHER_LINKS, is_loaded_late, is_style_link, relations_of
from archiver.extract.page import ParsedPage
from archiver.extract.requisites import is_image_element
from archiver.extract.tree import TEXT, Node, attribute, is_foreign, nodes_of

_DROPPED = frozenset(
    [
        "script",
        "noscript",
        "iframe",
        "frame",
        "frameset",
        "noframes",
        "noembed",
        "embed",
        "applet",
        "param",
        "base",
        "template",
        "portal",
        "fencedframe",
        "source",
        "track",
        "foreignobject",
        "animate",
        "animatemotion",
        "animatetransform",
        "animatecolor",
        "set",
        "discard",
        "mglyph",
        "malignmark",
        "annotation-xml",
        "plaintext",
        "bgsound",
        "handler",
        "listener",
    ]
)
"""Elements that are left out with their content."""
_UNWRAPPED = frozenset(("object", "picture", "noindex"))
"""Elements of which only the content is written."""
_AS_PRE = frozenset(("xmp", "listing"))
_VOID = frozenset(["area", "br", "col", "hr", "img", "input", "wbr"])
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,60}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,80}(?::[A-Za-z][A-Za-z0-9_-]{0,30})?")
_LEFT_OUT = frozenset(
    [
        "action",
        "formaction",
        "method",
        "target",
        "formtarget",
        "ping",
        "srcdoc",
        "src",
        "srcset",
        "sizes",
        "imagesrcset",
        "href",
        "xlink:href",
        "data",
        "classid",
        "codebase",
        "archive",
        "code",
        "manifest",
        "integrity",
        "crossorigin",
        "nonce",
        "http-equiv",
        "background",
        "poster",
        "lowsrc",
        "dynsrc",
        "longdesc",
        "cite",
        "profile",
        "usemap",
        "attributionsrc",
        "autofocus",
        "is",
        "style",
        "loading",
        "fetchpriority",
        "referrerpolicy",
        "xml:base",
        "from",
        "to",
        "values",
        "by",
    ]
)
"""Attributes that are left out, or written by the rules for their elements."""
_LATE = frozenset((*LAZY, *LAZY_SETS))
_METAS = frozenset(
    ["viewport", "description", "author", "keywords", "generator", "color-scheme", "theme-color", "date"]
)
_OWN_IMAGE = re.compile(r"data:image/[a-z0-9.+-]{1,40}[;,]", re.IGNORECASE)
_FOREIGN_ADDRESS = re.compile(r"url\(\s*[\"']?(?!#)", re.IGNORECASE)
_DOCTYPE = re.compile(
    r"(?:\ufeff|\s|<!--.{0,2000}?-->|<\?xml[^>]{0,200}>){0,20}(<!doctype\s[\w\s\"'/.:+-]{1,300}>)",
    re.IGNORECASE | re.DOTALL,
)
_Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Additions:
    """What the caller adds to a page: HTML that is written as it is.

    Attributes:
        head: written first into the head.
        end: written after the body.
    """

    head: str
    end: str


def standalone(page: ParsedPage, inliner: Inliner, link: Callable[[str], str], additions: Additions) -> str:
    """Return the text of a page.

    Args:
        page: the parsed page.
        inliner: puts the page's requisites in.
        link: returns the address to write for the absolute address of a link.
        additions: what is added.
    """
    root = page.document.root
    found = _DOCTYPE.match(page.document.html)
    start = f"{found[1]}\n" if found else ""
    text = "".join(_PageWriter(page, inliner, link, additions).written(root)) if root is not None else ""
    return f"{start}{text}\n"


class _PageWriter:
    """Writes one page."""

    def __init__(self, page: ParsedPage, inliner: Inliner, link: Callable[[str], str], additions: Additions) -> None:
        self._page, self._inliner, self._link, self._additions = page, inliner, link, additions

    def written(self, root: Node) -> Iterator[str]:
        """Yield the text, piece by piece. Pages nest deeper than Python's functions may."""
        waiting: list[Node | str] = [root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, str):
                yield node
            elif node.tag_id == TEXT:
                yield escape(node.text_content or "", quote=False)
            elif node.is_element_node:
                opening, closing, has_content = self._element(node)
                yield opening
                waiting.append(closing)
                if has_content:
                    waiting += reversed(_children(node))

    def _element(self, node: Node) -> tuple[str, str, bool]:
        """Return what is written before and after the content, and whether the content is written."""
        tag = node.tag or ""
        low = tag.lower()
        special = _SPECIAL.get(low)
        if special is not None:
            return special(self, node), "", False
        if low in _DROPPED:
            return "", "", False
        if low in _UNWRAPPED or not _TAG.fullmatch(tag):
            return self._image_of(node) if low == "object" and is_image_element(node) else ("", "", True)
        tag = "pre" if low in _AS_PRE else tag
        opening = _opening(tag, self._attributes(node, low))
        if low in _VOID:
            return opening, "", False
        if low == "head":
            return opening + self._additions.head, "</head>", True
        return opening, (self._additions.end if low == "html" else "") + f"</{tag}>", True

    def _attributes(self, node: Node, tag: str) -> _Attributes:
        written = node.attributes
        kept = {
            name: value or ""
            for name, value in written.items()
            if _NAME.fullmatch(name) and not name.lower().startswith("on") and name.lower() not in _LEFT_OUT | _LATE
        }
        kept = {name: value for name, value in kept.items() if not _FOREIGN_ADDRESS.search(value)}
        kept.update(self._addresses(node, tag))
        if style := written.get("style"):
            kept["style"] = self._inliner.style(style, self._page.base, self._page.charset)
        if background := self._data(written.get("background")):
            kept["background"] = background
        return kept

    def _addresses(self, node: Node, tag: str) -> _Attributes:
        """Return the attributes with addresses."""
        href = (attribute(node, "href") or attribute(node, "xlink:href") or "").strip()
        if tag in ("a", "area"):
            return self._link_to(href)
        if tag == "img":
            areas = attribute(node, "usemap") or ""
            return {"src": self._picture(node), **({"usemap": areas} if areas.startswith("#") else {})}
        if tag in ("image", "feimage"):
            return {"href": self._data(href)}
        if tag == "input":
            return {"src": self._data(attribute(node, "src"))} if attribute(node, "src") else {}
        if tag == "video" and attribute(node, "poster"):
            return {"poster": self._data(attribute(node, "poster"))}
        return {"href": href} if href.startswith("#") else {}

    def _link_to(self, href: str) -> _Attributes:
        if href.startswith("#") or OTHER_LINKS.fullmatch(href):
            return {"href": href}
        url = self._page.absolute(href) if href else None
        if url is None:
            return {}
        fragment = href.partition("#")[2]
        return {"href": self._link(url) + (f"#{fragment}" if fragment else ""), "rel": "noreferrer noopener"}

    def _picture(self, node: Node) -> str:
        """Return the image of an `img`: the first of its addresses that was captured."""
        own = (attribute(node, "src") or "").strip()
        sources = [image_address(node) or ""] if not own or is_placeholder(own) else [own, image_address(node) or ""]
        sources += [
            address for name in ("srcset", *LAZY_SETS) for *_, address in candidates(attribute(node, name) or "")
        ]
        for address in dict.fromkeys(sources):
            if address and (data := self._data(address)):
                return data
        return own if _OWN_IMAGE.match(own) else ""

    def _data(self, address: str | None) -> str:
        if not address:
            return ""
        address = address.strip()
        return address if _OWN_IMAGE.match(address) else self._inliner.data_address(self._page.absolute(address))

    def _image_of(self, node: Node) -> tuple[str, str, bool]:
        sizes = {name: value for name in ("width", "height", "class", "id") if (value := attribute(node, name))}
        return _opening("img", {**sizes, "src": self._data(attribute(node, "data"))}), "", False

    def linked(self, node: Node) -> str:
        """Return a `link`: a style sheet as a `style`, or an icon."""
        url = self._page.absolute(attribute(node, "href") or "")
        if is_style_link(node.attributes):
            sheet = self._inliner.style_sheet(url)
            return _opening("style", _media_of(node)) + sheet + "</style>" if sheet else ""
        data = self._data(attribute(node, "href")) if relations_of(node.attributes) & ICONS else ""
        return _opening("link", {"rel": "icon", "href": data}) if data else ""

    def styled(self, node: Node) -> str:
        """Return a `style`; in SVG its text is read as markup, so it is escaped there."""
        text = self._inliner.style(node.text(), self._page.base, self._page.charset)
        shown = escape(text, quote=False) if is_foreign(node) else text
        return _opening("style", _media_of(node)) + shown + "</style>"

    def described(self, node: Node) -> str:
        """Return a `meta` that only describes the page."""
        name = (attribute(node, "name") or "").strip().lower()
        is_kept = name in _METAS and attribute(node, "http-equiv") is None
        return _opening("meta", {"name": name, "content": attribute(node, "content") or ""}) if is_kept else ""

    def without_scripts(self, node: Node) -> str:
        """Return what a `noscript` in the head holds of styles: pages that load them by script have them here."""
        if node.parent is None or node.parent.tag != "head":
            return ""
        held = nodes_of(node.text()[:_LONGEST_NOSCRIPT], "link, style")
        return "".join(self.linked(each) if each.tag == "link" else self.styled(each) for each in held)


_LONGEST_NOSCRIPT = 20_000
_SPECIAL: dict[str, Callable[[_PageWriter, Node], str]] = {
    "link": _PageWriter.linked,
    "style": _PageWriter.styled,
    "meta": _PageWriter.described,
    "noscript": _PageWriter.without_scripts,
}


def _children(node: Node) -> list[Node]:
    found, child = [], node.first_child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def _opening(tag: str, attributes: _Attributes) -> str:
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>"


def _media_of(node: Node) -> _Attributes:
    """Return the media of a style sheet, unless a script would change it when the sheet is loaded."""
    media = attribute(node, "media")
    return {"media": media} if media and not is_loaded_late(node.attributes) else {}
