"""The Memento protocol at the origin of the interface (RFC 7089): copies in our frame, TimeGate, TimeMaps, bytes."""

from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from archiver.app.browsing.copies_list import copies_of_year
from archiver.app.browsing.exact_bytes import exact_bytes
from archiver.app.browsing.formats import json_text
from archiver.app.browsing.replay import (
    Choice,
    Copy,
    find_copy,
    moment_of,
    place_of,
    target_of,
    timemap_lines,
    timemap_of,
)
from archiver.app.reading.find import find_page
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import ArchiverError, UsageError
from archiver.model.clock import written
from archiver.model.moments import parse_when
from archiver.text.web_path import header_address, parse_web_path
from archiver.web.copy_page import banner_values
from archiver.web.links import Links, digits
from archiver.web.memento_headers import LINK_FORMAT, accepted_moment, http_date, link_header, memento_path
from archiver.web.problems import demand_open
from archiver.web.rendering import frame, render
from archiver.web.request_target import after_web

if TYPE_CHECKING:
    from archiver.web.archive_pages import ArchivePages

_ALL_DIGITS = 14
_ACTIVE = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cross-Origin-Resource-Policy": "same-origin"}


def memento_routes(pages: "ArchivePages") -> list[BaseRoute]:
    """Return the routes of `/web/…` of one archive."""
    return [Route("/web/{rest:path}", MementoPages(pages).answer, methods=["GET", "HEAD"], name="memento")]


class _MementoRequest:
    """A request at `/web/…`: its parts, and the addresses of this archive."""

    def __init__(self, archive: ArchiveReader, request: Request, links: Links) -> None:
        self.archive, self.request, self.links = archive, request, links
        self.base = links.absolute(links.base)
        self.path = parse_web_path(after_web(request.scope, links.base, links.root))

    @property
    def url(self) -> str:
        """Return the page's address."""
        return self.path.url

    def moment(self) -> str:
        """Return the moment in the path as UTC text."""
        return moment_of(self.path.digits, self.archive.settings.clock())


