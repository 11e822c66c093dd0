"""Templates of addresses, filled from JSON: `/api/news/{id}`.

`{path}` is the value at a path into JSON (`archiver.extract.json_path`), percent-encoded; `{+path}` leaves slashes and
the other reserved characters as they are (RFC 6570, 3.2.2 and 3.2.3).
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from archiver.extract.json_path import parse_path
from archiver.extract.json_rules import scalars
from archiver.model.profile import NextRule
from archiver.text.url import absolute

_MOST_VALUES = 1_000
_EXPRESSION = re.compile(r"\{(\+?)([^{}]*)\}")
_RESERVED = "%/:?#[]@!$&'()*+,;="
_LARGEST = 10**9
_DIGITS = re.compile(r"[0-9]{1,10}")


def check_template(text: str) -> None:
    """Check a template.

    Raises:
        ValueError: it is none; the message ends the sentence "KEY: …".
    """
    if re.search(r"[{}]", _EXPRESSION.sub("", text)):
        raise ValueError(f"not a template of an address: {text!r}; a member is written {{data.id}}")
    paths = [path for _, path in _EXPRESSION.findall(text)]
    if not paths:
        raise ValueError(f"an address without a member is the same for every record: {text!r}; write {{id}}")
    for path in paths:
        parse_path(path)


def is_template(text: str) -> bool:
    """Return whether a text is a template, or a path into JSON."""
    return "{" in text or "}" in text


def addresses_of(rule: str, value: Any, base: str) -> Iterator[str]:  # noqa: ANN401  (JSON)
    """Yield the absolute addresses that a template or a path gives, without those that lack a value.

    A template with one member gives an address for each of its values; one with several takes the first of each.
    """
    texts = expanded(rule, value) if is_template(rule) else (text for text, _ in scalars(value, rule))
    found = (absolute(base, text) for text in islice(texts, _MOST_VALUES) if text.strip())
    yield from (url for url in found if url is not None)


def expanded(template: str, value: Any) -> Iterator[str]:  # noqa: ANN401  (JSON)
    """Yield a template with values of JSON in the place of its members."""
    expressions = _EXPRESSION.findall(template)
    values = [_values(path, value, is_reserved=bool(mark)) for mark, path in expressions]
    if len(values) == 1:
        yield from (_EXPRESSION.sub(lambda _, text=text: text, template) for text in values[0])  # type: ignore[misc]
        return
    firsts = [next(each, "") for each in values]
    if all(firsts):
        rest = iter(firsts)
        yield _EXPRESSION.sub(lambda _: next(rest), template)


def _values(path: str, value: Any, *, is_reserved: bool) -> Iterator[str]:  # noqa: ANN401  (JSON)
    texts = (text.strip() for text, _ in scalars(value, path))
    safe = _RESERVED if is_reserved else ""
    yield from (quote(text, safe=safe) for text in texts if text and text not in (".", ".."))


def next_address(rule: NextRule | None, value: Any, url: str) -> str | None:  # noqa: ANN401  (JSON)
    """Return the address of the next page of a list; None when there is none.

    Args:
        rule: how it is found.
        value: the answer.
        url: the address of the answer.
    """
    if rule is None:
        return None
    text = next((text.strip() for text, _ in scalars(value, rule.json) if text.strip()), "") if rule.json else ""
    if not rule.query:
        return absolute(url, text) if text else None
    return _with_parameter(url, rule.query, text if rule.json else _counted(rule, url))


def _counted(rule: NextRule, url: str) -> str:
    now = dict(parse_qsl(urlsplit(url).query)).get(rule.query, str(rule.first))
    after = int(now) + rule.step if _DIGITS.fullmatch(now) else 0
    return str(after) if 0 < after <= _LARGEST else ""


def _with_parameter(url: str, name: str, value: str) -> str | None:
    """Return an address with another value of a parameter; None without a value, or if it is the same."""
    if not value:
        return None
    parts = urlsplit(url)
    known = parse_qsl(parts.query, keep_blank_values=True)
    query = [(each, value if each == name else old) for each, old in known]
    if name not in dict(known):
        query.append((name, value))
    return absolute(url, urlunsplit(parts._replace(query=urlencode(query)))) if query != known else None
