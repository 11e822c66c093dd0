"""Full-text search over all versions: exact and plain, newest and best, and the history of a phrase."""

import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.model.record import Content
from archiver.store import search
from archiver.store.schema import MIGRATIONS
from archiver.store.search import SearchResult, words_query
from archiver.store.view_sql import PLAIN_CONTEXT
from made import Bench

PHRASE = '"đất đai"'


def _visit(bench: Bench, body: str, number: int = 1, title: str = "Tin") -> None:
    bench.visit(Content(title=title, body=body), url=f"http://portal.example/{number}")


def _titles(bench: Bench, wanted: SearchResult, order: search.Order = "newest", limit: int = 20) -> list[str]:
    return [row["title"] for row in bench.store.search.hits(wanted, order, limit)]


def test_there_are_no_operators(bench: Bench) -> None:
    _visit(bench, "a b c")
    for typed in ('"', "a OR", "NEAR(a b)", "title:a", "a*", "^a", "-a", "{a}", "(", "a AND", '"a', "\0", "a\0b"):
        bench.store.search.hits(SearchResult(typed), "newest", 5)
        bench.store.search.hits(SearchResult(typed, plain=True), "relevance", 5)


@given(st.text(max_size=40))
def test_any_text_is_a_query_whose_quotes_close(text: str) -> None:
    for plain in (False, True):
        assert words_query(text, plain=plain).count('"') % 2 == 0


def test_both_placements_of_a_tone_match(bench: Bench) -> None:
    _visit(bench, "vì hòa bình", 1, "cũ")
    _visit(bench, "vì hoà bình", 2, "mới")
    for typed in ('"hòa bình"', '"hoà bình"', unicodedata.normalize("NFD", '"hòa bình"')):
        assert _titles(bench, SearchResult(typed)) == ["mới", "cũ"]
    assert _titles(bench, SearchResult("hoa binh", plain=True)) == ["mới", "cũ"]
    assert _titles(bench, SearchResult("hoa binh")) == []


@pytest.mark.parametrize(
    ("typed", "body", "context"),
    [
        ("dat dai", "quản lý đất đai ở Đông Anh", "quản lý [đất] [đai] ở Đông Anh"),
        ('"dat dai"', "Đất đai", "[Đất đai]"),
        ("Đông", "x " * 40 + "đồng " + "y " * 60, "… " + "x " * 29 + "[đồng] " + "y " * 47 + "…"),
        ('"c duong"', "a. " + "b " * 13 + "c đường", "a. " + "b " * 13 + "[c đường]"),
        ("duong", "[đường] phố", "[[đường]] phố"),
    ],
)
def test_the_plain_context_has_the_real_letters(bench: Bench, typed: str, body: str, context: str) -> None:
    _visit(bench, body)
    (row,) = bench.store.search.hits(SearchResult(typed, plain=True), "newest", 5)
    assert row["context"] == context


@pytest.fixture(scope="module")
def tables() -> Iterator[sqlite3.Connection]:
    """An archive's tables in memory."""
    with closing(sqlite3.connect(":memory:")) as database:
        for migration in MIGRATIONS:
            database.executescript(migration)
        yield database


@given(st.lists(st.sampled_from(["đất", "dat", "Đai", "đai", "và", "[", "ở;", "ạ", "\n\n"]), min_size=1, max_size=60))
def test_the_plain_context_is_a_part_of_the_text_with_its_marks(tables: sqlite3.Connection, words: list[str]) -> None:
    text = " ".join(words)
    tables.execute("BEGIN")
    tables.execute(
        "INSERT INTO _stored_content(fingerprint, body, captions, bylines, tags, images, files, extra) "
        "VALUES ('x', ?, '[]', '[]', '[]', '[]', '[]', '{}')",
        (text,),
    )
    tables.execute("INSERT INTO _words_plain(_words_plain) VALUES ('rebuild')")
    query = (
        f"SELECT {PLAIN_CONTEXT} FROM _words_plain f JOIN _content c ON c.content_id = f.rowid "
        "WHERE _words_plain MATCH 'dat OR dai'"
    )
    found = tables.execute(query).fetchall()
    tables.execute("ROLLBACK")
    assert bool(found) == any(word in text for word in ("đất", "dat", "Đai", "đai"))
    for (context,) in found:
        shown = context.removeprefix(" … ").removesuffix(" … ")
        assert shown.count("[") - shown.count("]") == sum(1 for word in shown.split() if word == "[")
        assert shown.replace("[", "").replace("]", "") in text.replace("[", "")


