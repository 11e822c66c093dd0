"""What a page declares of itself, compared: fills the fields that have no rule, and says where from."""

import html
import re
from collections.abc import Callable, Iterable
from html.entities import html5

from archiver.extract.body import line
from archiver.extract.gather import split_words
from archiver.extract.gathered import Gathered
from archiver.extract.moment import as_published, declared_times
from archiver.extract.page import Page
from archiver.extract.rules import Found, source_of
from archiver.extract.tree import Node, attribute
from archiver.model.record import Source
from archiver.text.dates import read_date

META, JSONLD, DOCUMENT = "fallback:meta", "fallback:jsonld", "document"
_LEAST_BODY = 200
"""Characters: a shorter `articleBody` is a teaser."""
_LEAST_HEADING = 8
_MOST_HEADINGS = 5
_MOST_NAMES = 5
_MARKS = "-–—|·•»/"
_CUT = ("...", "…")
_RAW = 500
_ENTITY = re.compile(r"&(?:#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|([A-Za-z][A-Za-z0-9]{1,31};))")
"""With its semicolon: "?a=1&copy=2" holds none."""

Slot = tuple[str, str, Node | None]
"""Rule, text, node."""


def fill_declared(page: Page, into: Gathered) -> None:
    """Fill every field that has neither rule nor value and that the page declares."""
    for name, reader in _READERS.items():
        if into.wants(name):
            reader(page, into)


def _metas(page: Page, *names: str) -> list[Slot]:
    return [(META, value, None) for name in names for value in page.slots.meta(name)]


def _jsonld(page: Page, *paths: str) -> list[Slot]:
    objects = page.main_objects
    return [(JSONLD, value, None) for path in paths for each in objects for value in page.slots.of(each, path)]


def _fill(name: str, slot: Slot, value: object, page: Page, into: Gathered) -> None:
    rule, raw, node = slot
    into.fill(name, value, source_of(Found(raw, node, raw), rule, 0, page) if node else Source(rule, 0, raw[:_RAW]))


def _nodes(page: Page, selector: str) -> list[Slot]:
    return [(DOCUMENT, page.line(node), node) for node in page.document.css(selector)]


def _shown(text: str) -> str:
    """A declared value as one line; entities that are left of it were escaped twice."""
    return line(_ENTITY.sub(_entity, text))


def _entity(found: re.Match[str]) -> str:
    return html5.get(found[1], found[0]) if found[1] else html.unescape(found[0])


def _first(name: str, slots: Iterable[Slot], page: Page, into: Gathered) -> None:
    """The first slot that says anything."""
    for slot in slots:
        text = _shown(slot[1])
        if text:
            _fill(name, slot, text, page, into)
            return


def _title(page: Page, into: Gathered) -> None:
    """A heading that a declared title repeats; else the best declared title, without the site's name."""
    names = _site_names(page)
    first = [*_metas(page, "og:title")[:_MOST_HEADINGS], *_jsonld(page, "headline")[:1]]
    title = page.document_title
    own: list[Slot] = [(DOCUMENT, page.line(title), title)] if title is not None else []
    second = [*own, *_metas(page, "title")[:_MOST_HEADINGS]]
    shown = _telling(_nodes(page, "h1")[:_MOST_HEADINGS], names)
    declared = _telling(first, names) or _telling(second, names)
    said = [_shown(slot[1]) for slot in declared]
    for slot in shown:
        if len(slot[1]) >= _LEAST_HEADING and any(_is_heading_of(slot[1], text, names) for text in said):
            _fill("title", slot, slot[1], page, into)
            return
    for slot in [*declared, *shown, *first, *second]:
        text = without_site(_shown(slot[1]), names)
        if text:
            _fill("title", slot, text, page, into)
            return


def _telling(slots: list[Slot], names: list[str]) -> list[Slot]:
    """Those that say more than how the site is called."""
    folded = {name.casefold() for name in names}
    return [slot for slot in slots if _shown(slot[1]).casefold() not in folded]


def _site_names(page: Page) -> list[str]:
    """The profile's first: a page may declare any number of them."""
    declared = [page.site.title, *page.slots.meta("og:site_name"), *page.slots.jsonld("publisher.name")]
    return list(dict.fromkeys(name for name in map(_shown, declared) if name))[:_MOST_NAMES]


def _is_heading_of(heading: str, title: str, names: list[str]) -> bool:
    """Whether a declared title is this heading, or the heading and then the site's name (or something as short).

    Or the title is cut off, and the heading has it whole.
    """
    if title.endswith(_CUT):
        begun = title.rstrip(" .…").casefold()
        return len(begun) >= _LEAST_HEADING and heading.casefold().startswith(begun)
    if title[: len(heading)].casefold() != heading.casefold():
        return False
    rest = title[len(heading) :]
    tail = rest.lstrip().lstrip(_MARKS)
    is_parted = rest[:1].isspace() and tail != rest.lstrip() and tail[:1].isspace()
    name = tail.strip().casefold()
    return not rest.strip() or (is_parted and (len(name) < len(heading) or name in map(str.casefold, names)))


