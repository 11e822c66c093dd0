"""What a page may make us send and hold, and that faults of ours and of the browser are not taken for its own."""

import asyncio
import logging
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.model.capture import Capture, Request
from archiver.model.outcome import Outcome
from archiver.model.profile import Action, RenderRules, SiteInfo
from archiver.render import tab
from archiver.render.limits import RenderLimits
from browsers import needs_chromium
from rendering import PLAIN, Answers, Browser, page_of

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser(limits=RenderLimits(seconds=5, most_seconds=20, at_once=2))
    yield browser
    browser.close()


def _refused(browser: Browser, script: str) -> tuple[list[str], Answers]:
    answers = Answers()
    rendered = browser.open(f"<p>text</p><script>{script}</script>", answers)
    assert rendered.failure == ""
    return [each.refused for each in rendered.requests[1:]], answers


def test_an_address_that_cannot_be_kept_is_not_requested(browser: Browser) -> None:
    refused, answers = _refused(browser, "for (const n of [9000, 100000]) fetch('/' + 'y'.repeat(n)).catch(() => 0)")
    assert refused == ["no address of a page"] * 2
    assert answers.asked == []


def test_a_header_does_not_bring_back_a_refused_method(browser: Browser) -> None:
    script = "fetch('/x', {method: 'POST', headers: {'X-HTTP-Method-Override': 'delete'}}).catch(() => 0)"
    refused, answers = _refused(browser, script)
    assert (refused, answers.asked) == (["method DELETE"], [])


def test_what_a_page_sends_is_bounded_in_all(browser: Browser) -> None:
    script = "for (let i = 0; i < 5; i++) fetch('/' + i, {method: 'POST', body: 'x'.repeat(1 << 20)}).catch(() => 0)"
    refused, answers = _refused(browser, script)
    assert sorted(refused) == ["", "", "", "", "too many bytes sent"]
    assert sum(len(each.content) for each in answers.asked) == 4 << 20


def test_not_all_requests_of_a_page_are_in_progress_at_once(browser: Browser) -> None:
    now, most = 0, 0

    async def fetch(request: Request) -> Capture:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0.01)
        now -= 1
        return await Answers()(request)

    browser.open("<script>for (let i = 0; i < 100; i++) fetch('/' + i).catch(() => 0)</script>", fetch)
    assert 1 < most <= 16


@pytest.mark.parametrize("outcome", [Outcome.TOO_BIG, Outcome.TRUNCATED, Outcome.UNREADABLE])
def test_an_answer_that_is_not_whole_is_none_for_the_page(browser: Browser, outcome: Outcome) -> None:
    async def fetch(request: Request) -> Capture:
        return replace(await Answers().add(request.url, "text/plain", "a part")(request), outcome=outcome)

    script = "fetch('/a').then((r) => r.text()).then((t) => { document.title = 'got ' + t }, () => { document.title = 'failed' })"
    rendered = browser.open(f"<title></title><script>{script}</script>", fetch)
    assert b"<title>failed</title>" in rendered.dom
    assert rendered.requests[1].status == 200


def test_a_fault_of_our_script_is_logged_with_its_stack_and_named_as_ours(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    script = tab._script() + ";archiverPage.html = () => { throw new Error('a bug') }"
    monkeypatch.setattr(tab, "_script", lambda: script)
    with caplog.at_level(logging.ERROR):
        rendered = browser.open("<p>text</p>")
    assert rendered.failure.startswith("a fault of archiver, see the log: html: Error: a bug")
    assert "at archiverPage.html" in caplog.text


def test_a_listener_that_fails_is_logged(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> bool:
        raise KeyError("not there")

    monkeypatch.setattr("archiver.render.page_requests.is_icon", fail)
    with caplog.at_level(logging.ERROR):
        rendered = browser.open("<p>text</p>")
    assert rendered.failure.startswith("the browser ended twice")
    assert "KeyError: 'not there'" in caplog.text


def test_a_page_without_a_root_is_scrolled_without_a_fault(browser: Browser) -> None:
    script = "onload = () => document.documentElement.remove()"
    rendered = browser.open(
        f"<script>{script}</script>", None, RenderRules("always", actions=(Action("scroll", "", 3),))
    )
    assert rendered.failure == "the page has no document at the end"


def _renderers(group: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            is_own = os.getsid(int(path.parent.name)) == group
            found += [int(path.parent.name)] if is_own and b"--type=renderer" in path.read_bytes() else []
        except OSError:
            continue
    return found


def test_a_page_whose_process_is_killed_is_opened_again(browser: Browser) -> None:
    browser.open("<p>text</p>")
    tries = 0

    async def fetch(request: Request) -> Capture:
        nonlocal tries
        tries += 1
        if tries == 1:
            for each in browser.renderer._browsers:
                for process in _renderers(each.chromium.group):
                    os.kill(process, signal.SIGKILL)
            await asyncio.sleep(1)
        return await Answers().add(request.url, "text/plain", "ran")(request)

    script = "fetch('/data').then((r) => r.text()).then((t) => { document.title = t })"
    rendered = browser.open(f"<title></title><script>{script}</script>", fetch)
    assert (rendered.failure, tries) == ("", 2)
    assert b"<title>ran</title>" in rendered.dom


def test_a_site_whose_pages_take_long_leaves_a_place_to_others(browser: Browser) -> None:
    done: list[str] = []

    async def render(site: str, fetch: Answers | None, html: str) -> None:
        async def slow(request: Request) -> Capture:
            while "other" not in done:  # noqa: ASYNC110  (an event of another loop would be no simpler)
                await asyncio.sleep(0.05)
            return await Answers()(request)

        await browser.renderer.render(page_of(html), PLAIN, fetch or slow, site=SiteInfo(site))
        done.append(site)

    async def all_of_them() -> None:
        slow = [render("slow", None, "<script src=/a.js></script>") for _ in range(3)]
        await asyncio.gather(*slow, render("other", Answers(), "<p>text</p>"))

    browser.do(all_of_them())
    assert done == ["other", "slow", "slow", "slow"]
