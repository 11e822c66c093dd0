"""The origin that shows copies: still replay, without cookies, behind a policy that lets nothing in a copy act.

A copy is sent with `Content-Security-Policy: sandbox`, so its origin is opaque and its scripts are dead. Its requisites
come from this origin by name; because an opaque origin is never the same site, they are sent with
`Cross-Origin-Resource-Policy: cross-origin`, and only to addresses with a key (`replay_key`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from archiver.app.browsing.rendered import rendered_images, rendered_page
from archiver.app.browsing.replay import Copy, find_copy, find_requisite, moment_of
from archiver.app.browsing.served_copy import CopyPlaces, ServedCopy, served_copy, served_document
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import NotInArchive, UsageError
from archiver.text.web_path import WebPath, header_address, parse_web_path
from archiver.web.archive_pool import ArchivePool
from archiver.web.asgi import Scope
from archiver.web.config import ServeConfig
from archiver.web.memento_headers import http_date, link_header
from archiver.web.origin_application import OriginApplication
from archiver.web.problems import demand_open
from archiver.web.replay_key import MARK, key_for, origin_of_key
from archiver.web.request_target import after_web

_PAGES = ("", "mp_", "if_", "fw_")
_OF_BROWSERS = ("none", "same-origin")
_NAVIGATIONS = ("document", "iframe", "frame")
_DOCUMENTS = (*_NAVIGATIONS, "object", "embed")
_TEXT = "text/plain; charset=utf-8"
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-DNS-Prefetch-Control": "off",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "private, no-cache",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@dataclass(frozen=True, slots=True)
class _CopyRequest:
    """A request for a copy.

    Attributes:
        path: the parsed path.
        base: the path of the archive, such as "" or `/NAME`.
        here: this origin, as it was reached.
        interface: the origin of the interface.
        key: the key of the address; "" without one.
    """

    path: WebPath
    base: str
    here: str
    interface: str
    key: str

    @property
    def places(self) -> CopyPlaces:
        """Where the copies of the same moment are."""
        key = self.key or key_for(self.interface)
        return CopyPlaces(
            f"{self.base}/web/{key}/", f"{self.interface}{self.base}/web/", self.path.until or self.path.digits
        )


class ReplayApplication(OriginApplication):
    """Answers `/web/…` at the origin that shows copies. It sets no cookie and reads none."""

    origin = "copies"
    shows = "this origin shows copies only by its own name"

    def __init__(self, config: ServeConfig, pools: Mapping[str, ArchivePool]) -> None:
        super().__init__(config)
        self._several = len(config.archives) > 1
        self._pools = pools
        self._clocks = {each.name: each.settings.clock for each in config.archives}

    def _answer(self, request: Request) -> Response:
        name, base, rest = self._archive_of(request.scope)
        key, rest = _key_in(rest)
        asked = self._asked(request, base, key, rest)
        if not key and not self._may_without_key(request):
            return RedirectResponse(f"{asked.interface}{base}/web/{header_address(rest)}", 302, dict(_ALWAYS))
        return self._pools[name].read(lambda archive: self._copy_of(archive, asked, name, request))

    def _archive_of(self, scope: Scope) -> tuple[str, str, str]:
        """Return the archive of a path, the path of the archive, and what follows `/web/`."""
        for name in self._pools:
            base = self._config.prefix + (f"/{name}" if self._several else "")
            try:
                return name, base, after_web(scope, base, self._config.prefix)
            except NotInArchive:
                continue
        raise NotInArchive("this origin has only copies, at /web/…")

    def _asked(self, request: Request, base: str, key: str, rest: str) -> _CopyRequest:
        interface = origin_of_key(key) if key else self._interface(request)
        if interface is None:
            raise UsageError("this address is of another run of the server; open the copy from its page again")
        here = f"{request.url.scheme}://{request.headers['host']}"
        return _CopyRequest(parse_web_path(rest), base, here, interface, key)

    def _interface(self, request: Request) -> str:
        """Return the likely origin of the interface, for a copy that was opened by itself."""
        if self._config.allowed_hosts:
            return f"{request.url.scheme}://{self._config.allowed_hosts[0]}"
        port = f":{request.url.port}" if request.url.port else ""
        return f"{request.url.scheme}://127.0.0.1{port}"

    def _may_without_key(self, request: Request) -> bool:
        """Whether a copy is shown without a key: one opened by itself, of an archive that anyone here may read."""
        if self._config.password_file or self._config.trust_header:
            return False
        site = request.headers.get("sec-fetch-site", "none")
        return site in _OF_BROWSERS or request.headers.get("sec-fetch-dest", "") in _NAVIGATIONS

    def _copy_of(self, archive: ArchiveReader, asked: _CopyRequest, name: str, request: Request) -> Response:
        path = asked.path
        if path.kind in ("difference", "images"):
            demand_open(archive, path.url)
        if path.kind == "difference":
            return _page(rendered_page(archive, path.url, path.digits, path.until, asked.places), asked)
        if path.kind == "images":
            return _page(rendered_images(archive, path.url, path.digits, path.until, asked.places), asked)
        if path.kind != "copy" or path.modifier == "id_":
            raise UsageError("this origin shows copies; lists and exact bytes are in the interface")
        demand_open(archive, path.url)
        moment = moment_of(path.digits, self._clocks[name]())
        copy = self._copy(archive, path, moment)
        if copy is None:
            return self._told(404, "Not in this archive", f"{path.url} was not captured")
        demand_open(archive, copy.page_url)
        if copy.is_redirect:
            place = f"{asked.places.copies}{path.digits}{path.modifier}/{header_address(copy.location or '')}"
            return RedirectResponse(place, 302, {**_ALWAYS, "Content-Security-Policy": "default-src 'none'"})
        dest = request.headers.get("sec-fetch-dest", "")
        if dest in _DOCUMENTS or (not dest and path.modifier in _PAGES):
            served = served_document(archive, copy, path.modifier, asked.places)
        else:
            served = served_copy(archive, copy, path.modifier, asked.places)
        return _sent(served, copy, asked, is_font=dest == "font")

    def _told(self, status: int, heading: str, text: str, more: Mapping[str, str] | None = None) -> Response:
        policy = {"Content-Security-Policy": "sandbox; default-src 'none'"}
        headers = {**_ALWAYS, **policy, **(more or {}), "Content-Type": _TEXT}
        return Response(f"{heading}: {text}\n".encode("utf-8", "replace"), status, headers)

    @staticmethod
    def _copy(archive: ArchiveReader, path: WebPath, moment: str) -> Copy | None:
        if path.modifier in _PAGES:
            try:
                return find_copy(archive, path.url, moment)
            except NotInArchive:
                if path.modifier in ("", "mp_"):
                    raise
        return find_requisite(archive, path.url, moment)


def _key_in(rest: str) -> tuple[str, str]:
    """Return the key at the beginning of a path, or "", and the rest."""
    if not rest.startswith(MARK):
        return "", rest
    key, _, rest = rest.partition("/")
    return key, rest


def _sent(served: ServedCopy, copy: Copy, asked: _CopyRequest, *, is_font: bool) -> Response:
    headers = _headers(asked, is_page=served.form == "page", is_keyed=bool(asked.key))
    if served.form == "file":
        headers["Content-Disposition"] = "attachment"
    if is_font and served.media_type.startswith(("font/", "application/font", "application/x-font", "application/vnd")):
        headers["Access-Control-Allow-Origin"] = "*" if asked.key else "null"
    headers["Memento-Datetime"] = http_date(copy.at)
    headers["Link"] = link_header(f"{asked.interface}{asked.base}", copy.page_url, copy=copy)
    return Response(served.body, served.status, headers | {"Content-Type": served.media_type})


def _page(html: str, asked: _CopyRequest) -> Response:
    headers = _headers(asked, is_page=True, is_keyed=bool(asked.key))
    return Response(html.encode("utf-8", "replace"), 200, headers | {"Content-Type": "text/html; charset=utf-8"})


def _headers(asked: _CopyRequest, *, is_page: bool, is_keyed: bool) -> dict[str, str]:
    policy = _policy(asked, is_page=is_page)
    resource = "cross-origin" if is_keyed else "same-origin"
    return {**_ALWAYS, "Content-Security-Policy": policy, "Cross-Origin-Resource-Policy": resource}


def _policy(asked: _CopyRequest, *, is_page: bool) -> str:
    """Return the policy of a copy. Links of a page may leave its frame when the visitor clicks, and nothing else."""
    here = f"'self' {asked.here}"
    rules = [
        "sandbox allow-top-navigation-by-user-activation" if is_page else "sandbox",
        "default-src 'none'",
        f"img-src {here} data:",
        f"media-src {here} data:",
        f"font-src {here} data:",
        f"style-src {here} 'unsafe-inline'",
        f"frame-src {here}",
        "form-action 'none'",
        "base-uri 'none'",
    ]
    if not (asked.key and asked.path.modifier in ("if_", "fw_")):  # a frame in a copy: its parent has no origin
        rules.append(f"frame-ancestors {asked.interface}")
    return "; ".join(rules)
