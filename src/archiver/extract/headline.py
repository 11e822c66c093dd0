"""Find the title of a page without rules: its printed heading, checked against the titles that it declares."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from archiver.extract.entities import shown
from archiver.extract.gathered import Gathered
from archiver.extract.page import ParsedPage
from archiver.extract.shown import DOCUMENT, Slot, fill_from, jsonld_slots, meta_slots, node_slots
from archiver.extract.tree import Node, ancestry

_MOST_HEADINGS = 5
_MOST_NAMES = 6
_MOST_LOWER = 50
_SEPARATOR = re.compile(r"\s+(?:[-–—―−|┃｜￨·•∙»«›‹→▷▶/\\>~*]|::|\|\||--)\s+|\s*[|»｜┃￨]\s*(?=\S)|:{2}|\s*[|｜]\s*\Z")
_MARK = r"(?:\s[-–—―−|┃｜￨·•∙»«›‹→▷▶/\\>~*:：]{1,2}\s|\s?[|»｜┃￨]\s?|_|\s_\s)"
_MARK_AT_END, _MARK_AT_START = re.compile(rf"{_MARK}\Z"), re.compile(_MARK)
"""The separators between a title and a known name."""
_WORD = re.compile(r"[^\W_]+")
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af]")
"""A character that counts as two letters."""
_LESSER = ("title", "twitter:title", "dc.title", "dcterms.title")
_CUT = ("...", "…")
_LEAST_BEGUN = 8
"""Characters: a shorter title that is cut off matches many headings."""
_LEAST_SHARED = 0.5
_LEAST_OF_TITLE = 0.25
_LONGEST_NAME = 36
_LEAST_OWN = 20
"""Characters of a heading that is the title, however long the rest of a declared title is."""
_LEAST_PART, _LEAST_LABEL = 3, 4
"""Characters that a part of a title and a host must have in common."""
_ADDRESS = re.compile(r"\S*(?:://|www\.|[a-z0-9-]\.[a-z]{2,6}(?:/|\Z)|\.(?:aspx?|php|html?)\b)\S*\Z", re.IGNORECASE)
_NO_TITLE = re.compile(
    r"/\S*\Z|\S*[?&]\w+=\S*\Z|[{}%$<]|\[object\b|\S+/\d+\Z|[a-z0-9]+(?:[-_][a-z0-9]+){2,}\Z|[A-Za-z]{2,5}[-_]\d+\Z"
    r"|[0-9a-fA-F]{6,}(?:-[0-9a-fA-F]+)*\Z|.*\.(?:docx?|pdf|xlsx?|pptx?|rtf|odt|html?|aspx?|php|jpe?g|png)\Z"
    r"|(?i:microsoft word - .*|untitled(?: document|-\d+)?|new page \d+|document|title|undefined|null|none|no title)\Z"
)
"""Titles that software fills in: a path, a slug, a file, a template, a placeholder."""
_LONGEST_ADDRESS = 500
_LONGEST_COMPARED = 1_000
_NOT_HEADING = frozenset(("nav", "footer", "aside", "dialog"))
_NO_HEADINGS = frozenset(("menu", "search", "home", "navigation", "cookies", "login", "sign in", "error", "trang chủ"))
_HEADLINE = "[itemprop~='headline'], main h2, article h2"
"""The title of a page without first-level heading."""


def fill_title(page: ParsedPage, into: Gathered) -> None:
    """Fill the title: a printed heading that agrees with a declared title, else the best declared title."""
    names = site_names(page)
    declared = _declared(page, names)
    printed = _headings(page, names)
    compared = [slot for slot in declared if len(slot.text) <= _LONGEST_COMPARED]
    headings = [slot for slot in printed if not _is_last_part(slot.text, compared, page)]
    names = [*(slot.text for slot in printed if slot not in headings), *names]
    parts = [slot._replace(text=_SEPARATOR.split(slot.text)[0]) for slot in compared]
    marked = [slot for slot in headings if _has_kicker(slot, parts, page)]
    slot = _without_kicker(headings, compared) or _agreed(headings, compared) or _without_kicker(marked, parts)
    slot = slot or _only(headings, compared) or next(_titles(declared, headings, page, names), None)
    if slot is not None:
        fill_from("title", slot, slot.text if slot.node is not None else without_site(slot.text, names), page, into)


def _titles(declared: list[Slot], headings: list[Slot], page: ParsedPage, names: list[str]) -> Iterator[Slot]:
    """Return the titles of a page whose declared and printed ones do not agree, the best first."""
    yield from declared
    yield from headings
    nodes = [node for node in page.document.css(_HEADLINE)[:_MOST_HEADINGS] if _is_heading(node, page)]
    yield from [slot for slot in node_slots(page, nodes[:1]) if _is_headline_text(slot.text, names)]
    yield from _all_declared(page)


def _declared(page: ParsedPage, names: list[str]) -> list[Slot]:
    """The declared titles that are more than the site's name, the best first, without addresses and placeholders."""
    return [slot for slot in _all_declared(page) if _is_headline_text(slot.text, names) and not is_address(slot.text)]


