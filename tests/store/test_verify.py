"""Verify: any damage of an archive's files is reported with its dependents, and verify never crashes."""

import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.errors import ArchiveError, ArchiveLocked, NotAnArchive
from archiver.maintain.verify import verify as module
from archiver.maintain.verify.clean import clean
from archiver.maintain.verify.finding import Finding
from archiver.maintain.verify.verify import VerifyResult, verify
from archiver.model.profile import SiteInfo
from archiver.model.record import Content, Record
from archiver.store.archive import Store, vault_path
from archiver.store.new_visit import NewVisit
from archiver.store.vault import LARGE
from filled import add_body
from made import START, capture, settle
from trials import lasting

PAGES, ROUNDS = 4, 20
VISITS = PAGES * ROUNDS
FLIPS = lasting(50, 200)
WORDS = [f"{word}{number}" for number in range(60) for word in ("quận", "phường", "hội", "dân", "văn", "tế")]


def fill(path: Path) -> None:
    """Four pages of one template, visited twenty times; each edited once in a while, and its counter moving."""
    chance = random.Random(5)
    template = " ".join(chance.choices(WORDS, k=500)).encode()
    texts = {page: f"văn bản {page} " + " ".join(chance.choices(WORDS, k=60)) for page in range(PAGES)}
    with Store.open(path) as store:
        site = store.pages.put_site(SiteInfo("portal", "Portal", "http://portal.example/", "vi", "Asia/Ho_Chi_Minh"))
        extractor = store.pages.put_extractor(site, "a" * 64, "", "test", "2022-10-21 09:00:00").extractor_id
        store.pages.make_current(site, extractor, "2022-10-21 09:00:00")
        for number in range(ROUNDS):
            at = START + timedelta(hours=number)
            for page in range(PAGES):
                if (number + page) % 7 == 6:
                    texts[page] = texts[page].replace("văn", "câu", number)[::-1]
                url = f"http://portal.example/{page}"
                page_id = store.pages.put_page(site, url, url, "2022-10-21 09:00:00")[0]
                body = template + texts[page].encode() + b"<b>%d</b>" % (number * 37) + chance.randbytes(20)
                (visit,) = store.evidence.keep([NewVisit(page_id, capture(url, body, at=at))], None)
                content = Content(title=f"Trang {page}", body=texts[page], captions=("một",), tags=("a", "b"))
                settle(store, site, extractor, visit, Record(content=content, readings=(("views", number * 37),)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "archive.db"
    fill(path)
    return path


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    return copied(made, tmp_path)


def copied(source: Path, folder: Path) -> Path:
    """The two files of an archive nobody has open, in another folder."""
    for file in (source, vault_path(source)):
        shutil.copy(file, folder / file.name)
    return folder / source.name


@contextmanager
def hands(path: Path) -> Iterator[sqlite3.Connection]:
    """A file in the hands of somebody who knows SQLite and no scruples: triggers are put off, and back again."""
    with closing(sqlite3.connect(path)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()


def alter(path: Path, sql: str, *values: object) -> None:
    with hands(path) as connection:
        assert connection.execute(sql, values).rowcount >= 1


def of(found: VerifyResult, kind: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.kind == kind]


def frames_of(path: Path, where: str) -> list[int]:
    with closing(sqlite3.connect(vault_path(path))) as connection:
        return [row[0] for row in connection.execute(f"SELECT frame_id FROM _frame WHERE {where} ORDER BY frame_id")]


def break_frame(path: Path, number: int, *tables: str) -> None:
    with hands(vault_path(path)) as connection:
        for table in tables or ("_frame",):
            (data,) = connection.execute(f"SELECT data FROM {table} WHERE frame_id = ?", (number,)).fetchone()
            place = len(data) // 2
            broken = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
            connection.execute(f"UPDATE {table} SET data = ? WHERE frame_id = ?", (broken, number))


# whole archives


@pytest.mark.parametrize("deep", [False, True])
def test_a_whole_archive_is_whole(path: Path, deep: bool) -> None:
    """Nothing is found, every visit and body is counted, and the chain's head is told."""
    found = verify(path, deep=deep)
    assert (found.findings, found.notes, found.whole) == ([], [], True)
    assert (found.visits, found.last, found.bodies, found.read, found.pruned) == (VISITS, VISITS, VISITS, VISITS, 0)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT lower(hex(chain)) FROM _visit ORDER BY visit_id DESC").fetchone() == (
            found.chain,
        )


def test_an_empty_archive_is_whole(tmp_path: Path) -> None:
    Store.open(tmp_path / "a.db").close()
    found = verify(tmp_path / "a.db", deep=True)
    assert (found.findings, found.visits, found.chain) == ([], 0, "0" * 64)


def test_a_file_that_is_not_an_archive_is_refused_and_not_changed(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="there is no archive here"):
        verify(tmp_path / "none.db")
    text, other = tmp_path / "a.txt", tmp_path / "other.db"
    text.write_text("no archive\n" * 100)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE t(x)")
    for file in (text, other):
        before = file.read_bytes()
        with pytest.raises(NotAnArchive):
            verify(file)
        assert file.read_bytes() == before


def test_a_share_of_the_bodies_at_each_run_until_all_were_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run reads on where the last one ended, and begins again after the end: no body is left out."""
    monkeypatch.setattr(module, "LEAST", 30)
    places = []
    for _ in range(3):
        assert verify(path).read == 30
        with closing(sqlite3.connect(path)) as connection:
            places.append(connection.execute("SELECT value FROM _meta WHERE key = 'verified_to'").fetchone()[0])
    assert places == ["2:38", "3:79", "1:37"]


def test_damage_outside_the_share_is_found_when_its_turn_comes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST", 30)
    with closing(sqlite3.connect(path)) as connection:
        (last,) = connection.execute("SELECT frame_id FROM _visit WHERE page_id = 4 ORDER BY visit_id DESC").fetchone()
    break_frame(path, last)
    assert [verify(path).whole for _ in range(3)] == [True, True, False]
    assert not verify(path).whole, "a place is only noted when all was whole"


def test_a_read_only_archive_is_checked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs writing is left out, and said to be."""

    def refused(file: Path, **_: object) -> None:
        raise ArchiveError(f"{file}: refused")

    monkeypatch.setattr(module, "open_plain", refused)
    found = verify(path)
    assert found.whole
    assert found.notes == ["the position could not be stored; the next run reads the same bodies"]


def test_during_a_write_everything_but_the_search_indexes_is_checked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archiver.maintain.verify.verify_file._WAIT", 0.01)
    monkeypatch.setattr(module, "_WAIT", 0.01)
    with Store.open(path) as store, store.transaction():
        found = verify(path)
    assert found.whole
    assert [note.split(":")[0] for note in found.notes] == [
        "the full-text indexes were not checked",
        "the position could not be stored; the next run reads the same bodies",
    ]


def test_pruned_bodies_are_counted_and_no_damage(path: Path) -> None:
    with Store.open(path) as store:
        store.pruning.prune(1, 1, [1, 5, 9])
    clean(path)
    found = verify(path, deep=True)
    assert (found.findings, found.pruned, found.bodies) == ([], 3, VISITS - 3)


# rows


def test_an_altered_row_is_reported_with_its_dependents(path: Path) -> None:
    """Only the row that was altered, not all after it."""
    alter(path, "UPDATE _visit SET status = 201 WHERE visit_id = 1")
    (finding,) = verify(path).findings
    assert (finding.kind, finding.visit_id, finding.url) == ("row", 1, "http://portal.example/0")
    assert finding.visited_at == "2022-10-21 09:00:00"
    assert finding.what == "its row was altered after it was chained"
    assert (finding.versions, finding.readings, finding.changes) == ((1,), 1, 0)


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE _visit SET chain = randomblob(32) WHERE visit_id = 40", "the next visit confirms the row itself"),
        ("UPDATE _visit SET chain = 7 WHERE visit_id = 40", "has an impossible value"),
        ("UPDATE _visit SET chain = randomblob(32) WHERE visit_id = 80", "its row or its link"),
        ("UPDATE _visit SET sha256 = randomblob(32) WHERE visit_id = 40", "was altered after it was chained"),
        (
            "UPDATE _visit SET block_sha256 = NULL, frame_id = NULL WHERE visit_id = 40",
            "was altered after it was chained",
        ),
        (
            "UPDATE _visit SET visited_at = '2001-01-01 00:00:00' WHERE visit_id = 79",
            "was altered after it was chained",
        ),
        ("UPDATE _visit SET read_outcome = 'whatever' WHERE visit_id = 40", "has an impossible value"),
        ("UPDATE _visit SET note = CAST(x'ff41' AS TEXT) WHERE visit_id = 40", "was altered after it was chained"),
    ],
)
def test_any_alteration_of_a_row_is_reported(path: Path, sql: str, what: str) -> None:
    with hands(path) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ')') WHERE name = '_visit'")
        connection.commit()
    with hands(path) as connection:  # opened anew, so without types
        connection.execute(sql)
    rows = of(verify(path), "row")
    assert [finding.visit_id for finding in rows] == [int(re.findall(r"\d+", sql)[-1])]
    assert what in rows[0].what


