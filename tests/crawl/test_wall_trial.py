"""A false-alarm trial: articles, then a wall with status 200, then the articles again. No change is claimed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripted import Scripted

TEXT = (
    "<p>The board met in the town hall and talked about the new pipes in the north of the town for two hours.</p>" * 6
)
RELOAD = "document.cookie='pass='+Date.now()+';path=/';location.reload()"
FORM = "<form method=post action=/in><input name=user><input type=password name=pw><button>OK</button></form>"

RECOGNISED: dict[str, str] = {
    "proof of work": "<title>Making sure you&#39;re not a bot!</title><script id='anubis_challenge' type='application/json'>{}"
    "</script><h1>Making sure you&#39;re not a bot!</h1><p>The administrator of this site has set up a check.</p>",
    "proof of work of no known maker": "<title>town.example</title><p>Hold on.</p><script>let n=0;crypto.subtle.digest('SHA-256',x)"
    ".then(()=>location.href='/?ok='+n)</script>",
    "cookie and reload": f"<title>town.example</title><p>Hold on.</p><script>{RELOAD}</script>",
    "interstitial": "<title>Just a moment...</title><noscript>Enable JavaScript and cookies to continue</noscript>"
    "<script>window._cf_chl_opt={}</script>",
    "frame of a firewall": "<iframe src='/_Incapsula_Resource?CWUDNSAI=1&xinfo=2'>Request unsuccessful. Incident 7-8</iframe>",
    "script of a firewall": "<title>You are being redirected...</title><noscript>Javascript is required.</noscript>"
    "<script>var sucuri_cloudproxy_js='';eval(x)</script>",
    "protection from floods": "<title>DDoS-Guard</title><h1>Checking your browser before accessing town.example</h1>"
    "<script src='/.well-known/ddos-guard/js-challenge/index.js'></script>",
    "captcha of a cloud": "<title>Human Verification</title><script>window.gokuProps={}</script><noscript><h1>JavaScript is disabled"
    "</h1>We need to verify that you're not a robot.</noscript>",
    "press and hold": "<title>Access to this page has been denied.</title><div id=px-captcha></div><p>Press and hold.</p>",
    "slider": "<title>town.example</title><script src='https://ct.captcha-delivery.com/c.js'></script><p>Please enable JS.</p>",
    "denied with a reference": "<title>Access Denied</title><h1>Access Denied</h1>You don't have permission to access this page."
    "<p>Reference #18.2f1c</p>",
    "captcha in French": "<title>Vérification de sécurité</title><h1>Êtes-vous un humain ?</h1><div class=h-captcha></div>",
    "captcha in Vietnamese": "<title>Xác minh bạn là người thật</title><p>Vui lòng chờ.</p><script src=/check.js></script>",
    "maintenance": "<title>Maintenance</title><h1>Site under maintenance</h1><p>Please come back later.</p>",
    "maintenance in Vietnamese": "<title>Cổng</title><h1>Hệ thống đang bảo trì</h1><p>Xin quý vị quay lại sau.</p>",
    "maintenance in German": "<title>Wartungsarbeiten</title><h1>Wartungsarbeiten</h1><p>Wir sind bald wieder da.</p>",
    "scheduled maintenance": "<p>Briefly unavailable for scheduled maintenance. Check back in a minute.</p>",
    "no database": "<title>Database Error</title><h1>Error establishing a database connection</h1>",
    "warning of a script": "<b>Warning</b>: mysqli_connect(): (HY000/1040): Too many connections in /var/www/x.php on line 5",
    "fatal error of a script": "<b>Fatal error</b>: Uncaught PDOException: SQLSTATE[HY000] [2002] in /srv/a.php:3 Stack trace: #0",
    "bad gateway": "<title>502 Bad Gateway</title><h1>502 Bad Gateway</h1><hr>nginx",
    "login": f"<title>Sign in</title><form action=/login>{FORM}</form>",
    "login with the frame of the site": f"<title>Đăng nhập | Cổng</title><nav><a href=/>Trang chủ</a></nav><h1>Đăng nhập</h1>{FORM}",
}
UNKNOWN: dict[str, str] = {
    "strange gate": "<title>Olm</title><h1>Olm gate</h1><p>Olm counts to ten. Your number: {nonce}.</p>",
    "queue": "<title>Queue</title><h1>You stand in line</h1><p>Visitors ahead: {nonce}. This tab moves on by itself.</p>",
    "parking": "<title>Parked</title><p>Buy this name today. Related: cars, loans, shoes.</p>",
}
WALLS = RECOGNISED | UNKNOWN


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    made = Scripted(tmp_path / "archive.db")
    yield made
    made.close()


def _article(name: str) -> bytes:
    title = f"Water board meets about {name}"
    return f"<title>{title}</title><article><h1>{title}</h1><div>{TEXT}</div></article>".encode()


def test_one_page_of_a_site_without_a_profile(site: Scripted) -> None:
    addresses = {name: f"/{number}" for number, name in enumerate(WALLS)}
    for has_wall in (False, True, False):
        for name, path in addresses.items():
            site.answers[path] = (200, {}, WALLS[name].encode() if has_wall else _article(f"ward {path[1:]}"))
        for path in addresses.values():
            site.archive.capture(site.url + path)
        site.clock.advance(hours=7)
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.rows("SELECT count(*), max(version) FROM versions") == [(len(WALLS), 1)]
    found = site.rows("SELECT url, outcome, cause FROM visits WHERE cause IS NOT NULL ORDER BY visit_id")
    seen = {url.removeprefix(site.url): (outcome, cause) for url, outcome, cause in found}
    assert {name: seen.get(addresses[name]) for name in RECOGNISED} == dict.fromkeys(RECOGNISED, ("blocked", "wall"))
    assert {name: seen[addresses[name]][0] for name in UNKNOWN} == dict.fromkeys(UNKNOWN, "ok")


def test_a_crawl_of_several_pages(site: Scripted) -> None:
    """The wall of an unknown maker stands at one visit, or at three in a row."""
    text = site.profile().text.replace('title = "h1"\nbody = "#b"\n', "")
    (site.selectors / "t.toml").write_text(text.replace("[page.fields]", ""), encoding="utf-8")
    names = [f"ward {letter}" for letter in "abcd"]
    site.answers["/"] = (200, {}, b"<title>Home</title>" + b"".join(b"<a href=/%d>Report</a>" % n for n in range(4)))

    def show(bodies: list[bytes]) -> None:
        for number, body in enumerate(bodies):
            site.answers[f"/{number}"] = (200, {}, body)
        site.archive.crawl("t", everything=True)
        site.clock.advance(hours=7)

    articles = [_article(name) for name in names]
    show(articles)
    for wall, rounds in ((UNKNOWN["strange gate"], 3), (UNKNOWN["parking"], 3), (RECOGNISED["maintenance"], 1)):
        for number in range(rounds):
            show([(wall.replace("{nonce}", f"{number}{place}")).encode() for place in range(4)])
        show(articles)
    assert site.rows("SELECT url, field, old, new FROM changes") == []
    assert site.rows("SELECT count(*), max(version) FROM versions WHERE url NOT LIKE '%/'") == [(4, 1)]
    assert site.rows("SELECT DISTINCT state FROM pages") == [("live",)]


SOUND: dict[str, str] = {
    "stub": "<title>A pond</title><h1>A pond</h1><p>This page is a stub.</p>",
    "notice of maintenance": "<title>Website maintenance on 5 May</title><h1>Website maintenance on 5 May</h1>"
    "<p>The website of the town is closed for two hours on 5 May. We are sorry; it is back later.</p>",
    "article about captchas": f"<title>How captchas became harder</title><h1>How captchas became harder</h1>{TEXT}"
    "<p>A captcha asks whether you are human. Checking your browser takes a moment.</p>",
    "article about errors": f"<title>Error establishing a database connection</title><h1>What to do</h1>{TEXT}",
    "short page behind a network": "<title>Office hours</title><h1>Office hours</h1><p>The office is open on Monday.</p>"
    "<a href=/>Home</a><script>a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'</script>",
    "article with a login box": f"<title>A pond</title><header>{FORM}</header><h1>A pond</h1><p>It was drained in the spring.</p>",
    "article about logging in": f"<title>Login of the library has a new address from May</title><aside>{FORM}</aside>{TEXT}",
    "gallery": "<title>Spring</title><h1>Spring</h1>"
    + "".join(f"<img src=/i/{n}.jpg alt='Tree {n}'>" for n in range(8)),
    "short article": "<title>Something went wrong with the harvest</title><h1>Something went wrong with the harvest</h1>"
    "<p>"
    + "The rice of this year stood in water for three weeks, and the farmers of the valley ask for help. " * 4
    + "</p>",
}


@pytest.mark.parametrize("name", SOUND)
def test_short_pages_and_articles_about_walls_are_pages(site: Scripted, name: str) -> None:
    site.answers["/1"] = (200, {}, SOUND[name].encode())
    state = site.archive.capture(f"{site.url}/1").state
    assert (state.outcome, state.version) == ("ok", 1), state.note
