"""Read when a page was published or changed: the first date that can be read; else the printed text, without a value.

Without a rule it is a `<time>`, but not one in a sentence: that is the date of another event.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from archiver.extract.body import line
from archiver.extract.gathered import Gathered
from archiver.extract.page import ParsedPage
from archiver.extract.rules import RuleResult, evaluate
from archiver.extract.tree import TEXT, Node, ancestry, attribute, is_within
from archiver.model.profile import Rule, Rules
from archiver.model.record import Published
from archiver.text.date_labels import is_publication_label, modification_label
from archiver.text.dates import LOOK, PrintedDate, read_date

_MOST_TIMES = 100
_MOST_BESIDE = 20
_MOST_NEAR = 2
_MOST_ABOVE = 20
_FOUR_DIGITS = re.compile(r"(?:\d\D*+){4}")
_LONG_LINE = 120
"""Characters: a `<time>` in a longer paragraph, or in a paragraph after one, is part of a sentence."""
_RUNNING = frozenset(("p", "li", "td", "th", "dd"))
_FLOWING = frozenset(("p", "ul", "ol", "table"))
_INLINE = frozenset(
    ("a", "abbr", "b", "bdi", "cite", "em", "font", "i", "label", "mark", "small", "span", "strong", "sub", "sup", "u")
)
_MARKED = "time[pubdate], [itemprop~='datePublished']"
CHANGED = (
    "[itemprop~='dateModified'], time[class*='updated' i]:not([class*='publish' i]), "
    "time[class*='modified' i]:not([class*='publish' i])"
)
"""The elements that pages mark as the time of the latest change."""
_REPLIES = (
    ".comment, .comments, .comment-list, .commentlist, .comments-area, #comments, "
    "[itemtype$='Comment'], [itemtype$='Review'], [itemtype$='Answer']"
)
_SIDE_BOXES = "aside, nav, blockquote, figcaption, footer:not(article footer)"
_AT_SIDE = "aside, nav, blockquote"
_EDITED = ("updated", "modified")
_SENTENCE_ENDS = tuple(".!?…;")
_CLOSING = " \"'”’»)]"

Told = list[tuple[str, Node]]
"""Return the date of each `<time>`."""


def read_moment(name: str, rules: Rules, page: ParsedPage, into: Gathered) -> None:
    """Fill the field by its rules, in order, until one gives a date."""
    unread: tuple[RuleResult, PrintedDate] | None = None
    for rank, rule in enumerate(rules, 1):
        found = evaluate(rule, page)
        if not found:
            continue
        text = (" " if rule.join is None else rule.join).join(each.text for each in found)
        said = _said(rule, text, page)
        if said.local is not None:
            _settle(name, RuleResult(rule, rank, [text], found), said, page, into)
            return
        unread = unread or (RuleResult(rule, rank, [text], found), said)
    if unread is not None:
        _settle(name, *unread, page, into)


def _settle(name: str, yielded: RuleResult, said: PrintedDate, page: ParsedPage, into: Gathered) -> None:
    printed = yielded.found[0].raw if yielded.rule.kind == "json" else None  # a counted moment was made a date
    value = as_published(said if printed is None else replace(said, raw=line(printed)[:LOOK]))
    into.fill(name, value, yielded.source(page))
    into.date_nodes += [each.node for each in yielded.found if each.node is not None]
    if yielded.rule.cut:
        into.cut_out(yielded.found, name)
    if said.problem:
        page.notes.append(f"{name}: {said.problem}")


def _said(rule: Rule, text: str, page: ParsedPage) -> PrintedDate:
    site = page.site
    return read_date(
        text, language=page.language, timezone=site.timezone, format=rule.format, day_only=rule.type == "date"
    )


def as_published(said: PrintedDate) -> Published:
    """Return a date for the record; the printed text is kept even when it is not a date."""
    return Published(said.local, said.utc, said.raw, said.precision)


def declared_times(page: ParsedPage) -> Told:
    """The date of the `<time>` that is marked as the publication; else of the only one of the article, or of the page.

    When several are different days, none is used.
    """
    check = _PublicationCheck(page)
    marked = _date_by(page, _MARKED, check.is_own)
    if marked:
        main = marked if _is_one_day(marked, page) else _of_the_main_item(marked, page)
        return main[:1] if _is_one_day(main, page) else []
    for selector in ("article time", "time"):
        found = _date_by(page, selector, check.is_publication)
        if found:
            return found[:1] if len({text for text, _ in found}) == 1 else []
    return []


def marked_changes(page: ParsedPage) -> Told:
    """The date of the element that is marked as the latest change; none when several are different days."""
    check = _PublicationCheck(page)
    marked = _date_by(page, CHANGED, check.is_own_and_not_at_side)
    if not marked:
        return []
    main = marked if _is_one_day(marked, page) else _of_the_main_item(marked, page)
    return main[:1] if _is_one_day(main, page) else []


def _date_by(page: ParsedPage, selector: str, holds: Callable[[Node], bool]) -> Told:
    nodes = filter(holds, page.document.css(selector)[:_MOST_TIMES])
    return [(attribute(node, "datetime") or attribute(node, "content") or page.line(node), node) for node in nodes]


def _is_one_day(said: Told, page: ParsedPage) -> bool:
    site = page.site
    read = {text: read_date(text, language=page.language, timezone=site.timezone).local for text, _ in said}
    return len({(local or text)[:10] for text, local in read.items()}) <= 1


def _of_the_main_item(said: Told, page: ParsedPage) -> Told:
    """Return those of the microdata item with the heading or the body: the others are cards of related articles."""
    main = {_item(node) for node in page.document.css("h1, [itemprop~='articleBody']")[:_MOST_BESIDE]} - {None}
    return [each for each in said if _item(each[1]) in main]


def _item(node: Node) -> int | None:
    return next((above.mem_id for above in ancestry(node)[1:] if "itemscope" in above.attrs), None)


class _PublicationCheck:
    """Decides whether a `<time>` may be the publication; results for the elements above it are cached."""

    def __init__(self, page: ParsedPage) -> None:
        self._page = page
        self._within: dict[str, dict[int, bool]] = {}
        self._running: dict[int, bool] = {}

    def is_own(self, node: Node) -> bool:
        """Return whether it is not the date of a comment or a review."""
        return not self._is_in(node, _REPLIES)

    def is_own_and_not_at_side(self, node: Node) -> bool:
        """Return whether it is neither the date of a comment nor in a side column or the navigation."""
        return self.is_own(node) and not self._is_in(node, _AT_SIDE)

    def is_publication(self, node: Node) -> bool:
        """Whether an unmarked one may be: not of an edit, a side column, a quotation, the footer, or a sentence."""
        label = f"{attribute(node, 'class') or ''} {attribute(node, 'itemprop') or ''}".lower()
        if any(word in label for word in _EDITED) and "publish" not in label:
            return False
        if not self.is_own(node) or self._is_in(node, _SIDE_BOXES) or self._is_in_sentence(node):
            return False
        return not self._is_change(node)

    def _is_change(self, node: Node) -> bool:
        """Return whether the text next to a `<time>`, or next to its parent, labels it as the latest change."""
        before, after = _line_around(node, self._page)
        above = node.parent
        if not before and above is not None and above.tag not in _RUNNING:
            before = "".join(reversed(_run(above, self._page, forward=False)))[-_LONG_LINE:]
        language = self._page.language
        return modification_label(f"{before} {after}", language) != "" and not is_publication_label(before, language)

    def _is_in(self, node: Node, selector: str) -> bool:
        if selector not in self._within:
            self._within[selector] = {each.mem_id: True for each in self._page.document.css(selector)}
        return is_within(node, self._within[selector])

    def _is_in_sentence(self, node: Node) -> bool:
        before, after = _line_around(node, self._page)
        if len(before) + len(after) > _LONG_LINE or after.rstrip(_CLOSING).endswith(_SENTENCE_ENDS):
            return True
        return any(map(self._is_running, ancestry(node)[1:_MOST_ABOVE]))

    def _is_running(self, node: Node) -> bool:
        verdict = self._running.get(node.mem_id)
        if verdict is None:
            verdict = self._running[node.mem_id] = _is_running(node, self._page)
        return verdict


def _is_running(node: Node, page: ParsedPage) -> bool:
    """Return whether an element is running text: long, in the flow after a long paragraph, or a cell next to others."""
    if node.tag in _RUNNING and _is_long(node, page):
        return True
    siblings = list(_siblings(node, forward=False))
    if node.tag == "td":
        siblings += _siblings(node, forward=True)
        return any(each.is_element_node and page.beginning(each, 1) for each in siblings)
    return node.tag in _FLOWING and any(each.tag == "p" and _is_long(each, page) for each in siblings)


def _is_long(node: Node, page: ParsedPage) -> bool:
    return len(page.beginning(node, _LONG_LINE)) > _LONG_LINE


def short_texts_beside(node: Node, page: ParsedPage, most: int) -> Iterator[tuple[str, Node]]:
    """Yield the parent of a node if its text has at most this number of characters, else its short siblings.

    Texts without four digits, in which there is no year, are left out.
    """
    above = node.parent
    if above is None or not _has_digits(above):
        return
    text = page.beginning(above, most + 1)
    if text and len(text) <= most:
        yield text, above
        return
    for forward in (True, False):
        for each in islice(filter(_has_text, _siblings(node, forward=forward)), _MOST_NEAR):
            if not _has_digits(each):
                continue
            is_text = each.tag_id == TEXT
            text = line(each.text_content or "") if is_text else page.beginning(each, most + 1)
            if text and len(text) <= most:
                yield text, above if is_text else each


def _has_digits(node: Node) -> bool:
    """Return whether a node has four digits, hidden ones included: a quick test before its visible text is made."""
    return _FOUR_DIGITS.search((node.text_content or "") if node.tag_id == TEXT else node.text()) is not None


def _has_text(node: Node) -> bool:
    return node.is_element_node or (node.tag_id == TEXT and not (node.text_content or "").isspace())


def _line_around(node: Node, page: ParsedPage) -> tuple[str, str]:
    """Return the text in the same line before and after a node."""
    before, after = "", ""
    for step in ancestry(node)[:_MOST_ABOVE]:
        before = "".join(reversed(_run(step, page, forward=False))) + before
        after += "".join(_run(step, page, forward=True))
        if step.parent is None or step.parent.tag not in _INLINE:
            break
    return before.strip(), after.strip()


def _run(node: Node, page: ParsedPage, *, forward: bool) -> list[str]:
    """Yield the texts next to a node, to the end of the line, or until they are long."""
    texts: list[str] = []
    for each in _siblings(node, forward=forward):
        if each.is_element_node and each.tag != "time" and each.tag not in _INLINE:
            break
        if each.is_element_node:
            texts.append(page.beginning(each, _LONG_LINE))
        elif each.tag_id == TEXT:
            texts.append(line(each.text_content or ""))
        if sum(map(len, texts)) > _LONG_LINE:
            break
    return texts


def _siblings(node: Node, *, forward: bool) -> Iterator[Node]:
    """Return the nearest texts."""
    step = node
    for _ in range(_MOST_BESIDE):
        siblings = step.next if forward else step.prev
        if siblings is None:
            return
        yield siblings
        step = siblings
