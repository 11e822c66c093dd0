"""What stands around the work of a run: its row in the archive, and the lock of its site."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from archiver.app.crawling.fallback_worker import FallbackWorker
from archiver.app.crawling.reread_workers import read_apart
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.site import WorkingSite
from archiver.crawl.unread import UnreadCaptures
from archiver.errors import ArchiveReadOnly, SiteBusy
from archiver.extract.fallback import guess_text
from archiver.extract.read import reader_version
from archiver.model.clock import Clock, written
from archiver.model.event import Listener, ignore
from archiver.store.archive import Store


@contextlib.contextmanager
def a_run(
    store: Store, clock: Clock, kind: str, site: WorkingSite, command: str, fallback: FallbackWorker | None
) -> Iterator[tuple[int, Pipeline]]:
    """Keep a run's row around its work. A failure is written down before it is raised.

    `fallback`: the process for what takes long; without one, all is read here.
    """
    run_id = store.runs.begin(kind, site.site_id, written(clock()), code_version=reader_version(), command=command)
    guess = fallback.guess if fallback else guess_text
    pipeline = Pipeline(store, site, clock, run_id=run_id, guess=guess, follow=kind == "crawl")
    try:
        yield run_id, pipeline
        pipeline.save()
    except BaseException as error:
        ended = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        with contextlib.suppress(Exception):  # the first error is the one to raise
            store.runs.end(run_id, written(clock()), ended)
        raise


def unread_captures(store: Store, site: WorkingSite, pipeline: Pipeline, listen: Listener = ignore) -> UnreadCaptures:
    """Return the captures of a site that nobody has read, to be read in worker processes."""
    return UnreadCaptures(store, site, pipeline, read_apart(store.path, site.profile), listen)


@contextlib.contextmanager
def only_crawl(archive: Path, site: str) -> Iterator[None]:
    """Hold the site's lock; the system frees it even when this process is killed.

    Raises:
        SiteBusy: another crawl of this site holds it.
        ArchiveReadOnly: there may be no lock in this folder.
    """
    path = archive.with_name(f".{archive.name}.{site}.lock")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise SiteBusy(f"{site}: another crawl of this site is running on {archive}; nothing was done") from None
    except OSError as error:
        raise ArchiveReadOnly(f"{path}: cannot be locked: {error.strerror}; may you write in this folder?") from error
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def alone_if_free(archive: Path, site: str) -> Iterator[bool]:
    """Hold the site's lock if nobody else does; yields whether this process holds it."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(only_crawl(archive, site))
        except SiteBusy:
            yield False
        else:
            yield True
