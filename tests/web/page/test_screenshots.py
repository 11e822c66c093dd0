"""What a browser made of pages, in the interface: the visit, the screenshots, their difference, and still copies."""

import csv
import io
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

import pictured
from archiver.app.archive import Archive
from archiver.app.maintenance.embargoing import set_embargo
from archiver.app.maintenance.redacting import RedactionRequest, find_target, redact
from archiver.settings import Settings
from archiver.store.open_file import read_only
from pictured import HEIGHT, HTML_AS_PNG, URLS, WIDTH
from web_served import Served, served


class Site:
    """The served archive: the numbers of its pages and visits."""

    def __init__(self, path: Path, server: Served) -> None:
        self.path, self.server = path, server
        with closing(read_only(path)) as archive:
            rows = archive.rows(
                "SELECT p.page_id, p.url, v.visit_id, v.visited_at FROM pages p JOIN visits v USING(page_id) ORDER BY 3"
            )
            found = [tuple(row) for row in rows]
        self._visits = {name: [row for row in found if row[1] == url] for name, url in URLS.items()}

    def page(self, name: str) -> int:
        return int(self._visits[name][0][0])

    def visit(self, name: str, number: int = -1) -> str:
        row = self._visits[name][number]
        return f"/page/{row[0]}/visit/{row[2]}"

    def compare(self, name: str, rest: str = "?view=picture") -> str:
        return f"/page/{self.page(name)}/compare/1..2{rest}"

    def moment(self, name: str, number: int = -1) -> str:
        return "".join(letter for letter in str(self._visits[name][number][3]) if letter.isdigit())

    def tree(self, place: str) -> LexborHTMLParser:
        answer = self.server.client.get(self.server.url + place)
        assert answer.status_code == 200, answer.text
        return LexborHTMLParser(answer.text)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    path = pictured.make(tmp_path_factory.mktemp("pictured"))
    with served(path) as server:
        yield Site(path, server)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Path, Archive]]:
    path = pictured.make(tmp_path)
    with Archive(Settings(path)) as archive:
        yield path, archive


def _text(tree: LexborHTMLParser) -> str:
    return " ".join(tree.css("main")[0].text().split())


# the visit


def test_a_visit_says_what_a_browser_made_of_it(site: Site) -> None:
    place = site.visit("edited")
    tree = site.tree(place)
    text = _text(tree)
    for part in (
        "What a browser made of it",
        "The record is read from the browser's document",
        "Chromium 156",
        "1280x1000 CSS pixels",
        "quiet",
        f"{WIDTH} × {HEIGHT} pixels",
        "1 answer of servers",
        "4 requests of the page",
        "not sent ads",
        "from cache",
    ):
        assert part in text, part
    (picture,) = tree.css("main img")
    assert picture.attributes["src"] == f"{place}/screenshot"
    assert (picture.attributes["width"], picture.attributes["height"]) == (str(WIDTH), str(HEIGHT))
    assert "Tin edited" in (picture.attributes["alt"] or "")
    assert tree.css(f"a[href='{place}/dom']")
    made = site.server.json(f"{place}.json")["browser"]
    assert (made["browser"], made["viewport"], made["is_read_from"]) == ("Chromium 156", "1280x1000", True)
    assert (made["screenshot"]["width"], made["screenshot"]["height"]) == (WIDTH, HEIGHT)
    assert [row["refused"] for row in made["requests"]["rows"]] == ["", "ads", "", "<img src=x onerror=alert(2)>"]


def test_a_visit_says_what_was_done_and_where_the_page_ended(site: Site) -> None:
    text = _text(site.tree(site.visit("two browsers")))
    assert "vi, Asia/Ho_Chi_Minh" in text
    assert "click .more ×3" in text
    assert f"{URLS['two browsers']}#cuoi" in text


