"""Files of records: whole records are read, damaged ones are reported with their place, and nothing else is lost."""

import contextlib
import gzip
import random
import re
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import UsageError
from archiver.fetch.warc.chunked import NotChunked, unchunked
from archiver.fetch.warc.digests import Digest
from archiver.fetch.warc.package import warc_files
from archiver.model.capture import Outcome
from warcs import PAGE, URL, http, name, packed, record, response, sha1, taken

MANY = [response(PAGE + b"%d" % number, f"{URL}{number}") for number in range(12)]


def _starts(parts: list[bytes]) -> list[int]:
    starts, at = [], 0
    for part in parts:
        starts.append(at)
        at += len(part)
    return starts


@pytest.mark.parametrize("form", ["gzip", "plain", "one member"])
def test_a_good_file_is_taken_whole(tmp_path: Path, form: str) -> None:
    data = {"gzip": packed(*MANY), "plain": b"".join(MANY), "one member": gzip.compress(b"".join(MANY))}[form]
    found = taken(tmp_path, data, "a.warc" if form == "plain" else "a.warc.gz")
    assert found.urls == [f"{URL}{number}" for number in range(12)]
    assert not found.flaws
    assert found.captures[3].capture.body == PAGE + b"3"
    if form != "one member":
        parts = MANY if form == "plain" else [packed(each) for each in MANY]
        assert [each.place for each in found.captures] == _starts(parts)


