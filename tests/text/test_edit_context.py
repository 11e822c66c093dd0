"""A difference as one line of text: what is in it, its length, and that its marks can be read back."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.text.edit_context import MOST, context_of, marked, parts_of
from archiver.text.word_diff import Span, diff_text


def context(old: str, new: str) -> str:
    """Return the context of an edit of a text."""
    return context_of(diff_text(old, new))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("Điều 4 phạt 278 người", "Điều 4 phạt 337 người", "Điều 4 phạt [-278-]{+337+} người"),
        ("", "Tin mới", "{+Tin mới+}"),
        ("Tin cũ", "", "[-Tin cũ-]"),
        ("như nhau", "như nhau", ""),
        ("một\n\nhai\nba", "một\n\nHAI\nba", "một ¶ [-hai-]{+HAI+} ⏎ ba"),
        ("a\x07b\u202ec d", "a\x07b\u202ec e", "abc [-d-]{+e+}"),
        ("共有278人在北京", "共有337人在上海", "共有[-278-]{+337+}人在[-北京-]{+上海+}"),
        ("قتل 278 شخصا", "قتل 337 شخصا", "قتل [-278-]{+337+} شخصا"),
        ("कि नाम", "की नाम", "[-कि-]{+की+} नाम"),
        ("กิน", "กัน", "[-กิ-]{+กั+}น"),
        ("viết [-x-] {+y+} cũ", "viết [-x-] {+y+} mới", "viết [\\-x-\\] {\\+y+\\} [-cũ-]{+mới+}"),
        ("[\\- cũ", "[\\- mới", "[\\\\- [-cũ-]{+mới+}"),
        ("News - Council", "News – Council", "News [- - -]{+–+} Council"),
        ("5 độ", "-5 độ", "{+ - +}5 độ"),
        ("Tin", "C++", "[-Tin-]{+C++ +}"),
        ("bỏ ] này", "bỏ này", "bỏ [-] -]này"),
        ("từ " * 50 + "cũ", "từ " * 50 + "mới", "… " + "từ " * 13 + "[-cũ-]{+mới+}"),
        ("cũ" + " từ" * 50, "mới" + " từ" * 50, "[-cũ-]{+mới+}" + " từ" * 13 + " …"),
    ],
)
def test_what_is_shown(old: str, new: str, shown: str) -> None:
    assert context(old, new) == shown


LONG = {
    "an article is new": ("", "đoạn văn " * 20_000),
    "no word ends": ("x" * 100_000, "y" * 100_000),
    "Chinese": ("字" * 10_000, "文" * 10_000),
    "a hundred figures": tuple(" ".join(f"dòng {at + more}" for at in range(100)) for more in (0, 1000)),
    "breaks": ("\n\n" * 3000 + "a", "\n" * 3000 + "b"),
    "marks": ("[-" * 3000, "{+" * 3000),
    "accents": ("a" + "\u0301" * 3000, "a" + "\u0300" * 3000),
}


@pytest.mark.parametrize("name", LONG)
def test_it_is_short(name: str) -> None:
    old, new = LONG[name]
    shown = context(old, new)
    assert 0 < len(shown) <= MOST
    assert "\n" not in shown
    assert {op for op, _ in parts_of(shown)} >= ({"insert", "delete"} if old else {"insert"})


def test_a_figure_among_many_straightened_quotes_is_shown() -> None:
    old = " ".join(f"“Câu {number}” là một câu dài hơn bình thường." for number in range(60)) + " Giá 500 đồng."
    new = old.replace("“", '"').replace("”", '"').replace("500", "600")
    shown = context(old, new)
    assert shown.startswith("… ")
    assert "Giá [-500-]{+600+} đồng." in shown
    assert "“" not in shown
    quotes_only = context(old, old.replace("“", '"'))
    assert quotes_only.startswith('[-“-]{+"+}Câu 0')
    assert quotes_only.endswith(" …")


def test_long_text_is_shortened_in_its_middle() -> None:
    shown = context("", "đầu " + "giữa " * 500 + "cuối")
    assert shown.startswith("{+đầu giữa")
    assert " … " in shown
    assert shown.endswith("giữa cuối+}")


def test_no_part_begins_with_an_accent() -> None:
    shown = context("नमस्ते" * 400, "दुनिया" * 400)
    assert "{+" in shown
    assert not [text for _, text in parts_of(shown) if unicodedata.category(text[0]).startswith("M")]
    assert not [at for at, char in enumerate(shown) if unicodedata.category(char)[0] == "M" and shown[at - 1] == " "]


TEXTS = st.text(alphabet="[]{}-+\\ab \n\u0301…", max_size=40)


@given(TEXTS, TEXTS)
@example("[", "[-")
@example("-", " - ")
@example("+ -  a", "- ")
@example("a  -+", "-+\n")
@example("-]", "]")
@example("a\\", "a\\[-")
def test_changed_text_is_read_back(old: str, new: str) -> None:
    for op in ("insert", "delete"):
        for text in filter(None, (old, new)):
            ((read_op, read),) = parts_of(marked(Span(op, text)))
            assert (read_op, read) == (op, "".join(part for _, part in parts_of(marked(Span("equal", text)))))


@given(TEXTS, TEXTS)
@example("\n", "\n\n")
def test_its_parts_give_both_texts(old: str, new: str) -> None:
    spans = diff_text(old, new)
    parts = list(parts_of("".join(map(marked, spans))))
    for side, dropped in ((old, "insert"), (new, "delete")):
        shown = "".join(text for op, text in parts if op != dropped)
        whole = "".join(text for _, text in parts_of(marked(Span("equal", side))))
        assert _in_lines(shown) == _in_lines(whole)


def _in_lines(shown: str) -> str:
    """Return a text with each end of a paragraph as two line breaks: an edit may lie between the two."""
    return shown.replace(" ¶ ", " ⏎  ⏎ ")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_texts_have_a_short_context(old: str, new: str) -> None:
    shown = context(old, new)
    assert len(shown) <= MOST
    assert bool(shown) == (old != new)
