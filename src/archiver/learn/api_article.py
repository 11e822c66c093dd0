"""The paths of an article in the answer of an API: what the page shows, and where the answer has it."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from archiver.extract.body import line
from archiver.extract.json_answer import Number
from archiver.extract.page import ParsedPage
from archiver.learn.api_members import Member, Steps, lists_in, members, named, path_text, text_of
from archiver.learn.shown_page import ShownPage, bare
from archiver.text.date_epoch import iso_of_epoch
from archiver.text.dates import read_date

_TITLES = ("title", "headline", "tieude", "name", "ten")
_DATES = ("publish", "ngaydang", "xuatban", "pubdate", "date", "ngay", "created", "time")
_CHANGES = ("modif", "updat", "capnhat", "chang", "edited")
_SUMMARIES = ("summary", "sapo", "lead", "excerpt", "abstract", "tomtat", "trichyeu", "intro", "description", "mota")
_SECTIONS = ("category", "section", "chuyenmuc", "danhmuc", "channel")
_AUTHORS = ("author", "byline", "tacgia", "writer")
_TAGS = ("tag", "keyword", "tukhoa")
_COUNTERS = {"views": ("viewcount", "views", "luotxem", "hits", "view"), "comments": ("commentcount", "comments")}
_LEAST_TITLE, _LONGEST_TITLE = 8, 300
_LEAST_BODY, _LEAST_PARAGRAPH = 100, 20
_LEAST_SHOWN = 0.7
_MOST_BODIES = 20
_LONGEST_SUMMARY = 2_000
_HTML = re.compile(r"<[A-Za-z]")
_TIME = re.compile(r"\d\d?:\d\d")


class FieldPath(NamedTuple):
    """A field, the path of its value, its type when it is not that of the field, and the value."""

    field: str
    path: str
    type: str
    value: str


class ArticlePaths(NamedTuple):
    """The fields and counters of an article in an answer; `size`: the characters of the body that are shown."""

    fields: tuple[FieldPath, ...]
    readings: tuple[FieldPath, ...]
    size: int


def article_paths(answer: Any, shown: ShownPage, page: ParsedPage) -> ArticlePaths | None:  # noqa: ANN401  (JSON)
    """Return the paths of the article that a page shows; None when the answer has not both its title and its body.

    Args:
        answer: the value.
        shown: what the page shows.
        page: any page of the site, for language and time zone.
    """
    found = members(answer)
    body, size = _body(found, shown)
    title = _title(found, shown, page)
    if body is None or title is None or title.steps == body.steps:
        return None
    rest = [each for each in found if each not in (body, title)]
    fields = [
        _path("title", title, page),
        *_dates(rest, shown, page),
        *_shown("section", named(rest, *_SECTIONS), shown, page, _LONGEST_TITLE),
        *_shown("summary", named(rest, *_SUMMARIES), shown, page, _LONGEST_SUMMARY),
        FieldPath("body", body.path, "", text_of(body, page)),
        *_several("bylines", _AUTHORS, rest, answer, shown, page),
        *_several("tags", _TAGS, rest, answer, shown, page),
    ]
    return ArticlePaths(tuple(fields), tuple(_counters(rest)), size)


def _path(field: str, member: Member, page: ParsedPage) -> FieldPath:
    kind = "html" if _HTML.search(member.value) else ""
    return FieldPath(field, member.path, kind, text_of(member, page))


def _title(found: list[Member], shown: ShownPage, page: ParsedPage) -> Member | None:
    """Return the member that is a text of the page: best also in its `<title>`, and named so."""
    in_title, hinted = bare(shown.title), named(found, *_TITLES)
    best: tuple[int, Member] | None = None
    for member in found:
        if isinstance(member.value, Number) or not _LEAST_TITLE <= len(member.value) <= 2 * _LONGEST_TITLE:
            continue
        text = bare(text_of(member, page))
        if len(text) < _LEAST_TITLE or text not in shown.lines:
            continue
        score = 2 * (text in in_title) + (member in hinted) - (len(member.steps) > 4)  # noqa: PLR2004  (deep)
        if best is None or score > best[0]:
            best = (score, member)
    return best[1] if best is not None and best[0] >= 1 else None


def _body(found: list[Member], shown: ShownPage) -> tuple[Member | None, int]:
    """Return the member with the longest text that the page shows, and how much of it is shown."""
    longest = sorted((each for each in found if len(each.value) >= _LEAST_BODY), key=lambda each: -len(each.value))
    best: tuple[Member | None, int] = (None, 0)
    for member in longest[:_MOST_BODIES]:
        size = _size_shown(member, shown)
        if size > best[1]:
            best = (member, size)
    return best if best[1] >= _LEAST_BODY else (None, 0)


def _size_shown(member: Member, shown: ShownPage) -> int:
    """Return the characters of a member's paragraphs that the page shows; 0 when it shows only some of them."""
    part = ParsedPage(member.value, shown.url)
    body = part.document.first("body")
    text = part.paragraphs(body) if body is not None and _HTML.search(member.value) else member.value
    parts = [each for each in map(bare, text.split("\n")) if len(each) >= _LEAST_PARAGRAPH]
    size = sum(len(each) for each in parts if each in shown.bare)
    return size if size >= _LEAST_SHOWN * sum(map(len, parts)) else 0


