"""Make the headers of a response agree with its stored body, which has no transfer-encoding and no content-encoding.

A header that describes the body as it was transferred is renamed, and a correct Content-Length is added (IIPC
warc-specifications, issue 22: a payload has no transfer-encoding).
"""

from itertools import takewhile

RENAMED = b"X-Archive-Orig-"


def restated(head: bytes, body: bytes, *, decoded: bool) -> bytes:
    """Return the head of a response with headers that agree with the body.

    Args:
        head: status line and header lines as sent, and the empty line.
        body: the body as it is stored.
        decoded: whether a content-encoding was removed.

    Returns:
        The head; the same object when every header agrees with the body.
    """
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    wrong = {b"transfer-encoding"} | ({b"content-encoding"} if decoded else set())
    if _lengths(lines) - {str(len(body)).encode()}:
        wrong.add(b"content-length")
    corrected = [lines[0], *(RENAMED + line if _name(line) in wrong else line for line in lines[1:])]
    if corrected == lines:
        return head
    if not any(_name(line) == b"content-length" for line in corrected[1:]):
        corrected.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(corrected) + b"\r\n\r\n"


def _is_folded(line: bytes) -> bool:
    """Whether a line continues the value of the line before (RFC 9112, 5.2)."""
    return line[:1] in (b" ", b"\t")


def _name(line: bytes) -> bytes:
    """Return the name of a header line in lower case; b"" for a folded line and for a line without a colon."""
    name, colon, _ = line.partition(b":")
    return name.strip().lower() if colon and not _is_folded(line) else b""


def _lengths(lines: list[bytes]) -> set[bytes]:
    """Return every value of Content-Length, folded lines included."""
    found = set()
    for number, line in enumerate(lines[1:], 2):
        if _name(line) == b"content-length":
            continued = takewhile(lambda each: each[:1] in (b" ", b"\t"), lines[number:])
            found.add(b" ".join(part.strip() for part in (line.partition(b":")[2], *continued)).strip())
    return found
