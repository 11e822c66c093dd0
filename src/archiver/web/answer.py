"""What a page is asked and what it answers, in any of its formats."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from archiver.app.reading.questions import ArchiveReader
from archiver.web.links import Links

if TYPE_CHECKING:
    from archiver.app.watching.page_events import EventFilter


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request for a page.

    Attributes:
        archive: open to read only; its queries have a time limit.
        path: the parameters in the path, such as `page_id`.
        query: the parameters after `?`: single values of at most 2,000 characters.
        links: makes addresses of this server.
        now: the present moment (UTC, aware).
        ext: `html`, `json`, `csv` or `atom`.
        acts: whether the server was started with `--act`.
        user: the visitor's name by the reverse proxy or the login; "" without one.
        token: what a form of an act sends back.
        cookies: the visitor's cookies. Only Today reads one: the visitor's last look.
    """

    archive: ArchiveReader
    path: Mapping[str, str]
    query: Mapping[str, str]
    links: Links
    now: datetime
    ext: str = "html"
    acts: bool = False
    user: str = ""
    token: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """Return a whole number of the path, such as `page_id`. The route admits only digits."""
        return int(self.path[name])


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """A page.

    Attributes:
        template: its file in `web/templates`.
        title: of the document, without the name of the archive.
        data: exactly what `.json` gives; the template has it as `data`.
        rows: what `.csv` gives; None: the page has no table.
        feed: what `.atom` gives; None: the page lists no events.
        context: more values for the template, such as charts.
        status: the HTTP status.
        sql: a query over the views that gives the rows of the page; "" without one.
        headers: more headers of the answer.
    """

    template: str
    title: str
    data: Mapping[str, Any]
    rows: Iterable[Mapping[str, Any]] | None = None
    feed: "EventFilter | None" = None
    context: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    sql: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redirect:
    """The page is at another address of this server. `to` comes from `Links`; `headers`: more headers of the answer."""

    to: str
    status: int = 302
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A page that is a file to save, such as a patch: its text, media type and file name."""

    text: str
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class BytesFile:
    """Bytes that a browser shows by itself as a picture, or only saves: never as a page of this server.

    Attributes:
        body: the bytes.
        media_type: a picture's, or any other when `name` is given.
        sha256: of the bytes, hex: the ETag.
        name: the file name under which they are saved; "": they are shown.
    """

    body: bytes
    media_type: str
    sha256: str
    name: str = ""


Answer = PageAnswer | Redirect | TextFile | BytesFile
