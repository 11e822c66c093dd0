"""Opens pages in a browser after their plain visit, and keeps what it made as captures beside the plain one."""

import asyncio
import functools
import hashlib
import json
import re
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from archiver.crawl.named_addresses import addresses_in
from archiver.crawl.read_capture import is_page, read_capture
from archiver.crawl.site import WorkingSite
from archiver.extract.open_page import render_rules
from archiver.extract.shell import has_body
from archiver.extract.slow_steps import SlowSteps
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
from archiver.render.renderer import Renderer

_ELEMENTS = re.compile(rb'<([a-zA-Z][^\s/>]{0,60})(?:\s[^<>]{0,2000}?\bclass="([^"]{0,300})")?')
_DIGEST = 32  # hexadecimal digits


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
        requests = _PageRequests(client)
        rendered = await self._renderer.render(capture, rules, requests.fetch, site=self._site.profile.site)
        if requests.stopped is not None:
            raise requests.stopped
        if rules.screenshot == "changed" and rendered.screenshot:
            rendered = await in_thread(with_digest, capture, rendered, self._site.profile)
        named = await in_thread(addresses_in, rendered.responses, capture.url, self._site)
        return replace(rendered_page(capture, rendered), named=named)

    def _rules(self, capture: Capture) -> RenderRules | None:
        """Return how a page is opened. Pure: it runs in any thread."""
        rules = render_rules(capture, self._site.profile, self._asked)
        if rules is None or rules.when == "always":
            return rules
        record = read_capture(capture, self._site.profile, self._steps, links=False).record
        return None if record is None or has_body(record) else rules


class _PageRequests:
    """Sends the requests of one page in the browser, as polite as all others. `stopped`: the run stops."""

    def __init__(self, client: PoliteClient) -> None:
        self._client = client
        self.stopped: Stopped | None = None

    async def fetch(self, request: Request) -> Capture:
        try:
            capture = (await self._client.fetch(request, lambda _target: False))[-1]
        except ServerSuspended as suspended:
            raise NotFetched("requests to its server are suspended") from suspended
        except Stopped as stopped:
            self.stopped = stopped
            raise NotFetched("the run stops") from stopped
        if capture.outcome is Outcome.REFUSED:
            raise NotFetched(capture.note)
        return capture


def with_digest(capture: Capture, rendered: Rendered, profile: Profile) -> Rendered:
    """Return what a browser made of a page with a digest of what it shows, by which screenshots are compared.

    It covers what a reader may look for in a picture: the content that is read from the document, what a listing lists,
    the layout (which elements there are, by name and class), and how the picture was made. So a counter or other links
    in a sidebar make no new screenshot; an edit or a redesign does.
    """
    record = read_capture(rendered_page(capture, rendered).capture, profile, None, links=True).record or Record()
    made_by = rendered.made_by
    parts = (
        sorted(record.content.comparable().items()),
        [each.url for each in record.items or ()],
        sorted(set(_ELEMENTS.findall(rendered.dom))),
        (made_by.browser, made_by.script, made_by.viewport, made_by.language, made_by.timezone),
    )
    shows = hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return replace(rendered, made_by=replace(made_by, shows=shows))


def not_rendered(capture: Capture, why: str, at: datetime) -> RenderedPage:
    """Return a page that no browser could open, and why. `at`: when that was clear, UTC."""
    return rendered_page(capture, Rendered(MadeBy("", "", ""), at, 0, failure=why))


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
