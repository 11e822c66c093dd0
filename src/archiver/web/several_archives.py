"""Several archives in one server: each under its name, and a list of them at `/`."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from archiver.app.browsing.formats import json_text
from archiver.app.browsing.summary import summary
from archiver.errors import ArchiverError
from archiver.web.acts import act_routes
from archiver.web.archive_pages import ArchivePages
from archiver.web.archive_pool import ArchivePool
from archiver.web.config import ServeConfig
from archiver.web.links import Links
from archiver.web.server_pages import bare_page


def several_routes(config: ServeConfig, pools: Mapping[str, ArchivePool]) -> list[BaseRoute]:
    """Return the routes of all archives."""
    pages = {each.name: ArchivePages(config, each, pools[each.name], base=f"/{each.name}") for each in config.archives}
    routes: list[BaseRoute] = [
        Route("/", partial(_list, config, pages, "html")),
        Route("/archives.json", partial(_list, config, pages, "json")),
    ]
    for served in config.archives:
        one = pages[served.name]
        own = [*one.routes(), *act_routes(one, config, served)]
        routes.append(Route(f"/{served.name}", partial(_to_first_page, f"{config.prefix}/{served.name}/")))
        routes.append(Mount(f"/{served.name}", Router(own, redirect_slashes=False)))
    return routes


async def _to_first_page(to: str, _request: Request) -> Response:
    return RedirectResponse(to, 308)


async def _list(config: ServeConfig, pages: dict[str, ArchivePages], ext: str, _request: Request) -> Response:
    found = await run_in_threadpool(lambda: [_of_archive(name, one) for name, one in pages.items()])
    if ext == "json":
        return Response(json_text({"archives": found}), media_type="application/json")
    links = Links(config.prefix, config.prefix, has_fleet=config.fleet is not None)
    return bare_page(config.prefix, "archives.html", "Archives", {"data": {"archives": found}, "links": links})


def _of_archive(name: str, pages: ArchivePages) -> dict[str, Any]:
    """Return what the list says of an archive; one that cannot be read says why."""
    try:
        found = pages.pool.read(lambda archive: summary(archive, name))
    except ArchiverError as error:
        return {"name": name, "sites": [], "last_run": None, "alarms": 0, "problem": str(error)}
    sites = [each["site"] for each in found.sites]
    return {"name": name, "sites": sites, "last_run": found.last_run, "alarms": found.alarms, "problem": None}
