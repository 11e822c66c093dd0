"""What a browser got and made in WARC files: their records, what a selection includes, and the way back by import."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from warcio.archiveiterator import ArchiveIterator

from archiver.app.archive import Archive
from archiver.app.exporting.warc_out import export_warc
from archiver.app.exporting.warc_target import WarcOptions
from archiver.app.importing.import_files import ImportSummary
from archiver.model.clock import SettableClock
from archiver.model.event import ignore
from made import START
from opened import HOME, ROWS, Opened, archive_at, keep, same_rows, split_warc
from warcs import packed, record, response

TWO = (Opened(1, 0), Opened(2, 0, 60, answers=(("/api/2.json", b"{}"),)), Opened(1, 1, text="Hội nghị đã kết thúc."))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with archive_at(tmp_path / "a.db") as opened:
        keep(opened, TWO)
        yield opened


def _export(archive: Archive, folder: Path, **wanted: Any) -> list[Path]:
    export_warc(archive.store, archive.settings, folder, WarcOptions(**wanted), ignore)
    return sorted(folder.glob("*.warc.gz"))


def _records(files: list[Path]) -> list[tuple[dict[str, str], bytes]]:
    found = []
    for path in files:
        with path.open("rb") as file:
            found += [(dict(each.rec_headers.headers), each.content_stream().read()) for each in ArchiveIterator(file)]
    return found


def _imported(folder: Path, *groups: list[Path]) -> tuple[Archive, ImportSummary]:
    """Import groups of files one after the other; return the archive and the last summary."""
    folder.mkdir(exist_ok=True)
    archive = archive_at(folder / "b.db", SettableClock(START))
    archive.settings.clock.advance(days=9)  # type: ignore[attr-defined]
    summaries = [archive.import_files(files) for files in groups]
    return archive, summaries[-1]


def test_a_page_has_its_answers_and_renditions_as_records_that_name_it(archive: Archive, tmp_path: Path) -> None:
    records = _records(_export(archive, tmp_path / "w"))
    pages = {fields["WARC-Record-ID"]: fields for fields, _ in records if fields.get("WARC-Target-URI") == f"{HOME}a/1"}
    made = [fields for fields, _ in records if fields.get("WARC-Target-URI", "").endswith(":http://portal.example/a/1")]
    resources = [each for each in made if each["WARC-Type"] == "resource"]
    assert [(each["WARC-Target-URI"].split(":")[1], each["Content-Type"]) for each in resources] == 2 * [
        ("dom", "text/html; charset=utf-8"),
        ("screenshot", "image/png"),
        ("requests", "application/json"),
    ]
    assert [pages[each["WARC-Concurrent-To"]]["WARC-Type"] for each in resources] == ["response"] * 3 + ["revisit"] * 3
    (script,) = [
        each
        for each, _ in records
        if each.get("WARC-Target-URI") == f"{HOME}app.js" and each["WARC-Type"] == "response"
    ]
    assert script["WARC-Protocol"] == "http/1.1"
    assert script["WARC-Concurrent-To"] in pages
    notes = [data.decode() for fields, data in records if fields["WARC-Type"] == "metadata"]
    assert sum("archiver-via: browser" in each for each in notes) == len(
        list(archive.store.sql("SELECT 1 FROM _visit WHERE via = 'browser'"))
    )
    assert all(each.isascii() for each in notes if "archiver-made-by" in each)


def test_the_index_has_renditions_by_their_address_and_no_status(archive: Archive, tmp_path: Path) -> None:
    _export(archive, tmp_path / "w", cdxj=True)
    lines = (tmp_path / "w/index.cdxj").read_text().splitlines()
    values = [json.loads(line.split(" ", 2)[2]) for line in lines if line.startswith("urn:screenshot:")]
    assert [(each["url"], each["mime"], each.get("status")) for each in values] == [
        (f"urn:screenshot:{HOME}a/{number}", "image/png", None) for number in (1, 1, 2)
    ]


@pytest.mark.parametrize(
    ("wanted", "pages"),
    [
        ({"pages": (f"{HOME}a/2",)}, [2]),
        ({"since": "2022-10-22"}, [1]),
        ({"until": "2022-10-21"}, [1, 2]),
        ({"site": "spa"}, [1, 1, 2]),
        ({"changed_only": True}, [1, 1, 2]),
    ],
)
def test_a_selection_includes_what_belongs_to_its_visits(
    archive: Archive, tmp_path: Path, wanted: dict[str, Any], pages: list[int]
) -> None:
    records = _records(_export(archive, tmp_path / "w", **wanted))
    for kind in ("dom", "screenshot", "requests"):
        addresses = [
            fields["WARC-Target-URI"]
            for fields, _ in records
            if fields["WARC-Type"] == "resource" and fields["WARC-Target-URI"].startswith(f"urn:{kind}:")
        ]
        assert sorted(addresses) == [f"urn:{kind}:{HOME}a/{number}" for number in pages]
    scripts = {fields.get("WARC-Target-URI") for fields, _ in records}
    assert f"{HOME}app.js" in scripts  # a requisite of the site, also when another page asked for it
    other, summary = _imported(tmp_path / "other", sorted((tmp_path / "w").glob("*.gz")))
    with other:
        assert summary.is_whole, summary
        assert len(list(other.store.sql("SELECT 1 FROM renditions"))) == 3 * len(pages)


def test_nothing_of_a_page_under_an_embargo_goes_out(archive: Archive, tmp_path: Path) -> None:
    archive.store.embargoes.set(f"{HOME}a/2", None, "2030-01-01 00:00:00", "agreed", "2022-10-20 00:00:00")
    records = _records(_export(archive, tmp_path / "w"))
    assert not [fields for fields, _ in records if "a/2" in str(fields) or "/api/2" in str(fields)]


def test_a_pruned_rendition_is_left_out_and_its_page_is_not(archive: Archive, tmp_path: Path) -> None:
    store = archive.store
    of_second = f"SELECT rendition_id FROM renditions WHERE kind = 'dom' AND url = '{HOME}a/2'"
    (number,) = [row["rendition_id"] for row in store.sql(of_second)]
    with store.transaction():
        store.evidence.place({number: None})
    result = export_warc(store, archive.settings, tmp_path / "w", WarcOptions(), ignore)
    assert (result.responses + result.revisits, result.renditions, result.pruned) == (6, 8, 1)


def test_an_archive_comes_back_by_import_and_a_second_time_adds_nothing(archive: Archive, tmp_path: Path) -> None:
    files = _export(archive, tmp_path / "w")
    other, summary = _imported(tmp_path / "other", files)
    with other:
        assert summary.is_whole
        same_rows(archive, other)
        again = other.import_files(files)
        assert (again.captures, again.known, again.lost) == (0, summary.captures, 0)
        assert archive.import_files(files).captures == 0
        same_rows(archive, other)
        second = _export(other, tmp_path / "v")
    third, summary = _imported(tmp_path / "third", second)
    with third:
        assert summary.is_whole
        same_rows(archive, third)


def test_what_comes_before_its_page_waits_for_it(archive: Archive, tmp_path: Path) -> None:
    parts = split_warc(_export(archive, tmp_path / "w"), tmp_path / "parts")
    other, summary = _imported(tmp_path / "other", [parts["rendered"], parts["own"]])
    with other:
        assert summary.is_whole, summary
        same_rows(archive, other)


def test_renditions_that_come_later_are_read_with_their_pages(archive: Archive, tmp_path: Path) -> None:
    parts = split_warc(_export(archive, tmp_path / "w"), tmp_path / "parts")
    other, _ = _imported(tmp_path / "other", [parts["own"]], [parts["rendered"]])
    with other:
        same_rows(archive, other)


def test_renditions_without_their_page_are_told_and_come_in_with_it(archive: Archive, tmp_path: Path) -> None:
    parts = split_warc(_export(archive, tmp_path / "w"), tmp_path / "parts")
    other, summary = _imported(tmp_path / "other", [parts["rendered"]])
    with other:
        assert summary.lost == 9
        assert not list(other.store.sql("SELECT 1 FROM renditions"))
        other.import_files([parts["own"]])
        summary = other.import_files([parts["rendered"]])
        assert (summary.captures, summary.lost) == (9, 0)
        for what in ("versions", "changes", "readings", "renditions"):
            here, there = (sorted(map(repr, each.store.sql(ROWS[what]))) for each in (archive, other))
            assert here == there, what


_ANSWERS = some.lists(
    some.tuples(some.sampled_from(["/app.js", "/api/1.json", "/api/2.json"]), some.sampled_from([b"{}", b"[1]", b""])),
    max_size=3,
)
_VISITS = some.lists(
    some.builds(
        Opened,
        page=some.integers(1, 3),
        day=some.integers(0, 4),
        second=some.sampled_from([0, 100, 200]),
        text=some.sampled_from(["Hội nghị diễn ra.", "Hội nghị kết thúc.", "Một tin khác hẳn.", ""]),
        answers=_ANSWERS.map(tuple),
        is_logged=some.booleans(),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda each: (each.day, each.second),
)


@settings(
    max_examples=6,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(visits=_VISITS, is_reversed=some.booleans())
def test_any_history_comes_back(
    tmp_path_factory: pytest.TempPathFactory, visits: list[Opened], is_reversed: bool
) -> None:
    work = tmp_path_factory.mktemp("any")
    with archive_at(work / "a.db") as archive:
        keep(archive, sorted(visits, key=lambda each: each.at))
        files = _export(archive, work / "w", size=20_000)
        other, summary = _imported(work / "other", files[::-1] if is_reversed else files)
        with other:
            assert summary.is_whole
            same_rows(archive, other)


def _picture(name: str, at: str, url: str = f"{HOME}a/1", **fields: str | None) -> bytes:
    told: dict[str, str | None] = {"Content_Type": "image/png", **fields}
    return record("resource", b"\x89PNG" + name.encode(), f"urn:{name}:{url}", at, **told)


def test_screenshots_of_others_are_renditions_of_the_nearest_visit_and_never_pages(tmp_path: Path) -> None:
    path = tmp_path / "browsertrix.warc.gz"
    info = record("warcinfo", b"software: Browsertrix-Crawler 1.5\r\n", None)
    days = [f"2022-10-2{day}T03:00:00Z" for day in (1, 2)]
    path.write_bytes(
        packed(
            info,
            _picture("view", "2022-10-21T03:00:05Z"),
            *(response(b"<h1>Tin</h1>" + day.encode(), f"{HOME}a/1", day) for day in days),
            _picture("fullPage", "2022-10-22T03:00:07Z", f"{HOME}a/1#top"),
            _picture("thumbnail", "2022-10-22T03:00:08Z", Content_Type="image/jpeg"),
            _picture("text", "2022-10-22T03:00:08Z", Content_Type="text/plain"),
            _picture("pageinfo", "2022-10-22T03:00:08Z", Content_Type="application/json"),
            _picture("view", "2022-10-22T09:00:00Z"),
            _picture("view", "2022-10-22T03:00:09Z", Content_Type="text/html"),
        )
    )
    other, summary = _imported(tmp_path / "other", [path])
    with other:
        rows = [
            tuple(row.values())
            for row in other.store.sql("SELECT kind, made_at, sha256 <> '', made_by FROM renditions")
        ]
        assert [row[:3] for row in rows] == [
            ("screenshot", "2022-10-21 03:00:05", 1),
            ("screenshot", "2022-10-22 03:00:07", 1),
        ]
        assert all(json.loads(row[3])["script"] == "Browsertrix-Crawler 1.5" for row in rows)
        owners = "SELECT t.visited_at FROM renditions n JOIN visits t ON t.visit_id = n.visit_id ORDER BY 1"
        assert [row["visited_at"] for row in other.store.sql(owners)] == ["2022-10-21 03:00:00", "2022-10-22 03:00:00"]
        assert [row["url"] for row in other.store.sql("SELECT url FROM pages")] == [f"{HOME}a/1"]
    assert summary.is_whole
    assert summary.others == {
        "resource urn:thumbnail:": 1,
        "resource urn:text:": 1,
        "resource urn:pageinfo:": 1,
        "resource urn:view:": 1,
        "resource urn:view: without its page": 1,
    }


def test_what_others_made_of_a_visit_of_this_archive_is_not_taken(archive: Archive, tmp_path: Path) -> None:
    path, at = tmp_path / "x.warc", f"{TWO[0].at:%Y-%m-%dT%H:%M:%SZ}"
    document = record("resource", b"<h1>Bogus</h1>", f"urn:dom:{TWO[0].url}", at, Content_Type="text/html")
    path.write_bytes(document + _picture("fullPage", at))
    archive.settings.clock.advance(days=9)  # type: ignore[attr-defined]
    summary = archive.import_files([path])
    assert (summary.captures, summary.of_ours, summary.others) == (0, 1, {"resource urn:dom:": 1})


def test_a_failure_of_the_browser_is_no_record_read_from_the_shell(tmp_path: Path) -> None:
    with archive_at(tmp_path / "a.db") as archive:
        keep(archive, [replace(TWO[0], text="")])
        files = _export(archive, tmp_path / "w")
        other, _ = _imported(tmp_path / "other", files)
        with other:
            same_rows(archive, other)
            assert [row["cause"] for row in other.store.sql("SELECT cause FROM visits WHERE via IS NULL")] == [
                "not_rendered"
            ]
