"""Faults of the content-encoding: wrong, nested, unknown, broken off, empty, and bombs."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from functools import cache
from random import Random

import brotli

from archiver.model.capture import Outcome

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from hostile.server import LOST, PAGE, Asked, Part, Said, answer, fault, head

OK, TRUNCATED, TOO_BIG, UNREADABLE = Outcome.OK, Outcome.TRUNCATED, Outcome.TOO_BIG, Outcome.UNREADABLE
SIZE = len(PAGE)
KEPT = "kept as it was sent"
PLAIN = "was named and not applied"
ZIPPED = gzip.compress(PAGE, mtime=0)
ZIPPED_LOST = gzip.compress(LOST, mtime=0)
EMPTY = gzip.compress(b"", mtime=0)
ZSTD = b"\x28\xb5\x2f\xfd\x24\x05\x29\x00\x00hello\x8d\x5a\x2b\x7d"  # its checksum is not that of its bytes
BROTLI = brotli.compress(PAGE)


def coded(body: bytes, *encodings: str) -> Said:
    """Return a body with the declared encodings."""
    return (answer(body, *(f"Content-Encoding: {each}" for each in encodings)),)


def raw_deflate(body: bytes) -> bytes:
    """Return deflate data without the zlib wrapper, as some old servers send it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@cache
def bomb(megabytes: int, times: int = 1) -> bytes:
    """Return zeros, compressed several times."""
    if times > 1:
        return gzip.compress(bomb(megabytes, times - 1), mtime=0)
    packer = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()


def bombs(megabytes: int, times: int = 1) -> Iterator[Part]:
    """Make a decompression bomb when it is requested."""
    yield answer(bomb(megabytes, times), f"Content-Encoding: {', '.join(['gzip'] * times)}")


def endless_gzip(_: Asked) -> Iterator[Part]:
    """Send gzip without end."""
    packer = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
    noise = Random(1).randbytes(100_000)
    yield head("Content-Encoding: gzip") + packer.compress(noise) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(noise) + packer.flush(zlib.Z_FULL_FLUSH)
    while True:
        yield block


def endless_members(_: Asked) -> Iterator[Part]:
    """Send empty gzip members without end."""
    yield head("Content-Encoding: gzip")
    while True:
        yield EMPTY * 5000


def shifted_crc(packed: bytes) -> bytes:
    """Return gzip with a wrong checksum."""
    return packed[:-8] + bytes(byte ^ 0xFF for byte in packed[-8:-4]) + packed[-4:]


TRUE = (
    fault("gzip", coded(ZIPPED, "gzip"), OK, size=SIZE, title="Whole"),
    fault("gzip-x", coded(ZIPPED, "x-gzip"), OK, size=SIZE, title="Whole"),
    fault("gzip-capitals", coded(ZIPPED, "GZip"), OK, size=SIZE, title="Whole"),
    fault("gzip-comma", coded(ZIPPED, ", gzip ,"), OK, size=SIZE, title="Whole"),
    fault("gzip-twice", coded(gzip.compress(ZIPPED, mtime=0), "gzip, gzip"), OK, size=SIZE, title="Whole"),
    fault(
        "gzip-twice-two-headers", coded(gzip.compress(ZIPPED, mtime=0), "gzip", "gzip"), OK, size=SIZE, title="Whole"
    ),
    fault("gzip-in-deflate", coded(zlib.compress(ZIPPED), "gzip, deflate"), OK, size=SIZE, title="Whole"),
    fault(
        "gzip-two-members",
        coded(gzip.compress(PAGE[:90], mtime=0) + gzip.compress(PAGE[90:], mtime=0), "gzip"),
        OK,
        size=SIZE,
    ),
    fault("gzip-empty-members", coded(EMPTY * 20 + ZIPPED + EMPTY * 20, "gzip"), OK, size=SIZE, title="Whole"),
    fault("gzip-then-rubbish", coded(ZIPPED + b"\0\0\0rubbish", "gzip"), OK, size=SIZE, title="Whole"),
    fault(
        "gzip-chunked",
        (
            head("Content-Encoding: gzip", "Transfer-Encoding: chunked"),
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(ZIPPED), ZIPPED),
        ),
        OK,
        size=SIZE,
    ),
    fault("deflate", coded(zlib.compress(PAGE), "deflate"), OK, size=SIZE, title="Whole"),
    fault("deflate-raw", coded(raw_deflate(PAGE), "deflate"), OK, size=SIZE, title="Whole"),
    fault("identity", coded(PAGE, "identity"), OK, size=SIZE, title="Whole"),
    fault("encoding-empty", coded(PAGE, ""), OK, size=SIZE, title="Whole"),
)

