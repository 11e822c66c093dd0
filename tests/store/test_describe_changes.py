"""Every change in an archive has its nature, its words and the visit before it, whoever wrote it."""

import json
import lzma
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archiver.maintain.repair.repair import repair
from archiver.maintain.verify.verify import verify
from archiver.model.edit import describe
from archiver.model.record import LIST_FIELDS, Content, Link, Published
from archiver.store import describe_changes
from archiver.store.archive import Store, vault_path
from archiver.store.event_query import event_query
from damaged import alter
from made import Bench

STORED = Path(__file__).parent.parent / "archives"
PLAIN = Content(
    title="Hội nghị",
    published=Published("2022-10-21", None, "21/10/2022", "day"),
    body="Đoạn một, năm 2022.\n\nĐoạn hai.\n\nĐoạn ba.",
    captions=("Ảnh một", "Ảnh hai"),
    bylines=("Lan", "Hà"),
    tags=("b", "a"),
    images=("http://e.org/a.jpg?sig=1", "http://e.org/b.jpg?sig=1"),
    files=(Link("http://e.org/a.pdf", "Tải"),),
    extra=(("price", "500"),),
)
EDITS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a word": ({"title": "Hội thảo"}, "words", "Hội [-nghị-]{+thảo+}"),
    "a year": (
        {"body": PLAIN.body.replace("2022", "2023") if PLAIN.body else ""},
        "figures",
        "Đoạn một, năm [-2022-]{+2023+}. ¶ Đoạn hai. ¶ Đoạn ba.",
    ),
    "a comma": (
        {"body": PLAIN.body.replace(",", "") if PLAIN.body else ""},
        "typography",
        "Đoạn một[-,-] năm 2022. ¶ Đoạn hai. ¶ Đoạn ba.",
    ),
    "paragraphs": (
        {"body": "Đoạn ba.\n\nĐoạn một, năm 2022.\n\nĐoạn hai."},
        "order",
        "Đoạn {+ba. ¶ Đoạn +}một, năm 2022. ¶ Đoạn hai.[- ¶ Đoạn ba.-]",
    ),
    "a date": ({"published": Published("2022-10-22")}, "figures", "2022-10-[-21-]{+22+}"),
    "no date": ({"published": None}, "figures", "[-2022-10-21-]"),
    "no body": ({"body": None}, "words", "[-Đoạn một, năm 2022. ¶ Đoạn hai. ¶ Đoạn ba.-]"),
    "a caption more": ({"captions": ("Ảnh một", "Ảnh hai", "Ảnh ba")}, "words", "Ảnh một ⏎ Ảnh hai{+ ⏎ Ảnh ba+}"),
    "names in another order": ({"bylines": ("Hà", "Lan")}, "order", "[-Lan ⏎ Hà-]{+Hà ⏎ Lan+}"),
    "a tag": ({"tags": ("a", "b", "c")}, "words", "a ⏎ b{+ ⏎ c+}"),
    "an image": (
        {"images": ("http://e.org/a.jpg?sig=2", "http://e.org/c.jpg?sig=2")},
        "media",
        "http://e.org/a.jpg?sig=1 ⏎ http://e.org/[-b-]{+c+}.jpg?sig=[-1-]{+2+}",
    ),
    "images in another order": (
        {"images": ("http://e.org/b.jpg?sig=2", "http://e.org/a.jpg?sig=2")},
        "order",
        "http://e.org/[-a-]{+b+}.jpg?sig=1 ⏎ http://e.org/[-b-]{+a+}.jpg?sig=1",
    ),
    "a file": ({"files": ()}, "media", "[-http://e.org/a.pdf-]"),
    "a price": ({"extra": (("price", "600"),)}, "figures", "[-500-]{+600+}"),
    "a word that is no price": ({"extra": (("price", "miễn phí"),)}, "words", "[-500-]{+miễn phí+}"),
    "the bytes of a file": ({"file": "sha256:aa, 12 bytes"}, "media", "{+sha256:aa, 12 bytes+}"),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_change_says_what_kind_of_edit_it_is(bench: Bench, name: str) -> None:
    changed, nature, context = EDITS[name]
    for content in (PLAIN, PLAIN, replace(PLAIN, **changed)):
        bench.visit(content)
    (row,) = bench.store.sql("SELECT nature, context, before_visit_id, after_visit_id, spans_absence FROM changes")
    assert (row["nature"], row["context"]) == (nature, context)
    assert [row["before_visit_id"], row["after_visit_id"]] == bench.runs[1:]
    assert row["spans_absence"] == 0
    assert all_described(bench.store) == 1
    assert verify(bench.store.path).findings == []


