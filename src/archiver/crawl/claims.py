"""Judges what a page claims about its latest change, and where a permanent redirect says that it moved to. Pure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from archiver.model.capture import Capture
from archiver.model.clock import instant
from archiver.model.outcome import Outcome
from archiver.model.record import Content, Published, Record
from archiver.model.version import Verdict
from archiver.store.page_state import Claim, PriorState
from archiver.store.visit_result import HistoryUpdate, Moved

FIELD = "modified"
_CLOCK = timedelta(minutes=10)
"""A claim this near to the visit is the clock of the server when nothing changed: it says so at every visit."""


def with_claim(history: HistoryUpdate, record: Record, before: Record | None, state: PriorState) -> HistoryUpdate:
    """Return a history with the page's claim, when it differs from the one that the archive has.

    Args:
        history: what the visit changes; its decision is made.
        record: what was read of the visit.
        before: what the current extractor reads in the capture of the newest version, when another one made that.
        state: what the archive knew of the page before the visit.
    """
    decision = history.decision
    if FIELD in record.unread or decision is None:
        return history
    last, said = state.claim, _claim(record.modified)
    if before is not None and state.version is not None and FIELD not in before.unread:
        last_read = _claim(before.modified)
        if not _is_same(last_read, last):
            history = replace(history, claim_again=last_read)
        last = last_read
    if _is_same(said, last) or (not decision.is_new_version and _is_clock(said, history)):
        return history
    is_alone = decision.verdict in (Verdict.SAME, Verdict.BACK) and not decision.changes
    moved = last is not None and last.value and said.value and last.value != said.value
    return replace(history, claim=said, claimed_since=state.last_present if is_alone and moved else None)


def _claim(said: Published | None) -> Claim:
    return Claim() if said is None else Claim(said.local, said.utc, said.raw or None)


def _is_same(one: Claim, other: Claim | None) -> bool:
    """Return whether two claims are one. Texts that are no certain date are: they may say "2 hours ago"."""
    other = other or Claim()
    return (one.value, one.utc, one.is_unreadable) == (other.value, other.utc, other.is_unreadable)


def _is_clock(said: Claim, history: HistoryUpdate) -> bool:
    return said.utc is not None and abs(instant(said.utc) - instant(history.at)) <= _CLOCK


def without_update(record: Record, content: Content, last: Content | None) -> Content:
    """Return a content with its previous date of publication when the new one is only that of the latest change.

    Portals print "updated" next to the only date of an article. The first one
    is the publication, later ones are claims.
    """
    if last is None or last.published is None or record.modified is None or content.published is None:
        return content
    sources = dict(record.sources)
    published, modified = sources.get("published"), sources.get(FIELD)
    if published is None or published != modified or published.rank:
        return content
    return replace(content, published=last.published)


def with_move(
    history: HistoryUpdate, capture: Capture, state: PriorState, key_of: Callable[[str], str], *, is_away: bool
) -> HistoryUpdate:
    """Return a history that says where the page moved to by its server, or that it is back.

    Args:
        history: what the visit changes.
        capture: the visit's capture.
        state: what the archive knew of the page before the visit.
        key_of: returns the identity of the page at an address. Addresses of redirects may differ at each visit.
        is_away: whether the capture redirects permanently to another page.
    """
    if is_away and capture.location is not None and state.version is not None:
        key = key_of(capture.location)
        is_known = state.moved_to is not None and key_of(state.moved_to) == key
        return history if is_known else replace(history, moved=Moved(capture.location, key))
    is_there = history.outcome.is_presence and history.outcome is not Outcome.MOVED
    return replace(history, ends_move=True, returned=True) if is_there and state.moved_to is not None else history