def test_a_visit_says_why_the_browser_made_nothing(site: Site) -> None:
    tree = site.tree(site.visit("failed"))
    assert "no document the page's scripts did not end within 30 s" in _text(tree)
    assert not tree.css("main img")


def test_a_visit_that_no_browser_opened_says_nothing_of_one(site: Site) -> None:
    place = site.visit("plain")
    assert "What a browser made of it" not in _text(site.tree(place))
    assert site.server.json(f"{place}.json")["browser"] is None


def test_a_visit_that_showed_the_same_has_the_screenshot_of_the_one_before(site: Site) -> None:
    first, second = site.visit("counting", 0), site.visit("counting", 1)
    number = first.rpartition("/")[2]
    assert f"of visit {number}: content and layout were the same then" in _text(site.tree(second))
    assert "were the same then" not in _text(site.tree(first))
    pictures = {site.server.get(f"{place}/screenshot").content for place in (first, second)}
    assert len(pictures) == 1


# the bytes


def test_the_stored_screenshot_is_sent_as_a_picture_and_nothing_else(site: Site) -> None:
    answer = site.server.get(site.visit("edited") + "/screenshot")
    assert answer.headers["content-type"] == "image/png"
    assert "default-src 'none'; sandbox" in answer.headers["content-security-policy"]
    assert "nosniff" in answer.headers["x-content-type-options"]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    again = site.server.get(site.visit("edited") + "/screenshot", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_document_is_only_saved(site: Site) -> None:
    answer = site.server.get(site.visit("edited") + "/dom")
    assert answer.content.startswith(b"<!DOCTYPE html>")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "default-src 'none'; sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("number", "why"), [(0, "is not a PNG"), (1, "100000 x 100000 pixels")])
def test_what_is_no_screenshot_is_not_sent(site: Site, number: int, why: str) -> None:
    place = site.visit("hostile", number)
    answer = site.server.get(place + "/screenshot")
    assert answer.status_code == 404
    assert HTML_AS_PNG not in answer.content
    tree = site.tree(place)
    assert why in _text(tree)
    assert not tree.css("main img")


@pytest.mark.parametrize("rest", ["/screenshot", "/dom"])
def test_what_is_not_there_is_told(site: Site, rest: str) -> None:
    for place in (site.visit("plain"), f"/page/{site.page('plain')}/visit/{site.visit('edited').rpartition('/')[2]}"):
        assert site.server.get(place + rest).status_code == 404
    assert site.server.get(f"{site.visit('plain')}/visit/99999999999999999999{rest}").status_code == 404
    assert site.server.get(site.visit("edited") + f"{rest}.json").status_code == 404


# the difference


def test_screenshots_are_compared_and_a_counter_is_no_news(site: Site) -> None:
    tree = site.tree(site.compare("edited"))
    assert "2 regions changed" in _text(tree)
    pictures = [node.attributes["src"] or "" for node in tree.css("main .pair img")]
    assert pictures == [f"/page/{site.page('edited')}/compare/1..2/picture/{side}" for side in ("before", "after")]
    for place in (*pictures, f"/page/{site.page('edited')}/compare/1..2/picture/both"):
        answer = site.server.get(place)
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
    found = site.server.json(site.compare("edited", ".json?view=picture"))["picture"]
    assert (found["news"], found["before_size"]) == (2, [WIDTH, HEIGHT])
    rows = list(csv.DictReader(io.StringIO(site.server.get(site.compare("edited", ".csv?view=picture")).text)))
    assert [row["kind"] for row in rows] == [row["kind"] for row in found["regions"]]


def test_a_counter_alone_is_no_news(site: Site) -> None:
    assert "No news: what differs only moved, or is a counter." in _text(site.tree(site.compare("counted")))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (
            "two browsers",
            "made with other browsers (Chromium 156; <script>alert(3)</script>), so they differ by our doing",
        ),
        ("without", "There is no screenshot of visit"),
        ("hostile", "is not a PNG"),
    ],
)
def test_screenshots_that_are_not_compared_say_why(site: Site, name: str, why: str) -> None:
    tree = site.tree(site.compare(name))
    assert why in _text(tree)
    assert not tree.css("main img")
    assert why in site.server.json(site.compare(name, ".json?view=picture"))["picture"]["problem"]
    assert site.server.get(site.compare(name, "/picture/after")).status_code in (400, 404)


