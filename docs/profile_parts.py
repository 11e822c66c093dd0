"""Generates docs/reference/profiles.md from the loader's table of keys, its values and its defaults. Run by cog.

No default is written here: a profile that says nothing is loaded, and what the loader made of it is shown, in a form
in which a profile may hold it. What is shown so is read again by the loader's own check.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from archiver.extract import api_keys, keys, values
from archiver.extract.keys import Key, Keys
from archiver.extract.profile import parse_profile
from archiver.model.profile import GoneRule, NextRule, PageKind, Profile, Rule
from archiver.model.record import FIELDS

HOME = "http://example.org/"
_RULES = "\n".join(f'{name} = "x"' for name in (*FIELDS, "modified"))
_SILENT = f"""
[site]
name = "example"
home = "{HOME}"
[[page]]
kind = "article"
[page.fields]
{_RULES}
[page.readings]
views = "x"
joined = {{ css = "x", join = "" }}
"""


def profile_keys() -> str:
    """Return the table of all keys of a profile: value, default, meaning."""
    silent = parse_profile(_SILENT, "silent")
    page, crawl = silent.pages[0], _attributes(silent.crawl)
    revisit = {name: crawl.get(f"revisit_{name}") for name in keys.REVISIT}
    tables = (
        ("[site]", keys.SITE, _attributes(silent.site)),
        ("[crawl]", keys.CRAWL, crawl),
        ("[crawl] revisit", keys.REVISIT, revisit),
        ("[url]", keys.URL, _attributes(silent.url)),
        ("[keep]", keys.KEEP, _attributes(silent.keep)),
        ("[[page]]", keys.PAGE, _attributes(_bare(silent))),
        ("[[page]] gone", keys.GONE, _attributes(GoneRule(""))),
        ("[[page]] next", keys.NEXT, _attributes(NextRule(""))),
        ('[[page]] kind = "api"', api_keys.API, _attributes(_bare(silent))),
        ('[[page]] kind = "api" gone', api_keys.API_GONE, _attributes(GoneRule(""))),
        ('[[page]] kind = "api" next', api_keys.API_NEXT, _attributes(NextRule(""))),
        ("a rule of [page.fields] and [page.readings]", keys.RULE, _rule_defaults(page)),
        ("[[test]]", keys.TEST, {}),
    )
    return "\n".join(_table(title, table, defaults) for title, table, defaults in tables)


def _table(title: str, table: Keys, defaults: Mapping[str, Any]) -> str:
    rows = "\n".join(_row(name, key, defaults.get(name)) for name, key in table.items())
    return f"## {title}\n\n| key | value | default | meaning |\n|---|---|---|---|\n{rows}\n"


def _row(name: str, key: Key, default: object) -> str:
    shown = "**required**" if key.required else _shown(key, default)
    return f"| `{name}` | {_cell(key.check.words or _words(key.check.schema))} | {_cell(shown)} | {_cell(key.doc)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _attributes(value: Any) -> dict[str, Any]:  # noqa: ANN401  (any dataclass)
    return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}


def _bare(silent: Profile) -> PageKind:
    """Return the table of a page without the rules of the test profile."""
    return dataclasses.replace(silent.pages[0], fields=(), readings=())


def _rule_defaults(page: PageKind) -> dict[str, Any]:
    """Return the defaults of a rule: the usual one, and those that depend on the field."""
    rules: dict[str, Rule] = {name: several[0] for name, several in page.fields}
    rules["the readings"] = page.readings[0][1][0]
    rules["a rule with `join`"] = dataclasses.replace(page.readings[1][1][0], join=None, type="text")
    usual = _attributes(rules["title"])
    told: dict[str, Any] = {name: value for name, value in usual.items() if name not in keys.RULE_KINDS}
    for key in keys.RULE:
        others: dict[object, list[str]] = {}
        for name, rule in rules.items():
            if key in told and getattr(rule, key) != usual[key]:
                others.setdefault(getattr(rule, key), []).append(f"`{name}`" if name.isidentifier() else name)
        if others:
            parts = [f"{_toml(value)} for {', '.join(names)}" for value, names in others.items()]
            told[key] = _Prose("; ".join([_toml(usual[key]), *parts]))
    return told


class _Prose(str):
    """Return a default as text."""

    __slots__ = ()


def _shown(key: Key, default: object) -> str:
    """Return a default as it can be written in a profile; "" when there is none."""
    if isinstance(default, _Prose):
        return default
    if default in (None, "") or not key.check.schema:
        return ""
    write = _IN_UNITS.get(key.check.read)
    raw = write(default) if write else list(default) if isinstance(default, tuple) else default
    assert key.check.read(raw) == default, (key, default, raw)
    return _toml(raw)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str):
        return f'`"{value}"`'
    if isinstance(value, list | tuple):
        return f"`[{', '.join(_toml(each).strip('`') for each in value)}]`"
    return f"`{value}`"


def _largest(units: Mapping[Any, float], mark: Callable[[Any], str]) -> Callable[[Any], str]:
    """Return a number in the largest unit in which it is an integer."""

    def write(value: float) -> str:
        fitting = [(size, unit) for unit, size in units.items() if value >= size and not value % size]
        size, unit = max(fitting, key=lambda each: each[0])
        return f"{value / size:.0f}{mark(unit)}"

    return write


_in_time = _largest(values.SECONDS, str)
_IN_UNITS: Mapping[Callable[[Any], Any], Callable[[Any], str]] = {
    values.DURATION.read: _in_time,
    values.SOME_TIME.read: _in_time,
    values.SIZE.read: _largest(values.SIZES, lambda unit: f"{unit or ''}B"),
}


def _words(schema: Mapping[str, Any]) -> str:
    """Return a description of the values that a schema accepts."""
    if "anyOf" in schema:
        return " or ".join(_words(each) for each in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " or ".join(_toml(word) for word in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "integer":
        return "whole number" + _bounds(schema)
    return {"boolean": "`true` or `false`", "string": "text", None: "table"}[schema.get("type")]


def _bounds(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    refused = f", not {schema['not']['const']}" if "not" in schema else ""
    if least is None:
        return refused
    return f" from {least}" + (f" to {most}" if most is not None else "")
