"""The health of a site: which fields its pages have now and had before, and which losses raise an alarm.

An alarm names a problem that a person must fix, so false alarms must be rare. An alarm needs several pages, and only
pages that should have the field count: pages that had it before, and new pages. A 304 does not count as a reading.
A run with too few pages is judged together with earlier runs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from archiver.app import profiles
from archiver.app.watching.alarm import Alarm
from archiver.app.watching.drift import drift_of, with_drift
from archiver.app.watching.page_groups import Group, GroupOf
from archiver.app.watching.shells import shells_of
from archiver.crawl.site import first_kind
from archiver.model.capture import Outcome
from archiver.model.profile import PageKind, Profile
from archiver.model.record import missed_by_rules
from archiver.store.archive import Store
from archiver.store.run_report_queries import EarlierPage, FailureCount, ReadPage, RunRow

LEAST_PAGES = 5
"""The least number of pages for an alarm. Three articles without a summary can be a coincidence."""
HAD_BEFORE = 0.8
"""The least share of earlier pages with a field for the field to be expected on the pages of a kind."""
STILL_HAS = 0.2
"""Below this share a field has been lost. A changed template loses nearly all; a loss of half has another reason."""
REQUIRED_HAS = 0.5
"""Below this share of pages with a required field there is an alarm, even if the field was rare before."""
LEAST_FAILED = 3
"""The least number of failed visits for an alarm. Several runs may add up: a run visits a failing server once."""
WINDOW_RUNS = 10
"""The number of earlier runs that are searched for enough pages of a kind."""
SAMPLE = 1000
"""The number of pages, the newest, from which the earlier share of a field is computed."""

_ESSENTIAL = ("title", "body")  # raise an alarm even if no rule of the profile reads them


@dataclass(frozen=True, slots=True)
class Share:
    """The number of pages with a field, now and before.

    Attributes:
        read: pages that were read; `found`: those of them with the field.
        before_read: pages that were read before; `before_found`: those of them with the field.
        expected: pages that had the field before, or are new; `kept`: those of them that have it now.
        last_visit: the last earlier visit that found the field; 0 for none.
        example: a page that should have the field and does not.
    """

    read: int
    found: int
    before_read: int
    before_found: int
    expected: int
    kept: int
    last_visit: int
    example: str

    @property
    def has_fallen(self) -> bool:
        """Return whether nearly all pages had the field before and nearly none has it now."""
        was_there = self.before_read >= LEAST_PAGES and self.before_found >= HAD_BEFORE * self.before_read
        return was_there and self.expected >= LEAST_PAGES and self.kept < STILL_HAS * self.expected


@dataclass(frozen=True, slots=True)
class FieldHealth:
    """A field on pages of one kind. If the profile has rules for it, values of the fallback do not count."""

    group: Group
    field: str
    values: Share

    def as_json(self) -> dict[str, object]:
        """Return an item of `health` in the JSON of `report`, `crawl` and `site health`."""
        return {
            "kind": self.group.kind,
            "field": self.field,
            "read": self.values.read,
            "values": self.values.found,
            "before_read": self.values.before_read,
            "before_values": self.values.before_found,
        }


class Health(NamedTuple):
    """The health of each field, and the alarms."""

    fields: list[FieldHealth]
    alarms: list[Alarm]


Pages = dict[Group, list[ReadPage]]


def health_of(store: Store, runs: list[RunRow], *, all_kinds: bool = False) -> Health:
    """Return the health of the fields over some runs of one site, and the alarms of the newest run.

    Args:
        store: the archive.
        runs: newest first.
        all_kinds: also raise alarms for kinds that only earlier runs read.
    """
    if not runs:
        return Health([], [])
    group_of = _groups(profiles.stored(store, runs[0].site))
    pages = _grouped(store.run_reports.read_pages(runs), group_of)
    fields = _measured(store, runs[0].site_id, pages, group_of)
    newest = pages if len(runs) == 1 else _grouped(store.run_reports.read_pages(runs[:1]), group_of)
    window = _window(store, runs[0], newest, group_of, all_kinds=all_kinds)
    judged = fields if window == pages else _measured(store, runs[0].site_id, window, group_of)
    lost = [alarm for each in judged if (alarm := _field_alarm(store, runs[0].site, each))]
    of_site = _render_alarms(store, runs[0]) or _site_alarms(store, runs[0])
    of_site += shells_of(store, runs[0])
    return Health(fields, [*of_site, *with_drift(lost, drift_of(store, runs[0], group_of))])


# group pages by the tables that read them


def _groups(profile: Profile | None) -> GroupOf:
    tables: dict[tuple[str, str], list[PageKind]] = {}
    for table in profile.pages if profile else ():
        tables.setdefault(_identity(table), []).append(table)
    kinds = [kind for kind, _ in tables]
    groups = {key: _group(key[0], several, alone=kinds.count(key[0]) == 1) for key, several in tables.items()}
    unknown = Group("page")

    def group_of(url: str) -> Group | None:
        table = first_kind(profile.pages, url) if profile else None
        if table is None:
            return unknown
        return None if table.kind in ("file", "skip") else groups[_identity(table)]

    return group_of


def _identity(table: PageKind) -> tuple[str, str]:
    """Return the key of a table's group. Tables of one kind for the same addresses are successive templates."""
    return table.kind, table.url.pattern if table.url else ""


