"""Whether a site is still read: which fields its pages gave, beside before, and what deserves an alarm.

An alarm is for what a person must mend, and an alarm that cries for nothing is soon heard by nobody. So it takes
several pages, and only those count that should have the field: pages that had it once, and new ones. A 304 is no
reading. A run too small to judge by itself is judged together with those before it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from archiver.app import profiles
from archiver.app.watching.alarm import Alarm
from archiver.crawl.site import first_kind
from archiver.model.capture import Outcome
from archiver.model.profile import PageKind, Profile
from archiver.model.record import missed_by_rules
from archiver.store.archive import Store
from archiver.store.run_report_queries import EarlierPage, FailureCount, ReadPage, RunRow

LEAST_PAGES = 5
"""Fewer pages prove nothing: three articles without a summary are a coincidence."""
HAD_BEFORE = 0.8
"""A field is expected of a kind's pages when so many had it: fewer, and a few pages without it are nothing odd."""
STILL_HAS = 0.2
"""A template that changed leaves next to nothing; half of the pages without a field are another kind of article."""
REQUIRED_HAS = 0.5
"""The profile calls the field required, so that most pages lack it is a fault whatever was before."""
LEAST_FAILED = 3
"""One failure is a hiccup, two are bad luck. They may be of several runs: a run asks a server that is down but once."""
WINDOW_RUNS = 10
"""So many runs are looked back through for enough pages of a kind; what is older says little of today."""
SAMPLE = 1000
"""So many pages, the newest, stand for what a site had before: a share needs no more."""

_SPEAKING = ("title", "body")  # worth an alarm even where no rule of the profile reads them


