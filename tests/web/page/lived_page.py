"""An archive of one article that was edited, withdrawn twice, could not be fetched thrice, and was not visited for days."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.demo.portal import Portal
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles
from made import START

DAYS = 40
UNVISITED = range(20, 25)
"""The days without a visit."""


@dataclass(frozen=True, slots=True)
class LivedPage:
    """The archive, and the article in it. `listing`: the page of the portal's front page."""

    path: Path
    url: str
    page_id: int
    listing: int


def live_page(folder: Path, days: int = DAYS) -> LivedPage:
    """Make the archive."""
    with Portal(articles=8) as portal:
        settings = Settings(
            folder / "archive.db", (_profiles(folder, portal),), SettableClock(START), Retries(1, 0.0, 0.01)
        )
        item = portal.items[2]
        happen = _events(portal, item)
        with Archive(settings) as archive:
            profile = profiles.by_name("demo", settings.selectors)
            archive.crawl(profile, everything=True)
            for day in range(1, days):
                settings.clock.advance(days=1)  # type: ignore[attr-defined]
                portal.age(days=1)
                happen.get(day, lambda: None)()
                if day in (6, 30):
                    archive.crawl(profile, everything=True)
                elif day not in UNVISITED:
                    archive.capture(portal.address(item), site="demo")
            page = archive.page(portal.address(item))
            front = archive.page(portal.url + "tintuc/default.aspx")
            return LivedPage(settings.archive, page.url, page.page_id, front.page_id)


def _profiles(folder: Path, portal: Portal) -> Path:
    """Write the profile of the demo with the portal's address, so that captures are not delayed; return its folder."""
    text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
    (folder / "selectors").mkdir()
    (folder / "selectors" / "demo.toml").write_text(
        text.replace("http://127.0.0.1:8911/", portal.url), encoding="utf-8"
    )
    return folder / "selectors"


def _events(portal: Portal, item: int) -> dict[int, Callable[[], object]]:
    title, path = portal.article(item).title, f"ItemID={item}"
    return {
        2: lambda: portal.withdraw(item),
        4: lambda: portal.restore(item),
        6: lambda: portal.edit_sentence(item),
        9: lambda: portal.retitle(item, title.replace("khởi công", "tạm dừng") + " <b>&"),
        11: lambda: portal.fail(path, 503, times=2),
        14: lambda: portal.withdraw(item),
        19: lambda: portal.restore(item),
        27: lambda: portal.drop(path, times=1),
        28: lambda: portal.sign(item, "LQH"),
        30: lambda: portal.reset_counter(item, 1),
        34: lambda: portal.edit_sentence(item),
    }
