"""Answers the requests of a page in the browser: with the plain capture, from the cache, or by our client."""

import asyncio
import base64
import contextlib
import time
from dataclasses import replace
from urllib.parse import urldefrag

from archiver.model.capture import Capture, Request
from archiver.model.profile import RenderRules
from archiver.model.rendition import Fetch, NotFetched, RequestLogged
from archiver.render import headers
from archiver.render.devtools import BrowserEnded, BrowserSilent, CommandFailed, Parameters
from archiver.render.limits import RenderLimits
from archiver.render.refusals import is_icon, refusal
from archiver.render.resource_cache import ResourceCache
from archiver.render.tab import PageCrashed, Tab
from archiver.render.time_limit import TimeLimit

_LEFT_TO_THE_BROWSER = ("data", "blob", "about")
_MOST_SENT = 4 << 20  # bytes of all bodies that a page sends
_AT_ONCE = 16
"""The most requests of a page that are in progress: what is under way when the most bytes are reached is bounded."""
_MOST_RELOADS = 3
_STATUS = range(200, 600)
_GONE = (BrowserEnded, BrowserSilent, CommandFailed, PageCrashed)
_NO_ANSWER = "Failed"
_REFUSED = "BlockedByClient"
_STAYS = "Aborted"
_TOO_MANY_BYTES = "too many bytes"


