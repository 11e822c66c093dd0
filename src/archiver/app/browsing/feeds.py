"""The feeds of the lists of the web interface: the same filters, from any time."""

from archiver.app.reading.questions import ArchiveReader
from archiver.app.watching.page_events import EventFilter

BYLINE = "byline"
"""The label of an edit whose strongest change is that of the byline: for a feed, edits of the field `bylines`."""


def feed_of(
    archive: ArchiveReader,
    *,
    site: str | None = None,
    page: str | None = None,
    kinds: tuple[str, ...] = (),
    label: str | None = None,
    field: str | None = None,
    words: str | None = None,
    plain: bool = False,
    silent: bool = False,
) -> EventFilter:
    """Return the feed of a list. Pages under an embargo are left out.

    Args:
        archive: the archive.
        site: only of this site.
        page: only of the page with this address.
        kinds: only events of these kinds.
        label: only edits with this label: a nature, or `byline`.
        field: only edits of this field.
        words: only events of pages that say these words before or after.
        plain: `words` ignore accents.
        silent: only silent edits.
    """
    fields = [name for name in (field, "bylines" if label == BYLINE else None) if name]
    return EventFilter(
        sites=(site,) if site else (),
        page=page,
        kinds=kinds,
        fields=tuple(fields),
        natures=(label,) if label and label != BYLINE else (),
        words=words,
        plain=plain,
        silent=silent,
        without=archive.embargoed_pages(),
    )
