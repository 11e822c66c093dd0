"""The portals of the fleet's tests: what they serve and log is what a plain crawl archives."""

from pathlib import Path

import pytest

from archiver.app.archive import Archive
from archiver.model.clock import system_clock
from archiver.settings import Settings
from fleet_portals import Portals


def crawl(portals: Portals, path: Path, site: str) -> None:
    with Archive(Settings(path, (portals.selectors,), system_clock)) as archive:
        archive.crawl(site, everything=True)


def test_a_plain_crawl_has_the_true_pages_in_all_editions(tmp_path: Path) -> None:
    with Portals(tmp_path, count=2, pages=7, delay=0.02) as portals:
        first, second = portals.all
        crawl(portals, tmp_path / "a.db", first.name)
        portals.check_archive(first, tmp_path / "a.db")
        assert portals.refetched(first, tmp_path / "a.db") == 0
        portals.set(edition=2)
        crawl(portals, tmp_path / "a.db", first.name)
        portals.check_archive(first, tmp_path / "a.db", editions=(1, 2))
        portals.check_delay()
        assert {each.portal for each in portals.asked()} == {first.name}
        with pytest.raises(AssertionError):
            portals.check_archive(second, tmp_path / "a.db")


def test_the_log_shows_two_requests_that_are_too_close(tmp_path: Path) -> None:
    with Portals(tmp_path, count=3, pages=3, delay=0.05, groups={"one": 2}) as portals:
        crawl(portals, tmp_path / "a.db", "p00")
        portals.check_delay()
        portals.delay = 5.0
        with pytest.raises(AssertionError):
            portals.check_delay()
