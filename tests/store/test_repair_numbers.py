"""Repair and ids: ids of lost rows and frames are never reused, and a repair alters no sound visit."""

import random
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archiver.maintain.backup.backup import back_up
from archiver.maintain.repair.repair import repair
from archiver.maintain.repair.repair_report import RepairReport
from archiver.maintain.verify.clean import clean
from archiver.maintain.verify.verify import verify
from archiver.store.archive import Store, vault_path
from archiver.store.new_visit import NewVisit
from archiver.store.plain_files import open_plain
from damaged import alter, emptied
from filled import NOW, SITE, add_body, blocks, fill
from made import capture

STAMP = "20221021090000"
LARGE_PAGES = 12


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose vault has many pages: the last bodies are of pages visited once."""
    path = tmp_path_factory.mktemp("made") / "data" / "archive.db"
    fill(path, 4)
    for number in range(LARGE_PAGES):
        add_body(path, 100 + number, random.Random(number).randbytes(20_000))
    return path


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made.parent, tmp_path / "data")) / made.name


def mend(archive: Path, copy: Path | None = None) -> RepairReport:
    report = repair(archive, copy, stamp=STAMP)
    assert report.whole == verify(archive, deep=True).whole
    return report


def asked(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(open_plain(path, write=False)) as connection:
        return [tuple(row) for row in connection.rows(query)]


def last_frames_lost(archive: Path, *, sequence: bool) -> None:
    """The last page of the frames, and that of their mirrors; also where the vault counts the numbers given."""
    if sequence:
        emptied(vault_path(archive), "sqlite_sequence", 1.0)
    for table in ("_frame", "_mirror"):
        emptied(vault_path(archive), table, 1.0)


@pytest.mark.parametrize("sequence", [False, True], ids=["counter whole", "counter lost"])
def test_ids_of_lost_frames_are_not_reused(archive: Path, sequence: bool) -> None:
    last = asked(vault_path(archive), "SELECT seq FROM sqlite_sequence WHERE name = '_frame'")[0][0]
    last_frames_lost(archive, sequence=sequence)
    lost = mend(archive).lost_bodies
    assert lost
    newer = [add_body(archive, 200 + number, b"<p>new %d</p>" % number) for number in range(LARGE_PAGES)]
    named = asked(archive, f"SELECT frame_id FROM _visit WHERE visit_id >= {newer[0]} ORDER BY visit_id")
    assert [row[0] for row in named] == list(range(last + 1, last + 1 + len(newer)))


def test_an_implausible_id_skips_no_ids(archive: Path) -> None:
    """A visit's frame is not chained: a number out of a flipped bit would leave none to give."""
    last = asked(vault_path(archive), "SELECT seq FROM sqlite_sequence WHERE name = '_frame'")[0][0]
    alter(archive, f"UPDATE _visit SET frame_id = {2**62} WHERE visit_id = 3")
    alter(vault_path(archive), f"UPDATE sqlite_sequence SET seq = {2**62 + 7}")
    last_frames_lost(archive, sequence=False)
    mend(archive)
    add_body(archive, 300, b"<p>new</p>")
    assert asked(archive, "SELECT frame_id FROM _visit ORDER BY visit_id DESC LIMIT 1") == [(last + 1,)]


def test_ids_that_the_copy_used_are_not_reused(archive: Path, tmp_path: Path) -> None:
    """The archive went back to an older state than its copy: the copy's newest frames may come back."""
    newer = Path(shutil.copytree(archive.parent, tmp_path / "newer")) / archive.name
    add_body(newer, 300, b"<p>newer</p>")
    last = asked(vault_path(newer), "SELECT max(frame_id) FROM _frame")[0][0]
    last_frames_lost(archive, sequence=True)
    assert mend(archive, newer).whole
    add_body(archive, 301, b"<p>else</p>")
    assert asked(archive, "SELECT max(frame_id) FROM _visit")[0][0] == last + 1


