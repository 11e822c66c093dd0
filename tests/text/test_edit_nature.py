"""The nature of an edit: words, figures, order or typography."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.text.edit_nature import is_typographic, nature_of


def nature(old: str, new: str) -> str:
    """Return the nature of an edit of a text."""
    found = {nature_of(one.split("\n"), other.split("\n")) for one, other in ((old, new), (new, old))}
    assert len(found) == 1, "it depends on the direction"
    return found.pop()


FIGURES = {
    "Vietnamese": [
        ("Đã có 278 người chết", "Đã có 337 người chết"),
        ("Giá 1,5 triệu đồng", "Giá 1,7 triệu đồng"),
        ("Giá 1,5 triệu đồng", "Giá 15 triệu đồng"),
        ("Họp lúc 15:55 ngày 21/10/2022", "Họp lúc 16:05 ngày 22/10/2022"),
        ("Điện thoại 028 3829 1234", "Điện thoại 028 3829 1235"),
        ("Quyết định 12/QĐ-UBND", "Quyết định 13/QĐ-UBND"),
        ("Nhiệt độ -5 độ", "Nhiệt độ 5 độ"),
        ("Khóa XIII", "Khóa XIV"),
        ("Năm 2022", "Năm"),
    ],
    "English": [
        ("The toll rose to 1,234.", "The toll rose to 1,235."),
        ("It costs $5.50", "It costs $6.25"),
        ("It costs -$5", "It costs $5"),
        ("On May 1st at 5 pm", "On May 2nd at 6 pm"),
        ("Up 3.5% this year", "Up 35% this year"),
        ("World War I", "World War II"),
        ("Add ½ cup", "Add ¼ cup"),
        ("10² m", "102 m"),
        ("(1990-)", "(1990)"),
    ],
    "German": [("Es kamen 1.234 Gäste", "Es kamen 1.235 Gäste"), ("Der Preis: 3,50 €", "Der Preis: 35,0 €")],
    "French": [("Il y a 1 500 morts", "Il y a 1 600 morts"), ("Le 1er mai", "Le 2e mai")],
    "Chinese": [("共有278人", "共有337人"), ("三月二十日", "四月二十日"), ("价格为１２元", "价格为１３元")],
    "Japanese": [("午後3時から", "午後5時から"), ("〒100-0001", "〒100-0002")],
    "Arabic": [("قتل ٢٧٨ شخصا", "قتل ٣٣٧ شخصا"), ("في عام 2022", "في عام 2023")],
}
TYPOGRAPHY = {
    "Vietnamese": [
        ("“Hết” rồi", '"Hết" rồi'),
        ("hòa bình, thủy lợi", "hoà bình, thuỷ lợi"),
        ("Ủy ban", "ỦY  BAN"),
        ("giai đoạn 3-5", "giai đoạn 3–5"),
        ("TP.HCM", "TP. HCM"),
        ("Hà Nội".replace("à", "a\u0300"), "Hà Nội"),
        ("đoạn một. Đoạn hai.", "đoạn một.\n\nĐoạn hai."),
    ],
    "English": [
        ("Wait…", "Wait..."),
        ("It's a well\u2011known co\u00adoperation", "It’s a well-known cooperation"),
        ("call 0912 345 678", "call 0912.345.678"),
        ("from 3 - 5 pm", "from 3–5 p.m."),
        ("• One\n• Two", "- One\n- Two"),
        ("an ﬁle of 12 m²", "an file of 12 m2"),
    ],
    "German": [("„Hallo“, sagte er", "»Hallo«, sagte er"), ("1 234 567 €", "1.234.567 €")],
    "French": [("« Bonjour » !", "“Bonjour”!"), ("l'homme", "l’homme"), ("5 %", "5\u00a0%")],
    "Chinese": [("他说：“好”", "他说:「好」"), ("共１２人", "共12人")],
    "Japanese": [("はい。", "はい！"), ("ﾃｽﾄ中", "テスト中"), ("3～5時", "3-5時")],
    "Arabic": [("مرحبا، كيف", "مرحبا كيف"), ("العـــربية", "العربية")],
}
WORDS = [
    ("cũ", "mới"),
    ("ma", "má"),
    ("không tăng giá", "tăng giá"),
    ("278 người", "337 con"),
    ("ba người", "bốn người"),
    ("500 ₫", "500"),
    ("5 %", "5 phần trăm"),
    ("$5", "€5"),
    ("x ≤ y", "x ≥ y"),
    ("A ≠ B", "A = B"),
    ("★★★★★", "★"),
    ("☑ Đồng ý ☐ Không", "☐ Đồng ý ☑ Không"),
    ("5′", "5″"),
    ("か", "が"),
    ("कि", "की"),
    ("đường", "duong"),
    ("Maße", "Masse"),
    ("他在北京", "他在上海"),
    ("a - 5", "a + 5"),
    ("", "x"),
]
MIXED = [
    ("“Có 278 người” chết.", '"Có 337 người" chết', "figures"),
    ("Hòa bình 2022", "hoà bình – 2023", "figures"),
    ("“Cũ” 1", '"Mới" 1', "words"),
    ("A một.\nB hai.\nC ba.", "C ba.\nA một.\nB hai.", "order"),
    ("“A” một.\nB hai.", 'B hai.\n"A" một.', "order"),
    ("“A” một.\n“B” hai.", '"B" hai.\n"A" một.', "order"),
    ("A một 1.\nB hai.\nC ba.", "C ba.\nA một 2.\nB hai.", "figures"),
    ("A một.\nB hai.\nC ba.", "C ba.\nA MỐT.\nB hai.", "words"),
    ("A.\nA.\nB.", "A.\nB.\nA.", "order"),
]


@pytest.mark.parametrize(("old", "new"), [pair for pairs in FIGURES.values() for pair in pairs])
def test_only_figures_differ(old: str, new: str) -> None:
    assert nature(old, new) == "figures"


@pytest.mark.parametrize(("old", "new"), [pair for pairs in TYPOGRAPHY.values() for pair in pairs])
def test_only_the_typography_differs(old: str, new: str) -> None:
    assert nature(old, new) == "typography"
    assert is_typographic(old.replace("\n", " "), new.replace("\n", " ")) or "•" in old


@pytest.mark.parametrize(("old", "new"), WORDS)
def test_words_differ(old: str, new: str) -> None:
    assert nature(old, new) == "words"


@pytest.mark.parametrize(("old", "new", "expected"), MIXED)
def test_typography_is_set_aside_first(old: str, new: str, expected: str) -> None:
    assert nature(old, new) == expected


PIECES = st.lists(
    st.sampled_from(
        ["Hòa", "hoà", "5", "-5", "1,5", "15", " ", "\n", ".", "“", '"', "…", "IV", "x", "三", "½", "-", "Ⅳ", "一"]
    ),
    max_size=12,
).map("".join)


@given(PIECES, PIECES)
def test_the_nature_does_not_depend_on_the_direction(old: str, new: str) -> None:
    nature(old, new)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_texts_have_a_nature(old: str, new: str) -> None:
    assert nature(old, new) in ("words", "figures", "typography", "order")
    assert nature(old, old) == "typography"
