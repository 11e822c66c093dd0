"""Pages that are gone, came back or moved, each with its proof and its last capture."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from archiver.app.browsing.absence_proof import proof_of
from archiver.app.reading.find import known_site
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import UsageError
from archiver.model.clock import instant
from archiver.store.absence_queries import MOST, AbsenceQueries, LostPage
from archiver.text.near import did_you_mean

STATES = ("still", "same", "different", "back", "moved")
"""Still gone; back with the same words, with other words, or not comparable; at another address."""
PAGE = 25
"""Rows of one page."""


@dataclass(frozen=True, slots=True)
class GonePages:
    """A part of the list, the newest first. Times are UTC text.

    Attributes:
        counts: the number of rows by state; `is_capped`: there are more than are counted.
        never: addresses that were never there, which are not listed.
        begin, end: the span of the archive, for the drawings.
        next: the cursor of what follows; 0 at the end.
    """

    state: str | None
    counts: dict[str, int]
    is_capped: bool
    never: int
    pages: int
    begin: str | None
    end: str | None
    rows: list[dict[str, Any]]
    start: int
    next: int

    def as_json(self) -> dict[str, Any]:
        """Return the list as JSON has it."""
        return asdict(self)


def gone_pages(archive: ArchiveReader, site: str | None = None, state: str | None = None, start: int = 0) -> GonePages:
    """Return absences and moves, the newest first; of one state, `back` being any return.

    Raises:
        UsageError: there is no such state.
        NotInArchive: there is no such site.
    """
    known_site(archive.store, site)
    if state is not None and state not in STATES:
        raise UsageError(f"{state}: no such state; {did_you_mean(state, STATES)}known: {', '.join(STATES)}")
    queries, hidden = archive.store.browsing.absences, archive.embargoed_pages()
    site_id = None if site is None else archive.store.pages.site_id(site)
    found = queries.lost(site_id, hidden)
    counts = Counter(each.state for each in found)
    wanted = [each for each in found if state in (None, each.state)]
    shown = wanted[start : start + PAGE]
    watch = archive.store.browsing.coverage
    return GonePages(
        state,
        {name: counts[name] for name in STATES if counts[name]},
        counts["moved"] > MOST or counts.total() - counts["moved"] > MOST,
        queries.never_seen(site_id, hidden),
        watch.looked_at("", site_id).pages,
        archive.store.event_rows.begun(),
        watch.last_visit(site_id),
        _rows(queries, shown),
        start,
        start + PAGE if len(wanted) > start + PAGE else 0,
    )


def _rows(queries: AbsenceQueries, shown: Sequence[LostPage]) -> list[dict[str, Any]]:
    absences = queries.absences([each.absence_id for each in shown if each.absence_id])
    moves = queries.moves([(each.page_id, each.visit_id) for each in shown if not each.absence_id])
    rows = []
    for each in shown:
        if each.absence_id:
            rows.append(_absence(queries, each.state, absences[each.absence_id]))
        else:
            rows.append({"state": "moved", **moves[each.page_id, each.visit_id]})
    return rows


def _absence(queries: AbsenceQueries, state: str, found: dict[str, Any]) -> dict[str, Any]:
    """Return an absence with its proofs; each has the visit that shows it."""
    proof = proof_of(found["evidence"], found["misses"])
    moments = [proof[name]["at"] for name in ("first", "second", "last") if proof[name]]
    visits = queries.visits_at(found["page_id"], moments)
    for name in ("first", "second", "last"):
        if proof[name]:
            proof[name]["visit_id"] = visits.get(proof[name]["at"])
    days = (instant(found["back_by"] or found["last_miss"]) - instant(found["gone_by"])).days
    kept = {name: value for name, value in found.items() if name != "evidence"}
    return {"state": state, **kept, "proof": proof, "days": days}
