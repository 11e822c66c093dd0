"""A first miss is shown: in the state of the page, in the summary of the crawl, and in its history."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.cli import run
from scripted import Scripted


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home", extra="<a href=/a>a</a><a href=/b>b</a><a href=/never>n</a>")
    scripted.page("/a", "A")
    scripted.page("/b", "B")
    yield scripted
    scripted.close()


def states(site: Scripted) -> dict[str, str]:
    rows = site.rows("SELECT url, state FROM pages WHERE coalesce(kind, '') NOT IN ('sitemap', 'feed')")
    return {url.removeprefix(site.url): state for url, state in rows}


def test_a_first_miss_is_shown_until_it_is_proved_or_the_page_is_back(site: Scripted) -> None:
    assert site.archive.crawl(site.profile(), everything=True).missing == 0, "a page that was never there is not missed"
    assert states(site) == {"/": "live", "/a": "live", "/b": "live", "/never": "missing"}
    page = site.answers.pop("/a")
    site.clock.advance(days=1)
    summary = site.archive.crawl(site.profile(), everything=True)
    assert (summary.missing, summary.tally.gone) == (1, 0)
    assert states(site)["/a"] == "missing"
    assert site.archive.page(site.url + "/a").state == "missing"
    miss = site.archive.page(site.url + "/a").first_miss
    assert miss is not None
    assert (miss.at[:10], miss.evidence[:8], miss.due_at) == ("2022-10-22", "404 gone", summary.second_proof_due)
    assert summary.as_json()["second_proof_due"] == miss.due_at
    del site.answers["/b"]
    site.clock.advance(days=1)
    summary = site.archive.crawl(site.profile(), everything=True)
    assert (summary.missing, summary.tally.gone) == (1, 1), "the second miss proves it; another page is missed"
    assert (states(site)["/a"], states(site)["/b"]) == ("gone", "missing")
    assert site.archive.page(site.url + "/a").first_miss is None
    site.answers |= {"/a": page, "/b": page}
    site.clock.advance(days=1)
    assert site.archive.crawl(site.profile(), everything=True).missing == 0
    assert (states(site)["/a"], states(site)["/b"]) == ("live", "live")


def test_a_failure_after_a_first_miss_leaves_it_missing(site: Scripted) -> None:
    site.crawl()
    site.answers["/a"] = (404, {}, b"")
    site.crawl()
    site.answers["/a"] = (503, {}, b"")
    site.crawl()
    assert states(site)["/a"] == "missing"


def test_the_commands_show_it(site: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    (site.selectors / "t.toml").write_text(site.profile().text, encoding="utf-8")
    site.crawl()
    del site.answers["/a"]
    words = ["--archive", str(site.archive.settings.archive), "--selectors", str(site.selectors)]
    assert run([*words, "crawl", "t", "--all"]) in (0, 5)
    out = capsys.readouterr().out
    assert "1 missing once, second proof due 20" in out
    assert run([*words, "history", site.url + "/a"]) == 0
    out = capsys.readouterr().out
    assert "(missing; 2 visits)" in out
    assert "missing once (404 gone at 20" in out
    assert "; second proof due 20" in out
