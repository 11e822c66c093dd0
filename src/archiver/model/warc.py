"""What one WARC record says of another, and what is wrong in a file of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Original:
    """A response record that is written: its id, target address, WARC-Date, and the digest of its payload."""

    record_id: str
    url: str
    date: str
    sha1: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is wrong in a WARC file.

    Attributes:
        place: offset in the file, in bytes: of the record or of the gzip member that holds it.
        what: in words.
        record_id: of the record, as it says itself; "" when it cannot be read.
        lost: whether what stands there cannot be taken for that.
    """

    place: int
    what: str
    record_id: str = ""
    lost: bool = True


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an imported capture comes from.

    Attributes:
        file_id: number of the file in the archive.
        place: offset in it, in bytes, of the record or of the gzip member that holds it.
        record_id: WARC-Record-ID without brackets; "" in ARC files.
        payload: digest of the payload, `sha1:` and hex.
    """

    file_id: int
    place: int
    record_id: str
    payload: str
