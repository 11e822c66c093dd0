"""Sites: their numbers, the profiles that read them, their sections, their last crawl and the next visit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from archiver.app.browsing.health import SiteManners, last_look, manners
from archiver.app.browsing.site_names import demand_site
from archiver.app.reading.questions import ArchiveReader
from archiver.app.watching.alarm import Alarm
from archiver.app.watching.current_alarms import current_alarms
from archiver.model.clock import written

_EDIT_DAYS = 30
_MOST_PROFILES = 20
_MOST_SECTIONS = 200
_MOST_REDESIGNS = 20
LONGEST_PROFILE = 20_000
"""The characters of a profile that are shown."""


@dataclass(frozen=True, slots=True)
class SiteNumbers:
    """A site and its numbers. Times are UTC text.

    Attributes:
        pages: known pages; `gone`: those that are gone now.
        visits, runs: of all commands that recorded what they did.
        edits: edits of fields in the 30 days before the newest visit, without redesigns and typography.
        last_run: the newest crawl: run_id, started_at, finished_at, ended, visits, errors, refused, gone; or None.
        due: pages that are due now; `next_due`: when the first one is due.
        alarms: the number of alarms.
    """

    site: str
    title: str
    home: str
    language: str
    timezone: str
    pages: int
    gone: int
    states: Mapping[str, int]
    versions: int
    visits: int
    runs: int
    first_run: str | None
    edits: int
    last_run: dict[str, Any] | None
    due: int
    next_due: str | None
    alarms: int


@dataclass(frozen=True, slots=True)
class SitePage:
    """One site.

    Attributes:
        profiles: that read it, the current one first: profile_sha256, code_version, current_from, current_until, …
        profile: the text of the current one, cut after 20,000 characters; `profile_is_cut`.
        sections: kind, section, pages, changed (when one of these pages changed last).
        redesigns: the newest 20: redesign_id, since, pages, fields, what.
    """

    numbers: SiteNumbers
    manners: SiteManners
    alarms: tuple[Alarm, ...]
    profiles: tuple[dict[str, Any], ...]
    profile: str
    profile_is_cut: bool
    sections: tuple[dict[str, Any], ...]
    redesigns: tuple[dict[str, Any], ...]


def sites(archive: ArchiveReader) -> tuple[SiteNumbers, ...]:
    """Return all sites: those in alarm first, then by name."""
    numbers = _numbers(archive)
    return tuple(sorted(numbers, key=lambda each: (not each.alarms, each.site)))


def site_page(archive: ArchiveReader, name: str) -> SitePage:
    """Return one site.

    Raises:
        NotInArchive: there is no such site.
    """
    demand_site(archive, name)
    queries = archive.store.browsing.sites
    (numbers,) = (each for each in _numbers(archive) if each.site == name)
    text = queries.profile_text(name)
    return SitePage(
        numbers,
        manners(archive, name),
        tuple(current_alarms(archive, name)),
        tuple(queries.profiles(name, _MOST_PROFILES)),
        text[:LONGEST_PROFILE],
        len(text) > LONGEST_PROFILE,
        tuple(archive.store.browsing.page_list.sections(name, archive.embargoed_pages(), _MOST_SECTIONS)),
        tuple(queries.redesigns(name, _MOST_REDESIGNS)),
    )


def _numbers(archive: ArchiveReader) -> list[SiteNumbers]:
    queries, now = archive.store.browsing.sites, archive.settings.clock()
    states, versions, ran = queries.states(), queries.versions(), queries.runs()
    edits = queries.edits(written(last_look(archive) - timedelta(days=_EDIT_DAYS)))
    last = {row["site"]: row for row in archive.store.browsing.health.last_runs() if row["run_id"] is not None}
    alarms = [alarm.site for alarm in current_alarms(archive)]
    found = []
    for row in queries.sites():
        number, name = row["site_id"], row["site"]
        of_site, run = states.get(number, {}), ran.get(number, {})
        found.append(
            SiteNumbers(
                **{key: row[key] or "" for key in ("site", "title", "home", "language", "timezone")},
                pages=sum(of_site.values()),
                gone=of_site.get("gone", 0),
                states=of_site,
                versions=versions.get(number, 0),
                visits=run.get("visits") or 0,
                runs=run.get("runs") or 0,
                first_run=run.get("first_run"),
                edits=edits.get(number, 0),
                last_run=last.get(name),
                due=archive.store.browsing.health.due(number, written(now)),
                next_due=archive.store.frontier.next_due(number),
                alarms=alarms.count(name),
            )
        )
    return found
