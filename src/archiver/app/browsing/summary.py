"""What every page of the web interface says of the archive."""

from dataclasses import dataclass
from typing import Any

from archiver.app.reading.questions import ArchiveReader
from archiver.app.watching.current_alarms import current_alarms


@dataclass(frozen=True, slots=True)
class ArchiveSummary:
    """The values at the top and at the end of each page.

    Attributes:
        name: the archive's name.
        sites: each with `site`, `title`, `home`, `language` and `timezone`.
        last_run: when the newest run ended, or began if it is still running (UTC text); None without runs.
        alarms: the number of alarms that hold now.
        chain: the head of the hash chain, hex; None without visits.
        reader: the version of the reader, and the first digits of the profile's hash; "" before anything was read.
    """

    name: str
    sites: tuple[dict[str, Any], ...]
    last_run: str | None
    alarms: int
    chain: str | None
    reader: str
    profile: str

    def zone(self, site: str | None) -> str:
        """Return the time zone of a site; "" when it has none."""
        return next((each["timezone"] for each in self.sites if each["site"] == site), "")

    def language(self, site: str | None) -> str:
        """Return the language of a site; "" when it has none."""
        return next((each["language"] for each in self.sites if each["site"] == site), "")


def summary(archive: ArchiveReader, name: str = "") -> ArchiveSummary:
    """Return what every page says of an archive.

    Args:
        archive: the archive.
        name: its name; by default the title of its only site, or the name of its file.
    """
    queries = archive.store.browsing.summary
    sites = tuple(archive.store.browsing.sites.sites())
    run, reader = queries.last_run(), queries.reader()
    head = archive.store.browsing.about.head()
    return ArchiveSummary(
        name or _name(archive, sites),
        sites,
        run["ended_at"] if run else None,
        len(current_alarms(archive)),
        head["chain"] if head else None,
        reader["code_version"].partition(" ")[0] if reader else "",
        reader["profile"] if reader else "",
    )


def _name(archive: ArchiveReader, sites: tuple[dict[str, Any], ...]) -> str:
    title = sites[0]["title"] or sites[0]["site"] if len(sites) == 1 else archive.store.path.stem
    return f"{title} archive" if title != "archive" else "archive"
