"""Write WARC files: one gzip member for each record, a new file after so many bytes, the final name when complete."""

import hashlib
import os
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
        folder: the folder of the files.
        prefix: the first part of their names.
        archive: the identity of the archive; its first digits end the names.
        moment: the time of the export; part of the names.
        size: the number of bytes after which a new file begins.
        info: the fields of the warcinfo records, in order.
    """

    folder: Path
    prefix: str
    archive: str
    moment: datetime
    size: int
    info: tuple[tuple[str, str], ...]

    def path(self, serial: int) -> Path:
        """Return the file of this number."""
        return self.folder / f"{self.prefix}-{self.moment:%Y%m%d%H%M%S}-{serial:05d}-{self.archive[:8]}.warc.gz"


class WarcFiles:
    """Writes files. As a context manager it removes incomplete files at the end."""

    def __init__(self, naming: Naming, whole: Callable[[WarcFileWritten], None]) -> None:
        """Prepare to write.

        Args:
            naming: the folder and the names.
            whole: is called with each file when it has its final name.
        """
        self._naming = naming
        self._whole = whole
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
            self.finish()
        elif self._file is not None and self._path is not None:
            self._file.close()
            self._path.with_name(self._path.name + OPEN).unlink(missing_ok=True)

    def begin(self) -> str:
        """Open a file if none is open or the last one is full; return the id of its warcinfo record.

        Raises:
            UsageError: the folder is not writable.
        """
        if self._file is not None and self._offset >= self._naming.size:
            self.finish()
        if self._file is None:
            self._open()
        return self.info_id

    def put(self, record: NewRecord) -> Place:
        """Write one record."""
        assert self._file is not None  # noqa: S101  (begun)
        assert self._path is not None  # noqa: S101
        data = record.compressed()
        self._file.write(data)
        place = Place(self._path.name, self._offset, len(data), hashlib.sha256(data).hexdigest())
        self._hash.update(data)
        self._offset += len(data)
        self._records += 1
        return place

    def _open(self) -> None:
        path = self._naming.path(self._serial)
        while path.exists():
            self._serial += 1
            path = self._naming.path(self._serial)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.with_name(path.name + OPEN).open("wb")
        except OSError as error:
            raise UsageError(f"{path.parent}: cannot be written: {error.strerror}; name another folder") from error
        self._path, self._hash, self._records, self._offset = path, hashlib.sha256(), 0, 0
        date = warc_date(self._naming.moment)
        self.info_id = record_id(self._naming.archive, path.name, "warcinfo")
        fields = (("WARC-Filename", path.name),)
        self.put(
            NewRecord("warcinfo", self.info_id, date, warc_fields(self._naming.info), "application/warc-fields", fields)
        )

    def finish(self) -> None:
        """Close the open file, force it to disk and give it its final name."""
        if self._file is None or self._path is None:
            return
        self._file.close()
        waiting, path = self._path.with_name(self._path.name + OPEN), self._path
        force_to_disk(waiting)
        os.rename(waiting, path)  # noqa: PTH104  (it fails only where `replace` would; no file has this name)
        self._file = self._path = None
        self._serial += 1
        self._whole(WarcFileWritten(path, self._records, self._offset, self._hash.hexdigest()))
