"""A page of a public site, opened in a browser, reaches no server of this machine or network by any request."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.app.archive import Archive
from archiver.extract.profile import parse_profile
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.model.profile import Profile
from archiver.settings import Settings
from browsers import needs_chromium
from internet import INSIDE, OTHER, PUBLIC, Internet
from made import START

pytestmark = needs_chromium

SCRIPT = """
const inner = 'INNER', none = () => 0;
const urls = [inner + 'a', 'http://localhost:PORT/b', 'http://127.1:PORT/c', 'http://2130706433:PORT/d', 'http://0x7f.1:PORT/e',
  'http://[::ffff:127.0.0.1]:PORT/f', 'http://inside.example:PORT/g', '/redir', 'http://other.example:PORT/chain', '//user:x@127.0.0.1:PORT/h'];
for (const url of urls) {
  fetch(url, {mode: 'no-cors'}).catch(none);
  fetch(url, {mode: 'no-cors', method: 'POST', body: 'x'}).catch(none);
  new Image().src = url;
  const request = new XMLHttpRequest(); request.open('GET', url); request.onerror = none; request.send();
  for (const name of ['iframe', 'script', 'embed', 'video', 'audio', 'track']) {
    const node = document.createElement(name); node.src = url; document.body.append(node);
  }
  const link = document.createElement('link'); link.rel = 'stylesheet'; link.href = url; document.head.append(link);
  navigator.sendBeacon(url, 'x'); open(url); new WebSocket(url.startsWith('http') ? url.replace('http', 'ws') : 'ws://127.0.0.1:PORT/w');
  import(new URL(url, location)).catch(none);
  new Worker(URL.createObjectURL(new Blob([`fetch('${new URL(url, location)}', {mode: 'no-cors'})`])));
}
document.body.insertAdjacentHTML('beforeend', `<iframe name=f></iframe><form target=f action="${inner}form"></form>`);
document.forms[0].submit();
document.title = 'ran';
"""


@pytest.fixture
def internet() -> Iterator[Internet]:
    internet = Internet()
    internet.hosts |= {"pub.example": [PUBLIC], "other.example": [OTHER], "inside.example": [INSIDE]}
    script = SCRIPT.replace("INNER", internet.url(INSIDE)).replace("PORT", str(internet.port))
    html = f"<title></title><h1>Tit</h1><p>Text.</p><body><script>{script}</script>"
    internet.answers[PUBLIC, "/p"] = (200, {"Content-Type": "text/html"}, html.encode())
    internet.answers[PUBLIC, "/redir"] = internet.answers[OTHER, "/chain"] = (
        302,
        {"Location": internet.url(INSIDE, "/secret")},
        b"",
    )
    yield internet
    internet.close()


@pytest.fixture
def archive(internet: Internet, tmp_path: Path) -> Iterator[Archive]:
    settings = Settings(tmp_path / "a.db", (), SettableClock(START), Retries(1, 0.0, 0.01), guard=internet.guard)
    with Archive(settings) as archive:
        yield archive


def _profile(internet: Internet) -> Profile:
    return parse_profile(
        f'[site]\nname = "t"\nhome = "{internet.url("pub.example")}"\n[crawl]\ndelay = 0.0\nstart = ["/p"]\n'
        'connections = 8\nsitemaps = []\nfeeds = []\n[[page]]\nkind = "article"\nrender = "always"\n[page.fields]\n'
        'title = "h1"\nbody = "p"\n',
        "t",
    )


def _log(archive: Archive) -> list[dict[str, object]]:
    ((number,),) = (row.values() for row in archive.sql("SELECT rendition_id FROM renditions WHERE kind = 'requests'"))
    log: list[dict[str, object]] = json.loads(archive.store.evidence.visit(int(str(number))).capture.body)
    return log


def test_no_request_of_a_page_reaches_this_network(internet: Internet, archive: Archive) -> None:
    archive.crawl(_profile(internet))
    assert internet.reached == set()
    assert (OTHER, f"other.example:{internet.port}", "/chain") in internet.asked
    log = _log(archive)
    assert {str(each["url"]).rpartition("/")[2] for each in log if "network" in str(each.get("refused"))} >= set(
        "abcdefg"
    )
    assert [each for each in log if str(each["url"]).endswith("/secret") and "network" in str(each.get("refused"))]


def test_a_host_whose_name_server_changes_its_mind_is_not_requested_there(internet: Internet, archive: Archive) -> None:
    """The first answers are a public address, all later ones the private one: of another host, then of the page's own."""
    left = [OTHER] * 8
    internet.hosts["rebound.example"] = lambda: [left.pop()] if left else [INSIDE]
    script = f"let i = 0; setInterval(() => {{ if (i++ < 20) fetch('{internet.url('rebound.example')}' + i) }}, 20)"
    html = f"<h1>Tit</h1><p>Text.</p><body><script>{script}</script>"
    internet.answers[PUBLIC, "/p"] = (200, {"Content-Type": "text/html"}, html.encode())
    archive.crawl(_profile(internet))
    assert internet.reached == set()
    log = _log(archive)
    assert [each for each in log if each.get("status")][1:]
    assert [each for each in log if "network" in str(each.get("refused"))]
    own = [PUBLIC] * 6
    internet.hosts["pub.example"] = lambda: [own.pop()] if own else [INSIDE]
    internet.answers[PUBLIC, "/p"] = (
        200,
        {"Content-Type": "text/html"},
        html.replace(internet.url("rebound.example"), "/").encode(),
    )
    archive.crawl(_profile(internet), everything=True)
    assert internet.reached == set()
