"""What every request passes first: size, host, rate, method, login, the sender of a form. Refusals are clear pages."""

from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from archiver.errors import UsageError
from archiver.text.clean import printable
from archiver.web.asgi import ASGIApp, Receive, Scope, Send
from archiver.web.client_limits import ClientBuckets
from archiver.web.config import ServeConfig
from archiver.web.form_tokens import FormTokens, is_from_here
from archiver.web.hosts import Reached, is_allowed, is_loopback, origin_of, reached
from archiver.web.login_gate import LOGIN, LOGOUT, LoginGate, too_many
from archiver.web.server_pages import told
from archiver.web.slow_clients import BODY_SECONDS, BodyTooLarge, read_body, with_body, with_send_limit

LONGEST_TARGET = 8_192
"""Bytes of a path with its query."""
_MOST_HEADERS = 32_768  # bytes
_BURST, _EACH_SECOND = 300.0, 30.0
_OF_A_COPY = 0.1  # of a request: a page of an archive may have hundreds of images
_READS, _FORM = ("GET", "HEAD"), "POST"


def check_rights(config: ServeConfig, *, unix: bool = False) -> None:
    """Check that a server that others can reach asks who they are.

    Args:
        config: the settings.
        unix: it listens on a Unix socket, which only a reverse proxy makes sense of.

    Raises:
        UsageError: it would be open to everybody, or both ways to ask are given.
    """
    if config.password_file is not None and config.trust_header:
        raise UsageError("--password-file and --trust-header cannot be combined; give one of them")
    if config.password_file is None and not config.trust_header and (unix or not is_loopback(config.host)):
        where = "a Unix socket" if unix else f"--host {config.host}"
        raise UsageError(
            f"{where}: others could read this archive; add --password-file FILE, or --trust-header X-Remote-User "
            "behind a reverse proxy that checks who they are"
        )


class Guard:
    """Refuses what no page should see, and tells the pages who asks.

    A request that is passed on has `archiver.user` (a name or ""), `archiver.token` for its forms, and
    `archiver.check`, which checks the token of a form.
    """

    def __init__(self, app: ASGIApp, config: ServeConfig) -> None:
        """Guard an application.

        Raises:
            UsageError: the password file cannot be used.
        """
        self._app, self._config = app, config
        self._gate = LoginGate(config)
        self._tokens = FormTokens(self._gate.key)
        is_shared = bool(config.password_file or config.trust_header) or not is_loopback(config.host)
        self._requests = ClientBuckets(_BURST, _EACH_SECOND) if is_shared else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            return
        found = reached(scope, self._config)
        scope = self._as_reached(scope, found)
        try:
            response = self._refusal(scope, found)
            if response is None and origin_of(found, self._config) == "interface":
                response, receive = await self._admitted(scope, receive)
            await (response or self._app)(scope, receive, with_send_limit(send))
        except TimeoutError:  # the client is too slow; without an answer, the connection is closed
            return

    def _as_reached(self, scope: Scope, found: Reached) -> Scope:
        """Return the request with the host and scheme of the visitor, and without the prefix of the proxy."""
        headers = [pair for pair in scope["headers"] if pair[0] != b"host"]
        path, raw = scope["path"], scope.get("raw_path") or quote(scope["path"]).encode()
        prefix = self._config.prefix
        if prefix and path.startswith(f"{prefix}/"):
            path, raw = path.removeprefix(prefix), raw.removeprefix(quote(prefix).encode())
        return {
            **scope,
            "scheme": found.scheme,
            "headers": [(b"host", found.host.encode("latin-1")), *headers],
            "client": (found.client, (scope.get("client") or ("", 0))[1]),
            "path": path,
            "raw_path": raw,
            "archiver.user": "",
        }

    def _refusal(self, scope: Scope, found: Reached) -> Response | None:
        """Return why a request is refused whoever asks; None when it is not."""
        refused = self._too_large(scope)
        if refused is None and not is_allowed(found, scope, self._config):
            name = printable(found.name, 100) or "that name"
            text = f"This server is not known as {name}. Start it with --allow-host NAME to show it under another name."
            refused = told(self._config.prefix, 421, "Not known by this name", text)
        if refused is None and (wait := self._wait(found)):
            refused = too_many(self._config.prefix, wait)
        if refused is None and scope["path"] == self._config.prefix != "":
            refused = RedirectResponse(f"{self._config.prefix}/", 308)
        return refused or self._wrong_method(scope)

    def _wait(self, found: Reached) -> float:
        """Count the request; return 0, or the seconds until the client may make it."""
        if self._requests is None:
            return 0.0
        return self._requests.take(found.client, 1.0 if origin_of(found, self._config) == "interface" else _OF_A_COPY)

    def _too_large(self, scope: Scope) -> Response | None:
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_TARGET:
            text = f"An address has at most {LONGEST_TARGET:,} bytes."
            return told(self._config.prefix, 414, "The address is too long", text)
        if sum(len(key) + len(value) for key, value in scope["headers"]) > _MOST_HEADERS:
            text = f"The head of a request has at most {_MOST_HEADERS:,} bytes."
            return told(self._config.prefix, 431, "The head is too long", text)
        return None

    def _wrong_method(self, scope: Scope) -> Response | None:
        path = scope["path"]
        allowed = (*_READS, _FORM) if path == LOGIN else (_FORM,) if path == LOGOUT or _is_act(path) else _READS
        if scope["method"] in allowed:
            return None
        methods = ", ".join(allowed)
        text = f"Here only {methods} can be used."
        return told(self._config.prefix, 405, "This cannot be done here", text, {"Allow": methods})

    async def _admitted(self, scope: Scope, receive: Receive) -> tuple[Response | None, Receive]:
        """Return the answer to a visitor who may not read, or to a form that no page of ours sent; and the body."""
        if scope["method"] == _FORM:
            if not is_from_here(scope):
                text = "This form was not sent by a page of this server. Open the page again, and send it there."
                return told(self._config.prefix, 403, "Not sent from here", text), receive
            try:
                body = await read_body(receive, seconds=BODY_SECONDS)
            except BodyTooLarge:
                return told(self._config.prefix, 413, "Too much", "A form has at most 64 kB."), receive
            except TimeoutError:
                text = "The form did not arrive in time. Send it again."
                return told(self._config.prefix, 408, "Too slow", text, {"Connection": "close"}), receive
            receive = with_body(body, receive)
            if (answered := self._gate.form(scope, body)) is not None:
                return answered, receive
        visitor = self._gate.visitor(scope)
        scope["archiver.user"] = visitor.name
        scope["archiver.token"] = self._tokens.token(scope)
        scope["archiver.check"] = lambda token: self._tokens.is_valid(token, scope)
        return visitor.refused, receive


def _is_act(path: str) -> bool:
    """Whether a path is that of an act: `/act/NAME`, or `/ARCHIVE/act/NAME`. The page of the acts is `/act`."""
    return "act" in path.split("/")[1:-1][:2]
