"""Remove the transfer-encoding `chunked` (RFC 9112, 7.1)."""

import re

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")


class NotChunked(Exception):
    """The bytes are not framed in chunks. `at` is the offset of the fault."""

    def __init__(self, at: int) -> None:
        super().__init__(f"no chunk begins at byte {at}")
        self.at = at


def unchunked(body: bytes) -> tuple[bytes, bool]:
    """Return the bytes without framing, and whether the last chunk was there.

    Raises:
        NotChunked: there is no framing.
    """
    parts: list[bytes] = []
    at = 0
    while at < len(body):
        found = _SIZE.match(body, at)
        if found is None:
            if parts and len(body) - at < len(b"ffffffff\r\n"):
                return b"".join(parts), False  # cut within a chunk size
            raise NotChunked(at)
        size, at = int(found[1], 16), found.end()
        if size == 0:
            return b"".join(parts), True
        parts.append(body[at : at + size])
        if at + size > len(body):
            return b"".join(parts), False
        at += size
        at += 2 if body[at : at + 2] == b"\r\n" else 1 if body[at : at + 1] == b"\n" else 0
    return b"".join(parts), False
