"""`archiver site learn`, as a new user in an empty folder: fetched pages, the archive, a profile that exists, faults."""

import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from archiver.app.archive import open_archive
from archiver.app.profiles import generic_profile
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles
from learn.portals import SECTIONS, TOPICS, paragraphs
from learnt import ServedTown, hurry
from scripted import Scripted
from shell import Commands


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The empty working folder of the commands."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Scripted]:
    server = Scripted(tmp_path / "scripted.db")
    yield server
    server.close()


@pytest.fixture
def town(server: Scripted) -> ServedTown:
    """The town, all articles in its old template."""
    return ServedTown(server)


@pytest.fixture
def user(here: Path, server: Scripted, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    """Commands in the working folder, with a clock that the test sets and retries that do not wait."""
    folders = (Path("selectors"), bundled_profiles())
    GLOBAL_OPTIONS.settings = Settings(Path("data/archive.db"), folders, server.clock, Retries(1, 0.0, 0.0))
    yield Commands(Path("data/archive.db"), Path("selectors"), capsys)
    GLOBAL_OPTIONS.settings = None


def articles(user: Commands, site: str) -> dict[str, tuple[str, str]]:
    """Return title and body of the articles of a site in the archive, by address."""
    rows = user.json("sql", f"SELECT url, title, body FROM pages WHERE site = '{site}' AND kind = 'article'")
    return {row["url"]: (row["title"], row["body"]) for row in rows}


def test_a_profile_learned_from_a_listing_is_tested_and_crawls_the_portal(
    user: Commands, here: Path, town: ServedTown
) -> None:
    wrote = user("site", "learn", "town", "--listing", f"{town.url}/", "--pages", "4")
    assert wrote.startswith(
        "wrote selectors/town.toml: learned from 5 pages, 2 [[page]] tables and 4 [[test]] tables\n"
    )
    assert user("site", "check", "town").startswith("town: valid (2 page kinds, 4 tests)")
    user("site", "test", "town")
    assert "8 of 8 fields as expected" in user.err
    hurry(here, "town")
    user("crawl", "town")
    expected = {town.article(n): (TOPICS[n], "\n\n".join(paragraphs(n))) for n in range(len(TOPICS))}
    assert articles(user, "town") == expected
    assert {row["name"] for row in user.json("sql", "SELECT name FROM readings")} == {"views"}
    assert user.json("changes", "--kind", "edited") == []


def test_pages_are_kept_as_captures_of_the_site_and_two_are_fetched_twice(user: Commands, town: ServedTown) -> None:
    (learned,) = user.json("site", "learn", "town", town.article(0), town.article(1), town.article(2))
    visits = user.json(
        "sql", "SELECT site, url, outcome FROM visits WHERE url NOT LIKE '%robots.txt' ORDER BY visit_id"
    )
    assert {(row["site"], row["outcome"]) for row in visits} == {("town", "ok")}
    fetched = [row["url"].removeprefix(town.url) for row in visits]
    assert fetched == [*(town.path(n) for n in (0, 1, 2)), "/", town.path(0), town.path(1)]
    assert [page["again"] is not None for page in learned["pages"]] == [True, True, False, False]
    assert all(page["fault"] is None for page in learned["pages"])
    user("show", town.article(1))


def test_the_rules_are_printed_with_their_fit_and_three_values(user: Commands, town: ServedTown) -> None:
    printed = user("site", "learn", "town", *map(town.article, range(4)))
    lines = printed.splitlines()
    place = next(number for number, line in enumerate(lines) if line.strip().startswith("title "))
    assert "sure   right on 4 of 4 pages: " in lines[place]
    assert [line.split(maxsplit=1)[1] for line in lines[place + 1 : place + 4]] == list(TOPICS[:3])
    assert any(line.strip().startswith("readings.views") and "sure" in line for line in lines)
    assert lines[-1] == "next: `archiver site test town`, then `archiver crawl town`"


def test_json_has_all_of_it(user: Commands, here: Path, town: ServedTown) -> None:
    (learned,) = user.json("site", "learn", "town", *map(town.article, range(3)))
    assert (learned["site"], learned["is_new"], learned["new_tables"], learned["new_tests"]) == ("town", True, 2, 3)
    assert learned["text"] == (here / "selectors" / "town.toml").read_text(encoding="utf-8")
    table = learned["tables"][0]
    title = next(each for each in table["fields"] if each["name"] == "title")
    assert (title["right"], title["pages"], title["sure"]) == (3, 3, True)
    assert title["values"][0] == {"url": town.article(0), "value": TOPICS[0]}
    for path, number in zip(learned["files"], range(3), strict=True):
        body = Path(path).read_bytes()
        assert TOPICS[number].encode() in body
        assert body.startswith(b"<html")


def test_a_profile_that_exists_is_extended_and_its_text_stays(user: Commands, here: Path, server: Scripted) -> None:
    town = ServedTown(server, new=[3, 4, 5])
    user("site", "learn", "town", *map(town.article, range(3)))
    path = here / "selectors" / "town.toml"
    by_hand = "# kept by hand\n" + path.read_text(encoding="utf-8").replace("delay = 1.0", "delay = 0.0  # at night")
    path.write_text(by_hand, encoding="utf-8")
    path.chmod(0o640)
    printed = user("site", "learn", "town", *map(town.article, (2, 3, 4)))
    assert printed.startswith("extended selectors/town.toml: 1 [[page]] table and 2 [[test]] tables added")
    text = path.read_text(encoding="utf-8")
    left = iter(text.splitlines())
    assert all(line in left for line in by_hand.splitlines())
    assert path.stat().st_mode & 0o777 == 0o640
    user("site", "check", "town")
    user("site", "test", "town")
    user("extract", "--site", "town")
    expected = {town.article(n): (TOPICS[n], "\n\n".join(paragraphs(n))) for n in range(5)}
    assert articles(user, "town") == expected
    again = user("site", "learn", "town", *map(town.article, (1, 3, 5)))
    assert again.startswith("selectors/town.toml: nothing new: it reads these 4 pages already\n")
    assert path.read_text(encoding="utf-8") == text


def test_a_crawl_without_a_profile_gives_one(user: Commands, here: Path, town: ServedTown) -> None:
    server = town.server
    general = generic_profile(town.url)
    site = general.name
    with open_archive("data/archive.db") as archive:
        archive.settings = replace(archive.settings, clock=server.clock)
        for _ in range(2):
            archive.crawl(replace(general, crawl=replace(general.crawl, delay=0.0)), everything=True)
            server.clock.advance(days=1)
    asked = len(server.asked)
    (learned,) = user.json("site", "learn", site, "--from-archive")
    assert len(server.asked) == asked, "nothing is fetched"
    assert sum(page["again"] is not None for page in learned["pages"]) >= len(TOPICS)
    user("site", "test", site)
    user("extract", "--site", site)
    expected = {town.article(n): (TOPICS[n], "\n\n".join(paragraphs(n))) for n in range(len(TOPICS))}
    assert articles(user, site) == expected
    user("site", "learn", "other", "--from-archive", f"{town.url}/", town.article(0), code=2)
    assert "at most one address" in user.err
    (other,) = user.json("site", "learn", "other", "--from-archive", f"{town.url}/")
    assert other["notes"][-1].startswith(f"captures were of the site {site}, which this profile does not read")
    assert [table["kind"] for table in other["tables"]] == ["article", "listing"]


def test_embargoed_pages_and_redacted_captures_are_left_out(user: Commands, town: ServedTown) -> None:
    for number in range(4):
        user("capture", town.article(number))
    site = user.json("sql", "SELECT name FROM sites")[0]["name"]
    user("embargo", town.article(0), "--until", "2100-01-01", "--reason", "agreed")
    user("redact", town.article(1), "--reason", "asked for", "--yes")
    (learned,) = user.json("site", "learn", site, "--from-archive")
    assert {page["url"] for page in learned["pages"]} == {town.article(2), town.article(3)}


def test_one_page_is_enough_and_what_is_not_known_is_said(user: Commands, town: ServedTown) -> None:
    printed = user("site", "learn", "town", town.article(0))
    assert "was learned from one page" in printed
    assert "  sure " not in printed


def test_pages_that_were_not_received_are_named(user: Commands, town: ServedTown) -> None:
    printed = user("site", "learn", "town", town.article(0), town.article(1), f"{town.url}/news/none")
    assert f"  - not used: {town.url}/news/none: 404 gone, no page to read" in printed


def test_a_page_under_two_addresses_counts_once(user: Commands, town: ServedTown) -> None:
    town.server.answers["/first"] = (302, {"Location": town.path(0)}, b"")
    (learned,) = user.json("site", "learn", "town", town.article(0), f"{town.url}/first", town.article(1))
    assert [bool(page["fault"]) for page in learned["pages"]] == [False, True, False, False]
    assert "the same page as another one" in learned["pages"][1]["fault"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("town",), 2, "name pages to learn from: URL…, --listing URL, or --from-archive"),
        (("town", "{url}/none", "{url}/nothing"), 2, "none of 2 pages can be learned from: {url}/none: 404 gone"),
        (("town", "{url}/"), 2, "a home page is no article; `--listing {url}/` takes those it links to"),
        (("town", "--listing", "{url}/empty"), 2, "{url}/empty: no links to articles were found"),
        (("town", "{url}/empty"), 2, "none of the 2 pages is an article"),
        (("wordpress", "{url}/"), 3, "wordpress: a profile of this name comes with the program"),
        (("../town", "{url}/"), 2, "not a valid site name"),
        (("town", "{url}/", "--output", "city.toml"), 2, "name it town.toml"),
        (("town", "--from-archive"), 4, "archive.db"),
    ],
)
def test_what_cannot_be_learned_is_one_clear_line(
    user: Commands, here: Path, town: ServedTown, words: tuple[str, ...], code: int, said: str
) -> None:
    town.server.answers["/empty"] = (200, {}, b"<title>x</title>")
    user("site", "learn", *(word.format(url=town.url) for word in words), code=code)
    assert said.format(url=town.url) in user.err
    assert sum(line.startswith("error:") for line in user.err.splitlines()) == 1
    assert not (here / "selectors").exists()
    assert not (here / "tests").exists()


