"""A hostile archive in a real Chromium: nothing in a copy acts, and no other server is asked for anything."""

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from browsers import CHROMIUM, needs_chromium
from copied import Kept, copied
from web_served import Served, served

sys.path.append(str(Path(__file__).parents[2] / "real"))
from browser import Browser  # type: ignore[import-not-found]

pytestmark = needs_chromium
PAGE = "http://portal.example/page"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6364f8cf500f0003018601"
    "68d19f6b0000000049454e44ae426082"
)
_SCRIPT = """
document.title = 'ran'; document.cookie = 'stolen=1'; fetch('EVIL/fetch'); new Image().src = 'EVIL/image';
navigator.sendBeacon('EVIL/beacon'); parent.postMessage('message', '*'); top.location = 'EVIL/top'; window.open('EVIL/open');
navigator.serviceWorker && navigator.serviceWorker.register('/web/sw.js'); new WebSocket('EVIL'.replace('http', 'ws'));
"""
_HOSTILE = """<!doctype html><html manifest="EVIL/manifest"><head><title>calm</title>
<base href="EVIL/base/" target="_top"><meta http-equiv="refresh" content="0;url=EVIL/refresh">
<meta http-equiv="set-cookie" content="meta=1"><meta name="referrer" content="unsafe-url">
<link rel="preconnect" href="EVIL"><link rel="dns-prefetch" href="//evil.example"><link rel="prefetch" href="EVIL/prefetch">
<link rel="prerender" href="EVIL/prerender"><link rel="preload" as="image" href="EVIL/preload">
<link rel="modulepreload" href="EVIL/module"><link rel="stylesheet" href="EVIL/style.css"><link rel="manifest" href="EVIL/app">
<link rel="stylesheet" href="http://portal.example/style.css">
<script>SCRIPT</script><script src="EVIL/script.js"></script><script type="module">SCRIPT</script>
<script type="speculationrules">{"prefetch": [{"source": "list", "urls": ["EVIL/speculation"]}]}</script>
<style>@import "EVIL/import.css"; @import url(EVIL/import2.css); @font-face{font-family:x;src:url(EVIL/font.woff)}
body{font-family:x;background:url(EVIL/back.png)} p::before{content:url("EVIL/before.png")}
li{list-style-image:image-set("EVIL/set.png" 1x)} a[href^="EVIL"]{background:url(//evil.example/x)} div{cursor:url(EVIL/cursor),auto}
</style></head><body onload="SCRIPT" background="EVIL/body.png" onfocus="SCRIPT">
<img id="own" src="http://portal.example/own.png"><img src="EVIL/missing.png" onerror="SCRIPT" srcset="EVIL/a.png 1x, EVIL/b.png 2x">
<svg><script>SCRIPT</script><image href="EVIL/svg.png" onload="SCRIPT"/><use href="EVIL/use.svg#x"/><style>g{fill:url(EVIL/fill)}</style>
<a id="svg" xlink:href="EVIL/svglink"><text y="20">svg</text><animate attributeName="href" values="EVIL/animated" begin="0s"/></a>
<set attributeName="href" to="javascript:SCRIPT"/><foreignObject><iframe src="EVIL/foreign"></iframe></foreignObject></svg>
<math><mtext><a href="EVIL/math">m</a><style><img src="EVIL/mathstyle" onerror="SCRIPT"></style></mtext></math>
<iframe src="EVIL/frame"></iframe><iframe srcdoc="<script>SCRIPT</script><img src='EVIL/srcdoc.png'><a href='EVIL/srcdoclink'>x</a>"></iframe>
<iframe src="javascript:SCRIPT"></iframe><iframe src="data:text/html,<script>SCRIPT</script>"></iframe>
<object data="EVIL/object"></object><embed src="EVIL/embed"><applet code="EVIL/applet" archive="EVIL/jar"></applet>
<video src="EVIL/video" poster="EVIL/poster" autoplay muted></video><audio src="EVIL/audio" autoplay></audio>
<form id="form" action="EVIL/form" target="_top"><input name="a" value="secret" autofocus onfocus="SCRIPT"><button id="send" formaction="EVIL/send">send</button></form>
<a id="plain" href="EVIL/plain" ping="EVIL/ping">plain</a> <a id="blank" href="EVIL/blank" target="_blank">blank</a>
<a id="script" href="javascript:SCRIPT">script</a> <a id="data" href="data:text/html,<script>SCRIPT</script>">data</a>
<a id="down" href="EVIL/download" download>down</a> <map name="m"><area id="area" href="EVIL/area" shape="default"></map>
<details open ontoggle="SCRIPT"><summary>s</summary></details><marquee onstart="SCRIPT">x</marquee>
<noscript><img src="EVIL/noscript.png"><meta http-equiv="refresh" content="0;url=EVIL/noscript"></noscript>
<template shadowrootmode="open"><img src="EVIL/shadow.png"><script>SCRIPT</script></template>
<svg><style><!--</style><a href="EVIL/confused" target="_top">c</a>--></svg><xmp><a href="EVIL/xmp"></xmp><plaintext><a href="EVIL/last">
"""