def _all_declared(page: ParsedPage) -> list[Slot]:
    title = page.document_title
    own = [Slot(DOCUMENT, shown(page.line(title)))] if title is not None else []
    slots = [*meta_slots(page, "og:title")[:_MOST_HEADINGS], *jsonld_slots(page, "headline")[:1]]
    return [slot for slot in [*slots, *own, *meta_slots(page, *_LESSER)[:_MOST_HEADINGS]] if slot.text]


def _headings(page: ParsedPage, names: list[str]) -> list[Slot]:
    """Return the first-level headings of the page, without the site's own name and those of menus."""
    nodes = [node for node in page.document.css("h1") if _is_heading(node, page)][:_MOST_HEADINGS]
    slots = [slot._replace(text=slot.text.removesuffix("¶").rstrip()) for slot in node_slots(page, nodes)]
    return [slot for slot in slots if _is_headline_text(slot.text, names)]


def _is_heading(node: Node, page: ParsedPage) -> bool:
    above = ancestry(node)
    return not any(each.tag in _NOT_HEADING or each.mem_id in page.hidden for each in above)


def _is_headline_text(text: str, names: list[str]) -> bool:
    words = folded(text)
    return bool(words) and words not in _NO_HEADINGS and words not in map(folded, names)


def _without_kicker(headings: list[Slot], declared: list[Slot]) -> Slot | None:
    """Return a declared title that is a heading without its first words: those are a kicker above the title."""
    for slot in headings:
        words = folded(slot.text)
        for title in declared:
            tail = folded(title.text)
            if tail and len(tail) * 2 >= len(words) and words.endswith(f" {tail}"):
                return title
    return None


def _has_kicker(heading: Slot, parts: list[Slot], page: ParsedPage) -> bool:
    """Return whether the first words of a heading, or all others, are in an element of their own."""
    inner = heading.node.css("*")[:_MOST_LOWER] if heading.node is not None else []
    texts = {folded(page.line(node)) for node in inner}
    kickers = (folded(heading.text).removesuffix(folded(part.text)).strip() for part in parts)
    return any(kicker in texts for kicker in kickers if kicker) or any(folded(part.text) in texts for part in parts)


def _agreed(headings: list[Slot], declared: list[Slot]) -> Slot | None:
    """Return the heading that a declared title repeats, whole, as its first part, or cut off."""
    for agrees in (_is_same, _is_first_part, _is_before_mark, _is_other_part):
        for slot in headings:
            if any(agrees(slot.text, title.text) for title in declared):
                return slot
    return None


def _is_same(heading: str, title: str) -> bool:
    if title.endswith(_CUT):
        begun = folded(title)
        return len(begun) + len(_WIDE.findall(begun)) >= _LEAST_BEGUN and folded(heading).startswith(begun)
    return folded(heading) == folded(title)


def _is_first_part(heading: str, title: str) -> bool:
    """Return whether the heading is the part before a separator.

    A short one with a long rest is the heading of a section: "Notices - Recruitment of teachers in 2022".
    """
    return any(
        folded(heading) == folded(title[: each.start()])
        and (len(heading) >= _LEAST_OWN or len(title) - each.end() <= max(len(heading), _LONGEST_NAME))
        for each in _SEPARATOR.finditer(title)
    )


def _is_before_mark(heading: str, title: str) -> bool:
    """Return whether the heading is followed by a mark without spaces and the possible name of a site."""
    rest = title[len(heading) :]
    is_begun = title[: len(heading)].casefold() == heading.casefold()
    return is_begun and rest[:1] in tuple("-–—_:：") and len(rest) <= max(len(heading), _LONGEST_NAME)


