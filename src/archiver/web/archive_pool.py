"""Readers of one archive, shared by the threads of the server.

A reader is a read-only connection; each is used by one thread at a time. The number of readers is bounded, so many
visitors wait for each other, and a crawl that writes at the same time is not disturbed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock
from typing import TypeVar

from archiver.app.reading.questions import ArchiveReader
from archiver.app.reading.serving import FileMark, file_mark, open_for_server
from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveLocked, QueryTimedOut
from archiver.settings import Settings
from archiver.web.config import ServeConfig

Marks = tuple[FileMark, FileMark]
Read = TypeVar("Read")
MOST_READERS = 4
"""Readers of one archive. More threads than cores only wait for each other."""
_PATIENCE = 10.0  # seconds that a request waits for a reader


class ArchivePool:
    """Lends readers of one archive. A file that was replaced is opened again."""

    def __init__(self, settings: Settings, seconds: float) -> None:
        self._settings = settings
        self._seconds = seconds
        self._idle: LifoQueue[tuple[ArchiveReader, Marks]] = LifoQueue()
        self._lock = Lock()
        self._open = 0

    @property
    def path(self) -> Path:
        """The path of the archive."""
        return self._settings.archive

    @property
    def settings(self) -> Settings:
        """The settings of the archive."""
        return self._settings

    @contextmanager
    def reader(self) -> Iterator[ArchiveReader]:
        """Lend a reader to this thread. Its queries have a time limit.

        Raises:
            ArchiveError: the archive cannot be read now; the message says what to do.
        """
        archive, opened = self._take()
        is_sound = True
        try:
            with archive.within(self._seconds):
                yield archive
        except ArchiveError as error:
            is_sound = isinstance(error, QueryTimedOut)
            raise
        finally:
            if is_sound and opened == file_mark(self.path):
                self._idle.put((archive, opened))
            else:
                self._drop(archive)

    def read(self, work: Callable[[ArchiveReader], Read]) -> Read:
        """Return what a function returns for a reader.

        When the archive seems damaged, it is called again with another reader: a redaction writes both files again
        while they are read. What is really damaged is so for every reader.

        Raises:
            ArchiveError: as for `reader`; and all that the function raises.
        """
        try:
            with self.reader() as archive:
                return work(archive)
        except ArchiveDamaged:
            with self.reader() as archive:
                return work(archive)

    def close(self) -> None:
        """Close the idle readers."""
        while True:
            try:
                archive, _ = self._idle.get_nowait()
            except Empty:
                return
            self._drop(archive)

    def _take(self) -> tuple[ArchiveReader, Marks]:
        now = file_mark(self.path)
        while True:
            try:
                archive, opened = self._idle.get_nowait()
            except Empty:
                if self._may_open():
                    return self._opened(now)
                archive, opened = self._waited()
            if opened == now:
                return archive, opened
            self._drop(archive)

    def _waited(self) -> tuple[ArchiveReader, Marks]:
        try:
            return self._idle.get(timeout=_PATIENCE)
        except Empty:
            raise ArchiveLocked(
                f"{self.path}: all readers are busy with other requests; try again in a moment"
            ) from None

    def _may_open(self) -> bool:
        with self._lock:
            if self._open >= MOST_READERS:
                return False
            self._open += 1
            return True

    def _opened(self, now: Marks) -> tuple[ArchiveReader, Marks]:
        try:
            return open_for_server(self._settings), now
        except BaseException:
            with self._lock:
                self._open -= 1
            raise

    def _drop(self, archive: ArchiveReader) -> None:
        with self._lock:
            self._open -= 1
        archive.close()


def archive_pools(config: ServeConfig) -> dict[str, ArchivePool]:
    """Return the readers of each archive of a server, by name. All its origins share them."""
    return {each.name: ArchivePool(each.settings, config.seconds) for each in config.archives}
