"""A diff applied gives the other side for any texts; edits are grouped for readers; the cost is bounded."""

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archiver.change.diff import diff_field, reading_order
from archiver.model.edit import as_text
from archiver.model.record import FIELDS
from archiver.model.version import FieldChange, FieldValue
from archiver.text import word_diff
from archiver.text.word_diff import Span, apply, compact, counts, diff_text

TEXTS = st.text(max_size=60) | st.text(alphabet="ab \n.1", max_size=60) | st.lists(
    st.sampled_from(["Quận", "11", " ", "\n", "\n\n", "được", ",", "và", "21/10/2022"]), max_size=40
).map("".join)  # fmt: skip


def marked(spans: Sequence[Span]) -> str:
    """Return the text that the command line prints in a pipe."""
    marks = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return "".join(marks[span.op].format(span.text) for span in spans)


def prose(seed: int, paragraphs: int, words: int = 60) -> str:
    chance = random.Random(seed)
    known = ["".join(chance.choices("aăâbcdđeêghiklmnoôơpqrstuưvxy", k=chance.randint(1, 6))) for _ in range(900)]
    return "\n\n".join(" ".join(chance.choices(known, k=words)) for _ in range(paragraphs))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("", "", ""),
        ("x", "x", "x"),
        ("", "Tin mới", "{+Tin mới+}"),
        ("Tin cũ", "", "[-Tin cũ-]"),
        ("a b", "c d", "[-a b-]{+c d+}"),
        ("một hai ba bốn", "một HAI ba bốn năm", "một [-hai-]{+HAI+} ba bốn{+ năm+}"),
        ("Họp lúc 15:55 nhé", "Họp lúc 16:05 nhé", "Họp lúc [-15:55-]{+16:05+} nhé"),
        ("Giá 1.234,5 đồng", "Giá 1.235 đồng", "Giá [-1.234,5-]{+1.235+} đồng"),
        ("ngày 21/10/2022.", "ngày 22/10/2022.", "ngày [-21/10/2022-]{+22/10/2022+}."),
        ("Ủy ban nhân dân", "Uỷ ban nhân dân", "[-Ủy-]{+Uỷ+} ban nhân dân"),
        ("cat", "cats", "[-cat-]{+cats+}"),
        ("Hết.", "Hết!", "Hết[-.-]{+!+}"),
        ("x\n\ny\n\nz", "x\n\nz", "x\n\n[-y\n\n-]z"),
        ("x\n\nz", "x\n\ny\n\nz", "x\n\n{+y\n\n+}z"),
        ("A.\n\nB.", "A. B.", "A.[-\n\n-]{+ +}B."),
        ("đỏ xanh vàng", "đỏ  xanh vàng", "đỏ {+ +}xanh vàng"),
    ],
)
def test_what_a_reader_sees(old: str, new: str, shown: str) -> None:
    assert marked(diff_text(old, new)) == shown


def test_words_that_only_a_space_parts_are_one_edit() -> None:
    old, new = "Ông Nguyễn Văn An nói", "Ông Trần Thị Bình nói"
    assert marked(diff_text(old, new)) == "Ông [-Nguyễn Văn An-]{+Trần Thị Bình+} nói"


def test_a_small_word_between_two_long_edits_is_part_of_them() -> None:
    old = "Sáng nay Thành phố khởi công và ngày mai tổ chức họp báo công bố kết quả."
    new = "Sáng nay Ủy ban quyết định hoãn vô hạn và chưa cho biết bao giờ trở lại."
    assert marked(diff_text(old, new)).count("{+") == 1


def test_a_long_sentence_that_stayed_is_not_swallowed() -> None:
    kept = " câu này giữ nguyên từ đầu đến cuối và "
    assert marked(diff_text(f"cũ{kept}xưa", f"mới{kept}nay")) == f"[-cũ-]{{+mới+}}{kept}[-xưa-]{{+nay+}}"


def test_a_line_break_is_never_joined_over() -> None:
    assert marked(diff_text("đầu một\nhai cuối", "đầu MỘT\nHAI cuối")) == "đầu [-một-]{+MỘT+}\n[-hai-]{+HAI+} cuối"


