"""The axis of a strip of time: a few labelled moments at round times."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from archiver.web.moments import parsed

_MOST = 11  # labels
_DAY = 86_400
_STEPS = (60, 300, 900, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, _DAY, 2 * _DAY, 7 * _DAY)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
_MONTH = 30.4 * _DAY
_ROOM, _CROWDED = 7.0, 72.0  # per cent that the label of the end needs; on narrow screens it needs the last quarter


def axis(start: str, last: str, at: Callable[[str], float], bottom: int) -> Markup:
    """Return grid lines and labels from the start to the last visit; every second label only on wide screens.

    Args:
        start: the begin of the time shown (UTC text).
        last: the last visit (UTC text); it is labelled at the right end.
        at: returns the place of a moment in per cent.
        bottom: y of the base line.
    """
    first, end = parsed(start), parsed(last)
    line = Markup('<line class="grid" x1="{0:.2f}%" x2="{0:.2f}%" y1="0" y2="{1}"/>')
    text = Markup('<text x="{:.2f}%" y="{}"{}>{}</text>')
    form = _form(first, end)
    drawn = [line.format(0, bottom), text.format(0, bottom + 17, "", form(first))]
    count = 1
    for moment in _round_moments(first, end):
        x = at(f"{moment:%Y-%m-%d %H:%M:%S}")
        if x < _ROOM:
            continue
        drawn.append(line.format(x, bottom))
        if x <= 100 - _ROOM:
            drawn.append(
                text.format(x, bottom + 17, Markup(' class="w"') if count % 2 or x > _CROWDED else "", form(moment))
            )
        count += 1
    if end > first:
        drawn.append(Markup('<text x="100%" y="{}" text-anchor="end">{}</text>').format(bottom + 17, form(end)))
    return Markup().join(drawn)


def _form(first: datetime, end: datetime) -> Callable[[datetime], str]:
    seconds = (end - first).total_seconds()
    if seconds < 2 * _DAY:
        return lambda at: f"{at:%H:%M}"
    if seconds < 300 * _DAY:
        return lambda at: f"{at.day} {at:%b}"
    if seconds < 5 * 365 * _DAY:
        return lambda at: f"{at:%b %Y}"
    return lambda at: f"{at:%Y}"


def _round_moments(first: datetime, end: datetime) -> Iterator[datetime]:
    seconds = (end - first).total_seconds()
    step = next((step for step in _STEPS if seconds / step <= _MOST), None)
    if step is not None:
        begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
        if step >= 7 * _DAY:
            begin -= timedelta(days=begin.weekday())
        passed = int((first - begin).total_seconds() // step) + 1
        while (moment := begin + timedelta(seconds=step * passed)) <= end:
            yield moment
            passed += 1
        return
    months = next((each for each in _MONTHS if seconds / (each * _MONTH) <= _MOST), _MONTHS[-1])
    number = (first.year * 12 + first.month - 1) // months * months + months
    while number // 12 < 9999 and (moment := datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)) <= end:  # noqa: PLR2004
        yield moment
        number += months
