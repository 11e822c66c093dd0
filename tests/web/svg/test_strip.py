"""The strip of time: its marks stay within it, their number has a bound, and each version can be reached."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from archiver.app.browsing.counter_lines import CounterLine
from archiver.app.browsing.strip import Absence, Strip, Tick, TimeSpan
from archiver.app.browsing.strip_marks import MOST_MARKS, StripMark, unit_for
from archiver.web.svg.strip import draw, mini_strip, strip_height

_START = datetime(2012, 1, 1, tzinfo=UTC)
_KINDS = ("first", "edited", "back", "redesign", "reread", "redacted")


def _at(minutes: float) -> str:
    return f"{_START + timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S}"


@st.composite
def strips(draw_from: st.DrawFn) -> Strip:
    """Strips with marks in their order, and with absences, pauses, failures and counters anywhere in their time."""
    cuts = sorted(draw_from(st.lists(st.integers(0, 5_000_000), min_size=2, max_size=40)))
    marks = []
    for number, (since, until) in enumerate(zip(cuts[::2], cuts[1::2], strict=False), 1):
        sizes = draw_from(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)))
        kind = draw_from(st.sampled_from(_KINDS))
        ends = draw_from(st.sampled_from([None, _at(until + 1)]))
        marks.append(StripMark(number, number, _at(since), _at(until), ends, kind, *sizes, what="body <b>&"))
    moments = st.integers(0, 5_000_000)
    spans = [sorted(draw_from(st.tuples(moments, moments))) for _ in range(6)]
    absences = tuple(Absence(None, _at(a), _at(b), _at(b + 5), 2, "404 <x>") for a, b in spans[:3])
    pauses = tuple(TimeSpan(_at(a), _at(b)) for a, b in spans[3:])
    readings = tuple(
        (_at(at), draw_from(st.integers(0, 10**9))) for at in sorted(draw_from(st.sets(moments, max_size=9)))
    )
    counters = (
        (CounterLine("views", max((v for _, v in readings), default=0), (readings,), readings[:1]),) if readings else ()
    )
    ticks = tuple(Tick(_at(a), 2, "server_error", 503) for a, _ in spans)
    return Strip(
        _at(0),
        _at(5_050_000),
        _at(5_000_000),
        "version",
        len(marks),
        "",
        tuple(marks),
        absences,
        pauses,
        ticks,
        counters,
    )


def _tree(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  (our own)


def _places(text: str) -> list[float]:
    return [float(value) for value in re.findall(r'\bx[12]?="(-?[\d.]+)%"', text)]


@given(strips())
def test_nothing_is_outside_of_the_strip(strip: Strip) -> None:
    for text in (str(draw(strip, lambda mark: f"/v/{mark.first}")), str(mini_strip(strip))):
        tree = _tree(text)
        assert all(0 <= place <= 100 for place in _places(text))
        for rect in tree.iter("rect"):
            x, width = (float((rect.get(name) or "").rstrip("%") or 0) for name in ("x", "width"))
            assert width >= 0
            assert x + width <= 100.01
            assert float(rect.get("y") or 0) >= 0
            assert float(rect.get("y") or 0) + float(rect.get("height") or 0) <= strip_height(strip)


@given(strips())
def test_each_mark_is_a_link_with_a_name(strip: Strip) -> None:
    text = str(draw(strip, lambda mark: f"/v/{mark.first}"))
    tree = _tree(text)
    links = list(tree.iter("a"))
    assert [link.get("href") for link in links] == [f"/v/{mark.first}" for mark in strip.marks]
    assert all(link.get("aria-label") for link in links)
    assert "style=" not in text


@given(strips())
def test_no_mark_reaches_over_the_next(strip: Strip) -> None:
    tree = _tree(str(draw(strip, lambda mark: "")))
    bars = [rect for rect in tree.iter("rect") if (rect.get("class") or "").startswith("v")]
    ends = [(float((bar.get("x") or "").rstrip("%")), float((bar.get("width") or "").rstrip("%"))) for bar in bars]
    for (x, width), (after, _) in pairwise(ends):
        assert x + width <= after + 0.02


@given(st.integers(1, 10**7), st.integers(0, 10**6))
def test_the_unit_of_groups_keeps_the_bound(minutes: int, start: int) -> None:
    since, until = _START + timedelta(minutes=start), _START + timedelta(minutes=start + minutes)
    unit = unit_for(f"{since:%Y-%m-%d %H:%M:%S}", f"{until:%Y-%m-%d %H:%M:%S}")
    steps = {"minute": 1, "hour": 60, "day": 1440, "week": 7 * 1440, "month": 28 * 1440, "quarter": 90 * 1440}
    if unit in steps and unit != "month":
        assert minutes / steps[unit] <= MOST_MARKS


def test_the_larger_edit_is_the_taller_mark_on_every_page() -> None:
    marks = tuple(
        StripMark(number, number, _at(number * 1000), _at(number * 1000 + 500), None, "edited", size)
        for number, size in enumerate((1, 30, 1000, 50_000), 1)
    )
    strip = Strip(_at(0), _at(6000), _at(5500), "version", 4, "", marks)
    tree = _tree(str(draw(strip, lambda mark: "")))
    heights = [float(rect.get("height") or 0) for rect in tree.iter("rect") if rect.get("class") == "v"]
    assert heights == sorted(heights)
    assert heights[-2:] == [88.0, 88.0]


def test_a_redesign_has_no_riser_because_it_is_no_edit_of_the_page() -> None:
    mark = StripMark(2, 2, _at(10), _at(20), None, "redesign", 500, 500)
    text = str(draw(Strip(_at(0), _at(30), _at(20), "version", 2, "", (mark,)), lambda mark: ""))
    assert 'class="v ours"' in text
    assert "riser" not in text
    assert "changed by a redesign of the site only" in text


def test_chosen_versions_are_filled() -> None:
    marks = tuple(StripMark(number, number, _at(number * 10), _at(number * 10 + 5)) for number in (1, 2, 3))
    text = str(mini_strip(Strip(_at(0), _at(50), _at(35), "version", 3, "", marks), frozenset((2,)), "Version 2 of 3"))
    assert text.count('class="v on"') == 1
    assert 'aria-label="Version 2 of 3"' in text
