"""Redact captures: delete their bytes, and what was read of them, for good. Their rows, digests and the reason stay."""

import re
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from archiver.app.archive import Archive
from archiver.app.maintenance.skip_pattern import skip_pattern
from archiver.app.reading.find import find_page, url_rules
from archiver.app.reading.permalinks import read_permalink, resolve
from archiver.errors import ArchiveError, ArchiveFull, ArchiveLocked, NotInArchive, UsageError
from archiver.maintain.redact.erase import Erased, finish_redactions, is_unfinished
from archiver.model.clock import written
from archiver.model.moments import Moment, since_text, until_text
from archiver.settings import Settings
from archiver.store.pages import PART
from archiver.store.plain_files import Progress, silent
from archiver.store.real_file import real_file, vault_path
from archiver.store.redactions import Act, RedactedSpan, RedactionPlan

_MOST_REASON = 2000  # characters
_BEGINNING = "0000-01-01 00:00:00"
_SECOND = timedelta(seconds=1)
_OWN = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class RedactionRequest:
    """What to redact.

    Attributes:
        what: a page's address, a permalink (one capture), or the number of a visit.
        since: only captures made then or later; until: then or earlier, a date includes the whole day.
        same_digest: also all other captures whose body has the same digest, of any page.
        reason: why; it stays in the archive and in exports.
        by: who ordered or did it.
    """

    what: str
    reason: str
    since: Moment | None = None
    until: Moment | None = None
    same_digest: bool = False
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """The captures that a request names.

    Attributes:
        visits: those that are not redacted yet.
        wanted: the request in words, for the record.
        page: the address when all captures of a page are named, else None.
        skip: the pattern for the profile's `skip` that keeps crawls away from that page.
        spans: the pages that are named, with the span of time.
    """

    visits: list[int]
    wanted: str
    page: str | None = None
    skip: str = ""
    spans: tuple[RedactedSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class Redacted:
    """The result of a redaction, or of a dry run.

    Attributes:
        plan: what was to be deleted.
        applied: False for a dry run.
        erased: what was erased from the files; None when that is still to be done.
        held_back: why it is still to be done.
        page: the address when all captures of a page were redacted. The next crawl captures it unless it is skipped.
        skip: the pattern for the profile's `skip` that prevents that.
        other_files: files next to the archive that redactions do not touch, and that may hold the bytes.
    """

    plan: RedactionPlan
    applied: bool
    erased: Erased | None = None
    held_back: str = ""
    page: str | None = None
    skip: str = ""
    other_files: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        plan = self.plan
        return {
            "applied": self.applied,
            "captures": plan.count,
            "visits": {site: list(visits) for site, visits in plan.visits.items()},
            "pages": list(plan.pages),
            "by_browser": plan.by_browser,
            "opened": plan.opened,
            "versions": plan.versions,
            "bytes": plan.bytes,
            "pruned": plan.pruned,
            "same_digest": plan.same_digest_count,
            "same_digest_captures": [each._asdict() for each in plan.same_digest],
            "versions_that_stay": [each._asdict() for each in plan.staying],
            "pages_with_its_title": plan.titles,
            "erased": asdict(self.erased) if self.erased else None,
            "held_back": self.held_back or None,
            "page": self.page,
            "skip": self.skip or None,
            "other_files": list(self.other_files),
        }


def find_target(archive: Archive, wanted: RedactionRequest) -> Target:
    """Return the captures that a request names, with what a browser made of them and fetched for them alone.

    Raises:
        UsageError: the reason is empty, or the options contradict each other.
        NotInArchive: there is no such page, visit or capture.
    """
    reason = wanted.reason.strip()
    if not reason or len(reason) > _MOST_REASON:
        raise UsageError(f"--reason: write why, in 1 to {_MOST_REASON} characters; the text stays in the archive")
    target = _visit(archive, wanted) or _permalink(archive, wanted) or _page(archive, wanted)
    if not target.visits:
        return target
    redactions = archive.store.redactions
    target = replace(target, visits=redactions.with_renditions(target.visits))
    if wanted.same_digest:
        visits = redactions.with_renditions(redactions.with_same_digest(target.visits))
        wanted_too = f"{target.wanted}, and all captures with the same digest"
        target = replace(target, visits=visits, wanted=wanted_too)
    return target


def _visit(archive: Archive, wanted: RedactionRequest) -> Target | None:
    if not re.fullmatch(r"[0-9]{1,18}", wanted.what):
        return None
    number = archive.store.redactions.named_by(int(wanted.what))
    visit = archive.store.history.visit(number)
    if visit is None:
        raise NotInArchive(f"{number}: no such visit in {archive.store.path}; see the view `visits`")
    return _one(archive, wanted, number, f"visit {number} ({visit.final_url}, {visit.visited_at})")


def _permalink(archive: Archive, wanted: RedactionRequest) -> Target | None:
    link = read_permalink(wanted.what, archive.settings.clock())
    if link is None:
        return None
    visit = resolve(archive.store, find_page(archive.store, link.url, link.moment), link).visit
    return _one(archive, wanted, visit.visit_id, f"visit {visit.visit_id} ({wanted.what})")


def _one(archive: Archive, wanted: RedactionRequest, number: int, words: str) -> Target:
    if wanted.since is not None or wanted.until is not None:
        raise UsageError(f"{wanted.what}: --since and --until are for a page; this names one capture")
    kept = archive.store.evidence.facts(number)
    _demand_no_part(archive, kept.page_id)
    if archive.store.redactions.of_visit(number) is not None:
        return Target([], words)
    if number not in archive.store.redactions.captures_of([kept.page_id]):
        raise NotInArchive(f"visit {number}: the server sent nothing, so there is nothing to redact")
    return Target([number], words)


def _page(archive: Archive, wanted: RedactionRequest) -> Target:
    now, store = archive.settings.clock(), archive.store
    page = find_page(store, wanted.what)
    _demand_no_part(archive, page.page_id)
    since = None if wanted.since is None else since_text(wanted.since, now)
    until = None if wanted.until is None else until_text(wanted.until, now)
    pages = store.parts.with_parts([page.page_id])
    visits = store.redactions.captures_of(pages, since, until)
    words = page.url + (f", since {since}" if since else "") + (f", until {until}" if until else "")
    spans = tuple(RedactedSpan(each, since or _BEGINNING, until or written(now + _SECOND)) for each in pages)
    if since is not None or until is not None:
        return Target(visits, words, spans=spans)
    return Target(visits, words, page.url, skip_pattern(page.key, url_rules(store, page.site)), spans)


def _demand_no_part(archive: Archive, page_id: int) -> None:
    page = archive.store.pages.page(page_id)
    if page is not None and page.kind == PART:
        first = archive.store.parts.first_of(page_id)
        raise UsageError(
            f"{page.url}: this is a later part of an article, whose text is in the article's versions; "
            f"redact the article{f', {first}' if first else ''}"
        )


def plan_redaction(archive: Archive, target: Target) -> Redacted:
    """Return what a redaction would delete. Nothing is written."""
    return Redacted(archive.store.redactions.plan(target.visits), applied=False, page=target.page, skip=target.skip)


def redact(archive: Archive, wanted: RedactionRequest, target: Target, progress: Progress = silent) -> Redacted:
    """Redact captures. The act is durable first; then the bytes are erased from all files of the archive.

    Args:
        archive: the archive, open to write.
        wanted: the request.
        target: its captures.
        progress: called with the present step.

    Raises:
        SiteBusy: the site is being crawled; nothing was done.
        ArchiveError: the archive cannot be written; nothing was done.
    """
    settings = archive.settings
    plan = archive.store.redactions.plan(target.visits)
    act = Act(written(settings.clock()), wanted.reason.strip(), target.wanted, wanted.by, target.spans)
    with ExitStack() as locks:
        for site in plan.visits:
            locks.enter_context(archive.lock_site(site))
        with archive.store.transaction():
            for site, visits in plan.visits.items():
                archive.store.redactions.record(site, visits, act)
        archive.release_files()
        erased, held_back = _erase(settings, progress)
    others = other_files(settings.archive)
    done = Redacted(plan, applied=True, erased=erased, held_back=held_back, other_files=others)
    return replace(done, page=target.page, skip=target.skip)


def resume(settings: Settings, progress: Progress = silent) -> tuple[Erased | None, str]:
    """Erase what an interrupted redaction left; return what was erased, or why that is still to be done.

    None without a reason: no redaction is unfinished.
    """
    if not is_unfinished(settings.archive):
        return None, ""
    return _erase(settings, progress)


def _erase(settings: Settings, progress: Progress) -> tuple[Erased | None, str]:
    try:
        return finish_redactions(settings.archive, progress), ""
    except (ArchiveLocked, ArchiveFull) as error:
        return None, str(error)


def other_files(path: Path) -> tuple[str, ...]:
    """Return the names of files next to an archive that begin like its own, such as those that `repair` put aside."""
    path = real_file(path)
    ours = {each.name + end for each in (path, vault_path(path)) for end in _OWN}
    try:
        found = [each.name for each in path.parent.iterdir() if each.is_file() and each.stat().st_size]
    except OSError as error:
        raise ArchiveError(f"{path.parent}: cannot be read: {error.strerror}") from error
    stem = path.stem
    return tuple(sorted(name for name in found if name.lstrip(".").startswith(f"{stem}.") and name not in ours))