def _is_last_part(heading: str, declared: list[Slot], page: ParsedPage) -> bool:
    """Return whether a heading is the name of the site: the end of a declared title that begins with the page's own.

    It is, when that title is longer, or printed as a heading of a lower level.
    """
    for slot in declared:
        parts = [each for part in _SEPARATOR.split(slot.text) for each in part.split("_") if folded(each)]
        if (
            len(parts) > 1
            and folded(parts[-1]) == folded(heading)
            and not _is_name(parts[0], site_names(page), is_bar=False)
        ):
            lower = (folded(page.line(node)) for node in page.document.css("h2, h3, h4")[:_MOST_LOWER])
            return len(folded(heading)) * 2 < len(folded(slot.text)) or folded(parts[0]) in lower
    return False


def _is_other_part(heading: str, title: str) -> bool:
    """Return whether the heading is the part before or after a separator, and the longer part."""
    parts = _SEPARATOR.split(title)
    return folded(heading) in map(folded, parts) and len(heading) * 2 >= len(title)


def _only(headings: list[Slot], declared: list[Slot]) -> Slot | None:
    """Return the only heading, if it shares words with a declared title or no title but `<title>` is declared."""
    different = {folded(slot.text) for slot in headings}
    if len(different) != 1:
        return None
    heading = headings[0]
    texts = [slot.text for slot in declared]
    if not texts:
        return heading
    words = set(folded(heading.text).split())
    others = [set(folded(text).split()) for text in texts]
    shared = max(len(words & other) / len(words) for other in others)
    is_whole = any(len(words) >= _LEAST_OF_TITLE * len(other) for other in others)
    return heading if shared >= _LEAST_SHARED and is_whole else None


def is_address(text: str) -> bool:
    """Return whether a title is an address, an identifier, a file name, a number or a placeholder."""
    if len(text) > _LONGEST_ADDRESS:
        return False
    return (
        _ADDRESS.match(text) is not None
        or _NO_TITLE.match(text) is not None
        or not any(char.isalpha() for char in text)
    )


def site_names(page: ParsedPage) -> list[str]:
    """Return the possible names of the site: the profile's title first, then declared names, then the host."""
    host = (urlsplit(page.url).hostname or "").removeprefix("www.")
    declared = [page.site.title, *page.slots.meta("og:site_name"), *page.slots.jsonld("publisher.name")]
    declared += page.slots.meta("application-name")[:1]
    names = [name for name in map(shown, declared) if name][:_MOST_NAMES]
    return list(dict.fromkeys([*names, host]))


def without_site(title: str, names: Iterable[str]) -> str:
    """Return a title without " - Name of the site" at its end (or "Name of the site - " before it)."""
    names = list(names)
    title = _without_known(title, names)
    known = [folded(name) for name in names if name]
    for _ in range(2):
        marks = list(_SEPARATOR.finditer(title))
        if not marks:
            break
        last, first = marks[-1], marks[0]
        if _is_name(title[last.end() :], known, is_bar="|" in last[0]):
            title = title[: last.start()].strip() or title[last.end() :]
        elif _is_name(title[: first.start()], known, is_bar=False):
            title = title[first.end() :].strip()
        else:
            break
    return title.strip()


def _without_known(title: str, names: list[str]) -> str:
    """Return a title without a known name at its end or beginning and the mark between them."""
    for name in filter(None, names):
        lower, size = title.casefold(), len(name)
        if len(lower) != len(title):
            break
        before, after = _MARK_AT_END.search(title[:-size]), _MARK_AT_START.match(title[size:])
        if before and before.start() and lower.endswith(name.casefold()):
            return title[: before.start()]
        if after and after.end() < len(title) - size and lower.startswith(name.casefold()):
            return title[size + after.end() :]
    return title


def _is_name(part: str, names: list[str], *, is_bar: bool) -> bool:
    """Return whether a part of a title is the name of the site: a known name, or one that resembles its host name."""
    words = folded(part)
    if not words or words in names:
        return True
    joined = words.replace(" ", "")
    host = names[-1].split() if names else []
    if is_bar:
        return True
    near = (joined in label or (len(label) >= _LEAST_LABEL and label in joined) for label in host[:-1])
    return len(joined) >= _LEAST_PART and any(near)


def folded(text: str) -> str:
    """Return a title for comparison: its words in lower case; marks, dashes and quotes do not count."""
    return " ".join(_WORD.findall(text.casefold().replace("’", "").replace("'", "")))
