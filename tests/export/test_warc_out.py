"""WARC files, read by another program: records, digests, revisits, incremental exports, and the notes of each visit."""

import base64
import hashlib
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from archiver.app.exporting.warc_out import export_warc
from archiver.app.exporting.warc_target import WarcOptions
from archiver.errors import ArchiverError, UsageError
from archiver.export.cdxj import cdxj_line
from archiver.export.warc_records import NewRecord
from archiver.model.capture import Outcome
from archiver.model.clock import SettableClock
from archiver.model.event import ignore
from archiver.settings import Settings
from archiver.store.new_visit import NewVisit
from made import START, Bench, Works, capture


class _Read:
    """A record as another program reads it."""

    def __init__(self, record: Any) -> None:
        self.kind: str = record.rec_type
        self.fields = dict(record.rec_headers.headers)
        self.http = record.http_headers
        self.payload: bytes = record.content_stream().read()

    def __getitem__(self, name: str) -> str:
        return str(self.fields[name])


def _read(folder: Path) -> list[_Read]:
    found = []
    for path in sorted(folder.glob("*.warc.gz")):
        with path.open("rb") as file:
            found += [_Read(record) for record in ArchiveIterator(file)]
    return found


def _export(works: Works | Bench, folder: Path, **wanted: Any) -> dict[str, Any]:
    store = works.archive.store if isinstance(works, Works) else works.store
    settings = works.archive.settings if isinstance(works, Works) else _settings(works)
    return export_warc(store, settings, folder, WarcOptions(**wanted), ignore).as_json()


def _settings(bench: Bench) -> Any:
    return Settings(bench.store.path, (), SettableClock(START))


def _sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


@pytest.fixture
def lived(works: Works) -> Works:
    """A portal crawled on two days."""
    works.crawl()
    works.next_day()
    works.crawl()
    return works


