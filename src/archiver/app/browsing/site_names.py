"""Which sites an archive has."""

from typing import Any

from archiver.app.reading.find import known_site
from archiver.app.reading.questions import ArchiveReader


def site_names(archive: ArchiveReader) -> list[str]:
    """Return the names of all sites."""
    return [row["site"] for row in archive.store.browsing.sites.sites()]


def demand_site(archive: ArchiveReader, name: str | None) -> dict[str, Any]:
    """Return the row of a site: site_id, site, title, home, language, timezone; an empty one for None.

    Raises:
        NotInArchive: there is no such site; the message suggests the nearest name.
    """
    if name is None:
        return {}
    known_site(archive.store, name)
    return next(row for row in archive.store.browsing.sites.sites() if row["site"] == name)
