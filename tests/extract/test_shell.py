"""Which pages look like the shell of a script, and are told of when they are read without a browser."""

from pathlib import Path

import pytest

from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.extract.shell import SHELL
from archiver.model.capture import Capture, Outcome, Request
from made import START

SCRIPT = "<script src=/a.js></script>"
LINKS = "<nav><a href=/1>One</a> <a href=/2>Two</a> <a href=/3>Three</a></nav>"
LONG = "<script>" + "draw(); " * 1_000 + "{}</script>"
CASES = {
    "an empty root": (f"<div id=app></div>{SCRIPT}", True),
    "a root that loads": (f"<div id=root>Loading…</div>{SCRIPT}", True),
    "a menu of the server": (f"<header>{LINKS}</header><div id=root></div>{SCRIPT}", True),
    "no known root": (f"<div id=content></div>{SCRIPT}{SCRIPT}", True),
    "data in the page": (f"<div id=__next></div><script type=application/json>{{}}</script>{SCRIPT}", True),
    "a short page of a framework": (f"<div id=app>{LINKS}<p>We are closed.</p></div>{SCRIPT}", False),
    "a short page with scripts": (f"{LINKS}<p>We are closed.</p>{LONG.format('')}", False),
    "a text": (f"<div id=app><p>{'The council met and voted. ' * 30}</p></div>{SCRIPT}", False),
    "no script": ("<div id=app></div>", False),
    "a refresh": (f"<meta http-equiv=Refresh content='0; url=/x'>{LONG.format('')}", False),
    "a redirect by script": (LONG.format("location.replace('/x')"), False),
}


def _page(html: str) -> Capture:
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    return Capture(Request("http://x.example/a"), START, Outcome.OK, 200, headers=headers, body=html.encode())


@pytest.mark.parametrize(("html", "expected"), CASES.values(), ids=CASES)
def test_shells_are_told_from_short_pages(html: str, expected: bool) -> None:
    assert (SHELL in read(_page(html), None, slow=True).notes) is expected


def test_no_page_of_a_real_portal_looks_like_a_shell() -> None:
    pages = [path for path in Path("tests/fixtures").rglob("*.html") if "spa" not in path.parent.name]
    assert len(pages) > 30
    found = [path for path in pages if SHELL in read(_page(path.read_text("utf-8", "replace")), None, slow=True).notes]
    assert found == []


def test_a_rule_that_finds_a_body_and_a_page_that_is_not_read_have_no_note() -> None:
    shell = _page(f"<div id=app></div><p class=t>Short.</p>{SCRIPT}")
    head = '[site]\nname = "x"\nhome = "http://x.example/"\n[[page]]\n'
    assert SHELL not in read(shell, parse_profile(f'{head}kind = "article"\n[page.fields]\nbody = "p.t"', "x")).notes
    assert SHELL not in read(shell, parse_profile(f'{head}kind = "skip"', "x")).notes
    assert SHELL in read(shell, parse_profile(f'{head}kind = "listing"', "x")).notes
