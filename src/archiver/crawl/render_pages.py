"""Opens pages in a browser after their plain visit, and keeps what it made as captures beside the plain one."""

import asyncio
import functools
import hashlib
import json
import logging
import re
from collections.abc import Coroutine, Mapping
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace

from archiver.crawl.named_addresses import addresses_in
from archiver.crawl.read_capture import is_page, read_capture
from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiverError
from archiver.extract.open_page import render_rules
from archiver.extract.shell import has_body
from archiver.extract.slow_steps import SlowSteps
from archiver.fetch.retry import is_transient
from archiver.model.capture import HTML_TYPES, Capture, Request
from archiver.model.outcome import Outcome
from archiver.model.profile import Profile, RenderRules
from archiver.model.record import Record
from archiver.model.rendition import (
    BROWSER,
    CONTENT_TYPES,
    DOM,
    METHOD,
    REQUESTS,
    SCREENSHOT,
    MadeBy,
    NotFetched,
    Rendered,
    urn,
)
from archiver.polite.polite_client import PoliteClient
from archiver.polite.stop import ServerSuspended, Stopped
from archiver.render.one_page import SCRIPT
from archiver.render.renderer import Renderer
from archiver.text.clean import joined, printable
from archiver.text.url import origin_of

_ELEMENTS = re.compile(rb'<([a-zA-Z][^\s/>]{0,60})(?:\s[^<>]{0,2000}?\bclass="([^"]{0,300})")?')
_DIGEST = 32  # hexadecimal digits
_DATA = ("Script", "XHR", "Fetch")  # resource types without which a page is not what it is
_LOOK_SECONDS, _STOP_SECONDS = 0.5, 5.0  # a page that is open when the run stops may take so long
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page that a browser opened.

    Attributes:
        capture: its plain capture, with the browser's document as `dom`.
        others: the answers that the browser got, then the renditions: document, screenshot, log of requests.
        named: addresses of the site in those answers.
    """

    capture: Capture
    others: tuple[Capture, ...]
    named: tuple[str, ...] = ()


class PageRenderer:
    """Opens the pages of one site.

    Args:
        site: the site's rules.
        renderer: the browser.
        steps: the slow steps of reading, for pages that are opened only when nothing else finds a body.
        asked: open pages for which the profile does not say so by these rules.
    """

    def __init__(
        self, site: WorkingSite, renderer: Renderer, steps: SlowSteps | None, *, asked: RenderRules | None = None
    ) -> None:
        self._site = site
        self._renderer = renderer
        self._steps = steps
        self._asked = asked

    async def render(self, capture: Capture, client: PoliteClient, readers: Executor) -> RenderedPage | None:
        """Open the page of a capture; return None when it is not to be opened.

        Args:
            capture: the plain capture. Its bytes are the browser's main document; no second request is sent for it.
            client: sends the page's other requests.
            readers: threads that may read pages.

        Raises:
            Stopped: the run stops meanwhile.
        """
        if not is_page(capture) or (capture.media_type or HTML_TYPES[0]) not in HTML_TYPES:
            return None
        in_thread = functools.partial(asyncio.get_running_loop().run_in_executor, readers)
        rules = await in_thread(self._rules, capture)
        if rules is None:
            return None
        requests = _PageRequests(client, capture.url)
        rendered = without_data(await self._rendered(capture, rules, requests), rules, requests.unanswered)
        if rules.screenshot == "changed" and rendered.screenshot:
            rendered = await in_thread(with_digest, capture, rendered, self._site.profile)
        named = await in_thread(addresses_in, rendered.responses, capture.url, self._site)
        return replace(rendered_page(capture, rendered), named=named)

    async def _rendered(self, capture: Capture, rules: RenderRules, requests: "_PageRequests") -> Rendered:
        """Return what the browser makes of a page. An exception in the renderer is a bug of it: it is logged."""
        try:
            opened = self._renderer.render(capture, rules, requests.fetch, site=self._site.profile.site)
            return await _until_stopped(opened, requests.client)
        except (ArchiverError, Stopped):
            raise
        except Exception as error:
            if any(error is each for each in requests.raised):
                raise
            _LOG.exception("%s: the page was not opened in the browser", capture.url)
            failure = f"a fault of archiver, see the log: {type(error).__name__}: {printable(str(error), 200)}"
            return _failed(capture, failure)

    def _rules(self, capture: Capture) -> RenderRules | None:
        """Return how a page is opened. Pure: it runs in any thread."""
        rules = render_rules(capture, self._site.profile, self._asked)
        if rules is None or rules.when == "always":
            return rules
        record = read_capture(capture, self._site.profile, self._steps, links=False).record
        return None if record is None or has_body(record) else rules


def unopened(capture: Capture, why: str) -> RenderedPage:
    """Return a page that was not opened in the browser, for a reason that is not its own."""
    return rendered_page(capture, _failed(capture, why))


def _failed(capture: Capture, why: str) -> Rendered:
    return Rendered(MadeBy("", SCRIPT, ""), capture.visited_at, 0, failure=why)


async def _until_stopped(work: Coroutine[object, object, Rendered], client: PoliteClient) -> Rendered:
    """Return what the browser makes of a page, if it is complete soon after the run stops.

    Raises:
        Stopped: it is not; the page is opened in a later run.
    """
    task, left = asyncio.ensure_future(work), _STOP_SECONDS
    try:
        while not task.done():
            await asyncio.wait([task], timeout=_LOOK_SECONDS)
            left -= _LOOK_SECONDS if client.is_stopping else 0.0
            if left <= 0 and not task.done():
                raise Stopped
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class _PageRequests:
    """Sends the requests of one page in the browser, as polite as all others.

    Attributes:
        unanswered: why requests to the page's own server failed that may succeed later, or are not whole, by address.
        raised: the exceptions that are no `NotFetched`: the first ends the page.
    """

    def __init__(self, client: PoliteClient, page: str) -> None:
        self.client = client
        self._origin = origin_of(page)
        self.unanswered: dict[str, str] = {}
        self.raised: list[Exception] = []

    async def fetch(self, request: Request) -> Capture:
        try:
            return await self._fetch(request, is_own=origin_of(request.url) == self._origin)
        except NotFetched:
            raise
        except Exception as error:
            self.raised.append(error)
            raise

    async def _fetch(self, request: Request, *, is_own: bool) -> Capture:
        """Send a request.

        Raises:
            NotFetched: it may not be sent.
            ServerSuspended: requests to the page's own server are suspended: the page is opened in a later run.
            Stopped: the run stops.
        """
        try:
            capture = (await self.client.fetch(request, lambda _target: False))[-1]
        except ServerSuspended as suspended:
            if is_own:
                raise
            raise NotFetched("requests to its server are suspended") from suspended
        if capture.outcome is Outcome.REFUSED:
            raise NotFetched(capture.note)
        if is_own and (is_transient(capture) or not capture.is_whole):
            self.unanswered[capture.url] = joined(str(capture.status or ""), capture.note) or capture.outcome
        return capture


def without_data(rendered: Rendered, rules: RenderRules, unanswered: Mapping[str, str]) -> Rendered:
    """Return what a browser made of a page; it failed when the data or a script of the page did not come.

    What such a page shows is an error, or a part. When the node of `wait` came, the page is complete.

    Args:
        rendered: what the browser made.
        rules: of the profile.
        unanswered: why requests failed that may succeed later, or are not whole, by address.
    """
    lacking = [each for each in rendered.requests if each.type in _DATA and each.url in unanswered]
    is_complete = bool(rules.wait) and not rendered.made_by.waited.partition(", ")[0].endswith("not found")
    if not lacking or is_complete or rendered.failure:
        return rendered
    why = f"its data did not come: {lacking[0].url[:300]}: {unanswered[lacking[0].url]}"
    return replace(rendered, dom=b"", screenshot=b"", failure=why)


def with_digest(capture: Capture, rendered: Rendered, profile: Profile) -> Rendered:
    """Return what a browser made of a page with a digest of what it shows, by which screenshots are compared.

    It covers what a reader may look for in a picture: the content that is read from the document, what a listing lists,
    the layout (which elements there are, by name and class), and how the picture was made. So a counter or other links
    in a sidebar make no new screenshot; an edit or a redesign does.
    """
    shown = replace(capture, dom=_rendition(DOM, capture.url, rendered, rendered.dom))
    record = read_capture(shown, profile, None, links=True).record or Record()
    made_by = rendered.made_by
    parts = (
        sorted(record.content.comparable().items()),
        [each.url for each in record.items or ()],
        sorted(set(_ELEMENTS.findall(rendered.dom))),
        (made_by.browser, made_by.script, made_by.viewport, made_by.language, made_by.timezone),
    )
    shows = hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return replace(rendered, made_by=replace(made_by, shows=shows))


def rendered_page(capture: Capture, rendered: Rendered) -> RenderedPage:
    """Return the plain capture with its document, and everything else that is kept."""
    log = json.dumps([_brief(asdict(each)) for each in rendered.requests], ensure_ascii=False, indent=0).encode()
    dom = _rendition(DOM, capture.url, rendered, rendered.dom)
    renditions = [dom]
    renditions += [_rendition(SCREENSHOT, capture.url, rendered, rendered.screenshot)] if rendered.screenshot else []
    renditions += [_rendition(REQUESTS, capture.url, rendered, log)] if rendered.requests else []
    answers = [replace(each, via=BROWSER) for each in rendered.responses]
    return RenderedPage(replace(capture, dom=dom), (*answers, *renditions))


def _brief(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value not in ("", None, False)}


def _rendition(kind: str, url: str, rendered: Rendered, body: bytes) -> Capture:
    """Return a rendition as a capture: with a body and no head; without a body when the browser failed."""
    notes = (rendered.failure, *rendered.notes) if kind == DOM else ()
    return Capture(
        Request(urn(kind, url), METHOD),
        rendered.at,
        Outcome.OK if body else Outcome.UNREADABLE,
        headers=((b"Content-Type", CONTENT_TYPES[kind].encode()),) if body else (),
        body=body,
        milliseconds=rendered.milliseconds,
        note="; ".join(filter(None, notes)),
        via=BROWSER,
        made_by=rendered.made_by.as_json(),
    )