def test_a_page_whose_address_was_altered_damages_each_of_its_visits(path: Path) -> None:
    alter(path, "UPDATE _page SET url = 'http://portal.example/other' WHERE page_id = 2")
    found = verify(path)
    assert [finding.visit_id for finding in of(found, "row")] == list(range(2, VISITS + 1, PAGES))


def test_a_removed_row_is_reported_and_the_next_one_cannot_be_confirmed(path: Path) -> None:
    alter(path, "DELETE FROM _visit WHERE visit_id = 33")
    rows = of(verify(path), "row")
    assert [(row.visit_id, row.what) for row in rows] == [
        (33, "its row is gone"),
        (34, "it cannot be checked: the visit before it is lost"),
    ]
    assert rows[0].readings == 1


def test_without_a_head_removed_last_rows_are_not_detected(path: Path) -> None:
    """As the documentation says: the chain does not know how long it should be."""
    with hands(path) as connection:
        (visit,) = connection.execute("SELECT max(visit_id) FROM _visit").fetchone()
        connection.execute("DELETE FROM _reading WHERE visit_id = ?", (visit,))
        connection.execute(
            "UPDATE _version SET last_visit = ?, seen_last = seen_from WHERE last_visit = ?", (visit - 4, visit)
        )
        connection.execute("DELETE FROM _visit WHERE visit_id = ?", (visit,))
    found = verify(path, asked=VISITS)
    assert (of(found, "row"), found.visits, found.chain_at) == ([], VISITS - 1, None)


