"""`cite`, and permalinks as arguments of commands, on a small archive."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.text.permalink import permalink
from scripted import Scripted
from shell import Shell
from watched import PAGE, Town

SIGNED = PAGE + "<p class=by>BTQ</p>"


FILES = 'files = ["pdf"]'
LINK = "<a href='/f/B%C3%A1o%20c%C3%A1o.pdf'>f</a>"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
    """The server of a small site, and its archive in the same folder. Made once; each test starts from a copy."""
    server = Scripted(tmp_path_factory.mktemp("seen") / "archive.db")
    town = Town(server, server.selectors.parent, None)
    server.answers["/robots.txt"] = (200, {}, b"")
    town.profile(crawl=FILES)
    town.articles(1, SIGNED + LINK)
    server.answers["/f/B%C3%A1o%20c%C3%A1o.pdf"] = (200, {"Content-Type": "application/pdf"}, b"%PDF-1.4 x")
    for day in range(4):
        if day == 2:
            town.articles(1, SIGNED.replace("Tin {n}", "Tin đã sửa") + LINK)
        with server.open(town.path) as archive:
            archive.crawl("town", everything=True)
        server.clock.advance(days=1)
    yield server
    server.close()


@pytest.fixture
def read(seen: Scripted, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Town]:
    """Seen on 21 and 22 October, edited on the 23rd, seen again on the 24th; it links to a PDF."""
    for file in seen.selectors.parent.glob("archive*.db"):
        shutil.copy(file, tmp_path)
    answers, now = dict(seen.answers), seen.clock()
    town = Town(seen, tmp_path, capsys)
    town.profile(crawl=FILES)
    town.numbers = [1]
    yield town
    seen.answers = answers
    seen.clock.advance(seconds=(now - seen.clock()).total_seconds())


def cited(town: Town, *words: str) -> dict[str, Any]:
    (result,) = town.json("cite", *words)
    return result


def visits(town: Town, url: str) -> list[tuple[str, str]]:
    with town.server.open(town.path) as archive:
        rows = archive.sql("SELECT visited_at, sha256 FROM visits WHERE url = ? ORDER BY visited_at", (url,))
        return [(row["visited_at"], row["sha256"]) for row in rows]


def test_the_citation_of_the_newest_version(read: Town) -> None:
    url = read.url(1)
    captures = visits(read, url)
    moment, sha256 = captures[2]
    digits = re.sub(r"\D", "", moment)
    assert read("cite", url) == (
        f"“Tin đã sửa”. town, 2022-10-01. {url} (seen {moment} to {captures[3][0]} UTC; SHA-256 {sha256}; "
        f"/web/{digits}/{url})\n"
    )


def test_the_digest_is_that_of_the_first_capture_of_the_version(read: Town) -> None:
    first = cited(read, read.url(1), "--version", "1")
    assert (first["captured_at"], first["sha256"]) == visits(read, read.url(1))[0]
    assert (first["title"], first["version"]) == ("Tin 1", 1)
    assert (first["seen_from"], first["seen_last"]) == (
        visits(read, read.url(1))[0][0],
        visits(read, read.url(1))[1][0],
    )
    read("show", first["permalink"], "--format", "raw")
    assert re.fullmatch(r"[0-9a-f]{12} \d+", first["extractor"])
    assert first["archive_id"] == cited(read, read.url(1))["archive_id"] != ""


@pytest.mark.parametrize(
    ("at", "version"), [("2022-10-22", 1), ("20221023", 2), ("202210", 2), ("2022", 2), ("now", 2)]
)
def test_the_version_that_was_current_at_a_moment(read: Town, at: str, version: int) -> None:
    assert cited(read, read.url(1), "--at", at)["version"] == version


def test_citing_a_version_id(read: Town) -> None:
    with read.server.open(read.path) as archive:
        rows = list(archive.sql("SELECT version_id, version FROM versions WHERE url = ?", (read.url(1),)))
    for row in rows:
        assert cited(read, str(row["version_id"])) == cited(read, read.url(1), "--version", str(row["version"]))


def test_the_machine_readable_formats(read: Town) -> None:
    url = read.url(1)
    result = cited(read, url)
    assert read("cite", url, "--format", "bibtex").startswith(f"@online{{{result['key']},\n")
    assert json.loads(read("cite", url, "--format", "csl"))[0]["archive_location"] == result["permalink"]
    assert cited(read, url, "--format", "ris")["citation"].endswith("\r\nER  - \r\n")
    with read.server.open(read.path) as archive:
        assert archive.page(url).cite(-1, form="ris") == cited(read, url, "--format", "ris")["citation"]


def test_a_permalink_shows_the_page_at_its_moment(read: Town) -> None:
    for number in (1, 2):
        result = cited(read, read.url(1), "--version", str(number))
        for link in (
            result["permalink"],
            "archiver:" + result["permalink"],
            f"{result['permalink']}#sha256={result['sha256']}",
        ):
            assert cited(read, link) == result
            (shown,) = read.json("show", link)
            assert (shown["version"], shown["sha256"], shown["visited_at"]) == (
                number,
                result["sha256"],
                result["captured_at"],
            )
            assert shown["url"] == read.url(1)


def test_a_permalink_of_a_capture_names_that_capture(read: Town) -> None:
    for moment, sha256 in visits(read, read.url(1)):
        result = cited(read, str(permalink(moment, read.url(1), sha256)))
        assert (result["captured_at"], result["sha256"]) == (moment, sha256)


def test_a_permalink_between_captures_names_the_current_version(read: Town) -> None:
    result = cited(read, f"/web/20221022/{read.url(1)}")
    assert result == cited(read, read.url(1), "--version", "1")
    assert read("show", f"/web/20221022/{read.url(1)}", "--format", "raw").startswith("<title>1</title><h1>Tin 1</h1>")


def test_a_digest_that_differs_from_the_permalink_is_an_error(read: Town) -> None:
    moment, sha256 = visits(read, read.url(1))[0]
    link = str(permalink(moment, read.url(1), "0" * 64))
    for command in ("cite", "show"):
        assert read(command, link, code=1) == ""
        assert f"the capture of {moment} UTC has SHA-256 {sha256}, not {'0' * 64} as the permalink says" in read.err
        assert len(read.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["/web/2021/{url}"], 1, "nothing was captured by 2021-12-31 23:59:59 UTC"),
        (["/web/202/{url}"], 2, "digits alone are 4, 6, 8, 10, 12 or 14 of YYYYMMDDhhmmss"),
        (["/web/{url}"], 2, "not a permalink"),
        (["/web/2022/tin/1"], 2, "not a web address"),
        (["/web/20221022/http://nobody.example/"], 1, "not in "),
        (["/web/20221022/{url}", "--at", "now"], 2, "a permalink already names a moment"),
        (["/web/20221022/{url}", "--version", "1"], 2, "a permalink already names a moment"),
        (["{url}", "--version", "1", "--at", "now"], 2, "cannot be combined"),
        (["{url}", "--version", "9"], 1, "there is no version 9; it has 1 to 2"),
        (["{url}", "--at", "2021"], 1, "not yet seen at 2021-12-31 23:59:59 UTC"),
        (["99999"], 1, "no such version_id"),
        (["1", "--version", "1"], 2, "use --version and --at with an address"),
        (["{url}", "--format", "mla"], 2, "mla"),
    ],
)
def test_errors_are_one_line(read: Town, words: list[str], code: int, message: str) -> None:
    assert read("cite", *(word.format(url=read.url(1)) for word in words), code=code) == ""
    assert message in read.err
    assert len(read.err.splitlines()) == 1


def test_after_a_change_of_profile_the_permalink_names_the_version_of_that_moment(read: Town) -> None:
    before = [cited(read, read.url(1), "--version", number) for number in ("1", "2")]
    with read.server.open(read.path) as archive:
        numbers = [
            row["version_id"] for row in archive.sql("SELECT version_id FROM versions WHERE url = ?", (read.url(1),))
        ]
    profile = read.server.selectors / "town.toml"
    text = profile.read_text(encoding="utf-8")
    better = text.replace('title = { css = "h1", required = false }', 'title = "title"\nbylines = "p.by"')
    assert better != text
    profile.write_text(better, encoding="utf-8")
    read("extract")
    assert read("cite", read.url(1)).startswith("BTQ: “1”. town, "), "one version by the title alone: it never changed"
    for was in before:
        now = cited(read, f"{was['permalink']}#sha256={was['sha256']}")
        assert (now["captured_at"], now["sha256"], now["permalink"]) == (
            was["captured_at"],
            was["sha256"],
            was["permalink"],
        )
        assert (now["title"], now["authors"], now["version"]) == ("1", ["BTQ"], 1)
        assert now["extractor"] != was["extractor"]
        (shown,) = read.json("show", was["permalink"])
        assert (shown["version"], shown["sha256"], shown["record"]["title"]) == (1, was["sha256"], "1")
    read("cite", str(numbers[0]), code=1)
    assert f"a later extractor replaced this version; its page at that time: {before[0]['permalink']}" in read.err


def test_a_file_is_cited_by_its_capture(read: Town) -> None:
    url = f"{read.server.url}/f/B%C3%A1o%20c%C3%A1o.pdf"
    captures = visits(read, url)
    result = cited(read, url)
    assert (result["title"], result["media_type"], result["version"]) == ("Báo cáo.pdf", "application/pdf", 1)
    assert result["sha256"] == hashlib.sha256(b"%PDF-1.4 x").hexdigest()
    assert (result["seen_from"], result["seen_last"], result["captured_at"]) == (
        captures[0][0],
        captures[-1][0],
        captures[0][0],
    )
    assert result["citation"].startswith("“Báo cáo.pdf” [application/pdf]. town, no date. ")
    assert cited(read, result["permalink"]) == result
    assert cited(read, url, "--at", "2022-10-22")["sha256"] == result["sha256"]
    assert read("show", result["permalink"], "--format", "raw") == "%PDF-1.4 x"
    read.server.answers["/f/B%C3%A1o%20c%C3%A1o.pdf"] = (200, {"Content-Type": "application/pdf"}, b"%PDF-1.4 y")
    read.crawl()
    new = cited(read, url)
    assert new["seen_from"] == new["seen_last"] == new["captured_at"] == visits(read, url)[-1][0]
    assert new["version"] == 2
    assert cited(read, result["permalink"])["sha256"] == result["sha256"]
    assert cited(read, url, "--version", "1")["sha256"] == result["sha256"]


def test_a_page_that_was_always_missing_is_cited_by_its_capture(read: Town) -> None:
    url = f"{read.server.url}/a/none"
    read("capture", url, code=None)
    result = cited(read, url)
    assert (result["title"], result["sha256"]) == ("none", hashlib.sha256(b"none").hexdigest())


def test_a_page_that_never_answered_cannot_be_cited(read: Town) -> None:
    read.server.answers["/a/empty"] = (404, {}, b"")
    read("capture", f"{read.server.url}/a/empty", code=None)
    read("cite", f"{read.server.url}/a/empty", code=1)
    assert "no visit received any bytes to cite" in read.err


def test_an_absence_is_cited_only_by_its_permalink(read: Town) -> None:
    url = read.url(1)
    read.server.answers["/a/1"] = (410, {}, b"away")
    read.crawl()
    moment, sha256 = visits(read, url)[-1]
    assert cited(read, url)["version"] == 2
    read("cite", url, "--at", "now", code=1)
    assert "not there at" in read.err
    result = cited(read, str(permalink(moment, url)))
    assert (result["version"], result["sha256"], result["status"]) == (None, sha256, 410)
    assert f"(status 410, seen {moment} UTC" in read("cite", str(permalink(moment, url)))
    (shown,) = read.json("show", str(permalink(moment, url)))
    assert (shown["status"], shown["outcome"], shown["version"]) == (410, "gone", None)
    read("cite", f"/web/2022/{url}", code=1)
    assert "not there at 2022-12-31 23:59:59 UTC" in read.err


def test_an_error_response_is_not_cited_as_the_version(read: Town) -> None:
    url = read.url(1)
    read.server.answers["/a/1"] = (503, {}, b"away")
    read.crawl(code=None)
    moment, _ = visits(read, url)[-1]
    result = cited(read, str(permalink(moment, url)))
    assert result == cited(read, url, "--version", "2")


def test_of_two_pages_with_one_address_the_one_captured_at_that_second_is_chosen(read: Town) -> None:
    old, new = read.url(1), read.url(2)
    read.articles(2, SIGNED)
    read.server.answers["/a/1"] = (301, {"Location": "/a/2"}, b"")
    read.crawl()
    moved = visits(read, new)[0]
    read.server.answers["/a/2"] = (410, {}, b"")
    read.crawl()
    result = cited(read, str(permalink(moved[0], new, moved[1])))
    assert (result["url"], result["title"]) == (new, "Tin 2")
    assert cited(read, str(permalink(*visits(read, old)[0][:1], old)))["title"] == "Tin 1"


def test_a_permalink_is_absolute_with_base(shell: Shell) -> None:
    address = shell.portal.address(shell.portal.items[0])
    shell("capture", address)
    (plain,) = shell.json("cite", address)
    for base in ("https://archive.example", "https://archive.example/"):
        (cited,) = shell.json("cite", address, "--base", base)
        assert cited["permalink"] == f"https://archive.example{plain['permalink']}"
        assert cited["permalink"] in shell("cite", address, "--base", base)
        assert cited["permalink"].split("#")[0] in shell("cite", address, "--format", "bibtex", "--base", base)
    shell("cite", address, "--base", "archive.example", code=2)
    assert "not a web address" in shell.err
