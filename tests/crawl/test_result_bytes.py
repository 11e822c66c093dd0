"""Results of reading survive the conversion to bytes and back, with every field, also later ones."""

import dataclasses
import html
from typing import Any, get_type_hints

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from archiver.crawl.read_capture import ReadResult, read_capture
from archiver.crawl.result_bytes import as_bytes, from_bytes
from archiver.extract.profile import parse_profile
from archiver.model.capture import Outcome
from archiver.model.record import FIELDS, Content, Link, Published, Record, Source
from made import capture
from trials import lasting

NOT_CARRIED = frozenset(
    "template charset blocked notes links follow next postbacks feeds maps hints canonical needs_fallback "
    "looks_like_article requisites nofollow noindex".split()
)
"""Fields of a record that only the crawl needs that fetched the page. They are not stored."""


def _of_all(kind: type[Any], but: frozenset[str] = frozenset()) -> dict[str, st.SearchStrategy[Any]]:
    """Return values for each field, by its type. New fields are included without a change here."""
    hints = get_type_hints(kind)
    return {each.name: st.from_type(hints[each.name]) for each in dataclasses.fields(kind) if each.name not in but}


for part in (Link, Published, Source):
    st.register_type_strategy(part, st.builds(part, **_of_all(part)))
contents = st.builds(Content, **_of_all(Content))
records = st.builds(Record, **_of_all(Record, NOT_CARRIED) | {"content": contents})
NO_SHRINKING = settings(phases=[Phase.explicit, Phase.reuse, Phase.generate])
CARRIED = [(Content, name) for name in _of_all(Content)] + [(Record, name) for name in _of_all(Record, NOT_CARRIED)]


@pytest.mark.parametrize(("kind", "name"), [pair for pair in CARRIED if pair[1] != "content"])
def test_no_field_is_dropped(kind: Any, name: str) -> None:
    """Each field alone, with a value that is not its default."""
    value = find(_of_all(kind)[name], lambda each: bool(each) and each != getattr(kind(), name), settings=NO_SHRINKING)
    made = kind(**{name: value})
    record = made if kind is Record else Record(made)
    assert from_bytes(as_bytes(ReadResult(Outcome.OK, record))).record == record


@settings(NO_SHRINKING)  # a smaller record is covered by the test above
@given(st.builds(ReadResult, st.sampled_from(Outcome), st.none() | records, st.text()))
def test_a_result_survives_the_conversion(reading: ReadResult) -> None:
    assert from_bytes(as_bytes(reading)) == reading


@given(st.binary(max_size=40) | st.text().map(str.encode) | st.just(b"{}") | st.just(b"[]") | st.just(b'{"record": 1}'))
def test_invalid_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        from_bytes(data)


PROFILE = parse_profile(
    """[site]\nname = "t"\nhome = "http://x.example/"\nlanguage = "vi"\ntimezone = "Asia/Ho_Chi_Minh"
[[page]]\nkind = "article"\nfallback = false\n[page.fields]\ntitle = "h1"\nsection = "#sec"\nsummary = "#sum"\nbody = "#b"
published = { css = "time", type = "datetime" }\ncaptions = { css = "figcaption", take = "all" }\nbylines = "#by"
tags = { css = ".tag", take = "all" }\nimages = { css = "img", attr = "src" }\nfiles = "a.file"\nplace = "#place"
[page.readings]\nviews = "#views"\n""",
    "t",
)
WORDS = st.text(max_size=30).map(html.escape)
PARTS = (
    "<h1>{}</h1>",
    "<p id=sec>{}</p>",
    "<p id=sum>{}</p>",
    "<div id=b><p>{}</p></div>",
    "<figcaption>{}</figcaption>",
    "<p id=by>{}</p>",
    "<b class=tag>{}</b>",
    "<img src='/{}.png'>",
    "<a class=file href='/{0}.pdf'>{0}</a>",
    "<p id=place>{}</p>",
    "<i id=views>{}</i>",
)
DATES = st.datetimes().map("<time>{:%d/%m/%Y %H:%M}</time>".format) | st.just("<time>sớm</time>") | st.just("")
PAGES = st.builds(
    lambda parts, date: f"<html lang=vi>{date}{''.join(parts)}",
    st.lists(
        st.builds(lambda part, words: part.format(words), st.sampled_from(PARTS), WORDS | st.just("1.234")), max_size=20
    ),
    DATES,
)


@pytest.mark.soak
@settings(max_examples=lasting(100, 5000))
@given(PAGES)
def test_the_result_of_a_real_page_survives_the_conversion(page: str) -> None:
    reading = read_capture(capture("http://x.example/a/1", page.encode()), PROFILE, None)
    back = from_bytes(as_bytes(reading))
    assert (back.outcome, back.note) == (reading.outcome, reading.note)
    assert (back.record is None) == (reading.record is None)
    if back.record is not None and reading.record is not None:
        for name in _of_all(Record, NOT_CARRIED):
            assert getattr(back.record, name) == getattr(reading.record, name), name
    assert as_bytes(back) == as_bytes(reading)


def test_the_pages_above_have_a_value_for_every_field() -> None:
    date = "<time>21/10/2022 15:55</time>"
    page = f"<html lang=vi>{date}" + "".join(part.format("1") for part in PARTS)
    record = read_capture(capture("http://x.example/a/1", page.encode()), PROFILE, None).record
    assert record is not None
    flat = record.content.flat()
    assert [name for name in (*FIELDS, "extra.place") if name not in ("language", "file") and not flat[name]] == []
    assert record.readings == (("views", 1),)
