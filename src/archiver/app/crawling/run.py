"""What stands around the work of a run: its row in the archive, and the lock of its site."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from archiver.app.crawling.fallback_worker import SlowReading
from archiver.crawl.site import WorkingSite
from archiver.crawl.visit import Desk
from archiver.errors import ArchiveReadOnly, SiteBusy
from archiver.extract.fallback import guess_text
from archiver.extract.read import reader_version
from archiver.model.clock import Clock, written
from archiver.store.archive import Store


@contextlib.contextmanager
def a_run(
    store: Store, clock: Clock, kind: str, site: WorkingSite, command: str, slow: SlowReading | None
) -> Iterator[tuple[int, Desk]]:
    """A run's row around its work; a failure is written down before it goes on its way.

    `slow`: the process for what takes long; without one, all is read here.
    """
    run_id = store.runs.begin(kind, site.site_id, written(clock()), code_version=reader_version(), command=command)
    desk = Desk(store, site, clock, run_id=run_id, guess=slow.guess if slow else guess_text, follow=kind == "crawl")
    desk.apart = slow.apart if slow else None
    try:
        yield run_id, desk
    except BaseException as error:
        ended = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        with contextlib.suppress(Exception):  # the first error is the one to hear of
            store.runs.end(run_id, written(clock()), ended)
        raise


@contextlib.contextmanager
def only_crawl(archive: Path, site: str) -> Iterator[None]:
    """Hold the site's lock; the system frees it even when we are killed.

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
    """Hold the site's lock if nobody else does; gives whether we do."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(only_crawl(archive, site))
        except SiteBusy:
            yield False
        else:
            yield True
