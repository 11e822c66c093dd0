"""Explain how a page of the archive is read: find its capture and its profile."""

from dataclasses import asdict, dataclass
from typing import Any

from archiver.app import profiles
from archiver.app.reading.page import Page
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import NoSuchVersion
from archiver.extract.explain_page import PageExplanation, explain_page
from archiver.model.clock import written
from archiver.model.moments import Moment
from archiver.model.outcome import Outcome
from archiver.model.profile import Profile


@dataclass(frozen=True, slots=True)
class ExplainedCapture:
    """A capture and how it is read.

    Attributes:
        visited_at: UTC text.
        profile: the file of the profile; None without one.
    """

    url: str
    site: str
    visit_id: int
    visited_at: str
    status: int | None
    outcome: str
    profile: str | None
    explanation: PageExplanation

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        values = asdict(self)
        explanation: dict[str, Any] = values.pop("explanation")
        return values | explanation


def explain_capture(
    archive: ArchiveReader, url: str, *, at: Moment | None = None, profile: str | None = None
) -> ExplainedCapture:
    """Return how the newest capture of a page, which may be in doubt, or the one at a moment, is read.

    Args:
        archive: has the page.
        url: any of its addresses, or a permalink.
        at: the moment.
        profile: the name or the file of a profile; by default the site's: its file, else the one in the archive.

    Raises:
        NotInArchive: the archive has no such page.
        NoSuchVersion: no capture of it has bytes.
        ProfileError: there is no such profile, or it has faults.
        ArchiveError: the bytes are pruned, redacted or damaged.
    """
    page = archive.page(url)
    visit_id = page.capture_at(at)
    if at is None and visit_id is not None:
        visit_id = _misread_since(page, visit_id) or visit_id
    if visit_id is None:
        when = f"no visit until {at} received any bytes" if at is not None else "no visit received any bytes"
        raise NoSuchVersion(f"{page.url}: {when}; see `archiver history`")
    visit = archive.store.evidence.visit(visit_id)
    used = _profile_of(archive, page.site, page.url, profile)
    return ExplainedCapture(
        visit.capture.url,
        page.site,
        visit_id,
        written(visit.visited_at),
        visit.capture.status,
        visit.capture.outcome,
        used.source or None,
        explain_page(visit.capture, used),
    )


def _misread_since(page: Page, visit_id: int) -> int | None:
    """Return the newest capture after the current version's, if it waits because the rules seem to misread it."""
    is_current = bool(page.versions) and page.state_at(None).visit_id == visit_id
    newest = next((each for each in reversed(page.visits) if each.outcome == Outcome.OK), None)
    return newest.visit_id if is_current and newest is not None and newest.cause == "broken" else None


def _profile_of(archive: ArchiveReader, site: str, url: str, named: str | None) -> Profile:
    folders = archive.settings.selectors
    if named is not None or profiles.is_named(site, folders):
        return profiles.by_name(named or site, folders)
    return profiles.stored(archive.store, site) or profiles.generic_profile(url)
