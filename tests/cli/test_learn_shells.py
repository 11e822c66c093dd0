"""`archiver site learn` on portals of shells: opened in a browser, or read from the API that has their text."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.cli.context import GLOBAL_OPTIONS
from archiver.extract.profile import load_profile
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles
from browsers import needs_chromium
from learn.portals import TOPICS, paragraphs
from learnt import hurry
from scripted import Scripted
from shell import Commands
from shells import COUNT, ShellPortal, day

pytestmark = needs_chromium
EXPECTED = {(TOPICS[n], "\n\n".join(paragraphs(n)), day(n).replace("T", " ")) for n in range(COUNT)}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Scripted]:
    server = Scripted(tmp_path / "scripted.db")
    yield server
    server.close()


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Scripted]:
    """The server of an API, at another port."""
    (tmp_path / "data").mkdir()
    server = Scripted(tmp_path / "data" / "scripted.db")
    yield server
    server.close()


@pytest.fixture
def user(
    tmp_path: Path, server: Scripted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Commands]:
    """Commands in an empty folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folders = (Path("selectors"), bundled_profiles())
    GLOBAL_OPTIONS.settings = Settings(Path("archive.db"), folders, server.clock, Retries(1, 0.0, 0.0))
    yield Commands(Path("archive.db"), Path("selectors"), capsys)
    GLOBAL_OPTIONS.settings = None


def articles(user: Commands) -> set[tuple[str, str, str]]:
    """Return title, body and date of the articles."""
    rows = user.json("sql", "SELECT title, body, published FROM pages WHERE kind = 'article'")
    return {(row["title"], row["body"], row["published"]) for row in rows}


def crawl_twice(user: Commands, portal: ShellPortal, server: Scripted) -> list[tuple[str, str]]:
    """Crawl, edit a title, crawl again, and return the edits: the field and the new value."""
    hurry(Path(), "town")
    user("crawl", "town")
    assert articles(user) == EXPECTED
    portal.edited[3] = "The school garden feeds two whole kitchens"
    server.clock.advance(days=1)
    user("crawl", "town", "--all")
    return [(row["field"], row["new"]) for row in user.json("changes", "--kind", "edited")]


def test_shells_are_learned_from_the_documents_of_a_browser(user: Commands, server: Scripted) -> None:
    portal = ShellPortal(server, "two")
    printed = user("site", "learn", "town", "--listing", f"{server.url}/news", "--pages", "3")
    assert "in an API" not in printed  # two requests for each article
    assert server.asked.count("/news/5100") == 2  # the first articles are opened twice
    assert server.asked.count("/app.js") == 1  # one browser
    learned = load_profile(Path("selectors/town.toml"))
    assert [(kind.kind, kind.render and (kind.render.when, kind.render.wait)) for kind in learned.pages] == [
        ("article", ("always", "h1.headline")),
        ("listing", ("always", "")),
    ]
    assert '# actions = ["click:button.more*20"]' in learned.text
    user("site", "test", "town")
    assert "6 of 6 fields as expected" in user.err
    assert crawl_twice(user, portal, server) == [("title", portal.title(3))]


@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["same host", "another host"])
def test_an_api_is_proposed_and_read_without_a_browser(
    user: Commands, server: Scripted, data: Scripted, monkeypatch: pytest.MonkeyPatch, *, is_elsewhere: bool
) -> None:
    portal = ShellPortal(server, "wordpress", data if is_elsewhere else None)
    api = (data if is_elsewhere else server).url + "/wp/wp-json/wp/v2/posts"
    words = ("site", "learn", "town", "--listing", f"{server.url}/news", "--pages", "2")
    (learned,) = user.json(*words)
    assert learned["api"]["articles"] == 2
    assert learned["api"]["listing"] == f"{api}?per_page=6&page=1"
    assert load_profile(Path("selectors/town.toml")).pages[0].render
    again = ("site", "learn", "town", "--from-archive", "--api")
    user(*again, code=2)
    assert "each edit would be told twice" in user.err
    Path("selectors/town.toml").rename("rendered.toml")
    monkeypatch.setenv("ARCHIVER_CHROMIUM", "/nowhere/chromium")
    server.asked.clear()
    assert "3 [[page]] tables and 2 [[test]] tables" in user(*again)
    assert server.asked == []
    user("site", "test", "town")
    assert "4 of 4 fields as expected" in user.err
    assert crawl_twice(user, portal, server) == [("title", portal.title(3))]
    assert not [path for path in server.asked if path.startswith("/news")]


