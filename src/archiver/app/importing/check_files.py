"""`archiver check-warc`: everything that is wrong with files of the web-archiving world, told with its place."""

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
class Finding:
    """Something that is wrong, or odd, and where.

    Attributes:
        place: offset in the file, in bytes; None for a package as a whole.
        is_wrong: False for what is odd and allowed.
    """

    file: str
    what: str
    place: int | None = None
    record_id: str = ""
    is_wrong: bool = True

    def as_json(self) -> dict[str, Any]:
        """The command's line of JSON."""
        level = "error" if self.is_wrong else "warning"
        return {"file": self.file, "place": self.place, "level": level, "what": self.what, "record_id": self.record_id}


def check_files(
    paths: Sequence[Path], listen: Listener, counted: list[CheckCounts], now: datetime
) -> Iterator[Finding]:
    """Look at files together, packages too; gives what is wrong, and at the end puts what was looked at in `counted`.

    A date later than a day after `now` is a fault.

    Raises:
        UsageError: one cannot be read, or is nothing that holds records.
    """
    for path in paths:
        if not path.is_dir() and is_package(path):
            yield from (Finding(str(path), what) for what in package_faults(path, now))
    files = warc_files(paths)
    total = sum(file.size for file in files)
    found: list[Finding] = []

    def tell(file: WarcFile, flaw: Flaw) -> None:
        found.append(Finding(file.name, flaw.what, flaw.place, flaw.record_id, flaw.lost))

    def hears(done: int) -> None:
        listen(Progress("checking (kB)", done // 1000, total // 1000))

    counted.append(look_at(files, tell, hears, now))
    yield from found
