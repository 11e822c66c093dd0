"""The health of sites: fields now and before, runs, failed visits, and visits to come. Alarms come first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from archiver.app import profiles
from archiver.app.browsing.site_names import demand_site
from archiver.app.reading.questions import ArchiveReader
from archiver.app.watching.alarm import Alarm
from archiver.app.watching.health import LEAST_PAGES, WINDOW_RUNS
from archiver.model.clock import instant, written
from archiver.model.outcome import CAUSE_TEXT, Cause
from archiver.model.reason import Reason
from archiver.model.record import FIELDS
from archiver.store.health_queries import JudgedRun
from archiver.store.kept_health import KeptShare
from archiver.text.url import origin_of

A_PART = 10
"""The number of rows of the matrix that are shown at once."""
MOST_RUNS = 40
"""The number of runs that are shown."""
_ROBOTS = {"obey": "obeyed", "ignore": "ignored"}
_MOST_COMING = 12
_MOST_FAILURES = 2_000
_FAILURE_DAYS = 30


@dataclass(frozen=True, slots=True)
class FieldCell:
    """A field of the pages of one kind: those with it and those read, in the newest crawl of such pages and before it.

    `fell`: an alarm says so. `is_few`: fewer than five pages, so that no share is told.
    """

    field: str
    found: int
    read: int
    before_found: int
    before_read: int
    fell: bool

    @property
    def is_few(self) -> bool:
        """Whether so few pages were read that a share says nothing."""
        return self.read < LEAST_PAGES


@dataclass(frozen=True, slots=True)
class KindHealth:
    """The fields of the pages of one kind of a site, by the newest crawl that read such pages. Time: UTC text."""

    site: str
    kind: str
    run_id: int
    started_at: str
    in_alarm: bool
    cells: dict[str, FieldCell]


@dataclass(frozen=True, slots=True)
class HealthMatrix:
    """Sites and kinds by fields. `fields`: the columns, those that fell first; `rows`: sites in alarm first."""

    fields: tuple[str, ...]
    rows: tuple[KindHealth, ...]


@dataclass(frozen=True, slots=True)
class SiteManners:
    """How a site is visited, and what comes next. Times are UTC text.

    Attributes:
        robots: obeyed or ignored; None without a profile. `robots_status`, `robots_at`: of its newest robots.txt.
        delay: seconds between two requests.
        not_before: the server asked to wait until then; None for no wait.
        due: pages that are due now; `due_in_a_day`: within a day, with those.
        next_due: when the first page is due; None when none is planned.
        coming: the first pages: url, kind, due_at, why.
    """

    robots: str | None
    robots_status: int | None
    robots_at: str | None
    delay: float | None
    not_before: str | None
    failures: int
    due: int
    due_in_a_day: int
    next_due: str | None
    coming: tuple[dict[str, Any], ...]


def matrix(archive: ArchiveReader, alarms: Sequence[Alarm], site: str | None = None) -> HealthMatrix:
    """Return the fields of each kind of pages of each site, by what crawls kept at their end."""
    queries = archive.store.browsing.health
    newest = _newest(queries.judged(site, WINDOW_RUNS))
    shares = queries.shares(sorted({run.run_id for run in newest.values()}))
    fallen = {(each.site, each.kind, each.field) for each in alarms if each.field}
    ill = {each.site for each in alarms}
    rows = []
    for (name, kind), run in newest.items():
        cells = {
            each.field: _cell(each, fell=(name, kind, each.field) in fallen)
            for each in shares.get(run.run_id, ())
            if each.kind == kind
        }
        rows.append(KindHealth(name, kind, run.run_id, run.started_at, name in ill, cells))
    rows.sort(key=lambda row: (not row.in_alarm, row.site, -len(row.cells), row.kind))
    return HealthMatrix(_columns(rows), tuple(rows))


def _cell(share: KeptShare, *, fell: bool) -> FieldCell:
    return FieldCell(share.field, share.found, share.read, share.before_found, share.before_read, fell)


def _newest(runs: list[JudgedRun]) -> dict[tuple[str, str], JudgedRun]:
    """Return the newest crawl that read pages of each site and kind."""
    found: dict[tuple[str, str], JudgedRun] = {}
    for run in runs:
        for kind in run.kinds:
            found.setdefault((run.site, kind), run)
    return found


def _columns(rows: list[KindHealth]) -> tuple[str, ...]:
    fell = {field for row in rows for field, cell in row.cells.items() if cell.fell}
    order = {name: place for place, name in enumerate(FIELDS)}
    names = {field for row in rows for field in row.cells}
    return tuple(sorted(names, key=lambda name: (name not in fell, order.get(name, len(order)), name)))


def manners(archive: ArchiveReader, site: str) -> SiteManners:
    """Return how a site is visited, and what comes next. Pages under an embargo are not named.

    Raises:
        NotInArchive: there is no such site.
    """
    row = demand_site(archive, site)
    queries, now = archive.store.browsing.health, archive.settings.clock()
    profile = profiles.stored(archive.store, site)
    host = queries.host(origin_of(row["home"])) or {}
    waits = host.get("not_before")
    due, soon = (queries.due(row["site_id"], written(now + ahead)) for ahead in (timedelta(0), timedelta(days=1)))
    coming = queries.coming(row["site_id"], _MOST_COMING, list(archive.embargoed_pages()))
    return SiteManners(
        None if profile is None else _ROBOTS[profile.crawl.robots],
        host.get("robots_status"),
        host.get("robots_at"),
        None if profile is None else profile.crawl.delay,
        waits if waits and waits > written(now) else None,
        host.get("failures") or 0,
        due,
        soon,
        coming[0]["due_at"] if coming else None,
        tuple(_coming(each) for each in coming),
    )


def _coming(row: dict[str, Any]) -> dict[str, Any]:
    why = Reason.stored(row["reason_code"], row["reason"]).text
    return {name: row[name] for name in ("page_id", "url", "kind", "due_at", "last_visited")} | {"why": why}


def runs(archive: ArchiveReader, site: str) -> list[dict[str, Any]]:
    """Return the newest crawls of a site, oldest first, each with `answered`: visits that got an answer of the page."""
    found = archive.store.browsing.health.runs(site, MOST_RUNS)
    return [row | {"answered": max(0, row["visits"] - row["errors"] - row["refused"])} for row in reversed(found)]


def failures(archive: ArchiveReader, site: str | None = None) -> list[dict[str, Any]]:
    """Return the visits that got no page in the 30 days before the newest visit, by site, outcome, status and cause."""
    since = written(last_look(archive) - timedelta(days=_FAILURE_DAYS))
    rows = archive.store.browsing.health.failures(site, since, _MOST_FAILURES)
    return [row | {"told": _told(row["cause"])} for row in rows]


def last_look(archive: ArchiveReader) -> datetime:
    """Return the moment of the newest visit; now, when there is none."""
    found = archive.store.browsing.coverage.last_visit()
    return instant(found) if found else archive.settings.clock()


def _told(cause: str | None) -> str:
    return CAUSE_TEXT[Cause(cause)] if cause in list(Cause) else ""


def unread(archive: ArchiveReader) -> list[dict[str, Any]]:
    """Return the captures that wait to be read: site, cause in words (`told`), number, and the command."""
    return [
        row | {"told": _told(row["cause"]) or "not read yet", "mend": f"archiver extract {row['site']}"}
        for row in archive.store.browsing.health.unread()
    ]
