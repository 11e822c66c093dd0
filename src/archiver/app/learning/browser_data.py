"""What a page requested in a browser, and the answers that it got, out of the archive; where the data of a list is."""

import json
from contextlib import suppress
from dataclasses import fields, replace

from archiver.errors import ArchiveDamaged, BodyPruned
from archiver.extract.around import opened
from archiver.extract.tree import attribute
from archiver.learn.samples import SamplePage
from archiver.model.capture import Capture
from archiver.model.rendition import REQUESTS, RequestLogged, urn
from archiver.store.archive import Store

_DATA = ("XHR", "Fetch")
_OK = 200
_LEAST_FRAGMENT = 3  # characters: "#/a", not "#"
_MOST_SHOWN = 3
_KNOWN = {each.name for each in fields(RequestLogged)}


def with_browser_data(store: Store, page: SamplePage, visit_id: int) -> SamplePage:
    """Return a page with its requests and their answers; without any when no browser opened it.

    Args:
        store: the archive.
        page: the page.
        visit_id: its visit. Answers whose bytes were pruned are left out.
    """
    if page.capture.dom is None:
        return page
    requests: tuple[RequestLogged, ...] = ()
    answers: list[Capture] = []
    for number in store.sample_captures.of_browser(visit_id):
        with suppress(ArchiveDamaged, BodyPruned):
            capture = store.evidence.visit(number).capture
            if capture.url.startswith(urn(REQUESTS, "")):
                requests = _logged(capture.body)
            else:
                answers.append(capture)
    return replace(page, requests=requests, answers=tuple(answers))


def why_no_links(page: SamplePage) -> str:
    """Return why a list that a browser opened may have no links to articles, and where its data is; "" if unknown."""
    dom = page.capture.dom
    opened_page = opened(page.capture) if dom is not None else None
    if opened_page is None:
        return ""
    links = [attribute(node, "href") or "" for node in opened_page.document.css("a[href^='#']")]
    within = next((each for each in links if len(each) >= _LEAST_FRAGMENT), "")
    data = [each.url for each in page.requests if each.type in _DATA and each.status == _OK and not each.refused]
    parts = [f"its links, such as {within}, lead to no address that a server knows" if within else ""]
    if data:
        parts.append(f'its data is at {", ".join(data[:_MOST_SHOWN])}, which `[[page]] kind = "api"` may read')
    return "; ".join(filter(None, parts))


def _logged(body: bytes) -> tuple[RequestLogged, ...]:
    return tuple(
        RequestLogged(**{name: value for name, value in each.items() if name in _KNOWN}) for each in json.loads(body)
    )