class MementoPages:
    """Answers `/web/…` of one archive."""

    def __init__(self, pages: "ArchivePages") -> None:
        self._pages = pages

    async def answer(self, request: Request) -> Response:
        """Answer a request."""
        return await run_in_threadpool(self._pages.answered, request, self._respond)

    def _respond(self, request: Request, links: Links) -> Response:
        def read(archive: ArchiveReader) -> Response:
            asked = _MementoRequest(archive, request, links)
            return _KINDS[asked.path.kind](self, asked)

        return self._pages.pool.read(read)

    def timegate(self, asked: _MementoRequest) -> Response:
        """Redirect to the copy that is nearest to the date that the client asks for, or to the newest."""
        vary = {"Vary": "accept-datetime", "Link": link_header(asked.base, asked.url)}
        try:
            moment = accepted_moment(asked.request.headers.get("accept-datetime"))
            copy = _open_copy(asked, moment, "nearest")
        except ArchiverError as error:
            response = self._pages.problem(error, asked.links, archive=asked.archive)
            response.headers.update(vary)
            return response
        return RedirectResponse(asked.base + memento_path(copy.at, asked.url), 302, vary)

    def copy(self, asked: _MementoRequest) -> Response:
        """Answer a copy: in our frame, or its exact bytes; redirect to the exact moment of another one."""
        path = asked.path
        if path.modifier not in ("", "id_"):
            place = f"{asked.base}/web/{path.digits}/{header_address(path.url)}"
            return RedirectResponse(place, 302)
        copy = _open_copy(asked, asked.moment(), "standing")
        if not copy.is_exact or len(path.digits) < _ALL_DIGITS:
            head = {"Link": link_header(asked.base, asked.url)}
            return RedirectResponse(asked.base + memento_path(copy.at, path.url, path.modifier), 302, head)
        around = asked.archive.store.browsing.copies.neighbours(copy.page_id, copy.at)
        head = {"Memento-Datetime": http_date(copy.at), "Link": link_header(asked.base, asked.url, around, copy)}
        target = target_of(asked.archive, copy) if copy.is_redirect else None
        if target is not None:
            place = f"{asked.base}/web/{path.digits}{path.modifier}/{header_address(target)}"
            return RedirectResponse(place, 302, head)
        return _bytes(asked, copy, head) if path.modifier else self._banner(asked, copy, head)

    def _banner(self, asked: _MementoRequest, copy: Copy, head: dict[str, str]) -> Response:
        place = place_of(asked.archive, copy)
        values = banner_values(asked.archive, self._pages.name, asked.links, copy, place)
        status = 500 if values["state"] == "damaged" else 200
        return self._html(asked, "copy.html", values, status, head)

    def timemap(self, asked: _MementoRequest) -> Response:
        """Answer a TimeMap, in link format or as JSON."""
        page = find_page(asked.archive.store, asked.url)
        demand_open(asked.archive, page.url)
        moments, within = timemap_of(asked.archive, page, _since(asked))
        head = {"Link": link_header(asked.base, asked.url)}
        if asked.path.form == "link":
            text = "".join(f"{line}\n" for line in timemap_lines(asked.url, moments, within, asked.base))
            return Response(text, headers=head, media_type=LINK_FORMAT)
        place = f"{asked.base}/web/timemap"
        address = header_address(asked.url)
        mementos = [{"datetime": _iso(each), "uri": asked.base + memento_path(each, asked.url)} for each in moments]
        following = within.following and f"{place}/json/{digits(within.following)}/{address}"
        values = {
            "original_uri": asked.url,
            "timegate_uri": f"{asked.base}/web/{address}",
            "timemap_uri": {"link_format": f"{place}/link/{address}", "json_format": f"{place}/json/{address}"},
            "mementos": {"list": mementos, "first": mementos[0], "last": mementos[-1]},
            "next_timemap_uri": following or None,
        }
        return Response(json_text(values), headers=head, media_type="application/json")

    def captures(self, asked: _MementoRequest) -> Response:
        """Answer the list of the captures of a page, by year."""
        page = find_page(asked.archive.store, asked.url)
        demand_open(asked.archive, page.url)
        found = copies_of_year(asked.archive, page, asked.path.digits[:4], _since(asked))
        values = {"title": f"Copies of {page.url}", "page": page, "url": asked.url, "data": found}
        return self._html(asked, "captures.html", values, 200, {"Link": link_header(asked.base, asked.url)})

    def elsewhere(self, asked: _MementoRequest) -> Response:
        """Refuse what only the origin of copies shows."""
        raise UsageError(f"{asked.url}: a rendered difference is shown in the comparison of two versions")

    def _html(
        self, asked: _MementoRequest, template: str, values: dict[str, object], status: int, head: dict[str, str]
    ) -> Response:
        shared = frame(self._pages.read_summary(asked.archive), asked.archive.settings.clock(), asked.links, asked.url)
        text = render(template, {**shared, **values})
        return Response(text, status, headers=head, media_type="text/html; charset=utf-8")


_KINDS: dict[str, Callable[[MementoPages, _MementoRequest], Response]] = {
    "timegate": MementoPages.timegate,
    "copy": MementoPages.copy,
    "timemap": MementoPages.timemap,
    "captures": MementoPages.captures,
    "difference": MementoPages.elsewhere,
    "images": MementoPages.elsewhere,
}


def _open_copy(asked: _MementoRequest, moment: str | None, choice: Choice) -> Copy:
    """Return a copy that may be shown now."""
    demand_open(asked.archive, asked.url)
    copy = find_copy(asked.archive, asked.url, moment, choice)
    demand_open(asked.archive, copy.page_url)
    return copy


def _bytes(asked: _MementoRequest, copy: Copy, head: dict[str, str]) -> Response:
    """Return exact bytes; what a browser would run is only given to be saved."""
    found = exact_bytes(asked.archive, copy)
    saved = {"Content-Disposition": f'attachment; filename="{found.name}"'} if found.is_active else {}
    headers = {**head, **_ACTIVE, **saved, "Content-Type": found.media_type}
    if copy.shown.sha256:
        headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(copy.shown.sha256)).decode('ascii')}:"
    return Response(found.body, found.status, headers)


def _since(asked: _MementoRequest) -> str:
    """Return the beginning of the period that the digits of the path name, as UTC text; "" without digits."""
    if not asked.path.digits:
        return ""
    return written(parse_when(asked.path.digits, asked.archive.settings.clock()))


def _iso(moment: str) -> str:
    return moment.replace(" ", "T") + "Z"
