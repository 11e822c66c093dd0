"""Read a site's stored captures anew, with today's profile and reader, and switch it over in one commit.

The reading, which takes the time, is done by worker processes and kept in a file beside the archive, so that it goes
on where it was cut off, and nobody is kept from writing meanwhile. Then history is told anew in one transaction: until
it commits, the archive shows the old reading whole.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from archiver.app import profiles
from archiver.app.crawling.reread_workers import Readers
from archiver.app.crawling.run import only_crawl
from archiver.crawl.reading import Reading, read_capture
from archiver.crawl.reading_bytes import from_bytes
from archiver.crawl.reread import reads_alike, switch
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
        if reads_alike(held, profile):
            return Extracted(profile.name, len(captures), dry_run=wishes.dry_run, ended="nothing to do")
        site = WorkingSite(site_id, profile, held, named)
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
    return _timed(done, wishes, time.perf_counter() - started)


def _timed(done: Extracted, wishes: Rereading, seconds: float) -> Extracted:
    values = {name: getattr(done, name) for name in done.__slots__}
    return Extracted(**values | {"seconds": seconds, "dry_run": wishes.dry_run})


def _read(
    archive: Path, site: WorkingSite, captures: list[int], staging: Staging, so_far: _Progressed, wishes: Rereading
) -> None:
    """Read what was not read yet, into the staging file."""
    have = staging.numbers()
    todo = [number for number in captures if number not in have]
    with Readers(archive, site.profile, wishes.workers) as readers:
        for chunk in readers.read(todo):
            staging.put([(number, data) for number, data in chunk if data is not None])
            so_far.damaged += [number for number, data in chunk if data is None]
            so_far.read += len(chunk)
            done = len(captures) - len(todo) + so_far.read
            wishes.listen(Progress(f"reading {site.name} anew", done, len(captures)))
            if wishes.stop.wanted:
                raise _Interrupted


def _switched(
    store: Store, settings: Settings, site: WorkingSite, staging: Staging, so_far: _Progressed, wishes: Rereading
) -> Extracted:
    """Tell the site's history anew, in one commit; of a dry run nothing stays."""

    def hear(event: Event) -> None:
        if wishes.stop.wanted:
            raise _Interrupted
        if isinstance(event, Progress):
            event = Progress(f"telling the history of {site.name} anew", event.done, event.total)
        wishes.listen(event)

    with store.forecast() if wishes.dry_run else store.transaction():
        captures = [each for each in store.evidence.readable(site.site_id) if each not in set(so_far.damaged)]
        reader = _Staged(store, site, staging)
        now, _ = switch(store, site, captures, reader.read, settings.clock, hear)
        done = _counted(store, site, now, len(captures), so_far)
        _note_run(store, settings, site, done)
    return done


class _Staged:
    """What was read, from the staging file; what is not there (captured meanwhile), here and now."""

    def __init__(self, store: Store, site: WorkingSite, staging: Staging) -> None:
        self._store = store
        self._site = site
        self._staging = staging

    def read(self, number: int) -> Reading:
        data = self._staging.get(number)
        if data is not None:
            try:
                return from_bytes(data)
            except ValueError:
                pass
        try:
            return read_capture(self._store.evidence.visit(number).capture, self._site.profile, guess_text)
        except ArchiveDamaged as error:
            return Reading(self._store.evidence.outcome(number), None, str(error))


def _counted(store: Store, old: WorkingSite, now: WorkingSite, captures: int, so_far: _Progressed) -> Extracted:
    was, became = old.extractor.extractor_id, now.extractor.extractor_id
    before, after = store.lineage.size(was), store.lineage.size(became)
    return Extracted(
        old.name,
        captures,
        so_far.read,
        tuple(so_far.damaged),
        tuple(store.lineage.differences(was, became)),
        store.lineage.differing_now(was, became),
        (before[0], after[0]),
        (before[1], after[1]),
    )


def _note_run(store: Store, settings: Settings, site: WorkingSite, done: Extracted) -> None:
    now = written(settings.clock())
    run_id = store.runs.begin(
        "extract", site.site_id, now, code_version=reader_version(), command=f"extract {site.name}"
    )
    store.runs.count(run_id, Tally(visits=done.captures, new_versions=done.versions[1]))
    store.runs.end(run_id, now, "done")