def test_pruning_after_a_repair_loses_no_bytes(archive: Path) -> None:
    """Bodies were lost with their frames, others came since; those that are lost stay damage, and those that came stay."""
    page = 1
    last_frames_lost(archive, sequence=False)
    lost = mend(archive).lost_bodies
    for number in range(LARGE_PAGES):
        add_body(archive, 200 + number, random.Random(50 + number).randbytes(3000))
    sound = {row[0] for row in asked(archive, "SELECT visit_id FROM _visit")} - set(lost)
    with Store.open(archive) as store:
        visits = [row["visit_id"] for row in store.sql(f"SELECT visit_id FROM visits WHERE page_id = {page}")]
        store.pruning.prune(1, page, visits[:2])
    clean(archive)
    with Store.open(archive, write=False) as store:
        assert all(store.evidence.block(visit) for visit in sound - set(visits[:2]))
    assert {found.visit_id for found in verify(archive, deep=True).findings if found.kind == "body"} == set(lost)


# rows


def visit_with(archive: Path, number: int, *, page: int = 0) -> int:
    """A visit whose request is like no other, and takes a third of a page; its number."""
    head = random.Random(1000 + number).randbytes(1200)
    taken = replace(capture(f"http://portal.example/{page}", b"<p>%d</p>" % number), request_head=head)
    with Store.open(archive) as store:
        site = store.pages.put_site(SITE)
        page_id = store.pages.put_page(site, taken.url, taken.url, NOW)[0]
        (visit,) = store.evidence.keep([NewVisit(page_id, taken, is_page=False)], None)
    return visit


@pytest.fixture
def asking(archive: Path) -> Path:
    """The archive, with visits of one request each, the last ones of which are on a page of their own."""
    for number in range(8):
        visit_with(archive, number)
    return archive


def copied(archive: Path, folder: Path) -> Path:
    back_up(archive, folder, made_at=NOW, version="0.1.0")
    return folder


def test_a_restored_request_does_not_alter_newer_ones(asking: Path, tmp_path: Path) -> None:
    before, copy = blocks(asking), copied(asking, tmp_path / "copy")
    emptied(asking, "_request", 1.0)
    lost = mend(asking).lost_rows
    assert lost
    newer = [visit_with(asking, 100 + number) for number in range(4)]
    # of the first, the chain cannot tell: the visit before it is lost
    assert not set(newer[1:]) & {found.visit_id for found in verify(asking, deep=True).findings}
    report = mend(asking, copy)
    assert (report.rows, report.whole) == (lost, True)
    assert before.items() <= blocks(asking).items()


@pytest.mark.parametrize("table", ["_request", "_page"])
def test_ids_of_lost_rows_are_not_reused(asking: Path, table: str) -> None:
    key = f"{table[1:]}_id"
    for number in range(90):
        visit_with(asking, number, page=1000 + number)
    last = asked(asking, f"SELECT max({key}) FROM _visit")[0][0]
    emptied(asking, table, 1.0)
    mend(asking)
    assert asked(asking, f"SELECT max({key}) FROM {table}")[0][0] < last
    visit_with(asking, 500, page=5000)
    assert asked(asking, f"SELECT max({key}) FROM {table}")[0][0] == last + 1


def given_again(archive: Path, table: str, number: int) -> None:
    """A row is lost, and its number free for the next, as it was before repairs left marks."""
    alter(archive, "PRAGMA foreign_keys = OFF", f"DELETE FROM {table} WHERE {table[1:]}_id = {number}")


def test_a_request_whose_id_is_in_use_is_restored_with_a_new_id(asking: Path, tmp_path: Path) -> None:
    before, copy = blocks(asking), copied(asking, tmp_path / "copy")
    last = asked(asking, "SELECT max(request_id) FROM _request")[0][0]
    given_again(asking, "_request", last)
    newer = visit_with(asking, 100)
    assert asked(asking, f"SELECT request_id FROM _visit WHERE visit_id = {newer}") == [(last,)]
    report = mend(asking, copy)
    assert (report.rows, report.whole) == ([newer - 1], True)
    assert before.items() <= blocks(asking).items()