def _dates(found: list[Member], shown: ShownPage, page: ParsedPage) -> Iterator[FieldPath]:
    """Yield the date of publication, best one that the page shows, and the date of the latest change."""
    dated = [(each, day) for each in found if (day := _day(each, page))]
    changes = named([each for each, _ in dated], *_CHANGES)
    others = {each: day for each, day in dated if each not in changes}
    ranked = named(others, *_DATES)
    seen = [each for each in ranked if any(form in shown.bare for form in _printed(others[each]))]
    best = next(iter(seen or ranked), None)
    if best is not None:
        yield FieldPath("published", best.path, "", best.value)
        if changes:
            yield FieldPath("modified", changes[0].path, "", changes[0].value)


def _day(member: Member, page: ParsedPage) -> str:
    """Return the day (YYYY-MM-DD) that a short text or a counted moment says; "" for any other."""
    if len(member.value) > 60:  # noqa: PLR2004  (no date is longer)
        return ""
    text = iso_of_epoch(member.value) or ("" if isinstance(member.value, Number) else member.value)
    if not text:
        return ""
    return (read_date(text, language=page.language, timezone=page.site.timezone).local or "")[:10]


def _printed(day: str) -> tuple[str, ...]:
    """Return how pages print a day, without white space."""
    year, month, date = day.split("-")
    forms = [day]
    for mark in "/.-":
        forms += [mark.join((date, month, year)), mark.join((date.lstrip("0"), month.lstrip("0"), year))]
    return tuple(forms)


def _shown(field: str, found: list[Member], shown: ShownPage, page: ParsedPage, most: int) -> Iterator[FieldPath]:
    """Yield the first member of some whose text the page shows."""
    texts = (each for each in found if not isinstance(each.value, Number) and len(each.value) <= 2 * most)
    fitting = (each for each in texts if len(bare(text_of(each, page))) > 1 and shown.shows(text_of(each, page)))
    yield from (_path(field, each, page) for each in islice(fitting, 1))


def _several(
    field: str,
    hints: tuple[str, ...],
    found: list[Member],
    answer: Any,  # noqa: ANN401  (JSON)
    shown: ShownPage,
    page: ParsedPage,
) -> Iterator[FieldPath]:
    """Yield the path of a list of names, each with its text or with a member for it; or of one name."""
    for steps, value in lists_in(answer):
        if not named([Member(steps, "")], *hints):
            continue
        for inner in _names(value):
            texts = [line(text) for text in inner[1] if text.strip()]
            if texts and any(map(shown.shows, texts)):
                yield FieldPath(field, path_text((*steps, None, *inner[0])), "", ", ".join(texts))
                return
    yield from _shown(field, named(found, *hints), shown, page, _LONGEST_TITLE)


def _names(items: list[Any]) -> Iterator[tuple[Steps, list[str]]]:
    """Yield the ways from an item to its name, with the names."""
    if all(isinstance(item, str) for item in items):
        yield (), items
        return
    first = next((item for item in items if isinstance(item, dict)), {})
    for member in named(members(first), "name", "title", "ten", "label"):
        values = [each.value for item in items for each in members(item) if each.steps == member.steps]
        yield member.steps, values


def _counters(found: list[Member]) -> Iterator[FieldPath]:
    numbers = [each for each in found if each.value.isdigit() and len(each.value) < 13]  # noqa: PLR2004  (no moment)
    for field, hints in _COUNTERS.items():
        yield from (FieldPath(field, each.path, "", each.value) for each in named(numbers, *hints)[:1])
