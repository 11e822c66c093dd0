"""Pages that would not end, or would do something else than show a document: each has an outcome, and the next is fine."""

from collections.abc import Iterator

import pytest

from archiver.model.capture import Request
from archiver.model.profile import Action, RenderRules
from archiver.render.limits import RenderLimits
from browsers import needs_chromium
from rendering import PAGE, Answers, Browser, answer_to, page_of

pytestmark = needs_chromium
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    limits = RenderLimits(seconds=2, most_seconds=15, snapshot_seconds=5, requests=40, page_bytes=3 * MEGABYTE)
    browser = Browser(limits=limits)
    yield browser
    browser.close()


def _is_fine(browser: Browser) -> bool:
    """Whether the next page is opened as if nothing had been."""
    rendered = browser.open("<p id=a></p><script>a.textContent = 'fine'</script>")
    return rendered.failure == "" and b">fine</p>" in rendered.dom and rendered.notes == ()


def test_a_script_without_end(browser: Browser) -> None:
    rendered = browser.open("<p>text</p><script>while (true);</script>")
    assert rendered.failure == "the page's scripts did not end within 2 s"
    assert (rendered.dom, rendered.screenshot) == (b"", b"")
    assert _is_fine(browser)


def test_a_script_without_end_after_the_page_was_loaded(browser: Browser) -> None:
    rendered = browser.open("<p>text</p><script>setTimeout(() => { while (true); }, 100)</script>")
    assert rendered.failure == "the page's scripts did not end within 2 s"
    assert _is_fine(browser)


def test_a_page_that_changes_without_end_is_kept_as_it_is_then(browser: Browser) -> None:
    rendered = browser.open("<p id=a></p><script>setInterval(() => { a.textContent += 'x' }, 20)</script>")
    assert (rendered.failure, rendered.made_by.waited) == ("", "time limit")
    assert b"xxx" in rendered.dom


def test_a_page_that_asks_without_end_is_kept_as_it_is_then(browser: Browser) -> None:
    script = "(async () => { for (;;) { await fetch('/news'); await new Promise((r) => setTimeout(r, 200)); } })()"
    rendered = browser.open(
        f"<p>text</p><script>{script}</script>", Answers().add("http://portal.test/news", "x/y", "")
    )
    assert (rendered.failure, rendered.made_by.waited) == ("", "time limit")


def test_too_many_requests(browser: Browser) -> None:
    answers = Answers()
    rendered = browser.open("<script>for (let i = 0; i < 100; i++) fetch('/' + i).catch(() => 0)</script>", answers)
    assert rendered.failure == ""
    assert len(answers.asked) == 39
    assert rendered.requests[-1].refused == "too many requests"


def test_too_many_bytes(browser: Browser) -> None:
    answers = Answers()
    for number in range(6):
        answers.add(f"http://portal.test/{number}", "text/plain", b"x" * MEGABYTE)
    script = "(async () => { for (let i = 0; i < 6; i++) await fetch('/' + i).catch(() => 0) })()"
    rendered = browser.open(f"<script>{script}</script>", answers)
    assert [each.refused for each in rendered.requests][-2:] == ["too many bytes"] * 2
    assert len(answers.asked) == 4


def test_dialogs_are_closed(browser: Browser) -> None:
    script = "alert(1); document.title = String(confirm('?')) + prompt('?'); onbeforeunload = () => 'stay'; print()"
    rendered = browser.open(f"<title></title><script>{script}</script>")
    assert rendered.notes == ("a dialog was closed",)
    assert b"<title>falsenull</title>" in rendered.dom


def test_downloads_are_refused(browser: Browser) -> None:
    html = "<a id=a href=/file.zip download>x</a><iframe src=/other.zip></iframe><script>a.click()</script>"
    answers = Answers().add("http://portal.test/other.zip", "application/zip", b"PK")
    rendered = browser.open(html, answers)
    assert rendered.failure == ""
    assert rendered.notes == ("a download was refused",)
    assert "http://portal.test/file.zip" not in answers.urls()


def test_a_page_that_is_a_download_is_none(browser: Browser) -> None:
    rendered = browser.open(page_of(b"PK", PAGE, (b"Content-Disposition", b"attachment")))
    assert rendered.failure.startswith("the browser")
    assert _is_fine(browser)


