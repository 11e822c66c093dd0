"""The archive as a whole: what it stores, how it can be checked, and what would make it safer."""

from dataclasses import dataclass
from typing import Any

from archiver.app.reading.questions import ArchiveReader
from archiver.app.watching.doctor import advise
from archiver.model.clock import written
from archiver.settings import package_version
from archiver.store.views import VIEWS


@dataclass(frozen=True, slots=True)
class AboutArchive:
    """The archive as a whole. Times are UTC text.

    Attributes:
        archive: the name of its file; `archive_id`: its identity, the same in all its copies.
        archive_bytes, vault_bytes: the sizes of its two files; the second is None when it is missing.
        bodies, bodies_kept_bytes, bodies_bytes: the stored bodies: their number, their size as stored and as sent.
        counts: how many there are of sites, visits, versions, contents, runs, redactions, …
        head: the newest visit and its link of the hash chain: visit_id, visited_at, chain.
        verified: the newest verification that found the archive whole; `since_verified`: visits after it.
        embargoes: the rules that hold now; `embargoed_pages`: how many pages they hold back.
        schema: the version of the schema; `program`: of this archiver; `readers`: of those that read the sites.
        advice: topic, text and command, as `archiver doctor` says.
        views: the views of SQL: name and meaning.
    """

    archive: str
    archive_id: str
    archive_bytes: int
    vault_bytes: int | None
    bodies: int | None
    bodies_kept_bytes: int | None
    bodies_bytes: int | None
    counts: dict[str, int]
    head: dict[str, Any] | None
    verified: dict[str, Any] | None
    since_verified: int
    embargoes: int
    embargoed_pages: int
    schema: int
    program: str
    readers: tuple[dict[str, Any], ...]
    advice: tuple[dict[str, Any], ...]
    views: tuple[dict[str, str], ...]


def about(archive: ArchiveReader) -> AboutArchive:
    """Return what there is to say of the archive. Nothing of it names a page."""
    store, queries = archive.store, archive.store.browsing.about
    head, verified, counts = queries.head(), queries.verified(), queries.counts()
    rules = store.embargoes.standing(written(archive.settings.clock()))
    archive_bytes, vault_bytes = archive.file_sizes()
    vault = store.vault_size()
    bodies, kept, sent = vault or (None, None, None)
    return AboutArchive(
        store.path.name,
        store.archive_id,
        archive_bytes,
        vault_bytes if vault else None,
        bodies,
        kept,
        sent,
        counts,
        head,
        verified,
        counts["visits"] - (verified["visits"] if verified else 0),
        len(rules),
        store.embargoes.count(archive.embargoed_pages()),
        queries.schema(),
        package_version(),
        tuple(queries.readers()),
        tuple(each.as_json() for each in advise(archive)),
        tuple({"view": view.name, "meaning": view.meaning} for view in VIEWS),
    )
