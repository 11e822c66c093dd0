"""Put a rule into the text of a profile, before the rules that a field has. All other text stays to the letter."""

import re
import tomllib
from collections.abc import Sequence

from archiver.errors import ProfileError
from archiver.extract.profile import parse_profile
from archiver.model.profile import PageKind, Profile

_READING = "readings."
_TABLE = re.compile(r"\s*\[")
_MOST_LINES = 200
"""Lines of the value of one field."""


def with_rule(profile: Profile, kind: PageKind, field: str, rule: str) -> str | None:
    """Return the text of a profile with a rule as the first one of a field.

    Args:
        profile: the profile, with its text.
        kind: the `[[page]]` table that gets the rule.
        field: `title`, or `readings.views`.
        rule: the rule as TOML: a string or an inline table.

    Returns:
        The new text; None when the rule is there already, or when the text cannot be changed safely.
    """
    lines = profile.text.replace("\r\n", "\n").split("\n")
    first, last = kind.line, _end(lines, kind.line)
    name = field.removeprefix(_READING)
    section = "[page.readings]" if field.startswith(_READING) else "[page.fields]"
    start = next((place for place in range(first, last) if lines[place].strip().startswith(section)), None)
    if start is None:
        changed = [*lines[:last], *_before(lines[:last]), section, f"{name} = {rule}", *_after(lines[last:])]
    else:
        changed = _in_section(lines, start, last, name, rule)
    text = "\n".join(changed)
    return text if text != profile.text and _is_profile(text) else None


def _end(lines: Sequence[str], start: int) -> int:
    """Return the line after the last one of a `[[page]]` table, without the blank lines and comments that follow it."""
    end = next((place for place in range(start, len(lines)) if lines[place].lstrip().startswith("[[")), len(lines))
    while end > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _before(lines: Sequence[str]) -> list[str]:
    return [""] if lines and lines[-1].strip() else []


def _after(lines: Sequence[str]) -> list[str]:
    return list(lines) if not lines or not lines[0].strip() else ["", *lines]


def _in_section(lines: Sequence[str], start: int, last: int, name: str, rule: str) -> list[str]:
    """Return the lines with a rule in a section that exists."""
    end = next((place for place in range(start + 1, last) if _TABLE.match(lines[place])), last)
    key = re.compile(rf"""\s*["']?{re.escape(name)}["']?\s*=""")
    place = next((each for each in range(start + 1, end) if key.match(lines[each])), None)
    if place is None:
        return [*lines[: start + 1], f"{name} = {rule}", *lines[start + 1 :]]
    until = _value_end(lines, place)
    if until is None:
        return list(lines)
    head, value, rest = _parts("\n".join(lines[place:until]))
    old = tomllib.loads(f"v = {value}")["v"]
    new = tomllib.loads(f"v = {rule}")["v"]
    if new in (old if isinstance(old, list) else [old]):
        return list(lines)
    if not isinstance(old, list):
        value = f"{head} [{rule}, {value}]"
    elif old:
        value = f"{head} [{rule},{'' if value[1:2].isspace() else ' '}{value[1:]}"
    else:
        value = f"{head} [{rule}]"
    return [*lines[:place], *f"{value}{rest}".split("\n"), *lines[until:]]


def _value_end(lines: Sequence[str], place: int) -> int | None:
    """Return the line after a value, which may be a list of several lines."""
    for until in range(place + 1, min(place + _MOST_LINES, len(lines)) + 1):
        if _loads("\n".join(lines[place:until])) is not None:
            return until
    return None


def _parts(text: str) -> tuple[str, str, str]:
    """Return a field as its name with the `=`, its value, and the comment after it."""
    head, _, value = text.partition("=")
    whole = _loads(text)
    for place, mark in enumerate(value):
        if mark == "#" and _loads(f"{head}={value[:place]}") == whole:
            bare = value[:place].strip()
            return f"{head}=", bare, value[value.index(bare) + len(bare) :]
    return f"{head}=", value.strip(), ""


def _loads(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError):
        return None


def _is_profile(text: str) -> bool:
    try:
        parse_profile(text, "profile")
    except ProfileError:
        return False
    return True
