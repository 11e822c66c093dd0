"""Nothing of a page is seen by the next one, nothing leaves but through `fetch`, and the rules of the web hold."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from archiver.model.capture import Capture, Request
from archiver.render.limits import RenderLimits
from browsers import needs_chromium
from rendering import PAGE, Answers, Browser, page_of

pytestmark = needs_chromium
SECURE = "https://portal.test/page"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser(limits=RenderLimits(seconds=8, most_seconds=40))
    yield browser
    browser.close()


LEAVE = """<body><script>
document.cookie = 'a=1; max-age=9999'; localStorage.a = 1; sessionStorage.a = 1; name = 'left';
const done = [];
const database = new Promise((end) => { indexedDB.open('left').onsuccess = end; });
const cached = caches.open('left').then((cache) => cache.put('/left', new Response('x')));
const worker = navigator.serviceWorker.register('/worker.js').then(() => 'yes', () => 'no');
Promise.all([database, cached, worker]).then(([, , w]) => { document.title = 'left, worker ' + w; });
</script>"""
LOOK = """<body><script>
(async () => {
  const found = [document.cookie, localStorage.a, sessionStorage.a, name, (await indexedDB.databases()).length,
    (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length];
  document.title = JSON.stringify(found);
})();
</script>"""


def test_nothing_of_a_page_is_seen_by_the_next(browser: Browser) -> None:
    answers = Answers().add("https://portal.test/worker.js", "text/javascript", "self.onfetch = () => 0")
    page = page_of(LEAVE, SECURE, (b"Set-Cookie", b"b=2; Max-Age=9999; Path=/"))
    assert b"<title>left, worker no</title>" in browser.open(page, answers).dom
    assert b'<title>["",null,null,"",0,0,0]</title>' in browser.open(page_of(LOOK, SECURE), answers).dom


def test_nothing_of_a_page_is_seen_by_one_that_is_open_at_the_same_time(browser: Browser) -> None:
    look = LOOK.replace("(async () => {", "setTimeout(async () => {").replace("})();", "}, 300);")
    talk = "<script>new BroadcastChannel('c').onmessage = (m) => { document.title = 'heard' }; const c = new BroadcastChannel('c'); c.postMessage(1)</script>"
    pages = [page_of(html, SECURE) for html in (LEAVE, look, talk, talk)]
    left, looked, *others = browser.open_all(*((page, Answers()) for page in pages))
    assert b"<title>left" in left.dom
    assert b'<title>["",null,null,"",0,0,0]</title>' in looked.dom
    assert len(others) == 2


def test_permissions_are_denied(browser: Browser) -> None:
    script = """(async () => { const said = [];
    for (const name of ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read'])
      said.push((await navigator.permissions.query({name})).state);
    document.title = said; })()"""
    assert (
        b"<title>denied,denied,denied,denied,denied</title>"
        in browser.open(page_of(f"<script>{script}</script>", SECURE)).dom
    )


CORS = """<body><script>
const say = (text) => document.body.insertAdjacentHTML('beforeend', `<p>${text}</p>`);
const ask = (name, url, options) => fetch(url, options).then((r) => r.text()).then((t) => say(name + ' ' + t), () => say(name + ' refused'));
ask('closed', 'http://other.test/closed'); ask('open', 'http://other.test/open');
ask('json', 'http://other.test/json', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"a": "é"}'});
ask('header', 'http://other.test/header', {headers: {'X-A': '1'}});
ask('to-closed', '/to-closed'); ask('to-open', '/to-open'); ask('loop', '/loop');
</script>"""


def test_what_other_origins_do_not_allow_is_not_read(browser: Browser) -> None:
    answers = (
        Answers()
        .add("http://other.test/closed", "text/plain", "read")
        .add("http://other.test/header", "text/plain", "read")
    )
    answers.add("http://other.test/open", "text/plain", "read", Access_Control_Allow_Origin="http://portal.test")
    allowed = {"Access_Control_Allow_Origin": "*", "Access_Control_Allow_Headers": "content-type"}
    answers.add("http://other.test/json", "text/plain", "read", **allowed)  # type: ignore[arg-type]
    answers.add("http://portal.test/to-closed", "text/plain", "", 302, Location="http://other.test/closed")
    answers.add("http://portal.test/to-open", "text/plain", "", 307, Location="http://other.test/open")
    answers.add("http://portal.test/loop", "text/plain", "", 301, Location="/loop")
    rendered = browser.open(CORS, answers)
    said = rendered.dom.decode()
    for name, result in {"closed": "refused", "open": "read", "json": "read", "header": "refused"}.items():
        assert f"<p>{name} {result}</p>" in said
    for name, result in {"to-closed": "refused", "to-open": "read", "loop": "refused"}.items():
        assert f"<p>{name} {result}</p>" in said
    methods = [each.method for each in answers.asked if each.url.endswith("/json")]
    assert methods == ["OPTIONS", "POST"]
    (sent,) = [each.content for each in answers.asked if each.method == "POST"]
    assert sent.decode() == '{"a": "é"}'
    assert [each.method for each in answers.asked if each.url.endswith("/header")] == ["OPTIONS"]
    assert len([each for each in answers.asked if each.url.endswith("/loop")]) < 25


def test_redirects_are_followed_through_fetch(browser: Browser) -> None:
    answers = Answers().add("http://portal.test/a.js", "text/html", "", 302, Location="//cdn.test/b.js")
    answers.add("http://cdn.test/b.js", "text/javascript", "document.title = 'ran'")
    rendered = browser.open("<title></title><script src=/a.js></script>", answers)
    assert answers.urls() == ["http://portal.test/a.js", "http://cdn.test/b.js"]
    assert [(each.status, each.url[-5:]) for each in rendered.requests][1:3] == [(302, "/a.js"), (200, "/b.js")]
    assert b"<title>ran</title>" in rendered.dom


def test_workers_and_frames_request_through_fetch(browser: Browser) -> None:
    answers = Answers().add(
        "http://portal.test/w.js", "text/javascript", "fetch('/w').then(r => r.text()).then(postMessage)"
    )
    answers.add("http://portal.test/w", "text/plain", "worked").add(
        "http://other.test/f", "text/html", "<script src=/f.js></script>"
    )
    html = "<title></title><iframe src=http://other.test/f></iframe><script>new Worker('/w.js').onmessage = (m) => { document.title = m.data }</script>"
    rendered = browser.open(html, answers)
    assert b"<title>worked</title>" in rendered.dom
    assert sorted(answers.urls()) == [
        f"http://{path}" for path in ("other.test/f", "other.test/f.js", "portal.test/w", "portal.test/w.js")
    ]


def test_requests_that_may_not_be_sent_are_logged_with_the_reason(browser: Browser) -> None:
    answers = Answers(refused={"http://10.0.0.1/x": "private address", "http://portal.test/secret": "robots.txt"})
    html = "<title></title><script>for (const u of ['http://10.0.0.1/x', '/secret']) fetch(u).catch(() => { document.title += 'x' })</script>"
    rendered = browser.open(html, answers)
    assert [each.refused for each in rendered.requests][1:3] == ["private address", "robots.txt"]
    assert [each.status for each in rendered.requests][1:3] == [None, None]
    assert b"<title>xx</title>" in rendered.dom
    assert rendered.responses == ()


def test_a_bug_of_the_caller_is_not_a_fault_of_the_page(browser: Browser) -> None:
    async def fetch(request: Request) -> Capture:
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        browser.open("<script src=/a.js></script>", fetch)
    assert browser.open("<p>text").failure == ""


@contextlib.contextmanager
def _listeners() -> Iterator[tuple[int, int, list[str]]]:
    """Listen for TCP connections and UDP packets on loopback; yields both ports, and what came."""
    came: list[str] = []
    tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(type=socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))

    def take(name: str, receive: object) -> None:
        with contextlib.suppress(OSError):
            receive()  # type: ignore[operator]
            came.append(name)

    for name, receive in (("tcp", tcp.accept), ("udp", lambda: udp.recv(1))):
        threading.Thread(target=take, args=(name, receive), daemon=True).start()
    try:
        yield tcp.getsockname()[1], udp.getsockname()[1], came
    finally:
        for each in (tcp, udp):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def test_no_way_of_the_browser_reaches_the_network(browser: Browser) -> None:
    with _listeners() as (tcp, udp, came):
        script = f"""
        new WebSocket('ws://127.0.0.1:{tcp}/'); new WebSocket('ws://localhost:{tcp}/');
        for (const ice of ['stun:127.0.0.1:{udp}', 'turn:127.0.0.1:{udp}', 'turn:127.0.0.1:{tcp}?transport=tcp']) {{
          const peer = new RTCPeerConnection({{iceServers: [{{urls: ice, username: 'u', credential: 'c'}}]}});
          peer.createDataChannel('x'); peer.createOffer().then((offer) => peer.setLocalDescription(offer));
        }}
        try {{ new WebTransport('https://127.0.0.1:{udp}/') }} catch {{}}
        const link = document.createElement('link'); link.rel = 'preconnect'; link.href = 'http://127.0.0.1:{tcp}'; document.head.append(link);
        new SharedWorker(URL.createObjectURL(new Blob(["fetch('http://127.0.0.1:{tcp}/shared')"])));
        navigator.serviceWorker.register('http://127.0.0.1:{tcp}/worker.js').catch(() => 0);
        fetch('http://127.0.0.1:{tcp}/').catch(() => 0);
        document.body.innerHTML = '<object data="http://127.0.0.1:{tcp}/"></object><embed src="http://127.0.0.1:{tcp}/">';
        """
        page = page_of(f"<body><script>{script}; setTimeout(() => {{ document.title = 'end' }}, 2500)</script>", SECURE)
        answers = Answers()
        rendered = browser.open(page, answers)
        assert rendered.failure == ""
        assert came == []


def test_scripts_styles_fonts_and_images_are_requested_once_a_run(browser: Browser) -> None:
    answers = Answers().add(
        "http://portal.test/c.js", "text/javascript", "fetch('/data').then(() => { document.title = 'ran' })"
    )
    answers.add("http://portal.test/n.js", "text/javascript", "", Cache_Control="no-store")
    html = "<title></title><script src=/c.js></script><script src=/n.js></script>"
    browser.open(html, answers)
    rendered = browser.open(html, answers)
    assert b"<title>ran</title>" in rendered.dom
    counts = {url[-5:]: answers.urls().count(url) for url in answers.urls()}
    assert counts == {"/c.js": 1, "/n.js": 2, "/data": 2}
    log = {each.url[-5:]: (each.from_cache, each.status) for each in rendered.requests[1:]}
    assert (log["/c.js"], log["/n.js"], log["/data"]) == ((True, 200), (False, 200), (False, 404))
    assert sorted(each.url[-5:] for each in rendered.responses) == ["/data", "/n.js"]


@pytest.mark.parametrize(
    ("script", "target"),
    [
        ("location = '/other'", "http://portal.test/other"),
        ("location.replace('http://other.test/x?y#z')", "http://other.test/x?y"),
        ("document.write('<form id=f method=post><input name=a></form>'); f.submit()", PAGE),
        ("document.write('<meta http-equiv=refresh content=\"0; /next\">')", "http://portal.test/next"),
        ("location = 'about:blank'", "about:blank"),
        ("location = URL.createObjectURL(new Blob(['<p>x'], {type: 'text/html'}))", "blob:http://portal.test/"),
    ],
)
def test_a_page_that_leads_elsewhere_at_once_has_no_document(browser: Browser, script: str, target: str) -> None:
    answers = Answers()
    rendered = browser.open(f"<p>text</p><script>{script}</script>", answers)
    assert rendered.failure.startswith(f"the page leads to {target}")
    assert answers.asked == []


def test_a_page_that_loads_itself_again_and_again(browser: Browser) -> None:
    rendered = browser.open("<p>text</p><script>location.reload()</script>")
    assert rendered.notes == ("the page loads itself again and again",)
    assert rendered.failure == ""
    assert [each.type for each in rendered.requests if each.status] == ["Document"] * 4


def test_a_page_that_loads_itself_once_is_fine(browser: Browser) -> None:
    rendered = browser.open(
        "<p id=a></p><script>if (document.cookie) a.append('second'); else { document.cookie = 'a=1'; location.reload() }</script>"
    )
    assert (rendered.failure, rendered.notes) == ("", ())
    assert b">second</p>" in rendered.dom


def test_the_history_of_the_page_may_change(browser: Browser) -> None:
    rendered = browser.open("<script>history.pushState(null, '', '/article/1#x')</script>")
    assert (rendered.failure, rendered.made_by.final_url) == ("", "http://portal.test/article/1#x")


def test_shadow_roots_are_declared_in_the_document(browser: Browser) -> None:
    html = """<x-a></x-a><div id=d></div><template><p>t</p></template><script>
    customElements.define('x-a', class extends HTMLElement {
      constructor() { super(); const root = this.attachShadow({mode: 'open'}); root.innerHTML = '<b>outer</b><div id=i></div>';
        root.getElementById('i').attachShadow({mode: 'open'}).innerHTML = '<i>inner</i><slot></slot>'; } });
    customElements.define('x-c', class extends HTMLElement {
      constructor() { super(); this.attachShadow({mode: 'closed'}).innerHTML = '<u>closed</u>'; } });
    d.append(document.createElement('x-c'));
    </script>"""
    dom = browser.open(html).dom.decode()
    assert (
        '<x-a><template shadowrootmode="open"><b>outer</b><div id="i"><template shadowrootmode="open"><i>inner</i>'
        in dom
    )
    assert '<x-c><template shadowrootmode="closed"><u>closed</u></template></x-c>' in dom


def test_two_visits_of_an_equal_page_give_equal_pictures_and_documents(browser: Browser) -> None:
    html = """<style>@keyframes k { from { margin-left: 0 } to { margin-left: 500px } }
    p { animation: k 7s infinite; transition: color 3s } input { font-size: 40px }</style>
    <p>moves</p><input autofocus value=caret><div style="height: 3000px"></div>
    <script>scrollTo(0, 900); document.querySelector('input').select()</script>"""
    first, second = browser.open(html), browser.open(html)
    assert first.screenshot == second.screenshot
    assert first.dom == second.dom
