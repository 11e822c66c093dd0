"""What a visit says about how often its page changes: did the content change since the visit before? Pure."""

from dataclasses import dataclass
from datetime import datetime

from archiver.model.capture import Capture
from archiver.model.outcome import Outcome
from archiver.model.version import Verdict
from archiver.store.page_state import PriorState
from archiver.store.visit_result import Discovery, HistoryUpdate


@dataclass(frozen=True, slots=True)
class Observed:
    """One visit.

    Attributes:
        kind: of its page: listing, article, file, sitemap, feed; None when the profile names none.
        at: when the visit was.
        since: when the page's content was seen last (UTC text).
        changed: None where the visit does not say: a first one, one that failed.
        said: when the page says that it was published, as the archive stores it.
        proven: the page is known to be gone; `was_there`: it was seen once, or counted as live until now.
    """

    kind: str | None
    at: datetime
    outcome: Outcome
    since: str | None = None
    changed: bool | None = None
    said: str | None = None
    proven: bool = False
    was_there: bool = False


def observed(capture: Capture, history: HistoryUpdate, state: PriorState, discovery: Discovery) -> Observed:
    """Return what a judged visit says.

    Args:
        capture: of the visit.
        history: what it means for its page.
        state: what the archive knew before.
        discovery: the pages it led to.
    """
    said = history.content.published if history.content else None
    version = state.version
    return Observed(
        state.page.kind,
        capture.visited_at,
        history.outcome,
        since=version.seen_last if version else state.page.last_visited,
        changed=_changed(capture, history, state, discovery),
        said=(said.utc or said.local) if said else None,
        proven=history.went or state.page.state == "gone",
        was_there=version is not None or state.page.state == "live",
    )


def _changed(capture: Capture, history: HistoryUpdate, state: PriorState, discovery: Discovery) -> bool | None:
    """Whether another content was found. A listing's content is what it leads to, a file's are its bytes."""
    page = state.page
    if page.last_visited is None or not history.outcome.is_presence or history.read_later is not None:
        return None
    if page.kind == "file" and history.outcome is Outcome.OK:
        before = state.body.sha256 if state.body else None
        return None if before is None else before != bytes.fromhex(capture.sha256)
    if page.kind in ("listing", "sitemap", "feed") and discovery.count:
        return True
    return history.decision is not None and history.decision.verdict in (Verdict.CHANGED, Verdict.BACK)


def cause_of(capture: Capture, outcome: Outcome) -> str:
    """Why a visit failed, in a few words: `connection refused`, `server error 503`."""
    words = str(outcome).replace("_", " ")
    return capture.cause or (f"{words} {capture.status}" if capture.status else words)