@pytest.mark.parametrize("form", ["gzip", "plain"])
def test_a_file_cut_anywhere_gives_its_whole_records_and_a_fault(tmp_path: Path, form: str) -> None:
    parts = [packed(each) for each in MANY] if form == "gzip" else MANY
    data, starts = b"".join(parts), _starts(parts)
    step = max(len(data) // 60, 1)
    for cut in range(step, len(data), step):
        found = taken(tmp_path, data[:cut], "a.warc.gz" if form == "gzip" else "a.warc")
        whole = sum(start + len(part) <= cut for start, part in zip(starts, parts, strict=True))
        between = cut in starts
        assert whole <= len(found.captures) <= whole + 1  # a member without its last bytes is proved by its digest
        assert bool(found.flaws) != between
        assert all(flaw.place == starts[whole] for flaw in found.flaws)


def test_without_its_trailer_a_member_is_whole_only_by_its_digest(tmp_path: Path) -> None:
    for unproved in (False, True):
        last = response(url=f"{URL}/last", WARC_Block_Digest=None) if unproved else response(url=f"{URL}/last")
        found = taken(tmp_path, packed(MANY[0], last)[:-8])
        assert [each.is_cut for each in found.captures] == [False, unproved]
        assert found.captures[1].capture.outcome is (Outcome.TRUNCATED if unproved else Outcome.OK)
        (flaw,) = found.flaws
        assert not flaw.lost
        assert flaw.place == len(packed(MANY[0]))
        assert "ends within a gzip member" in flaw.what


def test_trailers_taken_away_in_the_middle_cost_only_their_own(tmp_path: Path) -> None:
    parts = [packed(each) for each in MANY]
    parts[4] = parts[4][:-8]
    found = taken(tmp_path, parts)
    assert found.urls == [f"{URL}{number}" for number in range(12) if number != 4]
    assert [flaw.place for flaw in found.lost] == [_starts(parts)[4]]


@pytest.mark.parametrize("form", ["gzip", "plain"])
def test_a_flipped_byte_is_never_taken_for_what_was_written(tmp_path: Path, form: str) -> None:
    chance = random.Random(7)
    parts = [packed(each) for each in MANY] if form == "gzip" else MANY
    data = b"".join(parts)
    right = {each.capture.url: each.capture.body for each in taken(tmp_path, data).captures}
    for _ in range(150):
        at = chance.randrange(len(data))
        wrong = bytearray(data)
        wrong[at] ^= 1 << chance.randrange(8)
        found = taken(tmp_path, bytes(wrong), "a.warc.gz" if form == "gzip" else "a.warc")
        assert len(found.captures) >= 11
        assert len(found.captures) == 12 or found.flaws or found.replay.contents.others
        for each in found.captures:
            if each.capture.url in right:
                assert each.capture.body == right[each.capture.url]


@pytest.mark.parametrize("length", ["", "x", "-1", "99999999999999999999", "9999999", "3"])
@pytest.mark.parametrize("proved", [True, False])
def test_a_record_with_a_wrong_length_ends_where_the_next_one_begins(tmp_path: Path, length: str, proved: bool) -> None:
    wrong = response(url=f"{URL}/wrong", Content_Length=length or None)
    if not proved:
        wrong = re.sub(rb"WARC-(Block|Payload)-Digest: .*\r\n", b"", wrong)
    for data, called in (
        (packed(MANY[0], wrong, MANY[1]), "a.warc.gz"),
        (MANY[0] + wrong + MANY[1], "a.warc"),
        (gzip.compress(MANY[0] + wrong + MANY[1]), "b.warc.gz"),
    ):
        found = taken(tmp_path, data, called)
        assert found.urls == [f"{URL}0", f"{URL}/wrong", f"{URL}1"]
        assert (found.captures[1].capture.body, found.captures[1].capture.outcome) == (PAGE, Outcome.OK)
        (flaw,) = found.flaws
        assert not flaw.lost
        if called == "b.warc.gz":
            continue
        assert "Content-Length" in flaw.what
        assert flaw.place == len(packed(MANY[0]) if called.endswith("gz") else MANY[0])


def test_bytes_between_records_are_reported(tmp_path: Path) -> None:
    found = taken(tmp_path, packed(MANY[0]) + b"rubbish" + packed(MANY[1]) + b"\0" * 512)
    assert found.urls == [f"{URL}0", f"{URL}1"]
    assert [flaw.what for flaw in found.flaws] == ["not the start of a gzip member"] * 2
    assert taken(tmp_path, b"nothing of the kind", "a.warc").flaws[-1].what == "no WARC record in it"
    assert taken(tmp_path, b"").flaws[-1].what == "no WARC record in it"


def test_many_false_beginnings_take_no_time(tmp_path: Path) -> None:
    false = b"WARC/1.0\r\nContent-Length: 999999\r\n\r\n"
    found = taken(tmp_path, false * 20_000 + MANY[0], "a.warc")
    assert found.urls == [f"{URL}0"]
    assert len(found.flaws) == 20_000


def test_headers_as_old_and_odd_writers_make_them(tmp_path: Path) -> None:
    folded = response().replace(b"WARC-Type: response", b"WARC-Type:\r\n response")
    brackets = response(url=f"<{URL}/old>", version="WARC/1.0", WARC_Block_Digest=None)
    late = b"\r\n\r\n" + response(url=f"{URL}/late", date="2022-10-22T03:00:00.123456789Z")
    found = taken(tmp_path, packed(folded, brackets, late))
    assert found.urls == [URL, f"{URL}/old", f"{URL}/late"]
    assert {f"{each.capture.visited_at:%FT%T}" for each in found.captures} == {"2022-10-22T03:00:00"}
    head = b"WARC/1.0\r\n" + b"X: " + b"y" * 300_000 + b"\r\n\r\n"
    assert "header of more than" in taken(tmp_path, packed(head)).flaws[0].what


def test_arc_files_are_read(tmp_path: Path) -> None:
    info = b"filedesc://a.arc 0.0.0.0 20221022030000 text/plain 9\n1 0 Crawl\n"
    block = http()
    one = b"%s 192.0.2.7 20221022030001 text/html %d\n%s\n" % (URL.encode(), len(block), block)
    two = b"%s 192.0.2.7 20221022030002 text/html 200 - - 0 a.arc %d\n%s\n" % (URL.encode(), len(block), block)
    for data, called in ((info + one + two, "a.arc"), (packed(info, one, two), "a.arc.gz")):
        found = taken(tmp_path, data, called)
        assert not found.flaws
        assert [each.capture.body for each in found.captures] == [PAGE, PAGE]
        assert [f"{each.capture.visited_at:%T}" for each in found.captures] == ["03:00:01", "03:00:02"]
        assert found.captures[0].capture.address == "192.0.2.7"


def test_files_without_records_are_rejected_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "z.warc.zst").write_bytes(b"\x5d\x2a\x4d\x18\x04\0\0\0\x28\xb5\x2f\xfd")
    for path, told in (
        (tmp_path, "is a folder"),
        (tmp_path / "none", "No such file"),
        (tmp_path / "z.warc.zst", "the dictionary is"),
    ):
        with pytest.raises(UsageError, match=told):
            [list(taken_again) for taken_again in map(_opened, warc_files([path]))]


