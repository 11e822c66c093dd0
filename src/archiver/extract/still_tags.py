"""Rewrite the tags of a page so that a browser without scripts shows it from the archive alone.

Addresses of requisites and links become addresses of copies. What would act by itself loses its effect: refreshes,
`<base>`, preloads and connections, pings. Its attribute is renamed (`data-archived-…`), so the page still says what it
said. Scripts and handlers stay as they are: the server's Content-Security-Policy stops them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

from archiver.extract.css import CssAddress, css_string, own_address, replace_addresses
from archiver.extract.images import LAZY_SETS, candidates, late_address
from archiver.extract.linked import ICONS, OTHER_LINKS, is_loaded_late, is_style_link, relations_of
from archiver.extract.markup import Attribute
from archiver.extract.page import ParsedPage
from archiver.text.percent import percent_encode_path
from archiver.text.url import absolute

RENAMED = "data-archived-"
"""Begins the name of an attribute that has no effect any more."""
NOTHING = "data:,"
_MODIFIERS = {
    **dict.fromkeys(("img", "image", "input", "feimage", "use", "body", "table", "td", "th", "tr", "bgsound"), "im_"),
    **dict.fromkeys(("video", "audio", "track", "embed", "object", "source"), "oe_"),
    **dict.fromkeys(("iframe", "frame"), "if_"),
    "script": "js_",
}
_IMAGES = frozenset(("background", "poster", "lowsrc", "dynsrc"))
_ADDRESSES = frozenset(("src", "data", "action", "formaction", *_IMAGES))
_SETS = frozenset(("srcset", "imagesrcset"))
_DROPPED = frozenset(("integrity", "crossorigin", "nonce", "ping", "attributionsrc", "target", "referrerpolicy"))
_HARMLESS_METAS = frozenset(("content-type", "content-language", "default-style", "x-ua-compatible"))
_LINKS = frozenset(("a", "area"))
_HREFS = frozenset(("href", "xlink:href"))
_TOUCHED = frozenset(("style", "srcdoc", "manifest", *_HREFS, *_ADDRESSES, *_SETS, *_DROPPED))
_MOVED = frozenset(("animate", "set", "animatemotion", "animatetransform"))
_ALWAYS = frozenset(("meta", "base", "link", "img", *_MOVED))


@dataclass(frozen=True, slots=True)
class CopyAddresses:
    """Makes the addresses of copies.

    Attributes:
        requisite: of what a page loads, by its absolute address and the modifier of its kind (`im_`, `cs_`, …).
        link: of a page that a link leads to.
        prefixes: what the addresses that `requisite` and `link` return begin with.
    """

    requisite: Callable[[str, str], str]
    link: Callable[[str], str]
    prefixes: tuple[str, ...]


def still_css(text: str, base: str, charset: str, addresses: CopyAddresses) -> str:
    """Return a style sheet, or the value of a `style` attribute, with addresses of copies.

    Args:
        text: the CSS.
        base: the address to which its addresses are relative.
        charset: the encoding of the page that holds it; queries of its addresses are escaped in it.
        addresses: makes the addresses.
    """

    def replacement(found: CssAddress) -> str:
        own = own_address(found)
        if own is not None:
            return css_string(own)
        url = absolute(base, found.address, charset)
        return css_string(addresses.requisite(url, "cs_" if found.is_import else "im_")) if url else NOTHING

    return replace_addresses(text, replacement)


class TagRewriter:
    """Rewrites the tags of one page."""

    def __init__(self, page: ParsedPage, addresses: CopyAddresses, document: Callable[[str], str | None]) -> None:
        """Prepare a page.

        Args:
            page: its base and its charset.
            addresses: makes the addresses.
            document: rewrites the document in an `srcdoc`; None: it cannot be shown.
        """
        self._page, self._addresses, self._document = page, addresses, document

    def rewritten(self, tag: str, attributes: list[Attribute]) -> str | None:
        """Return the attributes of a start tag as text, with a space before each; None when nothing changes."""
        names = {each.name for each in attributes}
        if tag not in _ALWAYS and names.isdisjoint(_TOUCHED):
            return None
        values = {each.name: each.value for each in attributes}
        changed = self._changed(tag, values)
        return "".join(f" {each}" for each in self._final(attributes, changed))

    def _final(self, attributes: list[Attribute], changed: dict[str, str | None]) -> list[str]:
        """Return the attributes that are written: those that changed, and the others as they were."""
        kept = []
        for each in attributes:
            if each.name not in changed:
                kept.append(each.written)
                continue
            value = changed.pop(each.name)
            if value is not None:
                kept.append(f'{each.name}="{escape(value)}"')
            elif each.name not in _DROPPED:
                kept.append(f'{RENAMED}{each.name.replace(":", "-")}="{escape(each.value or "")}"')
        return kept + [f'{name}="{escape(value)}"' for name, value in changed.items() if value is not None]

    def _changed(self, tag: str, values: Mapping[str, str | None]) -> dict[str, str | None]:
        """Return the attributes that change, by name; None: the attribute loses its effect."""
        changed: dict[str, str | None] = {}
        for name, value in values.items():
            if name in _DROPPED or (name == "manifest" and tag == "html"):
                changed.setdefault(name, None)
            elif name in _HREFS:
                changed |= self._href(tag, name, value or "")
            elif name in _ADDRESSES:
                changed[name] = self._requisite(value or "", _modifier(tag, name))
            elif name in _SETS:
                changed[name] = self._set(value or "")
            elif name == "style":
                changed[name] = still_css(value or "", self._page.base, self._page.charset, self._addresses)
            elif name == "srcdoc":
                changed[name] = self._document(value or "")
        special = _SPECIAL.get(tag)
        return {**changed, **special(self, values)} if special else changed

    def _href(self, tag: str, name: str, value: str) -> dict[str, str | None]:
        if tag not in _LINKS:
            return {name: self._requisite(value, _modifier(tag, name))}
        plain = value.strip()
        if not plain or plain.startswith("#") or OTHER_LINKS.fullmatch(plain):
            return {name: plain}
        url = self._page.absolute(plain)
        if url is None:
            return {name: None}
        return {name: self._addresses.link(url) + _fragment(plain), "target": "_top"}

    def _requisite(self, value: str, modifier: str) -> str | None:
        plain = value.strip()
        if not plain or plain.startswith("#") or plain[:5].lower() == "data:":
            return plain
        url = self._page.absolute(plain)
        return None if url is None else self._addresses.requisite(url, modifier) + _fragment(plain)

    def _set(self, value: str) -> str:
        """Return a `srcset` with addresses of copies."""
        written = []
        for is_width, size, address in candidates(value):
            copy = self._requisite(address, "im_")
            if copy:
                written.append(f"{copy} {size:.6g}{'w' if is_width else 'x'}")
        return ", ".join(written)

    def linked(self, values: Mapping[str, str | None]) -> dict[str, str | None]:
        """Return what changes in a `link`: only style sheets and icons are loaded, nothing is connected to."""
        href = values.get("href") or ""
        if is_style_link(values):
            late = {"media": None} if "media" in values and is_loaded_late(values) else {}
            return {"rel": "stylesheet", "href": self._requisite(href, "cs_"), **late}
        if relations_of(values) & ICONS:
            return {"rel": "icon", "href": self._requisite(href, "im_"), "imagesrcset": None}
        is_other_style = "stylesheet" in relations_of(values)
        return {"href": self._requisite(href, "cs_") if is_other_style else None, "imagesrcset": None}

    def described(self, values: Mapping[str, str | None]) -> dict[str, str | None]:
        """Return what changes in a `meta`: refreshes, policies and the like lose their effect."""
        said = (values.get("http-equiv") or "").strip().lower()
        is_kept = "http-equiv" not in values or said in _HARMLESS_METAS
        changed: dict[str, str | None] = {} if is_kept else {"http-equiv": None}
        is_referrer = (values.get("name") or "").strip().lower() == "referrer"
        return {**changed, "name": None} if is_referrer else changed

    def pictured(self, values: Mapping[str, str | None]) -> dict[str, str | None]:
        """Return what changes in an `img`: one that a script would load is loaded at once."""
        late = late_address(values)
        if late is None:
            return {}
        later_sets = [self._set(values[name] or "") for name in LAZY_SETS if values.get(name)]
        return {"src": self._requisite(late, "im_"), **({"srcset": later_sets[0]} if later_sets else {})}

    def moved(self, values: Mapping[str, str | None]) -> dict[str, str | None]:
        """Return what changes in an animation of SVG: it may not move an address."""
        named = (values.get("attributename") or "").strip().lower()
        return {"attributename": None} if named in _HREFS else {}

    def based(self, values: Mapping[str, str | None]) -> dict[str, str | None]:
        """Return what changes in a `base`: all of it."""
        return dict.fromkeys(values)


_SPECIAL: dict[str, Callable[[TagRewriter, Mapping[str, str | None]], dict[str, str | None]]] = {
    "link": TagRewriter.linked,
    "meta": TagRewriter.described,
    "img": TagRewriter.pictured,
    "base": TagRewriter.based,
    **dict.fromkeys(_MOVED, TagRewriter.moved),
}


def _modifier(tag: str, name: str) -> str:
    if name in _IMAGES:
        return "im_"
    return "mp_" if name in ("action", "formaction") else _MODIFIERS.get(tag, "mp_")


def _fragment(address: str) -> str:
    _, mark, fragment = address.partition("#")
    return f"#{percent_encode_path(fragment)}" if mark else ""
