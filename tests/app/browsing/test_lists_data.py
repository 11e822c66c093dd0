"""Pages that are gone or moved, results of a search, front pages: their states and numbers."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from archiver.app.browsing import search as search_module
from archiver.app.browsing.front import FrontQuestion, front_page
from archiver.app.browsing.gone import PAGE, gone_pages
from archiver.app.browsing.phrase_history import phrase_history
from archiver.app.browsing.search import SearchQuestion, search_versions
from archiver.app.reading.questions import ArchiveReader
from archiver.app.reading.search_words import search_for
from archiver.errors import NotInArchive, UsageError
from archiver.model.clock import SettableClock
from archiver.model.record import Content
from archiver.settings import Settings
from archiver.web.svg.phrase_bars import phrase_bars
from made import START, Bench, Works

URL = "http://portal.example/{}"


@pytest.fixture
def reader(bench: Bench) -> Iterator[ArchiveReader]:
    bench.hours = 24
    with ArchiveReader(Settings(bench.store.path, (), SettableClock(START + timedelta(days=900)))) as archive:
        yield archive


def lose(bench: Bench, page: int, *, back: str | None = None, misses: int = 2) -> None:
    """Show a page, find it missing, and perhaps find it again."""
    url = URL.format(page)
    bench.visit(Content(title=f"Trang {page}", body="bài cũ"), url=url)
    for _ in range(misses):
        bench.visit(status=404, url=url)
    if back is not None:
        bench.visit(Content(title=f"Trang {page}", body=back), url=url)


def test_each_absence_has_its_state_and_its_proofs(reader: ArchiveReader, bench: Bench) -> None:
    lose(bench, 1, misses=3)
    lose(bench, 2, back="bài cũ")
    lose(bench, 3, back="bài mới hẳn")
    lose(bench, 4, misses=1)
    found = gone_pages(reader)
    assert [(row["page_id"], row["state"]) for row in found.rows] == [(3, "different"), (2, "same"), (1, "still")]
    assert found.counts == {"still": 1, "same": 1, "different": 1}
    still = found.rows[-1]
    assert [still["proof"][name]["at"][:10] for name in ("first", "second", "last")] == [
        "2022-10-22",
        "2022-10-23",
        "2022-10-24",
    ]
    assert (still["title"], still["last_seen"][:10], still["days"]) == ("Trang 1", "2022-10-21", 2)
    assert still["last_visit"] == 1
    assert [row["state"] for row in gone_pages(reader, state="same").rows] == ["same"]


def test_the_pages_of_the_list_have_each_absence_once(reader: ArchiveReader, bench: Bench) -> None:
    bench.hours = 1
    for page in range(PAGE + 3):
        lose(bench, page)
    first = gone_pages(reader)
    rest = gone_pages(reader, start=first.next)
    assert (len(first.rows), len(rest.rows), rest.next) == (PAGE, 3, 0)
    assert len({row["page_id"] for row in (*first.rows, *rest.rows)}) == PAGE + 3


def test_a_page_that_moved_is_not_gone(works: Works) -> None:
    works.crawl()
    works.portal.move(works.portal.items[0])
    works.next_day()
    works.crawl()
    (row,) = gone_pages(works.archive).rows
    assert (row["state"], row["how"], row["status"]) == ("moved", "redirect", 301)
    assert row["moved_to_page"]
    assert row["not_before"] < row["found_at"]


def say(bench: Bench, page: int, *bodies: str) -> None:
    for body in bodies:
        bench.visit(Content(title=f"Trang {page}", body=body), url=URL.format(page))


def test_results_tell_what_became_of_the_words(reader: ArchiveReader, bench: Bench) -> None:
    say(bench, 1, "họp về cầu mới", "họp về cầu mới và đường", "họp về chợ")
    say(bench, 2, "họp về cầu mới")
    lose(bench, 3)
    say(bench, 4, "nói khác", "nói về cầu mới")
    found = search_versions(reader, SearchQuestion('"cầu mới"'))
    states = [(each["page_id"], each["state"], each["first_version"], each["last_version"]) for each in found.results]
    assert states == [(1, "dropped", 1, 2), (4, "standing", 2, 2), (2, "standing", 1, 1)]
    assert (found.pages, found.standing, found.dropped, found.gone) == (3, 2, 1, 0)
    gone = search_versions(reader, SearchQuestion('"bài cũ"')).results
    assert [each["state"] for each in gone] == ["gone"]


@pytest.mark.parametrize(("by", "pages"), [("newest", [3, 2, 1]), ("oldest", [1, 2, 3]), ("dropped", [1, 3, 2])])
def test_results_in_each_order(reader: ArchiveReader, bench: Bench, by: str, pages: list[int]) -> None:
    for page in (1, 2, 3):
        say(bench, page, "họp về cầu")
    say(bench, 1, "họp về chợ")
    found = search_versions(reader, SearchQuestion("cầu", by=by))
    assert [each["page_id"] for each in found.results] == pages


def test_results_of_a_time(reader: ArchiveReader, bench: Bench) -> None:
    say(bench, 1, "họp về cầu", "họp về chợ")
    say(bench, 2, "họp về cầu")
    assert search_versions(reader, SearchQuestion("cầu", at="2022-10-21")).total == 1
    assert search_versions(reader, SearchQuestion("cầu", since="2022-10-22")).pages == 1
    assert search_versions(reader, SearchQuestion("cầu", until="2022-10-22")).pages == 1
    nothing = search_versions(reader, SearchQuestion("cầu", at="2022-10-01"))
    assert (nothing.total, nothing.life is None) == (0, False)


def test_words_of_many_versions_are_listed_version_by_version(
    reader: ArchiveReader, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "MOST_VERSIONS", 4)
    monkeypatch.setattr(search_module, "PAGE", 3)
    say(bench, 1, *(f"họp về cầu {number}" for number in range(5)))
    found = search_versions(reader, SearchQuestion("cầu"))
    assert (found.is_many, found.life, found.next) == (True, None, 3)
    assert [each["last_version"] for each in found.results] == [5, 4, 3]
    rest = search_versions(reader, SearchQuestion("cầu", start=found.next))
    assert [(each["last_version"], each["state"]) for each in rest.results] == [(2, "edit"), (1, "edit")]
    with pytest.raises(UsageError, match="too far"):
        search_versions(reader, SearchQuestion("cầu", start=9_999))


@pytest.mark.parametrize(
    ("days", "unit"), [(40, "day"), (200, "week"), (1_000, "month"), (4_000, "quarter"), (20_000, "year")]
)
def test_a_biography_has_few_bars_however_long(reader: ArchiveReader, bench: Bench, days: int, unit: str) -> None:
    say(bench, 1, "họp về cầu", "họp về chợ")
    bench.now = START + timedelta(days=days)
    say(bench, 2, "họp về cầu")
    spans = list(reader.store.search.spans(search_for(reader.store, "cầu", reader.settings.clock())))
    life = phrase_history(reader.store, spans, None)
    assert life.unit == unit
    assert len(life.bins) <= 61
    assert (sum(each.came for each in life.bins), sum(each.went for each in life.bins)) == (2, 1)
    assert life.bins[-1].pages == 1
    assert phrase_bars(life.bins, life.unit).count("<title>") == len(life.bins)


def test_a_front_page_that_was_not_seen_yet_says_nothing(works: Works) -> None:
    works.crawl()
    found = front_page(works.archive, FrontQuestion())
    assert found is not None
    assert (found.old, found.new is None) == (None, False)
    assert found.counts["came"] == 0


def test_items_that_rise_and_fall(works: Works) -> None:
    works.crawl()
    works.next_day()
    works.portal.publish("Tin mới nhất")
    works.crawl()
    found = front_page(works.archive, FrontQuestion())
    assert found is not None
    assert found.new is not None
    newest = found.new["items"][0]
    assert (newest["title"], newest["move"]) == ("Tin mới nhất", "came")
    assert {each["move"] for each in found.new["items"][1:]} == {"fell"}
    assert all(each["other"] == each["position"] - 1 for each in found.new["items"][1:])
    assert found.on_top[0]["title"] != found.on_top[1]["title"]


def test_a_page_that_is_no_listing_has_no_front_page(works: Works) -> None:
    works.crawl()
    with pytest.raises(NotInArchive, match="no listing"):
        front_page(works.archive, FrontQuestion(page_id=9))