def test_one_word_in_a_long_article() -> None:
    old = prose(1, 30)
    words = old.split(" ")
    new = " ".join([*words[:700], "MỚI", *words[701:]])
    assert [span.op for span in diff_text(old, new)] == ["equal", "delete", "insert", "equal"]
    assert counts(diff_text(old, new)) == (3, len(words[700]))


def test_a_paragraph_taken_out_and_a_word_put_in_are_two_edits() -> None:
    parts = prose(2, 12).split("\n\n")
    old, new = "\n\n".join(parts), "\n\n".join([*parts[:3], *parts[4:8], "Thêm " + parts[8], *parts[9:]])
    changed = [span for span in diff_text(old, new) if span.op != "equal"]
    assert changed == [Span("delete", parts[3] + "\n\n"), Span("insert", "Thêm ")]


@given(TEXTS, TEXTS)
@example("a b", "c d")
@example("x" * 300 + "a", "x" * 300 + "b")
@example("a" + "x" * 300, "b" + "x" * 300)
@example("a\u0301", "a")
@settings(max_examples=300)
def test_applied_it_gives_either_side(old: str, new: str) -> None:
    spans = diff_text(old, new)
    assert apply(spans, "old") == old
    assert apply(spans, "new") == new
    assert all(span.text for span in spans)
    assert all(
        (before.op, after.op) != ("insert", "delete") and before.op != after.op for before, after in pairwise(spans)
    )
    added, removed = counts(spans)
    assert added - removed == len(new) - len(old)
    assert ((added, removed) == (0, 0)) is (old == new)


@given(TEXTS)
def test_nothing_differs_from_itself(text: str) -> None:
    assert diff_text(text, text) == ((Span("equal", text),) if text else ())


LONG = 100_000  # characters a side, about


def _changed_here_and_there(seed: int, every: int) -> tuple[str, str]:
    words = prose(seed, 400).split(" ")
    return " ".join(words), " ".join("khác" if number % every == 0 else word for number, word in enumerate(words))


HOSTILE = {
    "rewritten": (prose(3, 400), prose(4, 400)),
    "rewritten, one line": (prose(3, 400).replace("\n", " "), prose(4, 400).replace("\n", " ")),
    "one word again and again": ("a " * 50_000, "b " + "a " * 40_000 + "c"),
    "one line again and again": ("a\n" * 50_000, "b\n" + "a\n" * 40_000 + "c"),
    "two words at random": (
        " ".join(random.Random(5).choices("ab", k=50_000)),
        " ".join(random.Random(6).choices("ab", k=50_000)),
    ),
    "no word ends": ("x" * LONG + "a" + "y" * LONG, "x" * LONG + "b" + "y" * LONG),
    "one word against all": ("một", prose(3, 400)),
    "white space": (" \n" * 50_000, "\n " * 45_000),
    "every tenth word": _changed_here_and_there(7, 10),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_cost_no_more_than_their_budget(name: str) -> None:
    """Quadratic algorithms would take minutes here; the test below counts what bounds them."""
    old, new = HOSTILE[name]
    spans = diff_text(old, new)
    assert apply(spans, "old") == old
    assert apply(spans, "new") == new


def test_an_alignment_stops_where_its_budget_ends() -> None:
    class Counted(str):
        asked = 0
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            Counted.asked += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    old = list(map(Counted, random.Random(8).choices("abcd", k=5000)))
    new = random.Random(9).choices("abcd", k=5000)
    assert word_diff._aligned(old, new, 10_000) is None
    assert Counted.asked < 3 * 10_000


def test_many_small_edits_in_a_long_text_stay_separate() -> None:
    old, new = HOSTILE["every tenth word"]
    added, removed = counts(diff_text(old, new))
    assert added + removed < (len(old) + len(new)) / 4


def test_a_long_table_whose_every_row_changed_is_read_row_by_row() -> None:
    old = "\n".join(f"| hàng {number} | {number * 7} |" for number in range(1500))
    new = "\n".join(f"| hàng {number} | {number * 7 + 1} |" for number in range(1500))
    spans = diff_text(old, new)
    assert sum(span.op == "insert" for span in spans) == 1500
    assert spans[:3] == (Span("equal", "| hàng 0 | "), Span("delete", "0"), Span("insert", "1"))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (None, "Tin", "{+Tin+}"),
        ("Tin", None, "[-Tin-]"),
        (("Ảnh: A", "Ảnh: B"), ("Ảnh: A",), "Ảnh: A[-\nẢnh: B-]"),
        ((), ("x",), "{+x+}"),
        (None, (), ""),
    ],
)
def test_the_values_of_a_list_are_lines(old: FieldValue, new: FieldValue, shown: str) -> None:
    spans = diff_field(FieldChange("captions", old, new))
    assert marked(spans) == shown
    assert (apply(spans, "old"), apply(spans, "new")) == (as_text(old), as_text(new))


