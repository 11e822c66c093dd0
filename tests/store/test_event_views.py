"""The views `events` and `unobserved`, what a run knew at its start, and recorded verifications."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

import archiver
from archiver.app.maintenance.fixity import check
from archiver.model.clock import SettableClock
from archiver.model.record import Content
from archiver.settings import Settings
from archiver.store.event_rows import EventSelection
from archiver.store.event_views import LEAST_DAYS
from archiver.store.research_schema import word_count
from filled import fill
from made import START, Bench, Works

HOME = "http://portal.example/"
DAY = 24.0
_REDESIGN = "INSERT INTO _redesign(redesign_id, site_id, kind, since, what, fields) VALUES (1, ?, 'article', ?, 'bylines appear', 'bylines')"


def _content(body: str) -> Content:
    return Content(title="Tin", body=body)


def _rows(bench: Bench, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in bench.store.sql(sql)]


def _at(hour: int) -> str:
    return f"2022-10-21 {hour:02}:00:00"


def test_events_are_told_in_one_view_with_their_bracket_and_proof(bench: Bench) -> None:
    bench.visit(_content("Một."))  # 09, visit 1
    bench.visit(_content("Hai."))  # 10
    bench.visit(status=410)  # 11
    bench.visit(_content("Hai."))  # 12
    found = _rows(
        bench, "SELECT kind, field, not_before, not_after, visit_id, version_id, title FROM events ORDER BY not_after"
    )
    assert found == [
        ("new", None, None, _at(9), 1, 1, "Tin"),
        ("edited", "body", _at(9), _at(10), 2, 2, "Tin"),
        ("gone", None, _at(10), _at(11), 3, None, "Tin"),
        ("back", None, _at(11), _at(12), 4, None, "Tin"),
    ]


def test_a_page_is_gone_by_the_visit_and_the_run_that_prove_it(bench: Bench) -> None:
    begin = bench.store.runs.begin
    runs = [begin("crawl", bench.site_id, _at(9), code_version="", command="") for _ in range(5)]
    for run, status in zip(runs, (200, 404, 503, 404, 404), strict=True):
        bench.visit(_content("Một.") if status == 200 else None, status, run=run)
    columns = "not_before, not_after, visit_id, run_id"
    assert _rows(bench, f"SELECT {columns} FROM events WHERE kind = 'gone'") == [(_at(9), _at(10), 4, runs[3])]
    assert _rows(bench, "SELECT visit_id FROM absence_proofs WHERE proof = 'proving'") == [(4,)]
    selections = [EventSelection(("gone",), runs=[run]) for run in runs]
    found = [[row["found_at"] for row in bench.store.event_rows.newest_first(each)] for each in selections]
    assert found == [[], [], [], [_at(12)], []]


def test_edits_of_a_redesign_are_one_event(bench: Bench) -> None:
    bench.visit(_content("Một."))
    bench.visit(_content("Hai."))
    main = bench.store._main
    main.execute(_REDESIGN, (bench.site_id, _at(10)))
    main.execute("UPDATE _change SET redesign_id = 1")
    found = _rows(
        bench, "SELECT kind, page_id, cause, context, redesign_id FROM events WHERE not_after = '2022-10-21 10:00:00'"
    )
    assert found == [("redesign", None, "template", "bylines appear", 1)]


def test_a_page_that_moved_is_one_event_and_not_gone_and_new(bench: Bench) -> None:
    bench.visit(_content("Một."))
    bench.visit(status=410)
    bench.visit(_content("Một."), url=HOME + "elsewhere")
    kinds = "SELECT kind FROM events ORDER BY not_after"
    assert _rows(bench, kinds) == [("new",), ("gone",), ("new",)]
    bench.store._main.execute("INSERT INTO _move VALUES (1, 2, ?, 'same_content', 3, NULL)", (HOME + "elsewhere",))
    assert _rows(bench, kinds) == [("new",), ("moved",)]
    found = _rows(bench, "SELECT not_before, not_after, new, visit_id, title FROM events WHERE kind = 'moved'")
    assert found == [(_at(9), _at(11), HOME + "elsewhere", 3, "Tin")]


def test_pages_count_their_edits_and_words_and_say_since_when_they_are_gone(bench: Bench) -> None:
    texts = ["Một hai ba.", "Một hai bốn năm.\n\nSáu bảy\ntám."]
    for text in texts:
        bench.visit(Content(title=text, body=text))  # two fields change in one edit
    columns = "edits, words, gone_by"
    assert _rows(bench, f"SELECT {columns} FROM pages") == [(1, 7, None)]
    bench.visit(status=410)
    assert _rows(bench, f"SELECT {columns} FROM pages") == [(1, 7, _at(11))]
    bench.visit(Content(title="x", body=texts[1]))
    assert _rows(bench, f"SELECT {columns} FROM pages") == [(2, 7, None)]
    main = bench.store._main
    main.execute(_REDESIGN, (bench.site_id, _at(10)))
    main.execute("UPDATE _change SET redesign_id = 1 WHERE not_after = ?", (_at(10),))
    assert _rows(bench, f"SELECT {columns} FROM pages") == [(1, 7, None)]


@pytest.mark.parametrize("body", ["", "một", "một hai", "một\n\nhai", "một\nhai\n\nba bốn", "書評と読書", "a\u00a0b c"])
def test_words_are_counted_alike_when_they_are_stored_and_when_not(bench: Bench, body: str) -> None:
    bench.visit(Content(title="x", body=body))
    (stored,) = _rows(bench, "SELECT words FROM pages")
    bench.store._main.execute("DELETE FROM _content_words")
    assert _rows(bench, "SELECT words FROM pages") == [stored] == [(word_count(body),)]


@pytest.mark.parametrize(
    ("where", "indexes"),
    [
        ("page_id = 3", {"_change_page (page_id=?)", "_version_current (page_id=?"}),
        (
            "not_after >= '2022-10-22' AND not_after < '2022-10-23'",
            {"_change_when (not_after>?", "_version_when (seen_from>?"},
        ),
    ],
)
def test_a_filter_reaches_every_part_of_the_view(bench: Bench, where: str, indexes: set[str]) -> None:
    plan = [
        row["detail"]
        for row in bench.store._main.rows(
            f"EXPLAIN QUERY PLAN SELECT * FROM events WHERE {where} ORDER BY not_after LIMIT 50"
        )
    ]
    for index in indexes:
        assert any(index in line for line in plan), (index, plan)
    assert not [line for line in plan if line in ("SCAN v", "SCAN t", "SCAN h", "SCAN x")], plan
    assert not [line for line in plan if line.startswith("CO-ROUTINE")], plan


def test_failed_visits_are_an_unobserved_span(bench: Bench) -> None:
    bench.visit(_content("Một."))  # 09
    bench.visit(status=503)
    bench.visit(status=503)
    bench.visit(_content("Hai."))  # 12
    bench.visit(status=503)  # 13
    assert _rows(bench, "SELECT since, until, why, failed, outcome FROM unobserved ORDER BY since") == [
        (_at(9), _at(12), "backing_off", 2, "server_error"),
        (_at(12), None, "backing_off", 1, "server_error"),
    ]


def test_a_page_that_was_never_seen_is_unobserved_since_it_was_found(bench: Bench) -> None:
    bench.visit(status=503)
    assert _rows(bench, "SELECT since, until, failed FROM unobserved") == [("2022-10-21 09:00:00", None, 1)]


@pytest.mark.parametrize(("days", "is_listed"), [(LEAST_DAYS - 1, False), (LEAST_DAYS, True), (40, True), (400, True)])
def test_an_unusual_pause_is_an_unobserved_span(bench: Bench, days: int, is_listed: bool) -> None:
    for _ in range(30):
        bench.visit(_content("Một."))
    last = bench.now - timedelta(hours=1)
    bench.now = last + timedelta(days=days)
    for _ in range(3):
        bench.visit(_content("Một."))
    found = _rows(bench, "SELECT since, until, why, failed FROM unobserved")
    until = last + timedelta(days=days)
    assert found == ([(f"{last:%Y-%m-%d %H:%M:%S}", f"{until:%Y-%m-%d %H:%M:%S}", "no_run", 0)] if is_listed else [])


def test_a_page_that_is_visited_every_week_has_no_unusual_pause(bench: Bench) -> None:
    bench.hours = 7 * DAY
    for _ in range(12):
        bench.visit(_content("Một."))
    assert _rows(bench, "SELECT * FROM unobserved") == []


def test_crawls_that_left_a_page_out_are_the_reason_of_a_pause(bench: Bench) -> None:
    runs = bench.store.runs

    def crawl(*urls: str) -> None:
        run = runs.begin("crawl", bench.site_id, f"{bench.now:%Y-%m-%d %H:%M:%S}", code_version="t", command="")
        for url in urls:
            bench.now += timedelta(minutes=1)
            bench.hours = 0
            bench.visit(_content("Một."), url=HOME + url, run=run)
        bench.now += timedelta(minutes=1)
        runs.end(run, f"{bench.now:%Y-%m-%d %H:%M:%S}", "done")
        bench.now += timedelta(days=1)

    for _ in range(10):
        crawl("a", "b")
    for _ in range(5):
        crawl("a")
    crawl("a", "b")
    for _ in range(12):
        crawl("a")
    found = _rows(bench, "SELECT url, substr(since, 1, 10), substr(until, 1, 10), why FROM unobserved ORDER BY since")
    assert found == [
        (HOME + "b", "2022-10-30", "2022-11-05", "not_due"),
        (HOME + "b", "2022-11-05", None, "not_due"),
    ]


def test_a_crawl_stores_how_many_pages_it_knew_and_how_many_were_due(works: Works) -> None:
    works.crawl()
    works.crawl()
    first, second = works.rows("SELECT known, due, visits FROM runs ORDER BY run_id")
    pages = works.rows("SELECT count(*) FROM pages")[0][0]
    assert first[:2] == (0, 0)
    assert second[0] == pages
    assert 0 <= int(str(second[1])) <= int(str(pages))
    works.clock.advance(days=400)
    works.crawl(everything=False)
    assert works.rows("SELECT due > 0 FROM runs ORDER BY run_id DESC LIMIT 1") == [(1,)]


def _settings(path: Path) -> Settings:
    return Settings(path, (), SettableClock(START + timedelta(days=30)))


def test_a_verification_is_recorded_with_how_far_it_went(path: Path) -> None:
    fill(path, 2)
    assert check(_settings(path)).found.whole
    fill(path, 1)
    with archiver.open(path, write=False) as archive:
        (row,) = archive.sql("SELECT verified_at, deep, visits, last_visit_id, bodies, bodies_read FROM verifications")
        assert tuple(row.values()) == ("2022-11-20 09:00:00", 0, 6, 6, 6, 6)
        visits = [
            tuple(row.values()) for row in archive.sql("SELECT chain_position, verified_at FROM visits ORDER BY 1")
        ]
    assert visits == [(n, "2022-11-20 09:00:00" if n <= 6 else None) for n in range(1, 10)]
    again = check(_settings(path), deep=True)
    assert (again.found.whole, again.found.notes) == (True, [])
    with archiver.open(path, write=False) as archive:
        assert [row["n"] for row in archive.sql("SELECT count(*) AS n FROM visits WHERE verified_at IS NULL")] == [0]


def test_a_damaged_archive_is_not_written_to(path: Path) -> None:
    fill(path, 2)
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TRIGGER _visit_fixed")
        database.execute("UPDATE _visit SET note = 'altered' WHERE visit_id = 3")
        database.commit()
        assert not check(_settings(path)).found.whole
        assert database.execute("SELECT count(*) FROM _verification").fetchone() == (0,)


def test_a_read_only_archive_can_be_verified(path: Path) -> None:
    fill(path, 2)
    there = path.parent / "there"
    there.mkdir()
    for file in path.parent.glob("archive*.db"):
        shutil.copy(file, there)
    there.chmod(0o555)
    for file in there.iterdir():
        file.chmod(0o444)
    try:
        found = check(_settings(there / "archive.db")).found
    finally:
        there.chmod(0o755)
    assert found.whole
