"""Read all stored captures of a site again, with today's profile and reader, and rebuild its history in one commit.

The reading takes the time. Worker processes do it, and its results are stored in a file next to the archive, so that an
interrupted reading continues where it stopped, and other programs can write meanwhile. Then the history is rebuilt in
one transaction: until it commits, the archive shows the old reading.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from archiver.app import profiles
from archiver.app.crawling.fallback_worker import FallbackWorker
from archiver.app.crawling.reread_workers import RereadWorkers
from archiver.app.crawling.run import end_run, lock_site, recorded_run, unread_captures
from archiver.crawl.read_capture import ReadResult, read_capture, reader_failed
from archiver.crawl.reread import reads_alike, rebuild_site
from archiver.crawl.result_bytes import from_bytes
from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiveDamaged, BodyPruned, NotInArchive
from archiver.extract.fallback import guess_text
from archiver.extract.reader_version import reader_version
from archiver.extract.slow_steps import SlowSteps
from archiver.model.clock import written
from archiver.model.event import Event, Listener, Progress
from archiver.model.profile import Profile
from archiver.model.record import Record
from archiver.model.redacted import redacted_content
from archiver.polite.stop import StopFlag
from archiver.settings import Settings
from archiver.store.archive import Store
from archiver.store.reinterpretations import FieldDifference
from archiver.store.reread_staging import Staging
from archiver.store.runs import Tally


@dataclass(frozen=True, slots=True)
class Extracted:
    """The result of reading a site again, or of a dry run.

    Attributes:
        captures: stored captures of the site; `read`: those that this command read; the others were read before.
        unread: captures that the reader could not read; a newer reader, or this command, tries them again.
        damaged: captures with damaged bodies, which were left out.
        fields: by field, the differences between the two readings of a capture (`reinterpretations`).
        false_changes: differences in the newest captures of the pages. They are `reinterpretations`; a program that
            compares what two extractors read would report them as changes by the site.
        versions, changes: of the site, as (before, after).
        seconds: wall time.
        ended: "done", "nothing to do" (this profile and reader had read it already), or "interrupted".
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
        """Return the object that `--json` prints."""
        values = asdict(self) | {"seconds": round(self.seconds, 2)}
        return values | {"fields": {each.pop("field"): each for each in values["fields"]}}


class RereadOptions(NamedTuple):
    """Options of `archiver extract`, which reads stored captures again.

    Attributes:
        dry_run: only report the differences.
        workers: the number of processes; None for one per core.
        listen: called with progress events.
        stop: ends the reading early when its `wanted` becomes True.
    """

    dry_run: bool
    workers: int | None
    listen: Listener
    stop: StopFlag


@dataclass
class _ReadProgress:
    read: int = 0
    damaged: list[int] = field(default_factory=list)
    died: set[int] = field(default_factory=set)


class _Interrupted(Exception):
    pass


def sites_to_read(store: Store, site: str | None, folders: Sequence[Path]) -> list[tuple[Profile, bool]]:
    """Return the profile of each site of the archive, or of one site, and whether it has one.

    The profile is that of the file or, without a file, the one stored in the archive. A site with neither is read with
    a generic profile.

    Raises:
        NotInArchive: there is no such site.
        ProfileError: a profile has faults.
    """
    homes = {row["name"]: row["home"] for row in store.history.sites()}
    if site is not None and site not in homes:
        raise NotInArchive(f"{site}: no such site in {store.path}; known: {', '.join(sorted(homes)) or 'none yet'}")
    found: list[tuple[Profile, bool]] = []
    for name in [site] if site is not None else sorted(homes):
        profile = profiles.by_name(name, folders) if profiles.is_named(name, folders) else profiles.stored(store, name)
        general = profiles.generic_profile(homes[name]) if profile is None and homes[name] else None
        if profile is not None:
            found.append((profile, True))
        elif general is not None:
            found.append((replace(general, site=replace(general.site, name=name)), False))
    return found


def extract_site(
    store: Store, settings: Settings, profile: Profile, options: RereadOptions, *, named: bool
) -> Extracted:
    """Read one site again. `named`: whether it has a profile; without one, a generic profile reads it.

    Raises:
        SiteBusy: a crawl of the site, or another re-reading, is running.
        ArchiveError: the archive cannot be written; it still shows the old reading completely.
    """
    started = time.perf_counter()
    with lock_site(settings.archive, profile.name):
        site_id = store.pages.site_id(profile.name)
        extractor = None if site_id is None else store.pages.current_extractor(site_id)
        assert site_id is not None  # noqa: S101  (the site was found in this archive)
        assert extractor is not None  # noqa: S101  (each site has one from its first visit on)
        captures = store.evidence.readable(site_id)
        site = WorkingSite(site_id, profile, extractor, named)
        if reads_alike(extractor, profile) and set(store.reinterpretations.shown_by(site_id)) <= {
            extractor.extractor_id
        }:
            return _timed(_read_unread(store, settings, site, len(captures), options), options, _since(started))
        path = settings.archive.with_name(f".{settings.archive.name}.{profile.name}.reading")
        with Staging.open(path, f"{site_id} {profile.sha256} {reader_version()}") as staging:
            progress = _ReadProgress()
            try:
                marks = store.redactions.marks(site_id)
                stored = [number for number in captures if number not in marks]
                _read(settings.archive, site, stored, staging, progress, options)
                done = _rebuild_history(store, settings, site, staging, progress, options)
            except _Interrupted:
                done = Extracted(profile.name, len(captures), progress.read, ended="interrupted")
            if done.ended == "done" and not options.dry_run:
                staging.remove()
    return _timed(done, options, _since(started))


