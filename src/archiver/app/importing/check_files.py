"""`archiver check-warc`: list every fault of WARC, ARC and WACZ files, with its position."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.fetch.warc.check import CheckCounts, look_at
from archiver.fetch.warc.check_package import package_faults
from archiver.fetch.warc.package import WarcFile, is_package, warc_files
from archiver.model.event import Listener, Progress
from archiver.model.warc import Flaw


@dataclass(frozen=True, slots=True)
class FileFinding:
    """A fault or a warning, and its position.

    Attributes:
        place: offset in the file, in bytes; None for a package as a whole.
        is_wrong: False for what the standard allows but is unusual (a warning).
    """

    file: str
    what: str
    place: int | None = None
    record_id: str = ""
    is_wrong: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        level = "error" if self.is_wrong else "warning"
        return {"file": self.file, "place": self.place, "level": level, "what": self.what, "record_id": self.record_id}


def check_files(
    paths: Sequence[Path], listen: Listener, counted: list[CheckCounts], now: datetime
) -> Iterator[FileFinding]:
    """Check files and packages together; yield the findings, and append the counts to `counted`.

    A date more than a day after `now` is a fault.

    Raises:
        UsageError: a file cannot be read, or its format has no records.
    """
    for path in paths:
        if not path.is_dir() and is_package(path):
            yield from (FileFinding(str(path), what) for what in package_faults(path, now))
    files = warc_files(paths)
    total = sum(file.size for file in files)
    found: list[FileFinding] = []

    def add(file: WarcFile, flaw: Flaw) -> None:
        found.append(FileFinding(file.name, flaw.what, flaw.place, flaw.record_id, flaw.lost))

    def progressed(done: int) -> None:
        listen(Progress("checking (kB)", done // 1000, total // 1000))

    counted.append(look_at(files, add, progressed, now))
    yield from found
