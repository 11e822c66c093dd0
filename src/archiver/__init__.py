"""Archive web portals as evidence, read records from it, and keep the history of what really changed.

    import archiver

    with archiver.open("data/archive.db") as a:
        a.capture("https://example.org/news/1")
        page = a.page("https://example.org/news/1")
        page.versions, page.at("2022-11-01"), page.diff(1, 2), page.readings("views")
        a.search("dân vận khéo")
        list(a.sql("SELECT site, count(*) FROM pages GROUP BY site"))

What this module exports, the command line, its exit codes and JSON, the views of an archive and the profile
format are the public interface; all else may move.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archiver.app.archive import Archive, Captured
    from archiver.app.archive import open_archive as open  # noqa: A004  (archiver.open reads as it should)
    from archiver.app.exporting.export import Exported
    from archiver.app.reading.page import Page
    from archiver.app.reading.state import CrawlSummary, PageState
    from archiver.app.watching.feed import FeedOptions
    from archiver.app.watching.page_events import EventFilter
    from archiver.app.watching.report import Report
    from archiver.errors import ArchiverError

_HOMES = {
    "Archive": "archiver.app.archive:Archive",
    "ArchiverError": "archiver.errors:ArchiverError",
    "Captured": "archiver.app.archive:Captured",
    "CrawlSummary": "archiver.app.reading.state:CrawlSummary",
    "EventFilter": "archiver.app.watching.page_events:EventFilter",
    "FeedOptions": "archiver.app.watching.feed:FeedOptions",
    "Exported": "archiver.app.exporting.export:Exported",
    "Page": "archiver.app.reading.page:Page",
    "Report": "archiver.app.watching.report:Report",
    "PageState": "archiver.app.reading.state:PageState",
    "open": "archiver.app.archive:open_archive",
}

__all__ = [
    "Archive",
    "ArchiverError",
    "Captured",
    "CrawlSummary",
    "EventFilter",
    "Exported",
    "FeedOptions",
    "Page",
    "PageState",
    "Report",
    "open",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Load a public name when it is first used, so that worker processes and `--help` load only what they need."""
    if name not in _HOMES:
        raise AttributeError(f"module 'archiver' has no attribute {name!r}")
    module, _, member = _HOMES[name].partition(":")
    return getattr(import_module(module), member)
