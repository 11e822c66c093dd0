"""An HTTP answer told honestly: the archive keeps bodies with transfer- and content-encoding undone.

A header that spoke of the body as it travelled would lie of the one that is written. It is kept under another name, and
a true length stands beside it (IIPC warc-specifications, issue 22: a payload is without transfer-encoding).
"""

from itertools import takewhile

RENAMED = b"X-Archive-Orig-"


def restated(head: bytes, body: bytes, *, decoded: bool) -> bytes:
    """The head of an answer as it is true of this body.

    Args:
        head: status line and header lines as sent, and the empty line.
        body: as it is kept.
        decoded: whether a content-encoding was undone.

    Returns:
        The head; the same bytes when nothing in it was untrue.
    """
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    untrue = {b"transfer-encoding"} | ({b"content-encoding"} if decoded else set())
    if _lengths(lines) - {str(len(body)).encode()}:
        untrue.add(b"content-length")
    told = [lines[0], *(_told(line, untrue) for line in lines[1:])]
    if told == lines:
        return head
    if not any(_name(line) == b"content-length" for line in told[1:]):
        told.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(told) + b"\r\n\r\n"


def _told(line: bytes, untrue: set[bytes]) -> bytes:
    return RENAMED + line if _name(line) in untrue else line


def _name(line: bytes) -> bytes:
    """The name of a header line; b"" of one that goes on from the line before, or is none."""
    name, colon, _ = line.partition(b":")
    return name.strip().lower() if colon and line[:1] not in (b" ", b"\t") else b""


def _lengths(lines: list[bytes]) -> set[bytes]:
    """Each Content-Length, with the lines that continue it: readers join them."""
    found = set()
    for number, line in enumerate(lines[1:], 2):
        if _name(line) == b"content-length":
            continued = takewhile(lambda each: each[:1] in (b" ", b"\t"), lines[number:])
            found.add(b" ".join(part.strip() for part in (line.partition(b":")[2], *continued)).strip())
    return found
