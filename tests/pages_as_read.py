"""Read a page that a test writes, without a profile unless one is given."""

import json
from datetime import UTC, datetime

from archiver.extract.fallback import Guess
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.record import Record

ADDRESS = "http://portal.example/bai/1"
_PROFILE = '[site]\nname = "a"\nhome = "http://portal.example/"\n[[page]]\nkind = "article"\n[page.fields]\n'


def record_of(html: str, fields: str = "", *, guess: Guess | None = None, url: str = ADDRESS) -> Record:
    """Return the record of a page; `fields` are lines of `[page.fields]` of a profile."""
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    moment = datetime(2022, 10, 22, tzinfo=UTC)
    capture = Capture(Request(url), moment, Outcome.OK, 200, headers=headers, body=html.encode())
    return read(capture, parse_profile(_PROFILE + fields, "a") if fields else None, guess=guess)


def jsonld(*objects: object) -> str:
    """Return one JSON-LD block for each object."""
    return "".join(f"<script type='application/ld+json'>{json.dumps(each)}</script>" for each in objects)
