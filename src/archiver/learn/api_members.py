"""The members of an answer of an API, each with its path and its text, and what their names say."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from archiver.extract.json_answer import Number
from archiver.extract.json_rules import html_line
from archiver.extract.page import ParsedPage

_MOST_MEMBERS = 20_000
_MOST_LISTS = 500
_DEEPEST = 12
_LONG_HINT = 5
"""A shorter one is part of other words: `ten` (name) of `content`."""
_PLAIN_NAME = re.compile(r"[A-Za-z_@][\w@$:-]*")

Steps = tuple[str | int | None, ...]


class Member(NamedTuple):
    """A text or a number of an answer.

    Attributes:
        steps: the way to it; None is every item of a list.
        value: a text, or a `Number`.
    """

    steps: Steps
    value: str

    @property
    def path(self) -> str:
        """Return its path, as in a profile."""
        return path_text(self.steps)

    @property
    def name(self) -> str:
        """Return the name that says what it is: the last one, or the one before `rendered`, `value` and the like."""
        names = [step for step in self.steps if isinstance(step, str)]
        told = [name for name in names if name.casefold() not in _WRAPPING] or names
        return told[-1].casefold().replace("_", "").replace("-", "") if told else ""


_WRAPPING = frozenset(("rendered", "value", "processed", "html", "text", "attributes", "data", "raw", "vi", "en", "iv"))


def path_text(steps: Steps) -> str:
    """Return steps as a path; `$` for none."""
    text = ""
    for step in steps:
        if step is None:
            text += "[*]"
        elif isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_NAME.fullmatch(step):
            text += f".{step}" if text else step
        else:
            quote = "'" if '"' in step else '"'
            text += f"[{quote}{step}{quote}]"
    return text if text and not text.startswith("[") else f"${text}"


def members(value: Any) -> list[Member]:  # noqa: ANN401  (JSON)
    """Return the texts and numbers of a record. Of lists only those with one item are entered, as `[0]`."""
    return list(islice(_members(value, ()), _MOST_MEMBERS))


def _members(value: Any, steps: Steps) -> Iterator[Member]:  # noqa: ANN401  (JSON)
    if isinstance(value, str):
        yield Member(steps, value)
    elif len(steps) >= _DEEPEST:
        return
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name and not ('"' in name and "'" in name):
                yield from _members(inner, (*steps, name))
    elif isinstance(value, list) and len(value) == 1:
        yield from _members(value[0], (*steps, 0))


def lists_in(value: Any) -> Iterator[tuple[Steps, list[Any]]]:  # noqa: ANN401  (JSON)
    """Yield the lists of an answer that are in no other list, each with the way to it."""
    waiting: list[tuple[Steps, Any]] = [((), value)]
    for _ in range(_MOST_LISTS):
        if not waiting:
            return
        steps, each = waiting.pop(0)
        if isinstance(each, list):
            yield steps, each
        elif isinstance(each, dict) and len(steps) < _DEEPEST:
            waiting += [((*steps, name), inner) for name, inner in each.items() if isinstance(inner, dict | list)]


def text_of(member: Member, page: ParsedPage) -> str:
    """Return the visible text of a member."""
    return member.value if isinstance(member.value, Number) else html_line(member.value, page)


def named(found: Iterable[Member], *hints: str) -> list[Member]:
    """Return the members whose names begin or end with a hint, or contain a long one: those with the first hints first.

    Of those with one hint, the shallow ones come first.
    """
    ranked = []
    for member in found:
        rank = next((number for number, hint in enumerate(hints) if _is_named(member.name, hint)), None)
        if rank is not None:
            ranked.append((rank, len(member.steps), member))
    return [member for _, _, member in sorted(ranked, key=lambda each: each[:2])]


def _is_named(name: str, hint: str) -> bool:
    return name.startswith(hint) or name.endswith(hint) or (len(hint) >= _LONG_HINT and hint in name)
