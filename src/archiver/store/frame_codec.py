"""The codec of one frame: a block as a zstd frame (RFC 8878) that may reference other blocks.

A frame is compressed with a *prefix*: the concatenated blocks that it references. Shared content then costs almost
nothing (`zstd --patch-from` does the same with one file). Each frame has zstd's content checksum, which detects a
damaged prefix.

Some tokens are new at every visit and occur many times in a page, such as the nonce of a Content-Security-Policy on
each script. The codec *swaps* them into the prefix first, so that each occurrence is part of a match.
"""

import re
import sys
from collections.abc import Iterator
from typing import NamedTuple

from archiver.errors import ArchiveDamaged

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FAST = 3
"""The level of deltas. Not 1 or 2: their match finder misses shared content, and deltas grow tenfold."""
QUICK = 9
"""The level of a page's first keyframe; every page of a new site has one. 3 to 15 % larger, in a seventh of the time."""
STRONG = 19
"""The level of a page's later keyframes with references, up to `SLOW_FROM` bytes."""
ALONE = 16
"""The level of later keyframes without references: within 0.5 % of level 19 in half the time."""
MIDDLE = 12
"""The level of larger keyframes, for which `STRONG` would take seconds."""
SLOW_FROM = 512 * 1024

_WINDOW_LOG = (17, 27)  # decoders refuse more than 27 (128 MB) by default; less than 17 saves nothing
_NONCE = re.compile(rb"""nonce=["']?([\w+/=-]{8,128})""")  # starts with a literal, which `re` finds fast
_FEWEST_TOKENS = 3  # occurrences of a nonce in a block that make a swap worthwhile


class Frame(NamedTuple):
    """A stored frame: the columns of `_frame` after its id.

    Attributes:
        kind: F, K or D.
        size: bytes of the block it encodes (without `tail`).
        data: the zstd frame.
        reference: the frame it references: that of the previous visit, or a keyframe.
        base: a second referenced frame, which precedes the first in the prefix.
        tail: the frame of a large body that follows the block.
        number: visits since its keyframe; 0 for a keyframe.
        depth: the number of frames to decode for it, including itself.
        mean: the running mean of the bytes of the deltas of its epoch.
        swaps: the replacements in the prefix (`swaps_to_bytes`).
    """

    kind: str
    size: int
    data: bytes
    reference: int | None = None
    base: int | None = None
    tail: int | None = None
    number: int = 0
    depth: int = 1
    mean: int = 0
    swaps: bytes | None = None

    @property
    def references(self) -> tuple[int, ...]:
        """Return the frames whose blocks form the prefix, in order."""
        return tuple(number for number in (self.base, self.reference) if number is not None)


class Swap(NamedTuple):
    """A replacement of every occurrence of `old` in a prefix by `new`."""

    old: bytes
    new: bytes


def pack(block: bytes, prefix: bytes, level: int) -> bytes:
    """Compress a block into one frame.

    Args:
        block: the exact bytes.
        prefix: the referenced blocks; b"" for a frame without references.
        level: zstd's, 1 to 19.
    """
    log = (len(block) + len(prefix)).bit_length()
    options: dict[int, int] = {
        zstd.CompressionParameter.compression_level: level,
        zstd.CompressionParameter.checksum_flag: 1,
        zstd.CompressionParameter.window_log: min(max(log, _WINDOW_LOG[0]), _WINDOW_LOG[1]),
    }
    return zstd.compress(block, options=options, zstd_dict=_as_prefix(prefix))


def unpack(data: bytes, prefix: bytes, size: int) -> bytes:
    """Decompress the block of a frame.

    Args:
        data: the frame.
        prefix: exactly the prefix it was packed with.
        size: the length of the block in bytes; no more is decoded.

    Raises:
        ArchiveDamaged: the frame or the prefix is damaged.
    """
    decoder = zstd.ZstdDecompressor(
        zstd_dict=_as_prefix(prefix), options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG[1]}
    )
    try:
        block = decoder.decompress(data, size + 1)
    except (zstd.ZstdError, MemoryError) as error:
        raise ArchiveDamaged(str(error)) from error
    if len(block) != size or not decoder.eof or decoder.unused_data:
        raise ArchiveDamaged("it has the wrong length")
    return block


def _as_prefix(prefix: bytes) -> tuple[zstd.ZstdDict, int] | None:
    return zstd.ZstdDict(prefix, is_raw=True).as_prefix if len(prefix) >= 8 else None  # noqa: PLR2004  (zstd takes none shorter)


def swaps_between(old: bytes, new: bytes) -> list[Swap]:
    """Return the swaps that are worthwhile before `new` is compressed: the nonce, when it occurs often."""
    was, now = _NONCE.search(old), _NONCE.search(new)
    if was is None or now is None or was[1] == now[1]:
        return []
    return [Swap(was[1], now[1])] if min(old.count(was[1]), new.count(now[1])) >= _FEWEST_TOKENS else []


def swapped(prefix: bytes, swaps: list[Swap]) -> bytes:
    """Return a prefix with its tokens replaced, in order."""
    for swap in swaps:
        prefix = prefix.replace(swap.old, swap.new)
    return prefix


def swaps_to_bytes(swaps: list[Swap], prefix: bytes) -> bytes | None:
    """Encode swaps: the first offset of `old` in the prefix, its length, the length of `new`, `new`; None for none.

    Numbers are LEB128.
    """
    kept = bytearray()
    for old, new in swaps:
        for number in (prefix.index(old), len(old), len(new)):
            kept += _leb128(number)
        kept += new
        prefix = prefix.replace(old, new)
    return bytes(kept) or None


def swaps_from_bytes(kept: bytes | None, prefix: bytes) -> list[Swap]:
    """Decode swaps; the inverse of `swaps_to_bytes`.

    Raises:
        ArchiveDamaged: the bytes are damaged.
    """
    swaps = []
    stream = iter(kept or b"")
    for start in _numbers(stream):
        length, new_length = next(_numbers(stream), 0), next(_numbers(stream), 0)
        swap = Swap(prefix[start : start + length], bytes(next(stream, 0) for _ in range(min(new_length, 1 << 10))))
        if not swap.old:
            raise ArchiveDamaged("its stored replacements (`swaps`) are invalid")
        swaps.append(swap)
        prefix = prefix.replace(swap.old, swap.new)
    return swaps


def _leb128(number: int) -> bytes:
    kept = bytearray()
    while number > 0x7F:  # noqa: PLR2004
        kept.append(number & 0x7F | 0x80)
        number >>= 7
    kept.append(number)
    return bytes(kept)


def _numbers(stream: Iterator[int]) -> Iterator[int]:
    number = shift = 0
    for byte in stream:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004
            yield number
            number = shift = 0
