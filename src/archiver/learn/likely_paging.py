"""Find out which links of a listing lead to articles, and which to its next page."""

import re
from collections.abc import Set as AbstractSet

from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, ancestry, attribute
from archiver.learn.shortest import labels

_NEXT = re.compile(r"next|older|suivant|siguiente|weiter|xem tiếp|trang sau|tiếp theo|sau|›|»|>", re.IGNORECASE)
_PAGE = re.compile(r"\d{1,4}")
_POSTBACK = "a[href*='__doPostBack']"
_LEAST = 3


def follow_selector(page: ParsedPage, articles: AbstractSet[str]) -> str | None:
    """Return a selector that matches at least three links to articles and no other links."""
    nodes = page.document.css("a[href]")
    leading = [node for node in nodes if page.address(node) in articles]
    candidates = dict.fromkeys(selector for node in leading for selector in _candidates(node, "a"))
    counts: dict[str, int] = {}
    for selector in candidates:
        addresses = [page.address(node) for node in page.document.css(selector)]
        if all(address in articles for address in addresses):
            counts[selector] = len(set(addresses))
    best = max(counts, key=lambda selector: (counts[selector], -len(selector)), default=None)
    return best if best is not None and counts[best] >= _LEAST else None


def next_rule(page: ParsedPage) -> str | None:
    """Return the `next` rule as a profile writes it: for a link to the next page, else for links that post a form."""
    selector = _declared_next(page) or _labelled_next(page)
    if selector:
        return f'{{ css = "{selector}" }}'
    selector = _posting(page)
    return f'{{ css = "{selector}", postback = true }}' if selector else None


def _declared_next(page: ParsedPage) -> str | None:
    return next((each for each in ("a[rel='next']", "link[rel='next']") if page.document.css(each)), None)


def _labelled_next(page: ParsedPage) -> str | None:
    """Return a selector of the link whose text means "next"."""
    for node in page.document.css("a[href]"):
        if _NEXT.fullmatch(page.line(node)) and page.address(node):
            return _only(page, node)
    return None


def _posting(page: ParsedPage) -> str | None:
    """Return a selector that matches only the page numbers that post a form (ASP.NET)."""
    posting = [node for node in page.document.css(_POSTBACK) if _PAGE.fullmatch(page.line(node))]
    numbers = {node.mem_id for node in posting}
    for selector in _candidates(posting[0], "a") if posting else []:
        if all(node.mem_id in numbers for node in page.document.css(selector)):
            return selector
    return None


def _only(page: ParsedPage, node: Node) -> str | None:
    """Return a selector that matches only links to the address of this one."""
    address = page.address(node)
    for selector in _candidates(node, "a"):
        if all(page.address(other) == address for other in page.document.css(selector)):
            return selector
    return None


def _candidates(node: Node, tag: str) -> list[str]:
    """Return selectors that a link shares with its kind: its own classes, then those of its ancestors."""
    own = [label for label in labels(node) if label.startswith(f"{tag}.")]
    around = [f"{label} {tag}" for above in ancestry(node)[1:5] for label in labels(above) if attribute(above, "class")]
    return [*own, *around]