LIES = (
    fault("gzip-said-plain-sent", coded(PAGE, "gzip"), OK, note=PLAIN, size=SIZE, title="Whole"),
    fault("deflate-said-plain-sent", coded(PAGE, "deflate"), OK, note=PLAIN, size=SIZE, title="Whole"),
    fault("gzip-said-deflate-sent", coded(zlib.compress(PAGE), "gzip"), UNREADABLE, note=KEPT),
    fault("deflate-said-gzip-sent", coded(ZIPPED, "deflate"), UNREADABLE, note=KEPT, size=len(ZIPPED)),
    fault("gzip-sent-unsaid", coded(ZIPPED), OK, note="gzip data", size=len(ZIPPED)),
    fault("gzip-said-twice-sent-once", coded(ZIPPED, "gzip, gzip"), OK, size=SIZE, title="Whole"),
    fault(
        "gzip-said-four-times", coded(ZIPPED, "gzip, gzip, gzip, gzip"), UNREADABLE, note="4 nested", size=len(ZIPPED)
    ),
    fault("gzip-broken-header", coded(b"\x1f\x8b\x08" + b"\xff" * 30, "gzip"), UNREADABLE),
    fault("gzip-broken-middle", coded(ZIPPED[:30] + b"\xff" * 20 + ZIPPED[50:], "gzip"), UNREADABLE, TRUNCATED),
    fault("gzip-wrong-checksum", coded(shifted_crc(ZIPPED), "gzip"), OK, note="checksum", size=SIZE),
    fault("gzip-cut", coded(ZIPPED[:-12], "gzip"), TRUNCATED, note="broke off"),
    fault("gzip-cut-in-trailer", coded(ZIPPED[:-4], "gzip"), TRUNCATED, note="broke off", size=SIZE),
    fault("gzip-header-only", coded(ZIPPED[:10], "gzip"), TRUNCATED, note="broke off", size=0),
    fault("gzip-one-byte", coded(b"\x1f", "gzip"), TRUNCATED, note="broke off"),
    fault("gzip-nothing", coded(b"", "gzip"), OK, note="empty", size=0),
    fault("gzip-empty", coded(EMPTY, "gzip"), OK, note="empty", size=0),
    fault("gzip-on-404", (answer(ZIPPED_LOST, "Content-Encoding: gzip", status="404 No"),), Outcome.GONE, size=SIZE),
    fault("gzip-lie-on-404", (answer(LOST, "Content-Encoding: gzip", status="404 No"),), Outcome.GONE),
    fault(
        "gzip-lie-on-302", (answer(PAGE, "Content-Encoding: gzip", "Location: /gzip", status="302 Go"),), Outcome.MOVED
    ),
    fault("gzip-cut-on-410", (answer(ZIPPED[:30], "Content-Encoding: gzip", status="410 Gone"),), Outcome.GONE),
    fault("gzip-cut-body", (head("Content-Encoding: gzip", length=len(ZIPPED)), ZIPPED[:60]), TRUNCATED),
    fault("zstd", coded(zstd.compress(PAGE), "zstd"), OK, size=SIZE, title="Whole"),
    fault("zstd-broken", coded(ZSTD, "zstd"), UNREADABLE, note=KEPT, size=len(ZSTD)),
    fault("brotli", coded(BROTLI, "br"), OK, size=SIZE, title="Whole"),
    fault("brotli-cut", coded(BROTLI[:-9], "br"), TRUNCATED, note="broke off"),
    fault("zstd-lie", coded(PAGE, "zstd"), OK, note=PLAIN, size=SIZE, title="Whole"),
    fault("brotli-lie", coded(PAGE, "br"), OK, note=PLAIN, size=SIZE, title="Whole"),
    fault("encoding-unknown", coded(PAGE, "rot13"), OK, note=PLAIN, size=SIZE, title="Whole"),
    fault("encoding-utf8", coded(PAGE, "UTF-8"), OK, note=PLAIN, size=SIZE, title="Whole"),
    fault("encoding-none", coded(PAGE, "none"), OK, note=PLAIN, size=SIZE, title="Whole"),
    fault("encoding-non-ascii", coded(PAGE, "gzip\u00e9"), OK, note=PLAIN, size=SIZE, title="Whole"),
    fault("encoding-long", coded(PAGE, "x" * 5000), OK, note=PLAIN, size=SIZE, title="Whole"),
    fault("encoding-list-long", coded(PAGE, ", ".join(["gzip"] * 900)), UNREADABLE, note="900 nested", size=SIZE),
)

BOMBS = (
    fault("bomb", lambda _: bombs(60), TOO_BIG, note="more than 6000000 bytes", size=0),
    fault("bomb-in-bomb", lambda _: bombs(60, 2), TOO_BIG, note="not kept", size=0),
    fault("bomb-in-bomb-in-bomb", lambda _: bombs(60, 3), TOO_BIG, note="not kept", size=0),
    fault("bomb-members", coded(gzip.compress(bytes(1_000_000), mtime=0) * 50, "gzip"), TOO_BIG, size=0),
    fault("members-20k", coded(EMPTY * 20_000, "gzip"), UNREADABLE, note="gzip members"),
    fault("gzip-endless", endless_gzip, TOO_BIG, size=0),
    fault("members-endless", endless_members, TOO_BIG, size=0),
)

FAULTS = (*TRUE, *LIES)
