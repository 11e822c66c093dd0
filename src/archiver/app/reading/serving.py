"""Open an archive for a server: only queries, as of one time, and no longer than allowed."""

from pathlib import Path

from archiver.app.reading.questions import ArchiveReader
from archiver.settings import Settings
from archiver.store.real_file import vault_path

FileMark = tuple[int, int] | None


def prepare_to_serve(settings: Settings) -> str:
    """Check that an archive can be read, and migrate one of an older archiver; return a notice, usually "".

    Raises:
        ArchiveReadOnly: an older archiver made it, and it cannot be written.
        ArchiveError: it cannot be read; the message says what to do.
    """
    with ArchiveReader(settings) as archive:
        return archive.store.notice


def open_for_server(settings: Settings) -> ArchiveReader:
    """Open an archive read-only for a server. SQLite itself refuses every statement but queries.

    Run the queries of a request in `with reader.within(seconds)`. Not for two threads at the same time.

    Raises:
        ArchiveReadOnly: an older archiver made it; `prepare_to_serve` migrates it.
        ArchiveError: it cannot be read; the message says what to do.
    """
    return ArchiveReader(settings, guarded=True)


def file_mark(path: Path) -> tuple[FileMark, FileMark]:
    """Return the identities of an archive's files. They differ when others took their place."""
    return _mark(path), _mark(vault_path(path))


def _mark(path: Path) -> FileMark:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
