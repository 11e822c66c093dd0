"""What has been found in a page so far, before it becomes a record."""

from dataclasses import dataclass, field
from typing import Any

from archiver.extract.rules import FoundValue
from archiver.extract.tree import Node
from archiver.model.record import Content, Source


@dataclass(slots=True)
class Gathered:
    """The values so far, and why.

    Attributes:
        values: content fields by name, as `Content` holds them.
        extra: fields of other names.
        ruled: the fields that have rules: no fallback fills them.
        cut: the nodes (`mem_id`) that are not part of the body, and which field took them out; `cut_nodes`: the same.
        bodies: the nodes the body was taken from; `caption_nodes`: those of captions that no rule reads.
        unread: fields that could not be read for a fault of ours; whether the page has them is not known.
        missed_body: the body has rules, none of them gave one, and the fallback may.
    """

    values: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    ruled: set[str] = field(default_factory=set)
    cut: dict[int, str] = field(default_factory=dict)
    cut_nodes: list[Node] = field(default_factory=list)
    bodies: list[Node] = field(default_factory=list)
    caption_nodes: list[Node] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    missed_body: bool = False

    def cut_out(self, found: list[FoundValue], name: str) -> None:
        """The nodes of a field are no part of the body."""
        nodes = [each.node for each in found if each.node is not None]
        self.cut.update((node.mem_id, name) for node in nodes)
        self.cut_nodes += nodes

    def wants(self, name: str) -> bool:
        """Whether a field has neither a rule nor a value."""
        return name not in self.ruled and name not in self.values

    def fill(self, name: str, value: Any, source: Source) -> None:  # noqa: ANN401  (as Content holds it)
        """Give a field a value."""
        self.values[name] = value
        self.sources[name] = source

    def content(self) -> Content:
        """The content as a record holds it."""
        return Content(**self.values, extra=tuple(self.extra.items()))
