"""References between WARC records, and faults in WARC files."""

import re
from dataclasses import dataclass
from enum import StrEnum

_VALUES = re.compile(r"'[^']*'|\"[^\"]*\"|\(.*\)|[+-]?\d+")


class NotKept(StrEnum):
    """Why the body of an imported capture is not kept."""

    BOMB = "bomb"
    LARGE = "large"
    LEFT_OUT = "left_out"


NOT_KEPT_TEXT: dict[NotKept, str] = {
    NotKept.BOMB: "decompressed to more than the limit",
    NotKept.LARGE: "larger than the limit",
    NotKept.LEFT_OUT: "left out by the crawler that wrote the file",
}


@dataclass(frozen=True, slots=True)
class Original:
    """A response record that was written: its id, target address, WARC-Date, and the digest of its payload."""

    record_id: str
    url: str
    date: str
    sha1: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """A fault in a WARC file.

    Attributes:
        place: offset in the file, in bytes: of the record or of the gzip member that holds it.
        what: a description.
        record_id: the record's own id; "" when it cannot be read.
        lost: whether the record cannot be imported because of it.
    """

    place: int
    what: str
    record_id: str = ""
    lost: bool = True

    @property
    def kind(self) -> str:
        """The description without its values (numbers, quoted text, what is in parentheses): alike for like faults."""
        return _VALUES.sub("…", self.what)


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of an imported capture.

    Attributes:
        file_id: number of the file in the archive.
        place: the offset of the record, or of the gzip member that holds it, in bytes.
        record_id: WARC-Record-ID without brackets; "" in ARC files.
        payload: digest of the payload, `sha1:` and hex.
    """

    file_id: int
    place: int
    record_id: str
    payload: str
