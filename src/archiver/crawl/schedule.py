"""When again: after each visit, how long a page may wait. Pure; units are seconds.

A first cut: a page that stays as it is waits twice as long each time, one that changed half as long, within the
profile's `revisit` bounds. Listings are where news appears, so they wait least. A page that was missing once is
asked again soon, because gone needs two proofs.
"""

from dataclasses import dataclass

from archiver.model.capture import Outcome
from archiver.model.profile import CrawlRules
from archiver.model.version import Decision, Verdict

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Again:
    """How many seconds until the next visit, and why then."""

    interval: float
    reason: str


def when_again(
    kind: str | None, outcome: Outcome, decision: Decision | None, interval: float, rules: CrawlRules, *, proven: bool
) -> Again:
    """The wait after a visit. `interval`: the wait before it, 0 for a first visit; `proven`: known to be gone."""
    least, most = rules.revisit_min, max(rules.revisit_max, rules.revisit_min)
    if outcome.is_absence:
        return Again(most, "gone: seldom") if proven else Again(least, "missing once: a second proof is needed")
    if outcome.is_failure:
        wait = _within(max(interval, least) * 2, least, most)
        return Again(wait, f"{outcome}: later")
    if outcome is Outcome.MOVED:
        return Again(most, "moved: seldom")
    if kind == "listing":
        return Again(least, "listing: where news appears")
    if kind == "file":
        return Again(most, "file: seldom changes")
    return _content(decision, interval, least, most)


def _content(decision: Decision | None, interval: float, least: float, most: float) -> Again:
    verdict = decision.verdict if decision else Verdict.SAME
    if verdict in (Verdict.CHANGED, Verdict.BACK):
        return Again(_within((interval or DAY) / 2, least, most), "changed: sooner")
    if verdict is Verdict.FIRST or not interval:
        return Again(_within(DAY, least, most), "first seen: within a day")
    return Again(_within(interval * 2, least, most), "unchanged: later")


def _within(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)
