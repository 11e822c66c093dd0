"""Decide whether a page that is read as a listing is probably an article: it has the body of one, and that is prose.

An address that the `url` pattern of the articles does not match is read by the next table, often that of listings,
without a message. The crawl counts such pages and reports them (`archiver crawl`).
"""

from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node
from archiver.model.profile import PageKind, Profile

_LEAST_PROSE = 500
"""The minimum number of characters of a body outside links."""
_MOST_TEXT = 20_000
_MOST_LINKS = 500
_LONGEST_LINK = 300
_LEAST_LINK = 10
_MOST_LINKED = 1 / 3
_PROSE_PER_ENTRY = 250
"""Characters per link on a line of its own: a listing of teasers has fewer, an article more."""


def looks_like_article(page: ParsedPage, profile: Profile | None, kind: PageKind | None) -> bool:
    """Return whether a listing holds the body of an article.

    Args:
        page: the page as it was read.
        profile: the site's profile; without a CSS rule for the body of articles the result is False.
        kind: the table by which the page was read; a listing whose own body is read is meant to be one.
    """
    if profile is None or kind is None or kind.kind != "listing" or any(name == "body" for name, _ in kind.fields):
        return False
    selectors = dict.fromkeys(
        rule.selector
        for each in profile.pages
        if each.kind == "article"
        for name, rules in each.fields
        if name == "body"
        for rule in rules
        if rule.kind == "css" and rule.take != "all"
    )
    # a page with several bodies is a list of them
    bodies = (found[0] for selector in selectors if len(found := page.document.css(selector)) == 1)
    return any(is_prose(page, body) for body in bodies)


def is_prose(page: ParsedPage, body: Node) -> bool:
    """Return whether a body has enough text outside links, and few links on lines of their own."""
    length = len(page.beginning(body, _MOST_TEXT))
    if length < _LEAST_PROSE:
        return False
    texts = [(node, page.beginning(node, _LONGEST_LINK)) for node in body.css("a[href]")[:_MOST_LINKS]]
    linked = sum(len(text) for _, text in texts)
    if length - linked < _LEAST_PROSE or linked > _MOST_LINKED * length:
        return False
    entries = sum(len(text) >= _LEAST_LINK and _is_alone(page, node, text) for node, text in texts)
    return entries * _PROSE_PER_ENTRY <= length - linked


def _is_alone(page: ParsedPage, link: Node, text: str) -> bool:
    """Return whether a link is the whole text of its parent."""
    around = link.parent
    return around is not None and len(page.beginning(around, len(text) + _LEAST_LINK)) < len(text) + _LEAST_LINK
