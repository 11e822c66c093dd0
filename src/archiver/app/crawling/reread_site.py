"""Read all stored captures of a site again, with today's profile and reader, and rebuild its history in one commit.

The reading takes the time. Worker processes do it, and its results are stored in a file next to the archive, so that an
interrupted reading continues where it stopped, and other programs can write meanwhile. Then the history is rebuilt in
one transaction: until it commits, the archive shows the old reading.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from archiver.app import profiles
from archiver.app.crawling.reread_workers import RereadWorkers
from archiver.app.crawling.run import a_run, only_crawl, unread_captures
from archiver.crawl.read_capture import ReadResult, read_capture, reader_failed
from archiver.crawl.reread import reads_alike, rebuild_site
from archiver.crawl.result_bytes import from_bytes
from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiveDamaged, NotInArchive
from archiver.extract.fallback import guess_text
from archiver.extract.read import reader_version
from archiver.model.clock import written
from archiver.model.event import Event, Listener, Progress
from archiver.model.profile import Profile
from archiver.polite.stop import StopFlag
from archiver.settings import Settings
from archiver.store.archive import Store
from archiver.store.reinterpretations import FieldDifference
from archiver.store.reread_staging import Staging
from archiver.store.runs import Tally


@dataclass(frozen=True, slots=True)
class Extracted:
    """What reading a site anew came to, or would come to.

    Attributes:
        captures: stored captures of the site; `read`: those that this command read, the others were read before.
        unread: captures that the reader could not read; a newer one, or this command, tries them again.
        damaged: captures whose bodies are damaged, which were left out.
        fields: by field, where the two readings of one capture differ (`reinterpretations`).
        false_changes: differences of the newest captures: read by another profile without this, the next visits
            would have been told as so many changes of the site's.
        versions, changes: of the site, as (before, after).
        ended: "done", "nothing to do" (it was read by this profile and reader already), or "interrupted".
    """

    site: str
    captures: int = 0
    read: int = 0
    damaged: tuple[int, ...] = ()
    fields: tuple[FieldDifference, ...] = ()
    false_changes: int = 0
    versions: tuple[int, int] = (0, 0)
    changes: tuple[int, int] = (0, 0)
    unread: int = 0
    seconds: float = 0.0
    dry_run: bool = False
    ended: str = "done"

    def as_json(self) -> dict[str, Any]:
        """The command's line of JSON."""
        told = asdict(self) | {"seconds": round(self.seconds, 2)}
        return told | {"fields": {each.pop("field"): each for each in told["fields"]}}


class Rereading(NamedTuple):
    """How to read anew: whether for good, by how many processes (None: one a core), who hears, what stops it."""

    dry_run: bool
    workers: int | None
    listen: Listener
    stop: StopFlag


@dataclass
class _Progressed:
    read: int = 0
    damaged: list[int] = field(default_factory=list)
    died: set[int] = field(default_factory=set)


class _Interrupted(Exception):
    pass


def sites_to_read(store: Store, site: str | None, folders: Sequence[Path]) -> list[tuple[Profile, bool]]:
    """The profiles of the archive's sites, or of one (the file's, else what it holds), and whether there is one.

    Raises:
        NotInArchive: there is no such site.
        ProfileError: a profile has faults.
    """
    homes = {row["name"]: row["home"] for row in store.history.sites()}
    if site is not None and site not in homes:
        raise NotInArchive(f"{site}: no such site in {store.path}; it has: {', '.join(sorted(homes)) or 'none yet'}")
    found: list[tuple[Profile, bool]] = []
    for name in [site] if site is not None else sorted(homes):
        profile = profiles.by_name(name, folders) if profiles.is_named(name, folders) else profiles.held(store, name)
        general = profiles.of_no_profile(homes[name]) if profile is None and homes[name] else None
        if profile is not None:
            found.append((profile, True))
        elif general is not None:
            found.append((general, False))
    return found


def extract_site(store: Store, settings: Settings, profile: Profile, wishes: Rereading, *, named: bool) -> Extracted:
    """Read one site anew. `named`: whether there is a profile; without one it is read generically.

    Raises:
        SiteBusy: a crawl of the site, or another reading, is running.
        ArchiveError: the archive does not take it; it shows the old reading whole.
    """
    started = time.perf_counter()
    with only_crawl(settings.archive, profile.name):
        site_id = store.pages.site_id(profile.name)
        held = None if site_id is None else store.pages.current_extractor(site_id)
        assert site_id is not None  # noqa: S101  (the site was found in this archive)
        assert held is not None  # noqa: S101  (each site has one from its first visit on)
        captures = store.evidence.readable(site_id)
        site = WorkingSite(site_id, profile, held, named)
        if reads_alike(held, profile) and set(store.reinterpretations.shown_by(site_id)) <= {held.extractor_id}:
            return _timed(_read_unread(store, settings, site, len(captures), wishes), wishes, _since(started))
        path = settings.archive.with_name(f".{settings.archive.name}.{profile.name}.reading")
        with Staging.open(path, f"{site_id} {profile.sha256} {reader_version()}") as staging:
            progressed = _Progressed()
            try:
                _read(settings.archive, site, captures, staging, progressed, wishes)
                done = _switched(store, settings, site, staging, progressed, wishes)
            except _Interrupted:
                done = Extracted(profile.name, len(captures), progressed.read, ended="interrupted")
            if done.ended == "done" and not wishes.dry_run:
                staging.remove()
    return _timed(done, wishes, _since(started))


