"""The frame of a run: its row in the archive, and the lock of its site."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from archiver.app.crawling.fallback_worker import FallbackWorker
from archiver.app.crawling.reread_workers import read_in_workers
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.site import WorkingSite
from archiver.crawl.unread import UnreadCaptures
from archiver.errors import ArchiveReadOnly, SiteBusy
from archiver.extract.fallback import guess_text
from archiver.extract.reader_version import reader_version
from archiver.extract.slow_steps import SlowSteps
from archiver.model.clock import Clock, written
from archiver.model.event import Listener, ignore
from archiver.store.archive import Store


@contextlib.contextmanager
def recorded_run(
    store: Store, clock: Clock, kind: str, site: WorkingSite, command: str, fallback: FallbackWorker | None
) -> Iterator[Pipeline]:
    """Record a run while the body of the `with` statement works; the body ends it with `end_run`.

    A failure is recorded before it is raised.

    `fallback`: the worker process for the slow steps. Without one, the last fallback runs in this process, and files
    are read in a worker that ends with the run.
    """
    run_id = store.runs.begin(kind, site.site_id, written(clock()), code_version=reader_version(), command=command)
    try:
        with FallbackWorker() as own:
            steps = SlowSteps(fallback.guess, fallback.file_text) if fallback else SlowSteps(guess_text, own.file_text)
            yield Pipeline(store, site, clock, run_id=run_id, steps=steps, follow=kind == "crawl")
    except BaseException as error:
        ended = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        with contextlib.suppress(Exception):  # the first error is the one to raise
            store.runs.end(run_id, written(clock()), ended)
        raise


def end_run(store: Store, pipeline: Pipeline, now: str, ended: str, cause: str = "") -> None:
    """Finish the work of a run, and record how it ended; see `Pipeline.finish` and `Runs.end`. `now`: UTC text."""
    with store.transaction():
        pipeline.finish()
        store.runs.end(pipeline.run_id, now, ended, cause)


def unread_captures(store: Store, site: WorkingSite, pipeline: Pipeline, listen: Listener = ignore) -> UnreadCaptures:
    """Return the unread captures of a site, to be read in worker processes."""
    return UnreadCaptures(store, site, pipeline, read_in_workers(store.path, site.profile), listen)


@contextlib.contextmanager
def lock_site(archive: Path, site: str) -> Iterator[None]:
    """Hold the site's lock. The operating system releases it even when this process is killed.

    Raises:
        SiteBusy: another process holds it.
        ArchiveReadOnly: the lock file cannot be written in this folder.
    """
    path = archive.with_name(f".{archive.name}.{site}.lock")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise SiteBusy(
            f"{site}: another crawl of this site is running on {archive}; nothing was done, try again later"
        ) from None
    except OSError as error:
        raise ArchiveReadOnly(f"{path}: cannot be locked: {error.strerror}; make the folder writable") from error
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def lock_site_if_free(archive: Path, site: str) -> Iterator[bool]:
    """Hold the site's lock if no other process does; yield whether this process holds it."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(lock_site(archive, site))
        except SiteBusy:
            yield False
        else:
            yield True
