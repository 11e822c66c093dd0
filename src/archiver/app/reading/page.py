"""One page of an archive: its versions, what they said, how they differ, its counters."""

from functools import cached_property
from typing import Any

from archiver.app.exporting.cite import cite_capture, cite_version, formed
from archiver.app.reading.permalinks import Link, Shown, follow
from archiver.app.reading.state import PageState, told_change
from archiver.change.decide import differing
from archiver.errors import NoSuchVersion, UsageError
from archiver.export.citations import Citation
from archiver.model.clock import Clock, written
from archiver.model.moments import Moment, parse_when
from archiver.model.version import FieldChange, Verdict
from archiver.store.archive import Store
from archiver.store.history import KeptVersion, VisitRow
from archiver.store.pages import KnownPage


class Page:
    """A page as the archive knows it. Every question is asked afresh, save `versions`, which is kept.

    Asked for by a permalink, `state_at`, `capture_at`, `citation` and `cite` mean the moment that it names.
    """

    def __init__(self, store: Store, known: KnownPage, clock: Clock, asked: str, link: Link | None = None) -> None:
        self._store = store
        self._known = known
        self._clock = clock
        self._link = link
        self.asked = asked

    def __repr__(self) -> str:
        return f"<Page {self.url} ({self.state}, {len(self.versions)} versions)>"

    @property
    def page_id(self) -> int:
        """Its number in this archive."""
        return self._known.page_id

    @property
    def url(self) -> str:
        """Its address."""
        return self._known.url

    @property
    def site(self) -> str:
        """Its site's name."""
        return self._known.site

    @property
    def state(self) -> str:
        """live, gone, moved, blocked or unknown."""
        return self._known.state

    @cached_property
    def versions(self) -> list[KeptVersion]:
        """Every version, oldest first."""
        return self._store.history.versions(self.page_id)

    @property
    def visits(self) -> list[VisitRow]:
        """Every attempt to fetch it, oldest first."""
        return self._store.history.visits_of(self.page_id)

    @property
    def absences(self) -> list[dict[str, Any]]:
        """Spans over which it was proven gone."""
        return self._store.history.absences(self.page_id)

    @property
    def changes(self) -> list[dict[str, Any]]:
        """What was edited, oldest first: rows of the view `changes`, lists as lists."""
        return [told_change(row) for row in self._store.history.changes_of(self.page_id)]

    def readings(self, name: str | None = None) -> list[dict[str, Any]]:
        """A counter's series, or all of them: rows of the view `readings`, oldest first."""
        return self._store.history.series(self.page_id, name)

    def version(self, number: int = -1) -> KeptVersion:
        """A version by its number; -1 is the newest, -2 the one before.

        Raises:
            NoSuchVersion: there is none, with what there is.
        """
        found = self._store.history.version(self.page_id, number)
        if found is not None:
            return found
        count = len(self.versions)
        if not count:
            raise NoSuchVersion(f"{self.url}: known, but never read as a page ({self.state}); see `archiver history`")
        raise NoSuchVersion(f"{self.url}: there is no version {number}; it has 1 to {count}")

    def at(self, when: Moment) -> KeptVersion:
        """The version that stood at a moment: text as people type it (UTC), a datetime, or a date (the end of the day).

        Raises:
            UsageError: the text is no moment.
            NoSuchVersion: nothing was seen to stand then, with when it was.
        """
        moment = self._moment(when)
        found = self._store.history.version_at(self.page_id, moment)
        if found is not None:
            return found
        if not self.versions:
            raise NoSuchVersion(f"{self.url}: known, but never read as a page ({self.state})")
        first = self.versions[0].seen_from
        if moment < first:
            raise NoSuchVersion(f"{self.url}: not yet seen at {moment} UTC; the first visit that saw it was at {first}")
        raise NoSuchVersion(f"{self.url}: not there at {moment} UTC; see `archiver history`")

    def _moment(self, when: Moment) -> str:
        return written(parse_when(when, self._clock(), whole_day=True))

    def diff(self, old: int = -2, new: int = -1) -> tuple[FieldChange, ...]:
        """The fields that differ between two versions.

        Raises:
            NoSuchVersion: there is none of this number, with what there is.
        """
        return differing(self.version(old).content, self.version(new).content)

    def state_at(self, when: Moment | None = None, number: int | None = None) -> PageState:
        """The page as it is, as it was at a moment, or in one version, with the visit that shows it."""
        linked = self._linked(when, number)
        version, visit = (linked.version, linked.visit) if linked else self._standing(when, number)
        is_its_first = bool(version and version.first_visit == visit.visit_id)
        return PageState(
            url=self.asked,
            final_url=self.url if version else visit.final_url,
            visited_at=visit.visited_at,
            status=visit.status,
            outcome=visit.outcome,
            visit_id=visit.visit_id,
            sha256=visit.sha256,
            bytes=visit.bytes,
            page_id=self.page_id,
            site=self.site,
            state=self.state,
            note=visit.note,
            cause=visit.cause,
            version=version.version if version else None,
            verdict=(version.verdict if is_its_first else str(Verdict.SAME)) if version else None,
            new_version=is_its_first,
            fields_changed=self._changed_in(version),
            content=version.content if version else None,
            readings=self._store.history.readings_at(self.page_id, visit.visited_at if version else None),
            sources=self._store.history.sources(version.version_id) if version else {},
            seen=(version.seen_from, version.seen_last, version.seen_until) if version else None,
        )

    def _standing(self, when: Moment | None, number: int | None) -> tuple[KeptVersion | None, VisitRow]:
        """The version asked for and the visit that shows it."""
        version = self._chosen(when, number)
        visit = self._store.history.visit(version.last_visit) if version else None
        if when is not None and version is not None:
            visit = self._store.history.last_capture(self.page_id, self._moment(when)) or visit
        return version, visit or self._last_visit()

    def _linked(self, when: Moment | None, number: int | None) -> Shown | None:
        """What the permalink names by which the page was asked for; None without one."""
        if self._link is None:
            return None
        if when is not None or number is not None:
            raise UsageError("a permalink names its moment; give the page's address to ask for another")
        return follow(self._store, self._known, self._link)

    def _chosen(self, when: Moment | None, number: int | None) -> KeptVersion | None:
        if number is not None:
            return self.version(number)
        if when is not None:
            return self.at(when)
        return self.versions[-1] if self.versions else None

    def _changed_in(self, version: KeptVersion | None) -> tuple[str, ...]:
        if version is None:
            return ()
        return tuple(row["field"] for row in self.changes if row["version_id"] == version.version_id)

    def _last_visit(self) -> VisitRow:
        visits = self.visits
        if not visits:
            raise NoSuchVersion(f"{self.url}: known from a link, never visited; `archiver capture` it")
        return visits[-1]

    def capture_at(self, when: Moment | None = None, number: int | None = None) -> int | None:
        """The visit whose bytes show the page as it is, as it was at a moment, or in one version."""
        linked = self._linked(when, number)
        if linked is not None:
            return linked.visit.visit_id
        if number is not None:
            return self.version(number).last_visit
        if when is None and self.versions:
            return self.versions[-1].last_visit
        visit = self._store.history.last_capture(self.page_id, self._moment(when) if when is not None else None)
        return visit.visit_id if visit else None

    def block(self, visit_id: int) -> bytes:
        """The exact bytes of one of its visits: status line, headers, empty line, body."""
        return self._store.evidence.block(visit_id)

    def citation(self, version: int | None = None, at: Moment | None = None) -> Citation:
        """What a citation says: of one version, of that which stood at a moment, by default of the newest.

        A page that was never read, such as a file, is cited by its capture.

        Raises:
            UsageError: `version` and `at` were both given, or one beside a permalink.
            NoSuchVersion: there is none of this number or moment, or no bytes were ever brought.
        """
        if version is not None and at is not None:
            raise UsageError("a version and a moment exclude each other; give one of them")
        linked = self._linked(at, version)
        if linked is not None:
            visit = linked.visit if linked.is_named else None
            if linked.version is None:
                return cite_capture(self._store, self._known, linked.visit.visited_at, visit)
            return cite_version(self._store, self._known, linked.version, visit)
        if version is None and not self.versions:
            return cite_capture(self._store, self._known, self._moment(at) if at is not None else None)
        standing = self._chosen(at, version)
        assert standing is not None  # noqa: S101  (it has versions, or one was asked for by number)
        return cite_version(self._store, self._known, standing)

    def cite(self, version: int | None = None, at: Moment | None = None, form: str = "text") -> str:
        """A citation as `citation` chooses it, ready to print: text, bibtex, ris or csl.

        Raises:
            UsageError: there is no such form.
            NoSuchVersion: as for `citation`.
        """
        return formed(self.citation(version, at), form)