def _since(started: float) -> float:
    return time.perf_counter() - started


def _read_unread(store: Store, settings: Settings, site: WorkingSite, captures: int, wishes: Rereading) -> Extracted:
    """Try the captures again that no reader could read; all others were read by today's extractor."""
    numbers = store.evidence.unread(site.site_id, reader_version(), again=True)
    if not numbers or wishes.dry_run:
        return Extracted(site.name, captures, unread=len(numbers), ended="nothing to do")
    before = store.reinterpretations.size(site.site_id)
    with a_run(store, settings.clock, "extract", site, f"extract {site.name}", None) as (run_id, pipeline):
        unread_captures(store, site, pipeline, wishes.listen).read(
            lambda _done, _all: not wishes.stop.wanted, again=True
        )
        store.runs.end(run_id, written(settings.clock()), "interrupted" if wishes.stop.wanted else "done")
    after = store.reinterpretations.size(site.site_id)
    return Extracted(
        site.name,
        captures,
        len(numbers),
        unread=len(store.evidence.unread(site.site_id, reader_version(), again=True)),
        versions=(before[0], after[0]),
        changes=(before[1], after[1]),
        ended="interrupted" if wishes.stop.wanted else "done",
    )


def _timed(done: Extracted, wishes: Rereading, seconds: float) -> Extracted:
    values = {name: getattr(done, name) for name in done.__slots__}
    return Extracted(**values | {"seconds": seconds, "dry_run": wishes.dry_run})


def _read(
    archive: Path, site: WorkingSite, captures: list[int], staging: Staging, so_far: _Progressed, wishes: Rereading
) -> None:
    """Read what was not read yet, into the staging file."""
    have = staging.numbers()
    todo = [number for number in captures if number not in have]
    with RereadWorkers(archive, site.profile, wishes.workers) as workers:
        for chunk in workers.read(todo):
            staging.put([(each.visit_id, each.data) for each in chunk if each.data is not None])
            so_far.damaged += [each.visit_id for each in chunk if each.data is None and not each.died]
            so_far.died.update(each.visit_id for each in chunk if each.died)
            so_far.read += len(chunk)
            done = len(captures) - len(todo) + so_far.read
            wishes.listen(Progress(f"reading {site.name} again", done, len(captures)))
            if wishes.stop.wanted:
                raise _Interrupted


def _switched(
    store: Store, settings: Settings, site: WorkingSite, staging: Staging, so_far: _Progressed, wishes: Rereading
) -> Extracted:
    """Rebuild the site's history, in one commit; of a dry run nothing stays."""

    def hear(event: Event) -> None:
        if wishes.stop.wanted:
            raise _Interrupted
        if isinstance(event, Progress):
            event = Progress(f"rebuilding the history of {site.name}", event.done, event.total)
        wishes.listen(event)

    with store.forecast() if wishes.dry_run else store.transaction():
        captures = [each for each in store.evidence.readable(site.site_id) if each not in set(so_far.damaged)]
        reader = _Staged(store, site, staging, so_far.died)
        olds = set(store.reinterpretations.shown_by(site.site_id))
        before = store.reinterpretations.size(site.site_id)
        now, _ = rebuild_site(store, site, captures, reader.read, settings.clock, hear)
        done = _counted(store, now, len(captures), so_far, (olds, before))
        _note_run(store, settings, site, done)
    return done


class _Staged:
    """What was read, from the staging file; what is not there (captured meanwhile), here and now."""

    def __init__(self, store: Store, site: WorkingSite, staging: Staging, died: set[int]) -> None:
        self._died = died
        self._store = store
        self._site = site
        self._staging = staging

    def read(self, number: int) -> ReadResult:
        if number in self._died:
            return reader_failed(self._store.evidence.facts(number).capture, "the process that read it died")
        data = self._staging.get(number)
        if data is not None:
            try:
                return from_bytes(data)
            except ValueError:
                pass
        try:
            return read_capture(self._store.evidence.visit(number).capture, self._site.profile, guess_text)
        except ArchiveDamaged as error:
            return ReadResult(self._store.evidence.facts(number).capture.outcome, None, str(error))


def _counted(
    store: Store, site: WorkingSite, captures: int, so_far: _Progressed, before: tuple[set[int], tuple[int, int]]
) -> Extracted:
    """`before`: the extractors whose versions were shown, and how many versions and changes that were."""
    now, olds, size = site.extractor.extractor_id, before[0], before[1]
    after = store.reinterpretations.size(site.site_id)
    return Extracted(
        site.name,
        captures,
        so_far.read,
        tuple(so_far.damaged),
        tuple(store.reinterpretations.differences(olds, now)),
        store.reinterpretations.differing_now(olds, now),
        (size[0], after[0]),
        (size[1], after[1]),
        len(store.evidence.unread(site.site_id, reader_version(), again=True)),
    )


def _note_run(store: Store, settings: Settings, site: WorkingSite, done: Extracted) -> None:
    now = written(settings.clock())
    run_id = store.runs.begin(
        "extract", site.site_id, now, code_version=reader_version(), command=f"extract {site.name}"
    )
    store.runs.count(run_id, Tally(visits=done.captures, new_versions=done.versions[1]))
    store.runs.end(run_id, now, "done")
