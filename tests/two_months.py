"""The archives of two sites that were crawled in two months: articles, edits, counters and an absence."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.demo.portal import Portal
from archiver.extract.profile import parse_profile
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles
from made import START, Works

SITES = ("east", "west")


def archive_of(site: str, folder: Path) -> Path:
    """Put a copy of a site's archive into a folder; return its path. Each is made once in each process."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in _made(site).iterdir():
        if file.name.startswith("archive") and file.suffix == ".db":
            shutil.copy2(file, folder)
    return folder / "archive.db"


@cache
def _made(site: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="archiver-months."))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    live_a_month(folder / "archive.db", site, seed=5 + SITES.index(site), articles=6)
    return folder


def live_a_month(path: Path, site: str, *, seed: int, articles: int) -> None:
    """Crawl a portal as a site on a few days of October and November, while things happen there."""
    text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8").replace('name = "demo"', f'name = "{site}"')
    with Portal(articles=articles, seed=seed) as portal:
        profile = profiles.at_home(parse_profile(text, site), portal.url)
        clock = SettableClock(START)
        settings = Settings(path, (bundled_profiles(),), clock, Retries(1, 0.0, 0.01))
        with Archive(settings) as archive:
            works = Works(portal, archive, profile, clock)
            works.crawl()
            works.next_day()
            portal.edit_sentence(portal.items[0])
            portal.retitle(portal.items[1], f"Tin mới của {site}")
            portal.withdraw(portal.items[2])
            works.crawl()
            works.next_day()
            works.crawl()
            for _ in range(20):
                works.next_day()
            portal.restore(portal.items[2])
            portal.reset_counter(portal.items[3], 1)
            portal.edit_sentence(portal.items[4])
            works.crawl()
            works.next_day()
            works.crawl()
