"""Faults of the head: odd status lines, unrequested responses, headers that are wrong, many, huge or not ASCII."""

from collections.abc import Iterator

from archiver.model.capture import Outcome
from hostile.server import LOST, PAGE, Asked, End, Host, Part, answer, fault, head, page

OK, NETWORK, TRUNCATED, SERVER = Outcome.OK, Outcome.NETWORK_ERROR, Outcome.TRUNCATED, Outcome.SERVER_ERROR
UNREADABLE = Outcome.UNREADABLE
SIZE = len(PAGE)


def lines(status: bytes, *more: bytes, end: bytes = b"\r\n") -> bytes:
    """Return a response written line by line."""
    length = b"Content-Length: %d" % SIZE
    return end.join((status, b"Content-Type: text/html; charset=utf-8", b"Connection: close", *more, length, b"", PAGE))


def coded(status: int, reason: str = "Odd") -> bytes:
    """Return a response with a page and this status."""
    return answer(LOST if status in (404, 410) else PAGE, status=f"{status} {reason}")


STATUS = (
    fault("http-09", (PAGE,), SERVER, note="2 tries"),
    fault("http-10", (lines(b"HTTP/1.0 200 OK"),), OK, size=SIZE, title="Whole"),
    fault("http-10-no-length", (b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n", PAGE), OK, size=SIZE),
    fault("http-12", (lines(b"HTTP/1.2 200 OK"),), OK, NETWORK),
    fault("http-2-text", (lines(b"HTTP/2 200 OK"),), OK, NETWORK),
    fault("http-3-preface", (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",), SERVER),
    fault("http-lower-case", (lines(b"http/1.1 200 ok"),), OK, NETWORK),
    fault("icy", (lines(b"ICY 200 OK"),), OK, NETWORK),
    fault("ssh-banner", (b"SSH-2.0-OpenSSH_9.2\r\n",), SERVER),
    fault("no-reason", (lines(b"HTTP/1.1 200"),), OK, size=SIZE, title="Whole"),
    fault("no-reason-space", (lines(b"HTTP/1.1 200 "),), OK, size=SIZE, title="Whole"),
    fault("reason-non-ascii", (lines("HTTP/1.1 200 Tốt".encode()),), OK, size=SIZE, title="Whole"),
    fault("reason-nul", (lines(b"HTTP/1.1 200 O\0K"),), OK, NETWORK),
    fault("reason-huge", (lines(b"HTTP/1.1 200 " + b"O" * 90_000),), OK, NETWORK),
    fault("status-spaces", (lines(b"HTTP/1.1   200   OK"),), OK, NETWORK),
    fault("status-leading-space", (lines(b" HTTP/1.1 200 OK"),), OK, NETWORK),
    fault("status-leading-lines", (b"\r\n\r\n" + lines(b"HTTP/1.1 200 OK"),), OK, NETWORK),
    fault("status-words", (lines(b"HTTP/1.1 OK"),), SERVER),
    fault("status-99", (lines(b"HTTP/1.1 99 Odd"),), NETWORK, SERVER),
    fault("status-000", (lines(b"HTTP/1.1 000 Odd"),), NETWORK, SERVER),
    fault("status-2000", (lines(b"HTTP/1.1 2000 Odd"),), NETWORK, SERVER),
    fault("status-negative", (lines(b"HTTP/1.1 -200 Odd"),), SERVER),
    fault("status-299", (coded(299),), OK, size=SIZE, title="Whole"),
    fault("status-300", (coded(300, "Multiple Choices"),), SERVER),
    fault("status-306", (coded(306),), SERVER),
    fault("status-418", (coded(418, "I'm a teapot"),), SERVER),
    fault("status-451", (coded(451),), Outcome.BLOCKED),
    fault("status-401", (answer(PAGE, "WWW-Authenticate: Basic", status="401 Who"),), Outcome.BLOCKED),
    fault("status-407", (answer(PAGE, "Proxy-Authenticate: Basic", status="407 Who"),), SERVER),
    fault("status-404", (coded(404),), Outcome.GONE),
    fault("status-410", (coded(410),), Outcome.GONE),
    fault("status-500", (coded(500),), SERVER, note="2 tries", size=SIZE),
    fault("status-600", (coded(600),), SERVER),
    fault("status-999", (coded(999),), SERVER),
    fault("status-204", (head(status="204 No Content", kind=None),), UNREADABLE, note="empty", size=0),
    fault("status-204-body", (answer(PAGE, status="204 No Content"),), UNREADABLE, note="empty", size=0),
    fault("status-205", (head(status="205 Reset Content", length=0),), UNREADABLE, note="empty", size=0),
    fault(
        "status-206",
        (answer(PAGE[:-20], f"Content-Range: bytes 0-{SIZE - 21}/{SIZE}", status="206 Part"),),
        TRUNCATED,
        UNREADABLE,
    ),
    fault("status-304", (head(status="304 Not Modified", kind=None),), SERVER, UNREADABLE),
    fault("status-304-body", (answer(PAGE, status="304 Not Modified"),), SERVER, UNREADABLE),
    fault("status-100-first", (b"HTTP/1.1 100 Continue\r\n\r\n", 0.02, answer(PAGE)), OK, size=SIZE, title="Whole"),
    fault("status-100-many", (b"HTTP/1.1 100 Continue\r\n\r\n" * 50, answer(PAGE)), OK, size=SIZE),
    fault("status-103-first", (b"HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n", answer(PAGE)), OK, size=SIZE),
    fault("status-100-only", (b"HTTP/1.1 100 Continue\r\n\r\n",), NETWORK),
    fault("status-101", (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",), SERVER, NETWORK),
    fault(
        "status-101-body",
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", PAGE),
        SERVER,
        NETWORK,
    ),
)


def many(_: Asked) -> Iterator[Part]:
    """Return a thousand headers."""
    yield answer(PAGE, *(f"X-{number}: {number}" for number in range(1000)))


HEADERS = (
    fault("header-duplicates", (answer(PAGE, "X-A: 1", "x-a: 2", "X-A: 1"),), OK, title="Whole"),
    fault("header-types-differ", (answer(PAGE, "Content-Type: image/png"),), OK, title="Whole"),
    fault("header-utf8", (answer(PAGE, "X-Tên: Nguyễn"),), OK, NETWORK),
    fault("header-value-utf8", (answer(PAGE, "X-Name: Nguyễn Văn Á"),), OK, title="Whole"),
    fault("header-value-latin1", (answer(PAGE, b"X-Name: \xe9\xff\x80"),), OK, title="Whole"),
    fault("header-value-control", (answer(PAGE, b"X-Name: a\x07\x1b[31mb"),), OK, NETWORK),
    fault("header-nul", (answer(PAGE, b"X-Name: a\0b"),), OK, NETWORK),
    fault("header-cr", (answer(PAGE, b"X-Name: a\rX-Other: b"),), OK, NETWORK),
    fault("header-folded", (answer(PAGE, "X-Name: first\r\n  second"),), OK, title="Whole"),
    fault(
        "header-folded-first", (b"HTTP/1.1 200 OK\r\n folded\r\n" + answer(PAGE).partition(b"\r\n")[2],), OK, NETWORK
    ),
    fault("header-folded-length", (head(f"Content-Length:\r\n {SIZE}"), PAGE), OK, NETWORK),
    fault("header-no-colon", (answer(PAGE, "this is no header"),), OK, NETWORK),
    fault("header-no-name", (answer(PAGE, ": empty"),), OK, NETWORK),
    fault("header-space-before-colon", (answer(PAGE, "X-Name : a"),), OK, NETWORK),
    fault("header-empty-value", (answer(PAGE, "X-Name:"),), OK, title="Whole"),
    fault("header-many", many, OK, NETWORK),
    fault("header-50k", (answer(PAGE, "X-Big: " + "x" * 50_000),), OK, title="Whole"),
    fault("header-100k", (answer(PAGE, "X-Big: " + "x" * 100_000),), OK, NETWORK),
    fault("header-1m", (answer(PAGE, "X-Big: " + "x" * 1_000_000),), SERVER),
    fault("header-name-100k", (answer(PAGE, "X" * 100_000 + ": 1"),), OK, NETWORK),
    fault("lf-only", (lines(b"HTTP/1.1 200 OK", b"X-A: 1", end=b"\n"),), OK, size=SIZE, title="Whole"),
    fault("lf-mixed", (b"HTTP/1.1 200 OK\nContent-Type: text/html\r\nX: 1\n\r\n", PAGE), OK, NETWORK),
    fault("cr-only", (lines(b"HTTP/1.1 200 OK", end=b"\r"),), NETWORK),
    fault("connection-close-lies", (answer(PAGE), End.HOLD), OK, size=SIZE, title="Whole"),
    fault(
        "connection-nonsense",
        (answer(PAGE, "Connection: keep-alive, x", "Keep-Alive: -1"),),
        OK,
        size=SIZE,
        title="Whole",
    ),
    fault("date-nonsense", (answer(PAGE, "Date: the day after", "Last-Modified: soon", "Age: -3"),), OK, title="Whole"),
    fault("etag-nonsense", (answer(PAGE, b'ETag: W/"\xe9', "ETag: b"),), OK, title="Whole"),
    fault("upgrade-offered", (answer(PAGE, "Upgrade: h2c", "Connection: Upgrade"),), OK, title="Whole"),
    fault("cookie-set", (answer(PAGE, "Set-Cookie: a=b; Path=/", "Set-Cookie: c=d"),), OK, title="Whole"),
    fault("cookie-huge", (answer(PAGE, *[f"Set-Cookie: c{number}={'x' * 900}" for number in range(50)]),), OK, NETWORK),
    fault("cookie-broken", (answer(PAGE, b"Set-Cookie: =\xff; expires=never; path"),), OK, title="Whole"),
    fault("refresh", (answer(PAGE, "Refresh: 0; url=/nowhere"),), OK, title="Whole"),
    fault("link-header", (answer(PAGE, 'Link: </feed>; rel="next", <broken'),), OK, title="Whole"),
)


def leading(title: str, target: str, more: bytes = b"") -> Iterator[Part]:
    """Send a page that leads to another one, with more bytes after it, on a connection that stays open."""
    body = page(title, f"<p>{title}</p><a href=/{target}>x</a>")
    yield answer(body, keep=True) + more
    yield End.KEEP


def closing(_: Asked) -> Iterator[Part]:
    """The same, but the connection is closed although the head says that it stays open."""
    return (part for part in leading("Closing", "closed-before") if part is not End.KEEP)


POISON = answer(page("Poison"), keep=True)
KEPT = (answer(PAGE, keep=True), End.KEEP)

CONNECTIONS = (
    fault("second-answer", lambda _: leading("First", "victim", POISON), OK, host="desync", title="First"),
    fault("victim", KEPT, OK, host="desync", title="Whole", is_linked=False),
    fault("leftover", lambda _: leading("Cut", "heir", b"and more"), OK, host="leftover", title="Cut"),
    fault("heir", KEPT, OK, host="leftover", title="Whole", is_linked=False),
    fault("keep-alive-lies", closing, OK, host="closing", title="Closing"),
    fault("closed-before", KEPT, OK, host="closing", title="Whole", is_linked=False),
)

SITE = "connections"
HOSTS = (Host(SITE, SITE), *(Host(name, SITE) for name in ("desync", "leftover", "closing")))
"""A site of its own, so that the next request is sent while the connection is still open."""

FAULTS = (*STATUS, *HEADERS, *CONNECTIONS)
