"""Frames: a block decodes byte for byte with its prefix; another prefix or altered data never gives another block."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.errors import ArchiveDamaged
from archiver.store.frame_codec import (
    ALONE,
    FAST,
    MIDDLE,
    QUICK,
    STRONG,
    Swap,
    pack,
    swapped,
    swaps_between,
    swaps_from_bytes,
    swaps_to_bytes,
    unpack,
)
from trials import lasting

LEVELS = st.sampled_from([FAST, QUICK, MIDDLE, ALONE, STRONG])
TEMPLATE = b"".join(
    b"<p class=t%d>ph\xc6\xb0\xe1\xbb\x9dng %d</p>" % (number % 7, number * number) for number in range(300)
)
BLOCKS = st.binary(max_size=200) | st.builds(
    lambda start, length, more: TEMPLATE[start : start + length] + more,
    st.integers(0, len(TEMPLATE)),
    st.integers(0, len(TEMPLATE)),
    st.binary(max_size=60),
)
LONG = settings(max_examples=lasting(100, 5000))


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A block and what became of it: parts cut out, put in, moved and doubled."""
    old = draw(BLOCKS)
    new = old
    for _ in range(draw(st.integers(0, 6))):
        start, end = sorted((draw(st.integers(0, len(new))), draw(st.integers(0, len(new)))))
        put = draw(st.binary(max_size=30) | st.just(new[start:end] * 2) | st.just(b""))
        new = new[:start] + put + new[end:]
    return old, new


@pytest.mark.soak
@LONG
@given(edited(), LEVELS)
def test_a_block_comes_back_from_its_delta(pair: tuple[bytes, bytes], level: int) -> None:
    old, new = pair
    for prefix, block in ((old, new), (new, old), (b"", new), (old, old)):
        assert unpack(pack(block, prefix, level), prefix, len(block)) == block


@pytest.mark.soak
@LONG
@given(edited(), st.integers(0), st.integers(0, 7))
def test_a_delta_with_another_prefix_is_damage_or_the_same_block(
    pair: tuple[bytes, bytes], place: int, bit: int
) -> None:
    prefix, block = pair
    data = pack(block, prefix, FAST)
    other = bytearray(prefix or b"\x00")
    other[place % len(other)] ^= 1 << bit
    for wrong in (bytes(other), prefix[:-1], prefix + b"x", b""):
        with contextlib.suppress(ArchiveDamaged):
            assert unpack(data, wrong, len(block)) == block


@pytest.mark.soak
@LONG
@given(edited(), st.integers(0), st.integers(0, 7))
def test_a_flipped_bit_is_damage_or_the_same_block(pair: tuple[bytes, bytes], place: int, bit: int) -> None:
    prefix, block = pair
    data = bytearray(pack(block, prefix, FAST))
    data[place % len(data)] ^= 1 << bit
    with contextlib.suppress(ArchiveDamaged):
        assert unpack(bytes(data), prefix, len(block)) == block
    with pytest.raises(ArchiveDamaged):
        unpack(pack(block, prefix, FAST), prefix, len(block) + 1)
    with pytest.raises(ArchiveDamaged):
        unpack(pack(block, prefix, FAST)[:-1], prefix, len(block))


TOKENS = st.text("abcXYZ019+/=-", min_size=8, max_size=128).map(str.encode)


@pytest.mark.soak
@LONG
@given(BLOCKS, st.lists(st.tuples(TOKENS, st.binary(min_size=1, max_size=300)), max_size=4))
def test_swaps_come_back_from_their_bytes(block: bytes, tokens: list[tuple[bytes, bytes]]) -> None:
    prefix, swaps = block + b"".join(old for old, _ in tokens), list[Swap]()
    left = prefix
    for old, new in tokens:
        if old in left:
            swaps.append(Swap(old, new))
            left = left.replace(old, new)
    assert swaps_from_bytes(swaps_to_bytes(swaps, prefix), prefix) == swaps
    assert swapped(prefix, swaps) == left


@given(BLOCKS, TOKENS, TOKENS, st.integers(0, 6))
def test_a_frequent_nonce_is_swapped(block: bytes, old: bytes, new: bytes, times: int) -> None:
    was, now = (block + b'<script nonce="%s">' % token * times for token in (old, new))
    swaps = swaps_between(was, now)
    assert unpack(pack(now, swapped(was, swaps), FAST), swapped(was, swaps), len(now)) == now
    assert swaps_from_bytes(swaps_to_bytes(swaps, was), was) == swaps


@given(st.binary(max_size=40), BLOCKS)
def test_invalid_bytes_are_damage_or_some_swaps(kept: bytes, prefix: bytes) -> None:
    with contextlib.suppress(ArchiveDamaged):
        assert all(swap.old for swap in swaps_from_bytes(kept, prefix))
