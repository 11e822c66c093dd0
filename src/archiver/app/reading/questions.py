"""What an archive is asked: pages, changes, words, SQL, reports, exports. Nothing here alters anything."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from archiver.app.exporting.cite import cite_version
from archiver.app.exporting.export import Exported, TableChoice, export_files
from archiver.app.exporting.package import export_package
from archiver.app.reading.biography import Biography
from archiver.app.reading.find import find_page, known_field, known_site
from archiver.app.reading.page import Page
from archiver.app.reading.permalinks import read_link
from archiver.app.reading.sizes import sizes
from archiver.app.reading.state import told_change
from archiver.app.watching.report import Report, report_sites
from archiver.errors import NotInArchive, UsageError
from archiver.export.citations import Citation
from archiver.export.tables import Style
from archiver.model.event import Listener, ignore
from archiver.model.moments import Moment, since_text, until_text
from archiver.settings import Settings
from archiver.store.archive import Store
from archiver.store.connection import Params
from archiver.store.search import ORDERS, Order, SearchResult
from archiver.text.permalink import permalink

KINDS = ("new", "edited", "gone", "back")


class Questions:
    """The questions to an open archive."""

    settings: Settings

    @property
    def store(self) -> Store:
        """The archive's two files."""
        raise NotImplementedError

    def page(self, url: str) -> Page:
        """A page by any address it was asked, redirected or declared by, or by a permalink (`/web/14 digits/address`).

        Raises:
            UsageError: it is no web address.
            NotInArchive: this archive does not know it.
        """
        link = read_link(url, self.settings.clock())
        if link is None:
            return Page(self.store, find_page(self.store, url), self.settings.clock, url)
        known = find_page(self.store, link.url, link.moment if link.is_exact else None)
        return Page(self.store, known, self.settings.clock, link.url, link)

    def citation(self, version_id: int) -> Citation:
        """What a citation says of a version by its `version_id`, as the view `versions` gives it.

        Raises:
            NotInArchive: there is none, or another reading of its page took its place; then with its permalink.
        """
        version = self.store.history.version_by_id(version_id)
        found = self.store.pages.first_capture_of(version_id)
        if found is None:
            raise NotInArchive(f"{version_id}: no such version_id in {self.store.path}; the view `versions` has them")
        known, seen_from = found
        if version is None:
            link = permalink(seen_from, known.url)
            raise NotInArchive(f"{version_id}: read anew since, so no version now; its page then is {link}")
        return cite_version(self.store, known, version)

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
        """Full text over every version: rows of `found`, with the words marked in their context.

        Args:
            words: words that must all be there; a quoted run is a phrase. Nothing in it is an operator.
            plain: accents do not count, nor does đ differ from d.
            site: only of this site.
            since: versions first seen then or later; text as people type it (UTC), a datetime, or a date.
            until: versions first seen then or earlier; a day is meant whole.
            by: `newest` first seen, or `relevance` (BM25; slow when nearly every page has the words).
            limit: how many at most.

        Raises:
            UsageError: no words, an order that is none, or a moment that is none.
            NotInArchive: no such site.
        """
        if by not in ORDERS:
            raise UsageError(f"{by}: no such order; known: {', '.join(ORDERS)}")
        return self.store.search.hits(self._wanted(words, site, plain=plain, since=since, until=until), by, limit)

    def biography(self, phrase: str, *, plain: bool = False, site: str | None = None) -> Biography:
        """The life of a phrase: when it first appeared, on which pages, where it stands, and who dropped it.

        Args:
            phrase: as `words` of `search`.
            plain: accents do not count.
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
        if not any(char.isalnum() for char in words):
            raise UsageError(f"{words!r}: no word to search for; give one, or a phrase in quotes")
        now = self.settings.clock()
        return SearchResult(
            words,
            plain,
            known_site(self.store, site),
            None if since is None else since_text(since, now),
            None if until is None else until_text(until, now),
        )

    def sql(self, query: str, params: Params = ()) -> Iterator[dict[str, Any]]:
        """Rows of a query over the views, as dicts; it may only read.

        Args:
            query: one statement of SQL; the table `_doc` describes the views.
            params: what stands for its `?`, in order, or for its `:name`, by name.

        Raises:
            UsageError: the SQL is wrong, or would write.
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
        listen: Listener = ignore,
    ) -> Exported:
        """Write a view, the rows of a query, or every view, as files that appear when they are whole.

        Args:
            form: the name of a format: csv, jsonl or parquet (which needs archiver[parquet]).
            dest: a file; a folder, for every view.
            view: only this one.
            sql: the rows of this query.
            site: only of this site; not with a query.
            plain_cells: CSV: leave text as it is that a spreadsheet would run as a formula.
            excel: CSV: with a byte order mark and CRLF.
            describe: write a Table Schema beside each file.
            force: replace files that are there.
            listen: hears how far it is.

        Raises:
            UsageError: the SQL is wrong, there is no such view or format, or a file is there already.
            NotInArchive: there is no such site.
        """
        style = Style(form, plain_cells, excel)
        wanted = TableChoice(view, sql, site)
        return export_files(self.store, Path(dest), wanted, style, describe=describe, force=force, listen=listen)

    def export_package(
        self,
        dest: str | Path,
        *,
        site: str | None = None,
        form: str = "csv",
        force: bool = False,
        listen: Listener = ignore,
    ) -> Exported:
        """Write a data package: every table described, a SQLite file, the profiles, digests, a notebook, a README.

        Args:
            dest: a folder that is not there yet.
            site: only of this site.
            form: of the tables: csv or parquet.
            force: replace a package that is there.
            listen: hears how far it is.

        Raises:
            UsageError: there is something else in the folder, or it is no such format.
            NotInArchive: there is no such site.
        """
        return export_package(self.store, self.settings, Path(dest), site, form, force=force, listen=listen)

    def report(self, site: str | None = None, *, since: Moment | None = None) -> list[Report]:
        """What each site's last crawl brought, or all since a moment; of one site when it is named.

        Raises:
            NotInArchive: there is no such site.
            UsageError: `since` is no moment.
        """
        return report_sites(self.store, [site] if site else [], self.settings.clock, since=since)

    def stats(self) -> dict[str, Any]:
        """Sizes and counts."""
        return sizes(self.settings.archive, self.store, self.settings.clock())
