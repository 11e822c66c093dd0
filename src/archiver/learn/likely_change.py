"""Guess the rule that reads when a page says that it was changed last: a short dated text with such a label."""

from collections import Counter
from collections.abc import Iterator

from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, ancestry
from archiver.learn.shortest import shortest
from archiver.text.date_labels import is_publication_label, modification_label
from archiver.text.dates import read_date

_DATES = "time, span, p, div, td, li, em, i, b, strong, small, abbr, font, h5, h6, label, dd, footer"
_LONGEST = 120
_MOST_NODES = 5_000
_DECLARED = ("article:modified_time", "og:updated_time", "dcterms.modified", "last-modified")


def declared_change(page: ParsedPage) -> str:
    """Return where a page declares its latest change for machines, which needs no rule; "" if it does not."""
    if page.slots.jsonld("dateModified"):
        return "JSON-LD dateModified"
    return next((f"meta {name}" for name in _DECLARED if page.slots.meta(name)), "")


def change_selector(page: ParsedPage, twin: ParsedPage | None) -> str | None:
    """Return a selector of the text that prints the latest change, on a page or its twin; None if neither does.

    Many articles were never changed, so one page with the text is enough.
    """
    pages = [each for each in (page, twin) if each is not None]
    for one in pages:
        for node in dated_changes(one):
            selector = shortest(node, one)
            if selector and all(len(other.document.css(selector)) <= 1 for other in pages):
                return selector
    return None


def dated_changes(page: ParsedPage) -> Iterator[Node]:
    """Yield the innermost nodes whose text labels a date as the latest change.

    The label may stand in the element around it, if that has no other date.
    """
    nodes = [node for node in page.document.css(_DATES)[:_MOST_NODES] if _has_date(node, page)]
    holders = {above.mem_id for node in nodes for above in ancestry(node)[1:]}
    inner = [node for node in nodes if node.mem_id not in holders]
    beside = Counter(node.parent.mem_id for node in inner if node.parent is not None)
    for node in inner:
        around = node.parent
        is_alone = around is not None and beside[around.mem_id] == 1
        texts = [page.line(node), *([page.line(around)] if is_alone and around is not None else [])]
        if any(is_change(text, page.site.language) for text in texts if len(text) <= _LONGEST):
            yield node


def is_change(text: str, language: str) -> bool:
    """Return whether a text with a date labels it as the latest change, and not as the publication."""
    return bool(modification_label(text, language)) and not is_publication_label(text, language)


def _has_date(node: Node, page: ParsedPage) -> bool:
    text = page.line(node)
    if not text or len(text) > _LONGEST or not any(letter.isdigit() for letter in text):
        return False
    if any(above.tag in ("a", "nav") for above in ancestry(node)):
        return False
    return read_date(text, language=page.site.language, timezone=page.site.timezone).local is not None
