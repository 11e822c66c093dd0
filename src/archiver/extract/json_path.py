"""Paths into JSON: `data.items[0].title`. JSON-LD and the answers of APIs are searched with them.

A path is a part of JSONPath (RFC 9535), without filters, and `$.` at its beginning may be left out:

    data.author.name      members, one in the other
    items[0]  items[-1]   an item of a list, from its beginning or its end
    tags[*].name          every item of a list
    ["odd name"].x        a member whose name has other characters than those of a word
    $                     the whole value

A member of a list is that of each of its objects, and a single value counts as a list of one: many sites write one
author as an object and two as a list. `[*]` of an object whose names are numbers is every member: PHP writes lists with
gaps so.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

Step = str | int | None
"""The name of a member, the number of an item, or None for all of them."""
Steps = tuple[Step, ...]

MOST_STEPS = 30
_LONGEST_NUMBER = 5
_FROM_ROOT = re.compile(r"\$(?:[.\[]|\Z)")
_STEP = re.compile(
    r"""\.(?P<name>[^\s.\[\]{}"'()]+) | \[(?:(?P<number>-?[0-9]{1,9})|(?P<all>\*)
    |"(?P<double>[^"]+)"|'(?P<single>[^']+)')\]""",
    re.VERBOSE,
)


class Found(NamedTuple):
    """A value in JSON and its place, as a JSON Pointer (RFC 6901); that of the whole value is ""."""

    value: Any
    pointer: str


@lru_cache(maxsize=1000)
def parse_path(text: str) -> Steps:
    """Return the steps of a path.

    Raises:
        ValueError: it is no path; the message ends the sentence "KEY: …".
    """
    plain = text.strip()
    rest = plain[1:] if _FROM_ROOT.match(plain) else plain if plain.startswith("[") else f".{plain}"
    steps: list[Step] = []
    position = 0
    while position < len(rest):
        step = _STEP.match(rest, position)
        if step is None:
            raise ValueError(
                f"not a path into JSON: {text!r}, at {rest[position:]!r}; a path is data.items[0].title: "
                "names, '.', [0], [-1], [*] and [\"other names\"]; $ is the whole answer"
            )
        steps.append(_step(step))
        position = step.end()
    if len(steps) > MOST_STEPS:
        raise ValueError(f"a path has at most {MOST_STEPS} steps, not {len(steps)}")
    return tuple(steps)


def _step(step: re.Match[str]) -> Step:
    if step["all"]:
        return None
    return int(step["number"]) if step["number"] else step["name"] or step["double"] or step["single"]


def find(value: Any, path: str) -> Iterator[Found]:  # noqa: ANN401  (JSON)
    """Yield the values at a valid path, in order."""
    yield from _found(Found(value, ""), parse_path(path))


def _found(start: Found, steps: Steps) -> Iterator[Found]:
    if not steps:
        yield start
        return
    for place, value in within(start.value, steps[0]):
        yield from _found(Found(value, start.pointer + pointer(place)), steps[1:])


def within(value: Any, step: Step) -> Iterator[tuple[tuple[str | int, ...], Any]]:  # noqa: ANN401  (JSON)
    """Yield what a step reaches in a value, each with its place in it."""
    if step is None:
        yield from _every(value)
    elif isinstance(step, int):
        yield from _numbered(value, step)
    elif isinstance(value, list):
        yield from _members(value, step)
    elif isinstance(value, dict) and step in value:
        yield (step,), value[step]
    elif step == "0":
        yield (), value


def _members(value: list[Any], step: str) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield the members of this name of the objects in a list; of a number (`author.0`), its item."""
    if step.isdecimal():
        yield from _numbered(value, int(step)) if len(step) <= _LONGEST_NUMBER else ()
        return
    for number, each in enumerate(value):
        if isinstance(each, dict) and step in each:
            yield (number, step), each[step]


def _every(value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:  # noqa: ANN401  (JSON)
    if isinstance(value, list):
        yield from (((number,), each) for number, each in enumerate(value))
    elif isinstance(value, dict) and value and all(map(str.isdecimal, value)):
        yield from (((name,), each) for name, each in value.items())
    elif value is not None:
        yield (), value


def _numbered(value: Any, number: int) -> Iterator[tuple[tuple[str | int, ...], Any]]:  # noqa: ANN401  (JSON)
    if isinstance(value, list):
        place = number if number >= 0 else len(value) + number
        if 0 <= place < len(value):
            yield (place,), value[place]
    elif number in (0, -1) and value is not None:
        yield (), value


def pointer(place: tuple[str | int, ...]) -> str:
    """Return a place as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)
