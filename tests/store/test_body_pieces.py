"""Edited bodies are stored as pieces of an earlier body of their page; every reader gets the exact body."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.maintain.backup.backup import back_up
from archiver.maintain.repair.repair import repair
from archiver.maintain.verify.verify import verify
from archiver.model.record import Content, Link
from archiver.store.body_pieces import MAX_PIECES, cut_body, joined_body
from archiver.store.content_rows import put_contents
from archiver.store.search import SearchResult
from damaged import alter
from filled import NOW
from made import Bench

PARAGRAPHS = [
    f"Đoạn {number}: " + ", ".join(f"câu {number * 31 + place} e\u0301 👩‍👩‍👧 của bài" for place in range(12)) + "."
    for number in range(12)
]
ODD = st.sampled_from(
    ["", "\0", "👩‍👩‍👧", "e\u0301", "\r\n", "\u2028", "đ", "x" * 300, "\n\n", PARAGRAPHS[0], "]]>", "\ufeff"]
)
Engines = tuple[sqlite3.Connection, duckdb.DuckDBPyConnection]
_JOINED = f"SELECT {joined_body('c', 'b')} FROM (SELECT ? AS body, ? AS cuts) c, (SELECT ? AS body) b"


def edited(*edits: tuple[int, str]) -> str:
    """Return the article with other paragraphs at some places."""
    paragraphs = list(PARAGRAPHS)
    for place, text in edits:
        paragraphs[place] = text
    return "\n\n".join(paragraphs)


def stored(bench: Bench) -> list[sqlite3.Row]:
    return bench.store._main.rows(
        "SELECT content_id, base, length(body) AS own FROM _stored_content ORDER BY content_id"
    )


def bodies(bench: Bench) -> list[str]:
    return [row["body"] for row in bench.store._main.rows("SELECT body FROM versions ORDER BY version")]


def visit_all(bench: Bench, texts: Sequence[str]) -> None:
    for text in texts:
        bench.visit(Content(title="Bài", body=text))


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    """SQLite and DuckDB. Both count characters in the same way."""
    with closing(sqlite3.connect(":memory:")) as database, closing(duckdb.connect()) as duck:
        yield database, duck


@given(
    st.lists(ODD | st.text(max_size=40), max_size=30),
    st.lists(st.tuples(st.integers(0, 40), ODD | st.text()), max_size=10),
)
def test_the_pieces_of_any_body_join_to_it(engines: Engines, parts: list[str], edits: list[tuple[int, str]]) -> None:
    base = "".join(parts) + edited()
    body = base
    for place, text in edits:
        at = place * len(body) // 41
        body = body[:at] + text + body[at + len(text) // 2 :]
    pieces = cut_body(body, base)
    if pieces is not None:
        assert [each.execute(_JOINED, (*pieces, base)).fetchone() for each in engines] == [(body,), (body,)]


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_two_texts_are_stored_whole_or_join_to_the_second(engines: Engines, base: str, body: str) -> None:
    pieces = cut_body(body, base)
    if pieces is not None:
        assert [each.execute(_JOINED, (*pieces, base)).fetchone() for each in engines] == [(body,), (body,)]


def test_a_small_edit_stores_only_its_paragraph(bench: Bench) -> None:
    texts = [
        edited(),
        edited((3, "Khác.")),
        edited((3, "Khác."), (9, "Lại khác.")),
        "Mở đầu.\n\n" + edited() + "\n\nHết.",
    ]
    visit_all(bench, texts)
    assert bodies(bench) == texts
    assert [row["base"] for row in stored(bench)] == [None, 1, 1, 1]
    assert max(row["own"] for row in stored(bench)[1:]) < 30


def test_a_body_with_much_own_text_is_whole_and_the_next_base(bench: Bench) -> None:
    other = edited(*((place, f"Câu mới số {place}. " * 20) for place in range(8)))
    visit_all(bench, [edited(), other, other + "\n\nHết.", "Ngắn.", "Ngắn!", "", other + "\n\nHết!"])
    assert [row["base"] for row in stored(bench)] == [None, None, 2, None, None, None, None]
    assert bodies(bench)[2] == other + "\n\nHết."


def test_many_edits_in_one_body_have_a_bounded_number_of_pieces() -> None:
    body = edited(*((place, PARAGRAPHS[place][:-9]) for place in range(12)))
    pieces = cut_body(body, edited())
    assert pieces is None or len(pieces[1]) <= 24 * MAX_PIECES
    assert cut_body("a\0" + edited((1, "x")), edited()) is None, "SQLite's substr ends at a NUL"


def test_a_base_is_never_a_piece_itself_and_stays(bench: Bench) -> None:
    visit_all(bench, [edited((number % 12, f"Lần {number}.")) for number in range(20)])
    rows = {row["content_id"]: row["base"] for row in stored(bench)}
    bases = {base for base in rows.values() if base is not None}
    assert bases
    assert all(rows[base] is None for base in bases)
    with closing(sqlite3.connect(bench.store.path)) as database:
        for statement in ("DELETE FROM _stored_content WHERE content_id = 1", "UPDATE _stored_content SET body = ''"):
            with pytest.raises(sqlite3.IntegrityError, match="content is"):
                database.execute(statement)


def test_search_finds_the_common_text_and_the_edit_in_every_version(bench: Bench) -> None:
    visit_all(bench, [edited(), edited((3, "Hòa bình lập lại.")), edited((3, "Hòa bình lập lại."), (5, "Đất nước."))])
    found = bench.store._main.rows
    assert len(found("SELECT 1 FROM found WHERE words MATCH ?", ('"câu 31"',))) == 3
    assert len(found("SELECT 1 FROM found WHERE words MATCH ?", ('"Hòa bình"',))) == 2
    assert len(found("SELECT 1 FROM found WHERE words MATCH ?", ('"hoa binh"',))) == 0
    assert len(found("SELECT 1 FROM found_plain WHERE words MATCH ?", ('"hoa binh" AND "dat nuoc" AND "cau 31"',))) == 1
    (hit,) = bench.store.search.hits(SearchResult("dat nuoc", plain=True), "newest", 5)
    assert "[Đất] [nước]" in hit["context"].replace("[Đất nước]", "[Đất] [nước]")
    assert verify(bench.store.path, deep=True).whole


def test_a_change_refers_to_two_contents_and_shows_their_values(bench: Bench) -> None:
    first = Content(
        title="Cũ", body=edited(), tags=("a",), extra=(("agency", "x"),), files=(Link("http://a.example/1"),)
    )
    second = Content(title="Mới", body=edited((1, "Khác.")), captions=("Ảnh",), extra=(("agency", "y"),))
    bench.visit(first)
    bench.visit(second)
    rows = bench.store._main.rows("SELECT field, old, new FROM changes")
    assert {row["field"]: (row["old"], row["new"]) for row in rows} == {
        "title": ("Cũ", "Mới"),
        "body": (first.body, second.body),
        "captions": (None, '["Ảnh"]'),
        "tags": ('["a"]', None),
        "files": ('["http://a.example/1"]', None),
        "extra.agency": ("x", "y"),
    }
    kept = bench.store._main.rows("SELECT field FROM _change WHERE old IS NOT NULL OR new IS NOT NULL ORDER BY field")
    assert [row["field"] for row in kept] == ["extra.agency", "files"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE _stored_content SET cuts = '000001' WHERE content_id = 2",
        "UPDATE _stored_content SET cuts = 'x' || substr(cuts, 3) WHERE content_id = 2",
        "UPDATE _stored_content SET base = 3 WHERE content_id = 2",
        "UPDATE _stored_content SET base = NULL WHERE content_id = 2",
        "UPDATE _stored_content SET body = 'x' WHERE content_id = 2",
        "UPDATE _stored_content SET body = replace(body, 'Đoạn', 'Khúc') WHERE content_id = 1",
        "UPDATE _change SET field = 'title' WHERE change_id = 1",
        "UPDATE _change SET field = 'x' WHERE change_id = 1",
        "UPDATE _change SET new_content = old_content WHERE change_id = 1",
    ],
)
def test_damage_to_pieces_and_changes_is_found_and_repaired(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory, statement: str
) -> None:
    visit_all(bench, [edited(), edited((3, "Khác.")), "Không liên quan."])
    path, texts = bench.store.path, bodies(bench)
    bench.store.close()
    copy = tmp_path_factory.mktemp("copies") / "copy"
    back_up(path, copy, made_at=NOW, version="0.1.0")
    alter(path, statement)
    assert not verify(path, deep=True).whole
    assert repair(path, copy, stamp="20221021090000").whole
    assert verify(path, deep=True).whole
    with closing(sqlite3.connect(path)) as database:
        assert [row[0] for row in database.execute("SELECT body FROM versions ORDER BY version")] == texts
        assert database.execute("SELECT old, new FROM changes").fetchall() == list(pairwise(texts))


def test_a_body_whose_base_is_lost_is_restored(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> None:
    visit_all(bench, [edited(), edited((3, "Khác."))])
    path, texts = bench.store.path, bodies(bench)
    bench.store.close()
    copy = tmp_path_factory.mktemp("copies") / "copy"
    back_up(path, copy, made_at=NOW, version="0.1.0")
    alter(path, "DELETE FROM _stored_content WHERE content_id = 1")
    assert not verify(path, deep=True).whole
    repair(path, copy, stamp="20221021090000")
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT body FROM versions WHERE version = 2").fetchall() == [(texts[1],)]


def test_a_batch_of_contents_adds_one_segment_to_each_full_text_index(bench: Bench) -> None:
    """FTS5 writes a segment at each savepoint, so contents that a trigger indexes one by one have one each."""
    main = bench.store._main
    with bench.store.transaction():
        put_contents(
            main, [(Content(title=f"Bài {number}", body=edited((1, str(number)))), None) for number in range(12)]
        )
    for index in ("_words", "_words_plain"):
        assert main.value(f"SELECT count(DISTINCT segid) FROM {index}_idx") == 1
    assert len(main.rows("SELECT rowid FROM _words_plain WHERE _words_plain MATCH 'bai AND doan'")) == 12