def test_a_lost_page_or_request_is_reported_with_its_visits(path: Path) -> None:
    alter(path, "DELETE FROM _request WHERE request_id = (SELECT request_id FROM _visit WHERE visit_id = 6)")
    rows = of(verify(path), "row")
    assert {row.visit_id for row in rows} >= {2, 6}
    assert "its request" in rows[0].what


# bodies


def test_a_damaged_delta_is_reported_with_all_dependent_visits(path: Path) -> None:
    """And no others: at most the seven that follow."""
    (number,) = frames_of(path, "kind = 'D' AND number = 3")[:1]
    break_frame(path, number)
    bodies = of(verify(path), "body")
    assert 1 <= len(bodies) <= 8
    assert bodies[0].frame_id == number
    assert {body.healed for body in bodies} == {False}
    assert bodies[0].what == f"frame {number} does not decode"
    assert all(f"needs frame {number}" in body.what for body in bodies[1:])


def test_a_mirror_covers_a_damaged_keyframe(path: Path) -> None:
    """Every visit that needs it is named, and none is lost."""
    number = frames_of(path, "kind = 'F'")[0]
    break_frame(path, number)
    found = verify(path)
    (mirror,) = of(found, "mirror")
    assert (mirror.what, mirror.healed) == (f"frame {number} is damaged; its mirror is whole", True)
    bodies = of(found, "body")
    assert len(bodies) >= ROUNDS
    assert {body.healed for body in bodies} == {True}
    with Store.open(path) as store:
        assert all(store.evidence.block(body.visit_id or 0) for body in bodies)