def _since(started: float) -> float:
    return time.perf_counter() - started


def _read_unread(
    store: Store, settings: Settings, site: WorkingSite, captures: int, options: RereadOptions
) -> Extracted:
    """Try again to read the captures that no reader could read. The current extractor has read all others."""
    numbers = store.evidence.unread(site.site_id, reader_version(), again=True)
    if not numbers or options.dry_run:
        return Extracted(site.name, captures, unread=len(numbers), ended="nothing to do")
    before = store.reinterpretations.size(site.site_id)
    with recorded_run(store, settings.clock, "extract", site, f"extract {site.name}", None) as pipeline:
        unread_captures(store, site, pipeline, options.listen).read(
            lambda _done, _all: not options.stop.wanted, again=True
        )
        end_run(store, pipeline, written(settings.clock()), "interrupted" if options.stop.wanted else "done")
    after = store.reinterpretations.size(site.site_id)
    return Extracted(
        site.name,
        captures,
        len(numbers),
        unread=len(store.evidence.unread(site.site_id, reader_version(), again=True)),
        versions=(before[0], after[0]),
        changes=(before[1], after[1]),
        ended="interrupted" if options.stop.wanted else "done",
    )


def _timed(done: Extracted, options: RereadOptions, seconds: float) -> Extracted:
    values = {name: getattr(done, name) for name in done.__slots__}
    return Extracted(**values | {"seconds": seconds, "dry_run": options.dry_run})


def _read(
    archive: Path,
    site: WorkingSite,
    captures: list[int],
    staging: Staging,
    progress: _ReadProgress,
    options: RereadOptions,
) -> None:
    """Read the captures that are not in the staging file yet, and add the results to it."""
    have = staging.numbers()
    todo = [number for number in captures if number not in have]
    with RereadWorkers(archive, site.profile, options.workers) as workers:
        for chunk in workers.read(todo):
            staging.put([(each.visit_id, each.data) for each in chunk if each.data is not None])
            progress.damaged += [each.visit_id for each in chunk if each.data is None and not each.died]
            progress.died.update(each.visit_id for each in chunk if each.died)
            progress.read += len(chunk)
            done = len(captures) - len(todo) + progress.read
            options.listen(Progress(f"reading {site.name} again", done, len(captures)))
            if options.stop.wanted:
                raise _Interrupted


def _rebuild_history(
    store: Store,
    settings: Settings,
    site: WorkingSite,
    staging: Staging,
    progress: _ReadProgress,
    options: RereadOptions,
) -> Extracted:
    """Rebuild the site's history in one transaction; a dry run rolls it back."""

    def progressed(event: Event) -> None:
        if options.stop.wanted:
            raise _Interrupted
        if isinstance(event, Progress):
            event = Progress(f"rebuilding the history of {site.name}", event.done, event.total)
        options.listen(event)

    with FallbackWorker() as worker, store.forecast() if options.dry_run else store.transaction():
        captures = [each for each in store.evidence.readable(site.site_id) if each not in set(progress.damaged)]
        reader = _StagedReader(store, site, staging, progress.died, worker)
        olds = set(store.reinterpretations.shown_by(site.site_id))
        before = store.reinterpretations.size(site.site_id)
        now, _ = rebuild_site(store, site, captures, reader.read, settings.clock, progressed)
        done = _counted(store, now, len(captures), progress, (olds, before))
        _note_run(store, settings, site, done)
    return done


class _StagedReader:
    """Return results from the staging file. Captures that are not in it (made meanwhile) are read in this process."""

    def __init__(
        self, store: Store, site: WorkingSite, staging: Staging, died: set[int], worker: FallbackWorker
    ) -> None:
        self._steps = SlowSteps(guess_text, worker.file_text)
        self._died = died
        self._store = store
        self._site = site
        self._staging = staging
        self._marks = store.redactions.marks(site.site_id)

    def read(self, number: int) -> ReadResult:
        if number in self._marks:
            record = Record(redacted_content(self._marks[number]))
            return ReadResult(self._store.evidence.facts(number).capture.outcome, record)
        if number in self._died:
            return reader_failed(self._store.evidence.facts(number).capture, "the process that read it died")
        data = self._staging.get(number)
        if data is not None:
            try:
                return from_bytes(data)
            except ValueError:
                pass
        try:
            return read_capture(self._store.evidence.visit(number).capture, self._site.profile, self._steps)
        except (ArchiveDamaged, BodyPruned) as error:
            return ReadResult(self._store.evidence.facts(number).capture.outcome, None, str(error))


def _counted(
    store: Store, site: WorkingSite, captures: int, progress: _ReadProgress, before: tuple[set[int], tuple[int, int]]
) -> Extracted:
    """Return the result. `before`: the ids of the extractors shown before, and the number of versions and changes."""
    now, olds, size = site.extractor.extractor_id, before[0], before[1]
    after = store.reinterpretations.size(site.site_id)
    return Extracted(
        site.name,
        captures,
        progress.read,
        tuple(progress.damaged),
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
    store.runs.count(run_id, Tally(visits=done.captures))
    store.runs.end(run_id, now, "done")
