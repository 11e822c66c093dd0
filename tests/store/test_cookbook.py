"""The cookbook's queries, each on a small archive with known content."""

import pytest

from archiver.model.record import Content, Published
from archiver.store.cookbook import COOKBOOK, question
from archiver.store.views import VIEWS
from made import Bench

HOME = "http://portal.example/"
ASKED = {
    "url": HOME + "edited",
    "day": "2022-10-21",
    "begin": "2022-10-21",
    "end": "2022-10-22",
    "words": '"đất đai"',
    "version_id": "1",
    "site": "portal",
    "listing": HOME + "edited",
}


def _content(title: str, body: str, byline: str = "BTQ") -> Content:
    published = Published("2022-10-20 16:00:00", "2022-10-20 09:00:00", "20/10/2022 16:00", "minute")
    return Content(title=title, body=body, bylines=(byline,), published=published)


@pytest.fixture
def lived(bench: Bench) -> Bench:
    """From 09:00 on, an hour a visit: an edited page, one that vanished, one that came back different, a blind spot."""
    edited, vanished, back = (HOME + name for name in ("edited", "vanished", "back"))
    bench.visit(_content("Họp", "Về đất đai."), readings=(("views", 100),), url=edited)  # 09
    bench.visit(_content("Tin", "Cũ."), readings=(("views", 7),), url=vanished)  # 10
    bench.visit(_content("Đã", "Một."), url=back)  # 11
    bench.visit(_content("Họp bàn", "Về việc khác.", "NTH"), readings=(("views", 130),), url=edited)  # 12
    bench.visit(status=410, url=vanished)  # 13
    bench.visit(status=410, url=back)  # 14
    bench.visit(_content("Đã", "Hai."), url=back)  # 15
    bench.visit(status=503, url=edited)  # 16
    bench.visit(_content("Họp bàn", "Về việc khác.", "NTH"), readings=(("views", 1),), url=edited)  # 17
    return bench


def _ask(bench: Bench, name: str, **other: str) -> list[tuple[object, ...]]:
    one = question(name)
    values = {**ASKED, **other}
    return [tuple(row.values()) for row in bench.store.sql(one.sql, {name: values[name] for name in one.params})]


def _hour(hour: int) -> str:
    return f"2022-10-21 {hour:02}:00:00"


def test_all_queries_run_on_an_empty_archive(bench: Bench) -> None:
    assert len(COOKBOOK) == len({one.name for one in COOKBOOK}) == 33
    for one in COOKBOOK:
        assert _ask(bench, one.name) == []
        assert all(f":{name}" in one.sql for name in one.params)


def test_what_a_page_said_on_a_day(lived: Bench) -> None:
    rows = _ask(lived, "on-a-day", day="2022-10-21")
    assert [row[3:] for row in rows] == [
        (1, "Họp", '["BTQ"]', "Về đất đai.", None),
        (2, "Họp bàn", '["NTH"]', "Về việc khác.", None),
    ]
    assert [row[0] for row in _ask(lived, "on-a-day", url=HOME + "back", day="2022-10-21")] == [
        "shown",
        "gone",
        "shown",
    ]
    assert [row[3] for row in _ask(lived, "on-a-day", day="2022-10-22")] == [2]
    assert _ask(lived, "on-a-day", day="2022-10-20") == []


def test_no_question_is_named_as_a_view() -> None:
    assert not {one.name for one in COOKBOOK} & {view.name for view in VIEWS}


def test_every_edit_of_a_page_with_its_span(lived: Bench) -> None:
    rows = _ask(lived, "edits")
    assert [row[2] for row in rows] == ["title", "body", "bylines"]
    assert {row[:2] for row in rows} == {(_hour(9), _hour(12))}


def test_headlines_rewritten(lived: Bench) -> None:
    assert _ask(lived, "headlines") == [("portal", HOME + "edited", "Họp", "Họp bàn", _hour(9), _hour(12))]
    assert _ask(lived, "headlines", end="2022-10-21 12:00:00") == []


def test_pages_that_came_back_are_not_among_the_vanished(lived: Bench) -> None:
    assert _ask(lived, "vanished") == [
        ("portal", HOME + "vanished", _hour(10), _hour(13), f"410 gone at {_hour(13)}"),
    ]


def test_what_came_back_different(lived: Bench) -> None:
    assert _ask(lived, "back-different") == [(HOME + "back", _hour(14), _hour(15), "body", "Một.", "Hai.")]


