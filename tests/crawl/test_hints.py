"""Hints of sitemaps and feeds: what their dates say of a page, and how much they are believed."""

from datetime import UTC, datetime, timedelta

import pytest

from archiver.model.outcome import Outcome
from archiver.model.profile import CrawlRules
from archiver.model.reason import Reason, ReasonCode
from archiver.revisit.hints import HintAccuracies, is_newer, stored_hint
from archiver.revisit.observed import Observed
from archiver.revisit.planner import RevisitPlanner
from archiver.revisit.ranking import HintAccuracy
from archiver.store.frontier import Due, NextVisit
from archiver.store.revisit_state import KindRow

VISIT = datetime(2023, 3, 1, 12, 0, tzinfo=UTC)
OLD, NEW = stored_hint("sitemap", "2023-02-01"), stored_hint("sitemap", "2023-03-02")


def _learned(*, true: int = 0, false: int = 0, missed: int = 0, quiet: int = 0) -> HintAccuracies:
    found = HintAccuracies()
    for hint, changed, count in ((NEW, True, true), (NEW, False, false), (OLD, True, missed), (OLD, False, quiet)):
        for _ in range(count):
            found.learn(hint, "article", VISIT, changed=changed)
    return found


@pytest.mark.parametrize(
    ("moment", "newer"),
    [
        ("2023-02-28", False),
        ("2023-03-01", True),
        ("2023-03-01T11:59:59Z", False),
        ("2023-03-01T12:00:01Z", True),
        ("2023-03-01T18:00:00+07:00", False),
        ("no date", False),
    ],
)
def test_a_date_is_compared_with_the_last_visit(moment: str, newer: bool) -> None:
    assert is_newer(stored_hint("feed", moment), VISIT) is newer
    assert is_newer(moment, VISIT) is newer, "as earlier versions stored it"


def test_a_page_that_a_good_list_does_not_date_newer_has_probably_not_changed() -> None:
    found = _learned(true=80, false=20, missed=10, quiet=300)
    assert found.silence(OLD, "article", VISIT) == pytest.approx(0.16, abs=0.02)
    assert found.silence(NEW, "article", VISIT) == 1.0, "it says that the page is newer"
    assert found.silence(None, "article", VISIT) == 1.0, "no list dates the page"


def test_the_silence_of_a_perfect_list_still_leaves_visits() -> None:
    assert _learned(true=5000, quiet=5000).silence(OLD, "article", VISIT) == 0.1


def test_the_silence_of_a_list_that_never_moves_a_date_means_nothing() -> None:
    assert _learned(missed=200, quiet=2000).silence(OLD, "article", VISIT) > 0.9


def test_sources_and_kinds_are_learned_separately() -> None:
    found = _learned(true=100, quiet=100)
    assert found.of("sitemap", "article") != HintAccuracy()
    assert found.of("sitemap", "page") == found.of("feed", "article") == HintAccuracy()


def test_what_is_learned_is_stored() -> None:
    found = _learned(true=3, missed=2)
    assert HintAccuracies(found.to_json()).of("sitemap", "article") == found.of("sitemap", "article")


@pytest.mark.parametrize(
    "text",
    [None, "", "x", "[1, 2, 3, 4]", "{", '{"sitemap article": [1, 2, 3]}', '{"sitemap article": [1, 2, 0, "a"]}'],
)
def test_an_invalid_column_counts_as_nothing_learned(text: str | None) -> None:
    assert HintAccuracies(text).of("sitemap", "article") == HintAccuracy()


def _planner(accuracies: HintAccuracies) -> RevisitPlanner:
    rules = CrawlRules(revisit_min=3600.0, revisit_max=60 * 86400.0)
    return RevisitPlanner(rules, lambda: VISIT, [KindRow("hints", None, accuracies.to_json())], None)


def _next_visit(planner: RevisitPlanner, hint: str | None) -> NextVisit:
    entry = Due(1, "http://x.example/", "article", 2, 86400.0, "GET", b"", Reason.of(ReasonCode.RATE), hint=hint)
    seen = Observed("article", VISIT, Outcome.OK, since="2023-02-28 12:00:00", changed=False, published="2023-02-27")
    return planner.next_visit(seen, entry)


def test_a_page_waits_longer_while_a_good_list_does_not_date_it_newer() -> None:
    good, useless = _learned(true=80, false=20, missed=10, quiet=300), _learned(missed=200, quiet=2000)
    without = _next_visit(_planner(good), None).interval
    assert _next_visit(_planner(good), OLD).interval > 2 * without
    assert _next_visit(_planner(useless), OLD).interval < 1.3 * without


def test_a_hint_counts_only_if_it_makes_a_page_due_sooner() -> None:
    planner = _planner(_learned(true=80, false=20, missed=10, quiet=300))
    at = "2023-02-20 12:00:00"
    quiet = Due(1, "http://x.example/", "article", 2, 86400.0, "GET", b"", Reason.of(ReasonCode.RATE), last_visited=at)
    far = Due(**{name: getattr(quiet, name) for name in Due.__slots__} | {"due_at": "2023-04-20 12:00:00"})
    due = planner.hinted(far, NEW, "sitemap")
    assert due is not None
    assert due.due_at <= (VISIT + timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S")
    soon = Due(**{name: getattr(quiet, name) for name in Due.__slots__} | {"due_at": due.due_at})
    assert planner.hinted(soon, NEW, "sitemap") is None
    assert planner.hinted(far, OLD, "sitemap") is None
