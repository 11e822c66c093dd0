"""What Today says: the first sentence, the rows of each day, and what was not looked at."""

from datetime import timedelta
from typing import Any

import pytest

from archiver.app.browsing.day_list import MANY, MOST_ROWS, PAGE
from archiver.app.browsing.today import Today, TodayQuestion, today
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import NotInArchive, UsageError
from archiver.model.clock import SettableClock
from archiver.model.record import Content
from archiver.settings import Settings
from made import START, Bench

URL = "http://portal.example/{}"


class Look:
    """Asks what happened, as of the time of the bench."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.clock = SettableClock(START)
        self.archive = ArchiveReader(Settings(bench.store.path, (), self.clock))

    def __call__(self, *, later: float = 0, **asked: Any) -> Today:
        self.clock.advance(seconds=(self.bench.now + timedelta(days=later) - self.clock()).total_seconds())
        return today(self.archive, TodayQuestion(**asked))

    def rows(self, **asked: Any) -> list[dict[str, Any]]:
        """Return the rows of all pages of the list."""
        found = []
        while True:
            listed = self(**asked).listed
            found += [row for day in listed.days for group in day.groups for row in group.rows]
            if not listed.next:
                return found
            asked["cursor"] = listed.next


@pytest.fixture
def look(bench: Bench) -> Any:
    bench.hours = 24
    found = Look(bench)
    yield found
    found.archive.close()


def write(bench: Bench, *texts: str, page: int = 1, section: str | None = None) -> None:
    for text in texts:
        bench.visit(Content(title=f"Trang {page}", body=text, section=section), url=URL.format(page))


def test_an_empty_archive_says_so(look: Look) -> None:
    found = look()
    assert found.state == "empty"
    assert found.listed.days == []


def test_changes_are_counted_by_page_and_visit(look: Look, bench: Bench) -> None:
    bench.visit(Content(title="Một", body="Có 12 người dự"))
    bench.visit(Content(title="Hai", body="Có 13 người dự"))
    found = look()
    assert found.state == "changes"
    assert found.counts.by_name == {"edited": 1, "words": 1, "new": 1}
    (row,) = [row for row in look.rows() if row["kind"] == "edited"]
    assert [edit["field"] for edit in row["edits"]] == ["title", "body"]
    assert row["edits"][1]["words"] == [("equal", "Có "), ("delete", "12"), ("insert", "13"), ("equal", " người dự")]
    assert (row["version"], row["label"]) == (2, "words")


@pytest.mark.parametrize(
    ("old", "new", "label"),
    [
        (Content(title="A", body="Có 12 người"), Content(title="A", body="Có 13 người"), "figures"),
        (Content(title="A", bylines=("LQH",)), Content(title="A", bylines=("BTQ",)), "byline"),
        (Content(title="A", body="Một hai"), Content(title="A", body="Một ba"), "words"),
    ],
)
def test_an_edit_is_called_by_its_strongest_change(
    look: Look, bench: Bench, old: Content, new: Content, label: str
) -> None:
    bench.visit(old)
    bench.visit(new)
    assert [row["label"] for row in look.rows() if row["kind"] == "edited"] == [label]
    assert [row["label"] for row in look.rows(label=label)] == [label]


def test_edits_of_typography_are_counted_and_not_listed(look: Look, bench: Bench) -> None:
    write(bench, "Ông nói “được”", 'Ông nói "được"')
    found = look()
    assert found.counts.typography == 1
    assert [row["kind"] for row in look.rows()] == ["new"]
    assert [row["label"] for row in look.rows(label="typography")] == ["typography"]
    assert found.counts.total == 1


def test_a_page_is_told_gone_when_it_is_proven(look: Look, bench: Bench) -> None:
    write(bench, "Bài")
    bench.visit(status=404)
    after_the_miss = bench.now.strftime("%Y-%m-%d %H:%M:%S")
    assert look().counts.by_name == {"new": 1}
    bench.visit(status=404)
    (row,) = look.rows(last_look=after_the_miss)
    assert row["kind"] == "gone"
    assert row["found_at"] >= after_the_miss > row["not_after"]
    assert (row["proof"]["first"]["answer"], row["proof"]["count"]) == ("404", 2)
    bench.visit(Content(title="Trang 1", body="Bài"))
    assert [row["kind"] for row in look.rows(kind="back")] == ["back"]


def test_nothing_changed_and_all_was_looked_at(look: Look, bench: Bench) -> None:
    write(bench, "Bài", "Bài", "Bài")
    found = look(since="26h")
    assert found.state == "calm"
    assert (found.watched.visits, found.watched.failures, found.watched.unseen) == (1, 0, 0)


def test_calm_is_not_claimed_for_a_page_without_a_visit(look: Look, bench: Bench) -> None:
    write(bench, "Bài", page=2)
    write(bench, "Bài", "Bài", "Bài")
    found = look(since="26h")
    assert found.state == "partly"
    assert (found.watched.pages, found.watched.unseen) == (2, 1)


def test_calm_is_not_claimed_after_a_failed_visit(look: Look, bench: Bench) -> None:
    write(bench, "Bài", "Bài")
    bench.visit(status=503)
    found = look(since="26h")
    assert found.state == "partly"
    assert [(each["outcome"], each["status"], each["visits"]) for each in found.watched.failed] == [
        ("server_error", 503, 1)
    ]


def test_silence_is_not_calm(look: Look, bench: Bench) -> None:
    write(bench, "Bài", "Bài")
    found = look(later=5, since="3d")
    assert found.state == "silent"
    assert found.watched.is_overdue


def test_without_a_last_look_the_last_week_of_visits_is_told(look: Look, bench: Bench) -> None:
    write(bench, "Bài 1")
    bench.now += timedelta(days=20)
    write(bench, "Bài hai")
    found = look(later=400)
    assert found.since_is == "usual"
    assert [row["kind"] for row in look.rows()] == ["edited"]


def test_days_without_a_visit_are_no_calm_days_in_the_bars(look: Look, bench: Bench) -> None:
    write(bench, "Bài")
    bench.now += timedelta(days=3)
    write(bench, "Bài hai")
    bars = {bar["day"]: bar for bar in look().bars}
    assert len(bars) == 30
    assert [bars[f"2022-10-{day}"]["visited"] for day in (21, 22, 23, 24, 25)] == [True, False, False, False, True]
    assert bars["2022-10-25"]["edited"] == 1


def many_edits(bench: Bench, pages: int) -> None:
    """Add pages, and edit all of them on the next day."""
    bench.hours = 0.01
    for text in ("cũ", "mới"):
        begun = bench.now
        for page in range(pages):
            write(bench, f"Bài {text}", page=page, section=f"Mục {page % 3}" if page % 7 else None)
        bench.now = begun + timedelta(days=1)


def test_a_day_of_many_changes_is_grouped_by_section(look: Look, bench: Bench) -> None:
    many_edits(bench, 60)
    day = look(kind="edited").listed.days[0]
    assert day.is_grouped
    assert day.total == 60 == sum(group.total for group in day.groups)
    assert {group.section for group in day.groups} == {"Mục 0", "Mục 1", "Mục 2", ""}
    assert all(group.rest == group.total - len(group.rows) > 0 for group in day.groups)
    assert sum(len(group.rows) for group in day.groups) <= MANY


def test_the_pages_of_a_day_have_each_event_once(look: Look, bench: Bench) -> None:
    many_edits(bench, 60)
    rows = look.rows(day="2022-10-22")
    assert len(rows) == 60 > PAGE
    assert len({row["page_id"] for row in rows}) == 60
    assert {row["section"] for row in look.rows(day="2022-10-22", section="Mục 1")} == {"Mục 1"}
    assert {row["section"] for row in look.rows(day="2022-10-22", section="")} == {None}


def test_the_pages_of_the_list_have_each_event_once(look: Look, bench: Bench) -> None:
    bench.hours = 6
    write(bench, *(f"Bài {number} và {'x' * number}" for number in range(120)))
    rows = look.rows(since="2022-10-01")
    assert len(rows) == 120 > MOST_ROWS
    assert len({row["version"] for row in rows}) == 120
    assert rows[0]["found_at"] > rows[-1]["found_at"]


def test_counts_are_those_of_the_view_of_events(look: Look, bench: Bench) -> None:
    many_edits(bench, 20)
    for _ in range(2):
        bench.visit(status=404, url=URL.format(3))
    bench.visit(Content(title="Trang 3", body="lại"), url=URL.format(3))
    counts = look(since="2022-10-01").counts.by_name
    query = "SELECT kind, count(DISTINCT page_id || not_after) AS rows FROM events GROUP BY kind"
    counted = {row["kind"]: row["rows"] for row in look.archive.sql(query)}
    assert {kind: counts[kind] for kind in counted} == counted
    assert set(counted) == {"new", "edited", "gone", "back"}


def test_what_is_remembered_ends_with_the_next_visit(look: Look, bench: Bench) -> None:
    write(bench, "Bài", "Bài hai")
    assert look().counts.by_name["edited"] == 1
    write(bench, "Bài ba")
    assert look().counts.by_name["edited"] == 2


def test_a_page_under_an_embargo_is_not_listed(look: Look, bench: Bench) -> None:
    write(bench, "Bài", "Bài hai")
    write(bench, "Bài", "Bài hai", page=2)
    bench.store.embargoes.set(URL.format(1), "portal", "2030-01-01 00:00:00", "r", "2022-10-21 09:00:00")
    found = look()
    assert found.counts.by_name["edited"] == 1
    assert {row["url"] for row in look.rows()} == {URL.format(2)}


@pytest.mark.parametrize(
    "asked",
    [{"kind": "x"}, {"label": "x"}, {"since": "x"}, {"day": "x"}, {"field": "x"}, {"cursor": "x"}],
)
def test_an_unknown_filter_is_refused(look: Look, asked: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        look(**asked)


def test_an_unknown_site_is_told(look: Look) -> None:
    with pytest.raises(NotInArchive, match="portal"):
        look(site="portl")
