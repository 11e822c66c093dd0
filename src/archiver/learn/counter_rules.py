"""Find counters: numbers that two captures of the same page print differently in the same place."""

import re
from collections.abc import Iterator, Sequence

from archiver.extract.around import opened
from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, ancestry
from archiver.learn.samples import Sample
from archiver.learn.selectors import selectors_of
from archiver.model.profile import Rule
from archiver.text.patterns import Pattern

_NUMBER = re.compile(r"\d[\d.,\s]*")
_PATTERN = r"(\d[\d.,]*)"
_DIGITS = re.compile(r"\d(?:\s\d)+|\d{1,3}(?:\s\d{3})+")
_SPACED = r"(\d[\d.,\s]*\d)"
"""Of a number with a space between its digits, one element each, or between thousands."""
_TIME = re.compile(r"\d:\d\d|\d[/-]\d\d?[/-]\d")
_NODES = "span, b, strong, em, i, p, div, td, li, small, font, label, dd"
_LONGEST = 60
_MOST_NODES = 5_000
_MOST = 5
_NAMES = (
    ("views", re.compile(r"view|read|visit|hit|luot|lượt|xem", re.IGNORECASE)),
    ("comments", re.compile(r"comment|repl|bình luận", re.IGNORECASE)),
    ("likes", re.compile(r"like|vote|thích", re.IGNORECASE)),
    ("shares", re.compile("share", re.IGNORECASE)),
)


def counter_rules(samples: Sequence[Sample]) -> dict[str, Rule]:
    """Return the rules of the counters by their names; none when no page was captured twice."""
    found: dict[str, Rule] = {}
    for sample in samples:
        other = opened(sample.given.again) if sample.given.again is not None else None
        if other is None:
            continue
        for node, text, selector in _innermost(sample.page, other, samples):
            name = _name(node, text, found)
            if len(found) < _MOST and all(selector != rule.selector for rule in found.values()):
                found[name] = Rule("css", selector, pattern=Pattern(_pattern(text)), type="integer")
                sample.take([node])
    return found


def _innermost(page: ParsedPage, other: ParsedPage, samples: Sequence[Sample]) -> list[tuple[Node, str, str]]:
    """Return the counters that a selector finds, with it, in the order of the page; of nested nodes the innermost."""
    found: list[tuple[Node, str, str]] = []
    holders: set[int] = set()
    for node, text in reversed(list(_counters(page, other))):
        selector = "" if node.mem_id in holders else _selector(node, samples, other)
        if selector:
            found.append((node, text, selector))
            holders.update(each.mem_id for each in ancestry(node))
    return found[::-1]


def _pattern(text: str) -> str:
    number = _NUMBER.search(text)
    return _SPACED if number is not None and _DIGITS.fullmatch(number[0].strip()) else _PATTERN


def _counters(page: ParsedPage, other: ParsedPage) -> Iterator[tuple[Node, str]]:
    """Yield the innermost nodes whose text differs between two captures in nothing but one number."""
    known = {other.document.path(node): other.line(node) for node in _short(other)}
    for node in _short(page):
        one, two = page.line(node), known.get(page.document.path(node), "")
        is_inner = not any(page.line(inner) == one for inner in node.css("*") if inner.mem_id != node.mem_id)
        is_counted = _shape(one) == _shape(two) and not _TIME.search(one) and _is_one(one)
        if one != two and two and is_inner and is_counted:
            yield node, one


def _short(page: ParsedPage) -> Iterator[Node]:
    for node in page.document.css(_NODES)[:_MOST_NODES]:
        text = page.beginning(node, _LONGEST + 1)
        if len(text) <= _LONGEST and len(_NUMBER.findall(text)) == 1:
            yield node


def _is_one(text: str) -> bool:
    """Return whether the digits of a text are one number, not several that stand next to each other."""
    number = _NUMBER.search(text)
    return number is not None and (
        not re.search(r"\s", number[0].strip()) or bool(_DIGITS.fullmatch(number[0].strip()))
    )


def _shape(text: str) -> str:
    return _NUMBER.sub("#", text)


def _selector(node: Node, samples: Sequence[Sample], other: ParsedPage) -> str:
    """Return a selector that matches at most one node on every page."""
    pages = [*(sample.page for sample in samples), other]
    ways = sorted(selectors_of(node), key=lambda each: (each.cost, each.text))
    return next((each.text for each in ways if all(len(page.document.css(each.text)) <= 1 for page in pages)), "")


def _name(node: Node, text: str, found: dict[str, Rule]) -> str:
    hints = f"{text} {node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
    name = next((name for name, words in _NAMES if words.search(hints)), "counter")
    return name if name not in found else f"{name}_{len(found) + 1}"