def test_there_is_no_other_picture(site: Site) -> None:
    assert site.server.get(site.compare("edited", "/picture/middle")).status_code == 404
    assert site.server.get(f"/page/{site.page('edited')}/compare/1..9/picture/after").status_code == 404


def test_without_pillow_only_the_difference_is_missing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [
        each
        for each in sys.modules
        if each in ("archiver.render.difference.comparison", "archiver.render.difference.outlines")
    ]:
        monkeypatch.delitem(sys.modules, name)
    for name in [each for each in sys.modules if each.startswith(("archiver.render.difference.picture", "PIL"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert site.server.get(site.visit("edited") + "/screenshot").status_code == 200
    text = _text(site.tree(f"/page/{site.page('edited')}/compare/1..1?view=picture"))
    assert "pipx inject portal-archiver pillow" in text


# copies


def test_a_copy_is_the_document_that_was_read_and_no_script_of_it_runs(site: Site) -> None:
    moment, url = site.moment("edited"), URLS["edited"]
    frame = site.tree(f"/web/{moment}/{url}")
    assert "as Chromium 156 showed it then" in " ".join((frame.body or frame.root).text().split())  # type: ignore[union-attr]
    inside = frame.css("iframe")[0].attributes["src"] or ""
    answer = site.server.get(inside.replace("replay.localhost", "127.0.0.1"), headers={"Host": inside.split("/")[2]})
    assert "Bài lần 2." in answer.text
    for place in ("href='http://evil", 'href="http://evil', "href=http://evil"):
        assert place not in answer.text
    assert "Trong bóng" in answer.text
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "allow-scripts" not in answer.headers["content-security-policy"]
    exact = site.server.client.get(f"{site.server.url}/web/{moment}id_/{url}")
    assert b"Loading" in exact.content


def test_sources_and_links_are_those_of_the_documents(site: Site) -> None:
    found = site.server.json(site.compare("edited", ".json?view=source"))["source"]
    assert (found["same_bytes"], found["browser"], found["problem"]) == (False, "Chromium 156", "")
    assert "The documents that Chromium 156 made are compared." in _text(
        site.tree(site.compare("edited", "?view=source"))
    )
    assert (
        site.server.json(site.compare("edited", ".json?view=rendered"))["rendered"]["difference"]["browser"]
        == "Chromium 156"
    )
    assert site.server.json(site.compare("edited", ".json?view=links"))["links"]["problem"] == ""


# what is held back


def test_under_an_embargo_there_is_no_picture(own: tuple[Path, Archive]) -> None:
    path, archive = own
    set_embargo(archive, URLS["edited"], None, "2999-01-01", "asked")
    with served(path) as server:
        site = Site(path, server)
        for place in _places(site):
            assert server.get(place).status_code == 451, place


def test_what_is_redacted_is_gone(own: tuple[Path, Archive]) -> None:
    path, archive = own
    wanted = RedactionRequest(URLS["edited"], "court order")
    redact(archive, wanted, find_target(archive, wanted))
    with served(path) as server:
        site = Site(path, server)
        for place in _places(site):
            answer = server.get(place)
            assert answer.status_code == 410, place
            assert not answer.content.startswith(b"\x89PNG")
        assert not site.tree(site.visit("edited")).css("main img")


def _places(site: Site) -> list[str]:
    visit = site.visit("edited")
    return [f"{visit}/screenshot", f"{visit}/dom", site.compare("edited", "/picture/after"), site.compare("edited")]