def test_what_changed_while_a_page_was_gone_spans_the_absence(bench: Bench) -> None:
    bench.visit(PLAIN)
    for _ in range(2):
        bench.visit(status=404)
    bench.visit(replace(PLAIN, title="Hội thảo"))
    bench.visit(status=301)
    (row,) = bench.store.sql("SELECT before_visit_id, after_visit_id, spans_absence FROM changes")
    assert list(row.values()) == [bench.runs[0], bench.runs[3], 1]
    versions = list(bench.store.sql("SELECT first_visit_id, last_visit_id, ended_by FROM versions ORDER BY version"))
    assert [row["ended_by"] for row in versions] == ["gone", "moved"]
    assert [(row["first_visit_id"], row["last_visit_id"]) for row in versions] == [(1, 1), (4, 4)]


def all_described(store: Store) -> int:
    """Check every change of an archive against its two values; return their number."""
    rows = list(store.sql("SELECT * FROM changes"))
    for row in rows:
        old, new = (
            tuple(json.loads(row[side])) if row["field"] in LIST_FIELDS and row[side] else row[side]
            for side in ("old", "new")
        )
        edit = describe(row["field"], old, new)
        assert (row["nature"], row["context"]) == (edit.nature, edit.context)
    assert not list(store.sql("SELECT 1 FROM changes WHERE before_visit_id IS NULL"))
    return len(rows)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A copy of an archive of schema 6."""
    for ending in ("db", "vault.db"):
        (tmp_path / f"old.{ending}").write_bytes(lzma.decompress((STORED / f"schema-6.{ending}.xz").read_bytes()))
    return tmp_path / "old.db"


def nothing_is_described(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE _change SET nature = NULL, context = NULL, before_visit = NULL")


@pytest.mark.parametrize("write", [True, False])
def test_a_migrated_archive_has_all_its_changes_described(old: Path, write: bool) -> None:
    with Store.open(old, write=write) as store:
        assert all_described(store) > 1
    assert verify(old).findings == []


def test_a_migration_that_is_killed_is_continued(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(describe_changes, "_NEXT", describe_changes._NEXT.replace("LIMIT 200", "LIMIT 1"))
    described = 0

    def killed(*values: Any) -> Any:
        nonlocal described
        described += 1
        if described == 3:
            raise KeyboardInterrupt
        return describe(*values)

    monkeypatch.setattr(describe_changes, "describe", killed)
    with pytest.raises(KeyboardInterrupt):
        Store.open(old)
    with closing(sqlite3.connect(old)) as database:
        assert database.execute("SELECT count(*) FROM _change WHERE nature IS NOT NULL").fetchone() == (2,)
    assert verify(old).findings == []
    with Store.open(old, write=False) as store:
        assert all_described(store) > 2


def test_an_archive_that_cannot_be_written_is_read_without_descriptions(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(old).close()
    nothing_is_described(old)
    with closing(sqlite3.connect(old)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr("archiver.store.open_file.BUSY_SECONDS", 0.0)
        with Store.open(old, write=False) as store:
            assert [row["nature"] for row in store.sql("SELECT nature FROM changes")][:1] == [None]


@pytest.mark.parametrize(
    "damage",
    ["nature = 'odd'", "context = NULL", "nature = NULL", "before_visit = 1", "before_visit = NULL"],
)
def test_an_impossible_description_is_found_and_made_again(old: Path, damage: str) -> None:
    Store.open(old).close()
    alter(old, f"UPDATE _change SET {damage} WHERE change_id = (SELECT max(change_id) FROM _change)")
    assert [found.what for found in verify(old).findings] != []
    repair(old, stamp="now")
    assert verify(old).findings == []
    with Store.open(old, write=False) as store:
        assert all_described(store) > 1


def test_a_wrong_description_is_taken_from_a_copy(old: Path, tmp_path: Path) -> None:
    Store.open(old).close()
    copy = tmp_path / "copy" / "old.db"
    copy.parent.mkdir()
    for one, other in ((old, copy), (vault_path(old), vault_path(copy))):
        shutil.copy(one, other)
    alter(old, "UPDATE _change SET nature = 'odd', context = 'odd', not_before = '2000-01-01 00:00:00'")
    repair(old, copy, stamp="now")
    with Store.open(old, write=False) as store:
        assert all_described(store) > 1


PLANS: dict[str, tuple[dict[str, str | None], tuple[str, ...]]] = {
    "all": ({}, ()),
    "a site": ({"site": "demo"}, ()),
    "a nature": ({}, ("words",)),
    "a field": ({"field": "body"}, ()),
    "a time": ({"since": "2022-01-01"}, ()),
}


MANY_CHANGES = (
    ("100000 2", "_change_when"),
    ("100000 200 2", "_change_page"),
    ("100000 20000 2", "_change_field"),
    ("100000 2", "_change_version"),
    ("500 1", "_page_address"),
    ("500 500 1", "sqlite_autoindex__page_1"),
)
"""Statistics of an archive with more changes than pages, for which SQLite used to scan the pages."""


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("newest_first", [True, False])
def test_a_limit_reads_the_index_by_time_and_stops(bench: Bench, name: str, newest_first: bool) -> None:
    filters, natures = PLANS[name]
    for number in range(40):
        bench.visit(replace(PLAIN, title=f"Tin {number}"), url=f"http://portal.example/{number % 20}")
    with closing(sqlite3.connect(bench.store.path)) as database, database:
        database.execute("ANALYZE")
        database.executemany("UPDATE sqlite_stat1 SET stat = ? WHERE idx = ?", MANY_CHANGES)
    with closing(sqlite3.connect(bench.store.path)) as database:
        sql, values = event_query(["edited"], filters, natures, 10, newest_first=newest_first)
        steps = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    of_edits = [step for step in steps if " h USING " in step and "_redesign" not in step]
    assert len(of_edits) == 1
    assert any(index in of_edits[0] for index in ("_change_when", "_change_field")), of_edits
    assert not any(step.startswith("CO-ROUTINE") for step in steps), "a part of the view is read as a whole"


Ask = Callable[..., list[dict[str, Any]]]


def test_the_newest_and_the_oldest_events(bench: Bench) -> None:
    for number in range(5):
        edited = replace(PLAIN, title=f"Tin {number}", body=f"Đoạn {'x' * number}", bylines=("Lan",) * number)
        bench.visit(edited, url="http://portal.example/1")
        bench.visit(replace(edited, title=f"Tin “{number}”"), url="http://portal.example/2")
    ask: Ask = bench.store.history.events
    every = ask(["new", "edited", "gone", "back"], {})
    assert every[:2] == [row for row in every if row["kind"] == "new"]
    for limit in (1, 3, 100):
        assert ask(["new", "edited"], {}, limit=limit) == every[:limit]
    newest = ask(["new", "edited"], {}, newest_first=True)
    assert sorted(newest, key=repr) == sorted(every, key=repr)
    assert [row["not_after"] for row in newest] == sorted((row["not_after"] for row in every), reverse=True)
    assert [row["field"] for row in newest[:3]] == ["title", "body", "bylines"]
    assert ask(["new", "edited"], {}, newest_first=True, limit=4) == newest[:4]
    figures = ask(["edited"], {}, natures=["figures"])
    assert {(row["field"], row["nature"]) for row in figures} == {("title", "figures")}
    assert len(figures) == 8
    assert {row["title"] for row in every[:2]} == {"Tin 0", "Tin “0”"}


def test_every_change_of_crawled_sites_is_described(lived: Path) -> None:
    with Store.open(lived, write=False) as store:
        assert all_described(store) > 1
