"""The report of one or several runs: pages new, edited, gone and back, causes of failure, health of fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from archiver.app.reading.find import known_site
from archiver.app.watching.alarm import Alarm
from archiver.app.watching.health import FieldHealth, Health, health_of
from archiver.app.watching.health_history import kept_health_of
from archiver.errors import NotInArchive
from archiver.model.capture import Outcome
from archiver.model.clock import Clock, instant
from archiver.model.moments import Moment, since_text
from archiver.store.archive import Store
from archiver.store.run_report_queries import RunRow
from archiver.text.page_names import by_place


@dataclass(frozen=True, slots=True)
class FailureCause:
    """A cause of failed visits, with their number and an example."""

    cause: str
    outcome: str
    visits: int
    url: str
    note: str | None


@dataclass(frozen=True)
class Report:
    """The results of one or several runs of one site. Times are UTC text.

    Attributes:
        runs: newest first.
        counts: visits, new_pages, new_versions, changed, gone, back, errors, refused.
        fields: the number of edits of each field, the most edited first, without those of typography only.
        typography: the number of edits of punctuation, quotes, case and spaces only.
        redesigns: changes that many pages have in common: pages, changes, what, since, …
        new, edited, gone, back: pages, in the order they were found. Pages that only a redesign changed are left out.
            A folder and its index page with equal content are one page and count as one; `also`: the other address.
        moved: pages found at another address (url, moved_to, how). They are in neither `gone` nor `new`.
        causes: causes of failed visits, the most frequent first; without refusals by robots.txt.
        outcomes: the number of visits by outcome.
        health: the fields of each kind of pages that were read.
    """

    site: str
    runs: tuple[RunRow, ...]
    counts: Mapping[str, int]
    fields: Mapping[str, int]
    typography: int
    redesigns: tuple[dict[str, Any], ...]
    new: tuple[dict[str, Any], ...]
    edited: tuple[dict[str, Any], ...]
    gone: tuple[dict[str, Any], ...]
    back: tuple[dict[str, Any], ...]
    causes: tuple[FailureCause, ...]
    outcomes: Mapping[str, int]
    health: tuple[FieldHealth, ...]
    alarms: tuple[Alarm, ...]
    moved: tuple[dict[str, Any], ...] = ()

    @property
    def seconds(self) -> float:
        """Return the total duration of the runs that have ended, in seconds."""
        spans = (instant(run.finished_at) - instant(run.started_at) for run in self.runs if run.finished_at)
        return sum(span.total_seconds() for span in spans)

    def summary_json(self) -> dict[str, Any]:
        """Return the keys that the report adds to the summary line of `crawl --json`."""
        return {
            "fields_edited": dict(self.fields),
            "typography_edits": self.typography,
            "redesigns": list(self.redesigns),
            "causes": {cause.cause: cause.visits for cause in self.causes},
            "health": [each.as_json() for each in self.health],
            "alarms": [alarm.as_json() for alarm in self.alarms],
        }

    def as_json(self) -> dict[str, Any]:
        """Return the object of `report --json`."""
        oldest, newest = self.runs[-1], self.runs[0]
        causes = [
            {"cause": each.cause, "outcome": each.outcome, "visits": each.visits, "url": each.url, "note": each.note}
            for each in self.causes
        ]
        return {
            "site": self.site,
            "runs": [run.run_id for run in self.runs],
            "started_at": oldest.started_at,
            "finished_at": newest.finished_at,
            "ended": newest.ended,
            "seconds": self.seconds,
            **self.counts,
            "fields_edited": dict(self.fields),
            "typography_edits": self.typography,
            "redesigns": list(self.redesigns),
            "outcomes": dict(self.outcomes),
            "pages": {
                "new": self.new,
                "edited": self.edited,
                "gone": self.gone,
                "moved": self.moved,
                "back": self.back,
            },
            "causes": causes,
            "health": [each.as_json() for each in self.health],
            "alarms": [alarm.as_json() for alarm in self.alarms],
        }


def report_of(store: Store, runs: list[RunRow], health: Health) -> Report:
    """Return the report of some runs of one site, newest first, with its health."""
    queries = store.run_reports
    numbers = [run.run_id for run in runs]
    found = queries.changes.edited(numbers)
    edits = [row for row in found if row["nature"] != "typography"]
    edited, new = _by_page(edits), _new(queries.new(runs))
    others = {url for page in edited for url in page.get("also", ())}
    fields = _counted(row["field"] for row in edits if row["url"] not in others)
    redesigns = [
        row | {"alarms": store.redesigns.alarms(row["redesign_id"])}
        for row in store.run_reports.changes.redesigns(numbers)
    ]
    outcomes = queries.outcomes(runs)
    counts = {name: sum(run.counts[name] for run in runs) for name in runs[0].counts}
    by_outcome: dict[str, int] = {}
    for row in outcomes:
        by_outcome[row["outcome"]] = by_outcome.get(row["outcome"], 0) + row["visits"]
    moves = store.moves.of_runs([run.run_id for run in runs])
    counts["new_pages"] -= _others(new)
    counts["changed"] -= sum(_others(_by_page([row for row in edits if row["run_id"] == run])) for run in numbers)
    return Report(
        runs[0].site,
        tuple(runs),
        counts | {"moved": len(moves)},
        fields,
        len(found) - len(edits),
        tuple(redesigns),
        tuple(new),
        tuple(edited),
        tuple(queries.gone(runs)),
        tuple(queries.back(runs)),
        tuple(_cause(row) for row in outcomes if _is_error(row["outcome"])),
        by_outcome,
        tuple(health.fields),
        tuple(health.alarms),
        tuple({"url": each.url, "moved_to": each.moved_to, "how": each.how} for each in moves),
    )


def report_run(store: Store, run_id: int) -> Report:
    """Return the report of one run.

    Raises:
        NotInArchive: there is no such run, or it visited no site.
    """
    run = store.run_reports.run(run_id)
    if run is None:
        raise NotInArchive(f"run {run_id}: not in {store.path}; the view `runs` lists all runs")
    return report_of(store, [run], kept_health_of(store, run) or health_of(store, [run]))


def report_sites(store: Store, names: list[str], clock: Clock, *, since: Moment | None = None) -> list[Report]:
    """Return a report of each site's last crawl, or of all crawls since a moment; of every site when none is named.

    Sites without a crawl (since then) are left out.

    Raises:
        NotInArchive: there is no such site.
        UsageError: `since` is not a moment.
    """
    begin = "" if since is None else since_text(since, clock())
    sites = [known_site(store, name) or name for name in names] or [str(row["name"]) for row in store.history.sites()]
    found = (store.run_reports.runs(site, since=begin, limit=-1 if begin else 1) for site in dict.fromkeys(sites))
    return [report_of(store, runs, health_of(store, runs)) for runs in found if runs]


def site_health(store: Store, name: str) -> Report | None:
    """Return the report of the site's last crawl with a visit, with alarms for all kinds of its pages.

    Raises:
        NotInArchive: there is no such site.
    """
    known_site(store, name)
    runs = store.run_reports.runs(name, limit=1, visiting=True)
    return report_of(store, runs, health_of(store, runs, all_kinds=True)) if runs else None


def _is_error(outcome: str) -> bool:
    return Outcome(outcome).traits.is_error


def _cause(row: Mapping[str, Any]) -> FailureCause:
    name = str(row["outcome"]).replace("_", " ")
    cause = f"{name} {row['status']}" if row["status"] else name
    return FailureCause(cause, row["outcome"], row["visits"], row["url"], row["note"])


def _counted(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def _by_page(edits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the edited pages with their fields. A folder and its index page with the same edits are one page."""
    pages: dict[str, list[dict[str, Any]]] = {}
    for row in edits:
        pages.setdefault(row["url"], []).append(row)
    found = by_place(
        pages.items(),
        lambda page: page[0],
        lambda page: frozenset((row["field"], row["content_id"]) for row in page[1]),
    )
    return [
        {"url": url, "fields": list(dict.fromkeys(row["field"] for row in rows)), **_also(each for each, _ in others)}
        for (url, rows), *others in found
    ]


def _new(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the new pages. A folder and its index page with the same content are one page."""
    return [
        {"url": row["url"], "title": row["title"], **_also(each["url"] for each in others)}
        for row, *others in by_place(rows, lambda row: row["url"], lambda row: row["content_id"])
    ]


def _also(urls: Iterable[str]) -> dict[str, list[str]]:
    also = list(urls)
    return {"also": also} if also else {}


def _others(pages: list[dict[str, Any]]) -> int:
    """Return how many addresses of pages are listed under another one."""
    return sum(len(page.get("also", ())) for page in pages)
