"""Fetches what belongs to one visit of a crawl: the page, its redirects, and the other parts of its article."""

import asyncio
import functools
from dataclasses import replace

from archiver.crawl.article_parts import fetch_parts, parts_fetched
from archiver.crawl.fetched import Fetched, page_of
from archiver.crawl.login_redirects import RedirectsOf
from archiver.crawl.process_state import ProcessState
from archiver.crawl.read_capture import ArticleLinks, links_to_parts
from archiver.crawl.render_pages import PageRenderer
from archiver.crawl.site import WorkingSite
from archiver.model.capture import Capture, Request
from archiver.polite.polite_client import PoliteClient
from archiver.store.archive import Store
from archiver.store.frontier import Due
from archiver.store.pages import REQUISITE


class PageFetcher:
    """Fetches the pages of one site."""

    def __init__(self, store: Store, site: WorkingSite, renderer: PageRenderer | None = None) -> None:
        self._store = store
        self._site = site
        self._renderer = renderer

    async def fetch(self, client: PoliteClient, page: Due, process: ProcessState) -> list[Fetched]:
        """Fetch a page or a requisite; return the captures in the order in which they are kept.

        A redirect to another address of the same page is followed; others lead to other pages. A redirect that may lead
        to a login is followed to its end, too. If it is one, all answers are of this page. Parts of an article come
        before its first part, so that they are kept when its record is made.

        Raises:
            Stopped: the run stops, or requests to the server are suspended.
        """
        request = Request(page.url, page.method, page.headers, page.content)
        if page.kind == REQUISITE:
            return _of_page(page, await client.fetch(request, lambda _target: False))
        follow = RedirectsOf(page, self._site)
        own, others = follow.divide(await client.fetch(request, follow))
        rendered = await self._renderer.render(own[-1], client, process.readers) if self._renderer else None
        own[-1] = rendered.capture if rendered else own[-1]
        parts = await self._parts(client, own[-1], process)
        fetched = _of_page(page, own)
        if rendered:
            fetched[-1] = replace(fetched[-1], rendered=rendered.others, named=rendered.named)
        if not others and not parts:
            return fetched
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            process.writer, functools.partial(self._with_pages, page, fetched, others, parts)
        )

    async def _parts(self, client: PoliteClient, first: Capture, process: ProcessState) -> list[Capture]:
        async def fetch(url: str) -> list[Capture]:
            return await client.fetch(Request(url), lambda target: self._site.key(target) == self._site.key(url))

        async def links_of(capture: Capture, rule: str) -> ArticleLinks:
            look = functools.partial(links_to_parts, capture, self._site.profile, rule)
            return await asyncio.get_running_loop().run_in_executor(process.readers, look)

        return await fetch_parts(first, self._site, fetch, links_of)

    def _with_pages(self, page: Due, own: list[Fetched], others: list[Capture], parts: list[Capture]) -> list[Fetched]:
        """Return the captures with their pages. Uses the archive."""
        return [
            *parts_fetched(self._store, self._site, parts, page.depth),
            *own,
            *(Fetched(page_of(self._store, self._site, each), each, page.depth, page.reason) for each in others),
        ]


def _of_page(page: Due, captures: list[Capture]) -> list[Fetched]:
    return [
        Fetched(page.page_id, capture, page.depth, page.reason, is_hop=capture is not captures[-1])
        for capture in captures
    ]
