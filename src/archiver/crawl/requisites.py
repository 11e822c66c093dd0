"""Requisites: what a browser needs to show a page. When they are fetched again, and what they may cost.

They are captures, and no pages: nothing is read from them but the addresses in style sheets, and they have no versions.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from archiver.crawl.read_capture import ReadResult
from archiver.model.capture import Capture
from archiver.model.clock import instant, written
from archiver.model.outcome import Outcome
from archiver.model.profile import CrawlRules
from archiver.model.reason import Reason, ReasonCode
from archiver.model.record import Record
from archiver.revisit.observed import cause_of
from archiver.store.frontier import NextVisit
from archiver.store.pages import REQUISITE
from archiver.text.url import origin_of

REFETCH = timedelta(days=30)
"""With `requisites = "all"`, a requisite that was fetched before this time is fetched again."""
DEEPEST = 5
"""Levels of requisites: a page names a style sheet (1), which imports another one (2), which names a font (3)."""
MOST_OF_PAGE = 3_000
"""The maximum number of requisites that a run finds for one page. Style sheets can name others without end."""
_TOO_MANY_REQUESTS = 429
_MOST_KEYS = 30
_MOST_SILENCE = 2  # requests in a row without an answer
_FIRST_RETRY = timedelta(hours=1)
_LAST_RETRY = timedelta(days=7)
_REASON = Reason.of(ReasonCode.REQUISITE)


@dataclass
class RequisiteCounts:
    """The requisites of one run.

    Attributes:
        fetched: how many were fetched, or confirmed by a 304; `bytes`: of their bodies.
        failed: how many visits gave none: missing, refused by robots.txt, too big, no answer.
        left_out: how many were left for a later run: the byte budget was spent, or their server did not answer.
        foreign: how many were named on hosts that are neither the site's nor in `requisite_hosts`, by host.
        failed_why, left_out_why: the causes of these, in a few words, with their counts.
    """

    fetched: int = 0
    bytes: int = 0
    failed: int = 0
    left_out: int = 0
    foreign: dict[str, int] = field(default_factory=dict)
    failed_why: dict[str, int] = field(default_factory=dict)
    left_out_why: dict[str, int] = field(default_factory=dict)

    def add(self, capture: Capture) -> None:
        """Count a visit. A redirect is not counted: its target is a requisite of its own."""
        if capture.outcome.is_presence:
            self.fetched += 1
            self.bytes += len(capture.body)
        elif capture.outcome is not Outcome.MOVED:
            self.fail("robots.txt" if capture.outcome is Outcome.REFUSED else _why(capture))

    def fail(self, why: str) -> None:
        """Count a requisite that was not fetched, and why, in a few words."""
        self.failed += 1
        count_by(self.failed_why, why)

    def leave_out(self, why: str) -> None:
        """Count a requisite that is left for a later run, and why, in a few words."""
        self.left_out += 1
        count_by(self.left_out_why, why)


class RequisiteBudget:
    """What the requisites of a run may still cost: bytes, and time on servers that do not answer.

    A request that has begun is not cut.
    """

    def __init__(self, rules: CrawlRules) -> None:
        self._of_page, self._of_run = rules.requisite_bytes, rules.requisite_run_bytes
        self._spent = Counter[int | None]()
        self._total = 0
        self._silent = Counter[str]()

    def refusal(self, page: int | None, url: str) -> str:
        """Return why another requisite of a page may not be fetched, in a few words; "" when it may.

        A server that was silent twice gets no other request.
        """
        if self._total >= self._of_run:
            return "requisite_run_bytes"
        if self._spent[page] >= self._of_page:
            return "requisite_bytes"
        return "no answer" if self._silent[origin_of(url)] >= _MOST_SILENCE else ""

    def spend(self, page: int | None, captures: Sequence[Capture]) -> None:
        """Count the requests for a requisite of a page."""
        for capture in captures:
            self._spent[page] += len(capture.body)
            self._total += len(capture.body)
            origin = origin_of(capture.url)
            self._silent[origin] = 0 if capture.has_answer else self._silent[origin] + 1


def count_by(counts: dict[str, int], key: str) -> None:
    """Add one to a count; a hostile page can name any number of hosts, so the number of keys is bounded."""
    key = key if key in counts or len(counts) < _MOST_KEYS else "others"
    counts[key] = counts.get(key, 0) + 1


def _why(capture: Capture) -> str:
    is_answer = capture.status is not None and not 200 <= capture.status < 300  # noqa: PLR2004
    return str(capture.status) if is_answer else cause_of(capture, capture.outcome)


def reading_of(capture: Capture, read: ReadResult) -> ReadResult:
    """Return the result of reading a requisite: the outcome of its request, and the addresses in a style sheet.

    A page at the address of a requisite is an error page; it is not read.
    """
    record = read.record
    if capture.outcome is not Outcome.OK:
        return ReadResult(capture.outcome)
    is_style_sheet = record is not None and record.kind == "file"
    return ReadResult(
        capture.outcome, Record(kind=REQUISITE, requisites=record.requisites if record and is_style_sheet else ())
    )


def next_requisite_visit(capture: Capture, waited: float, rules: CrawlRules) -> NextVisit | None:
    """Return when a requisite is due next; None: never.

    Args:
        capture: its capture.
        waited: the planned seconds between the visit before and this one; 0 for the first.
        rules: the site's crawl rules.
    """
    is_repeated = rules.requisites == "all"
    if not _is_passing(capture):
        return _after(capture.visited_at, REFETCH) if is_repeated else None
    wait = max(2 * timedelta(seconds=waited), _FIRST_RETRY)
    if wait > _LAST_RETRY:
        return _after(capture.visited_at, REFETCH) if is_repeated else None
    return _after(capture.visited_at, wait)


def _is_passing(capture: Capture) -> bool:
    """Whether a request may soon give another result. A robots.txt, a 403 and the size of a body stay."""
    if capture.outcome is Outcome.BLOCKED:
        return capture.status == _TOO_MANY_REQUESTS
    return capture.outcome.is_failure and capture.outcome not in (Outcome.REFUSED, Outcome.TOO_BIG)


def due_again(last_visited: str) -> str:
    """Return when a requisite is due again after its last visit (both UTC text)."""
    return written(instant(last_visited) + REFETCH)


def with_requisites(rules: CrawlRules) -> CrawlRules:
    """Return crawl rules by which requisites are fetched."""
    return replace(rules, requisites="first") if rules.requisites == "none" else rules


def _after(at: datetime, wait: timedelta) -> NextVisit:
    return NextVisit(written(at + wait), wait.total_seconds(), _REASON)
