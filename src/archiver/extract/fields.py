"""The rules of a profile: `"h3"`, `{ css = "h3" }` or a list of those, for the fields and the readings of a page."""

from typing import Any, cast

from archiver.extract.keys import RULE, RULE_KINDS
from archiver.extract.lines import Path
from archiver.extract.tables import Faults, read_table
from archiver.model.profile import Rule, RuleKind, Rules, ValueType
from archiver.model.record import CONTENT_FIELDS, LIST_FIELDS, FieldShape
from archiver.text.dates import read_date

_TYPE_OF_SHAPE: dict[FieldShape, ValueType] = {
    FieldShape.DATE: "datetime",
    FieldShape.ADDRESSES: "url",
    FieldShape.LINKS: "url",
}
_DEFAULT_TYPES: dict[str, ValueType] = {
    **{each.name: _TYPE_OF_SHAPE.get(each.shape, "text") for each in CONTENT_FIELDS},
    "modified": "datetime",
}
_SHAPE = "a CSS selector in quotes, or a table such as { css"
_KINDS_IN_PAGES = ("css", "meta", "jsonld", "const")
_KINDS_IN_JSON = ("json", "css", "const")
_DATED = ("datetime", "date")


def read_rule_table(
    table: object, path: Path, faults: Faults, *, kind: str = "article"
) -> tuple[tuple[str, Rules], ...]:
    """Read all rules of `[page.fields]` or `[page.readings]`. Any name of one word is valid.

    `kind`: of the pages. Files have a text and no nodes; of an API, a text in quotes is a path into JSON.
    """
    if not isinstance(table, dict):
        faults.add(path, "must be a table of rules")
        return ()
    rules = []
    for name, value in table.items():
        if not name.isidentifier():
            faults.add((*path, name), "must be one word of letters, digits and '_'")
            continue
        rules.append((name, _rules(value, (*path, name), faults, kind=kind)))
    return tuple(rules)


def _rules(value: object, path: Path, faults: Faults, *, kind: str) -> Rules:
    """Read one rule or several, the best first."""
    several = value if isinstance(value, list) else [value]
    if not several:
        faults.add(path, "a list of rules must have at least one rule")
    rules = (_rule(each, path, faults, kind=kind) for each in several)
    return tuple(rule for rule in rules if rule is not None)


def _rule(value: object, path: Path, faults: Faults, *, kind: str) -> Rule | None:
    """Read one rule; None when it is invalid, with its faults added."""
    is_api = kind == "api"
    if isinstance(value, str):
        value = {"json" if is_api else "css": value}
    if not isinstance(value, dict):
        shape = "a path into JSON in quotes, or a table such as { json" if is_api else _SHAPE
        faults.add(path, f'a rule is {shape} = "{"data.title" if is_api else "h3"}" }}')
        return None
    read = read_table(value, RULE, path, faults)
    if is_api and path[-2:] == ("fields", "body") and "json" in read:
        read.setdefault("type", "html")
    rule_kind = _kind(value, path, faults, kind=kind)
    if rule_kind is None:
        return None
    _check_together(value, read, path, faults)
    return _made(rule_kind, read, path) if rule_kind in read else None


def _kind(value: dict[str, Any], path: Path, faults: Faults, *, kind: str) -> RuleKind | None:
    """Return the key that says where a rule finds its value; None, with a fault, when there is no such key."""
    kinds = [kind for kind in RULE_KINDS if kind in value]
    if kind == "file":
        if kinds == ["const"] or (not kinds and "pattern" in value):
            return "const" if kinds else "pattern"
        faults.add(path, "a file has a text and no nodes: its rules are { pattern = '…' } or { const = \"…\" }")
        return None
    known = _KINDS_IN_JSON if kind == "api" else _KINDS_IN_PAGES
    if len(kinds) == 1 and kinds[0] in known:
        return cast("RuleKind", kinds[0])
    named = f"not {' and '.join(kinds)}" if kinds else "here is none"
    faults.add(path, f"a rule has exactly one of {', '.join(known)}; {named}")
    return None


def _check_together(value: dict[str, Any], read: dict[str, Any], path: Path, faults: Faults) -> None:
    """Check keys that need or exclude other keys."""
    for key in ("cut", "attr"):
        if key in value and "css" not in value:
            faults.add((*path, key), f"{key!r} needs 'css': only nodes can have it")
    if "format" in value and _type(read, path) not in _DATED:
        faults.add((*path, "format"), '\'format\' is for dates: type = "datetime" or "date"')
    elif "format" in read:
        _check_format(read["format"], (*path, "format"), faults)
    if read.get("type") == "html" and not {"css", "json"} & value.keys():
        faults.add((*path, "type"), "type \"html\" needs 'css' or 'json': only nodes and JSON have HTML")
    _check_use(read, path, faults)


def _check_use(read: dict[str, Any], path: Path, faults: Faults) -> None:
    """Check what a rule of this field or reading may not contain."""
    if path[-2:] in (("fields", "published"), ("fields", "modified")) and _type(read, path) not in (*_DATED, "text"):
        faults.add((*path, "type"), 'a date is of type "datetime" or "date"')
    if path[-2:] == ("fields", "body") and read.get("cut") and "css" in read:
        faults.add((*path, "cut"), "the body cannot be cut out of itself")
    if path[-2] == "readings" and read.get("type", "integer") != "integer":
        faults.add((*path, "type"), 'a reading is a whole number: type = "integer"')


def _check_format(layout: str, path: Path, faults: Faults) -> None:
    try:
        read_date("", format=layout)
    except ValueError as fault:
        faults.add(path, str(fault))


def _made(kind: RuleKind, read: dict[str, Any], path: Path) -> Rule:
    """Return the rule with the defaults of its field."""
    is_list = path[-2] == "fields" and path[-1] in LIST_FIELDS
    plain = {name: value for name, value in read.items() if name not in RULE_KINDS}
    plain.setdefault("take", "all" if is_list or "join" in plain else "first")
    selector = plain["pattern"].pattern if kind == "pattern" else read[kind]
    return Rule(kind=kind, selector=selector, **(plain | {"type": _type(read, path)}))


def _type(read: dict[str, Any], path: Path) -> ValueType:
    given: ValueType | None = read.get("type")
    if given is not None:
        return given
    return "integer" if path[-2] == "readings" else _DEFAULT_TYPES.get(str(path[-1]), "text")