class Group(NamedTuple):
    """Pages that are read by the same tables of the profile: their kind, what rules read, what is required."""

    kind: str
    ruled: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Share:
    """On how many pages something was found, beside the pages read before.

    Attributes:
        expected: pages that had it once, or are new; `kept`: those of them that gave it.
        last_visit: the visit that saw it last, before these; 0 for none.
        example: a page that should have it and has not.
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
        """Whether nearly all pages had it and nearly none has."""
        was_there = self.before_read >= LEAST_PAGES and self.before_found >= HAD_BEFORE * self.before_read
        return was_there and self.expected >= LEAST_PAGES and self.kept < STILL_HAS * self.expected


@dataclass(frozen=True, slots=True)
class FieldHealth:
    """A field on pages of a kind. One that the profile has rules for counts where they gave it, not the fallback."""

    group: Group
    field: str
    values: Share

    def as_json(self) -> dict[str, object]:
        """One of `health` in the JSON of `report`, `crawl` and `site health`."""
        return {
            "kind": self.group.kind,
            "field": self.field,
            "read": self.values.read,
            "values": self.values.found,
            "before_read": self.values.before_read,
            "before_values": self.values.before_found,
        }


class Health(NamedTuple):
    """What was read, and what is alarming of it."""

    fields: list[FieldHealth]
    alarms: list[Alarm]


GroupOf = Callable[[str], Group | None]
Pages = dict[Group, list[ReadPage]]


def health_of(store: Store, runs: list[RunRow], *, whole: bool = False) -> Health:
    """How the pages of some runs of one site were read, and the alarms of the newest of them.

    Args:
        store: the archive.
        runs: newest first.
        whole: alarms of kinds that only earlier runs read, too.
    """
    if not runs:
        return Health([], [])
    group_of = _groups(profiles.held(store, runs[0].site))
    pages = _grouped(store.run_reports.read_pages(runs), group_of)
    fields = _measured(store, runs[0].site_id, pages, group_of)
    newest = pages if len(runs) == 1 else _grouped(store.run_reports.read_pages(runs[:1]), group_of)
    window = _window(store, runs[0], newest, group_of, whole=whole)
    judged = fields if window == pages else _measured(store, runs[0].site_id, window, group_of)
    found = (_field_alarm(store, runs[0].site, each) for each in judged)
    return Health(fields, [*_site_alarms(store, runs[0]), *(alarm for alarm in found if alarm)])


# which pages belong together


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
    """Tables of one kind for the same addresses are templates a site has had one after the other."""
    return table.kind, table.url.pattern if table.url else ""


def _group(kind: str, tables: list[PageKind], *, alone: bool) -> Group:
    rules = [
        *((name, rules) for table in tables for name, rules in table.fields),
        *((f"readings.{name}", rules) for table in tables for name, rules in table.readings),
    ]
    required = frozenset(name for name, ways in rules if any(rule.required for rule in ways))
    return Group(kind if alone else tables[0].template, frozenset(name for name, _ in rules), required)


def _grouped(pages: Iterable[ReadPage], group_of: GroupOf) -> Pages:
    grouped: Pages = {}
    for page in pages:
        group = group_of(page.url)
        if group is not None:
            grouped.setdefault(group, []).append(page)
    return grouped


def _window(store: Store, run: RunRow, pages: Pages, group_of: GroupOf, *, whole: bool) -> Pages:
    """The pages to judge by: those of the run, and where they are too few, the newest of earlier runs to make up."""
    window = {group: list(found) for group, found in pages.items()}
    if not whole and _is_enough(window):
        return window
    for before in store.run_reports.runs(run.site, until_run=run.run_id - 1, limit=WINDOW_RUNS, visiting=True):
        for group, found in _grouped(store.run_reports.read_pages([before]), group_of).items():
            if group in window or whole:
                _make_up(window.setdefault(group, []), found)
        if not whole and _is_enough(window):
            break
    return window


def _is_enough(window: Pages) -> bool:
    return all(len(found) >= LEAST_PAGES for found in window.values())


def _make_up(here: list[ReadPage], found: list[ReadPage]) -> None:
    """Add the newest readings of other pages until there are enough to judge."""
    known = {page.page_id for page in here}
    others = sorted((page for page in found if page.page_id not in known), key=lambda page: -page.visit_id)
    here.extend(others[: max(0, LEAST_PAGES - len(here))])


# how often a field was there


def _measured(store: Store, site_id: int, pages: Pages, group_of: GroupOf) -> list[FieldHealth]:
    measured = []
    for group, found in sorted(pages.items(), key=lambda item: item[0].kind):
        first = min(page.visit_id for page in found)
        asked = {page.page_id for page in found} | set(store.run_reports.sample(site_id, first, SAMPLE))
        known = [page for page in store.run_reports.known(asked, first) if group_of(page.url) == group]
        measured += _fields(store, group, found, known, first)
    return measured


def _fields(
    store: Store, group: Group, pages: list[ReadPage], known: list[EarlierPage], first: int
) -> list[FieldHealth]:
    given = store.run_reports.given(pages)
    for page in pages:  # a body that the fallback gave would hide that its rules no longer match
        noted = page.note.split("; ")
        given[page.page_id] -= {field for field in group.ruled if missed_by_rules(field) in noted}
    had: dict[str, dict[int, int]] = {}
    for row in store.run_reports.had([page.page_id for page in known], first, group.ruled):
        had.setdefault(row.field, {})[row.page_id] = row.visit_id
    names = group.ruled | had.keys() | {field for fields in given.values() for field in fields}
    return [
        FieldHealth(group, field, _share(pages, _with(field, given), known, had.get(field, {})))
        for field in sorted(names)
    ]


def _with(field: str, given: Mapping[int, set[str]]) -> set[int]:
    return {page for page, fields in given.items() if field in fields}


def _share(pages: list[ReadPage], found: set[int], known: list[EarlierPage], had: Mapping[int, int]) -> Share:
    """Pages first read after the field was last seen do not tell how it was before: they came when it was gone."""
    last = max(had.values(), default=0)
    before = [page for page in known if not last or page.first_visit <= last]
    familiar = {page.page_id for page in known}
    expected = [page for page in pages if page.page_id in had or page.page_id not in familiar]
    missing = [page for page in expected if page.page_id not in found]
    kept = len(expected) - len(missing)
    example = missing[-1].url if missing else next((page.url for page in pages if page.page_id not in found), "")
    return Share(len(pages), len(found), len(before), len(had), len(expected), kept, last, example)


# what is alarming


def _field_alarm(store: Store, site: str, health: FieldHealth) -> Alarm | None:
    group, field, share = health.group, health.field, health.values
    if share.has_fallen and (field in group.ruled or field in _SPEAKING):
        what = "body" if field == "body" else "field"
        told = f"{share.expected - share.kept} of {share.expected} pages have none"
    elif _is_missed(group, field, share):
        what = "required"
        told = f"required, and {share.read - share.found} of {share.read} pages have none"
    else:
        return None
    before = f"; before, {share.before_found} of {share.before_read} had it" if share.before_found else ""
    since = store.run_reports.when(share.last_visit) if share.last_visit else None
    return Alarm(what, site, told + before, group.kind, field, since, share.example)


def _is_missed(group: Group, field: str, share: Share) -> bool:
    """Whether most pages lack what they must have, whatever was before.

    An article has a title and a body, said or not: a rule for them that never matched is a fault of the profile. (One
    that was edited wrongly has no past either: the stored pages were read anew by it.) Galleries have none, so that
    nearly all must lack it.
    """
    if share.read < LEAST_PAGES:
        return False
    if field in group.required:
        return share.found < REQUIRED_HAS * share.read
    is_meant = field in _SPEAKING and field in group.ruled and group.kind.startswith("article")
    return is_meant and share.found < STILL_HAS * share.read


def _site_alarms(store: Store, run: RunRow) -> list[Alarm]:
    """A site that answers nothing but errors, walls or refusals, as of the end of a run.

    It is judged by all visits since the last run in which one went well, whichever runs made them: pages that failed
    wait, so that a run may visit one of them, or none, and the site is no better for it.
    """
    told = store.run_reports.last_certain_visit(run)
    failed = store.run_reports.failed_since(run, told)
    if sum(map(_weight, failed)) < LEAST_FAILED:
        return []
    newest = max(each.last_run for each in failed)
    now = [each for each in failed if each.last_run == newest]
    what, how = _what_fails([each for each in now if each.outcome != Outcome.REFUSED])
    seen = how.format(visits=sum(each.visits for each in failed))
    return [Alarm(what, run.site, seen, since=told.visited_at or None, url=now[0].url)]


def _weight(failed: FailureCount) -> int:
    """A page that robots.txt refuses again and again is one page, and other pages may be let in."""
    return failed.pages if failed.outcome == Outcome.REFUSED else failed.visits


def _what_fails(asked: list[FailureCount]) -> tuple[str, str]:
    """The alarm, and what it tells, by the newest failures that are no refusals of robots.txt."""
    if not asked:
        return "refused", "robots.txt, which let us in before, now refuses all: none of the last {visits} visits got in"
    is_wall = all(each.outcome == Outcome.BLOCKED for each in asked)
    cause = asked[0].outcome.replace("_", " ") + (f" {asked[0].status}" if asked[0].status else "")
    how = "all of the last {visits} visits " + ("were blocked" if is_wall else "failed")
    return "blocked" if is_wall else "errors", f"{how} ({cause})"
