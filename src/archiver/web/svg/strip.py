"""The strip of time of a page as SVG. Pure: data in, markup out.

All x and widths are per cent of the time shown, and y is in pixels: there is no viewBox, so text never scales. Only the
line of a counter is a nested svg that stretches. Classes and presentation attributes only: no inline style.
"""

from collections.abc import Callable, Iterator
from math import log2

from markupsafe import Markup

from archiver.app.browsing.counter_lines import CounterLine
from archiver.app.browsing.strip import Strip
from archiver.app.browsing.strip_marks import StripMark
from archiver.web.rendering import number
from archiver.web.svg.shared import HATCH, TimeScale
from archiver.web.svg.time_axis import axis

LinkOf = Callable[[StripMark], str]

_BASE = 118  # y of the base line
_LEAST, _TALLEST = 8, 80  # height of the smallest edit, and what the largest adds
_UNEDITED, _GONE = 10, 30  # heights of a version without an edit, and of an absence
_WHOLE = {"version": 1001, "edition": 41}  # an edit of so many characters, or items, is as tall as any
_LANE, _BELOW, _COUNTER = (
    78,
    34,
    62,
)  # a counter's lane, where the first begins below the base line, and its line's height
_WITH_LABEL = 6.0  # per cent: from this width on a bar has its +n −n
_NEAR, _NEAR_NARROW = 1.2, 2.5  # per cent between risers: a nearer number is dropped, always or on narrow screens
_MINI = 34  # y of the base line of a small strip
_SHARE = 0.29  # heights of a small strip, of those of a large one


def strip_height(strip: Strip) -> int:
    """Return the height of a strip in pixels."""
    return _axis_y(strip) + 22


def _axis_y(strip: Strip) -> int:
    lanes = len(strip.counters)
    return _BASE + _BELOW - 16 + lanes * _LANE if lanes else _BASE + 20


