"""The pages of one archive as routes: request in, page out, in HTML, JSON, CSV or Atom."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from archiver.app.browsing.formats import atom_text, csv_text, json_text
from archiver.app.browsing.summary import ArchiveSummary, summary
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import ArchiverError, NotInArchive
from archiver.web.answer import Answer, BytesFile, PageAnswer, PageRequest, Redirect, TextFile
from archiver.web.archive_pool import ArchivePool
from archiver.web.bytes_file import bytes_file
from archiver.web.config import REPLAY_HOST, VIEWER_HOST, ServeConfig, ServedArchive
from archiver.web.links import PATHS, Links
from archiver.web.memento import memento_routes
from archiver.web.problems import InternalFault, TooLarge, status_of
from archiver.web.rendering import frame, render
from archiver.web.routes import view

_LONGEST = 2_000  # characters of a parameter
_MOST_PARAMETERS = 40
_FORMATS = {"json": "application/json", "csv": "text/csv; charset=utf-8", "atom": "application/atom+xml"}
_PARAMETER = re.compile(r"\{(\w+)\}")
_NUMBERS = frozenset(("page_id", "old", "new", "number", "visit_id", "version_id", "redesign_id"))
_LARGEST = 2**63 - 1  # of SQLite; nothing has this number
_LOG = logging.getLogger(__name__)


class _NumberInPath(Convertor[int]):
    """A whole number in a path. Any that is too large for SQLite stands for one that nothing has."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        return int(value) if len(value) < len(str(_LARGEST)) else _LARGEST

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("number", _NumberInPath())


