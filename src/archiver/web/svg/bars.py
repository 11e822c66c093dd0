"""Bars of what happened on each day: edited pages above the line, pages that are gone below it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from archiver.web.moments import day_heading, parsed
from archiver.web.svg.shared import HATCH

_BASE, _ABOVE, _BELOW, _UNIT = 41.0, 38.0, 22.0, 12.0
_LABELS_EVERY = 10


def day_bars(
    days: Sequence[Mapping[str, Any]], link: Callable[[str], str], look: str = "", name: str = "Changes a day"
) -> Markup:
    """Return the bars as SVG.

    Args:
        days: in order, each with `day` (YYYY-MM-DD), `edited`, `gone` and `visited`.
        link: gives the address of a day.
        look: the moment of the visitor's last look (UTC text), a dashed line; "" for none.
        name: what the chart is, for readers that do not see it.
    """
    if not days:
        return Markup()
    width = 100 / len(days)
    above = min(_UNIT, _ABOVE / max(1, *(each["edited"] for each in days)))
    below = min(_UNIT, _BELOW / max(1, *(each["gone"] for each in days)))
    parts = [HATCH.format("bars")]
    for number, each in enumerate(days):
        parts.append(_day(each, link(each["day"]), number * width, width, above, below))
    parts.append(Markup('<line class="base" x1="0" x2="100%" y1="41" y2="41"/>'))
    parts += [_look(days, look, width), *_labels(days, width)]
    head = Markup(
        '<svg height="84" role="group" aria-label="{}: edited and gone pages; the table below says the same">'
    )
    return head.format(name) + Markup().join(parts) + Markup("</svg>")


def _day(each: Mapping[str, Any], place: str, at: float, width: float, above: float, below: float) -> Markup:
    name = f"{day_heading(each['day'])}: {_words(each)}"
    told = Markup("<title>{}</title>").format(name)
    if not each["visited"]:
        grey = Markup('<rect class="un" x="{:.2f}%" y="0" width="{:.2f}%" height="64">{}</rect>')
        return grey.format(at, width, told)
    bar = Markup('<rect {} x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}"/>')
    left, wide = at + width * 0.15, width * 0.7
    found = Markup()
    if each["edited"]:
        high = max(2.0, each["edited"] * above)
        found += bar.format(Markup('class="b1"'), left, _BASE - 1 - high, wide, high)
    if each["gone"]:
        deep = max(2.0, each["gone"] * below)
        found += bar.format(Markup('class="abs" fill="url(#bars)"'), left, _BASE + 1, wide, deep)
    if not found:
        return found
    target = Markup('<rect fill="transparent" x="{:.2f}%" y="0" width="{:.2f}%" height="64">{}</rect>')
    found += target.format(at, width, told)
    return Markup('<a href="{}" aria-label="{}">{}</a>').format(place, name, found)


def _words(each: Mapping[str, Any]) -> str:
    if not each["visited"]:
        return "no visit"
    return ", ".join(f"{each[kind]} {kind}" for kind in ("edited", "gone") if each[kind]) or "nothing changed"


def _look(days: Sequence[Mapping[str, Any]], look: str, width: float) -> Markup:
    if not look or not days[0]["day"] <= look[:10] <= days[-1]["day"]:
        return Markup()
    span = parsed(look) - parsed(days[0]["day"])
    at = span.total_seconds() / 86_400 * width
    return Markup(
        '<line class="reset" x1="{0:.2f}%" x2="{0:.2f}%" y1="-2" y2="66"><title>your last look</title></line>'
    ).format(at)


def _labels(days: Sequence[Mapping[str, Any]], width: float) -> list[Markup]:
    label = Markup('<text x="{:.2f}%" y="80">{}</text>')
    return [
        label.format(number * width, f"{parsed(days[number]['day']).day} {parsed(days[number]['day']):%b}")
        for number in range(0, len(days), _LABELS_EVERY)
    ]
