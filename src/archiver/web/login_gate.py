"""Lets in those who gave the password, or whom the reverse proxy names; shows the others the login."""

import math
from typing import NamedTuple
from urllib.parse import parse_qs, quote

from starlette.responses import Response

from archiver.web.asgi import Scope
from archiver.web.client_limits import ClientBuckets
from archiver.web.config import ServeConfig
from archiver.web.login import Sessions, ended_cookie, has_basic, read_password, safe_target, trusted_name
from archiver.web.server_pages import bare_page, moved, told

LOGIN, LOGOUT = "/login", "/logout"
_STATIC = "/static/"
_TRIES, _TRIES_EACH_SECOND = 5.0, 0.1
_FORMATS = (".json", ".csv", ".atom")
_MOST_FIELDS = 40


class Visitor(NamedTuple):
    """Who asks: a name, "" without one; or the answer to one who may not read."""

    name: str = ""
    refused: Response | None = None


class LoginGate:
    """Checks each request of the interface."""

    def __init__(self, config: ServeConfig) -> None:
        """Make the gate.

        Raises:
            UsageError: the password file cannot be used.
        """
        self._prefix, self._trusted = config.prefix, config.trust_header
        self._sessions = Sessions(read_password(config.password_file)) if config.password_file else None
        self._tries = ClientBuckets(_TRIES, _TRIES_EACH_SECOND)

    @property
    def key(self) -> bytes | None:
        """A key that lasts as long as the password; None without one."""
        return self._sessions.key if self._sessions else None

    def visitor(self, scope: Scope) -> Visitor:
        """Return who asks for a page."""
        if self._trusted:
            return self._named(scope)
        if self._sessions is None or scope["path"].startswith(_STATIC):
            return Visitor()
        return Visitor(refused=self._asked(self._sessions, scope))

    def form(self, scope: Scope, body: bytes) -> Response | None:
        """Return the answer to the form of the login or the logout; None for another form, and without a password."""
        if self._sessions is None:
            return None
        if scope["path"] == LOGIN:
            return self._try_password(self._sessions, scope, body)
        return moved(f"{self._prefix}/", ended_cookie(self._prefix)) if scope["path"] == LOGOUT else None

    def _named(self, scope: Scope) -> Visitor:
        name = trusted_name(scope, self._trusted)
        if name:
            return Visitor(name)
        text = f"The reverse proxy must name the visitor in the header {self._trusted}. Ask who runs this server."
        return Visitor(refused=told(self._prefix, 401, "Who are you?", text))

    def _asked(self, sessions: Sessions, scope: Scope) -> Response | None:
        """Return the answer to a visitor without the password; None to one with it, whose HTTP Basic costs no try."""
        if sessions.is_open(scope):
            return None
        if has_basic(scope) and (wait := self._tries.take(scope["client"][0])):
            return too_many(self._prefix, wait)
        if scope["path"] == LOGIN:
            query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=_MOST_FIELDS)
            return self._page(query.get("to", [""])[0])
        if scope["path"].endswith(_FORMATS) or scope["method"] == "POST":
            head = {"WWW-Authenticate": 'Basic realm="archiver", charset="UTF-8"'}
            return told(self._prefix, 401, "Log in first", "This server asks for a password.", head)
        return moved(f"{self._prefix}{LOGIN}?to={quote(self._here(scope), safe='/')}")

    def _here(self, scope: Scope) -> str:
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        return f"{self._prefix}{path}" + (f"?{query}" if query else "")

    def _try_password(self, sessions: Sessions, scope: Scope, body: bytes) -> Response:
        if wait := self._tries.take(scope["client"][0]):
            return too_many(self._prefix, wait)
        form = parse_qs(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
        to = safe_target(form.get("to", [""])[0], self._prefix)
        if not sessions.is_password(form.get("password", [""])[0]):
            return self._page(to, "That is not the password.", 403)
        return moved(to, sessions.new_cookie(scope, self._prefix))

    def _page(self, to: str, text: str = "", status: int = 200) -> Response:
        values = {"to": safe_target(to, self._prefix), "told": text, "action": f"{self._prefix}{LOGIN}"}
        return bare_page(self._prefix, "login.html", "Log in", values, status)


def too_many(prefix: str, wait: float) -> Response:
    """Return the answer to a client that asks too often."""
    seconds = math.ceil(wait)
    head = {"Retry-After": str(seconds)}
    return told(prefix, 429, "Too many requests", f"Too many requests. Try again in {seconds} s.", head)
