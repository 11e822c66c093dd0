"""Find when a page without rules was published: the date that it declares, else the date printed near its heading."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from archiver.extract.gathered import Gathered
from archiver.extract.headline import folded
from archiver.extract.moment import CHANGED, as_published, declared_times
from archiver.extract.outline import Outline
from archiver.extract.page import ParsedPage
from archiver.extract.shown import DOCUMENT, Slot, fill_from, jsonld_slots, meta_slots
from archiver.extract.tree import Node, ancestry, attribute, tag_id
from archiver.model.record import Published
from archiver.text.cldr import primary_of
from archiver.text.date_labels import is_publication_label, modification_label
from archiver.text.dates import PrintedDate

_DECLARED = (
    "datepublished",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "dcterms.date",
    "pubdate",
    "publishdate",
    "date",
)
_MOST_RUNS = 400
"""The number of runs after the heading in which a date labelled as the publication counts."""
_BEFORE, _AFTER = 12, 25
"""The number of runs before and after the heading in which its date is searched."""
_LONGEST = 160
_LONG = 250
"""Characters of the first paragraph of the text; no date of the page is searched after it."""
_LONGEST_LABEL = 40
_LONGEST_LINE = 80
"""Characters: a longer line without a label of a publication is about an event on that day."""
_NEAR = 4
"""The number of runs from the heading in which even a footer or an aside may hold the date of the article."""
_IN_UTC = re.compile(r"(?:Z|[+-]00:?00|GMT|UTC)\s*\Z")
_OTHER_DIGITS = "\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59"
YEAR = re.compile(
    rf"[12{_OTHER_DIGITS}](?:(?<=1)9\d\d|(?<=2)0\d\d|(?<=[{_OTHER_DIGITS}])[{_OTHER_DIGITS}]{{3}})"
)  # one set of characters at its beginning makes the search five times as fast
_SEPARATED = re.compile(
    r"\s*[|•·⋅●▪]\s*|\s+[-–—/]\s+(?=[^\W\d_]{2,})|\s{2,}|\s*[()]\s*|(?<=\d)\s*[,;]\s+(?=[^\W\d_]{2,})"
)
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_PARTS = re.compile(rf"(?<=\d)\s*[,.;]?\s+(?=[^\W\d_]{{4,}})|\s*/\s*|\s+[-–—]\s+|(?<=[\d日시분])\s+(?=[{_CJK}]{{2,}})")
_NOT_HERE = frozenset(("nav", "footer", "aside"))
_UPDATED_IS_PUBLISHED = frozenset(("vi",))
"""Languages whose portals print "updated" next to the only date of an article."""
_OF_A_USER = re.compile(r"\b(?:joined|member since|registered)\b", re.IGNORECASE)
_HEADING = tag_id("h1")
_ELSEWHERE = re.compile(r"related|recommend|popular|trending|(?:^|\s)sidebar|most-?read", re.IGNORECASE)
"""In a class or id: a box of other articles. A box that also contains the heading is the layout of the page."""
_EARLIEST = "1990"
"""An earlier date without a label is not a publication: the web began in this year."""
_SENTENCE = re.compile(r"(?<![ap]\.m)[.!?]\Z")
_LEAST_WORDS = 5
_LABELLED = re.compile(r"[^\d:：|]{3,40}[:：]")
_DAY = re.compile(
    r"\b(?:date|datum|dato|data|fecha|ngày|дата|tarih|tanggal|thứ|chủ nhật|von|by|am|le)\b|[日時时发發]",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")


class PrintedAt(NamedTuple):
    """A printed date: how well it is labelled (0 the best), its distance from the heading, its text, its node."""

    rank: int
    distance: int
    said: PrintedDate
    node: Node


def fill_published(page: ParsedPage, into: Gathered) -> None:
    """Fill the date of publication: declared for machines, marked, declared by other names, else printed."""
    slots = [
        *meta_slots(page, "article:published_time"),
        *jsonld_slots(page, "datePublished"),
        *(Slot(DOCUMENT, text, node) for text, node in declared_times(page)),
        *meta_slots(page, *_DECLARED),
    ]
    found = ((slot, said) for slot in slots if (said := page.date(slot.text)).local is not None)
    best = next(found, None)
    if best is None:
        printed = next(iter(_printed(page, into)), None)
        if printed is not None:
            fill_from(
                "published", Slot(DOCUMENT, printed.said.raw, printed.node), as_published(printed.said), page, into
            )
        return
    slot, said = best
    published = as_published(said)
    if not page.site.timezone and _IN_UTC.search(slot.text):
        published = _at_the_site(published, page, into)
    fill_from("published", slot, published, page, into)


def _at_the_site(published: Published, page: ParsedPage, into: Gathered) -> Published:
    """Return a moment stated in UTC on the day that the page prints for it, when that is the day before or after."""
    day = date.fromisoformat((published.local or "")[:10])
    for each in _printed(page, into):
        printed = each.said.local or ""
        if each.distance <= _AFTER and abs(date.fromisoformat(printed[:10]) - day) == timedelta(days=1):
            return replace(published, local=printed, precision=each.said.precision)
    return published


def _printed(page: ParsedPage, into: Gathered) -> list[PrintedAt]:
    """Return the dates near the heading, those with the best label first, then the nearest."""
    return sorted(_candidates(page, into), key=lambda each: each[:2])


def _candidates(page: ParsedPage, into: Gathered) -> Iterator[PrintedAt]:
    outline = page.outline(into.cut.keys())
    heading = heading_of(outline, str(into.values.get("title") or ""))
    if heading is None:
        return
    runs = outline.runs
    last = min(len(runs), heading + _MOST_RUNS)
    is_beyond = False
    around = frozenset(each.mem_id for each in ancestry(outline.blocks[runs[heading].block].node))
    changed = [text for node in page.document.css(CHANGED)[:_AFTER] if (text := page.line(node))]
    for number in range(max(0, heading - _BEFORE), last):
        run = runs[number]
        is_beyond = (
            is_beyond or number > heading + _AFTER or (number > heading and len(run.text) >= _LONG and run.is_prose)
        )
        if len(run.text) > _LONGEST or not YEAR.search(run.text):
            continue
        is_near = abs(number - heading) <= _NEAR
        if is_elsewhere(outline.blocks[run.block].node, around, is_near=is_near) or any(
            map(run.text.startswith, changed)
        ):
            continue
        before = runs[number - 1].text if number else ""
        label = before if len(before) <= _LONGEST_LABEL and number - 1 != heading else ""
        for said, rank in _read_run(run.text, label, page):
            if rank == 0 or (not is_beyond and (said.local or "") >= _EARLIEST and not _is_sentence(run.text)):
                yield PrintedAt(rank, abs(number - heading), said, outline.blocks[run.block].node)


def is_elsewhere(block: Node, around: frozenset[int], *, is_near: bool) -> bool:
    """Return whether a block is in a box of other articles or, not near the heading, in a footer or an aside.

    Args:
        block: the block of a run.
        around: the elements (`mem_id`) around the heading: they are the layout of the page, not boxes.
        is_near: whether the run is near the heading.
    """
    above = [each for each in ancestry(block) if each.mem_id not in around]
    if not is_near and any(each.tag in _NOT_HERE for each in above):
        return True
    return any(_ELSEWHERE.search(f"{attribute(each, 'class') or ''}\n{attribute(each, 'id') or ''}") for each in above)


def _is_other_day(text: str, language: str) -> bool:
    """Return whether a date has a label that is not about dates: "Deadline: 5 May 2022"."""
    label = _LABELLED.match(text)
    if label is None or _DAY.search(label[0]):
        return False
    return not is_publication_label(label[0], language) and not modification_label(label[0], language)


def _is_sentence(text: str) -> bool:
    """Return whether a short text with a date is a sentence about an event on that day."""
    return _SENTENCE.search(text) is not None and len(_WORD.findall(text)) >= _LEAST_WORDS


def heading_of(outline: Outline, title: str) -> int | None:
    """Return the number of the run that is the title, or the first heading of the first level."""
    words = folded(title)
    first = None
    for number, run in enumerate(outline.runs):
        if words and folded(run.text) == words:
            return number
        if first is None and outline.blocks[run.block].node.tag_id == _HEADING:
            first = number
    return first


def _read_run(text: str, label: str, page: ParsedPage) -> Iterator[tuple[PrintedDate, int]]:
    """Yield the dates in a short text, each with the rank of its label."""
    said = page.date(text)
    if said.local is not None:
        rank = None if _is_other_day(text, page.language) else _rank(f"{label} {text}", page.language)
        if rank is not None and (rank == 0 or len(text) <= _LONGEST_LINE):
            yield said, rank
        return
    before = label
    for part in dated_parts(text, page):
        if YEAR.search(part):
            said = page.date(part)
            rank = _rank(f"{before} {part}", page.language)
            if said.local is not None and rank is not None:
                yield said, rank
        before = part if len(part) <= _LONGEST_LABEL else ""


def dated_parts(text: str, page: ParsedPage) -> Iterator[str]:
    """Yield the parts of a text with several dates: between separators, and those of a part without a certain date."""
    for part in _SEPARATED.split(text):
        is_date = YEAR.search(part) is not None and page.date(part).local is not None
        yield from (part,) if is_date else _PARTS.split(part)


def _rank(text: str, language: str) -> int | None:
    """Return the rank of a label of the publication; None for a label of the latest change."""
    kind = modification_label(text, language)
    if is_publication_label(text, language):
        return 0 if not kind else 1
    if kind == "updated" and primary_of(language) in _UPDATED_IS_PUBLISHED:
        return 2
    return None if kind or _OF_A_USER.search(text) else 1
