"""One page of an archive: its versions, their content and differences, and its counters."""

from functools import cached_property
from typing import Any

from archiver.app.exporting.cite import cite_capture, cite_version, format_citation
from archiver.app.reading.browser_view import browser_view
from archiver.app.reading.permalinks import PermalinkTarget, ResolvedPermalink, resolve
from archiver.app.reading.state import PageState, change_json
from archiver.change.decide import differing
from archiver.errors import NoSuchVersion, UsageError, VersionRedacted
from archiver.export.citations import Citation
from archiver.model.clock import Clock, written
from archiver.model.moments import Moment, parse_when
from archiver.model.version import FieldChange, Verdict
from archiver.store.archive import Store
from archiver.store.history import FirstMiss, KeptVersion, VisitRow
from archiver.store.listing_history import ShownEdition
from archiver.store.move_queries import PageMove
from archiver.store.pages import KnownPage


class Page:
    """A page in the archive. Every property queries the archive again, except `versions`, which is cached.

    When the page was opened by a permalink, `state_at`, `capture_at`, `citation` and `cite` use its moment.
    """

    def __init__(
        self, store: Store, known: KnownPage, clock: Clock, requested: str, link: ResolvedPermalink | None = None
    ) -> None:
        self._store = store
        self._known = known
        self._clock = clock
        self._link = link
        self.requested = requested

    def __repr__(self) -> str:
        return f"<Page {self.url} ({self.state}, {len(self.versions)} versions)>"

    @property
    def page_id(self) -> int:
        """Return its number in this archive."""
        return self._known.page_id

    @property
    def url(self) -> str:
        """Return its address."""
        return self._known.url

    @property
    def site(self) -> str:
        """Return its site's name."""
        return self._known.site

    @property
    def state(self) -> str:
        """Return its state: live, missing, gone, moved, blocked or unknown."""
        return self._store.history.shown_state(self.page_id) or self._known.state

    @property
    def first_miss(self) -> FirstMiss | None:
        """Return the visit that did not find it, while no second one proves that it is gone; else None."""
        return self._store.history.missed_once(self.page_id)

    @cached_property
    def versions(self) -> list[KeptVersion]:
        """Return every version, oldest first."""
        return self._store.history.versions(self.page_id)

    @property
    def visits(self) -> list[VisitRow]:
        """Return every attempt to fetch it, oldest first."""
        return self._store.history.visits_of(self.page_id)

    @property
    def absences(self) -> list[dict[str, Any]]:
        """Return the time spans over which it was proven gone: rows of the view `absences`."""
        return self._store.history.absences(self.page_id)

    @property
    def moved_to(self) -> PageMove | None:
        """Return where it moved to; None when it did not move."""
        return self._store.moves.of_page(self.page_id)

    @property
    def moves(self) -> list[PageMove]:
        """Return every move of it, each with its own new address; also those that ended, oldest first."""
        return self._store.moves.steps(self.page_id)

    @property
    def moved_from(self) -> list[PageMove]:
        """Return the moves of other pages to this one, with their former addresses; also those that ended."""
        return self._store.moves.to_page(self.page_id)

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Return the edits, oldest first: rows of the view `changes`, with list fields as Python lists."""
        return [change_json(row) for row in self._store.history.changes_of(self.page_id)]

    def readings(self, name: str | None = None) -> list[dict[str, Any]]:
        """Return one counter's series, or all of them: rows of the view `readings`, oldest first."""
        return self._store.history.series(self.page_id, name)

    def version(self, number: int = -1) -> KeptVersion:
        """Return a version by its number; -1 is the newest, -2 the one before.

        Raises:
            NoSuchVersion: there is no such version; the message names those there are.
        """
        found = self._store.history.version(self.page_id, number)
        if found is not None:
            return found
        count = len(self.versions)
        if not count:
            raise NoSuchVersion(f"{self.url}: known, but never read as a page ({self.state}); see `archiver history`")
        raise NoSuchVersion(f"{self.url}: there is no version {number}; it has 1 to {count}")

    def at(self, when: Moment) -> KeptVersion:
        """Return the version that was current at a moment.

        Args:
            when: text such as `2022-11-01 10:00` (UTC), a datetime, or a date (the end of that day).

        Raises:
            UsageError: the text is not a moment.
            NoSuchVersion: no version was current then; the message names the first visit that saw the page.
        """
        moment = self._moment(when)
        found = self._store.history.version_at(self.page_id, moment)
        if found is not None:
            return found
        first = self.versions[0].seen_from if self.versions else self.first_edition
        if first is None:
            raise NoSuchVersion(f"{self.url}: known, but never read as a page ({self.state})")
        if moment < first:
            raise NoSuchVersion(f"{self.url}: not yet seen at {moment} UTC; the first visit that saw it was at {first}")
        move = self.moved_to
        where = f"it moved to {move.moved_to}" if move and move.found_at <= moment else "see `archiver history`"
        raise NoSuchVersion(f"{self.url}: not there at {moment} UTC; {where}")

    def _moment(self, when: Moment) -> str:
        return written(parse_when(when, self._clock(), whole_day=True))

    def diff(self, old: int = -2, new: int = -1) -> tuple[FieldChange, ...]:
        """Return the fields that differ between two versions.

        Raises:
            NoSuchVersion: there is no version with this number; the message names those there are.
            VersionRedacted: the content of one of them was redacted.
        """
        for number in (old, new):
            demand_content(self.url, self.version(number))
        return differing(self.version(old).content, self.version(new).content)

    def state_at(self, when: Moment | None = None, number: int | None = None) -> PageState:
        """Return the page as it is, as it was at a moment, or in one version, with the visit that shows it.

        Raises:
            VersionRedacted: its content was redacted.
        """
        linked = self._linked(when, number)
        version, visit = (linked.version, linked.visit) if linked else self._version_and_visit(when, number)
        shown = self._store.shown_captures.behind(self.page_id, visit)
        demand_content(self.url, version, visit)
        move = self.moved_to
        is_its_first = bool(version and version.first_visit == visit.visit_id)
        return PageState(
            url=self.requested,
            final_url=self.url if version else shown.final_url,
            visited_at=shown.visited_at,
            status=shown.status,
            outcome=shown.outcome,
            visit_id=shown.visit_id,
            sha256=shown.sha256,
            bytes=shown.bytes,
            confirmed=None if shown is visit else visit,
            page_id=self.page_id,
            site=self.site,
            kind=self._known.kind,
            media_type=shown.media_type,
            state=self.state,
            note=shown.note,
            cause=shown.cause,
            version=version.version if version else None,
            verdict=(version.verdict if is_its_first else str(Verdict.SAME)) if version else None,
            new_version=is_its_first,
            fields_changed=self._changed_in(version.version_id) if version and is_its_first else (),
            content=version.content if version else None,
            readings=self._store.history.readings_at(self.page_id, visit.visited_at if version else None),
            sources=self._store.history.sources(version.version_id) if version else {},
            claim=self._store.moves.claim_at(self.page_id, visit.visited_at) if version else {},
            moved_to=move.moved_to if move else None,
            seen=(version.seen_from, version.seen_last, version.seen_until) if version else None,
            listing=None if number is not None or self._link else self.edition_at(when),
            browser=browser_view(self._store, self.page_id, shown.visit_id, shown.visited_at),
        )

    def edition_at(self, when: Moment | None = None) -> ShownEdition | None:
        """Return what a listing showed last, or at a moment; None for other pages, and before the first visit."""
        return self._store.listings.at(self.page_id, self._moment(when) if when is not None else None)

    @property
    def first_edition(self) -> str | None:
        """Return when the first edition of a listing was first seen (UTC text); None for other pages."""
        return self._store.listings.first_seen(self.page_id)

    def _version_and_visit(self, when: Moment | None, number: int | None) -> tuple[KeptVersion | None, VisitRow]:
        """Return the requested version and the visit that shows it."""
        version = self._chosen(when, number)
        visit = self._store.history.visit(version.last_visit) if version else None
        if version is None and when is not None and (listing := self.edition_at(when)) is not None:
            visit = self._store.history.visit(listing.visit_id)
        if when is not None and version is not None:
            visit = self._store.shown_captures.visit_at(self.page_id, self._moment(when)) or visit
        return version, visit or self._last_visit()

    def _linked(self, when: Moment | None, number: int | None) -> PermalinkTarget | None:
        """Return what the page's permalink names; None when the page was opened by its address."""
        if self._link is None:
            return None
        if when is not None or number is not None:
            raise UsageError("a permalink already names a moment; give the page's address to choose another one")
        return resolve(self._store, self._known, self._link)

    def _chosen(self, when: Moment | None, number: int | None) -> KeptVersion | None:
        if number is not None:
            return self.version(number)
        if when is not None:
            return self.at(when) if self.versions or self.edition_at(when) is None else None
        return self.versions[-1] if self.versions else None

    def _changed_in(self, version_id: int) -> tuple[str, ...]:
        return tuple(row["field"] for row in self.changes if row["version_id"] == version_id)

    def _last_visit(self) -> VisitRow:
        visits = self.visits
        if not visits:
            raise NoSuchVersion(f"{self.url}: known from a link, never visited; `archiver capture` it")
        return visits[-1]

    def capture_at(self, when: Moment | None = None, number: int | None = None) -> int | None:
        """Return the visit whose bytes show the page as it is, as it was at a moment, or in one version.

        It is never a 304: that stands for the capture that it confirmed. None: no visit received any bytes.
        """
        if self._linked(when, number) or number is not None or (when is None and self.versions):
            return self.state_at(when, number).visit_id
        moment = self._moment(when) if when is not None else None
        shown = self._store.shown_captures.at(self.page_id, moment)
        return shown.visit_id if shown else None

    def block(self, visit_id: int) -> bytes:
        """Return the exact bytes of one of its visits: status line, headers, empty line, body."""
        return self._store.evidence.block(visit_id)

    def rendition(self, visit_id: int, kind: str) -> bytes:
        """Return the exact bytes of what a browser made of one of its visits: `dom`, `screenshot` or `requests`.

        Raises:
            NoSuchVersion: no browser opened the page at that visit, or it made no such thing.
        """
        row = self._store.browsing.renditions.of_visit(visit_id).get(kind)
        if row is None or row.sha256 is None:
            raise NoSuchVersion(f"{self.url}: visit {visit_id} has no {kind} of a browser; see `render` in its profile")
        return self._store.evidence.block(row.rendition_id)

    def citation(self, version: int | None = None, at: Moment | None = None) -> Citation:
        """Return the citation of one version, of the version current at a moment, or of the newest.

        A page from which nothing was read, such as a file, is cited by its capture.

        Raises:
            UsageError: `version` and `at` were both given, or one of them with a permalink.
            NoSuchVersion: no version has this number or was current then, or no visit received any bytes.
            VersionRedacted: what is to be cited was redacted.
        """
        if version is not None and at is not None:
            raise UsageError("a version and a moment cannot be combined; give one of them")
        linked = self._linked(at, version)
        if linked is not None:
            visit = linked.visit if linked.is_named else None
            demand_content(self.url, linked.version, linked.visit)
            if linked.version is None:
                return cite_capture(self._store, self._known, linked.visit.visited_at, visit)
            return cite_version(self._store, self._known, linked.version, visit)
        if version is None and not self.versions:
            return cite_capture(self._store, self._known, self._moment(at) if at is not None else None)
        chosen = self._chosen(at, version)
        assert chosen is not None  # noqa: S101  (it has versions, or one was asked for by number)
        demand_content(self.url, chosen)
        return cite_version(self._store, self._known, chosen)

    def cite(self, version: int | None = None, at: Moment | None = None, form: str = "text") -> str:
        """Return the citation that `citation` chooses, ready to print: text, bibtex, ris or csl.

        Raises:
            UsageError: there is no such form.
            NoSuchVersion: as for `citation`.
        """
        return format_citation(self.citation(version, at), form)


def demand_content(url: str, version: KeptVersion | None, visit: VisitRow | None = None) -> None:
    """Raise VersionRedacted if the content of a version was redacted, or a visit without a version was.

    Args:
        url: the page's address.
        version: the version.
        visit: the visit that is shown.
    """
    if version is not None and version.redacted is not None:
        raise VersionRedacted(f"{url}: version {version.version} was {version.redacted}")
    if version is None and visit is not None and visit.redacted is not None:
        raise VersionRedacted(f"{url}: the capture of {visit.visited_at} UTC was {visit.redacted}")
