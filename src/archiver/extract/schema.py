"""Make the JSON Schema of a profile (draft 2020-12), for editors, from the table of keys of the loader."""

from typing import Any

from archiver.extract.api_keys import API, API_GONE, API_NEXT
from archiver.extract.api_values import PATH
from archiver.extract.keys import CRAWL, GONE, KEEP, NEXT, PAGE, REVISIT, RULE, RULE_KINDS, SITE, TEST, TOP, URL, Keys

Schema = dict[str, Any]

_EXPECTED: Schema = {
    "anyOf": [
        {"type": ["string", "integer", "boolean"]},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object"},
    ]
}


def profile_schema() -> Schema:
    """Return the schema. Days are strings in it: JSON has no dates, and validators turn TOML's into text."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A site's profile of archiver",
        "type": "object",
        "required": ["site"],
        "additionalProperties": False,
        "properties": {
            "site": _described("site", _table(SITE)),
            "crawl": _described("crawl", _table(CRAWL, revisit=_table(REVISIT))),
            "url": _described("url", _table(URL) | {"not": {"required": ["keep", "drop"]}}),
            "keep": _described("keep", _table(KEEP)),
            "page": _described("page", {"type": "array", "items": _page()}),
            "test": _described("test", {"type": "array", "items": _table(TEST, expect=_expect())}),
        },
        "$defs": {"rule": _rule(), "rules": _rules()},
    }


def _described(name: str, schema: Schema) -> Schema:
    return {"description": TOP[name], **schema}


def _table(keys: Keys, **replaced: Schema) -> Schema:
    """The schema of a table with these keys and no others; `replaced` are those whose schema is a table itself."""
    properties = {
        name: {"description": key.doc, **replaced.get(name, dict(key.check.schema))} for name, key in keys.items()
    }
    required = [name for name, key in keys.items() if key.required]
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def _page() -> Schema:
    rules = {"type": "object", "additionalProperties": {"$ref": "#/$defs/rules"}}
    page = _table(PAGE, gone=_table(GONE), next=_table(NEXT), fields=rules, readings=rules)
    following: Schema = {"anyOf": [dict(PATH.schema), _table(API_NEXT)]}
    answer = _table(API, gone=_table(API_GONE), next=following, fields=rules, readings=rules)
    is_api: Schema = {"properties": {"kind": {"const": "api"}}, "required": ["kind"]}
    return {"type": "object", "if": is_api, "then": answer, "else": page}


def _rule() -> Schema:
    kinds: list[Schema] = [{"required": [kind]} for kind in RULE_KINDS]
    return _table(RULE) | {"oneOf": [*kinds, {"required": ["pattern"], "not": {"anyOf": kinds}}]}


def _rules() -> Schema:
    one: Schema = {"anyOf": [{"type": "string", "minLength": 1}, {"$ref": "#/$defs/rule"}]}
    return {"anyOf": [*one["anyOf"], {"type": "array", "minItems": 1, "items": one}]}


def _expect() -> Schema:
    return {"type": "object", "additionalProperties": _EXPECTED}
