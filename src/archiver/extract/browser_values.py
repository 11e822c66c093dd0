"""Checks of the values of a profile's keys that say how a browser opens a page."""

import re

from archiver.extract.tree import check_css
from archiver.extract.values import BadValueError, Check
from archiver.model.profile import Action

KEYS = ("ArrowDown", "ArrowUp", "End", "Enter", "Escape", "PageDown", "Space", "Tab")
"""The keys that `press:` may name, by their names in the DOM."""
_MOST_REPEATS = 200
_SCROLLS = 20  # without a number
_REPEATED = re.compile(r"(.*?)\*([0-9]{1,4})", re.DOTALL)
_VIEWPORT = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")
_LEAST_SIDE, _MOST_SIDE = 200, 4000


def _action(value: object) -> Action:
    if not isinstance(value, str):
        raise BadValueError("must be text: 'click:CSS', 'scroll' or 'press:KEY'")
    repeated = _REPEATED.fullmatch(value)
    text, times = (repeated[1], int(repeated[2])) if repeated else (value, 0)
    if repeated and not 1 <= times <= _MOST_REPEATS:
        raise BadValueError(f"may be repeated 1 to {_MOST_REPEATS} times, not {times}")
    kind, colon, argument = text.partition(":")
    argument = argument.strip()
    if text == "scroll":
        return Action("scroll", most=times or _SCROLLS)
    if kind == "click" and colon:
        if fault := check_css(argument):
            raise BadValueError(fault)
        return Action("click", argument, times or 1)
    if kind == "press" and colon:
        if argument not in KEYS:
            raise BadValueError(f"no such key: {argument!r}; the keys are {', '.join(KEYS)}")
        return Action("press", argument, times or 1)
    raise BadValueError(f"must be 'click:CSS', 'scroll' or 'press:KEY', not {value!r}")


def _viewport(value: object) -> tuple[int, int]:
    sides = _VIEWPORT.fullmatch(value) if isinstance(value, str) else None
    if not sides:
        raise BadValueError(f"must be WIDTHxHEIGHT in CSS pixels, such as '1280x1000', not {value!r}")
    width, height = int(sides[1]), int(sides[2])
    if not all(_LEAST_SIDE <= side <= _MOST_SIDE for side in (width, height)):
        raise BadValueError(f"each side must be {_LEAST_SIDE} to {_MOST_SIDE} pixels, not {value!r}")
    return width, height


ACTION = Check(
    _action,
    {"type": "string", "pattern": "^(click:.+|scroll(\\*[0-9]+)?|press:.+)$"},
    "`click:CSS`, `scroll` or `press:KEY`",
)
VIEWPORT = Check(_viewport, {"type": "string", "pattern": "^[0-9]+x[0-9]+$"}, "`WIDTHxHEIGHT`")
