"""The page "Fleet": what all sites of a fleet do, in HTML, JSON and CSV. It needs no archive."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from archiver.app.browsing.formats import csv_text, json_text
from archiver.app.browsing.summary import ArchiveSummary
from archiver.app.fleet.fleet_page import A_PART, MOST_ROWS, STATES, FleetChoice, FleetPage, fleet_page, page_json
from archiver.app.fleet.manage import FleetState
from archiver.errors import ArchiverError, FleetUnavailable, UsageError
from archiver.web.archive_pages import parameters
from archiver.web.config import ServeConfig
from archiver.web.fleet_reader import FleetReader
from archiver.web.links import Links
from archiver.web.parameters import whole_number
from archiver.web.problems import InternalFault, status_of
from archiver.web.rendering import frame, render

_LOG = logging.getLogger(__name__)
_MEDIA = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
_HTML = "text/html; charset=utf-8"


class FleetPages:
    """Answers the page.

    Args:
        config: the settings of the server.
        reader: asks the control database.
        summary: returns what the head of the page says of an archive; None unless the server has exactly one.
    """

    def __init__(self, config: ServeConfig, reader: FleetReader, summary: Callable[[], ArchiveSummary | None]) -> None:
        self._config = config
        self._reader = reader
        self._summary = summary

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the page in each format."""
        return [
            Route("/fleet", partial(self._answer, "html")),
            *(Route(f"/fleet.{ext}", partial(self._answer, ext)) for ext in _MEDIA),
        ]

    async def _answer(self, ext: str, request: Request) -> Response:
        return await run_in_threadpool(self._answered, ext, request)

    def _answered(self, ext: str, request: Request) -> Response:
        try:
            query = parameters(request)
            chosen = FleetChoice(query.get("state", ""), query.get("text", "").strip())
            part = whole_number("part", query.get("part", "").strip(), 1)
            state = self._state()
            if ext == "csv":
                rows = fleet_page(state, chosen, part, MOST_ROWS).sites
                return Response("".join(csv_text(rows)), media_type=_MEDIA[ext])
            found = fleet_page(state, chosen, part)
            if ext == "json":
                return Response(json_text(page_json(found, chosen)), media_type=_MEDIA[ext])
            return self._html(found, chosen, state, request)
        except ArchiverError as error:
            return self._problem(error, ext)
        except Exception:  # noqa: BLE001  (a bug of one page must not end the server; the log has it)
            _LOG.exception("the page %s failed", request.url.path)
            return self._problem(InternalFault(), ext)

    def _state(self) -> FleetState:
        try:
            return self._reader.state()
        except UsageError as error:  # no fault of the visitor: there is no fleet at the address
            raise FleetUnavailable(str(error)) from error

    def _html(self, found: FleetPage, chosen: FleetChoice, state: FleetState, request: Request) -> Response:
        links = self._links()
        query = f"?{request.url.query}" if request.url.query else ""
        values: dict[str, Any] = {
            **frame(self._summary(), state.now, links, "Fleet"),
            "data": page_json(found, chosen),
            "states": STATES,
            "a_part": A_PART,
            "acts": self._config.acts and len(self._config.archives) == 1,
            "formats": {ext: f"{links.root}/fleet.{ext}{query}" for ext in _MEDIA},
        }
        return Response(render("fleet.html", values), media_type=_HTML)

    def _problem(self, error: ArchiverError, ext: str) -> Response:
        status, heading = status_of(error)
        if ext != "html":
            return Response(json_text({"error": str(error), "status": status}), status, media_type=_MEDIA["json"])
        values = {**frame(None, None, self._links(), heading), "status": status, "told": str(error)}
        return Response(render("problem.html", values), status, media_type=_HTML)

    def _links(self) -> Links:
        return Links(self._config.prefix, self._config.prefix, has_fleet=True)
