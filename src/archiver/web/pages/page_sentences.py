"""Sentences of the page of one page."""

from collections.abc import Iterable, Mapping
from typing import Any

from archiver.web.moments import duration
from archiver.web.rendering import number

_FAILED = {
    "server_error": "the server answered with an error",
    "network_error": "the server did not answer",
    "tls_error": "the connection was not secure",
    "blocked": "the server refused us",
    "refused": "robots.txt forbids the visit",
    "too_big": "the answer was too large to keep whole",
    "truncated": "the answer broke off",
    "unreadable": "the answer could not be read as a page",
}
_UNTOLD = ("none", "unknown")
"""Claims of pages that do not say when they were changed, or of which it was not read."""
_PAUSES = {
    "not_due": "crawls ran and did not choose this page",
    "no_run": "no crawl of the site ran",
    "robots": "robots.txt forbids the visit",
    "backing_off": "after failures, visits wait longer",
}


def edits_sentence(facts: Mapping[str, Any]) -> str:
    """Return how often a page was edited and whether it said so, after the number of edits: `in 7 versions, …`."""
    edits, silent = facts["edits"] or 0, facts["silent"]
    told = f" in {number(facts['versions'])} version{'' if facts['versions'] == 1 else 's'}"
    if edits and silent is not None:
        told += _silent(edits, silent)
    return told


def _silent(edits: int, silent: Mapping[str, int]) -> str:
    count = told_silent(silent)
    if not silent:
        return ", none silent: the page says when it was changed"
    if not count:
        return ". The page never says when it was changed" if "none" in silent else ""
    of = "all silent" if count >= edits > 1 else "silent" if edits == 1 else f"{count} of them silent"
    return f", {of}: the date that the page gives of its own change does not tell them"


def told_silent(silent: Mapping[str, int]) -> int:
    """Return the number of silent edits; a page that never says when it was changed has none."""
    return sum(count for claim, count in silent.items() if claim not in _UNTOLD)


def chips(row: Mapping[str, Any], *, mark_silent: bool) -> list[str]:
    """Return the kinds of the chips of a version: what happened, and what the edit is.

    Args:
        row: a version of the table.
        mark_silent: also mark silent edits.
    """
    if row["what"] == "redacted":
        return ["redacted"]
    found = {"first": ["new"], "back": ["back"], "redesign": ["redesign"], "reread": ["read differently"]}
    kinds = list(found.get(row["what"], ()))
    own = [each for each in row["edits"] if each["redesign_id"] is None]
    kinds += [_nature(each) for each in own]
    if len(own) < len(row["edits"]):
        kinds.append("redesign")
    if mark_silent and any((each["claim"] or "none") not in _UNTOLD and each["nature"] != "typography" for each in own):
        kinds.append("silent")
    return list(dict.fromkeys(kinds))


def _nature(edit: Mapping[str, Any]) -> str:
    return "byline" if edit["field"] == "bylines" else edit["nature"] or "edited"


def failed_words(row: Mapping[str, Any]) -> str:
    """Return what visits that failed met: `503 from the server on 2 visits`."""
    visits = row["visits"]
    times = "one visit" if visits == 1 else f"{visits} visits"
    if row["outcome"] == "server_error" and row["status"]:
        return f"{row['status']} from the server on {times}"
    status = f" ({row['status']})" if row["status"] and row["outcome"] in ("blocked", "refused") else ""
    return f"{_FAILED.get(row['outcome'], row['outcome'])}{status} on {times}"


def pause_words(row: Mapping[str, Any]) -> str:
    """Return for how long nobody looked, and why."""
    span = duration(row["since"], row["until"]) if row["until"] else "a time, lasting still,"
    why = f": {_PAUSES.get(row['why'], row['why'])}" if row["why"] else ""
    return f"{span} in which nobody looked{why}"


def stood_through(pause: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> int | None:
    """Return the version that stood before and after a time without a visit; None when there is none."""
    for row in rows:
        if (
            row["kind"] == "version"
            and row["seen_from"] <= pause["since"]
            and row["seen_last"] >= (pause["until"] or "9")
        ):
            return int(row["version"])
    return None
