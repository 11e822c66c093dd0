"""Answers that are nothing but a refresh are redirects; pages that refresh themselves or lead on are pages."""

import pytest

from archiver.fetch.refresh import followed
from archiver.model.capture import Capture, Outcome, Request
from made import START

TEXT = "<p>" + "The council met on Monday and spoke about the harbour. " * 20 + "</p>"
META = '<meta http-equiv="refresh" content="0; url=/new">'


def answer(body: str = "", *, refresh: str = "", media_type: str = "text/html", status: int = 200) -> Capture:
    fields = ((b"Content-Type", media_type.encode()), *(((b"Refresh", refresh.encode()),) if refresh else ()))
    head = b"HTTP/1.1 200 OK\r\n" + b"".join(b"%s: %s\r\n" % field for field in fields) + b"\r\n"
    outcome = Outcome.OK if status < 300 else Outcome.GONE
    return Capture(Request("http://x.example/a/old"), START, outcome, status, head, fields, body.encode())


MOVED = {
    "only the refresh": (answer(META), "/new"),
    "a sentence, a link and a title": (
        answer(f"<title>Redirecting</title>{META}<p>You are being redirected to <a href=/new>the page</a>."),
        "/new",
    ),
    "after five seconds": (answer("<META content='5;URL=new' HTTP-EQUIV='Refresh'><p>Wait."), "/a/new"),
    "quotes and entities": (answer("<meta http-equiv=refresh content=\"0;URL='/new?a=1&amp;b=2'\">"), "/new?a=1&b=2"),
    "no quotes": (answer("<meta http-equiv=refresh content=0;url=/new>"), "/new"),
    "no url=": (answer('<meta http-equiv=refresh content="0, /new">'), "/new"),
    "a part of a second": (answer('<meta http-equiv=refresh content="0.5; url=/new">'), "/new"),
    "a base": (answer('<base href="/b/"><meta http-equiv=refresh content="0;url=new">'), "/b/new"),
    "a heading that says so": (answer(f"{META}<h1>Redirecting...</h1>"), "/new"),
    "a heading and a link": (
        answer(f"{META}<h1>Nous partons</h1><a href=new>ici</a>".replace("/new", "/a/new")),
        "/a/new",
    ),
    "scripts and styles are not shown": (answer(f"{META}<style>{TEXT}</style><script>{TEXT}</script>"), "/new"),
    "a logo that nobody sees": (answer(f"{META}<img src=/logo.png>"), "/new"),
    "a script, and a refresh for others": (
        answer(f"<script>location.replace('/new')</script><noscript>{META}</noscript>"),
        "/new",
    ),
    "a header and no body": (answer(refresh="0;url=/new"), "/new"),
    "a header and a word": (answer("Moved", refresh="1, /new", media_type="text/plain"), "/new"),
    "no body, another type": (answer(refresh="0; URL=/new", media_type="application/octet-stream"), "/new"),
}
PAGES = {
    "an article that refreshes itself": answer(f'<meta http-equiv=refresh content="300"><h1>T</h1>{TEXT}'),
    "an article that leads on": answer(f'<meta http-equiv=refresh content="5;url=/new"><h1>T</h1>{TEXT}'),
    "a short text that refreshes itself": answer('<meta http-equiv=refresh content="5">12 degrees'),
    "a short text that names itself": answer('<meta http-equiv=refresh content="5;url=/a/old#x">12 degrees'),
    "a heading and a text": answer(f"<title>Whole</title>{META}<h1>Whole</h1><p>All of it came.</p>"),
    "a long delay": answer('<meta http-equiv=refresh content="60;url=/new">12 degrees'),
    "a slide": answer('<meta http-equiv=refresh content="5;url=/new"><img src=/1.jpg>'),
    "a login": answer(f"{META}<form><input type=password></form>"),
    "a list of links": answer(META + "".join(f"<a href=/{number}>x</a>" for number in range(5))),
    "in a comment": answer(f"<!-- {META} -->Text"),
    "in a script": answer(f"<script>'{META}'</script>Text"),
    "for clients without scripts": answer(
        f"<div id=root></div><noscript>{META}</noscript><script src=/app.js></script>"
    ),
    "no address of the web": answer('<meta http-equiv=refresh content="0;url=javascript:void(0)">Text'),
    "no time": answer('<meta http-equiv=refresh content="soon">Text'),
    "a picture": answer("GIF89a", refresh="0;url=/new", media_type="image/gif"),
    "a missing page": answer(META, status=404),
    "the header comes first": answer(META.replace("0;", "3;"), refresh="0"),
}


@pytest.mark.parametrize(("capture", "target"), MOVED.values(), ids=MOVED)
def test_nothing_but_a_refresh_is_a_redirect(capture: Capture, target: str) -> None:
    found = followed(capture)
    assert (found.outcome, found.location) == (Outcome.MOVED, f"http://x.example{target}")
    assert (found.status, found.block) == (200, capture.block), "the evidence is as it was sent"


@pytest.mark.parametrize("capture", PAGES.values(), ids=PAGES)
def test_a_page_with_a_refresh_is_a_page(capture: Capture) -> None:
    assert followed(capture) is capture
