"""One record of a WARC or ARC file."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record.

    Attributes:
        place: offset in the file of the record, or of the gzip member that holds it.
        version: "1.0", "1.1", or "ARC".
        fields: named fields in order, with the names as written.
        block: its bytes, or the first `most` bytes of a larger block.
        length: the length of the complete block.
        is_proved: whether the block's digest matched; None when there is no digest of a known algorithm.
        is_cut: whether bytes of the block are missing.
        has_wrong_length: whether its Content-Length is not the length of the block.
    """

    place: int
    version: str
    fields: tuple[tuple[str, str], ...]
    block: bytes = b""
    length: int = 0
    is_proved: bool | None = None
    is_cut: bool = False
    has_wrong_length: bool = False
    _index: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, place: int, version: str, fields: tuple[tuple[str, str], ...]) -> "WarcRecord":
        """Return a record without its block. Of a field that occurs more than once, the first counts."""
        index: dict[str, str] = {}
        for name, value in fields:
            index.setdefault(name.lower(), value)
        return cls(place, version, fields, _index=index)

    def get(self, name: str) -> str | None:
        """Return the first field of a name, in any case."""
        return self._index.get(name.lower())

    def all(self, name: str) -> list[str]:
        """Return all fields of a name."""
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def uri(self, name: str) -> str | None:
        """Return a field that is an address or an id, without the angle brackets that some writers add."""
        value = self.get(name)
        return value[1:-1] if value and value[0] == "<" and value[-1] == ">" else value

    @property
    def kind(self) -> str:
        """Return WARC-Type."""
        return (self.get("WARC-Type") or "").lower()

    @property
    def url(self) -> str:
        """Return WARC-Target-URI; "" when there is none."""
        return self.uri("WARC-Target-URI") or ""

    @property
    def record_id(self) -> str:
        """Return WARC-Record-ID without angle brackets; "" when there is none, as in ARC."""
        return self.uri("WARC-Record-ID") or ""

    @property
    def is_arc(self) -> bool:
        """Return whether it comes from an ARC file."""
        return self.version == "ARC"

    @property
    def is_whole(self) -> bool:
        """Return whether the complete block is in memory."""
        return len(self.block) == self.length