def draw(strip: Strip, link_of: LinkOf, chosen: frozenset[int] = frozenset()) -> Markup:
    """Return a strip: every mark is a link with its name; the table below it says the same.

    Args:
        strip: what it shows.
        link_of: returns the address behind a mark.
        chosen: the numbers of versions that are shown filled.
    """
    scale, bottom = TimeScale.between(strip.start, strip.end), _axis_y(strip)
    counted = f"{number(strip.count)} {strip.noun}{'' if strip.count == 1 else 's'}"
    label = f"Timeline of the page: {counted}; the table below says the same"
    parts = [
        Markup('<svg height="{}" role="group" aria-label="{}">').format(strip_height(strip), label),
        HATCH.format("h"),
        axis(strip.start, strip.last_visit, scale.at, bottom),
        *_pauses(strip, scale, bottom),
        *_brackets(strip, scale, _BASE - 2),
        *_absences(strip, scale, _BASE, _GONE, labelled=True),
        *_marks(strip, scale, link_of, chosen),
        *_ticks(strip, scale),
    ]
    for lane, counter in enumerate(strip.counters):
        parts += _counter(counter, scale, _BASE + _BELOW + lane * _LANE)
    if strip.counters:
        parts.append(Markup('<line class="base" x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(bottom))
    parts.append(Markup('<line class="base" x1="0" x2="100%" y1="{0}" y2="{0}"/></svg>').format(_BASE))
    return Markup().join(parts)


def mini_strip(strip: Strip, chosen: frozenset[int] = frozenset(), sentence: str = "") -> Markup:
    """Return a small strip without labels and links, named by one sentence; the chosen versions are filled."""
    scale = TimeScale.between(strip.start, strip.end)
    said = sentence or f"{strip.count} {strip.noun}s between {strip.start[:10]} and {strip.last_visit[:10]}"
    parts = [Markup('<svg height="40" role="img" aria-label="{}">').format(said), HATCH.format("hm")]
    parts += _pauses(strip, scale, _MINI, labelled=False)
    parts += _brackets(strip, scale, _MINI - 2)
    for mark, x, width in _placed(strip, scale):
        top = _MINI - _height(mark, strip) * _SHARE - 3
        parts.append(_bar(mark, x, width, (top, _MINI), is_on=_is_chosen(mark, chosen)))
    parts += _absences(strip, scale, _MINI, 16, hatch="hm")
    parts.append(Markup('<line class="base" x1="0" x2="100%" y1="{0}" y2="{0}"/></svg>').format(_MINI))
    return Markup().join(parts)


# versions


def _height(mark: StripMark, strip: Strip) -> float:
    """Return the height of a mark: absolute, so that two pages can be compared."""
    if mark.kind in ("first", "reread", "redesign", "redacted") or not mark.size:
        return _UNEDITED
    return _LEAST + _TALLEST * min(1.0, log2(1 + mark.size) / log2(_WHOLE[strip.noun]))


def _placed(strip: Strip, scale: TimeScale) -> Iterator[tuple[StripMark, float, float]]:
    """Yield each mark with its place and width; no mark reaches over the next one."""
    places = [scale.at(mark.since) for mark in strip.marks]
    for index, mark in enumerate(strip.marks):
        after = places[index + 1] if index + 1 < len(places) else 100.0
        yield mark, places[index], max(0.0, min(scale.at(mark.until), after) - places[index])


def _is_chosen(mark: StripMark, chosen: frozenset[int]) -> bool:
    return any(mark.first <= number <= mark.last for number in chosen)


def _bar(mark: StripMark, x: float, width: float, ys: tuple[float, float], *, is_on: bool) -> Markup:
    top, base = ys
    classes = "v" + (" on" if is_on else "") + (" ours" if mark.kind in ("reread", "redesign", "redacted") else "")
    rect = Markup('<rect class="{}" x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}"/>')
    riser = Markup('<line class="riser" x1="{0:.2f}%" x2="{0:.2f}%" y1="{1}" y2="{2:.1f}"/>')
    drawn = rect.format(classes, x, top, width, base - top)
    # the riser is the mark of the edit; what the reader, not the page, did differently has none
    return drawn + (Markup() if mark.kind in ("reread", "redesign") else riser.format(x, base, top))


def _marks(strip: Strip, scale: TimeScale, link_of: LinkOf, chosen: frozenset[int]) -> Iterator[Markup]:
    before = -100.0
    for mark, x, width in _placed(strip, scale):
        height = _height(mark, strip)
        name = mark_name(mark, strip)
        bar = _bar(mark, x, width, (_BASE - height, _BASE), is_on=_is_chosen(mark, chosen))
        link = Markup('<a href="{}" data-v="{}" aria-label="{}"><title>{}</title>{}</a>')
        yield link.format(link_of(mark), mark.last, name, name, bar)
        if not strip.unit:
            yield _labels(mark, x, width, (_BASE - height - 5, x - before))
        before = x


def _labels(mark: StripMark, x: float, width: float, place: tuple[float, float]) -> Markup:
    y, room = place
    if room < _NEAR:
        return Markup()
    narrow = "" if room >= _NEAR_NARROW else " w"
    shown = Markup('<text class="vn{}" x="{:.2f}%" dx="1" y="{:.1f}">{}</text>').format(narrow, x, y, mark.first)
    if width > _WITH_LABEL and mark.size:
        digits = 8 * len(str(mark.first)) + 5
        figures = f"+{number(mark.added)} −{number(mark.removed)}"
        shown += Markup('<text class="w" x="{:.2f}%" dx="{}" y="{:.1f}">{}</text>').format(x, digits, y, figures)
    return Markup('<g aria-hidden="true" pointer-events="none">{}</g>').format(shown)


def mark_name(mark: StripMark, strip: Strip) -> str:
    """Return what a mark is, in words: its number, from when to when it stood at least, and what was new in it."""
    if mark.kind == "group":
        edits = f"{number(mark.edits)} edit{'' if mark.edits == 1 else 's'}"
        what = f", the largest of {number(mark.size)} characters" if mark.size and strip.noun == "version" else ""
        counted = (
            f"{strip.noun.capitalize()}s {mark.first} to {mark.last}"
            if mark.first != mark.last
            else f"{strip.noun.capitalize()} {mark.first}"
        )
        return f"{counted}, {mark.since[:16]} to {mark.until[:16]}: {edits}{what}; open this time"
    told = {
        "first": "first seen",
        "back": "came back" + (f": {mark.what}" if mark.what else ", unchanged"),
        "redesign": "changed by a redesign of the site only",
        "reread": "read differently, no edit is known",
        "redacted": "redacted",
    }.get(mark.kind, mark.what or "edited")
    return f"{strip.noun.capitalize()} {mark.first}, stood from {mark.since[:16]} to {mark.until[:16]} at least: {told}"


# what is no version


def _brackets(strip: Strip, scale: TimeScale, y: int) -> Iterator[Markup]:
    """Yield dots where something changed at an unknown moment: between the last visit that saw it and the next one."""
    line = Markup('<line class="br" x1="{:.2f}%" x2="{:.2f}%" y1="{}" y2="{}"><title>{}</title></line>')
    spans = [(mark.until, mark.ends, "changed somewhere in here") for mark in strip.marks if mark.ends]
    spans += [(each.last_miss, each.back_by, "came back somewhere in here") for each in strip.absences if each.back_by]
    for since, until, told in spans:
        if until and until > since:
            yield line.format(scale.at(since), scale.at(until), y, y, told)


def _absences(
    strip: Strip, scale: TimeScale, base: int, height: int, *, labelled: bool = False, hatch: str = "h"
) -> Iterator[Markup]:
    rect = Markup(
        '<rect fill="url(#{})" class="abs" x="{:.2f}%" y="{}" width="{:.2f}%" height="{}"><title>{}</title></rect>'
    )
    text = Markup('<text class="w" x="{:.2f}%" y="{}">gone</text>')
    for each in strip.absences:
        x = scale.at(each.gone_by)
        width = scale.at(each.last_miss) - x
        shown = min(max(width, 0.3), 100 - x)
        yield rect.format(hatch, x, base - height, shown, height, f"gone: {each.evidence or each.gone_by}"[:300])
        if labelled and width > _NEAR_NARROW:
            yield text.format(x, base - height - 5)


def _pauses(strip: Strip, scale: TimeScale, height: int, *, labelled: bool = True) -> Iterator[Markup]:
    rect = Markup(
        '<rect class="un" pointer-events="none" x="{:.2f}%" y="0" width="{:.2f}%" height="{}">'
        "<title>not visited</title></rect>"
    )
    text = Markup('<text class="w" x="{:.2f}%" dx="4" y="11">not visited</text>')
    for each in strip.pauses:
        x = scale.at(each.since)
        width = scale.at(each.until) - x
        yield rect.format(x, width, height)
        if labelled and width > _WITH_LABEL:
            yield text.format(x)


def _ticks(strip: Strip, scale: TimeScale) -> Iterator[Markup]:
    line = Markup('<line class="fail" x1="{0:.2f}%" x2="{0:.2f}%" y1="{1}" y2="{2}"><title>{3}</title></line>')
    for tick in strip.ticks:
        told = f"{tick.at[:16]}: {tick.outcome.replace('_', ' ')} {tick.status or ''}".strip()
        more = f", and {tick.visits - 1} more" if tick.visits > 1 else ""
        yield line.format(scale.at(tick.at), _BASE + 3, _BASE + 13, told + more)


# counters


def _counter(line: CounterLine, scale: TimeScale, top: int) -> Iterator[Markup]:
    highest = max(line.highest, 1)

    def y(value: int) -> float:
        return max(1.0, 60 - 58 * value / highest)

    path = "".join(
        "M" + "L".join(f"{scale.at(at) * 10:.1f} {y(value):.1f}" for at, value in stretch)
        + ("" if len(stretch) > 1 else "h2")
        for stretch in line.stretches
    )  # fmt: skip
    yield Markup('<text x="0" y="{}">{}</text>').format(top - 4, line.name.replace("_", " ")[:40])
    yield Markup(
        '<svg x="0" y="{}" width="100%" height="{}" viewBox="0 0 1000 {}" preserveAspectRatio="none" '
        'aria-hidden="true">'
        '<path class="cnt" d="{}"/></svg>'
    ).format(top, _COUNTER, _COUNTER, path)
    yield from _last_values(line, scale, top, y)
    for at, value in line.resets:
        x = scale.at(at)
        yield Markup('<line class="reset" x1="{0:.2f}%" x2="{0:.2f}%" y1="{1}" y2="{2}"/>').format(
            x, top, top + _COUNTER
        )
        side, dx = ("end", -5) if x > 20 else ("start", 5)  # noqa: PLR2004  (per cent)
        yield Markup('<text x="{:.2f}%" dx="{}" y="{}" text-anchor="{}">reset to {}</text>').format(
            x, dx, top + 40, side, number(value)
        )


def _last_values(line: CounterLine, scale: TimeScale, top: int, y: Callable[[int], float]) -> Iterator[Markup]:
    """Yield the last value of each stretch that has room for it."""
    text = Markup('<text class="w" x="{:.2f}%" dx="-2" text-anchor="end" y="{:.1f}">{}</text>')
    before = 0.0
    for stretch in line.stretches:
        at, value = stretch[-1]
        x = scale.at(at)
        if x - before > _WITH_LABEL:
            yield text.format(x, max(top + y(value) - 5, top - 3), number(value))
            before = x
