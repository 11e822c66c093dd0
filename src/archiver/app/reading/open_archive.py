"""An archive that is open to read, and how it opens its files."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from archiver.app.reading.sizes import file_sizes, sizes
from archiver.errors import UsageError
from archiver.model.clock import written
from archiver.model.moments import Moment, parse_when
from archiver.settings import Settings
from archiver.store.archive import Store
from archiver.text.url import canonical


class OpenArchive:
    """An open archive. Use as a context manager."""

    def __init__(self, settings: Settings, *, write: bool = False, lazy: bool = False, guarded: bool = False) -> None:
        """Open an archive.

        Args:
            settings: name the archive.
            write: also open it to write.
            lazy: with `write`, open an archive that does not exist yet at the first write.
            guarded: open it for a server: SQLite refuses every statement but queries.
        """
        self.settings = settings
        self._guarded = guarded
        self._write = write
        self._is_closed = False
        self._opened = None if lazy and write and not settings.archive.exists() else self._open_store(write=write)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive's files."""
        self._is_closed = True
        if self._opened is not None:
            self._opened.close()

    def release_files(self) -> None:
        """Close the files for now; the next access opens them again."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def store(self) -> Store:
        """Return the open store, and open it first if necessary. An archive that does not exist yet is an error."""
        if self._opened is None:
            self._opened = self._open_store(write=self._write and self.settings.archive.exists())
        return self._opened

    def _open_store(self, *, write: bool) -> Store:
        if self._is_closed:
            raise UsageError(f"{self.settings.archive}: this archive is closed; open it again with archiver.open()")
        if self._guarded:
            return Store.open_guarded(self.settings.archive)
        return Store.open(self.settings.archive, write=write)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Run a block of queries that all read as of one time; stop them after so many seconds.

        Raises:
            QueryTimedOut: the time is over.
        """
        with self.store.within(seconds):
            yield

    def embargoed_pages(self) -> tuple[int, ...]:
        """Return the pages that an embargo holds back from others now."""
        return tuple(self.store.embargoes.pages(written(self.settings.clock())))

    def is_embargoed(self, url: str, at: Moment | None = None) -> bool:
        """Whether a page, by any of its addresses, may not be shown to others now, or at another moment.

        A server asks this before it shows a page or a capture.

        Raises:
            UsageError: `at` is not a moment.
        """
        now = self.settings.clock()
        address = url if url.startswith("urn:") else canonical(url)  # that of a rendition
        return self.store.embargoes.is_embargoed(address, written(now if at is None else parse_when(at, now)))

    def stats(self) -> dict[str, Any]:
        """Return sizes (bytes) and counts, as `stats --json` prints them."""
        return sizes(self.settings.archive, self.store, self.settings.clock())

    def file_sizes(self) -> tuple[int, int | None]:
        """Return the sizes of the archive's two files in bytes; of the vault None when it is missing."""
        return file_sizes(self.settings.archive)
