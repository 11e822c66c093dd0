"""Redactions of listings, of files, of parts of articles, of pruned captures, and of contents that others share."""

import re
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archiver.app.maintenance.skip_pattern import skip_pattern, toml_list
from archiver.extract.profile import parse_profile
from archiver.model.profile import UrlRules
from archiver.store.archive import Store
from archiver.store.real_file import vault_path
from archiver.store.schema import MIGRATIONS
from archiver.text.url import page_key
from migrated import drop_renditions
from redacted import SECRET, found, plain_page, rows, secret_page, watch
from scripted import Scripted
from watched import Town

REASON = "a personal-data request"


def redact(town: Town, what: str, *more: str) -> str:
    return town("redact", what, "--reason", REASON, "--yes", *more)


def front(town: Town, *headlines: str) -> None:
    links = "".join(f"<li><a href=/a/{number}>{text}</a></li>" for number, text in enumerate(headlines, 1))
    town.server.answers["/"] = (200, {}, f"<title>Trang chủ</title><ul>{links}</ul>".encode())


@pytest.fixture
def listing(town: Town) -> Town:
    """A front page whose second edition has a secret headline, and whose third has another one at its place."""
    town.articles(3)
    for headlines in (
        ("Một", "Hai", "Ba"),
        ("Một", "Zxqtitel", "Ba"),
        ("Một", "Hai khác", "Ba"),
        ("Một", "Hai khác", "Ba"),
    ):
        front(town, *headlines)
        town.crawl()
    return town


def editions(town: Town) -> list[tuple[int, list[str]]]:
    listed: dict[int, list[str]] = {}
    for row in rows(town.path, "SELECT edition, title FROM editions ORDER BY edition, position"):
        listed.setdefault(row["edition"], []).append(row["title"])
    return list(listed.items())


def test_one_edition_of_a_front_page(listing: Town) -> None:
    """Its headlines go unless other editions have them; the other editions stay."""
    redact(listing, f"{listing.server.url}/", "--since", "2022-10-22", "--until", "2022-10-22")
    assert found(listing.path, ("Zxqtitel",)) == set()
    assert editions(listing) == [
        (1, ["Một", "Hai", "Ba"]),
        (2, ["Một", "Ba"]),
        (3, ["Một", "Hai khác", "Ba"]),
    ]
    listing("verify", "--deep")
    front(listing, "Một", "Bốn")
    listing.crawl()
    assert editions(listing)[-1] == (4, ["Một", "Bốn"])
    listing("verify", "--deep")


def test_all_captures_of_a_front_page(listing: Town) -> None:
    redact(listing, f"{listing.server.url}/")
    assert found(listing.path, ("Zxqtitel", "Hai khác", "Trang chủ")) == set()
    assert editions(listing) == []
    listing("show", f"{listing.server.url}/", code=1)
    listing("verify", "--deep")
    listing.crawl()
    assert editions(listing)[-1][1] == ["Một", "Hai khác", "Ba"]
    listing("verify", "--deep")
    listing("extract", "--site", "town")
    listing("verify", "--deep")


def test_the_headline_of_a_redacted_page_on_a_front_page_is_named(town: Town) -> None:
    watch(town, days=1)
    front(town, SECRET[0], "Hai")
    town.crawl()
    redact(town, town.url(1))
    assert "is also the text of links or headlines on 1 other page" in town.err
    redact(town, f"{town.server.url}/")
    assert found(town.path) == set()


def test_a_page_with_the_same_content_keeps_it(town: Town) -> None:
    """Two addresses show the same content from other bytes; only the one that is named is redacted."""
    watch(town, days=2)
    town.server.answers["/a/2"] = (200, {}, secret_page(2) + b"<!-- another server -->")
    town.crawl()
    redact(town, town.url(1))
    assert SECRET[0] in town("show", town.url(2))
    assert town.url(2) in town("search", "zxqnoidung")
    assert town.url(1) not in town("search", "zxqnoidung")
    town("verify", "--deep")
    redact(town, town.url(2))
    assert found(town.path) == set()
    town("verify", "--deep")


