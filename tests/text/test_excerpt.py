"""The words around a hit."""

from hypothesis import given
from hypothesis import strategies as st

from archiver.text.excerpt import AFTER, BEFORE, excerpt, spans_of


def test_what_is_found_is_whole_however_long_it_is() -> None:
    text = "trước " * 20 + "x" * 300 + " sau" * 40
    start = text.index("xxx")
    shown = excerpt(text, [(start, start + 300)])
    assert "[" + "x" * 300 + "]" in shown
    assert shown.startswith("… trước")
    assert shown.endswith("…")


def test_a_short_text_is_shown_whole_on_one_line() -> None:
    assert excerpt("một\n\nhai  ba", [(5, 8)]) == "một [hai] ba"


@given(
    st.lists(st.tuples(st.text("aă đ.", max_size=90), st.text("bê", min_size=1, max_size=9)), min_size=1, max_size=9)
)
def test_the_excerpt_is_a_part_of_the_text_with_marks(pieces: list[tuple[str, str]]) -> None:
    marked = "".join(f"{before}\x02{hit}\x03" for before, hit in pieces)
    text = marked.replace("\x02", "").replace("\x03", "")
    spans = spans_of(marked)
    assert [text[start:end] for start, end in spans] == [hit for _, hit in pieces]
    shown = excerpt(text, spans)
    bare = shown.removeprefix("… ").removesuffix(" …").replace("[", "").replace("]", "")
    assert bare in " ".join(text.split())
    assert shown.startswith(f"[{pieces[0][1]}]") or f"[{pieces[0][1]}]" in shown
    assert len(bare) <= BEFORE + AFTER + 9
