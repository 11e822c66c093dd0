"""Pick an element of a page: list the elements with text, and make rules that find the picked one.

An element is known by its number among those with text, in document order. The same capture gives the same numbers.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from archiver.extract.choose import choose
from archiver.extract.open_page import open_page
from archiver.extract.page import ParsedPage
from archiver.extract.rules import FoundValue, typed
from archiver.extract.tree import TEXT, Node, ancestry, attribute
from archiver.learn.field_rules import found_in, toml_of
from archiver.learn.selectors import selectors_of
from archiver.learn.shortest import labels
from archiver.model.capture import Capture
from archiver.model.profile import PageKind, Profile, Rule
from archiver.model.record import LIST_FIELDS

_MOST_NODES, _MOST_ELEMENTS, _MOST_ABOVE = 20_000, 600, 8
_MOST_SHOWN, _MOST_VALUE = 200, 300
_MOST_RULES, _MOST_TRIED = 6, 40
_LEAST_BODY = 400
_COST = 0.3
"""How many pages with a value one unit of a selector's cost counts for."""
_SKIPPED = frozenset(
    "script style noscript template select option textarea title head svg math iframe object video audio canvas".split()  # noqa: SIM905
)
_INLINE = frozenset("a b i em strong span small font u s sup sub mark code abbr label q cite bdi bdo wbr".split())  # noqa: SIM905
_DATES = ("published", "modified")


@dataclass(frozen=True, slots=True)
class PickedElement:
    """An element with text of its own.

    Attributes:
        number: its number on the page.
        name: its tag, with its first lasting class or id: `div.entry-content`.
        depth: how many elements are around it.
        text: its text as one line, at most 200 characters.
    """

    number: int
    name: str
    depth: int
    text: str


@dataclass(frozen=True, slots=True)
class PickedRule:
    """A rule that finds the picked element.

    Attributes:
        rule: the rule; `toml`: as a profile writes it.
        value: what it gives on the picked page.
        values: what it gives on each of the other pages; None where it gives nothing.
    """

    rule: Rule
    toml: str
    value: str
    values: tuple[str | None, ...]

    @property
    def pages(self) -> int:
        """Return on how many of the other pages it gives a value."""
        return sum(each is not None for each in self.values)


