"""A page that a script fills: its document, its screenshot, and the log of its requests."""

import json
from collections.abc import Iterator

import pytest

from browsers import needs_chromium
from rendering import PAGE, Answers, Browser

pytestmark = needs_chromium

SHELL = """<!doctype html><html lang="en"><title>A shell</title><link rel=stylesheet href=/style.css>
<main id=app></main><script src=/app.js></script></html>"""
APP = """
fetch('/api/articles?page=1', {headers: {'X-Requested-With': 'app', 'Accept': 'application/json'}})
  .then((answer) => answer.json())
  .then((list) => { for (const title of list) app.insertAdjacentHTML('beforeend', `<h2>${title}</h2>`); });
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.close()


def _portal() -> Answers:
    answers = Answers()
    answers.add(
        "http://portal.test/style.css",
        "text/css",
        "body { margin: 0 } main { height: 2400px; overflow: hidden; background: teal }",
    )
    answers.add("http://portal.test/app.js", "text/javascript", APP)
    return answers.add(
        "http://portal.test/api/articles?page=1", "application/json", json.dumps(["Lũ lụt", "Second"]), server="x"
    )


def test_the_document_is_what_the_scripts_made(browser: Browser) -> None:
    answers = _portal()
    rendered = browser.open(SHELL, answers)
    assert rendered.failure == ""
    assert "<h2>Lũ lụt</h2><h2>Second</h2></main>" in rendered.dom.decode()
    assert rendered.dom.startswith(b'<!DOCTYPE html>\n<html lang="en"><head><title>A shell</title>')
    assert rendered.screenshot.startswith(b"\x89PNG")
    width, height = (int.from_bytes(rendered.screenshot[at : at + 4]) for at in (16, 20))
    assert (width, height) == (1280, 2400)
    assert rendered.made_by.browser.startswith("Chromium ")
    assert (rendered.made_by.viewport, rendered.made_by.waited, rendered.made_by.final_url) == (
        "1280x1000",
        "quiet",
        PAGE,
    )


def test_the_log_has_every_request_in_order_and_the_page_itself_is_not_requested_again(browser: Browser) -> None:
    answers = _portal()
    rendered = browser.open(SHELL.replace(".css", ".css?2").replace(".js", ".js?2"), answers)
    log = [(each.url.removeprefix("http://portal.test"), each.type, each.status) for each in rendered.requests]
    assert log[:3] == [("/page", "Document", 200), ("/style.css?2", "Stylesheet", 404), ("/app.js?2", "Script", 404)]
    assert PAGE not in answers.urls()
    assert rendered.requests[1].protocol == "HTTP/1.1"
    assert [each.url for each in rendered.responses] == answers.urls()


def test_headers_that_the_script_set_are_passed_on_and_those_of_the_client_are_not(browser: Browser) -> None:
    answers = _portal()
    browser.open(SHELL, answers)
    (request,) = [each for each in answers.asked if "/api/" in each.url]
    fields = {name.lower(): value for name, value in request.headers}
    assert fields[b"x-requested-with"] == b"app"
    assert fields[b"accept"] == b"application/json"
    assert fields[b"referer"] == PAGE.encode()
    assert not fields.keys() & {b"user-agent", b"cookie", b"accept-encoding", b"host", b"sec-ch-ua"}