def test_both_copies_damaged_is_lost(path: Path) -> None:
    number = frames_of(path, "kind = 'F'")[0]
    break_frame(path, number, "_frame", "_mirror")
    found = verify(path)
    assert {body.healed for body in of(found, "body")} == {False}
    assert len(of(found, "body")) >= ROUNDS


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        (
            "UPDATE _mirror SET data = x'00' WHERE frame_id = {0}",
            "the mirror of frame {0} is damaged; the frame is whole",
        ),
        ("UPDATE _mirror SET mean = 9 WHERE frame_id = {0}", "frame {0} and its mirror differ; both decode"),
        ("DELETE FROM _mirror WHERE frame_id = {0}", "the mirror of frame {0} is missing; the frame is whole"),
    ],
)
def test_a_mirror_that_is_not_the_frame(path: Path, sql: str, what: str) -> None:
    number = frames_of(path, "kind = 'F'")[0]
    alter(vault_path(path), sql.format(number))
    (finding,) = verify(path).findings
    assert (finding.kind, finding.what, finding.healed) == ("mirror", what.format(number), True)


def test_a_missing_frame(path: Path) -> None:
    number = frames_of(path, "kind = 'D'")[-1]
    alter(vault_path(path), "DELETE FROM _frame WHERE frame_id = ?", number)
    found = verify(path)
    assert [finding.what for finding in of(found, "frame")] == [f"1 frames that visits need are lost: {number}"]
    assert [body.frame_id for body in of(found, "body")] == [number]


def test_a_visit_with_a_wrong_frame(path: Path) -> None:
    alter(path, "UPDATE _visit SET frame_id = (SELECT frame_id FROM _visit WHERE visit_id = 12) WHERE visit_id = 40")
    (finding,) = verify(path).findings
    assert (finding.kind, finding.visit_id, finding.healed) == ("body", 40, False)
    assert "does not match the visit's digest" in finding.what


# files, and what is derived


