"""Ours before theirs: so that a change is always the site's.

When the profile (or the reader) is another than the archive was read with, the stored captures are read anew
first and the site is switched over in one commit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from archiver.crawl.missing import Missing
from archiver.crawl.reading import READABLE, Reading, as_it_stood, judge, read_capture
from archiver.crawl.site import WorkingSite
from archiver.errors import ProfileError
from archiver.extract.fallback import Guess
from archiver.extract.profile import parse_profile
from archiver.extract.read import reader_version
from archiver.model.clock import Clock, written
from archiver.model.event import Listener, Noticed, Progress
from archiver.model.profile import Profile
from archiver.store.archive import Store
from archiver.store.pages import Extractor
from archiver.store.versions import Observation

CHEAP = 2000  # captures read anew without being asked: some ten seconds


@dataclass(frozen=True, slots=True)
class Reread:
    """What reading anew came to."""

    captures: int
    differing: int


def open_site(
    store: Store,
    profile: Profile,
    clock: Clock,
    listen: Listener,
    *,
    has_profile: bool,
    guess: Guess | None,
    alone: bool = True,
) -> WorkingSite:
    """The site, ready to be visited: read anew if its profile changed and that is cheap, else as it is held.

    `has_profile` is False for a site that is read generically. `alone`: whether we hold the site's
    lock; what another program is at work on is not switched under its hands.
    """
    with store.transaction():
        site_id = store.pages.site_id(profile.name)
        held = None if site_id is None else store.pages.current_extractor(site_id)
        if site_id is None or held is None:
            return _new_site(store, profile, written(clock()), has_profile=has_profile)
        if reads_alike(held, profile):
            store.pages.put_site(profile.site)
            return WorkingSite(site_id, profile, held, has_profile)
    captures = store.evidence.readable(site_id)
    why = "" if alone else _BESIDE_ANOTHER
    if len(captures) > CHEAP:
        why = f"{len(captures)} captures are too many to read anew now: the archive's own {_UNTIL_EXTRACT}"
    if why:
        listen(Noticed(profile.name, f"the profile is not the one this archive was read with; {why}"))
        return WorkingSite(site_id, held_profile(held, profile), held, has_profile)
    site = WorkingSite(site_id, profile, held, has_profile)
    return reread(store, site, captures, clock, listen, guess=guess)[0]


_UNTIL_EXTRACT = "profile is used until `archiver extract` has read them"
_BESIDE_ANOTHER = "another program is at work on this site, so the archive's own profile is used"


def _new_site(store: Store, profile: Profile, now: str, *, has_profile: bool) -> WorkingSite:
    site_id = store.pages.put_site(profile.site)
    held = store.pages.put_extractor(site_id, profile.sha256, profile.text, reader_version(), now)
    store.pages.make_current(site_id, held.extractor_id, now)
    return WorkingSite(site_id, profile, held, has_profile)


def held_profile(held: Extractor, profile: Profile) -> Profile:
    """The archive's reading rules with the file's crawl rules: those change nothing that was read."""
    try:
        kept = parse_profile(held.profile, f"profile {held.profile_sha256[:12]} held by the archive")
    except ProfileError:
        return profile
    return replace(kept, crawl=profile.crawl)


def reads_alike(held: Extractor, profile: Profile) -> bool:
    """Whether a profile reads pages as the held extractor does: same file, or only crawl rules and comments differ."""
    if held.code_version != reader_version():
        return False
    if held.profile_sha256 == profile.sha256:
        return True
    if not held.profile or not profile.text:
        return False
    try:
        kept = parse_profile(held.profile, "held")
    except ProfileError:
        return False
    return _reading_part(kept) == _reading_part(profile)


def _reading_part(profile: Profile) -> tuple[object, ...]:
    pages = tuple(replace(page, line=0) for page in profile.pages)
    return (profile.site.language, profile.site.timezone, profile.url, pages)


def reread(
    store: Store,
    site: WorkingSite,
    captures: list[int],
    clock: Clock,
    listen: Listener,
    *,
    guess: Guess | None,
) -> tuple[WorkingSite, Reread]:
    """Read every stored capture with the site's profile and switch over, all in one commit."""

    def read(number: int) -> Reading:
        return read_capture(store.evidence.visit(number).capture, site.profile, guess)

    with store.transaction():
        site, done = switch(store, site, captures, read, clock, listen)
    values = f"{len(captures)} captures read anew, {done.differing} values differ"
    listen(Noticed(site.name, f"the profile changed: {values}"))
    return site, done


def switch(
    store: Store,
    site: WorkingSite,
    captures: list[int],
    read: Callable[[int], Reading],
    clock: Clock,
    listen: Listener,
) -> tuple[WorkingSite, Reread]:
    """Tell a site's history anew by what its captures read now. To be called within a transaction.

    Old versions and changes are kept under the old extractor; where the two read the same capture differently
    goes to `reinterpretations`, never to `changes`.
    """
    now = written(clock())
    old = site.extractor
    store.pages.put_site(site.profile.site)
    stray = store.pages.rename(site.site_id, site.key, site.kind_of)
    new = store.pages.put_extractor(site.site_id, site.profile.sha256, site.profile.text, reader_version(), now)
    site = replace(site, extractor=new)
    store.lineage.forget_lineage(new.extractor_id)
    store.lineage.forget_derived(site.site_id)
    touched = _derive(store, site, captures, read, clock, listen)
    differing = 0
    for page in sorted(touched):
        store.timeline.regain(page)
        differing += store.lineage.reinterpret(page, old.extractor_id, new.extractor_id)
    store.pages.make_current(site.site_id, new.extractor_id, now)
    if stray:
        listen(Noticed(site.name, f"{stray} pages are one with another by its [url] rules now; their past stays apart"))
    return site, Reread(len(captures), differing)


def _derive(
    store: Store,
    site: WorkingSite,
    captures: list[int],
    read: Callable[[int], Reading],
    clock: Clock,
    listen: Listener,
) -> set[int]:
    touched: set[int] = set()
    missing = Missing(store, site)
    for done, number in enumerate(captures, start=1):
        visit = store.evidence.facts(number)
        reading = missing.judged(read(number), visit.capture.url)
        last = store.versions.latest(visit.page_id, site.extractor.extractor_id)
        reading = as_it_stood(reading, last)
        decision = judge(last, reading)
        moved, at = site.moves_away(visit.capture), written(clock())
        seen = Observation(visit, reading.outcome, reading.record, decision, site.extractor.extractor_id, at, moved)
        store.versions.apply(seen, last)
        if visit.capture.outcome in READABLE:
            store.evidence.refine(number, reading.outcome, reading.note or None)
        touched.add(visit.page_id)
        if done % 50 == 0 or done == len(captures):
            listen(Progress(f"reading {site.name} anew", done, len(captures)))
    return touched
