"""Citations in the browser: all forms, an absolute permalink, and tags that reference managers read."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import archiver
from archiver.app.browsing.citing import citation_tags
from archiver.cli import run
from archiver.store.archive import Store
from redacted import rows
from web_served import Served


class Head(HTMLParser):
    """The meta tags and links of a page, read as Zotero's translator "Embedded Metadata" does."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: dict[str, list[str]] = {}
        self.links: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        if tag == "meta" and values.get("name"):
            self.tags.setdefault(values["name"], []).append(values["content"])
        if tag == "link":
            self.links[values["rel"]] = values["href"]

    @property
    def zotero(self) -> dict[str, object]:
        """Return the item that Zotero makes of the tags: its rules for prefixes and for Highwire's tags."""
        assert not {"citation_title", "citation_journal_title", "citation_isbn"} & self.tags.keys()  # another type
        first = {name.lower(): values[0] for name, values in self.tags.items()}
        return {
            "itemType": first["z.itemtype"],
            "title": first["dc.title"],
            "creators": self.tags.get("citation_author", []),
            "date": first["citation_publication_date"],
            "websiteTitle": first["prism.publicationname"],
            "url": first["citation_public_url"],
            "language": first.get("citation_language"),
        }


@pytest.fixture(scope="module")
def version(archive: Path) -> dict[str, str]:
    """An edited article."""
    return rows(archive, "SELECT * FROM versions WHERE version = 2 LIMIT 1")[0]


def test_a_version_is_cited_in_all_forms(server: Served, version: dict[str, str]) -> None:
    data = server.json(f"/page/{version['page_id']}/cite/2.json")
    page = server.get(f"/page/{version['page_id']}/cite/2")
    assert page.status_code == 200
    assert set(data["forms"]) == {"text", "bibtex", "ris", "csl"}
    for text in data["forms"].values():
        assert data["permalink"].partition("/web/")[2].partition("/")[0] in text
    assert json.loads(data["forms"]["csl"])[0]["title"] == version["title"]
    assert data["sha256"] in page.text
    assert data["permalink"] in server.get(f"/page/{version['page_id']}/cite/2.csv").text


def test_zotero_makes_a_web_page_of_it(server: Served, version: dict[str, str]) -> None:
    page_id = version["page_id"]
    data = server.json(f"/page/{page_id}/cite/2.json")
    head = Head(server.get(f"/page/{page_id}/cite/2").text)
    assert head.zotero == {
        "itemType": "webpage",
        "title": version["title"],
        "creators": data["authors"],
        "date": (data["published"] or data["captured_at"])[:10],
        "websiteTitle": data["container"],
        "url": data["permalink"],
        "language": data["language"],
    }
    assert head.links["original"] == version["url"]
    assert head.links["timegate"] == f"{server.url}/web/{version['url']}"
    assert head.links["timemap"] == f"{server.url}/web/timemap/link/{version['url']}"


def test_the_permalink_is_that_of_the_command_line(
    server: Served, archive: Path, version: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    url = version["url"]
    assert run(["--archive", str(archive), "cite", url, "--version", "2", "--base", server.url, "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["permalink"] == server.json(f"/page/{version['page_id']}/cite/2.json")["permalink"]
    with archiver.open(archive, write=False) as opened:
        path = told["permalink"].removeprefix(server.url)
        assert opened.page(path).state_at().version == 2


def test_what_is_not_there_is_told(server: Served, version: dict[str, str]) -> None:
    assert server.get("/page/999999/cite/1").status_code == 404
    assert server.get(f"/page/{version['page_id']}/cite/99").status_code == 404
    assert server.get("/page/x/cite/1").status_code == 404


def test_hostile_titles_stay_text(archive: Path, server: Served) -> None:
    (page,) = rows(archive, "SELECT page_id, version FROM versions WHERE title LIKE '=HYPERLINK%' LIMIT 1")
    cited = server.json(f"/page/{page['page_id']}/cite/{page['version']}.json")
    assert ["DC.title", "=HYPERLINK(1)"] in cited["tags"]


def test_a_tag_is_one_short_line(archive: Path, version: dict[str, str]) -> None:
    with Store.open(archive, write=False) as store, archiver.open(archive, write=False) as opened:
        cited = opened.citation(int(version["version_id"]))
        assert store.archive_id == cited.archive_id
    tags = citation_tags(replace(cited, title='a"\n<b>\x00' + "x" * 5_000, authors=("An", "Bình")))
    title = next(content for name, content in tags if name == "DC.title")
    assert title.startswith('a" <b>')
    assert len(title) == 1_000
    assert [content for name, content in tags if name == "citation_author"] == ["An", "Bình"]


def test_the_page_the_record_and_the_copy_can_be_cited_too(server: Served, version: dict[str, str]) -> None:
    page_id, digits = version["page_id"], "".join(filter(str.isdigit, version["seen_from"]))
    cited = server.json(f"/page/{page_id}/cite/2.json")
    for path in (f"/page/{page_id}", f"/page/{page_id}/at/{digits}", f"/web/{digits}/{version['url']}"):
        head = Head(server.get(f"{server.url}{path}").text)
        assert head.zotero["title"] == version["title"], path
        assert head.zotero["url"] == cited["permalink"], path
        assert head.links["original"] == version["url"], path
        assert head.links["timegate"] == f"{server.url}/web/{version['url']}", path


def test_every_permalink_resolves(server: Served, version: dict[str, str]) -> None:
    cited = server.json(f"/page/{version['page_id']}/cite/2.json")
    copy = server.get(cited["permalink"])
    assert copy.status_code == 200
    assert copy.headers["memento-datetime"]
    assert server.get("/page", params={"url": cited["permalink"].removeprefix(server.url)}).status_code == 302
