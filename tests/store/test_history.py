"""Histories: versions, changes with their span, readings, absences and returns."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.change.decide import decide
from archiver.crawl import judge
from archiver.maintain.verify.verify import verify
from archiver.model.record import Content, Link, Published, Record
from archiver.model.version import Decision, FieldChange, Verdict
from archiver.store.search import SearchResult, words_query
from made import Bench, settle

FIRST = Content(title="Hội nghị", body="Đoạn một.\n\nĐoạn hai.", bylines=("BTQ",), captions=("Ảnh một",))
EDITED = Content(title="Hội nghị", body="Đoạn một.\n\nĐoạn ba.", bylines=("BTQ",), captions=("Ảnh một",))


def test_counters_move_and_nothing_changes(bench: Bench) -> None:
    verdicts = [bench.visit(FIRST, readings=(("views", value),))[0] for value in (375, 380, 391)]
    assert [decision and decision.verdict for decision in verdicts] == [Verdict.FIRST, Verdict.SAME, Verdict.SAME]
    versions = bench.store.history.versions(1)
    assert len(versions) == 1
    assert versions[0].seen_last == "2022-10-21 11:00:00"
    assert [(row["value"], row["gained"]) for row in bench.store.history.series(1, "views")] == [
        (375, None),
        (380, 5),
        (391, 11),
    ]


def test_an_edit_is_one_change_with_its_span(bench: Bench) -> None:
    for content in (FIRST, FIRST, EDITED):
        bench.visit(content)
    rows = list(
        bench.store.sql("SELECT field, old, new, not_before, not_after, chars_added, chars_removed FROM changes")
    )
    assert rows == [
        {
            "field": "body",
            "old": FIRST.body,
            "new": EDITED.body,
            "not_before": "2022-10-21 10:00:00",
            "not_after": "2022-10-21 11:00:00",
            "chars_added": 2,
            "chars_removed": 3,
        }
    ]
    first, second = bench.store.history.versions(1)
    assert (first.seen_until, second.seen_from) == ("2022-10-21 11:00:00", "2022-10-21 11:00:00")


SIGNED = [
    Content(
        title="Hội nghị",
        body="Đoạn một.",
        tags=("a", "b") if number % 2 else ("b", "a"),
        images=(f"http://portal.example/a.jpg?sig={number}",),
        files=(Link(f"http://portal.example/a.pdf?token={number}", "Tải"),),
    )
    for number in range(3)
]


def test_signed_addresses_and_the_order_of_tags_create_no_version(bench: Bench) -> None:
    verdicts = [bench.visit(content)[0] for content in SIGNED]
    assert [decision and decision.verdict for decision in verdicts] == [Verdict.FIRST, Verdict.SAME, Verdict.SAME]
    (version,) = bench.store.history.versions(1)
    assert version.content.images == ("http://portal.example/a.jpg?sig=0",)
    bench.visit(replace(SIGNED[2], title="Hội thảo"))
    assert [row["field"] for row in bench.store.sql("SELECT field FROM changes")] == ["title"]
    (_, second) = bench.store.history.versions(1)
    assert second.content.images == ("http://portal.example/a.jpg?sig=2",)


def by_the_older_judge(last: Content | None, now: Content, *, absent: bool = False) -> Decision:
    """A decision of the time when every difference of a list was a change."""
    if last is None:
        return decide(last, now, absent=absent)
    before, after = last.flat(), now.flat()
    changes = tuple(
        FieldChange(name, before[name], after[name], nature="words", context="x")
        for name in before
        if before[name] != after[name]
    )
    return Decision(Verdict.CHANGED, changes)


def test_an_archive_with_older_fingerprints_is_valid_and_reading_it_again_finds_no_difference(
    bench: Bench, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(judge, "decide", by_the_older_judge)
        for content in SIGNED:
            bench.visit(content)
    assert len(bench.store.history.versions(1)) == 3
    old, at = bench.extractor_id, "2022-10-22 09:00:00"
    new = bench.store.pages.put_extractor(bench.site_id, "b" * 64, "", "newer", at).extractor_id
    with bench.store.transaction():
        bench.store.pages.make_current(bench.site_id, new, at)
        bench.store.reinterpretations.forget_derived(bench.runs)
        for number, content in zip(bench.runs, SIGNED, strict=True):
            settle(bench.store, bench.site_id, new, number, Record(content), at)
        assert bench.store.reinterpretations.compare(1, new, old) == 0
    assert len(bench.store.history.versions(1)) == 1
    bench.store.close()
    assert verify(path).findings == []


def test_one_miss_is_no_absence_and_two_are(bench: Bench) -> None:
    bench.visit(FIRST)
    assert not bench.visit(status=404)[1].went
    assert bench.store.history.absences(1) == []
    assert bench.visit(status=404)[1].went
    (absence,) = bench.store.history.absences(1)
    assert (absence["last_seen"], absence["gone_by"], absence["back_by"]) == (
        "2022-10-21 09:00:00",
        "2022-10-21 10:00:00",
        None,
    )
    assert absence["misses"] == 2
    assert bench.store.pages.page(1).state == "gone"  # type: ignore[union-attr]


def test_the_evidence_of_an_absence_is_its_first_miss_its_proof_and_its_newest(bench: Bench) -> None:
    bench.visit(FIRST)
    for _ in range(5):
        bench.visit(status=404)
    (absence,) = bench.store.history.absences(1)
    hours = [part.rpartition(" ")[2] for part in absence["evidence"].split("; ")]
    assert hours == ["10:00:00", "11:00:00", "14:00:00"]
    assert absence["misses"] == 5


def test_a_410_is_proof_at_once(bench: Bench) -> None:
    bench.visit(FIRST)
    assert bench.visit(status=410)[1].went


def test_a_failing_server_is_never_gone(bench: Bench) -> None:
    bench.visit(FIRST)
    for _ in range(5):
        assert not bench.visit(status=503)[1].went
    assert bench.store.history.absences(1) == []
    assert bench.store.pages.page(1).state == "live"  # type: ignore[union-attr]


def test_a_short_failure_leaves_only_its_visit(bench: Bench) -> None:
    bench.visit(FIRST)
    bench.visit(status=404)
    decision, applied = bench.visit(FIRST)
    assert decision is not None
    assert decision.verdict is Verdict.SAME
    assert not applied.returned
    assert len(bench.store.history.versions(1)) == 1
    assert [visit.outcome for visit in bench.store.history.visits_of(1)] == ["ok", "gone", "ok"]


def test_an_unchanged_return_is_a_version(bench: Bench) -> None:
    bench.visit(FIRST)
    bench.visit(status=404)
    bench.visit(status=404)
    decision, applied = bench.visit(FIRST)
    assert decision is not None
    assert decision.verdict is Verdict.BACK
    assert applied.returned
    first, second = bench.store.history.versions(1)
    assert (first.seen_until, second.version) == ("2022-10-21 10:00:00", 2)
    assert bench.store.history.absences(1)[0]["back_by"] == "2022-10-21 12:00:00"
    assert bench.store.history.version_at(1, "2022-10-21 11:30:00") is None
    kinds = [row["kind"] for row in bench.store.history.events(["new", "edited", "gone", "back"], {})]
    assert kinds == ["new", "gone", "back"]


def test_a_counter_that_ran_backwards_is_a_finding(bench: Bench) -> None:
    for value in (500, 12):
        bench.visit(FIRST, readings=(("views", value),))
    assert [row["gained"] for row in bench.store.history.series(1)] == [None, -488]


def test_two_visits_in_one_second_are_two_readings(bench: Bench) -> None:
    bench.hours = 0
    for value in (1, 2):
        bench.visit(FIRST, readings=(("views", value),))
    assert [row["value"] for row in bench.store.history.series(1)] == [1, 2]


def test_content_survives_the_round_trip(bench: Bench) -> None:
    content = Content(
        title="t",
        published=Published("2022-10-21 15:55:00", "2022-10-21 08:55:00", "21 Tháng Mười 2022 3:55:00 CH", "second"),
        tags=("a", "b"),
        extra=(("doc_number", "12/QĐ"),),
        language="vi",
    )
    bench.visit(content)
    assert bench.store.history.versions(1)[0].content == content


def test_evidence_and_content_cannot_be_altered(bench: Bench) -> None:
    bench.visit(FIRST)
    database = sqlite3.connect(bench.store.path)
    for statement in ("UPDATE _visit SET status = 500", "DELETE FROM _visit", "UPDATE _stored_content SET title = 'x'"):
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(statement)
    database.close()


def test_search_finds_accents_exactly_and_plainly(bench: Bench) -> None:
    bench.visit(Content(title="Đất đai", body="quản lý đất đai trên địa bàn quận"))
    count = "SELECT count(*) AS hits FROM {} WHERE words MATCH '{}'"
    hits = [
        next(bench.store.sql(count.format(view, words)))["hits"]
        for view, words in (("found", "đất"), ("found", "dat"), ("found_plain", "dat"), ("found_plain", "dia ban quan"))
    ]
    assert hits == [1, 0, 1, 1]
    assert bench.store.search.hits(SearchResult('"đất đai"'), "newest", 5)[0]["context"]
    assert words_query('a "b c" d:x OR') == '"a" AND "b c" AND "d:x" AND "OR"'


def test_the_span_of_a_return_begins_with_the_last_miss(bench: Bench) -> None:
    bench.visit(FIRST)
    for _ in range(3):
        bench.visit(status=404)
    bench.visit(FIRST)
    (event,) = bench.store.history.events(["back"], {})
    assert (event["not_before"], event["not_after"]) == ("2022-10-21 12:00:00", "2022-10-21 13:00:00")


def test_a_redirect_resets_the_count_of_misses(bench: Bench) -> None:
    """Shown until it moved; gone from the proof after that on; never both at once."""
    bench.visit(FIRST)  # 09
    for status in (404, 301, 410):
        bench.visit(status=status)
    spans = [tuple(row.values()) for row in bench.store.sql("SELECT state, since, until FROM timeline ORDER BY since")]
    assert spans == [
        ("shown", "2022-10-21 09:00:00", "2022-10-21 11:00:00"),
        ("gone", "2022-10-21 12:00:00", "9999-12-31 23:59:59"),
    ]