def _group(kind: str, tables: list[PageKind], *, alone: bool) -> Group:
    rules = [
        *((name, rules) for table in tables for name, rules in table.fields),
        *((f"readings.{name}", rules) for table in tables for name, rules in table.readings),
    ]
    required = frozenset(name for name, ways in rules if any(rule.required for rule in ways))
    lost = {name for table in tables for name in table.lost}
    return Group(kind if alone else tables[0].template, frozenset(name for name, _ in rules) - lost, required)


def _grouped(pages: Iterable[ReadPage], group_of: GroupOf) -> Pages:
    grouped: Pages = {}
    for page in pages:
        group = group_of(page.url)
        if group is not None:
            grouped.setdefault(group, []).append(page)
    return grouped


def _window(store: Store, run: RunRow, pages: Pages, group_of: GroupOf, *, all_kinds: bool) -> Pages:
    """Return the pages to judge by: those of the run and, where they are too few, the newest of earlier runs."""
    window = {group: list(found) for group, found in pages.items()}
    if not all_kinds and _is_enough(window):
        return window
    for before in store.run_reports.runs(run.site, until_run=run.run_id - 1, limit=WINDOW_RUNS, visiting=True):
        for group, found in _grouped(store.run_reports.read_pages([before]), group_of).items():
            if group in window or all_kinds:
                _fill_up(window.setdefault(group, []), found)
        if not all_kinds and _is_enough(window):
            break
    return window


def _is_enough(window: Pages) -> bool:
    return all(len(found) >= LEAST_PAGES for found in window.values())


def _fill_up(here: list[ReadPage], found: list[ReadPage]) -> None:
    """Add the newest readings of other pages until there are enough to judge."""
    known = {page.page_id for page in here}
    others = sorted((page for page in found if page.page_id not in known), key=lambda page: -page.visit_id)
    here.extend(others[: max(0, LEAST_PAGES - len(here))])


# count the pages with a field


def _measured(store: Store, site_id: int, pages: Pages, group_of: GroupOf) -> list[FieldHealth]:
    measured = []
    for group, found in sorted(pages.items(), key=lambda item: item[0].kind):
        first = min(page.visit_id for page in found)
        page_ids = {page.page_id for page in found} | set(store.run_reports.sample(site_id, first, SAMPLE))
        known = [page for page in store.run_reports.known(page_ids, first) if group_of(page.url) == group]
        measured += _fields(store, group, found, known, first)
    return measured


def _fields(
    store: Store, group: Group, pages: list[ReadPage], known: list[EarlierPage], first: int
) -> list[FieldHealth]:
    given = store.run_reports.given(pages)
    for page in pages:  # do not count values of the fallback: they would hide that the rules no longer match
        noted = page.note.split("; ")
        if page.broken:  # the alarm of drift tells of this page
            given[page.page_id] |= group.ruled - set(page.broken)
        else:
            given[page.page_id] -= {field for field in group.ruled if missed_by_rules(field) in noted}
    had: dict[str, dict[int, int]] = {}
    for row in store.run_reports.fields_before([page.page_id for page in known], first, group.ruled):
        had.setdefault(row.field, {})[row.page_id] = row.visit_id
    names = group.ruled | had.keys() | {field for fields in given.values() for field in fields}
    return [
        FieldHealth(group, field, _share(pages, _with(field, given), known, had.get(field, {})))
        for field in sorted(names)
    ]


def _with(field: str, given: Mapping[int, set[str]]) -> set[int]:
    return {page for page, fields in given.items() if field in fields}


