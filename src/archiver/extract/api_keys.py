"""The keys of a `[[page]] kind = "api"` table, and how its `gone` and `next` are read."""

from typing import Any

from archiver.extract import api_values, values
from archiver.extract.keys import PAGE, Key, Keys
from archiver.extract.lines import Path
from archiver.extract.tables import Faults, read_table
from archiver.extract.values import Check
from archiver.model.profile import GoneRule, NextRule

_RAW = Check(lambda value: value, {})

API: Keys = {
    "kind": PAGE["kind"],
    "url": Key(values.SEARCHING_REGEX, "regex searched in the URL: the addresses of the API", required=True),
    "since": PAGE["since"],
    "until": PAGE["until"],
    "items": Key(api_values.PATH, "the list; with it the answer is a listing, without it one article"),
    "headline": Key(api_values.PATH, "with `items`: the headline of an item, from the item"),
    "follow": Key(
        values.list_of(api_values.FOLLOWED),
        "addresses to follow, made from each item or, without `items`, from the answer: '/api/news/{id}', or a path to "
        "addresses; relative ones are relative to the API's address",
    ),
    "next": Key(_RAW, "pagination: a path to the address of the next list, or { json }, { query, step, first }"),
    "address": Key(
        api_values.TEMPLATE,
        "the address at which people read the record, such as '/news/{data.slug}'; a relative one is relative to home",
    ),
    "ignore": Key(PAGE["ignore"].check, "nodes in the HTML of the body that are never content"),
    "gone": Key(_RAW, "a soft 404: { json, pattern }"),
    "drift": PAGE["drift"],
    "lost": PAGE["lost"],
    "fields": PAGE["fields"],
    "readings": PAGE["readings"],
}

API_GONE: Keys = {
    "json": Key(api_values.PATH, "the member that says it: neither empty, null, 0 nor false", required=True),
    "pattern": Key(values.REGEX, "regex searched in its text"),
}

API_NEXT: Keys = {
    "json": Key(api_values.PATH, "the member with the address of the next list; with `query`, with its value"),
    "query": Key(values.NONEMPTY_TEXT, "the parameter of the address that changes; without `json` it is a number"),
    "step": Key(values.whole(1, 10_000), "with `query`: what is added to the number"),
    "first": Key(values.whole(0, 10_000), "with `query`: the number of an address without the parameter"),
}


def read_api_keys(table: dict[str, Any], path: Path, faults: Faults) -> dict[str, Any]:
    """Return the values of a table of the kind `api`; its fields and readings are raw."""
    before = len(faults.found)
    for name in sorted(PAGE.keys() & table.keys() - API.keys()):
        faults.add((*path, name), "is not for the answers of an API: JSON has no page to which it could apply")
    known = {name: each for name, each in table.items() if name not in PAGE or name in API}
    read = read_table(known, API, path, faults)
    if "gone" in read:
        read["gone"] = GoneRule(**read_table(read["gone"], API_GONE, (*path, "gone"), faults))
    if "next" in read:
        read["next"] = _next(read["next"], (*path, "next"), faults)
    if len(faults.found) == before:
        _check_together(table, path, faults)
    return read


def _check_together(table: dict[str, Any], path: Path, faults: Faults) -> None:
    """Check keys that need other keys, in a table without other faults."""
    for name in ("headline", "next"):
        if name in table and "items" not in table:
            faults.add((*path, name), "is for a list: add 'items', the path to it")
            return
    if "items" in table and not table.get("follow"):
        faults.add((*path, "items"), "needs 'follow': the addresses of its items, such as [\"/api/news/{id}\"]")
    elif not {"items", "fields"} & table.keys():
        faults.add(path, "reads nothing: add 'items' for a list, or [page.fields] for an article")


def _next(value: object, path: Path, faults: Faults) -> NextRule:
    table = {"json": value} if isinstance(value, str) else value
    read = read_table(table, API_NEXT, path, faults)
    if table == {}:
        faults.add(path, "needs 'json', the path to the next address, or 'query', the parameter that counts")
    for name in ("step", "first"):
        if name in read and ("query" not in read or "json" in read):
            faults.add((*path, name), "is for a parameter that counts: 'query' without 'json'")
    return NextRule(**read)
