"""The values that a rule of the kind `json` finds in the answer of an API, as texts."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from archiver.extract.entities import shown
from archiver.extract.json_answer import Number
from archiver.extract.json_path import Found, find
from archiver.extract.page import ParsedPage
from archiver.model.profile import PageKind, Rule
from archiver.text.date_epoch import iso_of_epoch

_TAG = re.compile(r"<[A-Za-z/!]")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_NO_CHARACTER = re.compile("[\x00\ud800-\udfff]")
"""What a text of JSON may have and no page can: NUL, and halves of surrogate pairs."""
_MOST_DIGITS = 18
_MOST_FRAGMENTS = 5_000


class JsonText(NamedTuple):
    """A value as text: in normal form, as the answer has it, and its place (JSON Pointer)."""

    text: str
    raw: str
    pointer: str


def texts_of(rule: Rule, page: ParsedPage) -> Iterator[JsonText]:
    """Yield the texts that a rule finds in the answer of a page; none in a page that is no answer."""
    if page.answer is None:
        return
    for raw, each in scalars(page.answer.value, rule.selector):
        yield JsonText(_text(raw, each.value, rule, page), str(raw), each.pointer)


def scalars(value: Any, path: str) -> Iterator[tuple[str, Found]]:  # noqa: ANN401  (JSON)
    """Yield the texts, numbers and truth values at a path. Of a list, those in it; objects have no text."""
    for each in find(value, path):
        inner = each.value if isinstance(each.value, list) else [each.value]
        for number, item in enumerate(inner):
            place = Found(item, f"{each.pointer}/{number}") if inner is each.value else each
            if isinstance(item, bool):
                yield ("true" if item else "false"), place
            elif isinstance(item, str):  # a number, too
                yield _NO_CHARACTER.sub("\ufffd", item), place


def _text(raw: str, value: object, rule: Rule, page: ParsedPage) -> str:
    if rule.type == "html":
        return html_line(raw, page)
    if rule.type == "integer" and isinstance(value, Number):
        return _digits(value)
    if rule.type in ("datetime", "date") and rule.format is None and (moment := iso_of_epoch(raw)):
        return moment
    return shown(raw)


def _digits(number: Number) -> str:
    """Return a whole number in digits; "" for any other. A comma or a point of JSON never groups digits."""
    if number.isdigit():
        return str(number)
    exact = Decimal(number)
    if exact.adjusted() > _MOST_DIGITS or exact != exact.to_integral_value():
        return ""
    return str(int(exact))


def html_line(text: str, page: ParsedPage) -> str:
    """Return the visible text of HTML in JSON, as one line."""
    if not _TAG.search(text):
        return shown(text)
    part = ParsedPage(text, page.url)
    body = part.document.first("body")
    return part.line(body) if body is not None else ""


def html_rule(kind: PageKind, page: ParsedPage) -> tuple[Rule | None, str, str]:
    """Return the first rule of the body whose values are HTML, that HTML, and its place; without one, no rule.

    A text without tags is in paragraphs, which blank lines part.
    """
    for rule in dict(kind.fields).get("body", ()):
        if page.answer is None or rule.kind != "json" or rule.type != "html":
            continue
        found = [each for each in scalars(page.answer.value, rule.selector) if each[0].strip()][:_MOST_FRAGMENTS]
        taken = found[:1] if rule.take == "first" else found[-1:] if rule.take == "last" else found
        if isinstance(rule.take, int):
            place = rule.take - (rule.take > 0)
            taken = found[place : place + 1 or None] if -len(found) <= place < len(found) else []
        if taken:
            return rule, "\n".join(f"<div>{_markup(text)}</div>" for text, _ in taken), taken[0][1].pointer
    return None, "", ""


def _markup(text: str) -> str:
    if _TAG.search(text):
        return text
    parts = (part.replace("\n", "<br>") for part in _BLANK_LINE.split(text.replace("\r\n", "\n").strip()))
    return "".join(f"<p>{part}</p>" for part in parts)
