"""Read when a page says that it was changed last: declared for machines, marked, or printed with a label.

This is a claim of the page and no content: it makes no version. The lines that print it leave the body.
"""

import re
from collections.abc import Iterator

from archiver.extract.gathered import Gathered
from archiver.extract.moment import as_published, marked_changes, short_texts_beside
from archiver.extract.outline import Outline
from archiver.extract.page import ParsedPage
from archiver.extract.printed_date import YEAR, PrintedAt, dated_parts, heading_of, is_elsewhere
from archiver.extract.shown import DOCUMENT, Slot, fill_from, jsonld_slots, meta_slots
from archiver.extract.tree import ancestry
from archiver.text.clean import line
from archiver.text.date_labels import is_publication_label, modification_label
from archiver.text.dates import PrintedDate

FIELD = "modified"
_DECLARED = ("article:modified_time", "og:updated_time", "og:article:modified_time")
_DECLARED_LATER = (
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "dc.modified",
    "last-modified",
    "last_modified",
    "lastmod",
    "last-updated",
    "revised",
)
_LONGEST = 160
"""Characters of the longest run of text in which a printed claim is searched."""
_LONGEST_LABEL = 60
_LONGEST_TAIL = 14
"""Characters after the last figure of a line that is only a claim: `Uhr`, `GMT+7`, `日`."""
_EDGE = 5
"""The number of lines at each end of the body that may be a claim."""
_NEAR = 25
"""The number of runs from the heading within which the nearest of several claims counts."""
_MOST = 30
_ONLY_CLAIM = re.compile(rf"\D{{0,{_LONGEST_LABEL}}}\d(.*)\d\D{{0,{_LONGEST_TAIL}}}\Z", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")
_MOST_WORDS = 6
"""Words between the first and the last figure of a line that is only a claim: months, and the label of another date."""


def fill_modified(page: ParsedPage, into: Gathered) -> None:
    """Fill the claim from what the page declares, marks or, where no profile reads the page, prints."""
    slots = [
        *meta_slots(page, *_DECLARED),
        *jsonld_slots(page, "dateModified"),
        *(Slot(DOCUMENT, text, node) for text, node in marked_changes(page)),
        *meta_slots(page, *_DECLARED_LATER),
    ]
    for slot in slots:
        said = page.date(slot.text)
        if said.local is not None:
            fill_from(FIELD, slot, as_published(said), page, into)
            return
    claim = _beside_fields(page, into) if page.is_ruled else _printed(page, into)
    if claim is not None:
        fill_from(FIELD, Slot(DOCUMENT, claim.said.raw, claim.node), as_published(claim.said), page, into)


def leave_out_claims(page: ParsedPage, into: Gathered) -> None:
    """Remove the lines of the body that only print the claim; without another claim, they are it.

    Lines with several dates are content: each may belong to another part of the page.
    """
    body = str(into.values.get("body") or "")
    if not YEAR.search(body):
        return
    found = {text: said for text in _edges(body) if (said := _claim_of(text, page)) is not None}
    if not found or len({(said.local or "")[:10] for said in found.values()}) > 1:
        return
    kept = "\n\n".join(filter(None, (_without(each, frozenset(found)) for each in body.split("\n\n"))))
    if not kept:
        return
    into.values["body"] = kept
    if into.wants(FIELD):
        said = next(iter(found.values()))
        fill_from(FIELD, Slot(DOCUMENT, said.raw), as_published(said), page, into)


def _edges(body: str) -> list[str]:
    """Return the short lines with a year at the beginning and at the end of the body, each once."""
    lines = [each for each in body.split("\n") if each]
    edges = lines if len(lines) <= 2 * _EDGE else [*lines[:_EDGE], *lines[-_EDGE:]]
    return [each for each in dict.fromkeys(edges) if len(each) <= _LONGEST and YEAR.search(each)]


def _claim_of(text: str, page: ParsedPage) -> PrintedDate | None:
    """Return the date of a line that is nothing but a claim."""
    found = _ONLY_CLAIM.match(line(text))
    if found is None or len(_WORD.findall(found[1])) > _MOST_WORDS:
        return None
    return next((said for _, said in _claims_in(text, "", page)), None)


def _without(paragraph: str, claims: frozenset[str]) -> str:
    return "\n".join(each for each in paragraph.split("\n") if each not in claims)


def _beside_fields(page: ParsedPage, into: Gathered) -> PrintedAt | None:
    """Return the claim printed next to the node of a date with a rule; without one, of the first field with a rule."""
    for field_node in into.date_nodes[:1] or into.field_nodes[:1]:
        for text, node in short_texts_beside(field_node, page, _LONGEST):
            claim = next(_claims_in(text, "", page), None) if YEAR.search(text) else None
            if claim is not None:
                return PrintedAt(claim[0], 0, claim[1], node)
    return None


def _printed(page: ParsedPage, into: Gathered) -> PrintedAt | None:
    """Return the printed claim with the best label, then the nearest; None when several far ones differ."""
    outline = page.outline(into.cut.keys())
    heading = heading_of(outline, str(into.values.get("title") or ""))
    claims = [claim for claim, _ in zip(_candidates(outline, heading, page), range(_MOST), strict=False)]
    if not claims:
        return None
    best = min(claims, key=lambda each: each[:2])
    days = {(each.said.local or "")[:10] for each in claims if each.rank == best.rank}
    return best if len(days) == 1 or (heading is not None and best.distance <= _NEAR) else None


def _candidates(outline: Outline, heading: int | None, page: ParsedPage) -> Iterator[PrintedAt]:
    runs, place = outline.runs, heading or 0
    around = (
        frozenset(each.mem_id for each in ancestry(outline.blocks[runs[place].block].node))
        if runs
        else frozenset[int]()
    )
    for number, run in enumerate(runs):
        if len(run.text) > _LONGEST or not YEAR.search(run.text):
            continue
        before = runs[number - 1].text if number else ""
        label, node = before if len(before) <= _LONGEST_LABEL else "", outline.blocks[run.block].node
        for rank, said in _claims_in(run.text, label, page):
            is_near = rank == 0 or (heading is not None and abs(number - place) <= _NEAR)
            if not is_elsewhere(node, around, is_near=is_near):
                yield PrintedAt(rank, abs(number - place), said, node)


def _claims_in(text: str, label: str, page: ParsedPage) -> Iterator[tuple[int, PrintedDate]]:
    """Yield the dates in a short text that a label says to be those of a change, with the rank of the label."""
    if not modification_label(f"{label} {text}", page.language):
        return
    whole = _claim(f"{label} {text}", text, page)
    if whole is not None:
        yield whole
        return
    before = label
    for part in dated_parts(text, page):
        claim = _claim(f"{before} {part}", part, page) if YEAR.search(part) else None
        if claim is not None:
            yield claim
        before = part if not YEAR.search(part) else ""


def _claim(labelled: str, text: str, page: ParsedPage) -> tuple[int, PrintedDate] | None:
    kind = modification_label(labelled, page.language)
    if not kind or is_publication_label(labelled, page.language):
        return None
    said = page.date(text)
    return None if said.local is None else (0 if kind == "modified" else 1, said)
