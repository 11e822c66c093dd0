"""Spans in which visits did not show a page, and it was not proven gone: blocked, or doubtful. `history` lists them."""

from collections.abc import Iterator
from typing import Any

from archiver.app.reading.page import Page
from archiver.model.outcome import DOUBTFUL_CAUSES, Outcome
from archiver.store.history import VisitRow


def interruptions(page: Page) -> Iterator[dict[str, Any]]:
    """Yield the spans in order of time: kind (blocked, doubtful), from, last and until (UTC text), and what it was.

    A doubtful visit that another visit confirmed begins a version, and is not listed.
    """
    confirmed = {kept.first_visit for kept in page.versions}
    span: dict[str, Any] = {}
    for visit in page.visits:
        kind = "" if visit.visit_id in confirmed else _kind(visit)
        if span and kind == span["kind"]:
            span["last"] = visit.visited_at
        elif kind or (span and not Outcome(visit.outcome).is_failure):
            if span:
                yield span | {"until": visit.visited_at}
            span = _span(kind, visit) if kind else {}
    if span:
        yield span


def _kind(visit: VisitRow) -> str:
    if visit.cause in DOUBTFUL_CAUSES:
        return "doubtful"
    return "blocked" if visit.outcome == Outcome.BLOCKED else ""


def _span(kind: str, visit: VisitRow) -> dict[str, Any]:
    note = visit.note or (f"status {visit.status}" if visit.status else "")
    what = note if note.startswith(kind) else f"{kind}: {note}"
    return {"kind": kind, "from": visit.visited_at, "last": visit.visited_at, "until": None, "what": what}
