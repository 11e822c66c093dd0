"""Old and new placement of Vietnamese tones: the same words change, and no other text does."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.text.tones import new_placement, old_placement


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hòa bình", "hoà bình"),
        ("khỏe", "khoẻ"),
        ("Thủy lợi", "Thuỷ lợi"),
        ("HÓA HỌC", "HOÁ HỌC"),
        ("xã hội hóa, tòa án", "xã hội hoá, toà án"),
    ],
)
def test_each_placement_leads_to_the_other(old: str, new: str) -> None:
    assert new_placement(old) == new
    assert old_placement(new) == old


@pytest.mark.parametrize("text", ["quý", "quỳnh", "hoàn toàn", "thuyền", "hoài", "loét", "của", "quà", "khuya", "oa"])
def test_where_there_is_one_way_to_write_it_nothing_moves(text: str) -> None:
    assert new_placement(text) == old_placement(text) == text


@given(st.text(alphabet="hoàaòeéxuyỳqQ ủÓẠ-.tđ", max_size=30))
def test_letters_and_marks_stay_the_same_and_a_second_time_changes_nothing(text: str) -> None:
    new = new_placement(text)
    assert sorted(unicodedata.normalize("NFD", new)) == sorted(unicodedata.normalize("NFD", text))
    assert new_placement(new) == new
    assert new_placement(old_placement(text)) == new
