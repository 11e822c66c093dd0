"""What an archive is asked: pages, changes, words, SQL, reports. Nothing here alters anything."""

from collections.abc import Iterator, Sequence
from typing import Any

from archiver.app.find import find_page, known_field, known_site
from archiver.app.page import Page
from archiver.app.report import Report, report_sites
from archiver.app.sizes import sizes
from archiver.app.state import told_change
from archiver.app.when import Moment, since_text, until_text
from archiver.errors import UsageError
from archiver.settings import Settings
from archiver.store.archive import Store
from archiver.store.doors import Params

KINDS = ("new", "edited", "gone", "back")


class Questions:
    """The questions to an open archive."""

    settings: Settings

    @property
    def store(self) -> Store:
        """The archive's two files."""
        raise NotImplementedError

    def page(self, url: str) -> Page:
        """A page by any address it was asked, redirected or declared by.

        Raises:
            UsageError: it is no web address.
            NotInArchive: this archive does not know it.
        """
        return Page(self.store, find_page(self.store, url), self.settings.clock, url)

    def changes(
        self,
        kinds: str | Sequence[str] = KINDS,
        *,
        site: str | None = None,
        field: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> list[dict[str, Any]]:
        """What happened, oldest first.

        Args:
            kinds: of new, edited, gone and back; one name or several.
            site: only of this site.
            field: only edits of this field.
            since: first seen at or after; text as people type it (UTC), a datetime, or a date.
            until: first seen at or before; a day is meant whole.

        Raises:
            UsageError: a kind, a field or a moment that is none.
            NotInArchive: no such site.
        """
        wanted = [kinds] if isinstance(kinds, str) else list(kinds)
        for kind in wanted:
            if kind not in KINDS:
                raise UsageError(f"{kind}: nothing happens by this name; known: {', '.join(KINDS)}")
        now = self.settings.clock()
        filters = {
            "site": known_site(self.store, site),
            "field": known_field(self.store, field),
            "since": None if since is None else since_text(since, now),
            "until": None if until is None else until_text(until, now),
        }
        return [told_change(row) for row in self.store.history.events(wanted, filters)]

    def search(
        self, words: str, *, plain: bool = False, site: str | None = None, limit: int = 20
    ) -> list[dict[str, Any]]:
        """Full text over every version, newest first; `plain`: accents do not matter."""
        return self.store.history.search(words, plain=plain, site=known_site(self.store, site), limit=limit)

    def sql(self, query: str, params: Params = ()) -> Iterator[dict[str, Any]]:
        """Rows of a query over the views, as dicts; it may only read.

        Args:
            query: one statement of SQL; the table `_doc` describes the views.
            params: what stands for its `?`, in order, or for its `:name`, by name.

        Raises:
            UsageError: the SQL is wrong, or would write.
        """
        return self.store.sql(query, params)

    def report(self, site: str | None = None, *, since: Moment | None = None) -> list[Report]:
        """What each site's last crawl brought, or all since a moment; of one site when it is named.

        Raises:
            NotInArchive: there is no such site.
            UsageError: `since` is no moment.
        """
        return report_sites(self.store, [site] if site else [], self.settings.clock, since=since)

    def stats(self) -> dict[str, Any]:
        """Sizes and counts."""
        return sizes(self.settings.archive, self.store)
