"""What to export as WARC, and where it goes: a folder, one file, or stdout."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archiver.errors import UsageError
from archiver.export.endings import checked_ending, one_of
from archiver.export.warc_files import Naming
from archiver.model.moments import Moment
from archiver.text.clean import counted

GIGABYTE = 1_000_000_000
_ENDINGS = ("warc.gz", "warc")


@dataclass(frozen=True, slots=True)
class WarcOptions:
    """Which captures to export, and how.

    Attributes:
        site: only of this site.
        since: visited then or later; until: then or earlier, a date includes the whole day.
        pages: only these pages, by any of their addresses.
        changed_only: only captures that made a version.
        since_last: only captures after the last export into the same folder.
        records: write a conversion record, as JSON, for each version.
        size: bytes after which a new file begins; by default 1 GB in a folder, and never for a named file.
        prefix: the first part of file names.
        cdxj: write an index (CDXJ) into the same folder.
        force: into a folder: write again what an earlier export wrote there; a named file: replace it.
        include_embargoed: also export pages under an embargo.
    """

    site: str | None = None
    since: Moment | None = None
    until: Moment | None = None
    pages: tuple[str, ...] = ()
    changed_only: bool = False
    since_last: bool = False
    records: bool = False
    size: int | None = None
    prefix: str = "archiver"
    cdxj: bool = False
    force: bool = False
    include_embargoed: bool = False


@dataclass(frozen=True, slots=True)
class WarcTarget:
    """Where an export goes.

    Attributes:
        dest: a folder, or the only file.
        write: takes the bytes instead of `dest`.
    """

    dest: Path
    is_file: bool
    write: Callable[[bytes], object] | None

    def naming(self, archive: str, moment: datetime, info: tuple[tuple[str, str], ...], wanted: WarcOptions) -> Naming:
        """Return the names of the files."""
        if self.is_file:
            return Naming(archive, moment, info, wanted.size, self.dest.parent, file=self.dest)
        return Naming(archive, moment, info, wanted.size or GIGABYTE, self.dest, wanted.prefix)

    def replaced(self, naming: Naming, wanted: WarcOptions, *, is_continued: bool) -> list[Path]:
        """Return the files that the export replaces.

        Raises:
            UsageError: there are files of an earlier export, and nothing says what to do with them.
        """
        existing = [] if self.write else naming.existing()
        if not existing or wanted.force or is_continued:
            return existing if self.is_file else []
        if self.is_file:
            raise UsageError(f"{existing[0]}: already exists and was not changed; use --force to replace it")
        raise UsageError(
            f"{self.dest}: has {counted(len(existing), 'file')} of an earlier export, whose captures would be doubled; "
            "name another folder, or use --force to write beside them; --since-last begins and continues a series"
        )


def warc_target(dest: Path, wanted: WarcOptions, write: Callable[[bytes], object] | None) -> WarcTarget:
    """Return where an export goes.

    Raises:
        UsageError: the name has the ending of another format, or an option needs a folder.
    """
    if write is not None:
        if wanted.size is not None:
            raise UsageError("--size: stdout takes one file; name a folder, or a file that ends with .warc.gz")
        is_file = True
    elif dest.exists() and not dest.is_dir() and not dest.is_file():
        raise UsageError(f"{dest}: this is no regular file; name another, or - for stdout")
    else:
        is_file = not dest.is_dir() and bool(checked_ending(dest, _ENDINGS, "export warc"))
        if dest.is_file() and not is_file:
            raise UsageError(f"{dest}: is not a folder; name a folder, or a file that ends with {one_of(_ENDINGS)}")
    if is_file and (wanted.since_last or wanted.cdxj):
        raise UsageError(f"{'--since-last' if wanted.since_last else '--cdxj'} needs a folder, and {dest} is a file")
    return WarcTarget(dest, is_file, write)


def make_folder(folder: Path) -> None:
    """Create a folder if it does not exist.

    Raises:
        UsageError: it cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be created: {error.strerror}; name another folder") from error
