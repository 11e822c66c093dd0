"""The values found in a page so far, before they become a record."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from archiver.extract.page import ParsedPage
from archiver.extract.rules import FoundValue, source_of
from archiver.extract.tree import Node
from archiver.model.record import Content, Published, Record, Source

MOST_ITEMS = 100
"""The maximum number of items of a list with a source of their own."""


@dataclass(slots=True)
class Gathered:
    """The values so far, and their sources.

    Attributes:
        values: content fields by name, as `Content` holds them; and `modified`, which is no content.
        extra: fields of other names.
        ruled: the fields with rules: no fallback fills them.
        cut: the nodes (`mem_id`) that are not part of the body, with the field that cut them out; `cut_nodes`: the
            nodes.
        bodies: the nodes of the body; `field_nodes`: those of other fields with rules.
        date_nodes: those of dates with rules.
        caption_nodes: those of captions found without a rule.
        unread: fields that the archiver could not read; whether the page has them is unknown.
        missed_body: whether the body has rules, none of them gave one, and the fallback may; `missed_date`: the same
            of the date of publication.
        undated: a printed text without a date that the rules of the date gave, and its source.
    """

    values: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    item_sources: dict[str, Source] = field(default_factory=dict)
    ruled: set[str] = field(default_factory=set)
    cut: dict[int, str] = field(default_factory=dict)
    cut_nodes: list[Node] = field(default_factory=list)
    bodies: list[Node] = field(default_factory=list)
    field_nodes: list[Node] = field(default_factory=list)
    date_nodes: list[Node] = field(default_factory=list)
    caption_nodes: list[Node] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    missed_body: bool = False
    missed_date: bool = False
    undated: tuple[Published, Source] | None = None

    def cut_out(self, found: list[FoundValue], name: str) -> None:
        """Cut the nodes of a field out of the body."""
        nodes = [each.node for each in found if each.node is not None]
        self.cut.update((node.mem_id, name) for node in nodes)
        self.cut_nodes += nodes

    def wants(self, name: str) -> bool:
        """Return whether a field has neither a rule nor a value."""
        return name not in self.ruled and name not in self.values

    def fill(self, name: str, value: Any, source: Source) -> None:  # noqa: ANN401  (its type is that of `Content`)
        """Set a field's value and source."""
        self.values[name] = value
        self.sources[name] = source

    def fill_items(
        self, name: str, items: Iterable[tuple[str, FoundValue]], rule: str, rank: int, page: ParsedPage
    ) -> None:
        """Keep the sources of the items of a list after the first, as `captions[2]`; of equal items, the first counts.

        A text that is the item itself is not kept.
        """
        found: dict[str, FoundValue] = {}
        for value, each in items:
            found.setdefault(value, each)
            if len(found) >= MOST_ITEMS:
                break
        for number, (value, each) in enumerate(islice(found.items(), 1, None), start=2):
            self.item_sources[f"{name}[{number}]"] = source_of(each, rule, rank, page, known=value)

    def content(self) -> Content:
        """Return the content for a record."""
        values = {name: value for name, value in self.values.items() if name != "modified"}
        return Content(**values, extra=tuple(self.extra.items()))

    def onto(self, record: Record, **others: Any) -> Record:  # noqa: ANN401  (fields of `Record`)
        """Return a record with these values and their sources, and with other fields of it."""
        return replace(
            record,
            **others,
            content=self.content(),
            modified=self.values.get("modified"),
            sources=tuple(self.sources.items()),
            item_sources=tuple(self.item_sources.items()),
            unread=tuple(sorted(self.unread)),
        )
