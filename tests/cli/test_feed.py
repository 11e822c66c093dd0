"""`archiver feed`: a valid Atom feed of what happened, whose ids never change."""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import feedparser
import pytest

import archiver
from atom_check import ATOM, LANG, check_feed
from watched import PAGE, Town

FEE = "Học phí năm nay là 278 nghìn đồng."
HOSTILE = "<img src=x onerror=alert(1)> ]]&gt; \x1b[31m\u202e &amp; <script>alert(1)</script>"


def put(town: Town, number: int, body: str) -> None:
    town.articles(range(number, number + 1), PAGE.replace("Bài {n}.", body))


@pytest.fixture
def lived(town: Town) -> Town:
    """Four days: a page is edited, one is gone and back."""
    town.articles(3)
    put(town, 1, FEE)
    town.crawl()
    put(town, 1, FEE.replace("278", "337"))
    del town.server.answers["/a/2"]
    town.crawl()
    town.crawl()
    town.articles(range(2, 3))
    town.crawl()
    return town


def titles(town: Town, *words: str) -> list[str]:
    return [entry.findtext(f"{ATOM}title") or "" for entry in check_feed(town("feed", *words).encode())]


def ids(town: Town, *words: str) -> dict[str, str]:
    """Return the titles of the entries by id."""
    entries = check_feed(town("feed", *words).encode())
    return {entry.findtext(f"{ATOM}id") or "": entry.findtext(f"{ATOM}title") or "" for entry in entries}


def test_the_feed_has_what_happened_newest_first(lived: Town) -> None:
    found = titles(lived)
    assert found[:3] == ["Tin 2: back", "Tin 2: gone", "Tin 1: body edited: figures"]
    assert sorted(found[3:]) == ["Tin 1: new page", "Tin 2: new page", "Tin 3: new page"]


def test_an_entry_has_the_difference_as_html(lived: Town) -> None:
    data = lived("feed", "town", "--field", "body").encode()
    read = feedparser.parse(data)
    assert not read.bozo
    (entry,) = read.entries
    assert "là <del>278</del><ins>337</ins> nghìn" in entry.content[0].value
    assert (
        "body edited (figures), +3 −3 characters, between 2022-10-21 09:00:00 and 2022-10-22 09:00:00 UTC"
        in entry.content[0].value
    )
    assert "[-278-]{+337+}" in entry.summary
    assert (entry.link, entry.updated) == (lived.url(1), "2022-10-22T09:00:00Z")
    assert {tag.term for tag in entry.tags} == {"edited", "figures", "body"}
    assert read.feed.updated == "2022-10-22T09:00:00Z"


def test_a_page_that_is_gone_is_dated_by_its_proof(lived: Town) -> None:
    (entry,) = feedparser.parse(lived("feed", "--kind", "gone").encode()).entries
    assert entry.updated == "2022-10-23T09:00:00Z"
    assert entry.summary.startswith("404 gone at 2022-10-22 09:00:00; 404 gone at 2022-10-23 09:00:00")


def test_all_name_the_run_that_proved_a_page_gone(lived: Town) -> None:
    (change,) = lived.json("changes", "--kind", "gone")
    (visit,) = lived.json("sql", f"SELECT run_id, visited_at FROM visits WHERE visit_id = {change['visit_id']}")
    assert visit == {"run_id": 3, "visited_at": "2022-10-23 09:00:00"}
    assert (change["run_id"], change["not_after"]) == (3, "2022-10-22 09:00:00")
    assert [row["gone"] for row in lived.json("sql", "SELECT gone FROM runs ORDER BY run_id")] == [0, 0, 1, 0]
    for run, gone in ((2, []), (3, [lived.url(2)]), (4, [])):
        (report,) = lived.json("report", "--run", str(run))
        assert [row["url"] for row in report["pages"]["gone"]] == gone


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--kind", "back", "--kind", "gone"], ["Tin 2: back", "Tin 2: gone"]),
        (["--page", "{2}", "--since", "2022-10-22"], ["Tin 2: back", "Tin 2: gone"]),
        (["--nature", "figures"], ["Tin 1: body edited: figures"]),
        (["--nature", "words"], []),
        (["--field", "title"], []),
        (["--search", "học phí"], ["Tin 1: body edited: figures", "Tin 1: new page"]),
        (["--search", "hoc phi"], []),
        (["--search", "hoc phi", "--plain"], ["Tin 1: body edited: figures", "Tin 1: new page"]),
        (["--search", "337"], ["Tin 1: body edited: figures"]),
        (["--search", "278"], ["Tin 1: body edited: figures", "Tin 1: new page"]),
        (["--search", '"bài 2"'], ["Tin 2: back", "Tin 2: gone", "Tin 2: new page"]),
        (["--limit", "1"], ["Tin 2: back"]),
        (["--since", "2022-10-24"], ["Tin 2: back"]),
    ],
)
def test_filters(lived: Town, words: list[str], expected: list[str]) -> None:
    assert titles(lived, *[word.replace("{2}", lived.url(2)) for word in words]) == expected


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["twon"], 1, "did you mean 'town'?"),
        (["--page", "http://127.0.0.1:1/x"], 1, "not in"),
        (["--kind", "edit"], 2, "did you mean 'edited'?"),
        (["--nature", "figure"], 2, "did you mean 'figures'?"),
        (["--field", "titel"], 2, "did you mean 'title'?"),
        (["--field", "extra.nothing"], 2, "no such field"),
        (["--search", "?!"], 2, "no word to search for"),
        (["--since", "some day"], 2, "not a moment"),
        (["--base", "example.org"], 2, "--base example.org: not a web address"),
        (["--self", "feed.atom"], 2, "--self feed.atom: not a web address"),
        (["--json"], 2, "name a file with --output"),
        (["-o", "{archive}"], 2, "this is a file of the archive itself"),
        (["-o", "{folder}"], 2, "this is a folder"),
    ],
)
def test_a_wrong_option_is_an_error(lived: Town, words: list[str], code: int, message: str) -> None:
    names = {"{archive}": str(lived.path), "{folder}": str(lived.folder)}
    assert lived("feed", *[names.get(word, word) for word in words], code=code) == ""
    assert message in lived.err