def test_robots_txt_is_obeyed(user: Commands, here: Path, town: ServedTown) -> None:
    town.server.answers["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /\n")
    user("site", "learn", "town", town.article(0), town.article(1), code=2)
    assert "`archiver site robots URL` shows the line of robots.txt" in user.err
    assert town.server.asked == ["/robots.txt"]


def test_a_site_has_the_pages_of_one_scope(user: Commands, town: ServedTown) -> None:
    user("site", "learn", "town", town.article(0), town.article(1))
    user("site", "learn", "town", "http://elsewhere.example/1", code=2)
    assert "http://elsewhere.example/1: not in the scope of town" in user.err


def test_no_file_is_replaced(user: Commands, here: Path, town: ServedTown) -> None:
    folder = here / "tests" / "fixtures" / "town"
    folder.mkdir(parents=True)
    (folder / "1.html").write_text("mine", encoding="utf-8")
    user("site", "learn", "town", town.article(0), town.article(1))
    assert (folder / "1.html").read_text(encoding="utf-8") == "mine"
    user("site", "test", "town")
    profile = tomllib.loads((here / "selectors" / "town.toml").read_text(encoding="utf-8"))
    assert "tests/fixtures/town/1.html" not in {test["file"] for test in profile["test"]}
    assert not list(here.rglob("*.tmp"))


