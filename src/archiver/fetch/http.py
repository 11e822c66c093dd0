"""The only user of httpx2: one request gives one capture, also when the request fails.

HTTP/1.1 over connections that are used again where that is safe (`connections`), no redirects followed (each
response is a capture of its own), no cookies unless enabled, the exact address on the wire, raw headers kept.
The client requests `identity`, so that the stored body is the body as sent; when a server compresses anyway, the
encoding is removed and described in `Capture.sent`.
"""

import asyncio
import dataclasses
import functools
import hashlib
import math
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any, Self

import httpx2

from archiver.fetch.address_guard import AddressGuard, PrivateAddress
from archiver.fetch.connections import IdleConnections
from archiver.fetch.failures import failure_words, outcome_of_error
from archiver.fetch.guard import CannotDecode, LimitedBody, NotEncoded, TooBig, undo
from archiver.fetch.lenient import NoHttpAnswer
from archiver.fetch.refresh import followed
from archiver.fetch.request_headers import request_headers
from archiver.fetch.transport import NAMED, Transport
from archiver.model.capture import Capture, Headers, Outcome, Request
from archiver.model.clock import Clock
from archiver.model.policy import Limits
from archiver.text.clean import joined, printable
from archiver.text.url import absolute

_PARTIAL, _NOT_MODIFIED = 206, 304
_CONNECTING = 0.9  # share of the time limit for connecting; a connection cancelled later would leave its socket open
_MAX_FLAWS = 5  # that a note names
_REDIRECTS = (300, 301, 302, 303, 307, 308)

_BY_STATUS: dict[int, Outcome] = {
    304: Outcome.SERVER_ERROR,  # the request was not conditional
    401: Outcome.BLOCKED,
    402: Outcome.BLOCKED,
    403: Outcome.BLOCKED,
    429: Outcome.BLOCKED,
    451: Outcome.BLOCKED,
    404: Outcome.GONE,
    410: Outcome.GONE,
}

Header = tuple[bytes, bytes]


