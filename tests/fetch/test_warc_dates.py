"""Dates of records are checked before they enter evidence: one that cannot be is a flaw of that record alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.fetch.warc.dates import date_fault, moment_of, stamp_fault
from archiver.fetch.warc.package import WarcFile
from archiver.fetch.warc.replay import Replay
from archiver.model.clock import instant, written
from archiver.model.warc import Flaw
from warcs import URL, http, packed, response

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
WRONG = [
    "0001-01-01T00:00:00Z", "0999-12-31T23:59:59Z", "1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    "2026-05-02T12:00:01Z", "2027", "0000-01-01T00:00:00Z", "2022-13-01T00:00:00Z", "",
]  # fmt: skip


def _read(folder: Path, data: bytes, called: str = "a.warc") -> tuple[list[str], list[Flaw]]:
    path = folder / called
    path.write_bytes(data)
    flaws: list[Flaw] = []
    replay = Replay(WarcFile(path.name, path, len(data)), flaws.append, 10_000_000, now=NOW)
    return [each.capture.url for each in replay], flaws


@pytest.mark.parametrize("date", WRONG)
def test_a_record_with_a_date_that_cannot_be_is_left_out(tmp_path: Path, date: str) -> None:
    wrong = response(url=f"{URL}/wrong", date=date)
    urls, flaws = _read(tmp_path, response() + wrong + response(url=f"{URL}/3"))
    assert urls == [URL, f"{URL}/3"]
    (flaw,) = flaws
    assert flaw.lost
    assert flaw.place == len(response())
    assert flaw.what.startswith("WARC-Date is ")


@pytest.mark.parametrize("date", ["1990-01-01T00:00:00Z", "2026-05-01T12:00:00Z", "2026-05-02T11:59:59Z", "1996-05-05"])
def test_other_dates_are_taken(tmp_path: Path, date: str) -> None:
    assert _read(tmp_path, packed(response(date=date)), "a.warc.gz")[0] == [URL]


@pytest.mark.parametrize(
    ("digits", "count"), [("00010101000000", 0), ("99991231235959", 0), ("20260601000000", 0), ("20220101000000", 1)]
)
def test_dates_of_arc_files_are_checked_likewise(tmp_path: Path, digits: str, count: int) -> None:
    block = http()
    arc = f"{URL} 127.0.0.1 {digits} text/html {len(block)}\n".encode() + block + b"\n"
    urls, flaws = _read(tmp_path, arc, "a.arc")
    assert (len(urls), len([flaw for flaw in flaws if flaw.lost])) == (count, 1 - count)


def test_what_is_wrong_with_a_date_is_said() -> None:
    assert date_fault("0001-01-01T00:00:00Z", NOW) == "is before there was a web (0001-01-01T00:00:00Z)"
    assert date_fault("9999-01-01T00:00:00Z", NOW) == "is later than now (9999-01-01T00:00:00Z)"
    assert date_fault("x", NOW) == "is not a valid date (x)"
    assert date_fault(None) == "is not a valid date (missing)"
    assert stamp_fault("20220101000000", NOW) == ""
    assert stamp_fault("20270101000000", NOW) == "is later than now (20270101000000)"
    assert stamp_fault("2022", NOW) == "is not a valid date (2022)"


@pytest.mark.parametrize("text", ["0001-01-01 00:00:00", "0999-02-28 23:59:59", "2022-10-21 15:55:00"])
def test_a_time_is_written_with_a_fixed_width_and_read_back(text: str) -> None:
    assert written(instant(text)) == text
    assert len(written(datetime(33, 1, 2, 3, 4, 5, 678, tzinfo=UTC))) == 19


@pytest.mark.parametrize(
    "text",
    ["1-01-01 00:00:00", "2022-W01-1 00:00:00", "2022-10-21T15:55:00", "2022-10-21 15:55:0", "2022-02-30 00:00:00", ""],
)
def test_other_texts_are_no_times(text: str) -> None:
    with pytest.raises(ValueError, match=r"time of the archive|day is out of range|format"):
        instant(text)


def test_a_date_of_another_zone_is_no_surprise() -> None:
    assert written(NOW.astimezone(tz=None)) == written(NOW)
    moment = moment_of("2026-05-01T12:00:00Z")
    assert moment == NOW
    assert moment + timedelta(0) == NOW
