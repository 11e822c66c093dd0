"""What a visit leads to beside its page's history: links, addresses, validators, discoveries, the next visit. Pure."""

from dataclasses import dataclass, replace

from archiver.crawl.discovery import Candidate, Discoverer
from archiver.crawl.fetched import Fetched
from archiver.crawl.judge import Visit
from archiver.crawl.site import WorkingSite
from archiver.model.capture import Capture
from archiver.model.outcome import Outcome
from archiver.model.reason import Reason, ReasonCode
from archiver.revisit.observed import observed
from archiver.revisit.planner import RevisitPlanner
from archiver.store.frontier import NextVisit
from archiver.store.page_state import PriorState, Validator
from archiver.store.visit_result import Discovery, History, VisitResult


@dataclass(frozen=True, slots=True)
class Judged:
    """A visit with what it means for its page's history, and what the archive knew before it.

    Attributes:
        is_written: its history was rebuilt, and is written.
        out_of_order: the page was visited at a later time than this.
    """

    visit: Visit
    fetched: Fetched
    state: PriorState
    history: History
    is_written: bool = False
    out_of_order: bool = False

    @property
    def capture(self) -> Capture:
        """What came."""
        return self.visit.kept.capture

    @property
    def shows_links(self) -> bool:
        """Whether the page came, and was read."""
        return self.visit.read.record is not None and self.history.outcome is Outcome.OK


def candidates(judged: Judged, discoverer: Discoverer, site: WorkingSite) -> list[Candidate]:
    """Return the addresses that a visit leads to."""
    found: list[Candidate] = []
    target = _moved_to(judged, site)
    if target is not None:
        is_chain = judged.fetched.reason.code is ReasonCode.REDIRECT
        found += discoverer.redirected(target, judged.history.page_id, judged.fetched.depth, is_chain=is_chain)
    record = judged.visit.read.record
    if record is not None and judged.shows_links:
        found += discoverer.candidates(record, judged.history.page_id, judged.fetched.depth)
    return found


def target_key(judged: Judged, site: WorkingSite) -> str | None:
    """Return the identity of the page that a visit was redirected to; None when it was not."""
    target = _moved_to(judged, site)
    return None if target is None else site.key(target)


def _moved_to(judged: Judged, site: WorkingSite) -> str | None:
    target = judged.capture.location
    if judged.history.outcome is not Outcome.MOVED or target is None or not site.moves_away(judged.capture):
        return None
    return target


def follow_up(
    judged: Judged,
    discovery: Discovery,
    planner: RevisitPlanner,
    site: WorkingSite,
    *,
    run_id: int | None,
) -> VisitResult:
    """Return everything a visit comes to.

    Args:
        judged: the visit.
        discovery: what it leads to.
        planner: when pages are visited again.
        site: the site's rules.
        run_id: the crawl under way. Its own visits set when their pages are due next, also when a clock was set back.
    """
    history, state, read = judged.history, judged.state, judged.visit.read
    in_order = not judged.out_of_order
    links = read.record.links if read.record is not None and judged.shows_links and in_order else None
    result = VisitResult(
        judged.capture,
        history,
        links,
        links_stand=history.outcome is Outcome.NOT_MODIFIED and in_order,
        links_before=state.links_digest,
        links_seen=state.links_seen,
        addresses=_addresses(judged),
        redirected_to=target_key(judged, site),
        discovery=discovery,
        is_written=judged.is_written,
    )
    if in_order or (run_id is not None and history.run_id == run_id):
        result = _with_next_visit(result, judged, discovery, planner)
    return _with_validator(result, judged) if in_order else result


def _addresses(judged: Judged) -> tuple[tuple[int, str, str, str], ...]:
    record = judged.visit.read.record
    if record is None or not judged.shows_links or not record.canonical or record.canonical == judged.capture.url:
        return ()
    return ((judged.history.page_id, record.canonical, "canonical", judged.history.at),)


def _with_next_visit(result: VisitResult, judged: Judged, discovery: Discovery, planner: RevisitPlanner) -> VisitResult:
    entry, outcome = judged.state.entry, judged.history.outcome
    if entry is None:
        return result
    seen = observed(judged.capture, judged.history, judged.state, discovery)
    if judged.out_of_order:  # it says nothing of what changed since the page's last visit
        seen = replace(seen, changed=None)
    line = planner.next_visit(seen, entry)
    if entry.reason.code is ReasonCode.GUESSED_SITEMAP:
        if outcome.traits.is_no_list:
            return replace(result, drop=True)
        line = _still_guessed(line) if outcome.is_failure else line
    return replace(result, next_visit=line)


def _still_guessed(line: NextVisit) -> NextVisit:
    """A guess that failed stays a guess: an answer may yet say that there is no such list."""
    return replace(line, reason=Reason.of(ReasonCode.GUESSED_SITEMAP))


# validators (RFC 9110, 8.8)


def _with_validator(result: VisitResult, judged: Judged) -> VisitResult:
    outcome = judged.history.outcome
    if outcome is Outcome.NOT_MODIFIED:
        return replace(result, unchanged=True)
    if not _vouches(judged):
        return result
    before, capture = judged.state.validator, judged.capture
    has_any = capture.raw_header("etag") is not None or capture.raw_header("last-modified") is not None
    kept = capture if has_any or before is not None else None
    return replace(result, validator=kept, kept_promise=_kept_promise(before, capture))


def refuted_since(judged: Judged) -> int | None:
    """Return since which visit 304s of the page were false: the bytes are others under the same validator.

    None when no 304 is refuted.
    """
    validator = judged.state.validator
    if judged.out_of_order or validator is None or not validator.unchanged or not _vouches(judged):
        return None
    return validator.visit_id if _kept_promise(validator, judged.capture) is False else None


def _vouches(judged: Judged) -> bool:
    """Whether an answer's validators are those of the page, and comparable with the ones kept."""
    capture = judged.capture
    return (
        judged.history.outcome is Outcome.OK
        and judged.history.read_later is None  # a later 304 would confirm a version that it is not of
        and capture.url == judged.state.page.url
        and capture.request.method == "GET"
    )


def _kept_promise(before: Validator | None, capture: Capture) -> bool | None:
    """Whether the bytes are the same under the same validator; None under another one. The ETag counts first."""
    if before is None:
        return None
    etag, modified = capture.raw_header("etag"), capture.raw_header("last-modified")
    if before.etag is not None or etag is not None:
        is_same = before.etag == etag
    else:
        is_same = modified is not None and before.modified == modified
    return before.sha256 == bytes.fromhex(capture.sha256) if is_same else None
