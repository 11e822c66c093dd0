"""Apply a proposed repair: write the profile with tests, read all captures again, compare what the archive tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.app.crawling.repair_site import SiteRepair, write_repair
from archiver.app.crawling.reread_site import Extracted, RereadOptions, extract_site
from archiver.extract.profile import load_profile
from archiver.model.event import Listener
from archiver.polite.stop import StopFlag
from archiver.settings import Settings
from archiver.store.archive import Store

Change = tuple[str, str, str, str]
"""The address, the field, and the values before and after."""


@dataclass(frozen=True, slots=True)
class AppliedRepair:
    """What was done.

    Attributes:
        path: the profile; `files`: the pages of its tests.
        extracted: the reading of all captures.
        told: changes of the doubtful pages that the archive tells now; `withdrawn`: those that it told before.
        doubtful: pages of the site that are still in doubt.
    """

    path: Path
    files: tuple[Path, ...]
    extracted: Extracted
    told: tuple[Change, ...]
    withdrawn: tuple[Change, ...]
    doubtful: int

    @property
    def ended(self) -> str:
        """Return how the reading ended: "done", "nothing to do" or "interrupted"."""
        return self.extracted.ended

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return {
            "path": str(self.path),
            "files": [str(each) for each in self.files],
            "told": [_change_json(each) for each in self.told],
            "withdrawn": [_change_json(each) for each in self.withdrawn],
            "doubtful": self.doubtful,
            "extracted": self.extracted.as_json(),
        }


def _change_json(change: Change) -> dict[str, str]:
    return dict(zip(("url", "field", "old", "new"), change, strict=True))


def apply_repair(
    store: Store, settings: Settings, repair: SiteRepair, listen: Listener, stop: StopFlag
) -> AppliedRepair:
    """Write a mended profile, and read all captures of the site again with it, in one commit.

    An interrupt leaves the profile written and the archive as it was; `archiver extract` continues.

    Raises:
        UsageError: a file cannot be written, or the profile was edited meanwhile.
        SiteBusy: a crawl of the site is running.
    """
    pages = [each.page_id for each in repair.pages]
    before = _changes(store, pages)
    path, files = write_repair(repair, store) if repair.tables else (repair.path, ())
    options = RereadOptions(dry_run=False, workers=None, listen=listen, stop=stop)
    extracted = extract_site(store, settings, load_profile(path), options, named=True)
    after = _changes(store, pages)
    site_id = store.pages.site_id(repair.name)
    doubtful = len(store.sample_captures.in_doubt(site_id)) if site_id is not None else 0
    earlier, later = set(before), set(after)
    told = tuple(each for each in after if each not in earlier)
    withdrawn = tuple(each for each in before if each not in later)
    return AppliedRepair(path, files, extracted, told, withdrawn, doubtful)


def _changes(store: Store, pages: Sequence[int]) -> list[Change]:
    rows = [row for page_id in pages for row in store.history.changes_of(page_id)]
    return [(row["url"], row["field"], str(row["old"] or ""), str(row["new"] or "")) for row in rows]