def test_a_body_that_others_are_stored_as_pieces_of(town: Town) -> None:
    """The first version is long, and the later ones are stored as differences from it."""
    town.articles(1, "")
    common = "".join(f"<p>Đoạn {number} của một bài dài, ai cũng đọc được cả.</p>" for number in range(60))
    for day, own in enumerate(("zxqnoidung đầu", "hai", "ba"), 1):
        town.server.answers["/a/1"] = (200, {}, f"<h1>Bài</h1><div id=b>{common}<p>{own}</p></div>".encode())
        town.crawl()
        assert day
    whole = rows(town.path, "SELECT body FROM versions WHERE version > 1 ORDER BY version")
    redact(town, town.url(1), "--until", "2022-10-21")
    assert found(town.path, ("zxqnoidung",)) == set()
    assert rows(town.path, "SELECT body FROM versions WHERE version > 1 ORDER BY version") == whole
    assert [row["field"] for row in rows(town.path, "SELECT field FROM changes")] == ["body"]
    town("verify", "--deep")


def test_pruned_captures_leave_frames_that_others_lean_on(town: Town) -> None:
    """A pruned capture has no bytes, but its frame may stay as the reference of others; a redaction erases it."""
    watch(town, days=1)
    town.server.answers["/a/1"] = (200, {}, secret_page(1))
    town.crawl()
    town.server.answers["/a/1"] = (200, {}, secret_page(1).replace(b"</html>", b"<!-- 3 --></html>"))
    town.crawl()
    profile = town.server.selectors / "town.toml"
    profile.write_text(profile.read_text(encoding="utf-8") + "\n[keep]\nbodies = 1\n", encoding="utf-8")
    town("prune", "town", "--apply")
    assert found(town.path)
    told = redact(town, town.url(1))
    assert "without bytes since a pruning" in told
    assert found(town.path) == set()
    assert "redacted" in town("verify", "--deep")
    assert "pruned" in town("verify", "--deep")


def test_a_large_file_at_two_addresses_goes_with_the_second(town: Town) -> None:
    big = b"%PDF-1.4 zxqtaptin " + bytes(range(256)) * 5000
    for number in (2, 3):
        town.server.answers[f"/a/{number}"] = (200, {"Content-Type": "application/octet-stream"}, big)
    town.articles(range(5, 6))
    for number in (2, 3):
        town("capture", town.url(number), "--site", "town", code=None)
    redact(town, town.url(3))
    assert "1 other capture with the same bytes" in town.err
    assert found(town.path, ("zxqtaptin",))
    redact(town, town.url(2))
    assert found(town.path, ("zxqtaptin",)) == set()
    with closing(sqlite3.connect(vault_path(town.path))) as vault:
        assert vault.execute("SELECT count(*) FROM _large").fetchone() == (0,)
    town("verify", "--deep")


def test_the_number_of_a_visit_and_a_permalink_name_one_capture(town: Town) -> None:
    watch(town, days=3)
    town("redact", "/web/20221022090000/" + town.url(1), "--reason", REASON, "--yes")
    last = rows(town.path, f"SELECT max(visit_id) AS n FROM visits WHERE url = '{town.url(1)}'")[0]["n"]
    redact(town, str(last))
    assert [
        row["visited_at"][:10] for row in rows(town.path, "SELECT visited_at FROM redactions ORDER BY visit_id")
    ] == [
        "2022-10-22",
        "2022-10-23",
    ]
    for words in (("999999",), (str(last), "--since", "2022-10-22"), ("http://other.example/",)):
        town("redact", words[0], "--reason", REASON, "--yes", *words[1:], code=None)
        assert town.err.startswith("error: ")
    assert "nothing to redact" in redact(town, str(last))


@pytest.fixture
def parted(tmp_path: Path) -> Iterator[Scripted]:
    server = Scripted(tmp_path / "archive.db")
    text = f"""[site]\nname = "t"\nhome = "{server.url}/"\n[crawl]\ndelay = 0.0\nsitemaps = []\nfeeds = []\n
        [[page]]\nkind = "article"\nurl = '/bai/'\ncontinues = "a.part"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n"""
    for number in (1, 2):
        other = 3 - number
        link = f'<p><a class=part href="/bai/{other if other > 1 else ""}">Phần {other}</a></p>'
        path = "/bai/" if number == 1 else "/bai/2"
        body = f"<title>Chợ</title><h1>Chợ</h1><div id=b><p>phần zxqphan{number}</p></div>{link}</html>"
        server.answers[path] = (200, {}, body.encode())
    server.answers["/"] = (200, {}, b"<a href=/bai/>Ch</a>")
    server.archive.crawl(parse_profile(text, "t"), everything=True)
    yield server
    server.close()