class ArchivePages:
    """Answers the pages of one archive."""

    def __init__(self, config: ServeConfig, served: ServedArchive, pool: ArchivePool, base: str) -> None:
        self._config = config
        self._served = served
        self._base = base
        self.pool = pool

    @property
    def name(self) -> str:
        """The name of the archive in this server."""
        return self._served.name

    def routes(self) -> list[BaseRoute]:
        """Return the routes of all pages, each also in the other formats."""
        routes: list[BaseRoute] = []
        for name, path in PATHS.items():
            typed = _PARAMETER.sub(lambda found: f"{{{found[1]}:{'number' if found[1] in _NUMBERS else 'str'}}}", path)
            for ext in _FORMATS:
                place = f"/today.{ext}" if path == "/" else f"{typed}.{ext}"
                routes.append(Route(place, partial(self._answer, name, ext), name=f"{name}.{ext}"))
            routes.append(Route(typed, partial(self._answer, name, "html"), name=name))
        return [*routes, *memento_routes(self)]

    async def _answer(self, name: str, ext: str, request: Request) -> Response:
        try:
            return await run_in_threadpool(self.answered, request, partial(self._respond, name, ext), ext)
        except Exception:  # noqa: BLE001  (the page that tells of an error failed, too)
            _LOG.exception("the page %s failed", request.url.path)
            return Response("This page failed by a fault of archiver; its log has the traceback.\n", 500)

    def answered(self, request: Request, work: Callable[[Request, Links], Response], ext: str = "html") -> Response:
        """Return what a function answers to a request, or the page of its error. A bug is logged with its traceback."""
        links = self.links(request)
        try:
            return work(request, links)
        except ArchiverError as error:
            return self.problem(error, links, ext)
        except Exception:  # noqa: BLE001  (a bug of one page must not end the server; the log has it)
            _LOG.exception("the page %s failed", request.url.path)
            return self.problem(InternalFault(), links, ext)

    def _respond(self, name: str, ext: str, request: Request, links: Links) -> Response:
        query = parameters(request)

        def read(archive: ArchiveReader) -> Response:
            asked = PageRequest(
                archive,
                request.path_params,
                query,
                links,
                self._served.settings.clock(),
                ext,
                self._config.acts,
                request.scope.get("archiver.user", ""),
                request.scope.get("archiver.token", ""),
                request.cookies,
            )
            return self._shown(asked, view(name)(asked), request)

        return self.pool.read(read)

    def links(self, request: Request) -> Links:
        """Return the links of a request: they keep the scheme, host and prefix by which the server was reached."""
        root, port = self._config.prefix, request.url.port
        origin = f"{request.url.scheme}://{request.url.netloc}"
        at_port = f":{port}" if port else ""
        return Links(
            root,
            root + self._base,
            origin,
            self._config.replay_origin or f"{request.url.scheme}://{REPLAY_HOST}{at_port}",
            (self._config.viewer_origin or f"{request.url.scheme}://{VIEWER_HOST}{at_port}")
            if self._config.viewer
            else "",
            has_fleet=self._config.fleet is not None,
        )

    def _shown(self, asked: PageRequest, answer: Answer, request: Request) -> Response:
        if isinstance(answer, Redirect):
            return RedirectResponse(answer.to, answer.status, dict(answer.headers))
        if isinstance(answer, TextFile):
            return text_file(answer)
        if isinstance(answer, BytesFile):
            return bytes_file(answer, request)
        if asked.ext == "html":
            return self._html(asked, answer, request)
        return self._other(asked, answer, request)

    def _html(self, asked: PageRequest, answer: PageAnswer, request: Request) -> Response:
        values = {
            **frame(self.read_summary(asked.archive), asked.now, asked.links, answer.title),
            "request": asked,
            "acts": asked.acts,
            "data": answer.data,
            "sql": answer.sql,
            "formats": self._formats(answer, request),
            "own_path": self._path(request),
            **answer.context,
        }
        return Response(
            render(answer.template, values),
            answer.status,
            headers=dict(answer.headers),
            media_type="text/html; charset=utf-8",
        )

    def _path(self, request: Request) -> str:
        """Return the path of a request with its query, as the visitor has it."""
        query = f"?{request.url.query}" if request.url.query else ""
        return self._config.prefix + request.url.path.removeprefix(self._config.prefix) + query

    def _formats(self, answer: PageAnswer, request: Request) -> dict[str, str]:
        """Return the addresses of the same page in other formats, by format."""
        has = {"json": True, "csv": answer.rows is not None, "atom": answer.feed is not None}
        path, _, _ = self._path(request).partition("?")
        if path == f"{self._config.prefix}{self._base}/":
            path += "today"
        query = f"?{request.url.query}" if request.url.query else ""
        return {ext: f"{path}.{ext}{query}" for ext, is_there in has.items() if is_there}

    def _other(self, asked: PageRequest, answer: PageAnswer, request: Request) -> Response:
        pieces: Iterator[str] | None = None
        if asked.ext == "json":
            pieces = iter((json_text(answer.data),))
        elif asked.ext == "csv" and answer.rows is not None:
            pieces = csv_text(answer.rows)
        elif asked.ext == "atom" and answer.feed is not None:
            base = asked.links.absolute(asked.links.base)
            pieces = atom_text(asked.archive, answer.feed, base, str(request.url))
        if pieces is None:
            raise NotInArchive(f"this page has no .{asked.ext}")
        body = "".join(pieces).encode("utf-8", "replace")
        return Response(body, answer.status, headers=dict(answer.headers), media_type=_FORMATS[asked.ext])

    def problem(
        self, error: ArchiverError, links: Links, ext: str = "html", archive: ArchiveReader | None = None
    ) -> Response:
        """Return the page that tells of an error. `archive`: a reader that is already lent to this request."""
        status, heading = status_of(error)
        text = str(error)
        if ext != "html":
            return Response(json_text({"error": text, "status": status}), status, media_type="application/json")
        values: Mapping[str, Any] = {
            **frame(
                self.read_summary(archive) if archive else self.summary(),
                self._served.settings.clock(),
                links,
                heading,
            ),
            "status": status,
            "told": text,
        }
        return Response(render("problem.html", values), status, media_type="text/html; charset=utf-8")

    def summary(self) -> ArchiveSummary | None:
        """Return what every page says; None when the archive cannot be read."""
        try:
            return self.pool.read(self.read_summary)
        except ArchiverError:
            return None

    def read_summary(self, archive: ArchiveReader) -> ArchiveSummary:
        """Return what every page says of the archive."""
        return summary(archive, self._served.name if self._base else "")


def parameters(request: Request) -> dict[str, str]:
    """Return the parameters of an address; of one that is given twice, the last.

    Raises:
        TooLarge: there are too many, or one is too long.
    """
    found = request.query_params.multi_items()
    if len(found) > _MOST_PARAMETERS or any(len(name) + len(value) > _LONGEST for name, value in found):
        raise TooLarge(f"an address may have {_MOST_PARAMETERS} parameters of {_LONGEST} characters; shorten it")
    return {name: value.replace("\0", "") for name, value in found}


def text_file(answer: TextFile) -> Response:
    """Return a file to save."""
    name = re.sub(r"[^\w.-]", "_", answer.name, flags=re.ASCII)
    head = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(iter((answer.text,)), headers=head, media_type=answer.media_type)