def feed_id(town: Town, *words: str) -> str:
    return str(feedparser.parse(town("feed", *words).encode()).feed.id)


def test_the_ids_of_feeds_are_the_same_in_every_release(lived: Town) -> None:
    """They are made from the archive's identity and the values of the filter that are set."""
    for name in ("archive.db", "archive.vault.db"):
        with closing(sqlite3.connect(lived.path.with_name(name))) as file:
            file.execute("UPDATE _meta SET value = '11111111-2222-4333-8444-555555555555' WHERE key = 'archive_id'")
            file.commit()
    assert feed_id(lived) == "urn:uuid:79c73440-fc79-579e-8023-10ca961e800b"
    filters = ["--kind", "edited", "--field", "title", "--field", "body", "--search", "học", "--plain"]
    assert feed_id(lived, "town", *filters) == "urn:uuid:15510652-51b6-539a-b024-dc4ceabc81f7"
    assert (
        feed_id(lived, "town", *filters, "--since", "2022-10-22", "--limit", "1")
        == "urn:uuid:15510652-51b6-539a-b024-dc4ceabc81f7"
    )
    filters[3], filters[5] = filters[5], filters[3]
    assert feed_id(lived, "town", *filters) == "urn:uuid:15510652-51b6-539a-b024-dc4ceabc81f7"


def test_links_lead_to_the_web_interface(lived: Town) -> None:
    data = lived("feed", "--kind", "edited", "--base", "https://archive.example/", "--self", "https://f.example/a.atom")
    (entry,) = check_feed(data.encode())
    (compare,) = [link.get("href") for link in entry.findall(f"{ATOM}link") if link.get("rel") == "related"]
    assert re.fullmatch(r"https://archive\.example/page/\d+/compare/1\.\.2", compare or "")
    read = feedparser.parse(data.encode()).feed
    assert {link.rel: link.href for link in read.links} == {
        "self": "https://f.example/a.atom",
        "alternate": "https://archive.example",
    }
    assert 'rel="related"' not in lived("feed")


def test_an_unchanged_archive_gives_the_same_bytes(lived: Town) -> None:
    before = lived("feed")
    lived.server.clock.advance(days=3)
    assert lived("feed") == before


def test_a_file_is_replaced_only_when_it_differs(lived: Town, tmp_path: Path) -> None:
    file = tmp_path / "public" / "changes.atom"
    (done,) = lived.json("feed", "-o", str(file))
    assert done == {"path": str(file), "entries": 6, "bytes": file.stat().st_size, "changed": True}
    check_feed(file.read_bytes())
    os.utime(file, (1, 1))
    assert ", unchanged" in lived("feed", "--output", str(file))
    assert file.stat().st_mtime == 1
    put(lived, 3, "Khác.")
    lived.crawl()
    assert lived.json("feed", "-o", str(file))[0]["changed"] is True
    assert file.stat().st_mtime > 1
    assert list(file.parent.iterdir()) == [file]


def test_without_events_the_feed_is_valid_and_stays_the_same(lived: Town) -> None:
    data = lived("feed", "--since", "2023-01-01").encode()
    assert check_feed(data) == []
    assert feedparser.parse(data).feed.updated == "2022-10-21T09:00:00Z"