def test_newest_first_and_by_relevance_the_title_counts_more(bench: Bench) -> None:
    _visit(bench, "tin khác về thuế " * 2, 1, "đất đai")
    _visit(bench, "một lần đất đai trong bài dài " + "và nữa " * 50, 2, "khác")
    assert _titles(bench, SearchResult(PHRASE)) == ["khác", "đất đai"]
    assert _titles(bench, SearchResult(PHRASE), "relevance") == ["đất đai", "khác"]
    assert _titles(bench, SearchResult(PHRASE), limit=1) == ["khác"]


def test_only_this_site_and_this_time(bench: Bench) -> None:
    _visit(bench, "đất đai", 1, "một")
    _visit(bench, "đất đai", 2, "hai")
    assert _titles(bench, SearchResult(PHRASE, site="nowhere")) == []
    assert _titles(bench, SearchResult(PHRASE, since="2022-10-21 10:00:00")) == ["hai"]
    assert _titles(bench, SearchResult(PHRASE, until="2022-10-21 10:00:00")) == ["một"]


def test_of_very_many_hits_the_newest_recorded_come_first(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        _visit(bench, f"đất đai {number}", number, str(number))
    monkeypatch.setattr(search, "MOST_SORTED", 3)
    assert bench.store.search.is_many(SearchResult(PHRASE))
    assert _titles(bench, SearchResult(PHRASE), limit=2) == ["5", "4"]


def test_the_history_of_a_phrase_page_by_page(bench: Bench) -> None:
    _visit(bench, "về đất đai", 1)  # 09:00
    _visit(bench, "tin khác", 2)
    _visit(bench, "tin khác, đất đai", 2)  # 11:00: edited in
    _visit(bench, "tin mới", 1)  # 12:00: edited out
    _visit(bench, "về đất đai", 3)
    bench.visit(status=410, url="http://portal.example/3")  # 14:00: gone with it
    _visit(bench, "về đất đai", 3)  # 15:00: came back with it
    spans = list(bench.store.search.spans(SearchResult(PHRASE)))
    told = [(span.page_id, span.came, span.came_after, span.went, span.went_by) for span in spans]
    day = "2022-10-21 {}:00:00".format
    assert told == [
        (1, "published", None, "edited", day(12)),
        (2, "edited", day(10), None, None),
        (3, "published", None, "gone", day(14)),
        (3, "returned", day(14), None, None),
    ]
    dropped = spans[0].dropped_by
    assert [row["field"] for row in bench.store.sql("SELECT field FROM changes WHERE version_id = ?", (dropped,))] == [
        "body"
    ]


def test_a_phrase_that_returns_has_two_spans(bench: Bench) -> None:
    for body in ("đất đai", "khác", "đất đai", "đất đai!"):
        _visit(bench, body)
    spans = list(bench.store.search.spans(SearchResult("dat dai", plain=True)))
    assert [(span.came, span.seen_from[11:13], span.seen_last[11:13]) for span in spans] == [
        ("published", "09", "09"),
        ("edited", "11", "12"),
    ]


def test_a_phrase_that_left_with_a_page_that_moved_is_not_gone(bench: Bench) -> None:
    _visit(bench, "đất đai")
    bench.visit(status=301)
    (span,) = bench.store.search.spans(SearchResult(PHRASE))
    assert (span.went, span.went_by, span.dropped_by) == ("moved", "2022-10-21 10:00:00", None)


def test_within_one_second_a_return_is_no_edit(bench: Bench) -> None:
    bench.hours = 0
    _visit(bench, "đất đai")
    bench.visit(status=410)
    _visit(bench, "khác")
    (span,) = bench.store.search.spans(SearchResult(PHRASE))
    assert (span.went, span.dropped_by) == ("gone", None)


def test_words_of_a_phrase_are_found_in_either_placement_each(bench: Bench) -> None:
    _visit(bench, "hòa thuỷ và hoà thủy")
    for typed in ('"hòa thủy"', '"hoà thuỷ"', '"hòa thuỷ"'):
        assert len(_titles(bench, SearchResult(typed))) == 1
    assert _titles(bench, SearchResult('"' + "hòa " * 12 + '"')) == []


def test_text_without_letters_is_no_word(bench: Bench) -> None:
    _visit(bench, "Hoạt động Đảng - Đoàn thể, 5 % & hơn")
    for typed in ("Đảng - Đoàn", "5 %", "Đoàn & hơn", "«Đảng» 😀"):
        assert len(_titles(bench, SearchResult(typed))) == 1


def test_a_hit_in_a_list_is_shown_as_text(bench: Bench) -> None:
    bench.visit(Content(title="x", captions=('Ảnh "một"', "Hai đất"), bylines=("NTH",)))
    contexts = [bench.store.search.hits(SearchResult(typed), "newest", 1)[0]["context"] for typed in ("đất", "nth")]
    assert contexts == ['Ảnh "một" · Hai [đất]', "[NTH]"]