class PickedPage:
    """A capture whose elements can be picked.

    Attributes:
        page: the page, without the nodes that its table ignores.
        kind: its `[[page]]` table; None without one. `note`: why this table, or none.
    """

    def __init__(self, capture: Capture, profile: Profile | None) -> None:
        """Open a capture. `profile`: the profile of its site."""
        self.page, _ = open_page(capture, profile)
        self.kind: PageKind | None = None
        self.note = ""
        if profile is not None:
            self.kind, self.note = choose(profile, capture.url, capture.visited_at, self.page)

    @cached_property
    def nodes(self) -> list[Node]:
        """Return the elements with text, in document order."""
        return list(_elements(self.page))[:_MOST_ELEMENTS]

    def elements(self) -> list[PickedElement]:
        """Return the elements with text, in document order: at most 600."""
        return [
            PickedElement(number, name_of(node), len(ancestry(node)), self.page.beginning(node, _MOST_SHOWN))
            for number, node in enumerate(self.nodes)
        ]

    def above(self, number: int) -> list[str]:
        """Return the names of an element and of those around it, innermost first."""
        return [name_of(each) for each in self._chain(number)]

    def text(self, number: int, up: int) -> str:
        """Return the text of an element, or of the one `up` steps around it."""
        return self.page.beginning(self._node(number, up), _MOST_VALUE)

    def likely_field(self, number: int, up: int) -> str:
        """Return the field whose rules find the element now; else a guess from its tag and text."""
        node = self._node(number, up)
        for name, rules in (
            (*self.kind.fields, *((f"readings.{n}", r) for n, r in self.kind.readings)) if self.kind else ()
        ):
            if any(_is_at(node, found_in(rule, self.page)) for rule in rules):
                return name
        return self._guessed(node)

    def _guessed(self, node: Node) -> str:
        text = self.page.beginning(node, _LEAST_BODY + 1)
        if node.tag == "figcaption":
            return "captions"
        if attribute(node, "datetime") or (len(text) <= _MOST_SHOWN // 2 and self.page.date(text).local):
            return "published"
        return "body" if len(text) > _LEAST_BODY else "title"

    def rules(self, number: int, up: int, field: str, others: Sequence["PickedPage"]) -> list[PickedRule]:
        """Return rules that find an element, the best first: those that give a value on most of the other pages.

        Args:
            number: the element.
            up: how many steps around it the node is.
            field: the field that the rule is for.
            others: other pages of the same kind.
        """
        node = self._node(number, up)
        found = []
        for each in sorted(selectors_of(node), key=lambda each: each.cost)[:_MOST_TRIED]:
            rule = rule_for(field, each.text, node)
            values = found_in(rule, self.page)
            value = _value(rule, values, self.page) if _is_at(node, values) else None
            if value is not None:
                found.append((rule, each.cost, value))
        made = [
            (cost, PickedRule(rule, toml_for(field, rule), value, tuple(value_of(rule, each.page) for each in others)))
            for rule, cost, value in found
        ]
        made.sort(key=lambda each: (_COST * each[0] - each[1].pages, len(each[1].toml), each[1].toml))
        return [each for _, each in made[:_MOST_RULES]]

    def _chain(self, number: int) -> list[Node]:
        """Return an element and those around it, innermost first; `html` and `body` only if it is one of them."""
        node, *above = ancestry(self.nodes[number])
        return [node, *(each for each in above if each.tag not in ("html", "body"))][:_MOST_ABOVE]

    def _node(self, number: int, up: int) -> Node:
        chain = self._chain(number)
        return chain[min(up, len(chain) - 1)]


def name_of(node: Node) -> str:
    """Return the tag of an element with a class or an id that is likely to last."""
    named = next((label for label in labels(node) if label != node.tag), "")
    return f"{node.tag}{named}" if named.startswith(("#", "[")) else named or str(node.tag)


def rule_for(field: str, selector: str, node: Node) -> Rule:
    """Return the rule of a field with a selector: its type, and all nodes for a list."""
    if field in _DATES:
        return Rule("css", selector, attr="datetime" if attribute(node, "datetime") else None, type="datetime")
    if field.startswith("readings."):
        return Rule("css", selector, type="integer")
    return Rule("css", selector, take="all" if field in LIST_FIELDS else "first")


def toml_for(field: str, rule: Rule) -> str:
    """Return a rule as the TOML of a field."""
    kind = "integer" if field.startswith("readings.") else "datetime" if field in _DATES else "text"
    return toml_of(rule, "all" if field in LIST_FIELDS else "first", kind)


def value_of(rule: Rule, page: ParsedPage) -> str | None:
    """Return what a rule gives on a page, as one line; None for nothing."""
    return _value(rule, found_in(rule, page), page)


def _value(rule: Rule, found: list[FoundValue], page: ParsedPage) -> str | None:
    values = typed(rule, found, page) if found else []
    return "; ".join(values)[:_MOST_VALUE] or None


def _is_at(node: Node, found: Iterable[FoundValue]) -> bool:
    return any(each.node is not None and each.node.mem_id == node.mem_id for each in found)


def _elements(page: ParsedPage) -> Iterator[Node]:
    """Yield the visible elements with text of their own; nameless inline elements belong to the text around them."""
    left_out: set[int] = set()
    for node in page.document.css("body, body *")[:_MOST_NODES]:
        parent = node.parent
        if node.tag in _SKIPPED or node.mem_id in page.hidden or (parent is not None and parent.mem_id in left_out):
            left_out.add(node.mem_id)
        elif _has_text(node) and (node.tag not in _INLINE or _is_named(node)):
            yield node


def _has_text(node: Node) -> bool:
    """Return whether an element has text of its own, or in a nameless inline child, such as the link in a heading."""
    return any(
        _is_text(child) or (child.tag in _INLINE and not _is_named(child) and any(map(_is_text, _children(child))))
        for child in _children(node)
    )


def _children(node: Node) -> Iterator[Node]:
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def _is_text(node: Node) -> bool:
    return node.tag_id == TEXT and bool((node.text_content or "").strip())


def _is_named(node: Node) -> bool:
    return any(attribute(node, name) for name in ("class", "id", "itemprop", "datetime", "rel"))
