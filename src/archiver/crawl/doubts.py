"""Judges tiny texts where a page had its content, and pages that are cut: no version before another visit agrees. Pure.

The first such visit is doubtful. When the content is back at the next visit, nothing has changed. When the next visit
shows the same, it is a version since the first one. A text that other pages of the site show as well is rather a wall
of an unknown maker: it counts as `blocked`, and becomes a version only after a week.
"""

from dataclasses import replace
from datetime import timedelta

from archiver.change.decide import differing
from archiver.change.doubtful import is_beginning, is_replaced, mark_of
from archiver.model.clock import instant
from archiver.model.outcome import CAUSE_TEXT, Cause, Outcome
from archiver.model.record import Content
from archiver.store.doubt_rows import Doubt
from archiver.store.page_state import PriorState
from archiver.store.visit_result import HistoryUpdate
from archiver.text.clean import joined
from archiver.text.digest import fingerprint

_LONG = timedelta(days=7)
"""After this time without the old content, what a page shows is a version, also when it differs a little each time."""

_CUT = "doubtful: only the beginning of the text, in HTML without an end; a version only when another visit agrees"


def with_doubt(
    history: HistoryUpdate,
    content: Content | None,
    before: Content | None,
    state: PriorState,
    *,
    is_unfinished: bool = False,
) -> HistoryUpdate:
    """Return a history that says whether what a visit shows is doubtful, or was and is proven now.

    Args:
        history: what the visit changes, as far as it is known.
        content: what the visit shows; None without content.
        before: the content that the page had before, read by the same extractor.
        state: what the archive knew of the page before the visit.
        is_unfinished: whether the HTML has no end, so that the answer may have been cut.
    """
    if content is None:
        is_back = history.outcome is Outcome.NOT_MODIFIED and state.doubt is not None and not state.confirms_doubt
        return replace(history, drop_doubt=True) if is_back else history
    is_cut = is_unfinished and before is not None and is_beginning(before, content)
    mark = _exact(content) if is_cut else mark_of(content)
    if not mark or not (is_cut or _is_doubtful(content, before, state)):
        return replace(history, drop_doubt=state.doubt is not None)
    last = None if state.doubt is not None and state.doubt.is_broken else state.doubt
    doubt = _doubt(history, content, mark, last)
    if last is not None and _agrees(history, doubt, last, is_shared=state.is_shared):
        return replace(history, first_visit=doubt.visit_id, first_at=doubt.at, drop_doubt=True)
    cause = Cause.SHARED_TEXT if state.is_shared else Cause.DOUBTFUL
    note = joined(_CUT if is_cut else CAUSE_TEXT[cause], history.note)
    outcome = Outcome.BLOCKED if state.is_shared else history.outcome
    return replace(history, outcome=outcome, cause=cause, note=note, doubt=doubt)


def _is_doubtful(content: Content, before: Content | None, state: PriorState) -> bool:
    if before is None:
        return state.is_shared and state.version is None
    return (state.is_shared or is_replaced(before, content)) and bool(differing(before, content))


def _doubt(history: HistoryUpdate, content: Content, mark: str, last: Doubt | None) -> Doubt:
    """Return the doubt after a visit. It continues the last one when the text is the same apart from numbers."""
    exact = _exact(content)
    if last is None:
        return Doubt(history.at, history.visit_id, history.at, history.run_id, exact, mark)
    if last.mark == mark:
        return replace(last, exact=exact)
    return Doubt(last.since, history.visit_id, history.at, history.run_id, exact, mark)


def _exact(content: Content) -> str:
    return fingerprint(content.comparable())[2:34]


def _agrees(history: HistoryUpdate, doubt: Doubt, last: Doubt, *, is_shared: bool) -> bool:
    """Whether a visit proves that the page has another content now."""
    if instant(history.at) - instant(last.since) >= _LONG:
        return True
    is_another_time = history.at > last.at or history.run_id != last.run_id
    return is_another_time and doubt.exact == last.exact and not is_shared
