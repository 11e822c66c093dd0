"""Write WARC files: one gzip member for each record, a new file after so many bytes, the final name when complete."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from archiver.errors import UsageError
from archiver.export.warc_records import NewRecord, record_id, warc_date, warc_fields
from archiver.export.whole import force_to_disk

OPEN = ".open"


@dataclass(frozen=True, slots=True)
class WarcFileWritten:
    """A complete file."""

    path: Path
    records: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a record: file name, offset and length in it, SHA-256 of the compressed record."""

    name: str
    offset: int
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of the files of one export, and the text of their warcinfo records.

    Attributes:
        archive: the identity of the archive; its first digits end the names of files in a folder.
        moment: the time of the export; part of the names of files in a folder.
        info: the fields of the warcinfo records, in order.
        size: the number of bytes after which a new file begins; None: never.
        folder: the folder of the files, and `prefix`, the first part of their names.
        file: the only file: NAME.warc.gz, or NAME.warc, which is not compressed. Several files, because of `size`, are
            NAME-00001.warc.gz and so on.
    """

    archive: str
    moment: datetime
    info: tuple[tuple[str, str], ...]
    size: int | None
    folder: Path
    prefix: str = "archiver"
    file: Path | None = None

    @property
    def is_compressed(self) -> bool:
        """Return whether each record is a gzip member."""
        return self.file is None or not self.file.name.lower().endswith(".warc")

    def path(self, serial: int) -> Path:
        """Return the file of this number, from 0, if there are several."""
        if self.file is None:
            return self.folder / f"{self.prefix}-{self.moment:%Y%m%d%H%M%S}-{serial:05d}-{self.archive[:8]}.warc.gz"
        return self.numbered(f"{serial + 1:05d}")

    def numbered(self, number: str) -> Path:
        """Return the name of one of several files that belong to `file`."""
        assert self.file is not None  # noqa: S101  (files in a folder have names of their own)
        stem, dot, ending = self.file.name.partition(".warc")
        return self.file.with_name(f"{stem}-{number}{dot}{ending}")

    def existing(self) -> list[Path]:
        """Return the files of an earlier export with these names."""
        if self.file is None:
            return sorted(self.folder.glob(f"{self.prefix}-*-*-{self.archive[:8]}.warc.gz"))
        several = self.numbered("[0-9]" * 5).name
        return [*([self.file] if self.file.exists() else []), *sorted(self.file.parent.glob(several))]


class WarcFiles:
    """Writes files. As a context manager it removes incomplete files at the end."""

    def __init__(
        self,
        naming: Naming,
        whole: Callable[[WarcFileWritten], None],
        write: Callable[[bytes], object] | None = None,
    ) -> None:
        """Prepare to write.

        Args:
            naming: the folder and the names.
            whole: is called with each file when it has its final name.
            write: takes the bytes of the only file, instead of a file.
        """
        self._naming = naming
        self._whole = whole
        self._stream = write
        self._serial = 0
        self._path: Path | None = None
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._records = self._offset = 0
        self.info_id = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish(is_last=True)
        elif self._file is not None and self._path is not None:
            self._file.close()
            self._path.with_name(self._path.name + OPEN).unlink(missing_ok=True)

    def begin(self) -> str:
        """Open a file if none is open or the last one is full; return the id of its warcinfo record.

        Raises:
            UsageError: the folder is not writable.
        """
        size = self._naming.size
        if self._path is not None and size is not None and self._offset >= size:
            self._finish(is_last=False)
        if self._path is None:
            self._open()
        return self.info_id

    def put(self, record: NewRecord) -> Place:
        """Write one record."""
        assert self._path is not None  # noqa: S101  (begun)
        data = record.compressed() if self._naming.is_compressed else record.as_bytes()
        if self._file is not None:
            self._file.write(data)
        elif self._stream is not None:
            self._stream(data)
        place = Place(self._path.name, self._offset, len(data), hashlib.sha256(data).hexdigest())
        self._hash.update(data)
        self._offset += len(data)
        self._records += 1
        return place

    def _open(self) -> None:
        path = self._naming.path(self._serial)
        while self._naming.file is None and path.exists():
            self._serial += 1
            path = self._naming.path(self._serial)
        if self._stream is None:
            self._file = _opened(path)
        self._path, self._hash, self._records, self._offset = path, hashlib.sha256(), 0, 0
        date = warc_date(self._naming.moment)
        self.info_id = record_id(self._naming.archive, path.name, "warcinfo")
        # the name of a named file is known when it is complete
        fields = (("WARC-Filename", path.name if self._naming.file is None else None),)
        self.put(
            NewRecord("warcinfo", self.info_id, date, warc_fields(self._naming.info), "application/warc-fields", fields)
        )

    def _finish(self, *, is_last: bool) -> None:
        """Close the open file, force it to disk and give it its final name."""
        if self._path is None:
            return
        waiting = self._path.with_name(self._path.name + OPEN)
        path = self._naming.file if self._naming.file and is_last and not self._serial else self._path
        if self._file is not None:
            self._file.close()
            force_to_disk(waiting)
            waiting.replace(path)
        self._file = self._path = None
        self._serial += 1
        self._whole(WarcFileWritten(path, self._records, self._offset, self._hash.hexdigest()))


def _opened(path: Path) -> BinaryIO:
    """Open a file under its temporary name."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_name(path.name + OPEN).open("wb")
    except OSError as error:
        raise UsageError(f"{path.parent}: cannot be written: {error.strerror}; name another folder") from error