def test_characters_are_code_points() -> None:
    assert counts(diff_text("ữ", "🙂🙂")) == (2, 1)


def test_fields_come_in_the_order_people_read_them() -> None:
    assert reading_order(["extra.b", "language", "body", "extra.a", "title"]) == [
        "title", "body", "language", "extra.a", "extra.b",
    ]  # fmt: skip
    assert reading_order(reversed(FIELDS)) == list(FIELDS)


def test_a_difference_for_a_terminal_keeps_the_words_around_it() -> None:
    left, right = "đầu " * 50, " cuối" * 50
    spans = compact(diff_text(f"{left}cũ{right}", f"{left}mới{right}"), 12)
    assert marked(spans) == " … đầu đầu đầu [-cũ-]{+mới+} cuối cuối … "
    assert compact(diff_text("a b c", "a x c")) == diff_text("a b c", "a x c")


def test_between_two_edits_both_ends_are_kept() -> None:
    middle = " giữa" * 40
    spans = compact(diff_text(f"cũ{middle} xưa", f"mới{middle} nay"), 10)
    assert marked(spans) == "[-cũ-]{+mới+} giữa giữa … giữa giữa [-xưa-]{+nay+}"


def test_what_did_not_change_is_left_whole() -> None:
    text = "nguyên " * 100
    assert compact(diff_text(text, text)) == (Span("equal", text),)
    assert compact(()) == ()


@given(TEXTS, TEXTS, st.integers(0, 20))
def test_a_compact_difference_hides_only_what_is_equal(old: str, new: str, context: int) -> None:
    spans = diff_text(old, new)
    shown = compact(spans, context)
    assert [span.op for span in shown] == [span.op for span in spans]
    assert [span for span in shown if span.op != "equal"] == [span for span in spans if span.op != "equal"]
    if len(spans) > 1:
        assert all(
            len(span.text) <= 2 * context + 3
            for span in shown
            if span.op == "equal" and "…" in span.text and "…" not in old
        )


@pytest.mark.parametrize(("old", "new"), [(" - ", " – "), ("5.000", "6.000"), ("kênh", "“kênh”")])
def test_same_small_edit_in_every_paragraph_of_long_text_shows_only_its_words(old: str, new: str) -> None:
    one = "Sáng nay bà con ra quân dọn vệ sinh, nhặt rác ở bờ kênh - hoà bình, giá 5.000 đồng. " * 4
    before = "\n\n".join(f"{one}{'abcdefghij'[number % 10]}" for number in range(200))
    spans = diff_text(before, before.replace(old, new))
    assert max(len(span.text) for span in spans if span.op != "equal") <= len("“kênh”")
    assert (apply(spans, "old"), apply(spans, "new")) == (before, before.replace(old, new))


def test_differing_lines_after_the_first_many_are_shown_as_replaced() -> None:
    lines = [f"giá - {'abcdefghij'[number % 10] * 90} - hết" for number in range(8_000)]
    before, after = "\n".join(lines), "\n".join(lines).replace("-", "–")
    spans = diff_text(before, after)
    assert len(spans[1].text) == 1
    assert len(spans[-2].text) > 90
    assert (apply(spans, "old"), apply(spans, "new")) == (before, after)
