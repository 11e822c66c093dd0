"""What a visit found, as the learned revisits see it: did the content change since the visit before?"""

from dataclasses import dataclass
from datetime import datetime

from archiver.model.capture import Capture, Outcome
from archiver.model.version import Verdict
from archiver.store.archive import Store
from archiver.store.pages import KnownPage
from archiver.store.versions import Applied, Latest, Observation


@dataclass(frozen=True, slots=True)
class Found:
    """One visit.

    Attributes:
        before: the page as it stood before it; `at`: when the visit was.
        since: when its content was seen last (UTC text).
        changed: None where the visit says nothing of it: a first one, one that failed, one that came late.
        said: when the page says it was published, as the archive writes it.
        proven: the page is known to be gone; `was_there`: it was seen once, or believed to be there until now.
    """

    before: KnownPage | None
    at: datetime
    outcome: Outcome
    since: str | None = None
    changed: bool | None = None
    said: str | None = None
    proven: bool = False
    was_there: bool = False


def found_by(
    before: KnownPage | None, last: Latest | None, seen: Observation, applied: Applied, *, changed: bool | None
) -> Found:
    """What an observation found, once it was written down. `last`: the version that stood before it."""
    said = seen.record.content.published if seen.record else None
    return Found(
        before,
        seen.visit.visited_at,
        seen.outcome,
        since=last.seen_last if last else before.last_visited if before else None,
        changed=changed,
        said=(said.utc or said.local) if said else None,
        proven=applied.went or bool(before and before.state == "gone"),
        was_there=last is not None or bool(before and before.state == "live"),
    )


def has_changed(store: Store, before: KnownPage | None, seen: Observation, discovered: int) -> bool | None:
    """Whether a visit found another content than the last one; None where that cannot be said.

    A listing's content is what it leads to, a file's are its bytes.
    """
    if before is None or before.last_visited is None or seen.outcome not in (Outcome.OK, Outcome.NOT_MODIFIED):
        return None
    if before.kind == "file" and seen.outcome is Outcome.OK:
        digest = store.evidence.sha256_before(before.page_id, seen.visit.visit_id)
        return None if digest is None else digest != bytes.fromhex(seen.visit.capture.sha256)
    if before.kind in ("listing", "sitemap", "feed") and discovered:
        return True
    return seen.decision is not None and seen.decision.verdict in (Verdict.CHANGED, Verdict.BACK)


def cause_of(capture: Capture, outcome: Outcome) -> str:
    """Why a visit failed, in a few words: `connection refused`, `server error 503`."""
    words = str(outcome).replace("_", " ")
    return capture.cause or (f"{words} {capture.status}" if capture.status else words)
