"""Articles on several addresses (`continues`): the addresses of their parts, the order, and the joint record. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from archiver.extract.links import addresses_of, anchors
from archiver.extract.page import ParsedPage
from archiver.extract.tree import TEXT, Node
from archiver.model.record import LIST_FIELDS, Record, Source

MOST_PARTS = 50
"""Parts of an article, the first included."""
_MOST_CLIMBS = 200  # links whose containers are looked at
_MOST_CHILDREN = 200
_DEEPEST = 5
_LONGEST_LABEL = 24  # letters of "Page 2 of 5"
_SENTENCE = re.compile(r"[.!?。!?]\s*\Z")
_OF_LABELS = frozenset(
    (
        "a",
        "abbr",
        "b",
        "bdi",
        "em",
        "font",
        "i",
        "label",
        "li",
        "small",
        "span",
        "strong",
        "u",
        "table",
        "tbody",
        "tr",
        "td",
    )
)
"""Elements whose text may be a part of a label; other elements with text are content."""
_OUTERMOST = frozenset(("html", "head", "body", "main", "article", "section"))
_PREVIOUS = "a[rel~=prev], a[rel~=previous]"
_NUMBERED = re.compile(r"[\W_]*(?:[a-z]+[=/_.-]+)?(\d{0,6})[\W_]*", re.IGNORECASE)


class Part(NamedTuple):
    """A later part of an article: its address, the time of the capture (UTC text), and its record."""

    url: str
    at: str
    record: Record


def parts_named(page: ParsedPage, selector: str) -> tuple[str, ...]:
    """Return the addresses that a page links to as other parts of its article."""
    own = page.url.partition("#")[0]
    return tuple(url for url in addresses_of(anchors(selector, page), page) if url != own)


def earlier_part(page: ParsedPage, selector: str, named: Sequence[str], canonical: str | None) -> str | None:
    """Return the address of the first part, or of the part before, when a page says that it is a later part.

    It says so by a link to a part with a lower number at the same place of its address, by a canonical address with
    one, or, when `continues` follows links to the next part, by a link to the previous one.
    """
    own = page.url.partition("#")[0]
    declared = [canonical] if canonical and named else []
    lower = [
        (numbers[1], url) for url in (*named, *declared) if (numbers := _numbers(own, url)) and numbers[1] < numbers[0]
    ]
    if lower:
        return min(lower)[1]
    if "next" not in selector:
        return None
    previous = addresses_of(page.document.css(f"{_PREVIOUS}, link[rel~=prev], link[rel~=previous]"), page)
    return next((url for url in previous if url != own), None)


def in_order(first: str, urls: Sequence[str]) -> list[str]:
    """Return the addresses of later parts by number; in the order given when not all differ from the first by one."""
    places = {url: _numbers(first, url) for url in urls}
    if any(place is None for place in places.values()):
        return list(urls)
    return sorted(urls, key=lambda url: (places[url] or (0, 0))[1])


def is_first_again(first: str, url: str) -> bool:
    """Return whether an address may be the first part by another name: `/a?page=1` for `/a`."""
    return _numbers(first, url) in ((0, 1), (1, 0))


def _numbers(one: str, other: str) -> tuple[int, int] | None:
    """Return the numbers at the one place where two addresses differ (0: none); None when they differ otherwise."""
    start = _common(one, other)
    while start and one[start - 1].isdigit() and (one[start:][:1].isdigit() or other[start:][:1].isdigit()):
        start -= 1
    end = _common(one[start:][::-1], other[start:][::-1])
    while end and one[-end].isdigit():
        end -= 1
    middles = (text[start : len(text) - end] for text in (one, other))
    found = [_NUMBERED.fullmatch(middle) for middle in middles]
    if found[0] is None or found[1] is None:
        return None
    return int(found[0][1] or 0), int(found[1][1] or 0)


def _common(one: str, other: str) -> int:
    """Return the length of the common beginning of two texts."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def cut_links(page: ParsedPage, selector: str) -> None:
    """Remove the links to the parts, each with the container that holds nothing but such links and a short label."""
    nodes = page.document.css(f"{selector}, {_PREVIOUS}" if "next" in selector else selector)
    cut = {node.mem_id for node in nodes}
    page.remove([*nodes, *(outer for node in nodes[:_MOST_CLIMBS] for outer in _containers(node, cut))])


def _containers(node: Node, cut: set[int]) -> Iterator[Node]:
    step = node.parent
    while step is not None and step.is_element_node and step.tag not in _OUTERMOST and _is_label(step, cut):
        yield step
        step = step.parent


def _is_label(node: Node, cut: set[int]) -> bool:
    """Return whether a node has nothing but links to parts, the number of this part, and a short label."""
    pieces: list[str] = []
    if not _collect(node, cut, pieces, _DEEPEST):
        return False
    text = "".join(pieces)
    return sum(map(str.isalpha, text)) <= _LONGEST_LABEL and not _SENTENCE.search(text)


def _collect(node: Node, cut: set[int], pieces: list[str], depth: int) -> bool:
    """Collect the text of a node outside the links to parts; return False when it holds more than a line of text."""
    child, room = node.first_child, _MOST_CHILDREN
    while child is not None:
        room -= 1
        if room < 0 or depth == 0:
            return False
        if child.tag_id == TEXT:
            pieces.append(child.text_content or "")
        elif child.is_element_node and child.mem_id not in cut:
            is_block = child.tag not in _OF_LABELS
            inner: list[str] = []
            if child.tag in ("img", "svg", "video", "iframe") or not _collect(child, cut, inner, depth - 1):
                return False
            if is_block and "".join(inner).strip():
                return False
            pieces += inner
        child = child.next
    return True


def join(first: Record, parts: Sequence[Part]) -> Record:
    """Return the record of an article: that of its first part, with the texts and the lists of its parts in order.

    The sources `body.2`, `images.2`, … say of each later part by which rule it was read, and name its capture.
    """
    records = [first, *(part.record for part in parts)]
    values: dict[str, Any] = {
        name: tuple(dict.fromkeys(item for each in records for item in getattr(each.content, name)))
        for name in LIST_FIELDS
    }
    body = "\n\n".join(each.content.body for each in records if each.content.body) or None
    extra = dict(pair for each in reversed(records) for pair in each.content.extra)
    unread = {name for part in parts for name in part.record.unread if name == "body" or name in LIST_FIELDS}
    return replace(
        first,
        content=replace(first.content, body=body, extra=tuple(extra.items()), **values),
        sources=(*first.sources, *_sources(parts)),
        links=tuple(dict.fromkeys(link for each in records for link in each.links)),
        unread=tuple(sorted({*first.unread, *unread})),
    )


def _sources(parts: Iterable[Part]) -> Iterator[tuple[str, Source]]:
    for number, part in enumerate(parts, start=2):
        for name, source in part.record.sources:
            if name == "body" or name in LIST_FIELDS:
                yield f"{name}.{number}", replace(source, raw=f"{part.at} {part.url}")
