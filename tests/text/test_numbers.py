"""Counters: every printed form is read, and a text that could be two numbers is not."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.text.numbers import LARGEST, UNITS, read_number

VIETNAMESE = {
    "375": 375,
    "0": 0,
    "Số lượt người xem: 375": 375,
    "Lượt xem:375": 375,
    "Lượt xem - 375": 375,
    "375 lượt xem": 375,
    "(375)": 375,
    "375.": 375,
    "375 / 375": 375,
    "00037412": 37412,
    "1.234": 1234,
    "1,234": 1234,
    "1'234": 1234,
    "1 234": 1234,
    "1\u00a0234": 1234,
    "Lượt xem: 12 375": 12375,
    "ID 12 375": None,
    "ID 12\u00a0375": 12375,
    "³75": None,
    "375²": None,
    "1½": None,
    "37.412.003": 37412003,
    "37\u202f412\u2009003": 37412003,
    "1,2K": 1200,
    "1,2 K lượt xem": 1200,
    "12.5K": 12500,
    "0,5K": 500,
    "12,5 nghìn": 12500,
    "12,5 NGHÌN": 12500,
    "5 ngàn": 5000,
    "3N": 3000,
    "1,5 triệu": 1500000,
    "1,5 Tr": 1500000,
    "1,5tr": 1500000,
    "2 tỷ": 2000000000,
    "2 tỉ": 2000000000,
    "2 nghìn tỷ": 2000000000000,
    "375 tỉnh": 375,
    "1.234,5 nghìn": 1234500,
    "1.234.567K": 1234567000,
    "1.234K": None,
    "1,234 triệu": None,
    "1,2345K": None,
    "5 triệu rưỡi": None,
    "5 tr": None,
    "3\n7\n4\n1\n2\n0\n0\n3": 37412003,
    "3 7 4 1": 3741,
    "3 7 41": None,
    "٣٧٥": 375,
    "١٬٢٣٤": 1234,
    "３７５": 375,
    "37\u200b5": 375,
    "9223372036854775807": LARGEST,
    "9223372036854775808": None,
    "99999999999 tỷ": None,
    "": None,
    "không": None,
    "12 / 345": None,
    "-5": None,
    "−5": None,
    "12.5": None,
    "1.23": None,
    "0.123": None,
    "1.2.3": None,
    "12 345 67": None,
    "375-400": None,
    "75%": None,
    "H5N1": None,
    "5G": None,
    "10:10": None,
    "11/11": None,
    "05/09/2023": None,
    "21-10-2022": None,
    "5 tıệu": 5,
    "5tı": None,
}
OTHERS = {
    ("en", "1.2 million views"): 1200000,
    ("en", "1.2M views"): 1200000,
    ("en", "3 bn"): 3000000000,
    ("en", "12 thousand"): 12000,
    ("en", "5 m"): None,
    ("fr", "12 mille vues"): 12000,
    ("fr", "1,5 million"): 1500000,
    ("es", "2 mil millones"): 2000000000,
    ("es", "1,2 MILLONES"): 1200000,
    ("de", "1,2 Mio."): 1200000,
    ("de", "3 Tsd. Aufrufe"): 3000,
    ("de-CH", "1’234"): 1234,
    ("pt", "1,5 milhão"): 1500000,
    ("ru", "12,5 тыс. просмотров"): 12500,
    ("zh", "1.2万次"): 12000,
    ("ja", "閲覧数375回"): 375,
    ("xx", "1.5K"): 1500,
}
fast = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize(("printed", "value"), VIETNAMESE.items())
def test_vietnamese_counters(printed: str, value: int | None) -> None:
    assert read_number(printed, language="vi") == value
    assert read_number(unicodedata.normalize("NFD", printed), language="vi-VN") == value


@pytest.mark.parametrize(("language", "printed"), OTHERS)
def test_counters_of_other_languages(language: str, printed: str) -> None:
    assert read_number(printed, language=language) == OTHERS[language, printed]


@fast
@given(value=st.integers(0, LARGEST), mark=st.sampled_from([",", ".", " ", "'", "’", "\u00a0", "\u202f"]))
def test_a_grouped_number_is_read_back_in_every_language(value: int, mark: str) -> None:
    printed = f"{value:,}".replace(",", mark)
    for language in ("vi", "en", "de", "xx"):
        assert read_number(f"Lượt: {printed} xem", language=language) == value


@fast
@given(value=st.integers(10, LARGEST))
def test_digits_one_to_an_element_are_joined(value: int) -> None:
    assert read_number("\n".join(str(value))) == value
    assert read_number("  ".join(str(value))) == value


@pytest.mark.parametrize("language", sorted(UNITS))
def test_every_unit_multiplies(language: str) -> None:
    for unit, size in UNITS[language].items():
        assert read_number(f"3{unit}", language=language) == 3 * size
        assert read_number(f"1,5{unit}", language=language) == 3 * size // 2
        assert read_number(f"1.25 {unit.upper()}", language=language) == 5 * size // 4


@fast
@given(first=st.integers(0, 10**6), second=st.integers(0, 10**6))
def test_two_numbers_are_one_only_when_equal(first: int, second: int) -> None:
    assert read_number(f"{first} / {second}") == (first if first == second else None)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text("0123456789.,' kKMtriệu-/", max_size=40))
def test_no_text_raises(text: str) -> None:
    value = read_number(text, language="vi")
    assert value is None or 0 <= value <= LARGEST


@pytest.mark.parametrize("piece", ["1", "1 ", "12,", "1.111", "k", " ", "1 k", "-"])
def test_hostile_text_costs_little(piece: str) -> None:
    before = time.process_time()
    for length in (450, 200_000):
        read_number(piece * (length // len(piece)), language="vi")
    assert time.process_time() - before < 0.2
