"""Sentences of the page of one page."""

from typing import Any

import pytest

from archiver.web.pages.page_sentences import chips, edits_sentence, failed_words, pause_words, stood_through


def _facts(edits: int, silent: dict[str, int] | None, versions: int = 7) -> dict[str, Any]:
    return {"edits": edits, "silent": silent, "versions": versions}


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (_facts(6, {"none": 6}), " in 7 versions. The page never says when it was changed"),
        (_facts(1, {"none": 1}, 2), " in 2 versions. The page never says when it was changed"),
        (_facts(5, {"unchanged": 2}), " in 7 versions, 2 of them silent: the date that the page gives of its own change does not tell them"),
        (_facts(5, {"unchanged": 1, "none": 4}), " in 7 versions, 1 of them silent: the date that the page gives of its own change does not tell them"),
        (_facts(3, {}), " in 7 versions, none silent: the page says when it was changed"),
        (_facts(3, {"unknown": 3}), " in 7 versions"),
        (_facts(3, None), " in 7 versions"),
        (_facts(0, {}, 1), " in 1 version"),
        (_facts(99_999, None, 100_000), " in 100\u202f000 versions"),
    ],
)  # fmt: skip
def test_the_line_tells_silent_edits(facts: dict[str, Any], told: str) -> None:
    assert edits_sentence(facts) == told


def _version(what: str, *edits: dict[str, Any]) -> dict[str, Any]:
    given = {"redesign_id": None, "field": "body", "nature": "words", "claim": None}
    return {"what": what, "edits": [given | edit for edit in edits]}


@pytest.mark.parametrize(
    ("row", "kinds"),
    [
        (_version("first"), ["new"]),
        (_version("back", {"nature": "figures"}), ["back", "figures"]),
        (_version("edited", {"field": "bylines"}, {"field": "title"}), ["byline", "words"]),
        (_version("edited", {"claim": "unchanged"}), ["words", "silent"]),
        (_version("edited", {"claim": "unchanged", "nature": "typography"}), ["typography"]),
        (_version("edited", {}, {"redesign_id": 3}), ["words", "redesign"]),
        (_version("redesign", {"redesign_id": 3}), ["redesign"]),
        (_version("reread"), ["read differently"]),
        (_version("redacted", {}), ["redacted"]),
    ],
)
def test_chips_tell_what_happened_and_the_kind_of_edit(row: dict[str, Any], kinds: list[str]) -> None:
    assert chips(row, mark_silent=True) == kinds


def test_silent_edits_are_not_marked_one_by_one_when_all_are_silent() -> None:
    assert chips(_version("edited", {"claim": "none"}), mark_silent=False) == ["words"]


def test_a_failure_is_told_by_what_the_server_did() -> None:
    failed = {"visits": 2, "outcome": "server_error", "status": 503}
    assert failed_words(failed) == "503 from the server on 2 visits"
    assert (
        failed_words(failed | {"visits": 1, "outcome": "network_error", "status": None})
        == "the server did not answer on one visit"
    )
    assert failed_words(failed | {"outcome": "blocked", "status": 403}) == "the server refused us (403) on 2 visits"


def test_a_pause_is_told_with_its_length_and_its_reason() -> None:
    pause = {"since": "2022-11-12 01:00:00", "until": "2022-11-17 01:00:00", "why": "no_run"}
    assert pause_words(pause) == "5 days in which nobody looked: no crawl of the site ran"
    assert pause_words(pause | {"why": None}) == "5 days in which nobody looked"
    assert pause_words(pause | {"until": None, "why": "not_due"}).startswith("a time, lasting still,")


def test_a_version_stood_through_a_pause_when_it_was_seen_on_both_sides() -> None:
    pause = {"since": "2022-11-12 01:00:00", "until": "2022-11-17 01:00:00"}
    rows = [{"kind": "version", "version": 5, "seen_from": "2022-11-12 01:00:00", "seen_last": "2022-11-21 01:00:00"}]
    assert stood_through(pause, rows) == 5
    assert stood_through(pause, [rows[0] | {"seen_last": "2022-11-16 01:00:00"}]) is None