def test_most_viewed_sums_gains_across_a_reset(lived: Bench) -> None:
    assert _ask(lived, "most-viewed") == [(HOME + "edited", 30)]
    assert _ask(lived, "backwards") == [(HOME + "edited", _hour(17), 1, -129)]


def test_when_a_phrase_entered_and_left(lived: Bench) -> None:
    assert _ask(lived, "phrase") == [(HOME + "edited", _hour(9), _hour(9), _hour(12))]
    rows = _ask(lived, "plain", words='"dat dai"')
    assert rows == [(HOME + "edited", "Họp", "Về [đất đai].", _hour(9), _hour(12))]


def test_how_long_after_publication(lived: Bench) -> None:
    assert ("portal", "title", 1, 1.1) in _ask(lived, "how-late")
    assert ("portal", "body", 2, 1.2) in _ask(lived, "how-late")


def test_where_a_value_came_from(lived: Bench) -> None:
    lived.store._main.execute("INSERT INTO _source VALUES (1, 'title', 'css:h1', 1, 'Họp', 'html > h1', NULL)")
    assert _ask(lived, "source")[0][:5] == ("title", "css:h1", 1, "Họp", "html > h1")


def test_reinterpretations_are_not_changes(lived: Bench) -> None:
    lived.store._main.execute(
        "INSERT INTO _reinterpretation VALUES (1, ?, 'bylines', '[]', '[\"BTQ\"]', 1, 1)", (_hour(9),)
    )
    ((url, seen_from, field, was, now, *_),) = _ask(lived, "only-ours")
    assert (url, seen_from, field, was, now) == (HOME + "edited", _hour(9), "bylines", "[]", '["BTQ"]')


def test_visits_without_a_page(lived: Bench) -> None:
    assert [row[2:4] for row in _ask(lived, "when-blind")] == [(_hour(16), "server_error")]


def test_bylines_per_month(lived: Bench) -> None:
    assert sorted(_ask(lived, "who-signs")) == [("2022-10", "BTQ", 2), ("2022-10", "NTH", 1)]


def test_changed_words_and_natures(lived: Bench) -> None:
    rows = _ask(lived, "changed-words")
    assert [row[2] for row in rows] == ["title", "body", "bylines"]
    assert {row[:2] for row in rows} == {(_hour(9), _hour(12))}
    lived.store._main.execute("UPDATE _change SET nature = 'figures', context = '[-1-]{+2+}' WHERE field = 'title'")
    lived.store._main.execute("UPDATE _change SET nature = 'typography' WHERE field = 'bylines'")
    assert [row[2:4] for row in _ask(lived, "figures")] == [("title", "[-1-]{+2+}")]
    assert [row[2] for row in _ask(lived, "true-edits")] == ["title", "body", "body"]
    assert {row[1]: row[2] for row in _ask(lived, "edits-by-month")}["figures"] == 1


def test_redesigns(lived: Bench) -> None:
    main = lived.store._main
    main.execute(
        "INSERT INTO _redesign(redesign_id, site_id, kind, fields, since, what) VALUES (1, ?, 'article', 'title', ?, 'it')",
        (lived.site_id, _hour(12)),
    )
    main.execute("UPDATE _change SET redesign_id = 1 WHERE field = 'title'")
    assert _ask(lived, "restyled") == [(_hour(12), 1, 1, "title", "it")]
    assert "title" not in {row[2] for row in _ask(lived, "true-edits")}


def test_silent_edits_and_mere_claims(lived: Bench) -> None:
    claim = "INSERT INTO _modified(page_id, seen_from, visit_id, extractor_id, value) VALUES (?, ?, ?, ?, ?)"
    lived.store._main.execute(claim, (1, _hour(9), 1, lived.extractor_id, "2022-10-20 08:00:00"))
    assert [row[1:3] for row in _ask(lived, "not-owned-up")][:1] == [(HOME + "edited", "unchanged")]
    lived.visit(_content("Họp bàn", "Về việc khác.", "NTH"), url=HOME + "edited")  # 18
    lived.store._main.execute(
        "INSERT OR REPLACE INTO _modified(page_id, seen_from, visit_id, extractor_id, value, only_since) VALUES (1, ?, 10, ?, ?, ?)",
        (_hour(18), lived.extractor_id, "2022-10-21 18:00:00", _hour(17)),
    )
    found = _ask(lived, "claimed-only")
    assert [row[1:4] for row in found] == [(HOME + "edited", "2022-10-20 08:00:00", "2022-10-21 18:00:00")]


