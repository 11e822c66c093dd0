"""Acts in the browser: capture, crawl, mark, add a site. Only with `--act`, a token, and never into this network."""

import html
import re
import threading
import time
from collections.abc import Iterator
from email.message import Message
from typing import Any

import httpx2
import pytest

from archiver.app.browsing.acts import add_site, capture_now, crawl_command
from archiver.app.browsing.marks import event_text
from archiver.app.crawling.run import lock_site
from archiver.errors import UsageError
from archiver.web import acts
from redacted import rows
from watched import PAGE, Town
from web_served import Served, served


@pytest.fixture
def edited(town: Town) -> Town:
    town.articles(2)
    town.crawl()
    town.articles(range(1, 2), PAGE.replace("Bài {n}.", "Khác."))
    town.crawl()
    return town


@pytest.fixture
def server(edited: Town) -> Iterator[Served]:
    with served(edited.path, acts=True, settings=edited.settings) as found:
        yield found


def token(server: Served, path: str = "/act") -> str:
    found = re.search(r'name="token" value="([^"]+)"', server.get(path).text)
    assert found
    return html.unescape(found[1])


def send(server: Served, act: str, **form: str) -> httpx2.Response:
    form.setdefault("token", token(server))
    return server.client.post(f"{server.url}/act/{act}", data=form, headers={"Origin": server.url})


def ended(server: Served) -> dict[str, Any]:
    for _ in range(300):
        job: dict[str, Any] = server.json("/act.json")["jobs"][0]
        if job["result"]:
            return job
        time.sleep(0.1)
    raise AssertionError("the job did not end")


def events(town: Town) -> list[dict[str, Any]]:
    return rows(town.path, "SELECT * FROM events WHERE kind = 'edited'")


# whether they may


def test_without_the_option_nothing_can_be_done(edited: Town) -> None:
    for act in ["capture", "crawl", "site", "mark"]:
        with served(edited.path) as found:
            page = found.client.post(f"{found.url}/act/{act}", data={"token": "x"}, headers={"Origin": found.url})
            assert page.status_code == 403
            assert "--act" in page.text
            assert found.get("/act").status_code == 403
            assert found.get(f"/act/{act}").status_code == 405


def test_a_form_needs_its_token_and_its_origin(server: Served) -> None:
    for act in ["capture", "crawl", "site", "mark"]:
        good = token(server)
        post, url = server.client.post, f"{server.url}/act/{act}"
        for bad in ("", "x", good[:-1], good + "a", good.replace(".", ":")):
            assert post(url, data={"token": bad}, headers={"Origin": server.url}).status_code == 403
        for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
            assert post(url, data={"token": good}, headers=headers).status_code == 403
        assert post(url, data={f"a{n}": "1" for n in range(99)}, headers={"Origin": server.url}).status_code == 403
        assert server.json("/act.json")["jobs"] == []


def test_a_token_is_of_one_visitor(edited: Town) -> None:
    with served(edited.path, acts=True, trust_header="X-User", settings=edited.settings) as found:
        found.client.headers["X-User"] = "lan"
        mark = f"seen:{event_text(events(edited)[0])}"
        of_lan = token(found)
        found.client.headers["X-User"] = "minh"
        assert send(found, "mark", token=of_lan, mark=mark).status_code == 403
        assert send(found, "mark", mark=mark).status_code == 303
    assert [row["marked_by"] for row in rows(edited.path, "SELECT * FROM marks")] == ["minh"]


# marks


def test_a_change_is_marked_and_the_mark_is_taken_back(edited: Town, server: Served) -> None:
    name = event_text(events(edited)[0])
    page = server.get("/act", params={"event": name, "back": "/pages"})
    assert "seen</button>" in page.text
    answer = send(server, "mark", mark=f"important:{name}", back="/pages?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/pages?x=1")
    assert "not important</button>" in server.get("/act", params={"event": name}).text
    send(server, "mark", mark=f"note:{name}", note="<script>alert(1)</script>")
    page = server.get("/act", params={"event": name})
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text
    send(server, "mark", mark=f"-important:{name}")
    found = rows(edited.path, "SELECT * FROM marks WHERE withdrawn_at IS NULL")
    assert [(row["mark"], row["note"], row["marked_by"]) for row in found] == [
        ("note", "<script>alert(1)</script>", "local")
    ]


