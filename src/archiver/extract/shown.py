"""Fill fields with declared and printed values, and their source."""

from collections.abc import Iterable
from typing import NamedTuple

from archiver.extract.entities import shown
from archiver.extract.gathered import Gathered
from archiver.extract.page import ParsedPage
from archiver.extract.rules import FoundValue, source_of
from archiver.extract.tree import Node
from archiver.model.record import Source

META, JSONLD, DOCUMENT = "fallback:meta", "fallback:jsonld", "document"
_RAW = 500


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
