"""The decision: what is a new version and what is not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.change.decide import decide, differing
from archiver.model.record import Content, Link, Published
from archiver.model.version import Verdict

CONTENT = Content(
    title="Hội nghị",
    published=Published("2022-10-21 15:55:00", "2022-10-21 08:55:00", "21/10/2022 15:55", "minute"),
    body="Một hai ba.\n\nBốn năm.",
    captions=("Ảnh một",),
    files=(Link("http://e.org/a.pdf", "Tải về"),),
    extra=(("doc_number", "12/QĐ"),),
)
TEXTS = st.none() | st.text("ab \n", max_size=6)
LISTS = st.lists(st.text("ab\n", max_size=3), max_size=3).map(tuple)
CONTENTS = st.builds(
    Content,
    title=TEXTS,
    published=st.none()
    | st.builds(Published, local=st.sampled_from([None, "2022-10-21"]), raw=st.text("ab", max_size=2)),
    body=TEXTS,
    captions=LISTS,
    files=st.lists(
        st.builds(Link, st.sampled_from(["http://e.org/1", "http://e.org/2"]), st.text("a", max_size=1))
    ).map(tuple),
    extra=st.dictionaries(st.sampled_from("xyz"), st.text("ab", max_size=2)).map(lambda found: tuple(found.items())),
)


@given(CONTENTS)
def test_a_content_is_the_same_as_itself(content: Content) -> None:
    assert decide(content, content).verdict is Verdict.SAME
    assert decide(content, content, reread=True).verdict is Verdict.SAME
    assert not decide(content, content).is_new_version
    assert decide(None, content) == decide(None, content, absent=True, reread=True)
    assert decide(None, content).verdict is Verdict.FIRST
    back = decide(content, content, absent=True)
    assert (back.verdict, back.changes, back.is_new_version) == (Verdict.BACK, (), True)


@given(CONTENTS, CONTENTS)
def test_a_change_names_its_fields(one: Content, other: Content) -> None:
    decision = decide(one, other)
    assert (decision.verdict is Verdict.CHANGED) == bool(decision.changes)
    assert decision.changes == differing(one, other)
    assert {change.field for change in decision.changes} == {change.field for change in differing(other, one)}
    assert all(change.old != change.new for change in decision.changes)
    assert decide(one, other, absent=True).changes == decision.changes
    if decision.changes:
        assert decide(one, other, reread=True).verdict is Verdict.REREAD


CONTENT_OF_LISTS = replace(
    CONTENT,
    tags=("dân vận", "phường 5"),
    images=("http://e.org/a.jpg?sig=1&w=300", "http://e.org/b.jpg?Expires=1&Signature=x"),
    files=(Link("http://e.org/a.pdf?token=1", "Tải về"),),
)
NO_CHANGE_OF_LISTS = {
    "signatures of images": {"images": ("http://e.org/a.jpg?sig=2&w=300", "http://e.org/b.jpg?Expires=2&Signature=y")},
    "a signature that is gone": {"images": ("http://e.org/a.jpg?w=300", "http://e.org/b.jpg")},
    "the token of a file": {"files": (Link("http://e.org/a.pdf?token=2", "Tải về"),)},
    "the order of tags": {"tags": ("phường 5", "dân vận")},
    "a tag that stands twice": {"tags": ("dân vận", "phường 5", "dân vận")},
}
CHANGE_OF_LISTS = {
    "another size": ("images", ("http://e.org/a.jpg?sig=2&w=600", "http://e.org/b.jpg?Expires=1&Signature=x")),
    "the order of images": ("images", ("http://e.org/b.jpg", "http://e.org/a.jpg?w=300")),
    "another file": ("files", (Link("http://e.org/b.pdf?token=1", "Tải về"),)),
    "another tag": ("tags", ("dân vận", "phường 6")),
}


@pytest.mark.parametrize("name", NO_CHANGE_OF_LISTS)
def test_equal_lists_are_no_change(name: str) -> None:
    other = replace(CONTENT_OF_LISTS, **NO_CHANGE_OF_LISTS[name])  # type: ignore[arg-type]
    assert decide(CONTENT_OF_LISTS, other).verdict is Verdict.SAME
    assert decide(other, CONTENT_OF_LISTS).verdict is Verdict.SAME
    assert other.flat() != CONTENT_OF_LISTS.flat()


@pytest.mark.parametrize(("field", "values"), CHANGE_OF_LISTS.values(), ids=CHANGE_OF_LISTS.keys())
def test_a_change_of_a_list_has_the_values_as_they_stand(field: str, values: tuple[str, ...]) -> None:
    other = replace(CONTENT_OF_LISTS, **{field: values})  # type: ignore[arg-type]
    (change,) = decide(CONTENT_OF_LISTS, other).changes
    assert (change.field, change.old, change.new) == (field, CONTENT_OF_LISTS.flat()[field], other.flat()[field])


NO_CHANGE = {
    "how a date was printed": {"published": Published("2022-10-21 15:55:00", None, "21-10-2022, 15:55", "second")},
    "the text of a file's link": {"files": (Link("http://e.org/a.pdf", "Tải"),)},
    "an empty text for none": {"summary": ""},
    "an empty extra": {"extra": (("doc_number", "12/QĐ"), ("signer", ""))},
}


@pytest.mark.parametrize("name", NO_CHANGE)
def test_equal_contents_are_no_change(name: str) -> None:
    assert decide(CONTENT, replace(CONTENT, **NO_CHANGE[name])).verdict is Verdict.SAME  # type: ignore[arg-type]


CHANGES = {
    "a word": ({"title": "Hội thảo"}, {"title": (4, 4)}),
    "a list emptied": ({"captions": ()}, {"captions": (0, 7)}),
    "a list filled": ({"bylines": ("LAN", "HÀ")}, {"bylines": (6, 0)}),
    "an extra added": ({"extra": (("doc_number", "12/QĐ"), ("signer", "An"))}, {"extra.signer": (2, 0)}),
    "an extra gone": ({"extra": ()}, {"extra.doc_number": (0, 5)}),
    "a date gone": ({"published": None}, {"published": (0, 19)}),
    "a list divided otherwise": ({"captions": ("Ảnh", "một")}, {"captions": (1, 1)}),
    "two fields, in reading order": ({"body": "", "title": None}, {"title": (0, 8), "body": (0, 21)}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changes_are_named_and_counted(name: str) -> None:
    changed, expected = CHANGES[name]
    decision = decide(CONTENT, replace(CONTENT, **changed))  # type: ignore[arg-type]
    assert decision.verdict is Verdict.CHANGED
    found = {change.field: (change.chars_added, change.chars_removed) for change in decision.changes}
    assert list(found.items()) == list(expected.items())