def test_a_mark_on_nothing_is_refused(server: Served) -> None:
    for mark in ["", "liked:x", "seen:", "seen:x", "seen:kind=edited&site=town&not_after=2022-01-01 00:00:00"]:
        assert send(server, "mark", mark=mark).status_code in (400, 404)


def test_a_mark_leads_back_only_to_this_server(edited: Town, server: Served) -> None:
    for back in ["http://evil.example/", "//evil.example", "/\\evil", "/a\r\nSet-Cookie: a=b"]:
        answer = send(server, "mark", mark=f"seen:{event_text(events(edited)[0])}", back=back)
        assert answer.headers["location"] == "/"
        assert "set-cookie" not in answer.headers


# captures


def test_a_page_of_a_known_site_is_captured_and_shown(edited: Town, server: Served) -> None:
    before = len(rows(edited.path, "SELECT * FROM visits"))
    answer = send(server, "capture", url=f"{edited.server.url}/a/1")
    assert answer.status_code == 303
    assert re.fullmatch(r"/page/\d+", answer.headers["location"])
    assert ended(server)["result"]["text"].startswith("ok (200)")
    assert len(rows(edited.path, "SELECT * FROM visits")) > before


def test_no_capture_goes_into_this_network(town: Town) -> None:
    town.articles(1)
    town.crawl()
    (town.server.selectors / "town.toml").unlink()  # no profile names a host
    for url in [
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://[::ffff:127.0.0.1]/",
        "http://router.local/",
    ]:
        with pytest.raises(UsageError, match=r"machine or network|is not known"):
            capture_now(town.settings, url)
    assert [row["site"] for row in rows(town.path, "SELECT site FROM sites")] == ["town"]


def test_a_stranger_server_of_this_machine_is_not_asked(town: Town) -> None:
    town.articles(1)
    town.crawl()
    (town.server.selectors / "town.toml").unlink()
    before = len(town.server.asked)
    with pytest.raises(UsageError, match="machine or network"):
        capture_now(town.settings, f"{town.server.url}/a/1")
    assert len(town.server.asked) == before


def test_what_is_no_web_address_is_refused(server: Served) -> None:
    for url in ["", "javascript:alert(1)", "file:///etc/passwd", "ftp://a.example/", "http://", "a b"]:
        assert send(server, "capture", url=url).status_code == 400
        assert send(server, "site", url=url).status_code == 400