def _share(pages: list[ReadPage], found: set[int], known: list[EarlierPage], had: Mapping[int, int]) -> Share:
    """Count. Pages first read after the field was last seen do not count as earlier pages: they never had it."""
    last = max(had.values(), default=0)
    before = [page for page in known if not last or page.first_visit <= last]
    familiar = {page.page_id for page in known}
    expected = [page for page in pages if page.page_id in had or page.page_id not in familiar]
    missing = [page for page in expected if page.page_id not in found]
    kept = len(expected) - len(missing)
    example = missing[-1].url if missing else next((page.url for page in pages if page.page_id not in found), "")
    return Share(len(pages), len(found), len(before), len(had), len(expected), kept, last, example)


# raise alarms


def _field_alarm(store: Store, site: str, health: FieldHealth) -> Alarm | None:
    group, field, share = health.group, health.field, health.values
    if share.has_fallen and (field in group.ruled or field in _ESSENTIAL):
        what = "body" if field == "body" else "field"
        problem = f"{share.expected - share.kept} of {share.expected} pages have no value"
    elif _lacks_required(group, field, share):
        what = "required"
        problem = f"required, and {share.read - share.found} of {share.read} pages have no value"
    else:
        return None
    before = f"; in earlier crawls {share.before_found} of {share.before_read} had one" if share.before_found else ""
    since = store.run_reports.when(share.last_visit) if share.last_visit else None
    return Alarm(what, site, problem + before, group.kind, field, since, share.example)


def _lacks_required(group: Group, field: str, share: Share) -> bool:
    """Return whether most pages lack a field they must have, independent of earlier runs.

    These are the fields marked as required and, for articles, title and body: a rule for them that never matches is a
    fault of the profile. A wrongly edited profile has no earlier values either, because stored pages are read again
    with it. Some articles (galleries) have no body, so nearly all pages must lack it.
    """
    if share.read < LEAST_PAGES:
        return False
    if field in group.required:
        return share.found < REQUIRED_HAS * share.read
    is_essential = field in _ESSENTIAL and field in group.ruled and group.kind.startswith("article")
    return is_essential and share.found < STILL_HAS * share.read


def _site_alarms(store: Store, run: RunRow) -> list[Alarm]:
    """Return an alarm for a site where all visits fail, are blocked or are refused, as of the end of a run.

    All visits since the last run with a successful visit count. One run is not enough: failed pages back off, so a run
    may visit one of them or none.
    """
    success = store.run_reports.last_certain_visit(run)
    failed = store.run_reports.failed_since(run, success)
    if sum(map(_weight, failed)) < LEAST_FAILED:
        return []
    newest = max(each.last_run for each in failed)
    now = [each for each in failed if each.last_run == newest]
    what, how = _what_fails([each for each in now if each.outcome != Outcome.REFUSED])
    seen = how.format(visits=sum(each.visits for each in failed))
    return [Alarm(what, run.site, seen, since=success.visited_at or None, url=now[0].url)]


def _render_alarms(store: Store, run: RunRow) -> list[Alarm]:
    """Return an alarm for a run in which the browser could show none of the pages that it opened."""
    found = store.run_reports.rendering.of(run.run_id, run.started_at)
    if found.failed < LEAST_FAILED or found.failed < found.opened:
        return []
    told = f"the browser showed none of the {found.opened} pages that it opened ({found.note or 'no reason is known'})"
    since = store.run_reports.rendering.shown_last(run.site_id)
    return [Alarm("not_rendered", run.site, told, since=since, url=found.url)]


def _weight(failed: FailureCount) -> int:
    """Count refusals by page and other failures by visit: a refused page says nothing of other pages."""
    return failed.pages if failed.outcome == Outcome.REFUSED else failed.visits


def _what_fails(failures: list[FailureCount]) -> tuple[str, str]:
    """Return the alarm and its text, by the newest failures other than refusals by robots.txt."""
    if not failures:
        return "refused", "robots.txt now refuses every page: all of the last {visits} visits were refused"
    is_wall = all(each.outcome == Outcome.BLOCKED for each in failures)
    cause = failures[0].outcome.replace("_", " ") + (f" {failures[0].status}" if failures[0].status else "")
    how = "all of the last {visits} visits " + ("were blocked" if is_wall else "failed")
    return "blocked" if is_wall else "errors", f"{how} ({cause})"