def test_hostile_text_is_only_text(town: Town) -> None:
    page = "<html lang='vi\" x='><title>x</title><h1>{t}</h1><div id=b><p>{t}</p></div>".replace(
        "{t}", HOSTILE.replace("<", "&lt;")
    )
    town.articles(2)
    town.crawl()
    town.articles(1, page)
    town.crawl()
    town.articles(1, page.replace("alert(1)", "y" * 100_000))
    town.crawl()
    data = town("feed").encode()
    for entry in check_feed(data):
        assert entry.get(LANG) is None
        html = entry.findtext(f"{ATOM}content") or ""
        assert set(re.findall(r"<[^>]*>", html)) <= {
            "<p>",
            '<p lang="en">',
            "</p>",
            "<ins>",
            "</ins>",
            "<del>",
            "</del>",
            "<br>",
        }
        assert len(html) < 20_000
    assert not feedparser.parse(data).bozo
    assert "\u202e" not in data.decode()


def test_ids_are_the_same_in_a_copy_and_after_reading_again(
    lived: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = ids(lived)
    copy = tmp_path_factory.mktemp("copies") / "copy"
    lived("backup", str(copy))
    with archiver.open(copy / lived.path.name, write=False) as archive:
        other = "".join(archive.feed())
    assert {entry.findtext(f"{ATOM}id") for entry in check_feed(other.encode())} == set(before)
    profile = lived.server.selectors / "town.toml"
    profile.write_text(profile.read_text(encoding="utf-8").replace('"#s"', '"#d"'), encoding="utf-8")
    lived("extract", "--site", "town")
    assert ids(lived) == before


def test_an_edit_that_reading_again_withdraws_leaves_the_feed(town: Town) -> None:
    """The site moves the summary to another element. A repaired profile reads it there, so there was no edit."""
    town.articles(2)
    put(town, 1, FEE)
    town.crawl()
    moved = PAGE.replace("id=s", "id=was")
    town.articles(2, moved)
    town.articles(range(1, 2), moved.replace("Bài {n}.", FEE.replace("278", "337")))
    town.crawl(code=None)
    before = ids(town)
    assert sum(": summary edited" in title for title in before.values()) == 2
    profile = town.server.selectors / "town.toml"
    profile.write_text(profile.read_text(encoding="utf-8").replace('"#s"', '["#s", "#was"]'), encoding="utf-8")
    town("extract", "--site", "town")
    after = ids(town)
    assert after == {number: title for number, title in before.items() if ": summary edited" not in title}
    town.crawl(code=None)
    assert ids(town) == after


def test_a_redesign_is_one_entry(town: Town) -> None:
    """Once the profile is repaired, reports, runs, changes and the feed agree that the pages were not edited."""
    town.articles(8)
    town.crawl()
    restyled = PAGE.replace("id=s", "class=new")
    town.articles(8, restyled)
    town.articles(range(3, 4), restyled.replace("Bài {n}.", FEE))
    town.crawl(code=None)
    found = feedparser.parse(town("feed", "--since", "2022-10-22").encode())
    assert sorted(entry.title for entry in found.entries) == ["Tin 3: body edited: words", "town: redesign of 8 pages"]
    (redesign,) = [entry for entry in found.entries if "redesign" in entry.title]
    assert (redesign.link, redesign.updated) == (f"{town.server.url}/", "2022-10-22T09:00:00Z")
    assert {tag.term for tag in redesign.tags} == {"redesign", "words"}
    before = ids(town)
    profile = town.server.selectors / "town.toml"
    profile.write_text(profile.read_text(encoding="utf-8").replace('"#s"', '["#s", ".new"]'), encoding="utf-8")
    town("extract", "--site", "town")
    after = ids(town)
    assert after == {number: title for number, title in before.items() if "redesign" not in title}
    report = town.json("report", "--since", "2022-10-22")[0]
    assert report["pages"]["edited"] == [{"url": town.url(3), "fields": ["body"]}]
    assert [row["url"] for row in town.json("changes", "--kind", "edited")] == [town.url(3)]
    assert "town: 1 edited" in town("report", "--since", "2022-10-22", "--format", "text")


def test_the_api_gives_the_same_feed(lived: Town) -> None:
    wanted = archiver.EventFilter(sites=("town",), kinds=("edited",))
    with archiver.open(lived.path, write=False) as archive:
        text = "".join(archive.feed(wanted, archiver.FeedOptions(limit=5)))
        assert "".join(archive.feed(archiver.EventFilter(since="4h"))) != text
        with pytest.raises(archiver.ArchiverError, match="not a moment"):
            archive.feed(archiver.EventFilter(since="some day"))
    assert text == lived("feed", "town", "--kind", "edited")
