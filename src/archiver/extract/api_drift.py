"""Tell whether the rules of a profile seem to misread the answer of an API: its members have other names now.

The evidence is the answer itself, so that the same capture and profile always give the same answer:

- a field that is required has no value;
- the title has no value, or the body has none and there is a long text elsewhere. That counts when the member is not
  there, or is something else than a text. One that is empty or null is the site's own: such a page has no title or no
  body;
- the list of a listing is not there, or none of its items gives an address.
"""

import re
from collections.abc import Iterator
from typing import Any

from archiver.extract.gathered import Gathered
from archiver.extract.json_path import find
from archiver.extract.page import ParsedPage
from archiver.model.profile import PageKind, Rules

_LEAST_PROSE, _LEAST_WORDS = 400, 50
"""Characters and words of a text that may be the body of an article, without its tags."""
_TAG = re.compile(r"<[^>]{0,1000}>")
_MOST_SEEN = 100_000
_ESSENTIAL = ("title", "body")


def evidence_of_drift(
    page: ParsedPage, kind: PageKind, gathered: Gathered, *, has_addresses: bool
) -> dict[str, tuple[str, ...]]:
    """Return `missed` and `broken` of a record.

    Args:
        page: the answer.
        kind: the table that read it.
        gathered: the values of its fields.
        has_addresses: whether the items of a listing gave any address.
    """
    if not kind.drift or page.answer is None:
        return {}
    value = page.answer.value
    if kind.items:
        return {} if has_addresses or _is_empty_list(value, kind.items) else {"broken": ("follow",)}
    ruled = {name: rules for name, rules in kind.fields if name not in gathered.unread}
    missing = {name for name in ruled if name not in gathered.sources}
    broken = {name for name in missing if any(rule.required for rule in ruled[name])}
    lost = {name for name in missing.intersection(_ESSENTIAL) if not _is_empty(value, ruled[name])}
    broken |= lost if "body" not in lost or _has_prose(value) else lost - {"body"}
    return {"missed": tuple(name for name in _ESSENTIAL if name in lost), "broken": tuple(sorted(broken))}


def _is_empty_list(value: Any, path: str) -> bool:  # noqa: ANN401  (JSON)
    """Return whether the list is there, without items; some servers write null for it."""
    return any(each.value is None or each.value == [] for each in find(value, path))


def _is_empty(value: Any, rules: Rules) -> bool:  # noqa: ANN401  (JSON)
    """Return whether a member for a field is there without a text; HTML may be without one."""
    found = (each.value for rule in rules if rule.kind == "json" for each in find(value, rule.selector))
    return any(not each or (isinstance(each, str) and not _TAG.sub("", each).strip()) for each in found)


def _has_prose(value: Any) -> bool:  # noqa: ANN401  (JSON)
    return any(
        len(text) >= _LEAST_PROSE
        and len(plain := _TAG.sub(" ", text)) >= _LEAST_PROSE
        and plain.count(" ") >= _LEAST_WORDS
        for text in _texts(value)
    )


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  (JSON)
    waiting = [value]
    for _ in range(_MOST_SEEN):
        if not waiting:
            return
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list | dict):
            waiting += each.values() if isinstance(each, dict) else each
