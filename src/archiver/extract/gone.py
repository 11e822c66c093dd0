"""Tell whether a page or the answer of an API says that it does not exist: a soft 404, by the rule `gone`."""

from collections.abc import Iterator
from typing import Any

from archiver.extract.json_path import find
from archiver.extract.json_rules import scalars
from archiver.extract.page import ParsedPage
from archiver.extract.unread import note_timeout
from archiver.model.profile import GoneRule
from archiver.text.patterns import PatternTimeout

_MESSAGE = 600
"""The maximum number of characters of a page that says that it does not exist; a longer one is an article."""


def is_gone(page: ParsedPage, rule: GoneRule | None, ignore: tuple[str, ...] = ()) -> bool:
    """Return whether the page says that it does not exist.

    Only short visible text without ignored nodes counts: an article may contain the same words. The check runs on every
    page, so it reads only the beginning of a text. A rule without a pattern matches if its node exists, ignored or not,
    or if its member in JSON is neither empty nor false. A pattern that runs out of time does not match, and a note says
    so.
    """
    if rule is None:
        return False
    if rule.pattern is None:
        return _is_there(page, rule)
    try:
        return any(page.pattern_time.search(rule.pattern, text) for text in _texts(page, rule, ignore))
    except PatternTimeout as timeout:
        note_timeout(timeout, "gone", page)
        return False


def _is_there(page: ParsedPage, rule: GoneRule) -> bool:
    if not rule.json:
        return bool(page.document.css(rule.css))
    return page.answer is not None and any(_says_something(each.value) for each in find(page.answer.value, rule.json))


def _says_something(value: Any) -> bool:  # noqa: ANN401  (JSON)
    return bool(value) and value != "0"


def _texts(page: ParsedPage, rule: GoneRule, ignore: tuple[str, ...]) -> Iterator[str]:
    if rule.json:
        yield from (text for text, _ in scalars(page.answer.value, rule.json)) if page.answer is not None else ()
        return
    page.cut(ignore)
    texts = (page.beginning(node, _MESSAGE) for node in page.bounded(page.document.css(rule.css)))
    yield from (text for text in texts if len(text) <= _MESSAGE)
