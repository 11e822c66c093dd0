"""Two sources agree on a field when they mean the same, though they print it in different ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.app.benching.agreement import DECLARED, GENERIC, agrees
from archiver.learn.fit import word_f1
from archiver.model.version import FieldValue

TEXTS = st.text(alphabet="abc Đđ\n", min_size=1).filter(str.strip)


@pytest.mark.parametrize(
    ("field", "one", "other", "same"),
    [
        ("title", "Dân vận khéo", "DÂN  VẬN KHÉO - Quận 11", True),
        ("title", "Dân vận khéo", "Tin khác", False),
        ("title", "A", "A very long headline about something else", False),
        ("published", "2022-10-21", "2022-10-21 15:55:00", True),
        ("published", "2022-10-21 15:55:00", "2022-10-22 15:55:00", False),
        ("bylines", ("Lê Anh",), ("Lê Anh (PV)",), True),
        ("bylines", ("Lê Anh",), ("Lê Anh", "Trần B", "Vũ C"), False),
        ("tags", ("y tế", "giáo dục"), ("giáo dục", "y tế"), True),
        ("body", "một hai ba bốn năm sáu", "một hai ba bốn năm sáu Ảnh: X", True),
        ("body", "một hai ba", "bốn năm sáu", False),
        ("section", "Văn hóa", None, False),
    ],
)
def test_values_agree_when_they_mean_the_same(field: str, one: FieldValue, other: FieldValue, same: bool) -> None:
    assert agrees(field, one, other) is same
    assert agrees(field, other, one) is same


@given(st.sampled_from([*DECLARED, *GENERIC]), TEXTS, TEXTS)
def test_agreement_is_symmetric_and_a_value_agrees_with_itself(field: str, one: str, other: str) -> None:
    assert agrees(field, one, one)
    assert agrees(field, one, other) is agrees(field, other, one)


@given(TEXTS, TEXTS)
def test_the_f1_of_bodies_is_a_share(one: str, other: str) -> None:
    assert 0.0 <= word_f1(one, other) == word_f1(other, one) <= 1.0
    assert word_f1(one, one) == 1.0
