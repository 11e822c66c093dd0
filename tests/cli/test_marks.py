"""Marks on events: they stay when the archive is read again, are in the view and in feeds, and hide what is redacted."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from archiver.app.browsing.marking import mark_events
from archiver.app.browsing.marks import LONGEST_NOTE, event_text, marks_of
from archiver.app.reading.serving import open_for_server
from archiver.errors import NotInArchive, UsageError
from archiver.maintain.repair.restore_marks import restore_marks
from archiver.store.archive import Store
from archiver.store.plain_files import open_plain
from archiver.store.schema import MIGRATIONS
from migrated import drop_renditions
from redacted import found, rows
from watched import PAGE, Town

WORD = "zxqbimat"


@pytest.fixture
def edited(town: Town) -> Town:
    """A page is edited, another is gone."""
    town.articles(3)
    town.crawl()
    town.articles(range(1, 2), PAGE.replace("Bài {n}.", f"Khác, {WORD}."))
    del town.server.answers["/a/2"]
    town.crawl()
    town.crawl()
    return town


def events(town: Town, where: str = "true") -> list[dict[str, Any]]:
    return rows(town.path, f"SELECT * FROM events WHERE {where} ORDER BY not_after DESC")


def standing(town: Town) -> list[tuple[str, str | None, str, str]]:
    found = rows(town.path, "SELECT * FROM marks WHERE withdrawn_at IS NULL ORDER BY mark_id")
    return [(each["mark"], each["note"], each["kind"], each["marked_by"]) for each in found]


def test_each_kind_of_event_is_marked_once_and_the_mark_can_be_withdrawn(edited: Town) -> None:
    for event in events(edited):
        name = event_text(event)
        assert mark_events(edited.settings, [name], "seen", by="lan") == 1
        assert mark_events(edited.settings, [name], "seen", by="minh") == 0
        with open_for_server(edited.settings) as archive:
            assert next(iter(marks_of(archive.store, [event]).values())).seen
        assert mark_events(edited.settings, [name], "seen", withdraw=True) == 1
        assert mark_events(edited.settings, [name], "seen", withdraw=True) == 0
    assert standing(edited) == []
    assert {row["marked_by"] for row in rows(edited.path, "SELECT * FROM marks")} == {"lan"}


def test_a_note_takes_the_place_of_the_one_before_and_an_empty_one_withdraws_it(edited: Town) -> None:
    name = event_text(events(edited, "kind = 'edited'")[0])
    assert mark_events(edited.settings, [name], "note", note="call\nthem \x1b[31m", by="lan") == 1
    assert mark_events(edited.settings, [name], "note", note="called them") == 1
    assert standing(edited) == [("note", "called them", "edited", "local")]
    assert mark_events(edited.settings, [name], "note", note=" ") == 1
    assert standing(edited) == []
    assert "\x1b" not in str(rows(edited.path, "SELECT note FROM marks"))


def test_marks_stay_when_the_archive_is_read_again(edited: Town) -> None:
    (before,) = events(edited, "field = 'body'")
    mark_events(edited.settings, [event_text(each) for each in events(edited)], "important")
    profile = edited.server.selectors / "town.toml"
    profile.write_text(profile.read_text(encoding="utf-8").replace('"#s"', '["#s", "#was"]'), encoding="utf-8")
    edited("extract", "--site", "town")
    (after,) = events(edited, "field = 'body'")
    assert after["change_id"] != before["change_id"]
    with open_for_server(edited.settings) as archive:
        marked = marks_of(archive.store, events(edited))
    assert len(marked) == len(events(edited)) == len(standing(edited))
    assert event_text(after) in marked
    edited("verify", "--deep")


def test_feeds_have_marks_and_notes(edited: Town) -> None:
    (edit,) = events(edited, "field = 'body'")
    plain = edited("feed")
    mark_events(edited.settings, [event_text(edit)], "important")
    mark_events(edited.settings, [event_text(edit)], "note", note="<b>ask</b> them", by="lan")
    whole, only = edited("feed"), edited("feed", "--important")
    assert whole.count("<entry") == plain.count("<entry") > 1
    assert only.count("<entry") == 1
    assert '<category term="important"/>' in only
    assert "Note by lan: &amp;lt;b&amp;gt;ask&amp;lt;/b&amp;gt; them" in only
    mark_events(edited.settings, [event_text(edit)], "important", withdraw=True)
    assert "<entry" not in edited("feed", "--important")


@pytest.mark.parametrize(
    "name",
    ["", "x", "kind=edited", "kind=edited&site=town&not_after=today", "kind=a&site=b&page_id=x&not_after=1", "&" * 99],
)
def test_a_name_that_names_no_event_is_refused(edited: Town, name: str) -> None:
    with pytest.raises(UsageError, match="names no event"):
        mark_events(edited.settings, [name], "seen")


def test_what_the_archive_does_not_have_is_not_marked(edited: Town) -> None:
    name = event_text({**events(edited)[0], "visit_id": 9999})
    with pytest.raises(NotInArchive):
        mark_events(edited.settings, [name], "seen")
    with pytest.raises(UsageError, match="no such mark"):
        mark_events(edited.settings, [event_text(events(edited)[0])], "liked")
    with pytest.raises(UsageError, match="at most"):
        mark_events(edited.settings, [event_text(events(edited)[0])], "note", note="x" * (LONGEST_NOTE + 1))
    with pytest.raises(UsageError, match="between"):
        mark_events(edited.settings, [], "seen")


def test_a_redaction_deletes_notes_on_the_page(edited: Town) -> None:
    (edit,) = events(edited, "field = 'body'")
    mark_events(edited.settings, [event_text(edit)], "note", note=f"it says {WORD}")
    mark_events(edited.settings, [event_text(events(edited, "kind = 'gone'")[0])], "note", note="stays")
    assert found(edited.path, (WORD,))
    edited("redact", edit["url"], "--reason", "a name", "--yes")
    assert [row["note"] for row in rows(edited.path, "SELECT note FROM marks ORDER BY mark_id")] == [None, "stays"]
    assert not found(edited.path, (WORD,))
    edited("verify", "--deep")


def test_an_archive_of_schema_11_gets_marks(edited: Town) -> None:
    before = events(edited)
    with closing(sqlite3.connect(edited.path, isolation_level=None)) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'view' AND name NOT LIKE '\\_%' ESCAPE '\\'"
        ):
            connection.execute(f"DROP VIEW {name}")
        connection.execute("DROP TABLE _mark")
        connection.execute("DROP TABLE _accepted")
        connection.execute("ALTER TABLE _doubt DROP COLUMN fields")
        drop_renditions(connection)
        connection.execute("DELETE FROM _meta WHERE key = 'views'")
        connection.execute("PRAGMA user_version=11")
    assert len(MIGRATIONS) == 14
    with Store.open(edited.path) as store:
        assert list(store.sql("SELECT user_version AS n FROM pragma_user_version")) == [{"n": 14}]
    assert events(edited) == before
    assert mark_events(edited.settings, [event_text(before[0])], "seen") == 1


def test_marks_are_in_copies_and_in_exports(edited: Town, tmp_path_factory: pytest.TempPathFactory) -> None:
    mark_events(edited.settings, [event_text(events(edited)[0])], "important", by="lan")
    copy = tmp_path_factory.mktemp("elsewhere") / "copy"
    edited("backup", str(copy))
    (file,) = copy.rglob("archive.db")
    assert [row["marked_by"] for row in rows(file, "SELECT * FROM marks")] == ["lan"]
    edited("export", "csv", str(edited.folder / "tables"))
    assert "lan" in (edited.folder / "tables" / "marks.csv").read_text(encoding="utf-8")


def test_a_repair_takes_lost_marks_from_a_copy(edited: Town, tmp_path_factory: pytest.TempPathFactory) -> None:
    names = [event_text(each) for each in events(edited)]
    mark_events(edited.settings, names, "seen", by="lan")
    mark_events(edited.settings, names[:1], "note", note="ask")
    copy = tmp_path_factory.mktemp("elsewhere") / "copy"
    edited("backup", str(copy))
    before = standing(edited)
    (file,) = copy.rglob("archive.db")
    with closing(open_plain(edited.path, write=True)) as main, closing(open_plain(file, write=False)) as other:
        main.execute("DELETE FROM _mark WHERE mark_id > 1")
        assert restore_marks(main, other) == {"_mark": len(before) - 1}
        assert restore_marks(main, other) == {}
    assert standing(edited) == before
    edited("verify", "--deep")


def test_a_repair_keeps_marks_of_two_redesigns_apart(edited: Town) -> None:
    """Both were marked at the same moment, and neither has a page or a visit."""
    copy = edited.folder / "copy.db"
    columns = "site_id, run_id, kind, not_after, mark, marked_at, marked_by"
    with closing(open_plain(edited.path, write=True)) as main:
        for day in (1, 2):
            main.execute(f"INSERT INTO _mark({columns}) SELECT 1, max(run_id), 'redesign', '2022-10-2{day} 01:00:00', "
                         "'seen', '2022-11-01 01:00:00', 'lan' FROM _run")  # fmt: skip
        main.execute("VACUUM INTO ?", (str(copy),))
        main.execute("DELETE FROM _mark")
        with closing(open_plain(copy, write=False)) as other:
            assert restore_marks(main, other) == {"_mark": 2}
            assert restore_marks(main, other) == {}
