"""Variants of WARC and ARC that other readers read: each comes in, with its body, and what is odd is reported."""

import gzip
import sys
from pathlib import Path

import pytest

from archiver.fetch.warc.dates import form_fault, moment_of
from archiver.fetch.warc.starts import arc_line
from archiver.model.capture import Outcome
from warcs import PAGE, URL, Taken, http, name, packed, record, response, taken

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BOM = b"\xef\xbb\xbf"
FIRST, LAST = response(url=f"{URL}/first"), response(url=f"{URL}/last")
_INFO = b"filedesc://a.arc 0.0.0.0 20221022030000 text/plain 9\n1 0 Crawl\n"


def _bare(block: bytes = http(), length: int | None = None) -> bytes:
    """Return a response without digests, with any length."""
    stated = str(len(block) if length is None else length)
    return record("response", block, WARC_Block_Digest=None, Content_Length=stated)


def _told(found: Taken) -> str:
    assert not found.lost
    return "; ".join(flaw.what for flaw in found.flaws)


class TestLengths:
    @pytest.mark.parametrize("off", [-700, -100, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 30, 100, 700, 900, 3000])
    @pytest.mark.parametrize("form", ["plain", "gzip", "one member", "zstd"])
    def test_a_length_that_is_off_costs_nothing(self, tmp_path: Path, off: int, form: str) -> None:
        parts = (FIRST, _bare(length=len(http()) + off), LAST)
        data = {
            "plain": b"".join(parts),
            "gzip": packed(*parts),
            "one member": gzip.compress(b"".join(parts)),
            "zstd": b"".join(zstd.compress(each) for each in parts),
        }[form]
        found = taken(tmp_path, data, "a.warc")
        assert found.urls == [f"{URL}/first", URL, f"{URL}/last"]
        assert (found.captures[1].capture.body, found.captures[1].capture.outcome) == (PAGE, Outcome.OK)
        assert f"({off:+d})" in _told(found)

    def test_the_last_record_of_a_file_may_be_off_too(self, tmp_path: Path) -> None:
        for off in (-9, -1, 1, 2, 4):
            found = taken(tmp_path, FIRST + _bare(length=len(http()) + off), "a.warc")
            assert [each.capture.body for each in found.captures] == [PAGE, PAGE]
            assert found.captures[1].capture.outcome is Outcome.OK

    def test_a_record_that_nothing_closes_is_truncated(self, tmp_path: Path) -> None:
        broken = _bare(http(PAGE[:300]).replace(b"300", b"%d" % len(PAGE)), length=len(http()))
        found = taken(tmp_path, FIRST + broken[:-4] + b"\n" + LAST, "a.warc")
        assert [each.capture.outcome for each in found.captures] == [Outcome.OK, Outcome.TRUNCATED, Outcome.OK]
        assert "without the line ends" in _told(found)

    @pytest.mark.parametrize("form", ["plain", "gzip"])
    def test_a_record_that_is_cut_at_the_end_is_kept_as_truncated(self, tmp_path: Path, form: str) -> None:
        for cut in (60, 300, 700, 800):
            whole = LAST if form == "plain" else gzip.compress(LAST, 0)
            found = taken(tmp_path, (FIRST if form == "plain" else packed(FIRST)) + whole[:-cut], "a.warc")
            first, last = found.captures
            assert (first.capture.outcome, last.capture.outcome) == (Outcome.OK, Outcome.TRUNCATED)
            assert PAGE.startswith(last.capture.body)
            assert "the file ends within" in _told(found)

    def test_a_record_that_is_cut_in_its_headers_is_lost(self, tmp_path: Path) -> None:
        found = taken(tmp_path, FIRST + LAST[:100], "a.warc")
        assert found.urls == [f"{URL}/first"]
        assert [flaw.what for flaw in found.lost] == ["the file or the member ends within a record's header"]

    @pytest.mark.parametrize("cut", [1, 2, 3, 4, 700, 900, 1000])
    def test_a_member_that_ends_early_does_not_take_the_next_record(self, tmp_path: Path, cut: int) -> None:
        found = taken(tmp_path, packed(FIRST, _bare()[:-cut], LAST))
        assert found.urls == [f"{URL}/first", *([URL] if cut < 900 else []), f"{URL}/last"]
        assert len(found.lost) == (cut >= 900)
        assert found.captures[-1].capture.outcome is found.captures[0].capture.outcome is Outcome.OK

    def test_a_page_that_quotes_a_record_is_not_divided(self, tmp_path: Path) -> None:
        quoting = b"<pre>\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\n\r\n</pre>" + PAGE
        for off in (-2, 1):
            found = taken(tmp_path, FIRST + _bare(http(quoting), len(http(quoting)) + off) + LAST, "a.warc")
            assert [each.capture.body for each in found.captures] == [PAGE, quoting, PAGE]

    def test_a_good_length_with_other_line_ends(self, tmp_path: Path) -> None:
        for end in (b"", b"\n", b"\n\n", b"\r\n", b"\r\r\n\r\r\n", b"\r\n\r\n\r\n\r\n"):
            found = taken(tmp_path, FIRST + _bare()[:-4] + end + LAST, "a.warc")
            assert [each.capture.body for each in found.captures] == [PAGE] * 3
            assert ("not closed" in _told(found)) is not end.startswith(b"\r\n\r\n")


