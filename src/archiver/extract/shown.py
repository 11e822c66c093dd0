"""Fill fields with declared and printed values: their source, and the cleaning of their text."""

import html
import re
from collections.abc import Iterable
from html.entities import html5
from typing import NamedTuple

from archiver.extract.body import line
from archiver.extract.gathered import Gathered
from archiver.extract.page import ParsedPage
from archiver.extract.rules import FoundValue, source_of
from archiver.extract.tree import Node
from archiver.model.record import Source

META, JSONLD, DOCUMENT = "fallback:meta", "fallback:jsonld", "document"
_RAW = 500
_MOST_UNESCAPED = 2
"""The number of times entities are unescaped: some sites escape a text that their template escapes again."""


_ENTITY = re.compile(r"&(?:#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|([A-Za-z][A-Za-z0-9]{1,31};))")
"""With its semicolon: "?a=1&copy=2" contains none."""


class Slot(NamedTuple):
    """One value of a page: its rule as in sources, its text, and its node."""

    rule: str
    text: str
    node: Node | None = None


def meta_slots(page: ParsedPage, *names: str) -> list[Slot]:
    """Return the values of some `<meta>`."""
    return [Slot(META, shown(value)) for name in names for value in page.slots.meta(name)]


def jsonld_slots(page: ParsedPage, *paths: str) -> list[Slot]:
    """Return the values at some paths of the JSON-LD objects about this page."""
    objects = page.main_objects
    return [Slot(JSONLD, shown(text)) for path in paths for each in objects for text in page.slots.of(each, path)]


def node_slots(page: ParsedPage, nodes: Iterable[Node]) -> list[Slot]:
    """Return the texts of some nodes."""
    return [Slot(DOCUMENT, page.line(node), node) for node in nodes]


def fill_from(name: str, slot: Slot, value: object, page: ParsedPage, into: Gathered) -> None:
    """Set a field's value and source."""
    if value:
        found = FoundValue(slot.text, slot.node, slot.text)
        source = (
            source_of(found, slot.rule, 0, page) if slot.node is not None else Source(slot.rule, 0, slot.text[:_RAW])
        )
        into.fill(name, value, source)


def shown(text: str) -> str:
    """Return a declared value as one line; entities are unescaped until none is left, at most twice."""
    for _ in range(_MOST_UNESCAPED):
        plain = _ENTITY.sub(_entity, text) if "&" in text else text
        if plain == text:
            break
        text = plain
    return line(text)


def _entity(found: re.Match[str]) -> str:
    return html5.get(found[1], found[0]) if found[1] else html.unescape(found[0])