def _opened(file: object) -> list[bytes]:
    with file.opened() as flow:  # type: ignore[attr-defined]
        return [flow.read(1)]


class TestDigests:
    def test_every_spelling_of_one_digest_is_the_same(self) -> None:
        data = b"payload"
        texts = [sha1(data), sha1(data).lower(), sha1(data) + "===", "SHA-1:" + Digest(sha1(data)).normal[5:].upper()]
        assert {Digest(text).normal for text in texts} == {Digest(sha1(data)).normal}
        assert all(Digest(text).matches(data) for text in texts)

    def test_one_that_is_not_known_is_not_checked(self) -> None:
        assert not any(Digest(text).is_known for text in ("", "xxh3:0011", "sha1:short", "sha1", "crc32:0"))


@given(st.lists(st.binary(max_size=40), max_size=8), st.booleans())
def test_chunks_come_back(parts: list[bytes], extended: bool) -> None:
    more = b";a=b" if extended else b""
    framed = b"".join(b"%x%s\r\n%s\r\n" % (len(part), more, part) for part in parts if part)
    assert unchunked(framed + b"0\r\n\r\n") == (b"".join(parts), True)
    assert unchunked(framed) == (b"".join(parts), False)


@given(st.binary(max_size=60))
def test_invalid_chunks_never_hang(data: bytes) -> None:
    with contextlib.suppress(NotChunked):
        assert len(unchunked(data)[0]) <= len(data)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_read_to_their_end(tmp_path: Path, data: bytes, in_gzip: bool) -> None:
    try:
        found = taken(tmp_path, (gzip.compress(data) if in_gzip else data) + packed(MANY[0]))
    except UsageError:  # it begins like a ZIP or zstd file, which is said
        assert data.startswith(b"PK") or data[1:4] in (b"\xb5\x2f\xfd", b"\x2a\x4d\x18")
        return
    assert found.flaws or found.captures