def test_popups_are_refused(browser: Browser) -> None:
    script = "for (let i = 0; i < 20; i++) document.title = String(open('/popup' + i))"
    answers = Answers()
    rendered = browser.open(f"<title></title><script>{script}</script>", answers)
    assert rendered.notes == ("a popup was refused",)
    assert answers.asked == []


def test_a_popup_after_a_key_is_closed(browser: Browser) -> None:
    html = "<body><script>onkeydown = () => { document.title = String(open('/popup')) }</script>"
    answers = Answers()
    rendered = browser.open(html, answers, RenderRules("always", actions=(Action("press", "Space", 3),)))
    assert rendered.failure == ""
    assert rendered.notes == ("a popup was refused",)
    assert b"[object Window]" in rendered.dom
    assert rendered.screenshot
    assert answers.asked == []


@pytest.mark.parametrize("kind", [b"text/plain", b"image/svg+xml", b"application/pdf", b"image/png"])
def test_a_page_that_is_no_html_is_none(browser: Browser, kind: bytes) -> None:
    page = answer_to(Request(PAGE), 200, b"<p>text</p>", ((b"Content-Type", kind),))
    assert browser.open(page).failure == f"the page is {kind.decode()}, not HTML"


def test_xhtml_is_read_as_such(browser: Browser) -> None:
    body = b"<html xmlns='http://www.w3.org/1999/xhtml'><body><br/><p>x</p></body></html>"
    page = answer_to(Request(PAGE), 200, body, ((b"Content-Type", b"application/xhtml+xml"),))
    assert browser.open(page).dom == body.replace(b"'", b'"').replace(b"<br/>", b"<br />")


def test_a_document_that_removes_itself_is_none(browser: Browser) -> None:
    rendered = browser.open("<p>text</p><script>document.documentElement.remove()</script>")
    assert rendered.failure == "the page has no document at the end"


@pytest.mark.parametrize(
    "script",
    [
        "let i = 0; setInterval(() => { history.pushState(0, '', '/' + i++) }, 1)",
        "let i = 0; setInterval(() => { location.hash = i++ }, 1)",
        "setInterval(() => { for (let i = 0; i < 1000; i++) new WebSocket('ws://x.test/' + i) }, 1)",
        "setInterval(() => { for (let i = 0; i < 9999; i++) console.log('x'.repeat(1000)) }, 1)",
        "for (let i = 0; i < 300; i++) document.body.append(document.createElement('iframe'))",
        "let e = document.body; for (let i = 0; i < 20000; i++) { const d = document.createElement('p'); e.append(d); e = d }",
        "const u = URL.createObjectURL(new Blob(['for(;;);'])); for (let i = 0; i < 30; i++) new Worker(u)",
    ],
)
def test_floods_end(browser: Browser, script: str) -> None:
    browser.open(f"<body><p>text</p><script>{script}</script>")
    assert _is_fine(browser)


def test_the_process_of_the_page_ends(browser: Browser) -> None:
    page, other = (
        "<script>setTimeout(() => { a = []; for (;;) a.push(new Array(1e6).fill({})) }, 50)</script>",
        "<p>other</p>",
    )
    rendered, beside = browser.open_all((page, Answers()), (other, Answers()))
    assert rendered.failure != ""
    assert beside.failure == ""
    assert _is_fine(browser)


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "chrome://version/", "devtools://devtools/bundled/inspector.html", "ftp://a.test/x"],
)
def test_other_schemes_are_not_opened(browser: Browser, address: str) -> None:
    script = f"fetch('{address}').catch((e) => a.textContent += 'refused'); setTimeout(() => {{ location = '{address}' }}, 200)"
    html = f"<p id=a></p><iframe src='{address}'></iframe><img src='{address}'><script src='{address}'></script><script>{script}</script>"
    answers = Answers()
    rendered = browser.open(html, answers)
    assert rendered.failure == ""
    assert b">refused</p>" in rendered.dom
    assert answers.asked == []
    assert rendered.made_by.final_url == PAGE


