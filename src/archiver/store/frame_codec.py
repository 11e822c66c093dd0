"""The codec of one frame: a block as a zstd frame (RFC 8878) that may lean on other blocks.

A frame is coded with a *prefix*, the blocks it leans on laid end to end, so that what they share costs nothing
(`zstd --patch-from` does the same with one file). Each frame carries zstd's content checksum: a frame decoded with
a prefix that is damaged would else be wrong without a word.

Some tokens are new at every visit and stand many times in a page (the nonce of a Content-Security-Policy on each
script). They are *swapped* into the prefix first: then each of them is part of a match, and not forty new literals.
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
"""The level of deltas. Never 1 or 2: their match finder misses what two pages share, deltas grow tenfold."""
QUICK = 9
"""The level of a page's first keyframe: of a new site each page has one. 3 to 15 % larger, at a seventh of the time."""
STRONG = 19
"""The level of a page's later keyframes, which lean on others, up to `SLOW_FROM` bytes."""
ALONE = 16
"""The level of later keyframes that stand alone: within 0.5 % of 19 at half the time."""
MIDDLE = 12
"""The level of larger keyframes, where `STRONG` would take seconds."""
SLOW_FROM = 512 * 1024

_WINDOW_LOG = (17, 27)  # a decoder refuses more than 27 (128 MB) unless told; less than 17 saves nothing
_NONCE = re.compile(rb"""nonce=["']?([\w+/=-]{8,128})""")  # begins with a word, which `re` finds fast
_FEWEST_TOKENS = 3  # times a nonce must stand in a block to be worth a swap


class Frame(NamedTuple):
    """A frame as it is kept; the columns of `_frame` after its number.

    Attributes:
        kind: F, K or D.
        size: bytes of the block it stands for (without `tail`).
        data: the zstd frame.
        reference: the frame it leans on; the previous visit, or a keyframe.
        base: a second one, laid before the first.
        tail: the frame of a large body that follows the block.
        number: how many visits after its keyframe; 0 for a keyframe.
        depth: how many frames have to be decoded for it, itself among them.
        mean: bytes of the deltas of its epoch, a running mean.
        swaps: what is replaced in the prefix (`swaps_to_bytes`).
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
    def leans_on(self) -> tuple[int, ...]:
        """The frames whose blocks are its prefix, in the order they are laid."""
        return tuple(number for number in (self.base, self.reference) if number is not None)


class Swap(NamedTuple):
    """Every occurrence of `old` in a prefix is read as `new`."""

    old: bytes
    new: bytes


def pack(block: bytes, prefix: bytes, level: int) -> bytes:
    """A block as one frame.

    Args:
        block: the exact bytes.
        prefix: what the frame leans on; b"" for a frame that stands alone.
        level: zstd's, 3 to 19.
    """
    log = (len(block) + len(prefix)).bit_length()
    options: dict[int, int] = {
        zstd.CompressionParameter.compression_level: level,
        zstd.CompressionParameter.checksum_flag: 1,
        zstd.CompressionParameter.window_log: min(max(log, _WINDOW_LOG[0]), _WINDOW_LOG[1]),
    }
    return zstd.compress(block, options=options, zstd_dict=_as_prefix(prefix))


def unpack(data: bytes, prefix: bytes, size: int) -> bytes:
    """The block of a frame.

    Args:
        data: the frame.
        prefix: exactly what it was packed with.
        size: the length of the block; no more is ever decoded.

    Raises:
        ArchiveDamaged: frame or prefix is not what was written.
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
    """The tokens of `old` that are worth replacing before `new` is coded: the nonce, when it stands often."""
    was, now = _NONCE.search(old), _NONCE.search(new)
    if was is None or now is None or was[1] == now[1]:
        return []
    return [Swap(was[1], now[1])] if min(old.count(was[1]), new.count(now[1])) >= _FEWEST_TOKENS else []


def swapped(prefix: bytes, swaps: list[Swap]) -> bytes:
    """A prefix with its tokens replaced, in order."""
    for swap in swaps:
        prefix = prefix.replace(swap.old, swap.new)
    return prefix


def swaps_to_bytes(swaps: list[Swap], prefix: bytes) -> bytes | None:
    """Swaps as they are kept: where `old` first stands in the prefix, its length, `new`'s length, `new`; None for none.

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
    """The inverse of `swaps_to_bytes`.

    Raises:
        ArchiveDamaged: the bytes are not what was written.
    """
    swaps = []
    stream = iter(kept or b"")
    for start in _numbers(stream):
        length, new_length = next(_numbers(stream), 0), next(_numbers(stream), 0)
        swap = Swap(prefix[start : start + length], bytes(next(stream, 0) for _ in range(min(new_length, 1 << 10))))
        if not swap.old:
            raise ArchiveDamaged("its swaps are not what was written")
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
