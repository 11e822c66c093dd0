"""One capture read and judged: an outcome refined by what the page says, a record, and what it means. Keeps nothing."""

from dataclasses import dataclass, replace

from archiver.change.decide import decide
from archiver.crawl.site import WorkingSite
from archiver.errors import ReadFailed
from archiver.extract.fallback import Guess
from archiver.extract.read import read
from archiver.extract.walls import asks_to_log_in
from archiver.model.capture import Capture, Outcome
from archiver.model.profile import Profile
from archiver.model.record import Record
from archiver.model.version import Decision
from archiver.store.versions import Latest

READABLE = (Outcome.OK, Outcome.SOFT_GONE, Outcome.UNREADABLE, Outcome.BLOCKED)


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a capture gave: an outcome refined by what the page says, and a record if it could be read."""

    outcome: Outcome
    record: Record | None = None
    note: str = ""


def read_capture(capture: Capture, profile: Profile, guess: Guess | None) -> Reading:
    """Read one capture; a page that breaks the reader is an outcome (`unreadable`), not an error of the run.

    `guess` gives the body where no rule does (trafilatura, 30-40 ms): in this process for one page, in another for a
    crawl.
    """
    if capture.outcome not in READABLE or capture.status is None or not 200 <= capture.status < 300:  # noqa: PLR2004
        return Reading(capture.outcome)
    try:
        record = read(capture, profile, guess=guess)
    except Exception as error:  # noqa: BLE001  (a process border: whatever their page does to the parser stays here)
        failed = ReadFailed(f"{type(error).__name__}: {error}")
        return Reading(Outcome.UNREADABLE, None, f"could not be read ({failed}); the capture is kept")
    return _read(capture, record)


def _read(capture: Capture, record: Record) -> Reading:
    note = "; ".join(record.notes)
    if record.blocked:
        return Reading(Outcome.BLOCKED, None, record.blocked)
    if record.soft_gone:
        return Reading(Outcome.SOFT_GONE, record, note or "the page says that it is not there")
    if capture.sent.get("content_encoding") and capture.outcome is Outcome.UNREADABLE:
        return Reading(Outcome.UNREADABLE, None, note)
    if record.kind == "article" and record.content.is_empty:
        return Reading(Outcome.UNREADABLE, record, note or "nothing was found to read; does the profile still fit?")
    return Reading(Outcome.OK, record, note)


def as_it_stood(reading: Reading, last: Latest | None) -> Reading:
    """What was not sent, or a fault of ours left unread, stands as it was last read: it is no change of the page."""
    record = reading.record
    if reading.outcome is Outcome.NOT_MODIFIED and last is not None:
        return replace(reading, record=Record(last.content))
    if record is None or not record.unread or last is None:
        return reading
    stood = {name: getattr(last.content, name) for name in record.unread}
    return replace(reading, record=replace(record, content=replace(record.content, **stood)))


def no_list(reading: Reading, kind: str | None) -> Reading:
    """Where a sitemap or a feed was expected, anything else is nothing to read."""
    lists = ("sitemap", "feed")
    if kind not in lists or reading.record is None or reading.record.kind in lists:
        return reading
    return Reading(Outcome.SKIPPED, None, f"no {kind}, so nothing was read of it")


def judge(last: Latest | None, reading: Reading, *, reread: bool = False) -> Decision | None:
    """The decision on what was read; None when there is no content to keep (files, bare listings, absences)."""
    record = reading.record
    if record is not None and reading.outcome is Outcome.NOT_MODIFIED:
        return decide(record.content, record.content, absent=bool(last and last.ended), reread=reread)
    if record is None or reading.outcome is not Outcome.OK or record.kind == "file" or record.content.is_empty:
        return None
    if record.kind == "listing" and not _has_own_fields(record):
        return None
    return decide(last.content if last else None, record.content, absent=bool(last and last.ended), reread=reread)


def _has_own_fields(record: Record) -> bool:
    return any(source.rank > 0 for name, source in record.sources if not name.startswith("readings."))


def judge_redirect(site: WorkingSite, capture: Capture, reading: Reading, last: Latest | None) -> Reading:
    """A page that sends its visitors to log in is blocked; a known one that sends them home is gone."""
    target = capture.location
    if reading.outcome is not Outcome.MOVED or target is None:
        return reading
    if asks_to_log_in(target) and not asks_to_log_in(capture.url):
        return Reading(Outcome.BLOCKED, None, "sends its visitors to log in")
    home = site.home_key
    if last is not None and home == site.key(target) and site.key(capture.url) != home:
        return Reading(Outcome.SOFT_GONE, None, "redirected to the site's home page")
    return reading
