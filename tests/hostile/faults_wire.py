"""Faults of the connection: it breaks, stalls or is slow, bodies of another length than declared, wrong chunking."""

from collections.abc import Iterator

from archiver.model.capture import Outcome
from hostile.server import PAGE, Asked, End, Part, answer, fault, head

OK, NETWORK, TRUNCATED, TOO_BIG = Outcome.OK, Outcome.NETWORK_ERROR, Outcome.TRUNCATED, Outcome.TOO_BIG
SIZE = len(PAGE)
HALF = PAGE[: SIZE // 2]
CHUNKED = head("Transfer-Encoding: chunked")
LATE = r"within 2 s|took longer"


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    """Return one chunk of a chunked body."""
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


WHOLE = chunk(PAGE) + b"0\r\n\r\n"


def endless(_: Asked) -> Iterator[Part]:
    """Send a body until the client disconnects."""
    yield head()
    while True:
        yield PAGE * 500


def endless_chunks(_: Asked) -> Iterator[Part]:
    """The same, in chunks."""
    yield CHUNKED
    while True:
        yield chunk(PAGE * 500)


def endless_trailers(_: Asked) -> Iterator[Part]:
    """Send a complete body, then trailers without end."""
    yield CHUNKED + chunk(PAGE) + b"0\r\n"
    while True:
        yield b"X-Trailer: " + b"x" * 1000 + b"\r\n"


def endless_head(_: Asked) -> Iterator[Part]:
    """Send a head until the client disconnects."""
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X-More: " + b"x" * 1000 + b"\r\n"


def endless_interim(_: Asked) -> Iterator[Part]:
    """Send `100 Continue`, again and again."""
    while True:
        yield b"HTTP/1.1 100 Continue\r\n\r\n" * 100
        yield 0.01


def drip(body: bytes, pause: float) -> Iterator[Part]:
    """Send a few bytes at a time, with pauses."""
    for number in range(0, len(body), 8):
        yield body[number : number + 8]
        yield pause


def one_byte_chunks(_: Asked) -> Iterator[Part]:
    """Send a page in chunks of one byte, all at once."""
    yield CHUNKED
    yield b"".join(chunk(PAGE[number : number + 1]) for number in range(SIZE))
    yield b"0\r\n\r\n"


def reset_once(asked: Asked) -> Iterator[Part]:
    """Reset the connection; send everything the second time."""
    yield End.RESET if asked.before == 0 else answer(PAGE)


BREAKS = (
    fault("reset-before", (End.RESET,), NETWORK, note="2 tries"),
    fault("close-before", (), NETWORK, note="2 tries"),
    fault("reset-in-status", (b"HTTP/1.1 2", End.RESET), NETWORK),
    fault("close-in-status", (b"HTTP/1.1 2",), NETWORK),
    fault("reset-in-head", (b"HTTP/1.1 200 OK\r\nContent-Ty", 0.02, End.RESET), NETWORK),
    fault("close-in-head", (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",), NETWORK),
    fault("reset-in-body", (head(length=SIZE) + HALF, 0.05, End.RESET), TRUNCATED, note="2 tries", size=len(HALF)),
    fault("close-in-body", (head(length=SIZE), HALF), TRUNCATED, size=len(HALF)),
    fault("reset-no-length", (head() + HALF, 0.05, End.RESET), TRUNCATED, size=len(HALF)),
    fault("no-length", (head(), PAGE), OK, size=SIZE, title="Whole"),
    fault("no-body", (head(length=SIZE),), TRUNCATED, size=0),
    fault("reset-once", reset_once, OK, note="2 tries", size=SIZE, title="Whole"),
    fault("one-byte-short", (head(length=SIZE + 1), PAGE), TRUNCATED, size=SIZE),
)

STALLS = (
    fault("stall-before", (End.HOLD,), NETWORK, note=LATE),
    fault("stall-in-head", (b"HTTP/1.1 200 OK\r\nContent-", End.HOLD), NETWORK, note=LATE),
    fault("stall-after-head", (head(length=SIZE), End.HOLD), TRUNCATED, note=LATE, size=0),
    fault("stall-in-body", (head(length=SIZE), HALF, End.HOLD), TRUNCATED, note=LATE, size=len(HALF)),
    fault("stall-no-length", (head(), PAGE, End.HOLD), TRUNCATED, note=LATE, size=SIZE),
    fault("stall-in-chunk", (CHUNKED, chunk(HALF), b"ff\r\nx", End.HOLD), TRUNCATED, note=LATE, size=len(HALF) + 1),
    fault("stall-before-last-chunk", (CHUNKED, chunk(PAGE), End.HOLD), TRUNCATED, note=LATE, size=SIZE),
    fault("stall-after-100", (b"HTTP/1.1 100 Continue\r\n\r\n", End.HOLD), NETWORK, note=LATE),
    fault("drip-head", lambda _: drip(head(*["X-Slow: drop"] * 500), 0.02), NETWORK, note=LATE),
    fault("drip-body", lambda _: iter([head(length=9000), *drip(bytes(9000), 0.02)]), TRUNCATED, note=LATE),
    fault("drip-in-time", lambda _: drip(answer(PAGE), 0.001), OK, size=SIZE, title="Whole"),
    fault("late-but-in-time", (0.4, answer(PAGE)), OK, size=SIZE),
    fault("endless-interim", endless_interim, NETWORK),
)

LENGTHS = (
    fault("length-negative", (head("Content-Length: -5"), PAGE), OK, note="not a number", size=SIZE, title="Whole"),
    fault("length-words", (head("Content-Length: many"), PAGE), OK, note="not a number", size=SIZE, title="Whole"),
    fault("length-empty", (head("Content-Length: "), PAGE), NETWORK, TRUNCATED, OK),
    fault("length-plus", (head(f"Content-Length: +{SIZE}"), PAGE), OK, note="not a number", size=SIZE, title="Whole"),
    fault("length-hex", (head(f"Content-Length: 0x{SIZE:x}"), PAGE), OK, note="not a number", size=SIZE, title="Whole"),
    fault("length-huge", (head("Content-Length: 99999999999999999"), PAGE), TOO_BIG, note="not kept", size=0),
    fault("length-absurd", (head("Content-Length: " + "9" * 300), PAGE), NETWORK, TOO_BIG),
    fault("length-too-small", (head(length=SIZE - 7), PAGE), OK, size=SIZE - 7),
    fault("length-zero", (head(length=0), PAGE), OK, Outcome.UNREADABLE, size=0),
    fault("length-twice-same", (answer(PAGE, f"Content-Length: {SIZE}"),), OK, size=SIZE),
    fault("length-twice-differing", (answer(PAGE, "Content-Length: 5"),), NETWORK, TRUNCATED),
    fault("length-list-same", (head(f"Content-Length: {SIZE}, {SIZE}"), PAGE), OK, NETWORK),
    fault("length-list-differing", (head(f"Content-Length: 5, {SIZE}"), PAGE), NETWORK, TRUNCATED),
    fault("length-and-chunks", (head("Transfer-Encoding: chunked", length=5), WHOLE), OK, NETWORK, title="Whole"),
    fault("endless-body", endless, TOO_BIG, note="more than 6000000 bytes", size=0),
    fault("endless-head", endless_head, Outcome.SERVER_ERROR),
)

CHUNKS = (
    fault("chunk-whole", (CHUNKED, WHOLE), OK, size=SIZE, title="Whole"),
    fault("chunk-one-byte", one_byte_chunks, OK, size=SIZE, title="Whole"),
    fault("chunk-not-hex", (CHUNKED, b"zz\r\n" + PAGE), TRUNCATED, note="2 tries", size=0),
    fault("chunk-negative", (CHUNKED, b"-5\r\n" + PAGE), TRUNCATED, size=0),
    fault("chunk-empty-size", (CHUNKED, b"\r\n" + PAGE), TRUNCATED, size=0),
    fault("chunk-0x", (CHUNKED, b"0x%x\r\n" % SIZE + PAGE + b"\r\n0\r\n\r\n"), TRUNCATED, size=0),
    fault("chunk-huge", (CHUNKED, b"ffffffffffffffff\r\n" + PAGE), TRUNCATED, size=SIZE),
    fault("chunk-absurd", (CHUNKED, b"f" * 500 + b"\r\n" + PAGE), TRUNCATED, size=0),
    fault("chunk-long-line", (CHUNKED, b"5;" + b"x" * 200_000), TRUNCATED, size=0),
    fault("chunk-no-terminator", (CHUNKED, chunk(PAGE)), TRUNCATED, size=SIZE),
    fault("chunk-no-last-line", (CHUNKED, chunk(PAGE), b"0\r\n"), TRUNCATED, OK, size=SIZE),
    fault("chunk-too-short", (CHUNKED, b"5\r\n" + PAGE + b"\r\n0\r\n\r\n"), TRUNCATED, size=5),
    fault("chunk-cut", (CHUNKED, b"%x\r\n" % SIZE + HALF), TRUNCATED, size=len(HALF)),
    fault("chunk-reset", (CHUNKED, chunk(HALF), 0.05, End.RESET), TRUNCATED, size=len(HALF)),
    fault("chunk-extension", (CHUNKED, chunk(PAGE, b';name="a value"') + b"0\r\n\r\n"), OK, size=SIZE),
    fault("chunk-trailers", (CHUNKED, chunk(PAGE) + b"0\r\nX-After: 1\r\nContent-Length: 3\r\n\r\n"), OK, size=SIZE),
    fault("chunk-trailer-broken", (CHUNKED, chunk(PAGE) + b"0\r\nno colon\r\n\r\n"), OK, TRUNCATED, size=SIZE),
    fault("chunk-trailers-endless", endless_trailers, OK, TRUNCATED, size=SIZE),
    fault("chunk-endless", endless_chunks, TOO_BIG, note="more than 6000000 bytes", size=0),
    fault("chunk-bare-lf", (CHUNKED, WHOLE.replace(b"\r\n", b"\n")), OK, TRUNCATED),
    fault("chunk-said-not-done", (CHUNKED, PAGE), OK, note="the body has none", size=SIZE, title="Whole"),
    fault("chunk-done-not-said", (head(), WHOLE), OK, size=len(WHOLE)),
    fault("coding-unknown", (head("Transfer-Encoding: rot13"), PAGE), OK, NETWORK, TRUNCATED),
    fault("coding-gzip-chunked", (head("Transfer-Encoding: gzip, chunked"), WHOLE), OK, NETWORK, TRUNCATED),
    fault("coding-twice", (head(*["Transfer-Encoding: chunked"] * 2), WHOLE), OK, NETWORK, TRUNCATED),
)

FAULTS = (*BREAKS, *STALLS, *LENGTHS, *CHUNKS)
