"""Pages that change are visited more often, within bounds and budget, and each visit has a reason."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.app.crawling.plan import plan_visits
from archiver.errors import ProfileError
from archiver.extract.profile import parse_profile
from archiver.model.profile import Profile
from scripted import Scripted


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home", extra="<a href=/quiet>q</a> <a href=/busy>b</a>")
    scripted.page("/quiet", "Quiet")
    scripted.page("/busy", "Busy")
    yield scripted
    scripted.close()


def _profile(site: Scripted, revisit: str = '{ min = "1h", max = "30d" }') -> Profile:
    text = f"""[site]\nname = "t"\nhome = "{site.url}/"\n[crawl]\ndelay = 0.0\nsitemaps = []\nrevisit = {revisit}
        [[page]]\nkind = "listing"\nurl = '/$'\n
        [[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n"""
    (site.selectors / "t.toml").write_text(text, encoding="utf-8")
    return parse_profile(text, "t")


def _count(site: Scripted, path: str) -> int:
    return site.asked.count(path)


def test_pages_that_change_are_visited_more_often(site: Scripted) -> None:
    profile = _profile(site)
    for hour in range(24 * 12):
        site.page("/busy", "Busy", f"Tin lúc {hour // 6} giờ.")
        site.archive.crawl(profile)
        site.clock.advance(hours=1)
    assert _count(site, "/busy") > 3 * _count(site, "/quiet")
    assert 2 <= _count(site, "/quiet") <= 20
    assert _count(site, "/") >= 8, "where news would appear"
    reasons = dict(site.rows("SELECT url, reason FROM visits ORDER BY visit_id"))
    assert "changes about every" in reasons[f"{site.url}/busy"]
    first = site.rows("SELECT reason FROM visits ORDER BY visit_id LIMIT 3")
    assert {row[0] for row in first} == {"before the first page, and each 24 hours", "start", "link"}
    found = site.rows(f"SELECT count(*) FROM changes WHERE url = '{site.url}/busy' AND field = 'body'")[0][0]
    assert found >= 30, "of 47 that were made"


def test_a_fixed_interval_is_not_learned(site: Scripted) -> None:
    profile = _profile(site, '{ every = "6h" }')
    for _ in range(48):
        site.archive.crawl(profile)
        site.clock.advance(hours=1)
    assert [_count(site, path) for path in ("/", "/quiet", "/busy")] == [8, 8, 8]


def test_the_daily_budget_is_kept(site: Scripted) -> None:
    links = "".join(f"<a href=/{number}>n</a>" for number in range(60))
    site.page("/", "Home", extra=links)
    for number in range(60):
        site.page(f"/{number}", f"N{number}")
    profile = _profile(site, "{ budget = 24 }")
    summary = site.archive.crawl(profile)
    assert (summary.tally.visits, summary.ended) == (24, "limit")
    site.clock.advance(hours=6)
    assert site.archive.crawl(profile).tally.visits == 6, "those of the six hours"
    site.clock.advance(days=1)
    assert site.archive.crawl(profile).tally.visits == 24
    site.clock.advance(days=2)
    site.archive.crawl(profile)
    for _ in range(4):
        site.clock.advance(hours=6)
        assert site.archive.crawl(profile).tally.visits <= 6
    assert site.archive.crawl(profile, everything=True).tally.visits > 50, "--all asks for all"


def test_on_a_dying_server_new_pages_come_first(site: Scripted) -> None:
    old = [f"/old{number}" for number in range(20)]
    new = [f"/new{number}" for number in range(5)]
    site.page("/", "Home", extra="".join(f"<a href={path}>x</a>" for path in old))
    for path in old:
        site.page(path, path)
    profile = _profile(site, '{ every = "1d" }')
    site.archive.crawl(profile)
    site.page("/", "Home", extra="".join(f"<a href={path}>x</a>" for path in (*old, *new)))
    for path in old[:15]:
        del site.answers[path]
    for path in new:
        site.page(path, path)
    site.clock.advance(days=1)
    site.archive.crawl(profile, limit=16)
    site.clock.advance(days=2)
    site.asked.clear()
    site.archive.crawl(profile, limit=5)
    assert set(site.asked[-5:]) == set(new)


def test_the_plan_has_the_next_visits_with_reasons(site: Scripted) -> None:
    site.archive.crawl(_profile(site))
    found = plan_visits(site.archive, "t")
    assert (found.known, found.due, found.budget) == (3, 0, None)
    assert found.pages[0].url == f"{site.url}/"
    assert all(page.last_visited == "2022-10-21 09:00:00" and page.reason for page in found.pages)
    assert found.pages[0].due_at <= found.pages[1].due_at <= found.pages[2].due_at
    site.clock.advance(days=40)
    assert plan_visits(site.archive, "t").due == 3
    assert plan_visits(site.archive, "t", limit=1).pages[0].reason.startswith("not seen for 40 days")


def test_a_fixed_interval_excludes_other_revisit_keys(site: Scripted) -> None:
    with pytest.raises(ProfileError, match="cannot be combined"):
        _profile(site, '{ every = "6h", max = "1d" }')