_CLICKED = "<!doctype html><title>click</title><style>#x{{position:fixed;inset:0;display:block}}</style>{}"
_LINKS = {
    "inside": ('<a id=x href="/inner">go</a>', "/web/20221101100000/http://portal.example/inner"),
    "plain": ('<a id=x href="EVIL/plain" ping="EVIL/ping">go</a>', "/web/20221101100000/EVIL/plain"),
    "blank": ('<a id=x href="EVIL/blank" target="_blank">go</a>', "/web/20221101100000/EVIL/blank"),
    "download": ('<a id=x href="EVIL/down" download>go</a>', "/web/20221101100000/EVIL/down"),
    "script": ("<a id=x href=\"javascript:top.location='EVIL/js'\">go</a>", ""),
    "data": ('<a id=x href="data:text/html,<script>top.location=\'EVIL/d\'</script>">go</a>', ""),
    "handler": ("<div id=x onclick=\"top.location='EVIL/on'\">go</div>", ""),
    "form": ('<form action="EVIL/form" target=_top><button id=x name=a value=b formaction="EVIL/f2">go</button></form>', ""),
    "svg": ('<svg id=x width=900 height=900><a href="EVIL/svg"><rect width=900 height=900 /></a></svg>', "/web/20221101100000/EVIL/svg"),
    "animated": (
        '<svg id=x width=900 height=900><a href="#t"><rect width=900 height=900 /><set attributeName="href" to="EVIL/set"/></a></svg>',
        "",
    ),
    "confused": ('<svg><style><!--</style><a id=x href="EVIL/confused" target=_top>go</a>--></svg>', "?"),
    "twice": ('<a id=x href="javascript:0" href="EVIL/second" HREF=EVIL/third>go</a>', ""),
    "based": ('<base href="EVIL/base/" target=_top><a id=x href="#part">go</a>', ""),
}  # fmt: skip
"""Links that fill the page, and where a click leads; "" nowhere, "?": anywhere inside."""


_SEEN_AHEAD = {
    "comment": "<svg><style><!--</style>LINK-->",
    "section": "<svg><![CDATA[</svg>LINK]]><p>",
    "title": "<svg><title><style></title>LINK</style></title></svg>",
    "value": '<svg><style><a title="</style>LINK">',
    "deep": f"{'<b>' * 600}<svg><style><!--</style>LINK-->",
    "srcdoc": "<iframe srcdoc='<svg><style><!--</style>LINK-->'></iframe>",
}
"""Where a browser that looks ahead finds a link, and its parser none."""
_DRAWN = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:h="http://www.w3.org/1999/xhtml" width="9" height="9">
<h:link rel="preconnect" href="EVIL"/><h:link rel="prefetch" href="EVIL/p"/><h:link rel="stylesheet" href="EVIL/s.css"/>
<h:meta http-equiv="refresh" content="0;url=EVIL/r"/><a href="EVIL/a"><rect width="9" height="9"/></a></svg>"""


class _Evil(BaseHTTPRequestHandler):
    """Notes each request; a connection that asks for nothing is noted by the server."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815  (the name that the library calls)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


