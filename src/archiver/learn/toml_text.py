"""Write parts of a profile as TOML text: strings, regexes, comments. The profile loads, whatever the texts are."""

import json
from collections.abc import Iterable
from textwrap import wrap

from archiver.extract.body import line

_MOST_SHOWN = 30
_WIDTH = 100


def quoted(text: str) -> str:
    """Return any text as a TOML string on one line."""
    safe = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(safe, ensure_ascii=False).replace("\x7f", "\\u007F")


def literal(pattern: str) -> str:
    """Return a regex as a TOML string, with its backslashes as they are if possible."""
    return quoted(pattern) if "'" in pattern or not pattern.isprintable() or not pattern.isascii() else f"'{pattern}'"


def quoted_list(texts: Iterable[str]) -> str:
    """Return texts as the inside of a TOML list."""
    return ", ".join(map(quoted, texts))


def comments(heading: str, texts: Iterable[str]) -> list[str]:
    """Return lines of comment under a heading; none for no texts."""
    shown = [comment(text) for text in texts]
    return ["", f"# {heading}", *(f"#   {text}" for text in shown[:_MOST_SHOWN])] if shown else []


def sentences(text: str) -> list[str]:
    """Return a text as lines of comment, none of it cut."""
    return [f"# {each}" for each in wrap(_safe(text), _WIDTH)]


def comment(text: str) -> str:
    """Return a text that cannot end a comment, and is not too long for one."""
    safe = _safe(text)
    return safe if len(safe) <= _WIDTH else safe[: _WIDTH - 1] + "…"


def _safe(text: str) -> str:
    return "".join(mark if mark.isprintable() else " " for mark in line(text))