def test_data_within_the_page_needs_a_browser_and_has_no_api(user: Commands, server: Scripted) -> None:
    portal = ShellPortal(server, "next")
    user("site", "learn", "town", "--listing", f"{server.url}/news", "--pages", "2", "--api", code=2)
    assert "no page got its title and its text from one request" in user.err
    user("site", "learn", "town", "--from-archive")
    assert crawl_twice(user, portal, server) == [("title", portal.title(3))]


def test_pages_without_addresses_of_their_own_are_told_of_with_their_data(user: Commands, server: Scripted) -> None:
    ShellPortal(server, "hash")
    user("site", "learn", "town", "--listing", f"{server.url}/news", code=2)
    assert f"{server.url}/data/all" in user.err
    assert "#/news/5100" in user.err


def test_without_a_browser_one_line_says_what_to_install(
    user: Commands, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    ShellPortal(server, "two")
    monkeypatch.setenv("ARCHIVER_CHROMIUM", "/nowhere/chromium")
    user("site", "learn", "town", "--listing", f"{server.url}/news", code=2)
    assert "looks like the shell of a script, and pages cannot be opened in Chromium" in user.err
    assert "apt-get install chromium" in user.err


def test_shells_are_told_of_by_every_command_that_would_misread_them(user: Commands, server: Scripted) -> None:
    ShellPortal(server, "two")
    user("capture", f"{server.url}/news/5100")
    assert "looks like the shell of a script; `--render` opens it in a browser" in user.err
    user("capture", "--render", f"{server.url}/news/5101", f"{server.url}/news/5102")
    assert "shell" not in user.err
    assert server.asked.count("/app.js") == 1  # one browser for both
    user("site", "new", f"{server.url}/news/5100")
    assert "looks like the shell of a script" in user.err


def test_only_shells_are_opened_where_a_portal_has_both(user: Commands, server: Scripted) -> None:
    ShellPortal(server, "two")
    for path, n in (("/news/6001", 1), ("/news/6002", 2)):
        text = "".join(f"<p>{each}</p>" for each in paragraphs(n))
        html = f'<main><h1 class="headline">{TOPICS[n]} (old)</h1><time>{day(n)}</time><div class="text">{text}</div></main>'
        server.answers[path] = (
            200,
            {},
            f'<title>{TOPICS[n]}</title><div id="app">{html}</div><script src=/app.js></script>'.encode(),
        )
    user("site", "learn", "town", *(f"{server.url}/news/{n}" for n in (5100, 5103, 6001, 6002)))
    learned = load_profile(Path("selectors/town.toml"))
    assert [kind.render and kind.render.when for kind in learned.pages if kind.kind == "article"] == ["when-empty"]
    opened = {row["url"] for row in user.json("sql", "SELECT url FROM renditions WHERE kind = 'dom'")}
    assert opened == {f"{server.url}/", f"{server.url}/news/5100", f"{server.url}/news/5103"}
    user("site", "test", "town")


def test_a_crawl_whose_pages_are_shells_ends_with_an_alarm(user: Commands, server: Scripted) -> None:
    ShellPortal(server, "two")
    user("crawl", f"{server.url}/news", code=5)
    assert "1 of 1 page looks like the shell of a script, and has nothing to read" in user.err
    assert "archiver site learn" in user.err
    (site,) = {row["site"] for row in user.json("sql", "SELECT site FROM pages")}
    assert "fix: `archiver site learn" in user("site", "health", site, code=5) + user.err
    assert "looks like the shell" in user("doctor", code=1)