def without_site(title: str, names: Iterable[str]) -> str:
    """A title without " - Name of the site" at its end (or "Name of the site - " before it).

    White space stands on both sides of the mark: "Quận 11: Ra quân" is a title, and so is "Anti-Google".
    """
    for name in names:
        title = _without_end(title, name) or _without_start(title, name) or title
    return title


def _without_end(title: str, name: str) -> str:
    if title[-len(name) :].casefold() != name.casefold():
        return ""
    front = title[: -len(name)]
    bare = front.rstrip().rstrip(f"{_MARKS}:")
    return bare.rstrip() if front[-1:].isspace() and bare != front.rstrip() and bare[-1:].isspace() else ""


def _without_start(title: str, name: str) -> str:
    if title[: len(name)].casefold() != name.casefold():
        return ""
    rest = title[len(name) :]
    bare = rest.lstrip().lstrip(_MARKS)
    return bare.lstrip() if rest[:1].isspace() and bare != rest.lstrip() and bare[:1].isspace() else ""


def _published(page: Page, into: Gathered) -> None:
    slots = [
        *_metas(page, "article:published_time"),
        *_jsonld(page, "datePublished"),
        *((DOCUMENT, text, node) for text, node in declared_times(page)),
        *_metas(page, "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date", "pubdate", "publishdate", "date"),
    ]
    for slot in slots:
        said = read_date(slot[1], language=page.site.language, timezone=page.site.timezone)
        if said.local is not None:
            _fill("published", slot, as_published(said), page, into)
            return


def _section(page: Page, into: Gathered) -> None:
    _first("section", [*_metas(page, "article:section"), *_jsonld(page, "articleSection")], page, into)


def _summary(page: Page, into: Gathered) -> None:
    names = ("og:description", "description", "twitter:description", "dc.description")
    _first("summary", _metas(page, *names), page, into)


def _bylines(page: Page, into: Gathered) -> None:
    slots = [*_jsonld(page, "author"), *_metas(page, "author", "article:author", "dc.creator", "dcterms.creator")]
    _list("bylines", [slot for slot in slots if not slot[1].startswith(("http:", "https:", "@"))], page, into)


def _list(name: str, slots: list[Slot], page: Page, into: Gathered) -> None:
    """All values of the first kind of slot that has any."""
    same = [slot for slot in slots if slot[0] == slots[0][0]]
    values = tuple(dict.fromkeys(text for slot in same if (text := _shown(slot[1]))))
    if values:
        _fill(name, slots[0], values, page, into)


def _tags(page: Page, into: Gathered) -> None:
    for slots in (_metas(page, "article:tag"), _jsonld(page, "keywords"), _metas(page, "news_keywords", "keywords")):
        words = split_words([_shown(slot[1]) for slot in slots])
        if words:
            _fill("tags", slots[0], words, page, into)
            return


def _language(page: Page, into: Gathered) -> None:
    root = page.document.root
    declared = (attribute(root, "lang") or attribute(root, "xml:lang")) if root is not None else None
    slots: list[Slot] = [(DOCUMENT, declared or "", None), *_jsonld(page, "inLanguage")]
    _first("language", [*slots, *_metas(page, "og:locale", "content-language", "dc.language", "language")], page, into)


def _images(page: Page, into: Gathered) -> None:
    slots = [*_metas(page, "og:image", "og:image:url", "twitter:image")] or _jsonld(page, "image")
    found = tuple(dict.fromkeys(url for slot in slots if (url := page.absolute(slot[1].strip()))))
    if found:
        _fill("images", slots[0], found, page, into)


def _body(page: Page, into: Gathered) -> None:
    """Only what the page itself calls the article's body."""
    for slot in _jsonld(page, "articleBody")[:1]:
        text = _plain(slot[1])
        if len(text) >= _LEAST_BODY:
            _fill("body", slot, text, page, into)
            return
    nodes = page.document.css("[itemprop~='articleBody']")
    if len(nodes) == 1:
        text = page.paragraphs(nodes[0], into.cut.keys())
        if len(text) >= _LEAST_BODY:
            into.fill("body", text, source_of(Found(text, nodes[0]), "fallback:microdata", 0, page))
            into.bodies = nodes


def _plain(text: str) -> str:
    """An `articleBody` as paragraphs: some hold escaped HTML, some lines."""
    if "&" in text or "<" in text:
        marked = html.unescape(text)
        if re.search(r"<(p|br|div)\b", marked, re.IGNORECASE):
            fragment = Page(f"<body>{marked}", "")
            body = fragment.document.first("body")
            return fragment.paragraphs(body) if body is not None else ""
        text = marked
    return "\n\n".join(part for part in map(line, text.splitlines()) if part)


_READERS: dict[str, Callable[[Page, Gathered], None]] = {
    "title": _title,
    "published": _published,
    "section": _section,
    "summary": _summary,
    "bylines": _bylines,
    "tags": _tags,
    "language": _language,
    "body": _body,
    "images": _images,
}