class TestHeaders:
    @pytest.mark.parametrize("end", [b"\n", b"\r\r\n"])
    def test_line_ends_of_a_file(self, tmp_path: Path, end: bytes) -> None:
        head, _, _ = response().partition(b"\r\n\r\n")
        wrong = head.replace(b"\r\n", end) + end * 2 + http() + b"\r\n\r\n"
        assert taken(tmp_path, FIRST + wrong + LAST, "a.warc").urls == [f"{URL}/first", URL, f"{URL}/last"]
        block = http().replace(b"\r\n", end)
        found = taken(tmp_path, FIRST + head.replace(b"\r\n", end) + end * 2 + block + end * 2 + LAST, "a.warc")
        assert found.urls == [f"{URL}/first", f"{URL}/last"]  # it is not what its digest says
        bare = _bare(block).replace(b"\r\n", end)
        (capture,) = (each.capture for each in taken(tmp_path, bare, "a.warc").captures)
        assert (capture.body, capture.head) == (PAGE, http()[: -len(PAGE)])

    @pytest.mark.parametrize(
        "field",
        [
            b'WARC-Filename: "foo\nbar"',
            b'WARC-Filename: "foo\r\nbar: baz"',
            b'WARC-Filename: "foo\r\n bar"',
            b'WARC-Filename: "foo',
            b'WARC-Filename: "foo \\" bar\n\\" baz"',
            b"a line without a colon",
            b"X-Latin: caf\xe9",
        ],
    )
    def test_fields(self, tmp_path: Path, field: bytes) -> None:
        wrong = FIRST.replace(b"WARC-Record-ID", field + b"\r\nWARC-Record-ID")
        found = taken(tmp_path, wrong + LAST, "a.warc")
        assert found.urls == [f"{URL}/first", f"{URL}/last"]
        assert all(each.record_id for each in found.captures)
        _told(found)

    def test_a_byte_order_mark(self, tmp_path: Path) -> None:
        for data in (
            BOM + FIRST + BOM + LAST,
            BOM + packed(FIRST, LAST),
            packed(BOM + FIRST, LAST),
            BOM + zstd.compress(FIRST) + zstd.compress(LAST),
        ):
            found = taken(tmp_path, data)
            assert found.urls == [f"{URL}/first", f"{URL}/last"]
            assert "a byte order mark" in _told(found)

    def test_a_header_that_another_record_cuts_costs_itself(self, tmp_path: Path) -> None:
        found = taken(tmp_path, FIRST + response()[:80] + b"\r\n" + LAST, "a.warc")
        assert found.urls == [f"{URL}/first", f"{URL}/last"]
        assert len(found.lost) == 1


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2020-01-02T10:04:05+07:00", "2020-01-02T03:04:05"),
        ("2020-01-01T23:34:05-0330", "2020-01-02T03:04:05"),
        ("2020-01-02 03:04:05", "2020-01-02T03:04:05"),
        ("2020-01-02 03:04:05 UTC", "2020-01-02T03:04:05"),
        ("20200102030405", "2020-01-02T03:04:05"),
        ("20200102030405123", "2020-01-02T03:04:05"),
        ("202001020304", "2020-01-02T03:04:00"),
        ("2020-01-02t03:04:05z", "2020-01-02T03:04:05"),
    ],
)
def test_other_forms_of_a_date(tmp_path: Path, written: str, utc: str) -> None:
    (found,) = taken(tmp_path, response(date=written), "a.warc").captures
    assert f"{found.capture.visited_at:%FT%T}" == utc
    assert utc in form_fault(written)


def test_dates_of_the_standard_are_not_reported() -> None:
    for written in ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05.123456789Z", "2020-01-02", "2020-01-02T03:04Z"):
        assert moment_of(written)
        assert form_fault(written) == ""
    for wrong in ("2020-01-02T03:04:05+99:00", "0001-01-01T00:00:00+23:59", "2020", "soon"):
        assert (form_fault(wrong), moment_of(wrong)) == ("", None)