class _EvilServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), type("Evil", (_Evil,), {"asked": self.asked}))

    def process_request(self, request: Any, client_address: Any) -> None:
        self.asked.append("a connection")
        super().process_request(request, client_address)


@pytest.fixture(scope="module")
def evil() -> Iterator[_EvilServer]:
    with _EvilServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def _hostile(evil: _EvilServer) -> str:
    script = _SCRIPT.replace("\n", " ")
    return _HOSTILE.replace("SCRIPT", script).replace("EVIL", f"http://127.0.0.1:{evil.server_port}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, evil: _EvilServer) -> Iterator[Served]:
    page = _hostile(evil)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><script>{_SCRIPT.replace("EVIL", f"http://127.0.0.1:{evil.server_port}")}</script><text y="20">t</text></svg>'
    captures = [
        Kept(PAGE, page),
        Kept("http://portal.example/quirks", page.removeprefix("<!doctype html>").replace("<title>calm</title>", "")),
        Kept("http://portal.example/own.png", PIXEL, media_type="image/png"),
        Kept(
            "http://portal.example/style.css",
            f"@font-face{{font-family:own;src:url(own.woff2)}} body{{font-family:own;color:rgb(1, 2, 3);background:url(http://127.0.0.1:{evil.server_port}/css.png)}}",
            media_type="text/css",
        ),
        Kept("http://portal.example/own.woff2", b"wOF2", media_type="font/woff2"),
        Kept("http://portal.example/picture.svg", svg, media_type="image/svg+xml"),
        Kept(
            "http://portal.example/feed",
            f"<?xml version='1.0'?><?xml-stylesheet href='http://127.0.0.1:{evil.server_port}/x.xsl' type='text/xsl'?><html xmlns='http://www.w3.org/1999/xhtml'><script>document.title='ran'</script></html>",
            media_type="application/xml",
        ),
        Kept("http://portal.example/text", page, media_type="text/plain"),
        Kept(
            "http://portal.example/frames",
            '<frameset cols="50%,50%"><frame src="/inner"><frame src="/page"></frameset>',
        ),
        Kept("http://portal.example/inner", "<p id=inner>inner<img src=/own.png>"),
    ]
    captures += [
        Kept(
            f"http://portal.example/click-{name}",
            _CLICKED.format(link).replace("EVIL", f"http://127.0.0.1:{evil.server_port}"),
        )
        for name, (link, _) in _LINKS.items()
    ]
    origin = f"http://127.0.0.1:{evil.server_port}"
    captures += [
        Kept(f"http://portal.example/ahead-{name}", text.replace("LINK", f'<link rel="preconnect" href="{origin}">'))
        for name, text in _SEEN_AHEAD.items()
    ]
    drawn = _DRAWN.replace("EVIL", origin)
    captures += [
        Kept("http://portal.example/drawn.svg", drawn, media_type="image/svg+xml"),
        Kept("http://portal.example/drawings", "<iframe src=/drawn.svg></iframe><img id=own src=/drawn.svg>"),
    ]
    with served(copied(tmp_path_factory.mktemp("hostile") / "hostile.db", captures)) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser(CHROMIUM) as found:
        yield found


def _tabs(browser: Browser) -> int:
    return [each["type"] for each in browser.ask("Target.getTargets")["targetInfos"]].count("page")


def _show(browser: Browser, address: str) -> None:
    browser.open("about:blank")
    browser.until("location.href == 'about:blank'")
    browser.events.clear()
    browser.open(address)
    browser.until("document.readyState == 'complete'")
    browser.wait(0.7)


def _contacted(evil: _EvilServer) -> list[str]:
    found = list(evil.asked)
    evil.asked.clear()
    return found


@pytest.mark.parametrize("name", ["page", "quirks", "picture.svg", "feed", "text", "frames"])
def test_nothing_acts_in_our_frame(server: Served, browser: Browser, evil: _EvilServer, name: str) -> None:
    address = f"{server.url}/web/20221101100000/http://portal.example/{name}"
    _show(browser, address)
    assert browser.run("location.href") == address
    assert "Copy of" in browser.run("document.title")
    assert _contacted(evil) == []
    assert browser.run("document.cookie") == ""
    assert _tabs(browser) == 1


@pytest.mark.parametrize("name", ["page", "quirks", "picture.svg", "feed", "text", "frames"])
def test_nothing_acts_in_a_copy_that_is_opened_by_itself(
    server: Served, browser: Browser, evil: _EvilServer, name: str
) -> None:
    address = f"http://replay.localhost:{server.port}/web/20221101100000mp_/http://portal.example/{name}"
    _show(browser, address)
    tree = browser.tab("Page.getFrameTree")["frameTree"]
    assert tree["frame"]["url"] == address
    assert _contacted(evil) == []
    assert browser.tab("Network.getCookies", urls=[address])["cookies"] == []
    assert _tabs(browser) == 1


@pytest.mark.parametrize("name", [*(f"ahead-{each}" for each in _SEEN_AHEAD), "drawn.svg", "drawings"])
def test_no_copy_makes_the_browser_connect_to_another_server(
    server: Served, browser: Browser, evil: _EvilServer, name: str
) -> None:
    for place in (f"{server.url}/web/20221101100000/", f"http://replay.localhost:{server.port}/web/20221101100000mp_/"):
        _show(browser, f"{place}http://portal.example/{name}")
        assert _contacted(evil) == []


def test_a_drawing_is_shown(server: Served, browser: Browser) -> None:
    _show(browser, f"http://replay.localhost:{server.port}/web/20221101100000mp_/http://portal.example/drawn.svg")
    assert browser.run("document.querySelector('img').naturalWidth") == 9
    _show(browser, f"http://replay.localhost:{server.port}/web/20221101100000mp_/http://portal.example/drawings")
    assert browser.run("document.getElementById('own').naturalWidth") == 9


def test_a_copy_has_its_own_requisites(server: Served, browser: Browser) -> None:
    _show(browser, f"http://replay.localhost:{server.port}/web/20221101100000mp_/{PAGE}")
    shown = "[document.title, document.getElementById('own').naturalWidth, getComputedStyle(document.body).color]"
    assert browser.run(shown) == ["calm", 1, "rgb(1, 2, 3)"]


def test_the_cookies_of_the_interface_stay_there(server: Served, browser: Browser) -> None:
    browser.tab("Network.setCookie", url=server.url, name="session", value="secret")
    _show(browser, f"{server.url}/web/20221101100000/{PAGE}")
    assert "session=secret" in _cookies_sent(browser, server.url)
    _show(browser, f"http://replay.localhost:{server.port}/web/20221101100000mp_/{PAGE}")
    assert _cookies_sent(browser, "replay.localhost") == ""


def _cookies_sent(browser: Browser, place: str) -> str:
    """Return all cookies that were sent to a place."""
    addresses = {
        values["requestId"]: values["request"]["url"]
        for method, values in browser.events
        if method == "Network.requestWillBeSent"
    }
    heads = [values for method, values in browser.events if method == "Network.requestWillBeSentExtraInfo"]
    ours = [values["headers"] for values in heads if place in addresses.get(values["requestId"], "")]
    assert ours
    return "; ".join(head.get("Cookie", "") for head in ours).strip("; ")


@pytest.mark.parametrize("name", list(_LINKS))
def test_a_click_stays_in_the_archive(server: Served, browser: Browser, evil: _EvilServer, name: str) -> None:
    start = f"{server.url}/web/20221101100000/http://portal.example/click-{name}"
    _show(browser, start)
    top = browser.run("document.querySelector('iframe').getBoundingClientRect().top")
    for kind in ("mousePressed", "mouseReleased"):
        browser.tab("Input.dispatchMouseEvent", type=kind, x=300, y=top + 200, button="left", clickCount=1)
    browser.wait(0.7)
    place = browser.run("location.href")
    expected = _LINKS[name][1].replace("EVIL", f"http://127.0.0.1:{evil.server_port}")
    if expected == "?":
        assert place.startswith(f"{server.url}/web/20221101100000/http://")
    else:
        assert place == (server.url + expected if expected else start)
    assert _contacted(evil) == []
    assert _tabs(browser) == 1