def test_methods_that_change_a_server_are_refused(browser: Browser) -> None:
    answers = Answers()
    rendered = browser.open(
        "<script>for (const m of ['PUT', 'DELETE', 'PATCH']) fetch('/x', {method: m})</script>", answers
    )
    assert [each.refused for each in rendered.requests if each.url.endswith("/x")] == [
        "method PUT",
        "method DELETE",
        "method PATCH",
    ]
    assert answers.asked == []


def test_a_very_large_document_is_none() -> None:
    browser = Browser(limits=RenderLimits(seconds=10, dom_bytes=MEGABYTE, answer_bytes=8 * MEGABYTE))
    try:
        script = "document.body.append('x'.repeat(3 << 20))"
        assert browser.open(f"<body><script>{script}</script>").failure == "the document is larger than 1 MB"
        assert browser.open(page_of(b"x" * (9 * MEGABYTE))).failure == "the page is larger than 8 MB"
        assert _is_fine(browser)
    finally:
        browser.close()


def test_a_very_long_page_has_a_bounded_screenshot(browser: Browser) -> None:
    rendered = browser.open("<div style='height: 2000000px; background: linear-gradient(red, blue)'></div>")
    assert int.from_bytes(rendered.screenshot[20:24]) == 15_000
    assert rendered.notes == ("the screenshot shows the first 15000 of 2000016 pixels",)


def test_websockets_event_streams_and_beacons_do_not_leave(browser: Browser) -> None:
    script = """
    for (let i = 0; i < 50; i++) new WebSocket('ws://127.0.0.1:1/' + i);
    new EventSource('/stream'); navigator.sendBeacon('/beacon', 'x'); new RTCPeerConnection();
    const link = document.createElement('link'); link.rel = 'prefetch'; link.href = '/next'; document.head.append(link);
    """
    answers = Answers()
    rendered = browser.open(f"<p>text</p><script>{script}</script>", answers)
    assert rendered.failure == ""
    assert rendered.notes == ("a WebSocket was refused",)
    assert answers.asked == []
    assert {each.refused for each in rendered.requests if each.refused} == {
        "event stream",
        "report",
        "prefetch",
    }


def test_scripts_that_change_the_prototypes_change_nothing_here(browser: Browser) -> None:
    script = """
    Element.prototype.getHTML = () => 'lie'; Document.prototype.querySelectorAll = () => []; Array.prototype.map = null;
    Object.defineProperty(document, 'documentElement', {get: () => null}); JSON.stringify = () => 'lie';
    Node.prototype.cloneNode = () => { throw 1 }; MutationObserver = null; Promise = null; performance.now = () => 0;
    """
    names = "".join(
        f"<img name={name}>" for name in ("documentElement", "childNodes", "readyState", "scrollingElement")
    )
    rendered = browser.open(
        f"<html><p>true text</p>{names}<form><input name=attributes></form><script>{script}</script>"
    )
    assert rendered.failure == ""
    assert rendered.dom.startswith(b"<html><head></head><body><p>true text</p>")
    assert rendered.screenshot


def test_answers_with_strange_header_fields_are_passed_on(browser: Browser) -> None:
    answers = Answers()
    answers.add("http://portal.test/a.js", "text/javascript", "document.title = 'ran'")
    answers.by_url["http://portal.test/a.js"][3].update({"X\u00e9": "1", "X Y": "z", "Set-Cookie": "\x01a=b"})
    fields = ((b"X-\xff", b"\xff\xfe"), (b"Transfer-Encoding", b"chunked"), (b"Content-Encoding", b"gzip"))
    page = page_of("<title></title><script src=/a.js></script>", PAGE, *fields, (b"Content-Length", b"7"))
    rendered = browser.open(page, answers)
    assert rendered.failure == ""
    assert b"<title>ran</title>" in rendered.dom


@pytest.mark.parametrize("status", [100, 204, 205, 304, 404, 500, 999])
def test_a_page_with_an_unusual_status(browser: Browser, status: int) -> None:
    rendered = browser.open(page_of("<p>text</p>", status=status))
    assert (rendered.failure == "") is (status in (404, 500))


def test_bytes_that_are_no_html(browser: Browser) -> None:
    assert browser.open(page_of(b"\x00\xff\xfe" * 1000)).failure == ""
    assert browser.open(page_of(b"")).failure == ""
