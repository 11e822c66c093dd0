"""The form in which a number is printed gives its text again, in Python and in SQL."""

import sqlite3
from contextlib import closing

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.text.printed_number import LITERAL, PrintedForm, form_of, is_printed, printed, printed_sql


@pytest.mark.parametrize(
    ("raw", "value", "form"),
    [
        ("1.234 lượt xem", 1234, ("", ".", " lượt xem")),
        ("Lượt xem: 1,234", 1234, ("Lượt xem: ", ",", "")),
        ("1\u00a0234 vues", 1234, ("", "\u00a0", " vues")),
        ("375", 375, ("", "", "")),
        ("12/10/2022 - Xem: 375 | 10:35", 375, (" - Xem: ", "", " | ")),
        ("2022: 22 lượt", 22, (": ", "", " lượt")),
        ("0 lượt", 0, ("", "", " lượt")),
        ("37.412.005", 37412005, ("", ".", "")),
        ("1,2k lượt", 1200, ("1,2k lượt", LITERAL, "")),
        ("x" * 100 + "5" + "y" * 100, 5, ("x" * 40, "", "y" * 40)),
        ("-5", -5, ("-5", LITERAL, "")),
    ],
)
def test_the_form_of_a_number(raw: str, value: int, form: tuple[str, str, str]) -> None:
    assert form_of(raw, value) == form
    assert printed(PrintedForm(*form), value) in raw


def test_a_form_stays_while_it_gives_the_same_text() -> None:
    first = form_of("999 lượt xem", 999)
    dotted = form_of("1.000 lượt xem", 1000, first)
    assert dotted != first
    assert form_of("999 lượt xem", 999, dotted) == dotted
    assert form_of("123.456 lượt xem", 123456, dotted) is dotted


@given(st.integers(0, 10**12 - 1), st.sampled_from(["", ".", ",", " ", "\u202f"]), st.text("ab ", max_size=5))
def test_the_text_is_found_again(value: int, mark: str, around: str) -> None:
    raw = around + (f"{value:,}".replace(",", mark)) + around
    assert printed(form_of(raw, value), value) == raw


NUMBERS = [0, 7, 999, 1000, 1001, 12345, 999999, 1000000, 37412005, 999999999, 1000000000, 123456789012, 10**12 - 1]


@pytest.mark.parametrize(
    ("raw", "value", "is_same"),
    [
        ("5.678 lượt", 5678, True),
        ("15.678 lượt", 5678, False),
        ("5.678 lượt xem", 5678, False),
        ("5.678 lượt10:30", 5678, True),
        ("x 5.678 lượt", 5678, False),
        ("5678 lượt", 5678, False),
    ],
)
def test_a_text_in_the_form_of_the_last_visit_is_found_quickly(raw: str, value: int, *, is_same: bool) -> None:
    last = form_of("1.234 lượt", 1234)
    assert is_printed(last, raw, value) == is_same
    assert not is_same or form_of(raw, value, last) == last


@pytest.mark.parametrize("mark", ["", ".", "\u202f", LITERAL])
def test_sql_prints_the_same(mark: str) -> None:
    form = PrintedForm("a ", mark, " b")
    wanted = [printed(form, value) for value in NUMBERS]
    sql = f"SELECT {printed_sql('r.value', 'm')} FROM r, m ORDER BY r.value"
    with closing(sqlite3.connect(":memory:")) as lite, closing(duckdb.connect()) as duck:
        for connection in (lite, duck):
            connection.execute("CREATE TABLE r(value BIGINT)")
            connection.execute("CREATE TABLE m(before TEXT, mark TEXT, after TEXT)")
            connection.execute("INSERT INTO m VALUES (?, ?, ?)", form)
            connection.executemany("INSERT INTO r VALUES (?)", [(value,) for value in NUMBERS])
            assert [text for (text,) in connection.execute(sql).fetchall()] == wanted
