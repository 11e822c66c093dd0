"""When a page says it was published: the first date that can be read; else what is printed, without a value.

Without a rule it is a `<time>`, but none that the text tells of: a date in a sentence is when something else happened.
"""

from collections.abc import Callable, Iterator

from archiver.extract.gathered import Gathered
from archiver.extract.page import Page
from archiver.extract.rules import Yielded, evaluate
from archiver.extract.tree import TEXT, Node, ancestry, attribute
from archiver.model.profile import Rule, Rules
from archiver.model.record import Published
from archiver.text.dates import SaidMoment, read_date

_MOST_TIMES = 100
_MOST_BESIDE = 20
_LONG_LINE = 120
"""Characters: a `<time>` in a longer paragraph, or in a paragraph after one, is a date that is told of."""
_RUNNING = frozenset(("p", "li", "td", "th", "dd"))
_FLOWING = frozenset(("p", "ul", "ol", "table"))
_ELSEWHERE = frozenset(("aside", "nav", "blockquote", "figcaption"))
_INLINE = frozenset("a abbr b bdi cite em font i label mark small span strong sub sup time u".split())
_REPLIES = frozenset(("comment", "comments", "comment-list", "commentlist", "comments-area"))
_REPLYING = ("Comment", "Review", "Answer")
_EDITED = ("updated", "modified")
_SENTENCE_ENDS = tuple(".!?…;,")
_CLOSING = " \"'”’»)]"


def read_published(name: str, rules: Rules, page: Page, into: Gathered) -> None:
    """The field by its rules, in order, until one gives a date."""
    unread: tuple[Yielded, SaidMoment] | None = None
    for rank, rule in enumerate(rules, 1):
        found = evaluate(rule, page)
        if not found:
            continue
        text = (" " if rule.join is None else rule.join).join(each.text for each in found)
        said = _said(rule, text, page)
        if said.local is not None:
            _settle(name, Yielded(rule, rank, [text], found), said, page, into)
            return
        unread = unread or (Yielded(rule, rank, [text], found), said)
    if unread is not None:
        _settle(name, *unread, page, into)


def _settle(name: str, yielded: Yielded, said: SaidMoment, page: Page, into: Gathered) -> None:
    into.fill(name, as_published(said), yielded.source(page))
    if yielded.rule.cut:
        into.cut_out(yielded.found, name)
    if said.problem:
        page.notes.append(f"{name}: {said.problem}")


def _said(rule: Rule, text: str, page: Page) -> SaidMoment:
    site = page.site
    return read_date(
        text, language=site.language, timezone=site.timezone, format=rule.format, day_only=rule.type == "date"
    )


def as_published(said: SaidMoment) -> Published:
    """A date as the record holds it; what was printed is kept even when it says no date."""
    return Published(said.local, said.utc, said.raw, said.precision)


def declared_times(page: Page) -> list[tuple[str, Node]]:
    """What the `<time>` that is marked as the publication says; else the only one of the article, or of the page.

    Where several say different days, none is believed.
    """
    marked = _said_by(page, "time[pubdate], [itemprop~='datePublished']", _is_own)
    if marked:
        main = marked if _is_one_day(marked, page) else [each for each in marked if _is_of_the_main_item(each[1])]
        return main[:1] if _is_one_day(main, page) else []
    for selector in ("article time", "time"):
        found = _said_by(page, selector, _is_publication)
        if found:
            return found[:1] if len({text for text, _ in found}) == 1 else []
    return []


def _said_by(page: Page, selector: str, holds: Callable[[Node, Page], bool]) -> list[tuple[str, Node]]:
    nodes = [node for node in page.document.css(selector)[:_MOST_TIMES] if holds(node, page)]
    return [(attribute(node, "datetime") or attribute(node, "content") or page.line(node), node) for node in nodes]


def _is_one_day(said: list[tuple[str, Node]], page: Page) -> bool:
    site = page.site
    read = {text: read_date(text, language=site.language, timezone=site.timezone).local for text, _ in said}
    return len({(local or text)[:10] for text, local in read.items()}) <= 1


def _is_of_the_main_item(node: Node) -> bool:
    """Whether the microdata item of a node is one that holds a heading or a body: related ones are mere cards."""
    item = next((above for above in ancestry(node)[1:] if "itemscope" in above.attrs), None)
    return item is not None and item.css_first("h1, [itemprop~='articleBody']") is not None


def _is_own(node: Node, _: Page) -> bool:
    """Whether it is no date of a comment, a review or a column beside."""
    return not any(above.tag in _ELSEWHERE or _is_reply(above) for above in ancestry(node)[1:])


def _is_reply(node: Node) -> bool:
    names = f"{attribute(node, 'class') or ''} {attribute(node, 'id') or ''}".lower().split()
    return not _REPLIES.isdisjoint(names) or (attribute(node, "itemtype") or "").endswith(_REPLYING)


def _is_publication(node: Node, page: Page) -> bool:
    """Whether an unmarked `<time>` may be the page's own: not that of an edit, and not one that its text tells of."""
    label = f"{attribute(node, 'class') or ''} {attribute(node, 'itemprop') or ''}".lower()
    is_edited = any(word in label for word in _EDITED) and "publish" not in label
    return not is_edited and _is_own(node, page) and not _is_told_of(node, page)


def _is_told_of(node: Node, page: Page) -> bool:
    before, after = _beside(node, page)
    if len(before) + len(after) > _LONG_LINE or after.rstrip(_CLOSING).endswith(_SENTENCE_ENDS):
        return True
    return any(_is_running(above, page) for above in ancestry(node)[1:])


def _is_running(node: Node, page: Page) -> bool:
    """Whether an element is running text: long, in the flow after a long paragraph, or a cell beside others."""
    if node.tag in _RUNNING and len(page.line(node)) > _LONG_LINE:
        return True
    if node.tag == "td" and node.parent is not None and page.line(node.parent) != page.line(node):
        return True
    return node.tag in _FLOWING and any(
        each.tag == "p" and len(page.line(each)) > _LONG_LINE for each in _siblings(node, forward=False)
    )


def _beside(node: Node, page: Page) -> tuple[str, str]:
    """What stands in the same line before and after a node."""
    before, after = "", ""
    for step in ancestry(node):
        before = "".join(reversed(_run(step, page, forward=False))) + before
        after += "".join(_run(step, page, forward=True))
        if step.parent is None or step.parent.tag not in _INLINE:
            break
    return before.strip(), after.strip()


def _run(node: Node, page: Page, *, forward: bool) -> list[str]:
    """The texts beside a node, to the end of the line, or until it is a long one."""
    texts: list[str] = []
    for each in _siblings(node, forward=forward):
        if each.is_element_node and each.tag not in _INLINE:
            break
        if each.is_element_node or each.tag_id == TEXT:
            texts.append(page.beginning(each, _LONG_LINE) if each.is_element_node else each.text_content or "")
        if sum(map(len, texts)) > 2 * _LONG_LINE:
            break
    return texts


def _siblings(node: Node, *, forward: bool) -> Iterator[Node]:
    """The nearest ones."""
    step = node
    for _ in range(_MOST_BESIDE):
        beside = step.next if forward else step.prev
        if beside is None:
            return
        yield beside
        step = beside
