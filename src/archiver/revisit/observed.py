"""What a visit shows for planning the next one: whether the content changed since the visit before. Pure."""

from dataclasses import dataclass
from datetime import datetime

from archiver.model.capture import Capture
from archiver.model.outcome import Cause, Outcome
from archiver.model.version import Verdict
from archiver.store.page_state import PriorState
from archiver.store.visit_result import Discovery, HistoryUpdate


@dataclass(frozen=True, slots=True)
class Observed:
    """What one visit shows.

    Attributes:
        kind: the kind of the page: listing, article, file, sitemap, feed; None when the profile gives none.
        at: the time of the visit.
        since: when the page's content was seen last (UTC text).
        changed: whether the content changed; None when the visit does not show it: the first visit, a failed one.
        published: when the page says that it was published, as the archive stores it.
        is_proven_gone: the page is known to be gone.
        is_doubtful: a tiny text stands instead of the page; it is soon visited again.
        was_there: a visit saw the page before, or it counted as live until now.
    """

    kind: str | None
    at: datetime
    outcome: Outcome
    since: str | None = None
    changed: bool | None = None
    published: str | None = None
    is_proven_gone: bool = False
    was_there: bool = False
    is_doubtful: bool = False


def observed(capture: Capture, history: HistoryUpdate, state: PriorState, discovery: Discovery) -> Observed:
    """Return what a judged visit shows.

    Args:
        capture: the capture of the visit.
        history: what the visit changes in the history of its page.
        state: what the archive knew before.
        discovery: the pages that the visit found.
    """
    published = history.content.published if history.content else None
    version = state.version
    return Observed(
        state.page.kind,
        capture.visited_at,
        history.outcome,
        since=version.seen_last if version else state.page.last_visited,
        changed=_changed(capture, history, state, discovery),
        published=(published.utc or published.local) if published else None,
        is_proven_gone=history.went or state.page.state == "gone",
        was_there=version is not None or state.page.state == "live",
        is_doubtful=history.is_doubtful and history.outcome is Outcome.OK and history.cause is not Cause.BROKEN,
    )


def _changed(capture: Capture, history: HistoryUpdate, state: PriorState, discovery: Discovery) -> bool | None:
    """Whether the content changed.

    A listing changes when it links to a new page, a sitemap or a feed also when a page is due sooner by its hint, and a
    file when its bytes change.
    """
    page = state.page
    if (
        history.is_doubtful
        or page.last_visited is None
        or not history.outcome.is_presence
        or history.read_later is not None
    ):
        return None
    if page.kind == "file" and history.outcome is Outcome.OK:
        before = state.body.sha256 if state.body else None
        return None if before is None else before != bytes.fromhex(capture.sha256)
    if page.kind in ("listing", "sitemap", "feed") and discovery.count:
        return True
    if page.kind in ("sitemap", "feed") and any(hint.next_visit is not None for hint in discovery.hints):
        return True
    return history.decision is not None and history.decision.verdict in (Verdict.CHANGED, Verdict.BACK)


def cause_of(capture: Capture, outcome: Outcome) -> str:
    """Return why a visit failed, in a few words: `connection refused`, `server error 503`."""
    words = str(outcome).replace("_", " ")
    return capture.cause or (f"{words} {capture.status}" if capture.status else words)
