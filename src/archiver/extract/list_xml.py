"""Read the XML of a sitemap or a feed as servers send it, faults included.

XML parsers stop at the first fault, and libxml2's recovering mode loses the rest after a tag that is not closed. So the
tags are found here, in linear time. An end tag closes the innermost element of its name, and is skipped if there is
none. A document type is skipped, so no entity is declared, expanded or fetched; references to characters and HTML's
entities are replaced.
"""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

MOST_LISTED = 50_000  # addresses: the limit of the standard for a sitemap
LONGEST = 4_096  # characters of one value
_DEEPEST = 32  # elements within elements; deeper ones are skipped
SNIFFED = 2_048  # characters that must contain the first element
_ROOTS = {"urlset": "sitemap", "sitemapindex": "sitemap", "rss": "feed", "feed": "feed", "rdf": "feed"}
_ROOT = re.compile(r"<(?:[a-z][\w.-]*:)?(urlset|sitemapindex|rss|feed|rdf)[\s>]", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[(?P<raw>.*?)(?:\]\]>|\Z)|<[!?][^<>]*+>"
    r"|<(?P<end>/?)(?:(?P<prefix>[A-Za-z_][\w.-]*+):)?(?P<name>[A-Za-z_][\w.-]*+)(?P<attributes>[^<>]*+)>|(?P<text>[^<]++|<)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"(?<![\w.:-])([A-Za-z_][\w.:-]*+)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>/]++))")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")
_ITEMS = {"sitemap": frozenset(("url", "sitemap")), "feed": frozenset(("item", "entry"))}
_MOMENTS = ("lastmod", "updated", "modified", "pubdate", "date", "published", "issued")
_VALUES = frozenset(("loc", "link", "guid", "id", *_MOMENTS))


@dataclass
class Listing:
    """The contents of a sitemap or a feed. `items`: each address with the moment printed with it, "" without one.

    Attributes:
        kind: sitemap or feed.
        maps: the sitemaps that it names.
        note: a fact for people: what of the file was not read.
    """

    kind: str
    items: list[tuple[str, str]] = field(default_factory=list)
    maps: list[str] = field(default_factory=list)
    note: str = ""


class _Name(NamedTuple):
    """The prefix and the name of an element, in lower case."""

    prefix: str
    local: str


class _Full(Exception):
    """The list has more addresses than are read."""


class _Reader:
    """Follows the elements of one file. `open`: the elements that are open, without the root."""

    def __init__(self, root: str) -> None:
        self.listing = Listing(_ROOTS[root])
        self.open: list[_Name] = []
        self._items = _ITEMS[self.listing.kind]
        self._item: dict[str, str] | None = None
        self._value = ""
        self._text: list[str] = []
        self._room = 0

    @property
    def _depth(self) -> int:
        """The number of open elements from the item on; 1 within the item itself."""
        return len(self.open) - next(place for place, name in enumerate(self.open) if name.local in self._items)

    def start(self, name: _Name, attributes: str, *, is_empty: bool) -> None:
        """Take a start tag."""
        if name.local in self._items:
            self._close_item()
            self._item = {}
        elif self._value and name.local in _VALUES:  # the value before it was not closed
            self.end(self.open[-1])
        if len(self.open) < _DEEPEST:
            self.open.append(name)
            if self._item is not None and self._is_value(name):
                self._begin(name, attributes)
            if is_empty:
                self.end(name)

    def _is_value(self, name: _Name) -> bool:
        """Whether an element is a value of the item: `image:loc` is not `loc`. A moment may have any prefix."""
        is_known = name.local in _MOMENTS or (name.local in _VALUES and name.prefix == self.open[-2].prefix)
        return is_known and self._depth == 2  # noqa: PLR2004  (a child of the item)

    def _begin(self, name: _Name, attributes: str) -> None:
        assert self._item is not None  # noqa: S101  (the caller has checked it)
        values = {key.lower(): text_of(one or two or bare) for key, one, two, bare in _ATTRIBUTE.findall(attributes)}
        self._value, self._text, self._room = name.local, [], LONGEST
        if name.local == "link" and values.get("rel", "alternate") == "alternate" and values.get("href"):
            self._item.setdefault("link", values["href"][:LONGEST].strip())
        is_other_link = name.local == "link" and "rel" in values
        is_no_address = name.local == "guid" and values.get("ispermalink", "true").lower() != "true"
        if is_other_link or is_no_address:
            self._value = ""

    def data(self, text: str) -> None:
        """Take text."""
        if self._value and self._room > 0:
            self._text.append(text[: self._room])
            self._room -= len(text)

    def end(self, name: _Name) -> None:
        """Take an end tag."""
        if name not in self.open:
            return
        place = len(self.open) - 1 - self.open[::-1].index(name)
        if self._value and self._item is not None:
            if value := "".join(self._text).strip():
                self._item.setdefault(self._value, value)
            self._value = ""
        if any(each.local in self._items for each in self.open[place:]):
            self._close_item()
        del self.open[place:]

    def _close_item(self) -> None:
        """End the open item, if there is one, and all elements in it."""
        place = next((place for place, name in enumerate(self.open) if name.local in self._items), None)
        if place is None or self._item is None:
            return
        item, is_map, self._item, self._value = self._item, self.open[place].local == "sitemap", None, ""
        del self.open[place:]
        address = item.get("loc") or item.get("link") or item.get("guid") or item.get("id", "")
        address = address.replace("&amp;", "&")  # it was escaped twice
        if not address:
            return
        if len(self.listing.items) + len(self.listing.maps) >= MOST_LISTED:
            raise _Full
        if is_map:
            self.listing.maps.append(address)
        else:
            self.listing.items.append((address, next((item[name] for name in _MOMENTS if name in item), "")))

    def close(self) -> None:
        """Take the end of the file."""
        self._close_item()


def starts_list(text: str) -> bool:
    """Whether a text begins like a sitemap or a feed. Comments, blank lines or a server's message may come first."""
    start = text[:SNIFFED]
    root, page = _ROOT.search(start), _HTML.search(start)
    return root is not None and (page is None or root.start() < page.start())


def read_list_xml(text: str) -> Listing:
    """Return the contents of a sitemap or a feed. The text is one for which `starts_list` is true."""
    root = _ROOT.search(text)
    assert root is not None  # noqa: S101  (the caller has looked)
    reader, is_cut = _Reader(root[1].lower()), True
    try:
        for token in _TOKEN.finditer(text, root.start()):
            if token["name"]:
                name = _Name((token["prefix"] or "").lower(), token["name"].lower())
                if name.local == root[1].lower():
                    is_cut = not token["end"]
                elif token["end"]:
                    reader.end(name)
                else:
                    reader.start(name, token["attributes"], is_empty=token["attributes"].endswith("/"))
            else:
                reader.data(token["raw"] or text_of(token["text"] or ""))
        reader.close()
        reader.listing.note = "the file is cut" if is_cut else ""
    except _Full:
        reader.listing.note = f"more than {MOST_LISTED} addresses: the rest was not read"
    return reader.listing


def text_of(text: str) -> str:
    """Return text with its references replaced and without control characters. A `&` of no reference stays."""
    if "&" in text:
        text = _REFERENCE.sub(lambda found: unescape(found[0]), text)
    return text if text.isprintable() else "".join(char for char in text if char.isprintable() or char.isspace())
