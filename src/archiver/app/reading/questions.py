"""The read-only part of the public API: pages, changes, search, SQL, reports, exports."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archiver.app.reading.biography import Biography
from archiver.app.reading.find import find_page, known_field, known_natures, known_site
from archiver.app.reading.open_archive import OpenArchive
from archiver.app.reading.page import Page
from archiver.app.reading.permalinks import read_permalink
from archiver.app.reading.search_words import search_for
from archiver.app.reading.state import change_json
from archiver.errors import NotInArchive, UsageError
from archiver.model.event import Listener, ignore
from archiver.model.moments import Moment, since_text, until_text
from archiver.store.connection import Params
from archiver.store.search import ORDERS, Order, SearchResult
from archiver.text.permalink import permalink

if TYPE_CHECKING:
    from archiver.app.exporting.export import Exported
    from archiver.app.watching.feed import FeedOptions
    from archiver.app.watching.page_events import EventFilter
    from archiver.app.watching.report import Report
    from archiver.export.citations import Citation

KINDS = ("new", "edited", "redesign", "gone", "moved", "back")
_ALL_KINDS = (*KINDS, "template")


class ArchiveReader(OpenArchive):
    """An open archive to read. Use as a context manager.

    Each method imports what only it needs, so that the commands that read start fast.
    """

    def page(self, url: str) -> Page:
        """Return a page by any of its addresses (requested, redirected, declared) or by a permalink.

        A permalink has the form `/web/` + 14 digits + `/` + address.

        Raises:
            UsageError: it is not a web address.
            NotInArchive: the archive has no such page.
        """
        link = read_permalink(url, self.settings.clock())
        if link is None:
            return Page(self.store, find_page(self.store, url), self.settings.clock, url)
        known = find_page(self.store, link.url, link.moment if link.is_exact else None)
        return Page(self.store, known, self.settings.clock, link.url, link)

    def citation(self, version_id: int) -> "Citation":
        """Return the citation of a version by its `version_id` in the view `versions`.

        Raises:
            NotInArchive: there is no such version, or a later extractor replaced it; the message has its permalink.
        """
        from archiver.app.exporting.cite import cite_version  # noqa: PLC0415  (start-up)

        version = self.store.history.version_by_id(version_id)
        found = self.store.pages.first_capture_of(version_id)
        if found is None:
            raise NotInArchive(f"{version_id}: no such version_id in {self.store.path}; the view `versions` has them")
        known, seen_from = found
        if version is None:
            link = permalink(seen_from, known.url)
            raise NotInArchive(f"{version_id}: a later extractor replaced this version; its page at that time: {link}")
        return cite_version(self.store, known, version)

    def changes(
        self,
        kinds: str | Sequence[str] = KINDS,
        *,
        site: str | None = None,
        field: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        natures: str | Sequence[str] = (),
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[dict[str, Any]]:
        """Return what happened, oldest first.

        Rows of a folder and of its index page with equal content have `also`: the address of the other.

        Args:
            kinds: new, edited, gone, moved, back, redesign; one name or several. template: single changes of redesigns.
            site: only of this site.
            field: only edits of this field.
            since: first seen at or after; text such as `2022-11-01 10:00` (UTC), a datetime, or a date.
            until: first seen at or before; a date includes the whole day.
            natures: only edits of these natures: words, figures, typography, order, media; one name or several.
            limit: the maximum number of rows.
            newest_first: begin with the newest.

        Raises:
            UsageError: an unknown kind, field or nature, or a text that is not a moment.
            NotInArchive: no such site.
        """
        wanted = [kinds] if isinstance(kinds, str) else list(kinds)
        for kind in wanted:
            if kind not in _ALL_KINDS:
                raise UsageError(f"{kind}: no such kind of change; known: {', '.join(_ALL_KINDS)}")
        filters = self._filters(site, field, since, until)
        rows = self.store.history.events(
            wanted, filters, natures=known_natures(natures), limit=limit, newest_first=newest_first
        )
        return [change_json(self.store.redesigns.described(row)) for row in rows]

    def _filters(
        self, site: str | None, field: str | None, since: Moment | None, until: Moment | None
    ) -> dict[str, str | None]:
        now = self.settings.clock()
        return {
            "site": known_site(self.store, site),
            "field": known_field(self.store, field),
            "since": None if since is None else since_text(since, now),
            "until": None if until is None else until_text(until, now),
        }

    def silent_edits(
        self,
        *,
        site: str | None = None,
        field: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        natures: str | Sequence[str] = (),
        template: bool = False,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[dict[str, Any]]:
        """Return edits that pages do not own up to, and claims of edits without one: rows of the view `silent_edits`.

        Changes of redesigns and edits of typography are left out. Each row has the `title` that the page had then.

        Args:
            site: only of this site.
            field: only edits of this field.
            since: first seen at or after; as for `changes`.
            until: first seen at or before; a date includes the whole day.
            natures: only edits of these natures, as for `changes`; also of typography.
            template: only changes of redesigns, of all natures.
            limit: the maximum number of rows.
            newest_first: begin with the newest.

        Raises:
            UsageError: an unknown field or nature, or a text that is not a moment.
            NotInArchive: no such site.
        """
        filters, wanted = self._filters(site, field, since, until), known_natures(natures)
        return self.store.moves.silent_edits(filters, wanted, template=template, limit=limit, newest_first=newest_first)

    def search(
        self,
        words: str,
        *,
        plain: bool = False,
        site: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        by: Order = "newest",
        limit: int = 20,
    ) -> list[dict[str, Any]]:
        """Search the full text of every version; return rows of `found`, with the words marked in their context.

        Args:
            words: words that must all occur; words in quotes are a phrase. There are no operators.
            plain: ignore accents, and treat đ as d.
            site: only of this site.
            since: versions first seen then or later; text such as `2022-11-01` (UTC), a datetime, or a date.
            until: versions first seen then or earlier; a date includes the whole day.
            by: `newest` first seen first, or `relevance` (BM25; slow when nearly every page has the words).
            limit: the maximum number of rows.

        Raises:
            UsageError: no words, an unknown order, or a text that is not a moment.
            NotInArchive: no such site.
        """
        if by not in ORDERS:
            raise UsageError(f"{by}: no such order; known: {', '.join(ORDERS)}")
        return self.store.search.hits(self._wanted(words, site, plain=plain, since=since, until=until), by, limit)

    def biography(self, phrase: str, *, plain: bool = False, site: str | None = None) -> Biography:
        """Return the history of a phrase: when it first appeared, which pages have it now, which edits removed it.

        Args:
            phrase: as `words` of `search`.
            plain: ignore accents.
            site: only of this site.

        Raises:
            UsageError: no words.
            NotInArchive: no such site.
        """
        return Biography(phrase, tuple(self.store.search.spans(self._wanted(phrase, site, plain=plain))))

    def _wanted(
        self,
        words: str,
        site: str | None,
        *,
        plain: bool,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> SearchResult:
        now = self.settings.clock()
        return search_for(self.store, words, now, plain=plain, site=site, since=since, until=until)

    def sql(self, query: str, params: Params = ()) -> Iterator[dict[str, Any]]:
        """Yield the rows of a read-only query over the views, as dicts.

        Args:
            query: one statement of SQL; the table `_doc` describes the views.
            params: the values of its `?`, in order, or of its `:name`, by name.

        Raises:
            UsageError: the SQL is invalid, or would write.
        """
        return self.store.sql(query, params)

    def export(
        self,
        form: str,
        dest: str | Path,
        *,
        view: str | None = None,
        sql: str | None = None,
        site: str | None = None,
        plain_cells: bool = False,
        excel: bool = False,
        describe: bool = False,
        force: bool = False,
        include_embargoed: bool = False,
        listen: Listener = ignore,
    ) -> "Exported":
        """Write a view, the rows of a query, or every view as files. They appear when they are complete.

        Args:
            form: the name of a format: csv, jsonl or parquet (which needs the package pyarrow).
            dest: a file; a folder, for every view.
            view: only this one.
            sql: the rows of this query.
            site: only of this site; not with a query.
            plain_cells: CSV: do not escape text that a spreadsheet would run as a formula.
            excel: CSV: with a byte order mark and CRLF.
            describe: write a Table Schema for each file, next to it.
            force: replace files that exist.
            include_embargoed: also write pages under an embargo.
            listen: called with progress events.

        Raises:
            UsageError: the SQL is invalid, there is no such view or format, or a file exists.
            NotInArchive: there is no such site.
        """
        from archiver.app.exporting.export import TableChoice, export_files  # noqa: PLC0415  (start-up)
        from archiver.export.tables import Style  # noqa: PLC0415  (start-up)

        style = Style(form, plain_cells, excel)
        wanted = TableChoice(view, sql, site, without=() if include_embargoed else self.embargoed_pages())
        return export_files(self.store, Path(dest), wanted, style, describe=describe, force=force, listen=listen)

    def export_package(
        self,
        dest: str | Path,
        *,
        site: str | None = None,
        form: str = "csv",
        force: bool = False,
        include_embargoed: bool = False,
        listen: Listener = ignore,
    ) -> "Exported":
        """Write a data package: tables with descriptions, a SQLite file, profiles, digests, a notebook, a README.

        Args:
            dest: a folder that does not exist yet.
            site: only of this site.
            form: the format of the tables: csv or parquet.
            force: replace a package that exists.
            include_embargoed: also write pages under an embargo.
            listen: called with progress events.

        Raises:
            UsageError: the folder holds other files, or there is no such format.
            NotInArchive: there is no such site.
        """
        from archiver.app.exporting.package import PackageChoice, export_package  # noqa: PLC0415  (start-up)

        chosen = PackageChoice(site, form, () if include_embargoed else self.embargoed_pages())
        return export_package(self.store, self.settings, Path(dest), chosen, force=force, listen=listen)

    def report(self, site: str | None = None, *, since: Moment | None = None) -> "list[Report]":
        """Return a report on the last crawl of each site, or of one site, or on all crawls since a moment.

        Raises:
            NotInArchive: there is no such site.
            UsageError: `since` is not a moment.
        """
        from archiver.app.watching.report import report_sites  # noqa: PLC0415  (start-up)

        return report_sites(self.store, [site] if site else [], self.settings.clock, since=since)

    def feed(self, wanted: "EventFilter | None" = None, options: "FeedOptions | None" = None) -> Iterator[str]:
        """Yield an Atom feed of what happened, newest first, as text to be encoded as UTF-8.

        Args:
            wanted: which events; by default all but edits of typography alone. Its `since` may be any moment.
            options: the most entries, and the addresses of the feed and of the web interface.

        Raises:
            UsageError: an unknown kind, nature or field, a text that is not a moment, or an address that is none.
            NotInArchive: there is no such site or page.
        """
        from archiver.app.watching.feed import feed  # noqa: PLC0415  (start-up)
        from archiver.app.watching.page_events import EventFilter  # noqa: PLC0415  (start-up)

        wanted = wanted or EventFilter(without=self.embargoed_pages())
        since = None if wanted.since is None else since_text(wanted.since, self.settings.clock())
        return feed(self.store, replace(wanted, since=since), options)