def test_an_article_of_several_parts_goes_as_a_whole(
    parted: Scripted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "archive.db"
    assert "zxqphan2" in parted.rows("SELECT body FROM versions WHERE title = 'Chợ'")[0][0]
    parted.archive.close()
    town = Town(parted, tmp_path, capsys)
    part = rows(path, f"SELECT visit_id FROM visits WHERE url = '{parted.url}/bai/2'")[0]["visit_id"]
    town("redact", str(part), "--reason", REASON, "--yes", code=2)
    assert f"redact the article, {parted.url}/bai/" in town.err
    assert "2 captures of 2 pages would be" in town("redact", f"{parted.url}/bai/2", "--reason", REASON, "--dry-run")
    assert "2 captures of 2 pages redacted" in redact(town, f"{parted.url}/bai/")
    assert found(path, ("zxqphan1", "zxqphan2")) == set()
    town("verify", "--deep")


def test_an_interrupted_reading_of_a_site_leaves_no_records(town: Town) -> None:
    """`extract` keeps what it has read in a file next to the archive until it is done."""
    watch(town, days=1)
    left = town.path.with_name(f".{town.path.name}.town.reading")
    left.write_bytes(SECRET[0].encode())
    redact(town, town.url(1))
    assert not left.exists()


def test_files_next_to_the_archive_that_may_hold_the_bytes_are_named(town: Town) -> None:
    watch(town, days=1)
    (town.folder / "archive.db.damaged-1").write_bytes(b"x")
    (town.folder / "notes.txt").write_bytes(b"x")
    redact(town, town.url(1))
    assert "archive.db.damaged-1" in town.err
    assert "notes.txt" not in town.err


def test_an_archive_of_schema_10_is_migrated_and_its_pruned_captures_are_known(town: Town) -> None:
    watch(town, days=1)
    with closing(sqlite3.connect(town.path, isolation_level=None)) as connection:
        connection.execute("UPDATE _visit SET frame_id = NULL WHERE visit_id = 3")
        for kind, name in connection.execute(
            "SELECT type, name FROM sqlite_schema WHERE type = 'view' AND name NOT LIKE '\\_%' ESCAPE '\\' "
            "UNION ALL SELECT type, name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%redact%' "
            "UNION ALL SELECT type, name FROM sqlite_schema WHERE type = 'table' AND name IN "
            "('_redacted', '_redacted_page', '_redaction', '_pruned', '_embargo', '_mark', '_accepted') ORDER BY 1 DESC, 2"
        ).fetchall():
            connection.execute(f"DROP {kind} {name}")
        connection.execute("ALTER TABLE _doubt DROP COLUMN fields")
        drop_renditions(connection)
        connection.execute("DELETE FROM _meta WHERE key = 'views'")
        connection.execute("PRAGMA user_version=10")
    assert len(MIGRATIONS) == 14
    with Store.open(town.path) as store:
        assert list(store.sql("SELECT user_version AS n FROM pragma_user_version")) == [{"n": 14}]
    assert "1 pruned" in town("verify", "--deep")
    redact(town, town.url(1))
    assert found(town.path) == set()
    town("verify", "--deep")


def test_the_plain_page_of_the_tests_has_no_secret() -> None:
    assert not [word for word in SECRET if word.encode() in plain_page(2, 1)]


@pytest.mark.parametrize(
    ("rules", "page", "others"),
    [
        (UrlRules(("ItemID",), (), True), "http://x.example/a/Post.aspx?ItemID=5", ["?ItemID=55", "?ItemID=4&n=5"]),
        (UrlRules(), "http://x.example/a/Post.aspx?id=5&b=(1)", ["?id=5", "?id=5&b=(1)&c=2", "?id=5&b=1"]),
        (UrlRules(), "http://x.example/a/Post.aspx", ["?id=5", "x"]),
        (UrlRules(("id",)), "http://x.example/a/Post.aspx", ["s/1", "/"]),
    ],
)
def test_the_pattern_matches_the_page_and_no_other(rules: UrlRules, page: str, others: list[str]) -> None:
    key = page_key(page, keep=rules.keep, drop=rules.drop, fold_case=rules.fold_case)
    pattern = re.compile(skip_pattern(key, rules))
    spellings = [page, page.replace("http:", "https:")]
    spellings += [page.lower(), page.replace("?", "?Source=/a&") + "&Mode=1"] if rules.fold_case else []
    assert [bool(pattern.search(each)) for each in spellings] == [True] * len(spellings)
    assert not [each for each in others if pattern.search("http://x.example/a/Post.aspx" + each)]
    assert tomllib.loads(f"skip = {toml_list(pattern.pattern)}")["skip"] == [pattern.pattern]