def test_a_vault_that_is_missing_or_of_another_archive(path: Path, made: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "archive.db"
    Store.open(other).close()
    shutil.copy(vault_path(other), vault_path(path))
    found = verify(path)
    assert [finding.kind for finding in of(found, "tie")] == ["tie"]
    assert len(of(found, "body")) == VISITS
    vault_path(path).unlink()
    found = verify(path)
    assert found.findings[0].what.startswith("it is missing; ")
    assert (found.visits, of(found, "row")) == (VISITS, [])


DERIVED = [
    ("UPDATE _stored_content SET title = 'other' WHERE content_id = 3", "derived", "content 3 does not match its fingerprint"),
    ("UPDATE _stored_content SET captions = '[' WHERE content_id = 3", "derived", "content 3 has an impossible value"),
    ("UPDATE _item SET text = 'zwei' WHERE content_id = 2 AND field = 'captions'", "derived", "content 2 does not match its rows"),
    ("UPDATE _version SET page_id = 3, version = 99 WHERE version_id = 1", "derived", "visits of another page or time"),
    ("UPDATE _version SET first_visit = 6 WHERE version_id = 1", "derived", "visits of another page or time"),
    ("UPDATE _change SET page_id = page_id % 4 + 1 WHERE change_id = 1", "derived", "change 1 does not match its versions"),
    ("UPDATE _change SET new_content = old_content WHERE change_id = 2", "derived", "change 2 does not match its versions"),
    ("UPDATE _change SET not_before = '2022-10-21 09:00:01' WHERE change_id = 2", "derived", "change 2 does not match"),
    ("UPDATE _version SET seen_last = '2022-10-23 09:00:01' WHERE version_id = 1", "derived", "visits of another page or time"),
    ("UPDATE _page SET last_visited = '2022-10-21 09:00:01' WHERE page_id = 2", "derived", "page 2 has its last visit"),
    ("UPDATE _reading SET value = value + 1 WHERE visit_id = 42", "derived", "a reading of views contradicts"),
    ("UPDATE _reading SET name_id = 9 WHERE visit_id = 42", "reference", "_reading references a row of _reading_name"),
    ("DELETE FROM _words WHERE rowid = 2", "search", "the index _words does not match"),
    ("DROP TRIGGER _visit_fixed", "schema", "the trigger _visit_fixed is missing"),
    ("DROP VIEW changes", "schema", "the view changes is missing"),
    ("PRAGMA application_id = 1", "schema", "its application_id is 0x1"),
    ("UPDATE _meta SET value = 'x' WHERE key = 'archive_id'", "tie", "it belongs to archive"),
    ("UPDATE _reading SET visit_id = 4000 WHERE visit_id = 42", "reference", "_reading references a row of _visit"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "kind", "what"), DERIVED)
def test_derived_rows_are_compared_with_their_visits(path: Path, sql: str, kind: str, what: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        if sql.startswith("UPDATE _stored_content"):
            connection.execute("DROP TRIGGER _content_fixed")
        connection.execute(sql)
    assert any(what in finding.what for finding in of(verify(path), kind))


def test_an_altered_content_is_reported_with_its_versions(path: Path) -> None:
    alter(path, "UPDATE _stored_content SET body = 'other' WHERE content_id = 3")
    with closing(sqlite3.connect(path)) as connection:
        versions = connection.execute("SELECT version_id FROM _version WHERE content_id = 3").fetchone()
    found = {finding.what: finding.versions for finding in of(verify(path), "derived")}
    assert found["content 3 does not match its fingerprint"] == versions


# rubbish


def orphans(path: Path) -> int:
    """Frames as a writer leaves them that dies between its two commits; how many."""
    with Store.open(path) as store:
        from archiver.store.vault import Block

        return len(store._vault.write([Block(1, 1, b"HTTP/1.1 200 OK\r\n\r\nlost %d" % n, None) for n in range(3)]))


def test_clean_removes_only_unused_frames(path: Path) -> None:
    before = {visit: block_of(path, visit) for visit in range(1, VISITS + 1)}
    count = orphans(path)
    found = verify(path)
    assert (found.whole, len(found.unneeded)) == (True, count)
    cleaned = clean(path)
    assert (cleaned.frames, cleaned.bytes) == (count, sum(found.unneeded.values()))
    after = verify(path, deep=True)
    assert (after.findings, after.unneeded) == ([], {})
    assert {visit: block_of(path, visit) for visit in before} == before
    assert clean(path).frames == 0


def test_clean_keeps_references_of_used_frames(path: Path) -> None:
    with Store.open(path) as store:
        store.evidence.place({1: None})  # as pruning would, without writing anew what leans on it
    found = verify(path, deep=True)
    assert (found.findings, found.unneeded) == ([], {})
    assert clean(path).frames == 0


def test_nothing_is_cleaned_while_another_program_has_the_archive_open(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be a writer between its two commits, whose frames no visit names yet."""
    monkeypatch.setattr("archiver.maintain.verify.clean._WAIT", 0.05)
    with Store.open(path) as store:
        visits = store.evidence
        write = visits._vault.write

        def interrupted(blocks: Any) -> list[int]:
            frames = write(blocks)
            with pytest.raises(ArchiveLocked, match="nothing was removed"):
                clean(path)
            return frames

        visits._vault.write = interrupted  # type: ignore[method-assign]
        (number,) = visits.keep([NewVisit(1, capture("http://portal.example/0", b"<p>new</p>"))], None)
        assert visits.block(number).endswith(b"<p>new</p>")
    assert verify(path, deep=True).whole


# any bit


def block_of(path: Path, visit: int) -> bytes:
    with Store.open(path, write=False) as store:
        return store.evidence.block(visit)


def answers(path: Path) -> dict[int, object]:
    """What the archive says of each visit; an error is an answer, too."""
    try:
        with Store.open(path, write=False) as store:
            return {visit: answer(store, visit) for visit in range(1, VISITS + 1)}
    except Exception as error:  # noqa: BLE001  (whatever a damaged file makes of it)
        return {0: str(error)}


def answer(store: Store, visit: int) -> object:
    try:
        kept = store.evidence.visit(visit)
    except Exception as error:  # noqa: BLE001
        return str(error)
    return kept.page_id, kept.run_id, kept.visited_at, kept.capture


def flip(path: Path, chance: random.Random) -> tuple[Path, int]:
    """Flip one bit of either file; where."""
    file = chance.choice([path, path, vault_path(path)])
    data = bytearray(file.read_bytes())
    place = chance.randrange(len(data))
    while not any(data[place - 4 : place + 4]):  # most of a small file is empty pages
        place = chance.randrange(len(data))
    data[place] ^= 1 << chance.randrange(8)
    file.write_bytes(data)
    return file, place


@pytest.mark.soak
def test_a_flipped_bit_never_crashes_verify_or_hides_damage(made: Path, tmp_path: Path) -> None:
    chance, before = random.Random(20221021), answers(made)
    damaged = 0
    for _ in range(FLIPS):
        path = copied(made, tmp_path)
        where = flip(path, chance)
        found = verify(path, deep=True)
        damaged += not found.whole
        if found.whole:
            assert answers(path) == before, where
        for file in tmp_path.glob("archive*"):
            file.unlink()
    assert damaged > FLIPS // 2


def test_an_overwritten_page_of_the_file(made: Path, tmp_path: Path) -> None:
    """SQLite gives up on a tree it cannot read; the other checks go on, and the visits beside it are told from those lost.

    Pages of the schema are left out: without one of them, no row of the tables that it describes can be read.
    """
    chance = random.Random(4)
    with closing(sqlite3.connect(made)) as database:
        sql = "SELECT pageno FROM dbstat WHERE name <> 'sqlite_schema' AND pageno > 1 ORDER BY pageno"
        pages = [number for (number,) in database.execute(sql)]
    for _ in range(25):
        path = copied(made, tmp_path)
        page = chance.choice(pages)
        with path.open("r+b") as file:
            file.seek((page - 1) * 4096)
            file.write(chance.randbytes(4096))
        found = verify(path)
        assert found.whole is False or found.as_json()["findings"] == 0
        assert len(of(found, "row")) < VISITS or not is_readable(path)


def is_readable(path: Path) -> bool:
    """Whether the visits and the only leaf of their pages and requests can be read: without it every visit is lost."""
    with closing(sqlite3.connect(path)) as database:
        try:
            return bool(
                database.execute(
                    "SELECT t.chain, p.first_seen, r.head FROM _visit t JOIN _page p USING (page_id) JOIN _request r USING (request_id)"
                ).fetchone()
            )
        except sqlite3.DatabaseError:
            return False


def test_the_index_of_large_bodies_is_checked(made: Path, tmp_path: Path) -> None:
    """The same file again is recognised by it. Nothing is lost with it, so it is looked at where all bodies are read."""
    path = Path(shutil.copytree(made.parent, tmp_path / "large")) / made.name
    add_body(path, 1, random.Random(1).randbytes(LARGE))
    assert verify(path, deep=True).whole
    with closing(sqlite3.connect(vault_path(path), isolation_level=None)) as vault:
        vault.execute("UPDATE _large SET sha256 = zeroblob(32)")
        (frame,) = vault.execute("SELECT frame_id FROM _large").fetchone()
    (found,) = verify(path, deep=True).findings
    assert (found.kind, found.frame_id, found.file) == ("frame", frame, vault_path(path).name)
    assert "_large" in found.what


@pytest.mark.parametrize("given", [60_000, 2**62], ids=["years of pruning", "a number nobody gave"])
def test_high_frame_ids_are_no_damage(path: Path, given: int) -> None:
    """Pruning writes frames anew and removes them for years: few are left, and their numbers are high."""
    with closing(sqlite3.connect(vault_path(path), isolation_level=None)) as vault:
        vault.execute("UPDATE sqlite_sequence SET seq = ?", (given,))
    if given < 2**62:
        add_body(path, 1, b"<p>new</p>")
    assert verify(path, deep=True).whole
