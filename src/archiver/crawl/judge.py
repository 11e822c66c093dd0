"""Judges one visit: compares it with what the archive knew of the page before. Pure: no clock, no database.

`judge_history` computes what a visit changes in the history of its page. It judges new visits, and all visits of a page
again when its history is rebuilt. `follow_up` computes the other results of a visit.
"""

from dataclasses import dataclass, replace

from archiver.change.decide import decide
from archiver.crawl.broken_records import with_broken
from archiver.crawl.claims import with_claim, without_update
from archiver.crawl.doubts import with_doubt
from archiver.crawl.presence import with_presence
from archiver.crawl.read_capture import ReadResult
from archiver.crawl.reading_sources import new_reading_sources
from archiver.crawl.requisites import reading_of
from archiver.crawl.site import WorkingSite
from archiver.crawl.site_lists import as_list
from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.outcome import CAUSE_TEXT, Cause, Outcome
from archiver.model.record import Content, Record
from archiver.model.redacted import is_redacted
from archiver.model.version import Decision, FieldValue, Verdict
from archiver.store.evidence import KeptVisit
from archiver.store.page_state import LatestVersion, PriorState
from archiver.store.pages import PART, REQUISITE
from archiver.store.visit_result import HistoryUpdate, Reinterpreted
from archiver.text.clean import joined

_LISTS = ("sitemap", "feed")


@dataclass(frozen=True, slots=True)
class Visit:
    """A kept visit with its result of reading.

    Attributes:
        before: today's reading of the capture that the page's newest version was read from, when another extractor
            made that version. None when it is not needed, or when the bytes are pruned or damaged.
        previous: that capture.
    """

    kept: KeptVisit
    read: ReadResult
    before: ReadResult | None = None
    previous: Capture | None = None


def judge_history(visit: Visit, state: PriorState, site: WorkingSite, now: str) -> HistoryUpdate:
    """Return what a visit changes in the history of its page.

    Args:
        visit: the visit, kept and read.
        state: what the archive knew of the page before the visit.
        site: the site's rules, and the extractor that read the visit.
        now: UTC text.
    """
    read = refined(visit.read, visit.kept.capture, state, site)
    history = HistoryUpdate(
        visit.kept.visit_id,
        visit.kept.page_id,
        visit.kept.run_id,
        written(visit.kept.visited_at),
        site.extractor.extractor_id,
        now,
        read.outcome,
        read.cause,
        read.note or None,
        before=state.version,
        is_first_visit=state.page.last_visit is None,
    )
    if (read.cause is not None and read.cause.is_ours) or state.page.kind == PART:
        return history  # a part has no history of its own
    base = _base(visit, state, history.extractor_id, is_rendered=read.record is not None and read.record.is_rendered)
    content, is_unfinished = _shown(read, base, site), read.record is not None and read.record.is_unfinished
    history = with_doubt(history, content, base.content, state, is_unfinished=is_unfinished)
    if not history.is_doubtful:
        history = with_broken(history, read.record, content, base.content, state)
    if history.is_doubtful:
        history = _with_readings(history, read.record, state) if history.cause is Cause.BROKEN else history
        return replace(history, state=history.outcome.traits.state if history.outcome is Outcome.BLOCKED else None)
    history = with_presence(history, visit.kept.capture, state, site)
    return _with_content(history, read, visit, state, base, content)


def _shown(read: ReadResult, base: "_Base", site: WorkingSite) -> Content | None:
    """Return the content that a visit shows; None without content."""
    record = read.record
    if record is None or not has_content(record, read.outcome):
        return None
    content = _with_previous_values(record, base.content)
    return content if base.content is None else _with_lost_values(content, base.content, record, site)


def _with_lost_values(content: Content, last: Content, record: Record, site: WorkingSite) -> Content:
    """Return a content with the last values of fields that it lacks because rules, or a new template, lost them.

    These are all fields of a broken record but the body: where that is lost, the record waits, or was accepted for what
    it shows. Of other records they are the `lost` fields of the table that read it.
    """
    names = next((kind.lost for kind in site.profile.pages if kind.template == record.template), ())
    if not record.broken and not names:
        return content
    now, before = content.flat(), last.flat()
    missing = [name for name, value in before.items() if value and not now.get(name) and name not in ("body", "file")]
    lost = [name for name in missing if record.broken or name.removeprefix("extra.") in names]
    return content.with_previous(lost, last)


