"""A difference as paragraphs and lines: nothing is lost, and long texts come in parts."""

import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from archiver.app.browsing.paragraphs import Paragraph, folded, lines, paragraphs, parts, pieces, unified
from archiver.text.word_diff import Span, apply, diff_text

_WORDS = st.sampled_from(["một", "hai", "ba", "<b>", "\n\n", "\n\n", " ", "\n", "1.000"])
_TEXTS = st.lists(_WORDS, max_size=30).map("".join)


def _joined(items: list[Paragraph], side: str) -> str:
    texts = (apply((span for span in each.spans if span.text != "¶"), side) for each in items)  # type: ignore[arg-type]
    return "".join("".join(text.split()) for text in texts)


@given(_TEXTS, _TEXTS)
def test_paragraphs_keep_every_word_of_both_sides(old: str, new: str) -> None:
    items = paragraphs(diff_text(old, new))
    assert _joined(items, "old") == "".join(old.split())
    assert _joined(items, "new") == "".join(new.split())


@given(_TEXTS, _TEXTS)
def test_pieces_keep_every_character(old: str, new: str) -> None:
    for item in paragraphs(diff_text(old, new)):
        found = list(pieces(item, size=4))
        assert "".join(span.text for piece in found for span in piece.spans) == "".join(
            span.text for span in item.spans
        )
        assert all(sum(len(span.text) for span in piece.spans) <= 4 for piece in found)


@given(st.lists(st.lists(st.text(min_size=1, max_size=60), max_size=6), max_size=5), st.integers(60, 300))
def test_parts_have_a_bound_and_lose_nothing(texts: list[list[str]], budget: int) -> None:
    sections = [(str(n), [Paragraph((Span("equal", text),)) for text in each]) for n, each in enumerate(texts)]
    found = parts(sections, budget)
    shown = [item for part in found for _, items in part for item in items]
    assert shown == [item for _, items in sections for item in items]
    for part in found:
        costs = [item.cost for _, items in part for item in items]
        assert sum(costs) <= budget or len(costs) == 1


def test_a_new_paragraph_is_one_of_its_own() -> None:
    items = paragraphs(diff_text("A một\n\nB hai", "A một\n\nMới\n\nB hai"))
    assert [each.is_changed for each in items] == [False, True, False]
    assert items[1].spans == (Span("insert", "Mới"),)


def test_joined_paragraphs_show_the_mark_that_went() -> None:
    items = paragraphs((Span("equal", "A"), Span("delete", "\n\n"), Span("insert", " "), Span("equal", "B")))
    assert items[0].spans == (Span("equal", "A"), Span("delete", "¶"))


def test_what_stayed_is_folded_to_a_count() -> None:
    items = [Paragraph((Span("insert" if n == 5 else "equal", str(n)),)) for n in range(10)]
    assert [each.skipped or each.spans[0].text for each in folded(items, 1)] == [4, "4", "5", "6", 3]


def test_lines_have_their_numbers_on_both_sides() -> None:
    found = lines(diff_text("a\nb\nc\nd", "a\nX\nY\nc\nd"))
    assert (found[-1].old_line, found[-1].new_line) == (4, 5)


@given(
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=25),
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=25),
)
def test_the_hunks_of_a_patch_count_their_lines(old: list[str], new: list[str]) -> None:
    told = list(unified("body", diff_text("\n".join(old), "\n".join(new))))[2:]
    if old == new:
        assert told == []
    for index, head in enumerate(told):
        if not head.startswith("@@"):
            continue
        body = []
        for line in told[index + 1 :]:
            if line.startswith("@@"):
                break
            body.append(line)
        before, after = (int(part.partition(",")[2]) for part in head.split()[1:3])
        assert before == sum(line[0] in " -" for line in body)
        assert after == sum(line[0] in " +" for line in body)
        start = int(head.split()[1].partition(",")[0][1:])
        assert [line[1:] for line in body if line[0] in " -"] == old[start - 1 : start - 1 + before]


def test_a_patch_can_be_applied(tmp_path: Path) -> None:
    old = [f"dòng {number}" for number in range(40)]
    new = [*old[:10], "mới", *old[10:20], *old[22:]]
    (tmp_path / "body").write_text("\n".join(old) + "\n", encoding="utf-8")
    told = "\n".join(unified("body", diff_text("\n".join(old), "\n".join(new)))) + "\n"
    ran = subprocess.run(["patch", "-p1"], cwd=tmp_path, input=told.encode(), capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout
    assert (tmp_path / "body").read_text(encoding="utf-8").splitlines() == new
