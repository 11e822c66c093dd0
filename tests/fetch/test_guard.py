"""Limits: encodings are removed within a limit, decompression bombs are stopped, damaged data is reported."""

import gzip
import sys
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from archiver.fetch.guard import CannotDecode, LimitedBody, NotEncoded, TooBig, undo

LIMIT = 100_000


@given(st.binary(max_size=2000))
def test_what_was_encoded_comes_back(body: bytes) -> None:
    raw = zlib.compressobj(wbits=-15)
    assert undo("gzip", gzip.compress(body), LIMIT).body == body
    assert undo("x-gzip", gzip.compress(body[:7]) + gzip.compress(body[7:]), LIMIT).body == body
    assert undo("deflate", zlib.compress(body), LIMIT).body == body
    assert undo("deflate", raw.compress(body) + raw.flush(), LIMIT).body == body
    assert undo("gzip, identity, gzip", gzip.compress(gzip.compress(body)), LIMIT).body == body
    assert undo("br", brotli.compress(body), LIMIT).body == body
    assert undo("zstd", zstd.compress(body), LIMIT).body == body


def test_a_bomb_is_stopped_while_it_unpacks() -> None:
    bomb = gzip.compress(b"0" * 5_000_000)
    assert len(bomb) < 10_000
    with pytest.raises(TooBig):
        undo("gzip", bomb, LIMIT)
    with pytest.raises(TooBig):
        undo("gzip, gzip", gzip.compress(bomb), LIMIT)
    with pytest.raises(TooBig):
        undo("gzip", gzip.compress(b"0" * 60_000) * 2, LIMIT)
    for encoding, pack in (("br", brotli.compress), ("zstd", zstd.compress)):
        with pytest.raises(TooBig):
            undo(encoding, pack(b"0" * 5_000_000), LIMIT)


@pytest.mark.parametrize("encoding", ["br", "compress", "gzip,gzip,gzip,gzip", "gzip"])
def test_a_failed_decoding_is_noted(encoding: str) -> None:
    with pytest.raises(CannotDecode):
        undo(encoding, b"no gzip at all", LIMIT)


@pytest.mark.parametrize(
    "encoding",
    [
        "gzip",
        "x-gzip",
        "br",
        "deflate",
        "zstd",
        "none",
        "utf-8",
        "UTF8",
        "binary",
        "aws-chunked",
        "gzip, gzip",
        "rot13",
    ],
)
@pytest.mark.parametrize("body", [b"<!doctype html><p>x", b"\xef\xbb\xbf\r\n<html>", b'{"a": 1}', b"%PDF-1.4 \xff\xfe"])
def test_an_encoding_that_was_not_applied_is_told_from_a_broken_one(encoding: str, body: bytes) -> None:
    with pytest.raises(NotEncoded):
        undo(encoding, body, 1000)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("rot13", b"uryyb"),
        ("base64", b"aGVsbG8="),
        ("gzip", b"\x1f\x8bxx"),
        ("br", b"\x00\xff\xfe"),
        ("none", b"\x00\x01"),
    ],
)
def test_data_that_may_be_encoded_is_not_called_plain(encoding: str, body: bytes) -> None:
    with pytest.raises(CannotDecode) as error:
        undo(encoding, body, 1000)
    assert not isinstance(error.value, NotEncoded)


def test_an_encoding_that_was_applied_fewer_times_than_named_is_undone_once() -> None:
    assert undo("gzip, gzip", gzip.compress(b"<p>x"), 1000).body == b"<p>x"


def test_rubbish_after_a_member_is_ignored() -> None:
    assert undo("gzip", gzip.compress(b"page") + b"rubbish", LIMIT).body == b"page"


@given(st.binary(min_size=50, max_size=2000), st.data())
def test_data_that_breaks_off_is_never_called_whole(body: bytes, data: st.DataObject) -> None:
    sent = gzip.compress(body)
    undone = undo("gzip", sent[: data.draw(st.integers(1, len(sent) - 1))], LIMIT)
    assert not undone.whole
    assert body.startswith(undone.body)
    for encoding, whole in (("br", brotli.compress(body)), ("zstd", zstd.compress(body))):
        undone = undo(encoding, whole[: data.draw(st.integers(1, len(whole) - 1))], LIMIT)
        assert not undone.whole
        assert body.startswith(undone.body)


def test_without_its_library_brotli_is_reported_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "brotli", None)
    with pytest.raises(CannotDecode, match="needs the package brotli"):
        undo("br", brotli.compress(b"page"), LIMIT)


def test_a_window_above_the_limit_is_rejected() -> None:
    wide = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    with pytest.raises(CannotDecode):
        undo("zstd", wide.compress(b"page " * 1000) + wide.flush(), LIMIT)


def test_a_body_of_nothing_but_members_is_refused() -> None:
    with pytest.raises(CannotDecode, match="1000 gzip members"):
        undo("gzip", gzip.compress(b"") * 1001, LIMIT)


def test_a_body_is_counted_while_it_comes() -> None:
    taken = LimitedBody(10)
    taken.add(b"12345")
    taken.add(b"67890")
    with pytest.raises(TooBig):
        taken.add(b"1")
    assert taken.body == b"1234567890"
