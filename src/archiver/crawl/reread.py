"""Changes the extractor of a site: its profile, or the reader. Such a change never shows as a change of a page.

Pages change over one by one: at the next visit of a page, today's extractor reads the capture that the page's newest
version was read from, and the visit is compared with that (`judge`). `rebuild_site` does this for all captures of a
site at once; `archiver extract` calls it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from archiver.crawl.article_parts import PartJoiner
from archiver.crawl.cookie_loops import CookieLoops
from archiver.crawl.decide_broken import settle_broken
from archiver.crawl.judge import Visit, judge_history
from archiver.crawl.login_redirects import LoginRedirects
from archiver.crawl.prior import states_before
from archiver.crawl.read_capture import ReadResult, log_failure
from archiver.crawl.rebuild import AHEAD
from archiver.crawl.redesigns import group_redesigns
from archiver.crawl.reread_editions import reread_editions
from archiver.crawl.site import WorkingSite
from archiver.crawl.soft_404 import Soft404Detector
from archiver.errors import ProfileError
from archiver.extract.profile import parse_profile
from archiver.extract.reader_version import reader_version
from archiver.extract.slow_steps import IN_PROCESS
from archiver.model.clock import Clock, written
from archiver.model.event import Listener, Noticed, Progress
from archiver.model.profile import Profile
from archiver.store.archive import Store
from archiver.store.evidence import KeptVisit
from archiver.store.pages import Extractor
from archiver.store.visit_result import VisitResult

Back = dict[int | None, int]
"""By run, how many pages came back."""

_BATCH = 50  # visits judged together, each of another page


@dataclass(frozen=True, slots=True)
class RereadResult:
    """How many captures were read again, and how many values differ."""

    captures: int
    differing: int


def open_site(
    store: Store, profile: Profile, clock: Clock, listen: Listener, *, has_profile: bool, alone: bool = True
) -> WorkingSite:
    """Return the site, ready to be visited. Stores a new site, and a new extractor if the profile or reader changed.

    Args:
        store: the archive.
        profile: the site's profile as it is now.
        clock: gives the time.
        listen: receives a notice when the profile changed.
        has_profile: False for a site that is read with the generic profile.
        alone: whether the caller holds the site's lock. Without the lock, the archive's profile stays in use.
    """
    now = written(clock())
    with store.transaction():
        site_id = store.pages.site_id(profile.name)
        stored = None if site_id is None else store.pages.current_extractor(site_id)
        if site_id is None or stored is None:
            return _new_site(store, profile, now, has_profile=has_profile)
        if reads_alike(stored, profile):
            store.pages.put_site(profile.site)
            return WorkingSite(site_id, profile, stored, has_profile)
        if not alone:
            listen(Noticed(profile.name, _IN_USE))
            return WorkingSite(site_id, stored_profile(stored, profile), stored, has_profile)
        listen(Noticed(profile.name, _FROM_NEXT_VISIT))
        return change_extractor(store, WorkingSite(site_id, profile, stored, has_profile), now, listen)


_IN_USE = "the profile changed, but another program works on this site; the profile stored in the archive is used"
_FROM_NEXT_VISIT = (
    "the profile or the reader changed: each page is read with it from its next visit on; "
    "`archiver extract` reads all captures again"
)


def change_extractor(store: Store, site: WorkingSite, now: str, listen: Listener) -> WorkingSite:
    """Make the site's profile and today's reader current, and compute the identities of its pages by the new rules."""
    store.pages.put_site(site.profile.site)
    duplicates = store.pages.rename(site.site_id, site.key, site.kind_of)
    new = store.pages.put_extractor(site.site_id, site.profile.sha256, site.profile.text, reader_version(), now)
    store.pages.make_current(site.site_id, new.extractor_id, now)
    if duplicates:
        text = f"{duplicates} pages are the same as another page by the new [url] rules; their histories stay separate"
        listen(Noticed(site.name, text))
    return replace(site, extractor=new)


def _new_site(store: Store, profile: Profile, now: str, *, has_profile: bool) -> WorkingSite:
    site_id = store.pages.put_site(profile.site)
    stored = store.pages.put_extractor(site_id, profile.sha256, profile.text, reader_version(), now)
    store.pages.make_current(site_id, stored.extractor_id, now)
    return WorkingSite(site_id, profile, stored, has_profile)


def stored_profile(stored: Extractor, profile: Profile) -> Profile:
    """Return the reading rules stored in the archive with the crawl rules of the file."""
    try:
        kept = parse_profile(stored.profile, f"profile {stored.profile_sha256[:12]} stored in the archive")
    except ProfileError:
        return profile
    return replace(kept, crawl=profile.crawl)


def reads_alike(stored: Extractor, profile: Profile) -> bool:
    """Whether a profile reads pages like the stored extractor: only crawl rules and comments may differ."""
    if stored.code_version != reader_version():
        return False
    if stored.profile_sha256 == profile.sha256:
        return True
    if not stored.profile or not profile.text:
        return False
    try:
        kept = parse_profile(stored.profile, "profile stored in the archive")
    except ProfileError:
        return False
    return _reading_part(kept) == _reading_part(profile)


def _reading_part(profile: Profile) -> tuple[object, ...]:
    pages = tuple(replace(page, line=0) for page in profile.pages)
    return (profile.site.language, profile.site.timezone, profile.url, pages)


def rebuild_site(
    store: Store,
    site: WorkingSite,
    captures: Sequence[int],
    read: Callable[[int], ReadResult],
    clock: Clock,
    listen: Listener,
) -> tuple[WorkingSite, RereadResult]:
    """Rebuild the history of a whole site from new results of reading. Call this within a transaction.

    Old versions and changes are kept under the extractors that made them. Values that two extractors read differently
    in one capture are written to `reinterpretations`, never to `changes`.

    Args:
        store: the archive.
        site: the site with the new profile, and the extractor it had.
        captures: the ids of its visits, oldest first.
        read: returns the new result of a visit.
        clock: gives the time.
        listen: receives the progress.
    """
    now, old = clock(), site.extractor.extractor_id
    site = change_extractor(store, site, written(now), listen)
    new = site.extractor.extractor_id
    read_before = store.reinterpretations.pages_read_by(new)
    store.reinterpretations.forget_reading(new)
    store.reinterpretations.forget_derived(captures)
    store.evidence.reset_readings(captures)
    touched, back = _derive(store, site, captures, read, clock, listen)
    marks = store.redactions.marks(site.site_id)
    reread_editions(store, site, [each for each in captures if each not in marks], read, written(now + AHEAD))
    settle_broken(store, site, now, steps=IN_PROCESS, reader=reader_version(), read=read)
    store.runs.count_again(site.site_id, back)
    differing = 0
    for page in sorted(touched):
        store.timeline.regain(page)
        differing += store.reinterpretations.compare(page, new, None if page in read_before else old)
    store.pages.reset_last_visits(site.site_id, written(now + AHEAD))
    group_redesigns(store, site.site_id)
    return site, RereadResult(len(captures), differing)


def _derive(
    store: Store,
    site: WorkingSite,
    captures: Sequence[int],
    read: Callable[[int], ReadResult],
    clock: Clock,
    listen: Listener,
) -> tuple[set[int], Back]:
    """Derive the history of the pages of captures; return them, and how many came back in each run."""
    touched: set[int] = set()
    back: Back = {}
    soft_404, logins, done, latest = Soft404Detector(store, site), LoginRedirects(store, site), 0, clock() + AHEAD
    parts, loops = PartJoiner(store, site, IN_PROCESS, soft_404.check), CookieLoops(store, site)
    for batch in _batches(store, captures):
        visits = [
            parts.of_visit(Visit(kept, soft_404.check(logins.check(read(kept.visit_id), kept), kept.capture.url)), read)
            for kept in batch
            if kept.visited_at <= latest
        ]
        _apply(store, site, visits, written(clock()), back)
        loops.note([each.kept for each in visits])
        touched.update(each.page_id for each in batch)
        done += len(batch)
        listen(Progress(f"reading {site.name} again", done, len(captures)))
    return touched, back


def _batches(store: Store, captures: Sequence[int]) -> Iterator[list[KeptVisit]]:
    """Yield visits in their order, in batches in which each page occurs once."""
    batch: list[KeptVisit] = []
    pages: set[int] = set()
    for visit_id in captures:
        kept = store.evidence.facts(visit_id)
        if kept.page_id in pages or len(batch) == _BATCH:
            yield batch
            batch, pages = [], set()
        batch.append(kept)
        pages.add(kept.page_id)
    if batch:
        yield batch


def _apply(store: Store, site: WorkingSite, visits: Sequence[Visit], now: str, back: Back) -> None:
    states = states_before(store, visits)
    results = []
    for each in visits:
        log_failure(each.kept.visit_id, each.kept.capture, each.read)
        history = judge_history(each, states[each.kept.visit_id], site, now)
        record = each.read.record
        results.append(VisitResult(each.kept.capture, history, name=record.name or None if record else None))
        back[history.run_id] = back.get(history.run_id, 0) + history.returned
    store.apply(results, reader=reader_version())
