"""Judges broken records: the rules of the profile seem to misread the page, so its visit makes no version. Pure.

The reader says which fields of a record are broken by the page alone (`archiver.extract.broken`). Here the history of
the page adds what only it can know: it had a long body, and no rule finds one now. The visit is doubtful, and its
capture waits until other pages or the owner decide (`archiver.crawl.decide_broken`).
"""

from dataclasses import replace

from archiver.change.decide import differing
from archiver.change.doubtful import shares_words
from archiver.model.outcome import CAUSE_TEXT, Cause, Outcome
from archiver.model.record import Content, Record
from archiver.store.doubt_rows import Doubt
from archiver.store.page_state import PriorState
from archiver.store.visit_result import HistoryUpdate
from archiver.text.clean import joined

_LONG = 400
"""Characters of a body that does not disappear by an edit which leaves the template as it is."""


def with_broken(
    history: HistoryUpdate, record: Record | None, content: Content | None, before: Content | None, state: PriorState
) -> HistoryUpdate:
    """Return a history that says whether the record of a visit is broken, so that the visit is doubtful.

    Args:
        history: what the visit changes, as far as it is known.
        record: what was read of it.
        content: the content that it shows; None without content.
        before: the content that the page had before, read by the same extractor.
        state: what the archive knew of the page before the visit.
    """
    if state.confirms_doubt and state.doubt is not None and history.outcome is Outcome.NOT_MODIFIED:
        return _held_back(history, state.doubt)
    if record is None or not (history.outcome is Outcome.OK or history.cause is Cause.EMPTY):
        return history
    fields = record.broken or _lost(record, content, before)
    last = state.doubt if state.doubt is not None and state.doubt.is_broken else None
    if not fields or _is_accepted(history, content, before, state):
        return replace(history, drop_doubt=True) if last is not None else history
    doubt = last or Doubt(history.at, history.visit_id, history.at, history.run_id, "", "")
    return _held_back(replace(history, outcome=Outcome.OK), replace(doubt, fields=fields))


def _held_back(history: HistoryUpdate, doubt: Doubt) -> HistoryUpdate:
    note = joined(f"{CAUSE_TEXT[Cause.BROKEN]}: {', '.join(doubt.fields)}", history.note)
    return replace(
        history, cause=Cause.BROKEN, note=note, doubt=doubt, drop_doubt=False, first_visit=None, first_at=None
    )


def _is_accepted(history: HistoryUpdate, content: Content | None, before: Content | None, state: PriorState) -> bool:
    """Return whether a broken record was accepted: this one, or one of the version that it confirms."""
    accepted, version = state.accepted, state.version
    if accepted is None or accepted == history.at:
        return accepted is not None
    if version is None or content is None or before is None:
        return False
    return version.seen_from <= accepted and not differing(before, content)


def _lost(record: Record, content: Content | None, before: Content | None) -> tuple[str, ...]:
    """Return the body if the page had a long one, no rule finds one now, and the fallback finds another text."""
    if "body" not in record.missed or before is None or len(before.body or "") < _LONG:
        return ()
    now = content.body if content is not None else None
    return () if now and shares_words(before.body or "", now) else ("body",)
