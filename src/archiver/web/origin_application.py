"""An origin besides the interface: it answers only by its own name, to reads, and without cookies."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from archiver.errors import ArchiverError
from archiver.web.asgi import Receive, Scope, Send
from archiver.web.config import ServeConfig
from archiver.web.hosts import Origin, origin_of, reached
from archiver.web.problems import status_of

_LOG = logging.getLogger(__name__)


class OriginApplication(ABC):
    """Answers at one of the server's origins."""

    origin: Origin
    shows: str
    """What there is, for the answer to a request by another name."""

    def __init__(self, config: ServeConfig) -> None:
        self._config = config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        request = Request(scope)
        try:
            response = await run_in_threadpool(self._checked, request)
        except ArchiverError as error:
            response = self._told(*status_of(error), str(error))
        except Exception:  # noqa: BLE001  (a bug must not end the server; the log has it)
            _LOG.exception("%s failed", request.url.path)
            response = self._told(500, "This failed", "a fault of archiver; its log has the traceback")
        await response(scope, receive, send)

    def _checked(self, request: Request) -> Response:
        if origin_of(reached(request.scope, self._config), self._config) != self.origin:
            return self._told(421, "Wrong host", self.shows)
        if request.method not in ("GET", "HEAD"):
            return self._told(405, "Method not allowed", "GET and HEAD", {"Allow": "GET, HEAD"})
        return self._answer(request)

    @abstractmethod
    def _answer(self, request: Request) -> Response:
        """Return the answer to a request that may be answered here."""

    @abstractmethod
    def _told(self, status: int, heading: str, text: str, more: Mapping[str, str] | None = None) -> Response:
        """Return the text that tells of an error."""
