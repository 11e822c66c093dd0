"""The strip of a page as data: groups of many versions, absences, redesigns apart from edits."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from archiver.app.browsing.page_table import MOST_ROWS, history_table
from archiver.app.browsing.strip import strip_of
from archiver.app.browsing.strip_marks import MOST_MARKS
from archiver.model.clock import instant, written
from archiver.model.profile import SiteInfo
from archiver.model.record import Content
from archiver.store.archive import Store
from made import Bench

MANY = MOST_ROWS + 10


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A page with more versions than a table or a strip shows at once."""
    with Store.open(tmp_path_factory.mktemp("many") / "archive.db") as store:
        site_id = store.pages.put_site(SiteInfo("portal", "Portal", "http://portal.example/", "vi", "Asia/Ho_Chi_Minh"))
        extractor = store.pages.put_extractor(site_id, "a" * 64, "", "test", "2022-10-21 09:00:00")
        store.pages.make_current(site_id, extractor.extractor_id, "2022-10-21 09:00:00")
        made = Bench(store, site_id, extractor.extractor_id, hours=7)
        for number in range(MANY):
            made.visit(Content(title=f"Tin số {number}"))
        yield made


def test_many_versions_are_grouped_and_each_is_in_one_group(many: Bench) -> None:
    strip = strip_of(many.store, many.page())
    assert strip is not None
    assert (strip.count, strip.unit) == (MANY, "day")
    assert len(strip.marks) <= MOST_MARKS
    numbers = [number for mark in strip.marks for number in range(mark.first, mark.last + 1)]
    assert numbers == list(range(1, MANY + 1))
    assert sum(mark.edits for mark in strip.marks) == MANY - 1


def test_a_group_opens_to_its_versions(many: Bench) -> None:
    group = strip_of(many.store, many.page()).marks[10]  # type: ignore[union-attr]
    inside = strip_of(many.store, many.page(), group.since, written(instant(group.until) + timedelta(seconds=1)))
    assert inside is not None
    assert inside.unit == ""
    assert [mark.first for mark in inside.marks] == list(range(group.first, group.last + 1))


def test_a_long_table_comes_in_parts_that_leave_nothing_out(many: Bench) -> None:
    found: list[int] = []
    until: str | None = None
    while True:
        part = history_table(many.store, many.page(), until=until)
        found += [row["version"] for row in part.rows if row["kind"] == "version"]
        if part.older is None:
            break
        until = part.older
    assert found == list(range(MANY, 0, -1))


def test_an_absence_is_shown_from_its_first_proof_to_its_last(bench: Bench) -> None:
    bench.hours = 24
    bench.visit(Content(title="Tin"))
    bench.visit(status=404)
    bench.visit(status=404)
    bench.visit(status=404)
    bench.visit(Content(title="Tin"))
    strip = strip_of(bench.store, bench.page())
    assert strip is not None
    (absence,) = strip.absences
    assert (absence.gone_by, absence.last_miss, absence.back_by) == (
        "2022-10-22 09:00:00",
        "2022-10-24 09:00:00",
        "2022-10-25 09:00:00",
    )
    assert [mark.kind for mark in strip.marks] == ["first", "back"]
    row = next(row for row in history_table(bench.store, bench.page()).rows if row["kind"] == "absence")
    assert [proof["visited_at"][:10] for proof in row["proofs"]] == ["2022-10-22", "2022-10-23"]


def test_a_counter_breaks_at_an_absence_and_at_a_reset(bench: Bench) -> None:
    bench.hours = 24
    for value in (10, 20):
        bench.visit(Content(title="Tin"), readings=(("views", value),))
    bench.visit(status=410)
    for value in (30, 40, 1, 2):
        bench.visit(Content(title="Tin"), readings=(("views", value),))
    strip = strip_of(bench.store, bench.page())
    assert strip is not None
    (line,) = strip.counters
    assert [[value for _, value in stretch] for stretch in line.stretches] == [[10, 20], [30, 40], [1, 2]]
    assert [value for _, value in line.resets] == [1]
    assert line.highest == 40


def test_a_page_that_was_never_visited_has_no_strip(bench: Bench) -> None:
    assert strip_of(bench.store, bench.page("http://portal.example/unseen")) is None
    assert history_table(bench.store, bench.page("http://portal.example/unseen")).rows == ()


def test_visits_without_news_leave_no_mark(bench: Bench) -> None:
    for _ in range(20):
        bench.visit(Content(title="Tin"))
    strip = strip_of(bench.store, bench.page())
    assert strip is not None
    assert len(strip.marks) == 1
    assert strip.ticks == ()