class PageRequests:
    """The requests of one page, from the first, which is the page itself.

    Attributes:
        log: what was requested, in order.
        responses: what was fetched.
        leads_to: the address of another document that the page wanted to open in its place; "" for none.
        failure: the error of `fetch` that is no `NotFetched`: not a thing of the page.
    """

    def __init__(self, tab: Tab, page: Capture, rules: RenderRules, fetch: Fetch, cache: ResourceCache) -> None:
        self._tab = tab
        self._page = page
        self._rules = rules
        self._fetch = fetch
        self._cache = cache
        self._tasks: set[asyncio.Task[None]] = set()
        self._documents = 0
        self._bytes = self._sent = 0
        self._fetching = asyncio.Semaphore(_AT_ONCE)
        self._changed = time.monotonic()
        self.log: list[RequestLogged] = []
        self.responses: list[Capture] = []
        self.leads_to = ""
        self.failure: BaseException | None = None

    def start(self, limits: RenderLimits, time_limit: TimeLimit) -> None:
        """Take the requests of the tab from now on."""
        self._limits = limits
        self._time = time_limit
        self._tab.listen("Fetch.requestPaused", self._take)

    @property
    def quiet_seconds(self) -> float:
        """For how long no request was in progress; 0 when one is."""
        return 0.0 if self._tasks else time.monotonic() - self._changed

    def restart_quiet(self) -> None:
        """Count the quiet from now: what was just done with the page may make it request more in a moment."""
        self._changed = time.monotonic()

    async def stop(self) -> None:
        """Drop the requests that are in progress."""
        self._tab.listen("Fetch.requestPaused", lambda _: None)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, about: Parameters) -> None:
        is_document = about.get("resourceType") == "Document" and about.get("frameId") == self._tab.frame
        if is_icon(str(about.get("resourceType")), _lower(about["request"]["headers"])):
            self._tab.do("Fetch.failRequest", requestId=about["requestId"], errorReason=_REFUSED)
            return
        if about["request"]["url"].partition(":")[0] in _LEFT_TO_THE_BROWSER and not is_document:
            self._tab.do("Fetch.continueRequest", requestId=about["requestId"])
            return
        task = asyncio.ensure_future(self._answer_document(about) if is_document else self._answer(about))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed = time.monotonic()
        if not task.cancelled() and (error := task.exception()):
            self.failure = self.failure or error

    async def _answer(self, about: Parameters) -> None:
        request, kind = about["request"], str(about.get("resourceType", ""))
        place = len(self.log)
        url, method = urldefrag(request["url"]).url, str(request["method"])
        self.log.append(RequestLogged(url[:8000], method[:20], kind))
        answer, refused = await self._answer_of(about, kind, place)
        entry = replace(self.log[place], refused=refused)
        self.log[place] = _with_answer(entry, answer) if answer else entry
        if answer is None:
            await self._fail(about, _REFUSED if refused else _NO_ANSWER)
        else:
            await self._fulfil(about, answer)

    async def _answer_document(self, about: Parameters) -> None:
        """Answer the request for the page itself; the way to another document is closed."""
        request = about["request"]
        self._documents += 1
        url = urldefrag(request["url"]).url
        is_page = self._documents == 1 or (url == self.log[0].url and request["method"] == "GET")
        if is_page and self._documents <= 1 + _MOST_RELOADS:
            logged = RequestLogged(url[:8000], str(request["method"]), "Document", from_cache=self._documents > 1)
            self.log.append(_with_answer(logged, self._page))
            await self._fulfil(about, self._page)
            return
        self.log.append(RequestLogged(url[:8000], str(request["method"])[:20], "Document", refused="another document"))
        if is_page:
            self._tab.note("the page loads itself again and again")
        elif "upgrade-insecure-requests" not in _lower(request["headers"]):
            self._tab.note("a download was refused")
        else:
            self.leads_to = self.leads_to or url[:2000]
        await self._fail(about, _STAYS)

    async def _answer_of(self, about: Parameters, kind: str, place: int) -> tuple[Capture | None, str]:
        """Return the answer to a request, or why it was not sent."""
        request = about["request"]
        url, method, fields = urldefrag(request["url"]).url, str(request["method"]), _lower(request["headers"])
        if reason := self._over_limits() or refusal(kind, method, url, fields, self._rules):
            return None, reason
        origin = fields.get("origin", "")
        if method == "GET" and (kept := self._cache.get(url, origin)):
            self.log[place] = replace(self.log[place], from_cache=True)
            self._bytes += len(kept.body)
            return kept, ""
        answer, refused = await self._sent_for(request, url, method)
        if answer and answer.has_answer:
            self.responses.append(answer)
            self._cache.keep(kind, origin, answer)
        return answer, refused

    async def _sent_for(self, request: Parameters, url: str, method: str) -> tuple[Capture | None, str]:
        """Send a request; return the answer, or why it was not sent."""
        content = _content(request)
        if content is None:
            return None, "the body that the page sends cannot be read"
        self._sent += len(content)
        if content and self._sent > _MOST_SENT:
            return None, "too many bytes sent"
        try:
            with self._time.stopped():
                async with self._fetching:
                    if self._bytes > self._limits.page_bytes:
                        return None, _TOO_MANY_BYTES
                    answer = await self._fetch(Request(url, method, headers.to_send(request["headers"]), content))
        except NotFetched as why:
            return None, str(why)[:200] or "not sent"
        self._bytes += len(answer.body)
        return answer, ""

    def _over_limits(self) -> str:
        if len(self.log) > self._limits.requests:
            return "too many requests"
        return _TOO_MANY_BYTES if self._bytes > self._limits.page_bytes else ""

    async def _fulfil(self, about: Parameters, answer: Capture) -> None:
        """Give an answer to the browser: with its header fields, or with its type alone if the browser refuses them.

        One that is not whole fails: a script must not take a part, or nothing, for what the server has.
        """
        if answer.status not in _STATUS or not answer.is_whole or len(answer.body) > self._limits.answer_bytes:
            await self._fail(about, _NO_ANSWER)
            return
        body = base64.b64encode(answer.body).decode("ascii")
        kind = tuple((name, value) for name, value in answer.headers if name.lower() == b"content-type")
        for fields in (answer.headers, kind):
            try:
                await self._tab.ask(
                    "Fetch.fulfillRequest",
                    requestId=about["requestId"],
                    responseCode=answer.status,
                    binaryResponseHeaders=headers.to_answer(fields),
                    body=body,
                )
            except CommandFailed:
                continue
            except _GONE:
                return
            return
        await self._fail(about, _NO_ANSWER)

    async def _fail(self, about: Parameters, reason: str) -> None:
        with contextlib.suppress(*_GONE):
            await self._tab.ask("Fetch.failRequest", requestId=about["requestId"], errorReason=reason)


def _with_answer(entry: RequestLogged, answer: Capture) -> RequestLogged:
    protocol = answer.head.partition(b" ")[0][:20].decode("latin-1")
    return replace(
        entry,
        status=answer.status,
        media_type=answer.media_type,
        protocol=protocol,
        sha256=answer.sha256 if answer.head else "",
    )


def _lower(fields: Parameters) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in fields.items()}


def _content(request: Parameters) -> bytes | None:
    """Return the body that a page sends; None when the browser does not tell it."""
    if not request.get("hasPostData"):
        return b""
    entries = request.get("postDataEntries", [])
    if not entries or any("bytes" not in each for each in entries):
        return None
    return b"".join(base64.b64decode(each["bytes"]) for each in entries)
