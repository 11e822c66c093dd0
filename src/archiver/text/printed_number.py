"""How a page prints a number: the text around its digits, and the mark between groups of three digits.

The text of `1.234 lượt xem` follows from the number 1234 and its form. A number that grows needs no other form.
"""

from typing import NamedTuple

AROUND = 40
"""The maximum number of characters on each side. Other numbers, which may change by themselves, end the text."""
LITERAL = "="
"""The mark of a form whose text does not follow from the number (`1,2k`): `before` is the whole text."""
_MARKS = ("", ".", ",", " ", "\u00a0", "\u202f", "'", "\u2019", "\u066c")
_GROUPS = 4
_LARGEST = 1000**_GROUPS


class PrintedForm(NamedTuple):
    """A form. `mark`: "" without groups."""

    before: str
    mark: str
    after: str


def form_of(raw: str, value: int, last: PrintedForm | None = None) -> PrintedForm:
    """Return the form of a number in a text. `last`: that of the last visit, which stays if it gives the same text."""
    forms = [form for mark in _MARKS if (form := _found(raw, value, mark)) is not None]
    if last is not None and any(printed(last, value) == printed(form, value) for form in forms):
        return last
    return forms[0] if forms else PrintedForm(" ".join(raw.split())[: 2 * AROUND], LITERAL, "")


def is_printed(form: PrintedForm, raw: str, value: int) -> bool:
    """Return whether a text prints a number in a form. It is a quick test: False may mean unsure."""
    text = printed(form, value)
    at = 0 if text == raw else raw.find(text)
    end = at + len(text)
    return (
        at >= 0
        and (at == 0 or len(form.before) == AROUND or bool(form.before and raw[at - 1].isdigit()))
        and (end == len(raw) or len(form.after) == AROUND or bool(form.after and raw[end].isdigit()))
    )


def printed(form: PrintedForm, value: int) -> str:
    """Return the text of a number in a form."""
    return form.before if form.mark == LITERAL else form.before + _grouped(value, form.mark) + form.after


def _found(raw: str, value: int, mark: str) -> PrintedForm | None:
    if not 0 <= value < _LARGEST:
        return None
    digits, start = _grouped(value, mark), 0
    while (at := raw.find(digits, start)) >= 0:
        before, after = raw[:at], raw[at + len(digits) :]
        if not (_continues(before[::-1]) or _continues(after)):
            return PrintedForm(_without_digits(before[::-1])[::-1], mark, _without_digits(after))
        start = at + 1
    return None


def _continues(text: str) -> bool:
    """Whether a number goes on here: with a digit, or with a mark and a digit."""
    return text[:1].isdigit() or (text[:1] in _MARKS and text[:1] != " " and text[1:2].isdigit())


def _without_digits(text: str) -> str:
    """Return a text up to the next digit."""
    return text[: next((number for number, each in enumerate(text) if each.isdigit()), len(text))][:AROUND]


def _grouped(value: int, mark: str) -> str:
    return f"{value:,}".replace(",", mark) if mark else str(value)


def printed_sql(value: str, form: str) -> str:
    """Return the SQL expression of `printed`, which SQLite and DuckDB read alike.

    Args:
        value: the SQL expression of the number.
        form: the name of a table with the columns `before`, `mark` and `after`.
    """
    digits = f"CAST({value} AS TEXT)"
    left = f"length({digits})"
    cases = "".join(
        f"WHEN {value} < {1000 ** (groups + 1)} THEN substr({digits}, 1, {left} - {3 * groups})"
        + "".join(f" || {form}.mark || substr({digits}, {left} - {3 * group - 1}, 3)" for group in range(groups, 0, -1))
        + " "
        for groups in range(1, _GROUPS)
    )
    return (
        f"CASE WHEN {form}.mark = '{LITERAL}' THEN {form}.before ELSE {form}.before || "
        f"CASE WHEN {form}.mark = '' OR {value} < 1000 THEN {digits} {cases}END || {form}.after END"
    )
