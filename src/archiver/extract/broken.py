"""Tell whether the rules of a profile seem to misread a page: its template has changed, or was never this one.

The evidence is the page itself, so that the same capture and profile always give the same answer:

- rules that are required, those of the title or those of the body give nothing, and the page has what they look for;
- the rules of the body give nothing, and none of the selectors of the table matches anything;
- the body is a small part of the running text of the page, which is elsewhere;
- the title shares no words with the titles that the page declares (a `<title>` that it does not print is of the
  site), or is the name of the site;
- the links to follow of a listing are not found, and the page has lists of links.

A gallery, a video or a stub has no running text, so it is not broken without a body.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import islice

from archiver.extract.entities import shown
from archiver.extract.gathered import Gathered
from archiver.extract.headline import folded, site_names
from archiver.extract.outline import ids_of
from archiver.extract.page import ParsedPage
from archiver.extract.prose import has_prose
from archiver.extract.tree import ancestry
from archiver.model.profile import PageKind
from archiver.model.record import Record

_LEAST_PROSE = 400
"""Characters of running text without which a page may be a stub, a gallery or a video."""
_LEAST_DECLARED = 200
"""Characters of a body in JSON-LD; a shorter one is a teaser."""
_MORE = 2.0
"""How much more running text than the body has is elsewhere when the body is not the text of the page."""
_LEAST_OF_DECLARED = 0.5
_SHARED = 0.5
_COMPARED = 3_000
_LEAST_SAME = 0.3
"""The least share of the words of the shorter one of two titles of the same page."""
_MOST_TITLES = 3
_LEAST_SELECTORS = 3
"""Selectors of a table from which a page where none of them matches has another template, even if it has no text."""
_LEAST_WORDS = 3
"""The words of a part of `<title>` that names an article."""
_PRINTED, _MOST_PRINTED = "h1, h2, h3, h4, h5, h6, p, div, td, span, strong, b", 2_000
_SEPARATOR = re.compile(r"\s+[-–—|:·»]\s+|\s*[|»]\s*")
_LEAST_LINKS, _LEAST_LINK = 5, 25
"""The links of a listing, and the characters of one."""
_MOST_LINKS = 1_000
"""Links that are looked at."""
_HEADLINES = "main a[href], article a[href], h2 a[href], h3 a[href], h4 a[href]"
_BOXES = ids_of("nav footer aside header")
_WORD = re.compile(r"\w+")
_ESSENTIAL = ("title", "body")


def evidence_of_drift(
    page: ParsedPage, kind: PageKind | None, gathered: Gathered, record: Record
) -> dict[str, tuple[str, ...]]:
    """Return `missed` and `broken` of a record; call it before the fallback changes the page.

    Args:
        page: the page, without ignored nodes.
        kind: the table that read it; None for a page without one, which is never broken.
        gathered: the values so far.
        record: what else was read.
    """
    if kind is None or not kind.drift:
        return {}
    if kind.kind == "listing":
        is_lost = kind.follow and record.items == () and _has_lists(page)
        return {"broken": ("follow",)} if is_lost else {}
    ruled = {name: rules for name, rules in kind.fields if name not in gathered.unread}
    missing = {name for name in ruled if name not in gathered.sources or not gathered.sources[name].rank}
    found = {name for name in missing if any(rule.required for rule in ruled[name])}
    if "body" in ruled and _is_body_elsewhere(page, gathered, has_value="body" not in missing):
        found.add("body")
    if "body" in missing - found and _has_none_of(page, kind):
        found.add("body")
    if "title" in ruled and _is_other_title(page, str(gathered.values.get("title") or "")):
        found.add("title")
    return {"missed": tuple(name for name in _ESSENTIAL if name in missing), "broken": tuple(sorted(found))}


def _is_body_elsewhere(page: ParsedPage, gathered: Gathered, *, has_value: bool) -> bool:
    said = max(_declared(page, "articleBody"), key=len, default="")
    is_declared = len(said) >= _LEAST_DECLARED
    if not has_value:
        return is_declared or has_prose(page, _LEAST_PROSE)
    text = str(gathered.values["body"])
    if not gathered.bodies or (is_declared and _is_most_of(text, said)):
        return False
    return has_prose(page, max(_LEAST_PROSE, _MORE * len(text)), gathered.bodies)


def _has_none_of(page: ParsedPage, kind: PageKind) -> bool:
    """Return whether a table has several selectors, and none matches anything in a page."""
    rules = (rule for _, rules in (*kind.fields, *kind.readings) for rule in rules if rule.kind == "css")
    selectors = {rule.selector for rule in rules}
    return len(selectors) >= _LEAST_SELECTORS and not any(page.document.css(each) for each in selectors)


def _is_most_of(text: str, said: str) -> bool:
    first, second = (set(_WORD.findall(each[:_COMPARED].casefold())) for each in (text, said))
    is_long = len(text) >= _LEAST_OF_DECLARED * len(said)
    return is_long and len(first & second) >= _SHARED * min(len(first), len(second))


def _declared(page: ParsedPage, name: str) -> Iterator[str]:
    """Yield the texts of the JSON-LD objects of a page with this name."""
    return (value for each in page.slots.objects if isinstance(value := each.get(name), str))


def _is_other_title(page: ParsedPage, title: str) -> bool:
    words = set(folded(title).split())
    if not words:
        return any(_titles(page))
    names = set(map(folded, site_names(page)))
    if folded(title) in names:
        return any(each not in names for each in _titles(page))
    declared = [each for each in _titles(page) if each not in names]
    headings = _folded(map(page.line, page.document.css("h1")[:_MOST_TITLES]))
    if not declared or any(_is_like(words, each) for each in (*declared, *headings)):
        return False
    return any(_exact_titles(page)) or _prints_its_title(page, names)


def _prints_its_title(page: ParsedPage, names: AbstractSet[str]) -> bool:
    """Return whether a part of `<title>` is also printed: many portals have their own name, or a section, there."""
    parts = {folded(each) for each in _SEPARATOR.split(page.title_line)} - names
    parts = {each for each in parts if len(each.split()) >= _LEAST_WORDS}
    longest = 2 * max(map(len, parts), default=0)
    nodes = page.document.css(_PRINTED)[:_MOST_PRINTED] if parts else ()
    return any(
        folded(page.beginning(node, longest)) in parts
        for node in nodes
        if node.mem_id not in page.hidden and not any(each.tag_id in _BOXES for each in ancestry(node))
    )


def _is_like(words: AbstractSet[str], title: str) -> bool:
    others = set(title.split())
    return len(words & others) >= _LEAST_SAME * min(len(words), len(others))


def _titles(page: ParsedPage) -> Iterator[str]:
    """Yield the words of the titles that a page declares."""
    yield from _exact_titles(page)
    yield from _folded([page.title_line])


def _exact_titles(page: ParsedPage) -> Iterator[str]:
    """Yield the words of the titles that a page declares of itself, and not of the site."""
    names = set(map(folded, site_names(page)))
    said = (*_folded(page.slots.meta("og:title")), *_folded(_declared(page, "headline")))
    yield from (each for each in said if each not in names)


def _folded(texts: Iterable[str]) -> Iterator[str]:
    return filter(None, (folded(shown(each)) for each in islice(texts, _MOST_TITLES)))


def _has_lists(page: ParsedPage) -> bool:
    """Return whether a page has links with the text of a headline, as a listing has."""
    links = (node for node in page.document.css(_HEADLINES)[:_MOST_LINKS] if len(node.text().strip()) >= _LEAST_LINK)
    found = (node for node in links if not any(each.tag_id in _BOXES for each in ancestry(node)))
    return len(list(islice(found, _LEAST_LINKS))) == _LEAST_LINKS
