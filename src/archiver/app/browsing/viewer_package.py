"""A WACZ file with one page and the requisites of its site, for a viewer that runs scripts."""

from pathlib import Path

from archiver.app.browsing.replay import Copy
from archiver.app.exporting.wacz_out import WaczOptions, export_wacz
from archiver.app.exporting.warc_target import WarcOptions
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import UsageError
from archiver.model.clock import instant
from archiver.model.event import ignore

MOST_BYTES = 300_000_000
"""The maximum size of the bodies in a package."""


def make_package(archive: ArchiveReader, copy: Copy, dest: Path) -> None:
    """Write the package of a copy.

    Args:
        archive: the archive.
        copy: the copy; later ones of its page are in the package, too.
        dest: the file, NAME.wacz.

    Raises:
        UsageError: the package would be too big.
        ArchiveDamaged: the bytes of a capture do not match their digest.
    """
    size = archive.store.browsing.copies.package_bytes(copy.page_id, copy.at)
    if size > MOST_BYTES:
        raise UsageError(
            f"the page and the requisites of its site have {size} bytes; a package has at most {MOST_BYTES}; "
            "`archiver export wacz` writes it as a file"
        )
    wanted = WarcOptions(since=instant(copy.shown.visited_at), pages=(copy.page_url,))
    export_wacz(archive.store, archive.settings, dest, wanted, WaczOptions(force=True), ignore)