def test_the_same_capture_does_not_run_twice(edited: Town, server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"{edited.server.url}/a/1"
    monkeypatch.setattr(acts, "_PATIENCE", 0.0)
    go = threading.Event()

    def wait(_path: str, _headers: Message) -> None:
        go.wait(10)

    edited.server.rule = wait
    first = send(server, "capture", url=url)
    assert first.headers["location"] == "/act"
    second = send(server, "capture", url=url)
    assert second.status_code == 409
    assert "running already" in second.text
    go.set()
    ended(server)


# crawls


def test_a_site_is_crawled_in_a_process_of_its_own(edited: Town, server: Served) -> None:
    before = len(rows(edited.path, "SELECT * FROM runs WHERE kind = 'crawl'"))
    assert send(server, "crawl", site="town").headers["location"] == "/act"
    job = ended(server)
    assert not job["result"]["failed"], job
    assert len(rows(edited.path, "SELECT * FROM runs WHERE kind = 'crawl'")) == before + 1


def test_a_crawl_beside_another_is_told(edited: Town, server: Served) -> None:
    with lock_site(edited.path, "town"):
        answer = send(server, "crawl", site="town")
    assert answer.status_code == 409
    assert "another crawl of this site is running" in answer.text


def test_only_known_sites_are_crawled(edited: Town, server: Served) -> None:
    for site in ["", "nothing", "--help", "-h", "http://evil.example/", "../town", "town\0"]:
        assert send(server, "crawl", site=site).status_code == (404 if site != "town\0" else 303)
        assert crawl_command(edited.settings, site)[-2:] == ["--", site]


# sites


def test_a_profile_is_written_for_a_known_host_and_never_replaced(edited: Town, server: Served) -> None:
    send(server, "site", url=f"{edited.server.url}/a/1", name="second")
    job = ended(server)
    assert not job["result"]["failed"], job
    path = edited.server.selectors / "second.toml"
    text = path.read_text(encoding="utf-8")
    assert "[site]" in text
    path.write_text("mine", encoding="utf-8")
    send(server, "site", url=f"{edited.server.url}/a/1", name="second")
    assert "exists already" in ended(server)["result"]["text"]
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_name_is_no_path(edited: Town, server: Served) -> None:
    for name in ["../evil", "a/b", "A B", ".hidden", "x" * 300]:
        send(server, "site", url=f"{edited.server.url}/a/1", name=name)
        assert ended(server)["result"]["failed"]
        assert not list(edited.server.selectors.parent.rglob("evil*"))


def test_no_profile_is_made_of_a_page_in_this_network(town: Town) -> None:
    (town.server.selectors / "town.toml").unlink()
    with pytest.raises(UsageError):
        add_site(town.settings, f"{town.server.url}/a/1", "inside")
    assert not (town.server.selectors / "inside.toml").exists()


# on the pages


def test_rows_have_their_marks_and_with_acts_the_buttons(edited: Town, server: Served) -> None:
    page = server.get("/?since=2000-01-01")
    assert f'value="seen:{html.escape(event_text(events(edited)[0]))}"' in page.text
    assert 'form="marks"' in page.text
    assert '<form id="marks" method="post" action="/act/mark" hidden>' in page.text
    assert "★ important</span>" not in page.text
    answer = send(server, "mark", mark=f"important:{event_text(events(edited)[0])}", back="/?since=2000-01-01")
    assert "★ important</span>" in server.get(answer.headers["location"]).text
    with served(edited.path, settings=edited.settings) as reading:
        page = reading.get("/?since=2000-01-01")
        assert "★ important</span>" in page.text
        assert "<button" not in page.text.partition("<main")[2].partition("</main>")[0].replace("<button>Show", "")
        assert "token" not in page.text
    rows_of_day = [
        row for day in server.json("/today.json?since=2000-01-01")["days"] for row in day["groups"][0]["rows"]
    ]
    (marked,) = [row for row in rows_of_day if row["marks"]]
    assert marked["marks"]["important"] is True
    assert marked["events"] == [event_text(events(edited)[0])]


def test_every_button_of_a_row_marks_its_event(edited: Town, server: Served) -> None:
    text = server.get("/?since=2000-01-01").text
    names = [html.unescape(each) for each in re.findall(r'name="mark" value="(seen:[^"]+)"', text)]
    assert len(names) == len({*names}) >= 3
    for name in names:
        assert send(server, "mark", mark=name).status_code == 303
    marked = rows(edited.path, "SELECT DISTINCT kind FROM marks")
    assert {row["kind"] for row in marked} == {"edited", "new"}


def test_a_page_and_a_site_have_their_acts(edited: Town, server: Served) -> None:
    (event,) = events(edited)
    page = server.get(f"/page/{event['page_id']}").text
    assert f'<input type="hidden" name="url" value="{event["url"]}">' in page
    assert '<input type="hidden" name="site" value="town">' in server.get("/site/town").text
    with served(edited.path, settings=edited.settings) as reading:
        assert "/act" not in reading.get(f"/page/{event['page_id']}").text
        assert "/act" not in reading.get("/site/town").text