class TestArc:
    @pytest.mark.parametrize(
        ("line", "url"),
        [
            (f"{URL}?a=b c d 192.0.2.7 20221022030001 text/html", f"{URL}?a=b%20c%20d"),
            (f"{URL}?a=b c 192.0.2.7 20221022030001 text/html 200 - - 0 a.arc", f"{URL}?a=b%20c"),
            (f"{URL} 192.0.2.7 202210220300 text/html", URL),
            (f"{URL} 192.0.2.7 2022102203000112 text/html", URL),
            (f"{URL} 0.0.0.0 20221022030001 text/html; charset=utf-8", URL),
            (f"{URL} 2001:db8::1 20221022030001 no-type", URL),
        ],
    )
    def test_lines(self, tmp_path: Path, line: str, url: str) -> None:
        block = http()
        one = f"{line} {len(block)}\n".encode() + block + b"\n"
        for data, called in ((_INFO + one + one, "a.arc"), (packed(_INFO, one, one), "a.arc.gz")):
            found = taken(tmp_path, data, called)
            assert found.urls == [url, url]
            assert {f"{each.capture.visited_at:%F %H:%M}" for each in found.captures} == {"2022-10-22 03:00"}
            assert {each.capture.body for each in found.captures} == {PAGE}
            _told(found)

    @pytest.mark.parametrize("length", [-40, -1, 2, 9, 60])
    def test_a_length_that_is_off(self, tmp_path: Path, length: int) -> None:
        block = http()
        parts = [f"{URL}/{each} 192.0.2.7 20221022030001 text/html %d\n".encode() for each in (1, 2, 3)]
        data = _INFO + b"".join(
            part % (len(block) + (length if part is parts[1] else 0)) + block + b"\n" for part in parts
        )
        found = taken(tmp_path, data, "a.arc")
        assert [each.capture.body for each in found.captures] == [PAGE] * 3
        assert f"({length:+d})" in _told(found)

    def test_lengths_that_are_none(self, tmp_path: Path) -> None:
        data = _INFO + b"".join(
            f"{URL}/{length} 192.0.2.7 202204010000000000 text/html {length}\n".encode() + http() + b"\n"
            for length in ("-1", "abc")
        )
        found = taken(tmp_path, data, "a.arc")
        assert [each.capture.body for each in found.captures] == [PAGE, PAGE]
        nothing = taken(tmp_path, f"{URL} 192.0.2.7 20220401000000 text/html -1\n\n".encode(), "b.arc").captures
        assert [each.capture.outcome for each in nothing] == [Outcome.TRUNCATED]

    @pytest.mark.parametrize("called", ["a.arc", "a.arc.gz"])
    def test_records_that_no_line_end_closes(self, tmp_path: Path, called: str) -> None:
        line = f"{URL} 192.0.2.7 20221022030001 text/html {len(http())}\n".encode()
        data = _INFO + (line + http()) * 2 if called == "a.arc" else packed(_INFO, line + http(), line + http())
        found = taken(tmp_path, data, called)
        assert found.urls == [URL, URL]
        for each in found.captures:
            assert (each.capture.body, each.capture.outcome) == (PAGE, Outcome.OK)

    def test_a_body_without_http_headers(self, tmp_path: Path) -> None:
        for media_type, declared in (("no-type", None), ("text/html", "text/html")):
            line = f"{URL} 192.0.2.7 20221022030001 {media_type} {len(PAGE)}\n".encode()
            (found,) = taken(tmp_path, _INFO + line + PAGE + b"\n", "a.arc").captures
            assert (found.capture.body, found.capture.media_type) == (PAGE, declared)
            assert "from an ARC record without HTTP headers" in found.capture.note

    def test_other_lines_are_none(self) -> None:
        for line in (b"", b"\n", b"http://a 1.2.3.4 20200101000000 text/html 3", b"a b c 1.2.3.4 20200101000000 x 3\n"):
            assert arc_line(line) is None


