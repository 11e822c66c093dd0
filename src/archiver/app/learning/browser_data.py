"""What a page requested in a browser, and the answers that it got, out of the archive."""

import json
from contextlib import suppress
from dataclasses import fields, replace

from archiver.errors import ArchiveDamaged, BodyPruned
from archiver.learn.samples import SamplePage
from archiver.model.capture import Capture
from archiver.model.rendition import REQUESTS, RequestLogged, urn
from archiver.store.archive import Store

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


def _logged(body: bytes) -> tuple[RequestLogged, ...]:
    return tuple(
        RequestLogged(**{name: value for name, value in each.items() if name in _KNOWN}) for each in json.loads(body)
    )
