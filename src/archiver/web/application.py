"""The ASGI application: each archive's pages, the static files, and the origin that shows copies.

A request goes to the interface or to the copies by its Host header. A page is answered in a worker thread with a
reader of the archive; see `archive_pages`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from archiver.app.browsing.summary import ArchiveSummary
from archiver.web.acts import act_routes
from archiver.web.archive_pages import ArchivePages
from archiver.web.archive_pool import ArchivePool
from archiver.web.config import ServeConfig
from archiver.web.fleet_pages import FleetPages
from archiver.web.fleet_reader import FleetReader
from archiver.web.server_pages import told
from archiver.web.several_archives import several_routes


def application(config: ServeConfig, pools: Mapping[str, ArchivePool]) -> Starlette:
    """Return the application of the interface: the pages of one archive at `/`, or of several at `/NAME/`."""
    static = Path(str(files("archiver.web").joinpath("static")))
    routes: list[BaseRoute] = [Mount("/static", StaticFiles(directory=static))]
    summary: Callable[[], ArchiveSummary | None] = _no_summary
    if len(config.archives) == 1:
        served = config.archives[0]
        pages = ArchivePages(config, served, pools[served.name], base="")
        routes += [*pages.routes(), *act_routes(pages, config, served)]
        summary = pages.summary
    elif config.archives:
        routes += several_routes(config, pools)
    else:
        routes.append(Route("/", partial(_to_fleet, config.prefix)))
    if config.fleet is not None:
        routes += FleetPages(config, FleetReader(config.fleet, config.seconds), summary).routes()
    app = Starlette(routes=routes, exception_handlers={404: partial(_unknown, config.prefix)})
    app.router.redirect_slashes = False  # it would redirect to an address without the prefix of a proxy
    return app


def _no_summary() -> ArchiveSummary | None:
    return None


async def _to_fleet(prefix: str, _request: Request) -> Response:
    return RedirectResponse(f"{prefix}/fleet", 302)


async def _unknown(prefix: str, request: Request, _error: Exception) -> Response:
    """Return the page for an address that the interface does not have."""
    return told(prefix, 404, "No such page", f"{request.url.path}: this server has nothing at this address")