def outcome_of(status: int, location: str | None) -> Outcome:
    """Return the outcome that follows from the status line alone."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status == _PARTIAL:
        return Outcome.TRUNCATED  # a range that was not requested
    if status in _REDIRECTS:
        return Outcome.MOVED if location else Outcome.SERVER_ERROR
    return Outcome.OK if 200 <= status < 300 else Outcome.SERVER_ERROR  # noqa: PLR2004


class Client:
    """Sends requests. Use it as an async context manager.

    Args:
        limits: the limits of a request.
        agent: the User-Agent.
        clock: returns the present time.
        idle: the unused connections of the process; by default those of this client alone.
        guard: resolves and checks hosts; by default by the operating system.
        may_send: called when a connection is there, right before a request is sent; what it raises keeps the request
            from being sent, and `fetch` raises it, too.
        wants_json: whether an address is that of an API. Some answer with HTML or XML if those are asked for, too.
    """

    def __init__(
        self,
        limits: Limits,
        agent: str,
        clock: Clock,
        idle: IdleConnections | None = None,
        guard: AddressGuard | None = None,
        *,
        may_send: Callable[[], None] | None = None,
        wants_json: Callable[[str], bool] = lambda _url: False,
    ) -> None:
        self._guard = guard or AddressGuard()
        self._own_idle = IdleConnections()
        self._idle = idle or self._own_idle
        self._limits = limits
        self._clock = clock
        self._may_send = may_send
        self._wants_json = wants_json
        self._agent = agent
        self._cookies = httpx2.Cookies() if limits.cookies else None

    async def __aenter__(self) -> Self:
        """Read the certificates, which takes 20 ms: the first request must not be late."""
        _context(verify=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._own_idle.close()

    @property
    def cookie_state(self) -> int:
        """Return a number that differs when the cookies differ; always the same without cookies."""
        return (
            0
            if self._cookies is None
            else hash(tuple(sorted((each.name, each.value or "") for each in self._cookies.jar)))
        )

    async def refusal(self, url: str, named: str) -> str | None:
        """Return why an address must not be requested for the sake of a named one (`address_guard`); else None."""
        try:
            host = httpx2.URL(url).raw_host.decode("ascii")
            await self._guard.addresses(host, 0, httpx2.URL(named).raw_host.decode("ascii"))
        except PrivateAddress as error:
            return str(error)
        except (httpx2.InvalidURL, ValueError, OSError):
            return None  # the request itself says what is wrong
        return None

    async def addresses(self, url: str) -> list[str]:
        """Return the IP addresses of the host of an address; none when the host is not known."""
        return await self._guard.known(httpx2.URL(url).raw_host.decode("ascii"))

    async def fetch(
        self, request: Request, beginning: int | None = None, *, named: str = "", seconds: float = math.inf
    ) -> Capture:
        """Send one request. A failure of the network is a capture with an outcome; no exception is raised for it.

        Args:
            request: the request.
            beginning: keep only this many bytes of a longer body (`truncated`), whatever the limits are.
            named: the address that the user named, for whose sake this one is requested; by default the same one.
            seconds: the time limit, if it is shorter than that of the limits.
        """
        limits = self._limits if beginning is None else dataclasses.replace(self._limits, max_bytes=beginning)
        if seconds < limits.timeout:
            limits = dataclasses.replace(limits, timeout=seconds)
        answer = functools.partial(
            _Response, request, limits, self._clock, named=named, keeps_beginning=beginning is not None
        )
        capture = await self._ask(answer(), verify=True)
        if capture.outcome is Outcome.TLS_ERROR and self._limits.tls == "record":
            again = await self._ask(answer(), verify=False)
            note = f"certificate not trusted; the page was read anyway ({capture.note})"
            return dataclasses.replace(again, note=joined(note, again.note))
        return capture

    async def _ask(self, answer: "_Response", *, verify: bool) -> Capture:
        seconds = answer.limits.timeout
        connecting = seconds * _CONNECTING
        transport = Transport(
            _context(verify=verify), connecting, self._idle, self._guard, self._may_send, verify=verify
        )
        try:
            async with asyncio.timeout(seconds):
                await answer.take(
                    transport,
                    request_headers(answer.request, self._agent, is_api=self._wants_json(answer.request.url)),
                    self._cookies,
                )
        except TimeoutError:
            answer.fail(Outcome.NETWORK_ERROR, f"no complete response within {seconds:.3g} s")
        except PrivateAddress as error:
            answer.fail(Outcome.REFUSED, f"{error}, so it was not requested")
        except TooBig:
            answer.refuse_body()
        except httpx2.HTTPError as error:
            answer.fail(outcome_of_error(error), failure_words(error))
        except (httpx2.InvalidURL, ValueError, OSError) as error:
            answer.fail(Outcome.NETWORK_ERROR, failure_words(error))
        return answer.capture()


@functools.cache
def _context(*, verify: bool) -> ssl.SSLContext:
    """Return the TLS context of all servers: reading the root certificates takes 20 ms and 0.5 MB."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class _Response:
    """The parts of one response that have arrived."""

    def __init__(self, request: Request, limits: Limits, clock: Clock, *, named: str, keeps_beginning: bool) -> None:
        self.request = request
        self.limits = limits
        self._named = named
        self._keeps_beginning = keeps_beginning
        self._started = time.perf_counter()
        self._fields: dict[str, Any] = {"request": request, "visited_at": clock(), "outcome": Outcome.NETWORK_ERROR}
        self._taken = LimitedBody(limits.max_bytes)
        self._notes: list[str] = []

    async def take(self, transport: Transport, headers: Iterable[Header], cookies: httpx2.Cookies | None) -> None:
        """Send the request and read the response, head first."""
        request = self.request
        sent = httpx2.Request(request.method, request.url, headers=list(headers), content=request.content or None)
        sent.extensions[NAMED] = self._named
        if cookies is not None:
            cookies.set_cookie_header(sent)
        self._fields["request_head"] = b"".join(key + b": " + value + b"\r\n" for key, value in sent.headers.raw)
        response = await transport.handle_async_request(sent)
        if cookies is not None:
            response.request = sent
            cookies.extract_cookies(response)
        try:
            self._head(response)
            declared = response.headers.get("content-length", "")
            if declared.isdigit() and int(declared) > self.limits.max_bytes and not self._keeps_beginning:
                raise TooBig
            async for part in response.aiter_raw():
                self._taken.add(part)
            self._notes += list(dict.fromkeys(response.extensions["flaws"]))[:_MAX_FLAWS]
        finally:
            await response.aclose()
        named = response.headers.get("content-encoding", "").strip()
        encoding = ", ".join(filter(None, (named, *response.extensions["codings"])))
        if encoding.lower() in ("", "identity"):
            self._fields["body"] = self._taken.body
        else:  # decoding may take a second; other fetches run meanwhile
            await asyncio.to_thread(self._decode, encoding)

    def _head(self, response: httpx2.Response) -> None:
        reason = response.extensions.get("reason_phrase", b"")
        version = response.extensions.get("http_version", b"HTTP/1.1")
        line = b"%s %d %s\r\n" % (version, response.status_code, reason)
        headers = tuple((bytes(key), bytes(value)) for key, value in response.headers.raw)
        head = line + b"".join(key + b": " + value + b"\r\n" for key, value in headers) + b"\r\n"
        if len(head) > self.limits.max_head:
            raise NoHttpAnswer(f"headers of {len(head)} bytes")
        location = self._location(headers)
        target = absolute(self.request.url, location) if location else None
        if location and target is None:
            self._notes.append(f"redirects to what is not a web address: {printable(location, 200)}")
        peer = response.extensions.get("peer")
        self._fields.update(
            status=response.status_code,
            head=head,
            headers=headers,
            location=target,
            outcome=self._outcome(response.status_code, target),
            address=str(peer[0]) if peer else None,
        )

    def _outcome(self, status: int, target: str | None) -> Outcome:
        if status == _NOT_MODIFIED and self.request.is_conditional:
            return Outcome.NOT_MODIFIED
        return outcome_of(status, target)

    def _location(self, headers: Headers) -> str | None:
        """Return the first Location; a different second one is noted, because browsers do not agree on it."""
        locations = [_text(value) for key, value in headers if key.lower() == b"location"]
        if len(set(locations)) > 1:
            self._notes.append(f"{len(locations)} different Location headers; the first was used")
        return locations[0] if locations else None

    def _decode(self, encoding: str) -> None:
        """Remove the encodings of the body, in which it was sent."""
        body = self._taken.body
        sent = {
            "content_encoding": printable(encoding, 80),
            "bytes": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        try:
            undone = undo(encoding, body, self.limits.max_bytes)
        except NotEncoded as error:
            self._notes.append(str(error))
            sent = {}  # the body is as it was sent
        except CannotDecode as error:
            self._notes.append(f"kept as it was sent: {error}")
            self._not_whole(Outcome.UNREADABLE)
        else:
            body = undone.body
            if undone.flaw:
                self._notes.append(undone.flaw)
            if not undone.whole:
                self._notes.append(f"the {printable(encoding, 40)} data broke off before its end")
                self._not_whole(Outcome.TRUNCATED)
        self._fields.update(body=body, sent=sent)

    def fail(self, outcome: Outcome, note: str) -> None:
        """Record that the response broke off or never arrived."""
        self._notes.append(note)
        self._fields["cause"] = note
        if self._fields.get("head"):
            self._fields["body"] = self._taken.body
            self._not_whole(Outcome.TRUNCATED)
        else:
            self._fields["outcome"] = outcome

    def _not_whole(self, outcome: Outcome) -> None:
        """Record a body that is wrong; a redirect or a missing page is known by its head."""
        if self._fields["outcome"] is Outcome.OK:
            self._fields["outcome"] = outcome

    def refuse_body(self) -> None:
        """Record a response that exceeds the limit: its head is enough, or only its beginning was requested."""
        most = self.limits.max_bytes
        if self._keeps_beginning:
            self._notes.append(f"the first {most} bytes were kept: no more is needed of such a file")
            self._fields.update(outcome=Outcome.TRUNCATED, body=self._taken.body)
        else:
            self._notes.append(f"more than {most} bytes; the body was not kept")
            self._fields.update(outcome=Outcome.TOO_BIG, body=b"")

    def capture(self) -> Capture:
        """Return the capture."""
        elapsed = round((time.perf_counter() - self._started) * 1000)
        return followed(Capture(**self._fields, milliseconds=elapsed, note="; ".join(self._notes)))


def _text(value: bytes) -> str:
    """Return an address in a header: UTF-8 as servers send it; other bytes are percent-encoded, as in browsers."""
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 128 else f"%{byte:02X}" for byte in value).strip()  # noqa: PLR2004