def refined(read: ReadResult, capture: Capture, state: PriorState, site: WorkingSite) -> ReadResult:
    """Return a result of reading, corrected by what is known of the page."""
    kind = state.page.kind
    if kind == REQUISITE:
        return reading_of(capture, read)
    read = as_list(kind, read, capture)
    if kind in _LISTS and read.record is not None and read.record.kind not in _LISTS:
        return ReadResult(Outcome.SKIPPED, None, f"not a {kind}, so nothing was read", Cause.NO_LIST)
    if read.cause is Cause.EMPTY and state.version is not None:
        return replace(read, outcome=Outcome.UNREADABLE)  # nothing, where a page was
    if _is_instead_of_file(read, state) and not site.is_api(capture.url):  # without its table, an answer was a file
        return ReadResult(Outcome.UNREADABLE, None, _instead_of_file(read, capture), Cause.NO_FILE)
    return _after_redirects(read, capture, state, site)


def _after_redirects(read: ReadResult, capture: Capture, state: PriorState, site: WorkingSite) -> ReadResult:
    """Return a result of reading, corrected by where redirects led."""
    target = capture.location
    if read.cause is Cause.WALL and not site.is_address_of(state.page.key, capture.url):  # redirects led there
        return replace(read, cause=Cause.LOGIN)
    if read.outcome is not Outcome.MOVED or target is None:
        return read
    home = site.home_key
    if state.version is not None and home == site.key(target) and site.key(capture.url) != home:
        return ReadResult(Outcome.SOFT_GONE, None, CAUSE_TEXT[Cause.HOME], Cause.HOME)
    return read


def _is_instead_of_file(read: ReadResult, state: PriorState) -> bool:
    """Whether an answer is no file, though the page is one: a login, an error page, a viewer.

    An address that only looks like that of a file (`File:Report.pdf` of a wiki) is a page from its second visit on.
    """
    record, version = read.record, state.version
    if read.outcome is not Outcome.OK or record is None or record.kind in _LISTS or record.content.file is not None:
        return False
    if version is not None:
        return version.content.file is not None
    return state.page.kind == "file" and (record.kind == "file" or state.last_read is None or state.body is not None)


def _instead_of_file(read: ReadResult, capture: Capture) -> str:
    said = CAUSE_TEXT[Cause.NO_FILE]
    if read.record is None or read.record.kind != "file":
        said = said.replace("something else", capture.media_type or "a page")
    return joined(said, read.note)


# content


def _with_readings(history: HistoryUpdate, record: Record | None, state: PriorState) -> HistoryUpdate:
    if record is None or history.outcome.is_absence:
        return history
    before = dict(state.counters)
    readings = tuple((name, value, _gained(value, before.get(name))) for name, value in record.readings)
    return replace(history, readings=readings, reading_sources=new_reading_sources(record, state))


def _with_content(
    history: HistoryUpdate,
    read: ReadResult,
    visit: Visit,
    state: PriorState,
    base: "_Base",
    content: Content | None,
) -> HistoryUpdate:
    record, version = read.record, state.version
    history = _with_readings(history, record, state)
    if history.outcome is Outcome.NOT_MODIFIED and record is None:
        if version is None:
            return history
        content = base.content or version.content
        decision = decide(content, content, absent=version.ended)
        reinterpreted = base.reinterpreted if base.content is not None else None
        return replace(history, content=content, decision=decision, reinterpreted=reinterpreted)
    if record is None or content is None:
        return history
    if version is not None and version.extractor_id == history.extractor_id and _is_same_answer(visit, state):
        content = version.content
    decision = _decision(content, base, state, has_parts=bool(record.continues))
    history = replace(
        history,
        content=content,
        sources=record.sources + record.item_sources,
        decision=decision,
        reinterpreted=base.reinterpreted,
        is_rendered=record.is_rendered,
    )
    return with_claim(history, record, visit.before.record if visit.before is not None else None, state)