def test_another_folder_holds_profile_and_pages(user: Commands, here: Path, town: ServedTown) -> None:
    user("site", "learn", "town", town.article(0), town.article(1), "--output", "mine/town.toml")
    assert sorted(path.name for path in (here / "mine").rglob("*") if path.is_file()) == [
        "1.html",
        "2.html",
        "town.toml",
    ]
    user("site", "test", "mine/town.toml")
    assert not (here / "selectors").exists()


def test_hostile_titles_cannot_control_the_terminal(user: Commands, here: Path, town: ServedTown) -> None:
    evil = "A bridge \x1b[31mred\x9b2J \u202eof doom &#27;]0;x&#7; \"\"\" '''"
    town.server.rule = lambda _path, _headers: None
    for number in range(3):
        html = f"<title>{evil}{number}</title><h1>{evil} {number}</h1><div class=text>"
        html += "".join(f"<p>{each}</p>" for each in paragraphs(number)) + "</div>"
        town.server.answers[town.path(number)] = (200, {}, html.encode())
    printed = user("site", "learn", "town", *map(town.article, range(3)))
    assert not {"\x1b", "\x9b", "\u202e", "\x07"} & set(printed)
    user("site", "check", "town")
    user("site", "test", "town")


def test_an_interrupt_keeps_the_captures(here: Path, town: ServedTown) -> None:
    def hang(path: str, _headers: object) -> tuple[int, dict[str, str], bytes] | None:
        if path == town.path(2):
            os.kill(process.pid, signal.SIGINT)
        return answer(path, _headers)  # type: ignore[arg-type]

    answer, town.server.rule = town.server.rule, hang
    command = [sys.executable, "-m", "archiver", "site", "learn", "town", *map(town.article, range(6))]
    process = subprocess.Popen(command, cwd=here, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "interrupted; no profile was written; 2 pages captured and stored" in errors
    assert "`archiver site learn town --from-archive` learns from them" in errors
    assert not (here / "selectors").exists()
    learn = [sys.executable, "-m", "archiver", "site", "learn", "town", "--from-archive"]
    done = subprocess.run(learn, cwd=here, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("wrote selectors/town.toml: learned from ")


def test_the_sections_of_the_town_are_its_listings(user: Commands, here: Path, town: ServedTown) -> None:
    user("site", "learn", "town", "--listing", f"{town.url}/news/", "--listing", f"{town.url}/culture/")
    hurry(here, "town")
    user("crawl", "town")
    rows = user.json("sql", "SELECT url FROM pages WHERE kind = 'listing'")
    assert {row["url"].removeprefix(town.url) for row in rows} >= {"/", *(f"/{section}/" for section in SECTIONS)}


def test_pages_that_were_captured_before_the_first_crawl_are_visited_by_it(
    user: Commands, here: Path, town: ServedTown
) -> None:
    """A capture follows no links; a crawl that took its pages for visited would find nothing."""
    user("site", "learn", "town", town.article(0), town.article(1))
    hurry(here, "town")
    captured = len(town.server.asked)
    summary = user.json("crawl", "town")[-1]
    assert {town.path(0), town.path(1), "/", "/sport/"} <= set(town.server.asked[captured:])
    assert summary["changed"] == 0


TABLES = (
    "[[page]]\nkind = 'article'\nurl = '-\\d+\\.html$'\n[page.fields]\ntitle = 'h2.headline'\nbody = '.copy'\n",
    "# all others\n[[page]]\nkind = 'listing'",
)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("inside", ["plain", "\u2028 \u2029 \x85 \u2028 \u2029 \x85"])
def test_every_form_of_a_text_file_is_extended_to_the_letter(
    user: Commands, here: Path, server: Scripted, ends: str, inside: str
) -> None:
    town = ServedTown(server, new=[3, 4])
    before = f'# {inside}\n[site]\nname = "town"\nhome = "{town.url}/"\n\n{TABLES[0]}{TABLES[1]}'.replace("\n", ends)
    path = here / "selectors" / "town.toml"
    path.parent.mkdir()
    path.write_bytes(before.encode())
    user("site", "learn", "town", *map(town.article, range(5)))
    after = path.read_bytes().decode()
    place = after.index(TABLES[0].replace("\n", ends))
    for part in TABLES:
        assert part.replace("\n", ends) in after
    assert after.startswith(before[:place])
    assert [page["kind"] for page in tomllib.loads(after)["page"]] == ["article", "article", "listing"]
    user("site", "check", "town")
    user("site", "test", "town")


def test_a_profile_whose_tables_cannot_be_extended_is_left_alone(user: Commands, here: Path, town: ServedTown) -> None:
    path = here / "selectors" / "town.toml"
    path.parent.mkdir()
    text = (
        'page = [{ kind = "article", url = "/x/", fields = { title = "h1" } }]\n'
        f'[site]\nname = "town"\nhome = "{town.url}/"\n'
    )
    path.write_text(text, encoding="utf-8")
    user("site", "learn", "town", town.article(0), town.article(1), code=3)
    assert "selectors/town.toml" in user.err
    assert path.read_text(encoding="utf-8") == text


def test_tests_pass_for_pages_whose_encoding_only_the_server_names(
    user: Commands, here: Path, town: ServedTown
) -> None:
    town.server.rule = lambda _path, _headers: None
    for number in range(3):
        html = f"<html><title>Crème brûlée n° {number}</title><h1>Crème brûlée n° {number}</h1><div class=text>"
        html += "".join(f"<p>{each} Déjà vu à Zürich.</p>" for each in paragraphs(number)) + "</div>"
        headers = {"Content-Type": "text/html; charset=windows-1252"}
        town.server.answers[town.path(number)] = (200, headers, html.encode("windows-1252"))
    user("site", "learn", "town", *map(town.article, range(3)))
    user("site", "test", "town")


def test_a_feed_is_a_listing(user: Commands, town: ServedTown) -> None:
    items = "".join(f"<item><link>{town.article(n)}</link><title>{TOPICS[n]}</title></item>" for n in range(6))
    feed = f"<?xml version='1.0'?><rss version='2.0'><channel><title>Town</title>{items}</channel></rss>"
    town.server.answers["/feed"] = (200, {"Content-Type": "application/rss+xml"}, feed.encode())
    (learned,) = user.json("site", "learn", "town", "--listing", f"{town.url}/feed", "--pages", "3")
    found = [page["url"] for page in learned["pages"] if not page["is_listing"]]
    assert found == [*map(town.article, (0, 2, 4)), f"{town.url}/"]
    assert learned["tables"][0]["pages"] == [*map(town.article, (0, 2, 4))]


def test_values_are_cut_to_the_width_of_the_terminal(
    user: Commands, town: ServedTown, request: pytest.FixtureRequest
) -> None:
    terminal = request.getfixturevalue("terminal")
    town.server.rule = lambda _path, _headers: None
    for number in range(2):
        title = f"{number} {'古い橋が開通した。' * 20}"
        html = f"<title>{title}</title><h1>{title}</h1><div class=text>"
        html += "".join(f"<p>{each}</p>" for each in paragraphs(number)) + "</div>"
        town.server.answers[town.path(number)] = (200, {}, html.encode())
    user("site", "learn", "town", *map(town.article, range(2)))
    printed = re.sub(r"\x1b\[[\d;]*m", "", terminal.getvalue()).splitlines()
    values = [line for line in printed if line.startswith("  ")]
    assert any("古い橋" in line for line in values)
    assert max(map(cell_len, values)) <= 80