class TestResponses:
    @pytest.mark.parametrize(
        ("line", "kept"),
        [
            ("h3 200 OK", "HTTP/3 200 OK"),
            ("h2 200", "HTTP/2 200"),
            ("HTTP/2 200", "HTTP/2 200"),
            ("HTTP/3.0 200 ", "HTTP/3.0 200 "),
            ("HTTP/1.1 200", "HTTP/1.1 200"),
            ("HTTPX/1.1 200 OK", "HTTP/1.1 200 OK"),
            ("http/1.0 200 OK", "HTTP/1.0 200 OK"),
            ("ICY 200 OK", "HTTP/1.1 200 OK"),
        ],
    )
    def test_status_lines(self, tmp_path: Path, line: str, kept: str) -> None:
        block = http().replace(b"HTTP/1.1 200 OK", line.encode(), 1)
        (found,) = taken(tmp_path, packed(record("response", block))).captures
        assert (found.capture.status, found.capture.body) == (200, PAGE)
        assert found.capture.head.split(b"\r\n")[0].decode() == kept
        assert (line in found.capture.note) is (line != kept)

    def test_the_media_type_of_a_record_is_not_believed(self, tmp_path: Path) -> None:
        found = taken(tmp_path, packed(record("response", http(), Content_Type="application/octet-stream")))
        assert found.captures[0].capture.body == PAGE
        assert "and not application/http" in _told(found)
        assert taken(tmp_path, packed(record("response", http(), Content_Type=None))).captures[0].capture.body == PAGE

    @pytest.mark.parametrize("kind", ["resource", "conversion", "response"])
    @pytest.mark.parametrize("media_type", ["text/html", "image/png", "text/plain; charset=utf-8"])
    def test_records_without_http_headers_are_marked(self, tmp_path: Path, kind: str, media_type: str) -> None:
        (found,) = taken(tmp_path, packed(record(kind, PAGE, Content_Type=media_type))).captures
        assert (found.capture.body, found.capture.status, found.capture.outcome) == (PAGE, 200, Outcome.OK)
        assert found.capture.header("content-type") == media_type
        assert found.capture.note == f"from a {kind} record without HTTP headers; 200 is assumed"

    def test_what_was_made_from_a_response_is_no_capture(self, tmp_path: Path) -> None:
        own = name(("response", URL, "2022-10-22T03:00:00Z", http()))
        text = record("conversion", b"text", f"{URL}/text", Content_Type="text/plain", WARC_Refers_To=own)
        picture = record("resource", b"picture", Content_Type="image/png")
        found = taken(tmp_path, packed(response(), text, picture))
        assert found.urls == [URL]
        assert found.replay.contents.others == {
            "conversion made from a response": 1,
            "resource made from a response": 1,
        }


@pytest.fixture(scope="module")
def dictionary() -> "zstd.ZstdDict":
    return zstd.train_dict([response(PAGE + b"%d" % each, f"{URL}/{each}") for each in range(200)], 4096)


class TestZstd:
    PARTS = (FIRST, response(), LAST)

    @pytest.mark.parametrize("form", ["plain", "compressed"])
    def test_with_a_dictionary(self, tmp_path: Path, dictionary: "zstd.ZstdDict", form: str) -> None:
        content = dictionary.dict_content
        content = zstd.compress(content) if form == "compressed" else content
        data = b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content
        places = []
        for each in self.PARTS:
            places.append(len(data))
            data += zstd.compress(each, zstd_dict=dictionary)
        found = taken(tmp_path, data, "a.warc.zst")
        assert [each.capture.body for each in found.captures] == [PAGE] * 3
        assert [each.place for each in found.captures] == places
        assert not found.flaws

    def test_without_a_dictionary_and_with_records_of_several_frames(self, tmp_path: Path) -> None:
        skipped = b"\x50\x2a\x4d\x18\x03\0\0\0abc"
        frames = [zstd.compress(part) for each in self.PARTS for part in (each[:90], each[90:500], each[500:])]
        for data in (
            b"".join(map(zstd.compress, self.PARTS)),
            skipped.join(frames),
            zstd.compress(b"".join(self.PARTS)),
        ):
            found = taken(tmp_path, data, "a.warc.zst")
            assert [each.capture.body for each in found.captures] == [PAGE] * 3
            assert not found.flaws

    def test_a_damaged_frame_costs_itself(self, tmp_path: Path) -> None:
        options: dict[int, int] = {zstd.CompressionParameter.checksum_flag: 1}
        frames = [zstd.compress(each, options=options) for each in self.PARTS]
        wrong = frames[1][:-3] + bytes(3)
        found = taken(tmp_path, frames[0] + wrong + frames[2], "a.warc.zst")
        assert found.urls == [f"{URL}/first", f"{URL}/last"]
        assert [(flaw.place, "zstd frame is damaged" in flaw.what) for flaw in found.lost] == [(len(frames[0]), True)]
        cut = taken(tmp_path, frames[0] + frames[1][:-40], "b.warc.zst")
        assert cut.urls[:1] == [f"{URL}/first"]
        assert "within a zstd frame" in cut.flaws[0].what

    def test_many_skippable_frames_are_an_attack(self, tmp_path: Path) -> None:
        found = taken(tmp_path, zstd.compress(FIRST) + b"\x50\x2a\x4d\x18\0\0\0\0" * 10_000, "a.warc.zst")
        assert found.urls == [f"{URL}/first"]
        assert "skippable frames" in found.flaws[0].what