def test_a_page_whose_id_is_in_use_does_not_change_its_address(archive: Path, tmp_path: Path) -> None:
    before, copy = blocks(archive), copied(archive, tmp_path / "copy")
    last = asked(archive, "SELECT max(page_id) FROM _page")[0][0]
    given_again(archive, "_page", last)
    newer = visit_with(archive, 100, page=7)
    assert asked(archive, f"SELECT page_id FROM _visit WHERE visit_id = {newer}") == [(last,)]
    report = mend(archive, copy)
    assert (report.rows, report.whole) == ([newer - 1], True)
    assert before.items() <= blocks(archive).items()
    with Store.open(archive, write=False) as store:
        old, new = (store.evidence.visit(visit).capture.url for visit in (newer - 1, newer))
    assert (old, new) == (f"http://portal.example/{100 + LARGE_PAGES - 1}", "http://portal.example/7")


def test_a_rediscovered_page_is_restored_as_a_second_page(archive: Path, tmp_path: Path) -> None:
    copy = copied(archive, tmp_path / "copy")
    for number in range(60):
        visit_with(archive, number, page=1000 + number)
    copied(archive, copy)
    emptied(archive, "_page", 1.0)
    lost = mend(archive).lost_rows
    newer = [visit_with(archive, 200 + number, page=1000 + number) for number in range(60)]
    report = mend(archive, copy)
    assert report.whole, report
    assert report.rows == lost
    assert not set(report.rows) & set(newer)


def test_an_altered_request_is_repaired_for_newer_visits_too(asking: Path, tmp_path: Path) -> None:
    copy = copied(asking, tmp_path / "copy")
    visit_with(asking, 0)  # the same request as one of the copy's
    alter(asking, "UPDATE _request SET head = x'00' WHERE request_id = 2")
    assert mend(asking, copy).whole
    assert asked(asking, "SELECT count(*) FROM _request") == [(9,)]


def test_a_row_of_a_different_history_does_not_break_the_next_row(archive: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(archive.parent, tmp_path / "other")) / archive.name
    for path, seed in ((archive, 1), (other, 2)):
        for number in range(2):
            visit_with(path, seed * 10 + number)
    last = asked(archive, "SELECT max(visit_id) FROM _visit")[0][0]
    alter(archive, f"UPDATE _visit SET status = 404 WHERE visit_id = {last} - 1")
    report = mend(archive, copied(other, tmp_path / "copy"))
    assert (report.rows, report.lost_rows) == ([], [last - 1])


PROFILE = '[site]\nname = "portal"\ntitle = "Portal"\nhome = "http://portal.example/"\nlanguage = "vi"\ntimezone = "Asia/Ho_Chi_Minh"\n'


@pytest.mark.parametrize("source", ["profile", "copy"])
def test_a_site_whose_row_is_lost_keeps_its_id(archive: Path, tmp_path: Path, source: str) -> None:
    """Else the next crawl makes a new site, and all pages new."""
    if source == "profile":
        with Store.open(archive) as store:
            store.pages.put_extractor(1, "b" * 64, PROFILE, "test", NOW)
    copy = copied(archive, tmp_path / "copy") if source == "copy" else None
    before, pages = asked(archive, "SELECT * FROM _site"), asked(archive, "SELECT count(*) FROM _page")
    emptied(archive, "_site", 1.0)
    repair(archive, copy, stamp=STAMP)
    assert verify(archive, deep=True).whole
    assert asked(archive, "SELECT * FROM _site") == before
    visit_with(archive, 100, page=0)
    assert asked(archive, "SELECT count(*) FROM _page") == pages
