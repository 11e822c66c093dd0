"""Judges what a visit says of whether its page is there: present, missing, proven gone, moved, or back. Pure."""

from dataclasses import replace

from archiver.crawl.claims import with_move
from archiver.crawl.site import WorkingSite
from archiver.model.capture import Capture
from archiver.model.outcome import Outcome
from archiver.store.page_state import AbsenceSpan, PriorState
from archiver.store.pages import REQUISITE
from archiver.store.visit_result import HistoryUpdate

_PERMANENT = (301, 308)
_GONE = 410


def with_presence(history: HistoryUpdate, capture: Capture, state: PriorState, site: WorkingSite) -> HistoryUpdate:
    """Return a history with what the visit says of whether the page is there."""
    outcome, absence = history.outcome, state.absence
    if state.page.kind == REQUISITE:
        return replace(history, state="gone" if outcome.is_absence else outcome.traits.state)
    if outcome.is_absence:
        return _missed(history, capture, state)
    if outcome.is_presence and absence is not None:
        if absence.gone_by is None:
            history = replace(history, drop_absence=absence.absence_id)
        else:
            history = replace(history, absence=replace(absence, back_by=history.since), returned=True)
    if outcome.is_presence and state.is_behind_login and state.version is not None:
        history = replace(history, returned=True)
    moves_away = site.moves_away(capture)
    if outcome is Outcome.MOVED and moves_away and capture.status in _PERMANENT:
        unproven = absence.absence_id if absence is not None and absence.gone_by is None else None
        history = replace(history, closes_at=history.at, drop_absence=unproven)
    is_away = outcome is Outcome.MOVED and moves_away and capture.status in _PERMANENT
    history = with_move(history, capture, state, site.key, is_away=is_away)
    page_state = None if outcome is Outcome.MOVED and not moves_away else outcome.traits.state
    return replace(history, state=page_state)


def _missed(history: HistoryUpdate, capture: Capture, state: PriorState) -> HistoryUpdate:
    """Record a miss. Two misses at different times, or one 410, prove that the page is gone."""
    at, absence = history.at, state.absence
    miss = f"{capture.status} {history.outcome}" if capture.status else str(history.outcome)
    is_final = capture.status == _GONE
    if absence is None:
        proven = is_final
        gone_by = at if proven else None
        span = AbsenceSpan(None, state.last_present, at, at, history.run_id, gone_by, 1, f"{miss} at {at}")
    else:
        is_another_time = at > absence.last_miss or history.run_id != absence.last_run
        proven = absence.gone_by is None and (is_another_time or is_final)
        kept = absence.evidence.split("; ")[: 2 if absence.gone_by else 1]  # the first miss, and the proof
        span = replace(
            absence,
            last_miss=at,
            last_run=history.run_id,
            gone_by=absence.first_miss if proven else absence.gone_by,
            misses=absence.misses + 1,
            evidence="; ".join([*kept, f"{miss} at {at}"]),
        )
    return replace(
        history,
        absence=span,
        closes_at=span.first_miss if proven else None,
        state="gone" if span.gone_by else None,
        went=proven,
        lost=proven and span.last_seen is not None,
    )