class TestAnswers:
    def test_chunked_and_packed_bodies_are_undone_and_said(self, tmp_path: Path) -> None:
        inner = gzip.compress(PAGE, mtime=0)
        framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(inner), inner)
        block = http(framed, "Transfer-Encoding: chunked", "Content-Encoding: gzip")
        found = taken(tmp_path, packed(record("response", block, WARC_Payload_Digest=sha1(inner))))
        assert not found.flaws
        capture = found.captures[0].capture
        assert (capture.body, capture.outcome, capture.status) == (PAGE, Outcome.OK, 200)
        assert capture.sent["content_encoding"] == "gzip"
        assert capture.head == block[: block.index(b"\r\n\r\n") + 4]
        framing = taken(tmp_path, packed(record("response", block, WARC_Payload_Digest=sha1(framed))))
        assert [(flaw.what, flaw.lost) for flaw in framing.flaws] == [
            ("WARC-Payload-Digest was made of the chunk framing, not of the payload", False)
        ]

    def test_a_header_that_is_not_true_any_more(self, tmp_path: Path) -> None:
        block = http(PAGE, "Transfer-Encoding: chunked", "Content-Encoding: gzip")
        (found,) = taken(tmp_path, packed(record("response", block))).captures
        assert (found.capture.body, found.capture.outcome) == (PAGE, Outcome.OK)
        assert "removed before the record was written" in found.capture.note

    @pytest.mark.parametrize(
        ("block", "outcome"),
        [
            (http(b"", "Location: /neu", status="301 Moved"), Outcome.MOVED),
            (http(b"x", status="404 Not Found"), Outcome.GONE),
            (http(b"x", status="503 Busy"), Outcome.SERVER_ERROR),
            (http(b"", status="304 Not Modified"), Outcome.NOT_MODIFIED),
            (http(b"5\r\nab", "Transfer-Encoding: chunked"), Outcome.TRUNCATED),
            (http(b"\x1f\x8bbroken", "Content-Encoding: gzip"), Outcome.UNREADABLE),
            (http(PAGE).replace(b"\r\n", b"\n"), Outcome.OK),
        ],
    )
    def test_what_an_answer_is(self, tmp_path: Path, block: bytes, outcome: Outcome) -> None:
        (found,) = taken(tmp_path, packed(record("response", block))).captures
        assert found.capture.outcome is outcome
        assert found.capture.head.endswith(b"\r\n\r\n")

    def test_truncated_says_so(self, tmp_path: Path) -> None:
        (cut,) = taken(tmp_path, packed(response(WARC_Truncated="disconnect"))).captures
        assert (cut.capture.outcome, cut.capture.body) == (Outcome.TRUNCATED, PAGE)
        (big,) = taken(tmp_path, packed(response(b"", WARC_Truncated="length"))).captures
        assert big.capture.outcome is Outcome.TOO_BIG

    def test_a_bomb_and_a_big_body_keep_their_heads(self, tmp_path: Path) -> None:
        bomb = http(gzip.compress(bytes(50_000_000)), "Content-Encoding: gzip")
        found = taken(tmp_path, packed(record("response", bomb), record("response", http(bytes(12_000_000)))))
        assert [each.capture.outcome for each in found.captures] == [Outcome.TOO_BIG] * 2
        assert all(each.capture.body == b"" and each.capture.head for each in found.captures)
        assert not found.lost

    def test_what_is_no_capture_of_a_page_is_counted(self, tmp_path: Path) -> None:
        found = taken(
            tmp_path,
            packed(
                record("warcinfo", b"software: spider/1.0\r\n", None),
                record("resource", b"{}", f"urn:pageinfo:{URL}", Content_Type="application/json"),
                record("resource", b"{}", f"urn:thumbnail:{URL}", Content_Type="image/png"),
                record("resource", b"{}", f"urn:pageinfo:{URL}/2", Content_Type="application/json"),
                record("response", b"20221022", "dns:portal.example", Content_Type="text/dns"),
                record("conversion", b"{}", f"urn:record:{URL}", Content_Type="application/json"),
                record("strange", b"?", None),
            ),
        )
        assert not found.captures
        assert not found.flaws
        assert found.replay.contents.others == {
            "resource urn:pageinfo:": 2,
            "resource urn:thumbnail:": 1,
            "response dns:": 1,
            "conversion urn:record:": 1,
            "strange": 1,
        }
        assert found.replay.contents.software == "spider/1.0"

    def test_what_is_none_at_all_is_told(self, tmp_path: Path) -> None:
        wrong = [
            record("response", b"no status line\r\n\r\nbody"),
            record("response", http(), date="yesterday"),
            record("response", http(), WARC_Block_Digest=sha1(b"other")),
            record("response", http(), WARC_Block_Digest=None, WARC_Payload_Digest=sha1(b"other")),
            record("revisit", b"", WARC_Profile="http://example.org/mine"),
        ]
        found = taken(tmp_path, packed(*wrong))
        assert not found.captures
        assert len(found.lost) == 5
        assert all(flaw.record_id for flaw in found.lost)


def test_the_request_is_found_before_and_behind(tmp_path: Path) -> None:
    asked = b"GET /tin/1 HTTP/1.1\r\nHost: portal.example\r\nUser-Agent: spider\r\n\r\n"
    answer = response()
    own = name(("response", URL, "2022-10-22T03:00:00Z", http()))
    request = record("request", asked, WARC_Concurrent_To=own)
    alike = record("request", asked)
    stranger = record("request", asked.replace(b"spider", b"other"), f"{URL}/other", WARC_Concurrent_To=name("x"))
    for parts in ((request, answer), (answer, request), (alike, answer), (stranger, answer, alike)):
        (found,) = taken(tmp_path, packed(*parts)).captures
        assert found.capture.request_head == b"Host: portal.example\r\nUser-Agent: spider\r\n"
    form = b"POST /tin/1 HTTP/1.1\r\nHost: portal.example\r\n\r\na=1&b=2"
    (found,) = taken(tmp_path, packed(answer, record("request", form))).captures
    assert (found.capture.request.method, found.capture.request.content) == ("POST", b"a=1&b=2")


def test_a_gzip_member_with_a_wrong_checksum_is_rejected(tmp_path: Path) -> None:
    part = bytearray(packed(MANY[1]))
    part[-8:-4] = struct.pack("<I", 1)
    found = taken(tmp_path, [packed(MANY[0]), bytes(part), packed(MANY[2])])
    assert found.urls == [f"{URL}0", f"{URL}2"]
    assert "incorrect data check" in found.flaws[0].what
