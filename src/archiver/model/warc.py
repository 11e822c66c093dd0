"""What one WARC record says of another."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Original:
    """A response record that is written: its id, target address, WARC-Date, and the digest of its payload."""

    record_id: str
    url: str
    date: str
    sha1: str
