"""Answers whose HTTP is faulty: what a reader makes of the bytes of one page.

`flags`: `cut` when an honest reader says that the page is not whole, `refused` when it must not be read at all.
"""

import gzip
import zlib

from situations.parts import Situation, article

A = article()
L = len(A)
OK = b"HTTP/1.1 200 OK\r\n"
CLOSE = b"Connection: close\r\n"
HTML = b"Content-Type: text/html; charset=utf-8\r\n"
LENGTH = b"Content-Length: %d\r\n" % L
REST = CLOSE + b"\r\n" + A
CHUNKED = b"Transfer-Encoding: chunked\r\n"
ZIPPED = gzip.compress(A)


def chunks(body: bytes, extension: bytes = b"", end: bytes = b"\r\n", last: bytes = b"0\r\n\r\n") -> bytes:
    half = len(body) // 2
    first = b"%x%s" % (half, extension) + end + body[:half] + end
    return first + b"%x%s" % (len(body) - half, extension) + end + body[half:] + end + last


def line(first: bytes) -> bytes:
    return first + b"\r\n" + HTML + LENGTH + REST


def header(extra: bytes) -> bytes:
    return OK + HTML + extra + b"\r\n" + LENGTH + REST


def length(value: bytes) -> bytes:
    return OK + HTML + b"Content-Length: " + value + b"\r\n" + REST


def chunked(body: bytes, more: bytes = b"") -> bytes:
    return OK + HTML + CHUNKED + more + CLOSE + b"\r\n" + body


def encoded(name: bytes, body: bytes) -> bytes:
    return OK + HTML + b"Content-Encoding: " + name + b"\r\n" + CLOSE + b"\r\n" + body


def typed(*values: bytes) -> bytes:
    return OK + b"".join(b"Content-Type: " + value + b"\r\n" for value in values) + LENGTH + REST


READ: dict[str, bytes] = {
    "a space before the colon": header(b"X-Odd : 1"),
    "a header line without a colon": header(b"nonsense line"),
    "a space in a header name": header(b"X Odd Name: 1"),
    "an empty header name": header(b": 1"),
    "a folded header": header(b"X-Long: one\r\n two"),
    "NUL in a header": header(b"X-N: a\0b"),
    "Latin-1 in a header": header(b"X-N: caf\xe9"),
    "a bare CR in a header": header(b"X-N: a\rb"),
    "a control character in a header": header(b"X-N: a\x01b"),
    "70 kB of headers": header(b"\r\n".join(b"Set-Cookie: a%d=%s" % (i, b"x" * 900) for i in range(75))),
    "300 kB of headers": header(b"\r\n".join(b"X-%d: %s" % (i, b"x" * 3000) for i in range(100))),
    "no reason phrase": line(b"HTTP/1.1 200"),
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n" + HTML + b"\r\n" + A,
    "HTTP/2.0 in the status line": line(b"HTTP/2.0 200 OK"),
    "HTTP/1.2": line(b"HTTP/1.2 200 OK"),
    "ICY 200 OK": line(b"ICY 200 OK"),
    "http in small letters": line(b"http/1.1 200 OK"),
    "200OK": line(b"HTTP/1.1 200OK"),
    "tabs in the status line": line(b"HTTP/1.1\t200\tOK"),
    "a Latin-1 reason phrase": line(b"HTTP/1.1 200 R\xe9ussi"),
    "an empty line first": b"\r\n" + line(b"HTTP/1.1 200 OK"),
    "LF line ends": line(b"HTTP/1.1 200 OK")[:-L].replace(b"\r\n", b"\n") + A,
    "102 then 200": b"HTTP/1.1 102 Processing\r\n\r\n" + line(b"HTTP/1.1 200 OK"),
    "100 then 200": b"HTTP/1.1 100 Continue\r\n\r\n" + line(b"HTTP/1.1 200 OK"),
    "103 then 200": b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + line(b"HTTP/1.1 200 OK"),
    "Content-Length twice, the same": OK + HTML + LENGTH + LENGTH + REST,
    "Content-Length as a list": length(b"%d, %d" % (L, L)),
    "Content-Length empty": length(b""),
    "Content-Length: unknown": length(b"unknown"),
    "Content-Length: -1": length(b"-1"),
    "chunked": chunked(chunks(A)),
    "chunked and Content-Length": chunked(chunks(A), LENGTH),
    "chunked twice": chunked(chunks(A), CHUNKED),
    "Transfer-Encoding: identity": OK + HTML + b"Transfer-Encoding: identity\r\n" + LENGTH + REST,
    "Transfer-Encoding: gzip, chunked": OK
    + HTML
    + b"Transfer-Encoding: gzip, chunked\r\n"
    + CLOSE
    + b"\r\n"
    + chunks(ZIPPED),
    "a chunk extension after a space": chunked(chunks(A, b" ; foo=bar")),
    "spaces after a chunk size": chunked(chunks(A, b"   ")),
    "LF chunk lines": chunked(chunks(A, b"", b"\n", b"0\n\n")),
    "no line end after the last chunk": chunked(chunks(A, last=b"0\r\n")),
    "chunked named, a plain body": chunked(A),
    "gzip named, a plain body": encoded(b"gzip", A),
    "gzip that was not asked for": encoded(b"gzip", ZIPPED),
    "gzip twice, named once": encoded(b"gzip", gzip.compress(ZIPPED)),
    "gzip once, named twice": encoded(b"gzip, gzip", ZIPPED),
    "gzip, not named": OK + HTML + CLOSE + b"\r\n" + ZIPPED,
    "raw deflate": encoded(b"deflate", zlib.compress(A)[2:-4]),
    "Content-Encoding: utf-8": encoded(b"utf-8", A),
    "Content-Encoding: none": encoded(b"none", A),
    "Content-Encoding: aws-chunked": encoded(b"aws-chunked", A),
    "Content-Encoding: binary": encoded(b"binary", A),
    "gzip and a comment after it": encoded(b"gzip", ZIPPED + b"<!-- cached -->"),
    "no Content-Type": OK + LENGTH + REST,
    "a page as text/plain": typed(b"text/plain"),
    "a page as application/octet-stream": typed(b"application/octet-stream"),
    "a quoted charset": typed(b'text/html; charset="utf-8"'),
    "two Content-Types": typed(b"text/plain", b"text/html; charset=utf-8"),
}
CUT: dict[str, bytes] = {
    "Content-Length 50 bytes too long": length(b"%d" % (L + 50)),
    "the last chunk is missing": chunked(chunks(A, last=b"")),
    "gzip without its trailer": encoded(b"gzip", ZIPPED[:-8]),
    "gzip with a wrong checksum": encoded(b"gzip", ZIPPED[:-8] + b"\0\0\0\0" + ZIPPED[-4:]),
}
REFUSED: dict[str, bytes] = {
    "two different Content-Lengths": OK + HTML + LENGTH + b"Content-Length: 10\r\n" + REST,
}
SITUATIONS = [
    *(Situation(name, {"/a": raw}) for name, raw in READ.items()),
    *(Situation(name, {"/a": raw}, flags=frozenset({"cut"})) for name, raw in CUT.items()),
    *(Situation(name, {"/a": raw}, flags=frozenset({"refused"})) for name, raw in REFUSED.items()),
]
