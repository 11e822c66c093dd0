"""A page replaced by a tiny text that shares nothing with it is doubtful: no version before another visit agrees."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.app.maintenance.pruning import prune
from archiver.maintain.verify.verify import verify
from scripted import Scripted

TEXT = (
    "<p>The board met in the town hall and talked about the new pipes in the north of the town for two hours.</p>" * 6
)
ARTICLE = (
    f"<title>Water board meets on Tuesday</title><h1>Water board meets on Tuesday</h1><div id=b>{TEXT}</div>".encode()
)
NOTICE = b"<title>Withdrawn</title><h1>Withdrawn</h1><div id=b><p>At the request of those involved, nothing is shown here.</p></div>"
STRANGE = b"<title>Olm</title><h1>Olm gate</h1><div id=b><p>Olm gate counts to ten. Your number: 4f3a.</p></div>"
VERSIONS = "SELECT version, title, seen_from, seen_last, seen_until FROM versions ORDER BY url, version"
VISITS = "SELECT outcome, cause FROM visits WHERE url LIKE '%/1' ORDER BY visited_at, visit_id"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    made = Scripted(tmp_path / "archive.db")
    made.page("/", "Home", extra="<a href=/1>1</a>")
    yield made
    made.close()


def _rounds(site: Scripted, *bodies: bytes, path: str = "/1") -> None:
    for body in bodies:
        site.answers[path] = (200, {}, body)
        site.crawl()


def test_a_text_that_goes_away_again_changes_nothing(site: Scripted) -> None:
    _rounds(site, ARTICLE, STRANGE, ARTICLE)
    assert site.rows(VISITS) == [("ok", None), ("ok", "doubtful"), ("ok", None)]
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.rows("SELECT version, seen_until FROM versions WHERE url LIKE '%/1'") == [(1, None)]
    assert site.rows("SELECT note FROM visits WHERE cause = 'doubtful'")[0][0].startswith("doubtful: ")
    assert site.rows("SELECT count(*) FROM links WHERE url LIKE '%/1'") == [(0,)]


def test_the_summary_of_a_crawl_counts_doubtful_pages(site: Scripted) -> None:
    counts = []
    for body in (ARTICLE, STRANGE, ARTICLE, NOTICE, NOTICE):
        site.answers["/1"] = (200, {}, body)
        counts.append(site.archive.crawl(site.profile(), everything=True).as_json()["doubtful"])
        site.clock.advance(days=1)
    assert counts == [0, 1, 0, 1, 0]


def test_a_notice_that_stays_is_a_version_since_the_first_visit(site: Scripted) -> None:
    _rounds(site, ARTICLE, NOTICE, NOTICE)
    assert site.rows(VISITS) == [("ok", None), ("ok", "doubtful"), ("ok", None)]
    first, second = site.rows(
        "SELECT seen_from, seen_last, seen_until FROM versions WHERE url LIKE '%/1' ORDER BY version"
    )
    assert first == ("2022-10-21 09:00:00", "2022-10-21 09:00:00", "2022-10-22 09:00:00")
    assert second == ("2022-10-22 09:00:00", "2022-10-23 09:00:00", None)
    assert set(site.rows("SELECT not_before, not_after FROM changes")) == {
        ("2022-10-21 09:00:00", "2022-10-22 09:00:00")
    }
    assert verify(site.archive.settings.archive, deep=True).whole


@pytest.mark.parametrize(
    ("rounds", "versions"),
    [((ARTICLE, STRANGE, ARTICLE), 1), ((ARTICLE, NOTICE, NOTICE, ARTICLE), 3), ((ARTICLE, NOTICE, STRANGE), 2)],
)
def test_reading_again_and_rebuilding_decide_alike(site: Scripted, rounds: tuple[bytes, ...], versions: int) -> None:
    _rounds(site, *rounds)
    before = site.rows(VERSIONS), site.rows(VISITS), site.rows("SELECT field, not_before, not_after FROM changes")
    site.archive.extract("t")
    assert site.rows(VERSIONS) == before[0]
    assert site.rows(VISITS) == before[1]
    assert site.rows("SELECT field, not_before, not_after FROM changes") == before[2]
    (site.selectors / "t.toml").write_text(site.profile().text, encoding="utf-8")
    site.clock.advance(hours=-36)  # this visit is older than the last one, so the history is rebuilt
    site.archive.capture(f"{site.url}/1")
    assert site.rows("SELECT count(*) FROM versions WHERE url LIKE '%/1'") == [(versions,)]
    assert verify(site.archive.settings.archive, deep=True).whole


def _numbered(*numbers: int) -> bytes:
    texts = "".join(f"<p>Item {number}: the board talked about the pipes of street {number}.</p>" for number in numbers)
    return f"<html><body><h1>Agenda</h1><div id=b>{texts}</div></body></html>".encode()


WHOLE = _numbered(*range(8))


@pytest.mark.parametrize("end", [WHOLE.index(b"Item 5"), WHOLE.index(b"street 3") + 3, WHOLE.index(b"</div>")])
def test_an_answer_that_is_cut_changes_nothing(site: Scripted, end: int) -> None:
    _rounds(site, WHOLE, WHOLE[:end], WHOLE)
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.rows("SELECT version, seen_until FROM versions WHERE url LIKE '%/1'") == [(1, None)]


def test_a_text_that_stays_cut_or_has_an_end_is_an_edit(site: Scripted) -> None:
    cut = WHOLE[: WHOLE.index(b"<p>Item 5")]
    _rounds(site, WHOLE, cut, cut)
    assert site.rows("SELECT field, not_after FROM changes") == [("body", "2022-10-22 09:00:00")]
    _rounds(site, WHOLE, _numbered(*range(5)))
    assert site.rows("SELECT count(*) FROM versions WHERE url LIKE '%/1'") == [(4,)]


def test_a_page_that_keeps_its_title_or_words_is_edited_at_once(site: Scripted) -> None:
    short = ARTICLE.replace(TEXT.encode(), b"<p>This report was withdrawn.</p>")
    _rounds(site, ARTICLE, short)
    assert site.rows("SELECT field FROM changes") == [("body",)]
    words = NOTICE.replace(b"At the request", b"The board met in the town hall and talked about the new pipes")
    _rounds(site, ARTICLE, words, path="/1")
    assert site.rows("SELECT count(*) FROM visits WHERE cause = 'doubtful'") == [(0,)]


def test_short_pages_may_be_rewritten_and_the_first_visit_is_a_version(site: Scripted) -> None:
    _rounds(site, STRANGE, NOTICE, STRANGE)
    assert site.rows("SELECT version FROM versions WHERE url LIKE '%/1'") == [(1,), (2,), (3,)]


def test_a_text_with_other_numbers_at_each_visit_becomes_a_version_after_a_week(site: Scripted) -> None:
    _rounds(site, ARTICLE, *(STRANGE.replace(b"4f3a", b"4f%d" % day) for day in range(6)))
    assert site.rows("SELECT version FROM versions WHERE url LIKE '%/1'") == [(1,)]
    _rounds(site, *(STRANGE.replace(b"4f3a", b"5f%d" % day) for day in range(2)))
    assert site.rows("SELECT version, seen_from FROM versions WHERE url LIKE '%/1'")[1] == (2, "2022-10-22 09:00:00")


def test_the_same_text_at_several_addresses_is_a_wall(site: Scripted) -> None:
    site.page("/", "Home", extra="".join(f"<a href=/{n}>n</a>" for n in range(1, 6)))
    for rounds in (ARTICLE, STRANGE, STRANGE, STRANGE, ARTICLE):
        for number in range(1, 6):
            body = rounds.replace(b"Water board", b"Water board %d" % number).replace(b"4f3a", b"4f3%d" % number)
            site.answers[f"/{number}"] = (200, {}, body)
        site.crawl()
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.rows("SELECT count(*), max(version) FROM versions WHERE url NOT LIKE '%/'") == [(5, 1)]
    assert ("blocked", "shared_text") in site.rows(VISITS)
    assert site.rows("SELECT DISTINCT state FROM pages") == [("live",)]


def test_a_page_that_was_gone_is_not_back_by_a_doubtful_text(site: Scripted) -> None:
    _rounds(site, ARTICLE)
    del site.answers["/1"]
    site.crawl()
    site.crawl()
    _rounds(site, STRANGE)
    assert site.rows("SELECT state FROM pages WHERE url LIKE '%/1'") == [("gone",)]
    _rounds(site, ARTICLE)
    assert site.rows("SELECT back_by FROM absences") == [("2022-10-25 09:00:00",)]


@pytest.mark.parametrize("bodies", [(ARTICLE, STRANGE, ARTICLE, ARTICLE), (ARTICLE, NOTICE, NOTICE, NOTICE)])
def test_reading_again_after_pruning_finds_the_same_changes(site: Scripted, bodies: tuple[bytes, ...]) -> None:
    _rounds(site, *bodies)
    before = site.rows("SELECT url, field, old, new, not_before, not_after FROM changes")
    for rule in ("", '\nsummary = ".nothing"'):
        text = f"{site.profile().text}{rule}\n[keep]\nbodies = 1\n"
        (site.selectors / "t.toml").write_text(text, encoding="utf-8")
        prune(site.archive, "t", apply=True)
        site.archive.extract("t")
        assert site.rows("SELECT url, field, old, new, not_before, not_after FROM changes") == before
    assert site.rows("SELECT count(*) FROM visits WHERE url LIKE '%/1' AND cause = 'doubtful'") == [(1,)]
    assert verify(site.archive.settings.archive, deep=True).whole
