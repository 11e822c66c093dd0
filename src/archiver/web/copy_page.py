"""The page around a copy: what it is, where it stands among the versions, and what of it the archive has."""

from typing import Any

from markupsafe import Markup

from archiver.app.browsing.citing import citation_tags
from archiver.app.browsing.copy_requisites import CopyRequisites, requisites_of_copy
from archiver.app.browsing.replay import Copy, CopyPlace
from archiver.app.browsing.served_copy import MOST_CHARACTERS, form_of
from archiver.app.browsing.strip import strip_of
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import ArchiveDamaged, NoSuchVersion, NotInArchive, VaultMissing, VersionRedacted
from archiver.web.links import Links
from archiver.web.svg.strip import mini_strip
from archiver.web.viewer_application import viewer_address


def banner_values(archive: ArchiveReader, name: str, links: Links, copy: Copy, place: CopyPlace) -> dict[str, Any]:
    """Return the values of the template `copy.html`.

    Args:
        archive: the archive.
        name: its name in the server.
        links: makes addresses.
        copy: the copy.
        place: its place in time.

    Raises:
        BodyPruned: the bytes of the copy were pruned or redacted.
    """
    form, browser, fault, requisites = "", "", "", CopyRequisites()
    try:
        form, browser = form_of(archive, copy)
        requisites = requisites_of_copy(archive, copy)
    except VaultMissing:
        raise
    except ArchiveDamaged as damage:
        fault = str(damage)
    version = place.version
    title = archive.store.browsing.copies.title(version.version_id) if version else ""
    return {
        "title": f"Copy of {copy.at} UTC: {title or copy.page_url}",
        "copy": copy,
        "citation": _tags(archive, version.version_id if version else None),
        "place": place,
        "said": title,
        "state": "damaged" if fault else "circle" if copy.is_redirect else form,
        "browser": browser,
        "fault": fault,
        "requisites": requisites,
        "is_long": form == "page" and (copy.shown.bytes or 0) > MOST_CHARACTERS,
        "strip": _strip(archive, copy, place),
        "frame": links.replay(copy.at, copy.url),
        "living": viewer_address(links.viewer_origin, name, copy.digits, copy.url) if links.viewer_origin else "",
    }


def _tags(archive: ArchiveReader, version_id: int | None) -> list[list[str]]:
    """Return the tags by which reference managers cite the version that a copy shows; none where nothing was read."""
    try:
        return citation_tags(archive.citation(version_id)) if version_id is not None else []
    except (NoSuchVersion, NotInArchive, VersionRedacted):
        return []


def _strip(archive: ArchiveReader, copy: Copy, place: CopyPlace) -> Markup:
    """Return the small strip of the page's versions, with that of the copy filled; "" before there are versions."""
    strip = strip_of(archive.store, copy.page_id, counters=False) if place.versions else None
    if strip is None:
        return Markup()
    chosen = frozenset((place.version.version,)) if place.version else frozenset()
    return mini_strip(strip, chosen, "Where this copy stands among the versions")
