"""WARC 1.1 records of one visit, as values and as bytes (ISO 28500:2017)."""

import base64
import hashlib
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

CRLF = b"\r\n"
SPACE = uuid.UUID("6c0f5a53-2a4c-5d0e-9d0b-0d3d1f0a7e11")
"""The namespace of record ids: the same visit of the same archive has the same ids in every export."""

IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


@dataclass(frozen=True, slots=True)
class NewRecord:
    """One record: its type, its fields after the mandatory ones, in order, and its block.

    Attributes:
        kind: WARC-Type.
        record_id: `<urn:uuid:…>`.
        date: WARC-Date, UTC: the start of the visit; the same on all records of a visit.
        fields: further fields; a field with the value None is left out.
        content_type: of the block; "" for an empty block without a type.
        payload: the input of the payload digest; None for records without one.
    """

    kind: str
    record_id: str
    date: str
    block: bytes
    content_type: str = ""
    fields: tuple[tuple[str, str | None], ...] = field(default=())
    payload: bytes | None = None

    def as_bytes(self) -> bytes:
        """Return the record as in an uncompressed file (WARC 1.1, 4)."""
        lines = [b"WARC/1.1", f"WARC-Type: {self.kind}".encode(), f"WARC-Record-ID: {self.record_id}".encode()]
        lines.append(f"WARC-Date: {self.date}".encode())
        lines += [f"{name}: {_one_line(value)}".encode() for name, value in self.fields if value is not None]
        if self.payload is not None:
            lines.append(f"WARC-Payload-Digest: {sha1(self.payload)}".encode())
        if self.block or self.kind != "revisit":
            lines.append(f"WARC-Block-Digest: {sha1(self.block)}".encode())
        if self.content_type:
            lines.append(f"Content-Type: {self.content_type}".encode())
        lines.append(b"Content-Length: %d" % len(self.block))
        return CRLF.join(lines) + CRLF * 2 + self.block + CRLF * 2

    def compressed(self) -> bytes:
        """Return the record as one gzip member without a time, so that the same record is the same bytes."""
        coder = zlib.compressobj(6, zlib.DEFLATED, 31)
        return coder.compress(self.as_bytes()) + coder.flush()


def record_id(archive: str, visit_id: int | str, kind: str) -> str:
    """Return the id of a visit's record of this kind: RFC 4122 version 5, by archive and visit."""
    return f"<urn:uuid:{uuid.uuid5(SPACE, f'{archive}/{visit_id}/{kind}')}>"


def sha1(data: bytes) -> str:
    """Return a digest as in WARC files: SHA-1 in upper-case Base32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode("ascii")


def warc_date(moment: datetime) -> str:
    """Return an instant as WARC-Date (W3C profile of ISO 8601): `2022-10-22T03:00:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def warc_fields(pairs: Iterable[tuple[str, object]]) -> bytes:
    """Return a block of `application/warc-fields`; fields with the value None are left out."""
    lines = [f"{name}: {_one_line(str(value))}\r\n" for name, value in pairs if value is not None]
    return "".join(lines).encode("utf-8", "replace")


def _one_line(text: str) -> str:
    """Return a field's value without control characters, so that no text from the web can begin a line."""
    return "".join(char if char >= " " and char != "\x7f" else " " for char in text).strip()
