"""The table of a page's history: versions with what is new in them, absences, failed visits, times without a visit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archiver.app.browsing.editions import edition_rows
from archiver.app.browsing.strip import version_mark
from archiver.store.archive import Store
from archiver.store.event_views import LEAST_DAYS
from archiver.store.span_queries import Window

MOST_ROWS = 200
"""A table with more versions is shown in parts."""

_PART = 80  # versions of a part
_EDITIONS = 40  # editions of a part
_OTHERS = 60  # absences, pauses and groups of failed visits of a part, of each
_FIELDS = 6  # changed fields of a version
_CONTEXT = 320  # characters of the changed words of a field
_GONE = 410
_LONG = 5_000  # versions of a page
_OF_VERSION = ("version", "version_id", "seen_from", "seen_last", "seen_until", "first_visit", "last_visit")


@dataclass(frozen=True, slots=True)
class HistoryTable:
    """A part of the table, newest first.

    Attributes:
        rows: each with `kind`: version, edition, absence, pause or failed; and the values of its kind.
        older: the moment before which the next part is (UTC text); None: this is the last part.
        left_out: kinds of which a part has more rows than are shown.
    """

    rows: tuple[dict[str, Any], ...]
    older: str | None = None
    left_out: tuple[str, ...] = ()


def history_table(store: Store, page_id: int, since: str | None = None, until: str | None = None) -> HistoryTable:
    """Return the newest part of the table in a span of time.

    Args:
        store: the archive.
        page_id: the page.
        since: leave out what ended before this moment (UTC text).
        until: leave out what began at this moment or later (UTC text).
    """
    window = Window(page_id, since or "", until or "9999")
    count = store.browsing.spans.count(window)["versions"]
    if count:
        part, older = _part_of(store, window, count)
        rows = _versions(store, part)
    else:
        rows = [{"kind": "edition", "at": row["seen_from"], **row} for row in edition_rows(store, window, _EDITIONS)]
        older = rows[-1]["seen_from"] if rows and rows[-1]["edition"] > 1 and len(rows) == _EDITIONS else None
        part = Window(page_id, older or window.since, window.until)
    gaps = {
        "absence": _absences(store, part),
        "pause": _pauses(store, part, is_long=count > _LONG),
        "failed": [
            {"kind": "failed", "at": row["since"], **row}
            for row in store.browsing.spans.failures(part, _OTHERS)
        ],
    }  # fmt: skip
    left_out = tuple(kind for kind, found in gaps.items() if len(found) == _OTHERS)
    everything = [*rows, *(row for found in gaps.values() for row in found)]
    return HistoryTable(tuple(sorted(everything, key=lambda row: row["at"], reverse=True)), older, left_out)


def _part_of(store: Store, window: Window, count: int) -> tuple[Window, str | None]:
    """Return the part of the time that is shown first, and where the next part ends."""
    older = (
        store.browsing.spans.newest_before(window, _PART - 1) if count > MOST_ROWS or window.until != "9999" else None
    )
    if older is None or count <= _PART:
        return window, None
    return Window(window.page, older, window.until), older


def _versions(store: Store, window: Window) -> list[dict[str, Any]]:
    spans = store.browsing.spans
    edits: dict[int, list[dict[str, Any]]] = {}
    for row in spans.edits(window, MOST_ROWS * 20):
        edits.setdefault(row["version"], []).append(row)
    silent = spans.silent(window, MOST_ROWS * 20)
    versions = spans.versions(window, MOST_ROWS, newest_first=True)
    return [_version(row, edits.get(row["version"], ()), silent) for row in versions]


def _version(row: Mapping[str, Any], edits: Sequence[Mapping[str, Any]], silent: Mapping[int, str]) -> dict[str, Any]:
    mark = version_mark(row, edits)
    told = [
        {
            "change_id": each["change_id"],
            "field": each["field"],
            "nature": each["nature"],
            "chars_added": each["chars_added"],
            "chars_removed": each["chars_removed"],
            "context": each["context"],
            "redesign_id": each["redesign_id"],
            "claim": silent.get(each["change_id"]),
        }
        for each in edits[:_FIELDS]
    ]
    return {
        "kind": "version",
        "at": row["seen_from"],
        **{name: row[name] for name in _OF_VERSION},
        "what": mark.kind,
        "added": mark.added,
        "removed": mark.removed,
        "edits": told,
        "more_edits": max(0, len(edits) - _FIELDS),
        "redacted_at": row["redacted_at"],
        "redaction_reason": row["redaction_reason"],
    }  # fmt: skip


def _absences(store: Store, window: Window) -> list[dict[str, Any]]:
    found = []
    for row in store.browsing.spans.absences(window, _OTHERS):
        proofs = _proofs(store, window.page, row)
        found.append({"kind": "absence", "at": row["gone_by"], **row, "proofs": proofs})
    return found


def _proofs(store: Store, page_id: int, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the visits that prove an absence: the first miss and the one that made it certain; or one 410."""
    misses = store.browsing.spans.misses(page_id, row["gone_by"], row["last_miss"])
    first = misses[:1]
    if first and first[0]["status"] == _GONE:
        return first
    further = [
        miss
        for miss in misses[1:]
        if miss["visited_at"] > first[0]["visited_at"] or miss["run_id"] != first[0]["run_id"]
    ]
    return first + further[:1]


def _pauses(store: Store, window: Window, *, is_long: bool) -> list[dict[str, Any]]:
    """Return times in which nobody looked; those whose visits failed are rows of failed visits."""
    spans = store.browsing.spans
    if is_long:  # the view would look at every visit of the page
        return [
            {"kind": "pause", "at": row["since"], **row, "why": None, "failed": 0, "outcome": None}
            for row in spans.pauses(window, LEAST_DAYS, _OTHERS)
        ]
    rows = spans.unobserved(window, _OTHERS)
    return [{"kind": "pause", "at": row["since"], **row} for row in rows if not row["failed"]]