def test_pages_that_moved(lived: Bench) -> None:
    lived.store._main.execute("INSERT INTO _move VALUES (2, 1, 'http://x/', 'same_content', 4, NULL)")
    assert _ask(lived, "moved") == [("portal", HOME + "vanished", HOME + "edited", "same_content", _hour(12))]


def _list_items(bench: Bench, editions: list[list[tuple[str, str]]]) -> None:
    """Store editions of the listing `front`, one each hour."""
    main, targets = bench.store._main, {}
    for number, items in enumerate(editions, start=1):
        bench.visit(_content("Trang chủ", f"{number}"), url=HOME + "front")
        visit = bench.runs[-1]
        page = bench.page(HOME + "front")
        main.execute(
            "INSERT INTO _edition(page_id, number, volume, first_visit, extractor_id) VALUES (?, ?, ?, ?, ?)",
            (page, number, number, visit, bench.extractor_id),
        )
        for place, item in enumerate(items):
            if item not in targets:
                targets[item] = main.insert(
                    "INSERT INTO _target(to_url, text) VALUES (?, ?)", (HOME + item[0], item[1])
                )
            main.execute(
                "INSERT INTO _placed(page_id, volume, first, place, last, target_id) VALUES (?, ?, ?, ?, ?, ?)",
                (page, number, number, place, number, targets[item]),
            )


def test_front_pages(lived: Bench) -> None:
    _list_items(
        lived,
        [
            [("edited", "Họp bàn"), ("back", "Đã")],
            [("edited", "Họp bàn!"), ("back", "Đã")],
            [("back", "Đã"), ("edited", "Họp bàn!")],
        ],
    )  # 18, 19, 20
    front = {"listing": HOME + "front"}
    assert [row[2:4] for row in _ask(lived, "front-page", **front)][:2] == [(1, "Họp bàn"), (2, "Đã")]
    assert _ask(lived, "front-page", day="2022-10-20", **front) == []
    top = _ask(lived, "on-top", **front)
    assert [(row[0], row[4]) for row in top] == [("Họp bàn", 1.0), ("Họp bàn!", 1.0), ("Đã", 0.0)]
    assert [row[1:3] for row in _ask(lived, "two-headlines", **front)] == [("Họp bàn!", "Họp bàn")]


def test_what_was_not_observed_and_everything_that_happened(lived: Bench) -> None:
    assert _ask(lived, "not-observed") == [(_hour(12), _hour(17), "backing_off", 1, "server_error")]
    assert [row[0] for row in _ask(lived, "life", url=HOME + "back")] == ["new", "gone", "back", "edited"]
    assert [row[1] for row in _ask(lived, "gone-proofs", url=HOME + "vanished")] == ["proving"]


def test_pages_by_edits_and_by_length(lived: Bench) -> None:
    assert [row[0] for row in _ask(lived, "edited-most")] == [HOME + "back", HOME + "edited"]
    assert _ask(lived, "length") == [("2022-10", 3, 2.0)]


def test_evidence_and_coverage(lived: Bench) -> None:
    assert [row[4:] for row in _ask(lived, "evidence", url=HOME + "vanished")] == [(2, None), (5, None)]
    run = lived.store.runs.begin("crawl", lived.site_id, _hour(20), code_version="t", command="")
    assert [row[:5] for row in _ask(lived, "coverage")] == [(run, _hour(20), 3, 0, 0)]
    health = "INSERT INTO _health(run_id, kind, field, read, found, before_read, before_found) VALUES (?, 'article', ?, ?, ?, ?, ?)"
    lived.store._main.execute(health, (run, "title", 10, 10, 100, 100))
    lived.store._main.execute(health, (run, "bylines", 10, 2, 100, 90))
    assert [row[3:] for row in _ask(lived, "fields-over-time")] == [("bylines", 2, 10)]


def test_every_view_that_people_ask_about_has_a_question() -> None:
    asked = " ".join(one.sql for one in COOKBOOK)
    for view in (
        "events",
        "unobserved",
        "redesigns",
        "silent_edits",
        "moves",
        "editions",
        "health",
        "absence_proofs",
        "runs",
    ):
        assert f"FROM {view}" in asked, view
