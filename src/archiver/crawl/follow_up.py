"""Computes the results of a visit besides the history of its page: links, validators, discoveries, next visit. Pure."""

from dataclasses import dataclass, replace

from archiver.crawl.candidate import Candidate
from archiver.crawl.discovery import Discoverer
from archiver.crawl.fetched import Fetched
from archiver.crawl.judge import Visit
from archiver.crawl.requisites import next_requisite_visit, reading_of
from archiver.crawl.site import WorkingSite
from archiver.model.capture import Capture
from archiver.model.outcome import Cause, Outcome
from archiver.model.reason import Reason, ReasonCode
from archiver.revisit.observed import observed
from archiver.revisit.planner import RevisitPlanner
from archiver.store.frontier import NextVisit
from archiver.store.page_state import PriorState, Validator
from archiver.store.pages import PART, REQUISITE
from archiver.store.visit_result import Discovery, HistoryUpdate, SeenListing, VisitResult
from archiver.text.url import canonical_or_none


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged visit: its effect on its page's history, and the state that the archive had before it.

    Attributes:
        is_written: the page's history was rebuilt with this visit, and is written.
        out_of_order: the archive has a later visit of the page.
    """

    visit: Visit
    fetched: Fetched
    state: PriorState
    history: HistoryUpdate
    is_written: bool = False
    out_of_order: bool = False

    @property
    def capture(self) -> Capture:
        """The capture."""
        return self.visit.kept.capture

    @property
    def shows_links(self) -> bool:
        """Whether the page was fetched and read."""
        is_read = self.visit.read.record is not None and self.history.outcome is Outcome.OK
        return is_read and not self.is_requisite and not self.history.is_doubtful

    @property
    def is_requisite(self) -> bool:
        """Whether it is a visit of a requisite, not of a page."""
        return self.state.page.kind == REQUISITE


def candidates(judged: Judged, discoverer: Discoverer, site: WorkingSite) -> list[Candidate]:
    """Return the addresses that a visit found."""
    if judged.is_requisite:
        return _of_requisite(judged, discoverer)
    found: list[Candidate] = []
    target = _redirect_target(judged, site)
    if target is not None:
        is_chain = judged.fetched.reason.code is ReasonCode.REDIRECT
        found += discoverer.redirected(target, judged.history.page_id, judged.fetched.depth, is_chain=is_chain)
    record = judged.visit.read.record
    if record is not None and (judged.shows_links or judged.history.cause in (Cause.EMPTY, Cause.BROKEN)):
        record = replace(record, follow=(*record.follow, *judged.fetched.named))
        found += discoverer.candidates(record, judged.history.page_id, judged.fetched.depth, judged.capture.url)
    if judged.history.outcome.traits.is_no_list and target is None:
        found += discoverer.lists.instead_of(judged.capture.url, judged.fetched.reason.code)
    return found


def _of_requisite(judged: Judged, discoverer: Discoverer) -> list[Candidate]:
    """Return what a style sheet names, or the target of a redirect. They count as requisites of the same page."""
    entry = judged.state.entry
    addresses = requisites_of(judged.visit, judged.state)
    return discoverer.requisites(addresses, entry.via if entry is not None else None, judged.fetched.depth + 1)


def requisites_of(visit: Visit, state: PriorState) -> tuple[str, ...]:
    """Return the addresses of the requisites that a page, a style sheet or the redirect of a requisite names."""
    read = visit.read
    if state.page.kind == REQUISITE:
        capture = visit.kept.capture
        if capture.outcome is Outcome.MOVED and capture.location is not None:
            return (capture.location,)
        read = reading_of(capture, read)
    elif read.record is not None and read.record.kind == "file":
        return ()
    return read.record.requisites if read.record is not None else ()


def target_key(judged: Judged, site: WorkingSite) -> str | None:
    """Return the identity of the page that a visit was redirected to; None when it was not."""
    target = _redirect_target(judged, site)
    return None if target is None else site.key(target)


def _redirect_target(judged: Judged, site: WorkingSite) -> str | None:
    target = judged.capture.location
    if judged.is_requisite or judged.fetched.is_hop or target is None:
        return None
    if judged.history.outcome is not Outcome.MOVED or not site.moves_away(judged.capture):
        return None
    return target if site.is_address_of(judged.state.page.key, judged.capture.url) else None


def follow_up(
    judged: Judged,
    discovery: Discovery,
    planner: RevisitPlanner,
    site: WorkingSite,
    *,
    run_id: int | None,
) -> VisitResult:
    """Return the whole result of a visit.

    Args:
        judged: the visit.
        discovery: the pages that it found.
        planner: plans the next visit.
        site: the site's rules.
        run_id: the crawl under way. Its own visits set when their pages are due next, also when a clock was set back.
    """
    history, state, read = judged.history, judged.state, judged.visit.read
    in_order = not judged.out_of_order
    is_part = state.page.kind == PART
    links = read.record.links if read.record is not None and judged.shows_links and in_order and not is_part else None
    result = VisitResult(
        judged.capture,
        history,
        links,
        links_unchanged=history.outcome is Outcome.NOT_MODIFIED and in_order,
        links_before=state.links_digest,
        links_visit=state.links_visit,
        listing=None if is_part else _listing(judged, site),
        name=read.record.name or None if read.record is not None and links is not None else None,
        addresses=_addresses(judged),
        redirected_to=target_key(judged, site),
        discovery=discovery,
        is_written=judged.is_written,
    )
    if is_part:
        return replace(result, drop=True)  # it is visited with the first part of its article
    if in_order or (run_id is not None and history.run_id == run_id):
        result = _with_next_visit(result, judged, discovery, planner, site)
    return _with_validator(result, judged) if in_order else result


def _listing(judged: Judged, site: WorkingSite) -> SeenListing | None:
    """Return what a listing showed; None for other pages."""
    state, record, before = judged.state, judged.visit.read.record, judged.visit.before
    if record is None or record.items is None or record.broken or not judged.shows_links:
        return None
    items_before = before.record.items if before is not None and before.record is not None else None
    return SeenListing(
        judged.history.page_id,
        state.page.site_id,
        judged.history.visit_id,
        judged.history.at,
        judged.history.extractor_id,
        record.items,
        lambda url: site.key(canonical_or_none(url) or url),
        items_before,
        state.links_visit,
        judged.out_of_order,
    )


def _addresses(judged: Judged) -> tuple[tuple[int, str, str, str], ...]:
    record = judged.visit.read.record
    if record is None or not judged.shows_links or judged.state.page.kind == PART:
        return ()
    named = {record.canonical: "canonical"} | dict.fromkeys(record.continues, "part")
    named.pop(judged.capture.url, None)
    return tuple((judged.history.page_id, url, how, judged.history.at) for url, how in named.items() if url)


def _with_next_visit(
    result: VisitResult, judged: Judged, discovery: Discovery, planner: RevisitPlanner, site: WorkingSite
) -> VisitResult:
    entry, outcome = judged.state.entry, judged.history.outcome
    if entry is None:
        return result
    if judged.is_requisite:
        due = next_requisite_visit(judged.capture, entry.interval, site.profile.crawl)
        return replace(result, next_visit=due, drop=due is None)
    observation = observed(judged.capture, judged.history, judged.state, discovery)
    if judged.out_of_order:  # it does not show what changed since the last visit
        observation = replace(observation, changed=None)
    next_visit = planner.next_visit(observation, entry)
    if entry.reason.code is ReasonCode.GUESSED_SITEMAP:
        if outcome.traits.is_no_list:
            return replace(result, drop=True)
        next_visit = _still_guessed(next_visit) if outcome.is_failure else next_visit
    return replace(result, next_visit=next_visit)


def _still_guessed(next_visit: NextVisit) -> NextVisit:
    """Keep the reason of a guessed sitemap after a failed visit: a later answer may say that the sitemap is missing."""
    return replace(next_visit, reason=Reason.of(ReasonCode.GUESSED_SITEMAP))


# validators (RFC 9110, 8.8)


def _with_validator(result: VisitResult, judged: Judged) -> VisitResult:
    outcome = judged.history.outcome
    if outcome is Outcome.NOT_MODIFIED:
        return replace(result, unchanged=True)
    if not _is_comparable(judged):
        return result
    before, capture = judged.state.validator, judged.capture
    if judged.visit.read.record is not None and judged.visit.read.record.continues:
        # a 304 for the first part says nothing about the others, so they are all asked for without conditions
        return replace(result, validator=replace(capture, headers=()))
    has_any = capture.raw_header("etag") is not None or capture.raw_header("last-modified") is not None
    source = capture if has_any or before is not None else None
    return replace(result, validator=source, is_body_unchanged=_is_body_unchanged(before, capture))


def refuted_since(judged: Judged) -> int | None:
    """Return the visit since which the 304s of the page were false; None when they were not.

    They were false when the bytes changed and the validator did not.
    """
    validator = judged.state.validator
    if judged.out_of_order or validator is None or not validator.unchanged or not _is_comparable(judged):
        return None
    return validator.visit_id if _is_body_unchanged(validator, judged.capture) is False else None


def lacking_since(judged: Judged) -> str | None:
    """Return the time (UTC text) since which the history of the page lacks visits; None when it lacks none.

    It lacks visits after it was rebuilt while the clock was set back, and all visits of a file that was captured before
    files had versions.
    """
    state, content = judged.state, judged.history.content
    if state.is_incomplete:
        return state.page.last_visited or ""
    is_old_file = content is not None and content.file is not None and state.version is None and state.body is not None
    return "" if is_old_file else None


def _is_comparable(judged: Judged) -> bool:
    """Whether an answer's validators can be compared with the stored ones: it is a GET of the page's own address."""
    capture = judged.capture
    return (
        judged.history.outcome is Outcome.OK
        and not judged.history.is_doubtful
        and judged.history.read_later is None  # a later 304 would confirm a version that it is not of
        and capture.url == judged.state.page.url
        and capture.request.method == "GET"
    )


def _is_body_unchanged(before: Validator | None, capture: Capture) -> bool | None:
    """Return whether the bytes are the same, when the validator is; None when the validator is another.

    `Last-Modified` is compared only when neither answer has an ETag.
    """
    if before is None:
        return None
    etag, modified = capture.raw_header("etag"), capture.raw_header("last-modified")
    if before.etag is not None or etag is not None:
        is_same = before.etag == etag
    else:
        is_same = modified is not None and before.modified == modified
    return before.sha256 == bytes.fromhex(capture.sha256) if is_same else None
