"""An archive of two sites: a portal crawled for five days with edits, absences and a re-reading, and a second site."""

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
from archiver.model.profile import Profile
from archiver.settings import Settings, bundled_profiles
from made import START, Works


def live(folder: Path) -> Path:
    """Put a copy of the archive into a folder; return its path. It is made once in each process."""
    for file in _made().iterdir():
        shutil.copy2(file, folder)
    return folder / "archive.db"


@cache
def _made() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="archiver-lived."))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with Portal(articles=8) as portal, Portal(articles=3, seed=5) as second:
        settings = Settings(folder / "archive.db", (bundled_profiles(),), SettableClock(START), Retries(1, 0.0, 0.01))
        with Archive(settings) as archive:
            works = Works(portal, archive, _profile(portal), settings.clock)  # type: ignore[arg-type]
            works.crawl()
            works.next_day()
            _happen(portal)
            works.crawl()
            works.next_day()
            works.crawl()
            portal.restore(portal.items[2])
            portal.reset_counter(portal.items[3], 1)
            works.next_day()
            works.crawl()
            archive.crawl(_profile(portal, ("bylines", "authors_shown")), everything=True)
            archive.crawl(_profile(second, ('name = "demo"', 'name = "second"')), everything=True)
    return folder


def _happen(portal: Portal) -> None:
    portal.edit_sentence(portal.items[0])
    portal.retitle(portal.items[1], "=HYPERLINK(1)")
    portal.withdraw(portal.items[2])


def _profile(portal: Portal, change: tuple[str, str] = ("", "")) -> Profile:
    text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
    return profiles.at_home(parse_profile(text.replace(*change) if change[0] else text, "demo"), portal.url)