def test_a_strict_reader_finds_nothing_wrong(lived: Works, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = _export(lived, tmp_path / "w", size=100_000)
    assert len(told["files"]) > 1
    for each in told["files"]:
        path = Path(each["path"])
        assert (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) == (each["bytes"], each["sha256"])
    checker = Checker(type("Args", (), {"verbose": False, "inputs": [each["path"] for each in told["files"]]})())
    checker.process_all()
    assert checker.exit_value == 0, capsys.readouterr().out
    assert not list(tmp_path.glob("w/*.open"))


def test_every_capture_is_there_with_the_bytes_that_came(lived: Works, tmp_path: Path) -> None:
    told = _export(lived, tmp_path / "w")
    records = _read(tmp_path / "w")
    counted = Counter(record.kind for record in records)
    (visits,) = lived.rows("SELECT count(*) FROM visits WHERE bytes IS NOT NULL")[0]
    assert counted["response"] + counted["revisit"] == counted["request"] == counted["metadata"] == visits
    assert (told["responses"], told["revisits"]) == (counted["response"], counted["revisit"])
    assert counted["revisit"] > 0
    kept = {row[0] for row in lived.rows("SELECT sha256 FROM visits WHERE bytes > 0")}
    assert {hashlib.sha256(each.payload).hexdigest() for each in records if each.kind == "response"} >= kept
    for each in records:
        if each.kind == "response":
            assert each["WARC-Payload-Digest"] == _sha1(each.payload)
            assert each.http.get_header("Transfer-Encoding") is None
    assert len({each["WARC-Record-ID"] for each in records}) == len(records)


def test_the_records_of_a_visit_belong_together(lived: Works, tmp_path: Path) -> None:
    _export(lived, tmp_path / "w", records=True)
    info, *records = _read(tmp_path / "w")
    assert b"archiver/" in info.payload
    assert b"robots: obey" in info.payload
    answers = {each["WARC-Record-ID"]: each for each in records if each.kind in ("response", "revisit")}
    for each in records:
        assert each["WARC-Warcinfo-ID"] == info["WARC-Record-ID"]
        if each.kind in ("request", "metadata"):
            answer = answers[each["WARC-Concurrent-To"]]
            assert (each["WARC-Date"], each["WARC-Target-URI"]) == (answer["WARC-Date"], answer["WARC-Target-URI"])
    conversions = [json.loads(each.payload) for each in records if each.kind == "conversion"]
    assert len(conversions) == len(lived.rows("SELECT 1 FROM versions"))
    assert all(isinstance(one["bylines"], list) for one in conversions)


def test_a_revisit_refers_to_an_earlier_response(lived: Works, tmp_path: Path) -> None:
    _export(lived, tmp_path / "w")
    before: dict[str, _Read] = {}
    for each in _read(tmp_path / "w"):
        if each.kind == "revisit":
            original = before[each["WARC-Refers-To"]]
            assert original.kind == "response"
            assert each["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]
            assert each["WARC-Refers-To-Target-URI"] == original["WARC-Target-URI"]
            assert each["WARC-Refers-To-Date"] == original["WARC-Date"]
            assert each["WARC-Truncated"] == "length"
        before[each["WARC-Record-ID"]] = each


def test_the_same_export_is_the_same_bytes(lived: Works, tmp_path: Path) -> None:
    one, two = (_export(lived, tmp_path / name) for name in "ab")
    assert [each["sha256"] for each in one["files"]] == [each["sha256"] for each in two["files"]]


def test_in_steps_nothing_is_written_twice_and_revisits_reach_back(lived: Works, tmp_path: Path) -> None:
    first = _export(lived, tmp_path / "w", since_last=True, cdxj=True)
    assert _export(lived, tmp_path / "w", since_last=True)["files"] == []
    lived.next_day()
    lived.crawl()
    lived.clock.advance(seconds=1)
    second = _export(lived, tmp_path / "w", since_last=True, cdxj=True)
    (visits,) = lived.rows("SELECT count(*) FROM visits WHERE bytes IS NOT NULL")[0]
    assert sum(told["responses"] + told["revisits"] for told in (first, second)) == visits
    assert second["revisits"] > 0
    ids = {each["WARC-Record-ID"] for each in _read(tmp_path / "w") if each.kind == "response"}
    assert all(each["WARC-Refers-To"] in ids for each in _read(tmp_path / "w") if each.kind == "revisit")
    lines = (tmp_path / "w/index.cdxj").read_bytes().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == visits


def test_an_index_line_points_at_its_record(lived: Works, tmp_path: Path) -> None:
    _export(lived, tmp_path / "w", cdxj=True)
    for line in (tmp_path / "w/index.cdxj").read_text().splitlines()[::7]:
        _, stamp, told = line.split(" ", 2)
        values = json.loads(told)
        data = (tmp_path / "w" / values["filename"]).read_bytes()
        member = data[int(values["offset"]) :][: int(values["length"])]
        assert values["recordDigest"] == f"sha256:{hashlib.sha256(member).hexdigest()}"
        (tmp_path / "one.warc.gz").write_bytes(member)
        with (tmp_path / "one.warc.gz").open("rb") as file:
            (record,) = [_Read(each) for each in ArchiveIterator(file)]
        assert record["WARC-Target-URI"] == values["url"]
        assert record["WARC-Date"].translate({ord(char): None for char in "-:TZ"}) == stamp


def test_only_what_is_asked_for(lived: Works, tmp_path: Path) -> None:
    changed = _export(lived, tmp_path / "changed", changed_only=True)
    assert changed["responses"] == len(lived.rows("SELECT DISTINCT version_id FROM versions"))
    address = lived.portal.address(lived.portal.items[0])
    _export(lived, tmp_path / "page", pages=(address,))
    assert {each.fields.get("WARC-Target-URI") for each in _read(tmp_path / "page")} - {None} != set()
    assert len({each["WARC-Target-URI"].lower() for each in _read(tmp_path / "page")[1:]}) == 1
    none = _export(lived, tmp_path / "none", since="2030-01-01")
    assert none["files"] == []
    with pytest.raises(ArchiverError, match="no such site"):
        _export(lived, tmp_path / "site", site="nowhere")


def _keep(bench: Bench, **changes: Any) -> int:
    url = "http://portal.example/1"
    taken = replace(capture(url, b"<p>Tin</p>"), **changes)
    (number,) = bench.store.evidence.keep([NewVisit(bench.page(url), taken)], None)
    return number


def test_a_304_is_a_revisit_without_a_block_and_its_headers_are_in_the_metadata(bench: Bench, tmp_path: Path) -> None:
    _keep(bench)
    head = b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n'
    _keep(bench, outcome=Outcome.NOT_MODIFIED, status=304, head=head, body=b"")
    _export(bench, tmp_path / "w", cdxj=True)
    records = _read(tmp_path / "w")
    original = next(each for each in records if each.kind == "response")
    (revisit,) = [each for each in records if each.kind == "revisit"]
    assert revisit["WARC-Profile"].endswith("/server-not-modified")
    assert revisit["Content-Length"] == "0"
    assert revisit["WARC-Refers-To"] == original["WARC-Record-ID"]
    assert b'http-header: ETag: "x"' in records[-1].payload
    first, confirmed = (
        json.loads(line.split(" ", 2)[2]) for line in (tmp_path / "w/index.cdxj").read_text().splitlines()
    )
    assert (first["status"], confirmed["mime"]) == ("200", "warc/revisit")
    assert "status" not in confirmed  # viewers would show an empty page with the status 304


def test_a_304_without_its_original_in_the_files_is_written_as_a_response(bench: Bench, tmp_path: Path) -> None:
    _keep(bench, outcome=Outcome.NOT_MODIFIED, status=304, head=b"HTTP/1.1 304 Not Modified\r\n\r\n", body=b"")
    _export(bench, tmp_path / "w")
    assert [each.kind for each in _read(tmp_path / "w")] == ["warcinfo", "response", "request", "metadata"]


@pytest.mark.parametrize(
    ("outcome", "note", "why"),
    [
        (Outcome.TRUNCATED, "", "disconnect"),
        (Outcome.TRUNCATED, "no complete response within 60 s", "time"),
        (Outcome.TOO_BIG, "", "length"),
    ],
)
def test_a_cut_body_is_marked_and_no_revisit_refers_to_it(
    bench: Bench, tmp_path: Path, outcome: Outcome, note: str, why: str
) -> None:
    _keep(bench, outcome=outcome, note=note)
    _keep(bench)
    _export(bench, tmp_path / "w")
    answers = [each for each in _read(tmp_path / "w") if each.kind in ("response", "revisit")]
    assert [each.kind for each in answers] == ["response", "response"]
    assert [each.fields.get("WARC-Truncated") for each in answers] == [why, None]


def test_nothing_from_the_web_begins_a_line_of_its_own() -> None:
    record = NewRecord(
        "metadata",
        "<urn:uuid:x>",
        "2022-10-21T09:00:00Z",
        b"",
        "x",
        (("WARC-Target-URI", "http://a/\r\nWARC-Type: y"),),
    )
    assert record.as_bytes().count(b"\r\nWARC-Type:") == 1


def test_a_state_of_another_archive_or_none_at_all_is_refused(lived: Works, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    _export(lived, folder, since_last=True)
    (folder / "export-state.db").write_bytes(b"no database at all " * 50)
    with pytest.raises(UsageError, match="export everything again"):
        _export(lived, folder, since_last=True)
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="is not a folder"):
        _export(lived, tmp_path / "file")


def test_the_answer_to_a_form_has_another_key_than_its_address(works: Works, tmp_path: Path) -> None:
    for _ in range(40):  # so that the listing has pages that are reached by a form
        works.portal.publish()
    works.crawl()
    _export(works, tmp_path / "w", cdxj=True)
    lines = (tmp_path / "w/index.cdxj").read_text().splitlines()
    listing = [line for line in lines if "/thongbao/" in line.partition(" ")[0]]
    values = [json.loads(line.split(" ", 2)[2]) for line in listing]
    keys = [line.partition(" ")[0] for line in listing]
    assert len({each["url"] for each in values}) == 1
    assert len(set(keys)) == len(keys) > 2
    (own,) = [key for key in keys if "?" not in key]
    for key, each in zip(keys, values, strict=True):
        assert ("method" in each) == (key != own)
        assert ("__wb_method=post" in key) == (each.get("method") == "POST")
        assert key == own or each["requestBody"].startswith("__EVENTTARGET=ctl00%24Pager")


def test_a_form_that_is_no_text_is_in_the_index_in_base64() -> None:
    line = ""
    for form, body in ((b"a=b%20c", "a=b%20c"), (b"\xff\0", "__wb_post_data=/wA="), (b"a b", "__wb_post_data=YSBi")):
        line = cdxj_line("http://a.example/x?y=1", START, {"mime": "text/html"}, form)
        assert json.loads(line.split(" ", 2)[2])["requestBody"] == body
    assert line.startswith("example,a)/x?__wb_method=post&__wb_post_data=ysbi&y=1 ")
    assert len(cdxj_line("http://a.example/", START, {}, b"x" * 100_000)) < 9_000


def test_json_that_a_script_sends_is_in_the_index_as_a_query() -> None:
    sent = {
        "query": "{ a(id: 1) ~*'é }",
        "variables": {"id": 3, "x": None, "y": True, "e": "", "l": [1, 2.0, {"id": "q"}]},
    }
    line = cdxj_line(
        "http://a.example/graph", START, {}, json.dumps({**sent, "id": 7}).encode(), kind="application/json"
    )
    query = "query=%7B+a%28id%3A+1%29+%7E*%27%C3%A9+%7D&id=3&x=null&y=true&l=1&l.2_=2&id.2_=q&id.3_=7"
    assert json.loads(line.split(" ", 2)[2]) == {
        "url": "http://a.example/graph",
        "method": "POST",
        "requestBody": query,
    }
    asked = cdxj_line("http://a.example/graph", START, {}, b"", method="OPTIONS")
    assert asked.startswith("example,a)/graph?&__wb_method=options ")
    for broken in (b"{", b"", b"[" * 100_000):
        assert "__wb_post_data=" in cdxj_line("http://a.example/", START, {}, b"\xff" + broken, kind="application/json")