def _decision(content: Content, base: "_Base", state: PriorState, *, has_parts: bool) -> Decision:
    version = state.version
    if version is None and content.file is not None and state.body is not None:
        return Decision(Verdict.REREAD)  # captured before files had versions, and pruned: it is not new
    if version is not None and (base.content is None or is_redacted(base.content) or is_redacted(content)):
        is_same = version.content == content and is_redacted(content)
        return Decision(Verdict.BACK if version.ended else Verdict.SAME if is_same else Verdict.REREAD)
    decision = decide(base.content, content, absent=bool(version and version.ended))
    if state.body is None or not state.body.is_partly_read:
        return decision
    is_named_only = base.content is not None and base.content.file is not None and base.content.body is None
    if is_named_only:  # the title was the name of a file that could not be read
        decision = replace(decision, changes=tuple(each for each in decision.changes if each.field != "title"))
    return _without_filled(decision, has_parts=has_parts)


def _without_filled(decision: Decision, *, has_parts: bool) -> Decision:
    """Return a decision without fields that were empty before, because the last visit could not be read completely.

    Of an article with several parts, which may have lacked one of them, fields that only grew are left out, too.
    """
    claimed = tuple(
        each for each in decision.changes if each.old and not (has_parts and _only_grew(each.old, each.new))
    )
    verdict = Verdict.REREAD if decision.verdict is Verdict.CHANGED and not claimed else decision.verdict
    return replace(decision, verdict=verdict, changes=claimed)


def _only_grew(old: FieldValue, new: FieldValue) -> bool:
    """Whether a value holds all paragraphs or items of the last one, in their order."""
    before, after = (each.split("\n\n") if isinstance(each, str) else each or () for each in (old, new))
    rest = iter(after)
    return all(each in rest for each in before)


@dataclass(frozen=True, slots=True)
class _Base:
    """The content that a visit is compared with: the newest version's, as today's extractor reads it."""

    content: Content | None = None
    reinterpreted: Reinterpreted | None = None


def _base(visit: Visit, state: PriorState, extractor_id: int, *, is_rendered: bool) -> _Base:
    """Return what a visit is compared with. A body as sent and what a browser made of one are never compared."""
    version = state.version
    if version is None:
        return _Base()
    if version.extractor_id == extractor_id:
        return _Base(version.content if version.is_rendered == is_rendered or visit.read.record is None else None)
    if visit.before is None:  # its bytes are pruned or damaged, so there is nothing to compare with
        return _Base()
    record = visit.before.record
    if record is not None and record.broken:  # this extractor cannot read what the page showed then
        return _Base()
    if record is None or not has_content(record, visit.before.outcome):
        return _Base(None, Reinterpreted(None))
    content = _with_previous_values(record, version.content)
    again = Reinterpreted(content, record.sources + record.item_sources, record.is_rendered)
    return _Base(content if record.is_rendered == is_rendered or visit.read.record is None else None, again)


def has_content(record: Record, outcome: Outcome) -> bool:
    """Whether a record has content that makes a version. Bare listings and absences have none."""
    if not outcome.is_presence or record.content.is_empty:
        return False
    if record.kind == "file":
        return record.content.file is not None
    return record.kind != "listing" or any(
        source.rank > 0 for name, source in record.sources if not name.startswith("readings.")
    )


def _with_previous_values(record: Record, last: Content | None) -> Content:
    """Return a record's content. A field that the reader failed to read keeps its last value."""
    content = without_update(record, record.content, last)
    return content if not record.unread or last is None else content.with_previous(record.unread, last)


def _is_same_answer(visit: Visit, state: PriorState) -> bool:
    """Whether the page has the same bytes as before, and the reader read all fields then and now."""
    body, capture = state.body, visit.kept.capture
    if body is None or body.sha256 is None or body.is_partly_read or visit.read.record is None:
        return False
    if visit.read.record.is_rendered or (state.version is not None and state.version.is_rendered):
        return False  # the same shell shows other pages
    if visit.read.record.continues or visit.read.record.unread or not _is_read_from(state.version, body.at):
        return False
    return body.sha256 == bytes.fromhex(capture.sha256) and body.media_type == capture.media_type


def _is_read_from(version: LatestVersion | None, at: str) -> bool:
    return version is not None and version.seen_from <= at <= version.seen_last and not is_redacted(version.content)


def _gained(value: int, before: int | None) -> int | None:
    return None if before is None else value - before
