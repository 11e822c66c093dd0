"""A page at a moment, and the summary of a run, as values and as the command line's JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from archiver.app.reading.browser_view import BrowserView
from archiver.model.record import CONTENT_FIELDS, Content, FieldShape, Published, Source
from archiver.model.version import FieldChange
from archiver.store.content_rows import from_text
from archiver.store.history import VisitRow
from archiver.store.listing_history import ShownEdition
from archiver.store.runs import Tally

_CLAIM = ("modified", "modified_utc", "modified_raw")


def record_json(content: Content, claim: Mapping[str, str | None] | None = None) -> dict[str, Any]:
    """Return a record's content, and what the page claims about its latest change, under the names of the views."""
    values: dict[str, Any] = {}
    for each in CONTENT_FIELDS:
        value = getattr(content, each.name)
        if each.shape is FieldShape.DATE:
            values |= _date_json(each.name, value or Published(None))
        elif each.shape is FieldShape.LINKS:
            values[each.name] = [{"url": link.url, "name": link.text} for link in value]
        else:
            values[each.name] = list(value) if each.is_list else value
    return {**values, **{name: (claim or {}).get(name) for name in _CLAIM}, "extra": dict(content.extra)}


def _date_json(name: str, date: Published) -> dict[str, str | None]:
    return {
        name: date.local,
        f"{name}_utc": date.utc,
        f"{name}_raw": date.raw or None,
        f"{name}_precision": date.precision,
    }


def change_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the `changes` view with lists as lists; other rows unchanged."""
    values = dict(row)
    if values["field"] is not None:
        for side in ("old", "new"):
            value = from_text(values["field"], values[side])
            values[side] = list(value) if isinstance(value, tuple) else value
    return values


def change_of(row: Mapping[str, Any]) -> FieldChange:
    """Return the change of a row made by `change_json`."""
    old, new = (tuple(value) if isinstance(value, list) else value for value in (row["old"], row["new"]))
    edit = (row["chars_added"], row["chars_removed"], row["nature"] or "", row["context"] or "")
    return FieldChange(row["field"], old, new, *edit)


@dataclass(frozen=True)
class PageState:
    """A page as a visit found it. Times are UTC text.

    `visited_at`, `status`, `outcome`, `visit_id`, `sha256` and `bytes` are those of the capture that shows the page.

    Attributes:
        url: the requested address; `final_url`: the address after redirects.
        confirmed: the later visit whose 304 confirmed this capture; None when there is none.
        version: its number, or None when nothing was read.
        verdict: the result of comparing the newest visit with the previous version: first, same, changed or back (it
            had been gone). The newest visit is `confirmed`, or else the capture itself.
        new_version: whether the newest visit made the version.
        fields_changed: the fields that differ from the previous version, when the newest visit made the version.
        kind: listing, article or file, as its profile says; None when that is not known.
        media_type: as the server declared it.
        state: the page's present state: live, missing, gone, moved, blocked or unknown.
        cause: the reason for the outcome, as a code; "reader_failed" when the capture is still to be read.
        claim: when the page claimed to have been changed last: modified, modified_utc and modified_raw.
        moved_to: the address where the page is now; None when it did not move.
        listing: what a listing showed; None for other pages.
        browser: what a browser made of the capture; None when none opened it.
        content: None when there was nothing to read (gone, a file, a bare listing).
    """

    url: str
    final_url: str
    visited_at: str
    status: int | None
    outcome: str
    visit_id: int
    sha256: str | None
    bytes: int | None
    page_id: int
    site: str
    kind: str | None = None
    media_type: str | None = None
    state: str = "unknown"
    confirmed: VisitRow | None = None
    note: str | None = None
    cause: str | None = None
    version: int | None = None
    verdict: str | None = None
    new_version: bool = False
    fields_changed: tuple[str, ...] = ()
    content: Content | None = None
    readings: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    seen: tuple[str, str, str | None] | None = None
    claim: Mapping[str, str | None] = field(default_factory=dict)
    moved_to: str | None = None
    listing: ShownEdition | None = None
    browser: BrowserView | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the JSON object of `capture --json` and `show --json`."""
        return {
            "url": self.url,
            "final_url": self.final_url,
            "visited_at": self.visited_at,
            "status": self.status,
            "outcome": self.outcome,
            "visit_id": self.visit_id,
            "sha256": self.sha256,
            "bytes": self.bytes,
            "confirmed_at": self.confirmed.visited_at if self.confirmed else None,
            "confirmed_by": self.confirmed.visit_id if self.confirmed else None,
            "site": self.site,
            "page_id": self.page_id,
            "kind": self.kind,
            "media_type": self.media_type,
            "state": self.state,
            "version": self.version,
            "verdict": self.verdict,
            "new_version": self.new_version,
            "fields_changed": list(self.fields_changed),
            "listing": None if self.listing is None else self.listing.as_json(),
            "record": None if self.content is None else record_json(self.content, self.claim),
            "readings": dict(self.readings),
            "sources": {name: {"rule": source.rule, "rank": source.rank} for name, source in self.sources.items()},
            "note": self.note,
            "cause": self.cause,
            "moved_to": self.moved_to,
            "read_from": None if self.content is None else "dom" if self._is_read_from_dom else "body",
            "renditions": [] if self.browser is None else self.browser.as_json(),
        }

    @property
    def _is_read_from_dom(self) -> bool:
        return self.browser is not None and self.browser.is_read_from


@dataclass(frozen=True)
class CrawlSummary:
    """The summary of a crawl.

    Attributes:
        seconds: wall time.
        ended: done, limit, interrupted, stopped or failed. `cause`: why it stopped.
        undone: pages that were due but not visited, because the circuit of their server is open.
        missing: pages that this run missed once; `second_proof_due`: when the first of them is due again (UTC text).
        doubtful: pages that this run saw in doubt: another visit must agree before what they show is a version.
        broken: pages in doubt because the profile's rules seem to misread what this run saw; no version until decided.
        causes: the causes of failed visits with their counts, the most frequent first.
        requisites: the counts of what was fetched to show pages: fetched, bytes, failed, left_out (for the next
            run), and the causes (`archiver.crawl.requisites.RequisiteCounts`).
        trapped: how many addresses look like a trap and were not followed; `trap`: the first, and why.
        likely_articles: how many listings look like articles; `first_likely_article`: the address of the first.
    """

    run_id: int
    site: str
    tally: Tally
    seconds: float
    ended: str
    next_due: str | None = None
    causes: Mapping[str, int] = field(default_factory=dict)
    likely_articles: int = 0
    first_likely_article: str = ""
    undone: int = 0
    cause: str = ""
    requisites: Mapping[str, Any] = field(default_factory=dict)
    missing: int = 0
    second_proof_due: str | None = None
    trapped: int = 0
    trap: str = ""
    doubtful: int = 0
    broken: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the summary line of `crawl --json`."""
        return {
            "run_id": self.run_id,
            "site": self.site,
            **{name: count for name, count in asdict(self.tally).items() if name not in ("unread", "moved")},
            "seconds": round(self.seconds, 3),
            "ended": self.ended,
            "unread": self.tally.unread,
            "undone": self.undone,
            "missing": self.missing,
            "second_proof_due": self.second_proof_due,
            "doubtful": self.doubtful,
            "broken": self.broken,
            "moved": self.tally.moved,
            "cause": self.cause or None,
            "trapped": self.trapped,
            "trap": self.trap or None,
            "likely_articles": self.likely_articles,
            "first_likely_article": self.first_likely_article or None,
            "requisites": dict(self.requisites),
        }
