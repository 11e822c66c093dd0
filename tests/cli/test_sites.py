"""`archiver site …`: create, check, name and test profiles; an invalid profile is always reported."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.cli import run
from archiver.extract.profile import load_profile
from scripted import Scripted
from shell import Shell


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of the commands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_profile_reads_its_page(shell: Shell, here: Path) -> None:
    portal = shell.portal
    article = portal.article(portal.items[3])
    wrote = shell("site", "new", portal.address(article.item), "--name", "hoasen")
    assert article.title in wrote
    assert "valid" in shell("site", "check", "hoasen")
    (state,) = shell.json("capture", "--site", "hoasen", portal.address(article.item))
    record = state["record"]
    assert (record["title"], record["published"]) == (article.title, f"{article.published:%Y-%m-%d %H:%M:%S}")
    assert all(text in record["body"] for text in article.paragraphs)
    assert article.summary not in record["body"]
    assert [state["sources"][name]["rule"] for name in ("title", "published", "body")] == [
        "css:h3.tieude",
        "css:span.ngay",
        "css:div.noidung",
    ]


def test_a_new_profile_describes_the_portal(shell: Shell, here: Path) -> None:
    portal = shell.portal
    shell("site", "new", portal.address(portal.items[3]), "--name", "hoasen")
    profile = load_profile(here / "selectors" / "hoasen.toml")
    assert profile.site.title == "Cổng thông tin điện tử Quận Hoa Sen"
    assert profile.crawl.sitemaps == (f"{portal.url}sitemap.xml",)
    assert profile.url.keep is not None
    assert profile.url.keep[0] == "ItemID"
    assert not {"Source", "Mode", "Category"} & set(profile.url.keep)
    assert [page.kind for page in profile.pages] == ["article", "listing"]
    for path in ("", "tintuc/default.aspx", "tintuc/default.aspx?Page=2"):
        assert [page.kind for page in profile.pages if page.url is None or page.url.search(portal.url + path)] == [
            "listing"
        ]


def test_a_crawl_with_a_new_profile_finds_the_articles_and_no_listing(shell: Shell, here: Path) -> None:
    portal = shell.portal
    shell("site", "new", portal.address(portal.items[3]), "--name", "hoasen")
    path = here / "selectors" / "hoasen.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("delay = 1.0", "delay = 0.0"), encoding="utf-8")
    summary = shell.json("crawl", "hoasen")[-1]
    assert (summary["new_pages"], summary["ended"]) == (len(portal.items), "done")


def test_from_the_home_page_an_article_is_searched(shell: Shell, here: Path) -> None:
    portal = shell.portal
    (new,) = shell.json("site", "new", portal.url, "--name", "hoasen")
    assert new["url"] == portal.address(portal.items[-1])
    assert new["reads"]["title"] == portal.article(portal.items[-1]).title


WIKI = """<!doctype html><html lang=en><head><title>{0} - Harbour Wiki</title><meta name=generator content="MediaWiki 1.39.5">
</head><body class=mediawiki><h1 id=firstHeading>{0}</h1><div id=mw-content-text><div class=mw-parser-output>{1}</div></div>"""
TEXT = (
    "<p>The council met for three hours and spoke about the old bridge, which has been shut since the spring flood.</p>"
)


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Scripted]:
    """A site whose pages the test writes."""
    site = Scripted(tmp_path / "scripted.db")
    yield site
    site.close()


def test_known_software_gives_a_profile_based_on_a_bundled_one(shell: Shell, here: Path, scripted: Scripted) -> None:
    names = ("Old_bridge", "Ferry", "Market_day")
    links = "".join(f"<li><a href=/wiki/{name}>{name}</a>" for name in names)
    scripted.answers["/"] = (200, {}, WIKI.format("Main Page", f"<p>Welcome.</p><ul>{links}</ul>").encode())
    for name in names:
        scripted.answers[f"/wiki/{name}"] = (200, {}, WIKI.format(name.replace("_", " "), TEXT * 3).encode())
    wrote = shell("site", "new", f"{scripted.url}/wiki/Old_bridge", "--name", "harbour")
    assert wrote.splitlines()[0] == "MediaWiki 1.39.5 (meta generator): based on the bundled profile mediawiki"
    assert "title: 'Old bridge'" in wrote
    assert shell("site", "check", "harbour").startswith("harbour: valid (3 page kinds, 0 tests)")
    path = here / "selectors" / "harbour.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("delay = 1.0", "delay = 0.0"), encoding="utf-8")
    summary = shell.json("crawl", "harbour")[-1]
    assert (summary["new_pages"], summary["errors"], summary["likely_articles"]) == (4, 0, 0)
    (new,) = shell.json("site", "new", f"{scripted.url}/wiki/Old_bridge", "--name", "other")
    assert (new["based_on"], new["notes"]) == ("mediawiki", [wrote.splitlines()[0]])
    (new,) = shell.json("site", "new", f"{scripted.url}/wiki/Ferry", "--name", "own", "--no-template")
    assert (new["based_on"], new["notes"]) == (None, [])
    printed = shell("site", "new", f"{scripted.url}/wiki/Ferry", "--name", "third", "--output", "-")
    assert printed.startswith("# MediaWiki 1.39.5 (meta generator): based on the bundled profile mediawiki.\n")
    assert "based on the bundled profile mediawiki" in shell.err


def test_a_pattern_limited_to_a_section_is_reported_with_the_articles_it_misses(
    shell: Shell, here: Path, scripted: Scripted
) -> None:
    menu = "<a href=/news/>News</a> <a href=/events/>Events</a>"
    for section in ("news", "events"):
        names = [f"{section}{number}" for number in range(4)]
        scripted.page(
            f"/{section}/", section, extra="".join(f"<li><a href=/{section}/{name}>{name}</a>" for name in names) + menu
        )
        for name in names:
            body = f"<title>{name}</title><h1>{name} of the harbour</h1><div id=text>{TEXT * 6}</div>{menu}"
            scripted.answers[f"/{section}/{name}"] = (200, {}, body.encode())
    scripted.page("/", "Harbour", extra=menu)
    wrote = shell("site", "new", f"{scripted.url}/news/news1", "--name", "harbour")
    assert (
        "the url pattern of articles fits only /news/, the only section in which articles were seen; widen it if there are others"
        in wrote
    )
    path = here / "selectors" / "harbour.toml"
    text = path.read_text(encoding="utf-8")
    assert "# the url pattern of articles fits only /news/" in text
    path.write_text(text.replace("delay = 1.0", "delay = 0.0"), encoding="utf-8")
    summary = shell.json("crawl", "harbour")[-1]
    first = summary["first_likely_article"]
    assert (summary["new_pages"], summary["likely_articles"]) == (4, 4)
    assert first.startswith(f"{scripted.url}/events/events")
    warning = (
        f"harbour: 4 listings look like articles (first: {first}); the url pattern of the article may be too narrow"
    )
    assert shell.err.count("look like articles") == 1
    assert warning in shell.err.replace("\n", " ")
    shell("crawl", "harbour", "--all", "--limit", "1")
    assert "look like" not in shell.err


@pytest.mark.parametrize("name", ["Bad Name!", "a/b", "../up", "", "-x"])
def test_an_invalid_name_is_an_error(shell: Shell, here: Path, name: str) -> None:
    shell("site", "new", shell.portal.address(shell.portal.items[0]), f"--name={name}", code=2 if name else 0)
    if name:
        assert "not a valid site name" in shell.err
        assert not (here / "selectors").exists()
        assert shell.portal.requests == []


def test_an_existing_name_is_an_error(shell: Shell, here: Path) -> None:
    address = shell.portal.address(shell.portal.items[0])
    for name in ("demo", "wordpress"):
        shell("site", "new", address, "--name", name, code=3)
        assert "exists already" in shell.err
    shell("site", "new", address, "--name", "town", "--output", "other.toml", code=2)
    assert "a profile's file has the name of its site" in shell.err


def test_by_default_the_name_of_a_site_is_its_host(shell: Shell, here: Path) -> None:
    address = shell.portal.address(shell.portal.items[0])
    (shell.selectors / "demo.toml").unlink()
    (state,) = shell.json("capture", address)
    (new,) = shell.json("site", "new", address)
    host = shell.portal.url.removeprefix("http://").rstrip("/").replace(":", "-")
    assert (new["site"], new["path"], state["site"]) == (host, f"selectors/{host}.toml", host)
    assert load_profile(Path(new["path"])).name == host
    (named,) = shell.json("site", "new", address, "--output", "town.toml")
    assert (named["site"], load_profile(Path("town.toml")).name) == ("town", "town")


@pytest.mark.parametrize(
    ("path", "said"),
    [("nowhere.aspx", "404 gone, no page to read"), ("PublishingImages/anh-1-1.png", "not a page but a PNG image")],
)
def test_no_profile_is_made_from_something_that_is_not_a_page(shell: Shell, here: Path, path: str, said: str) -> None:
    shell("site", "new", shell.portal.url + path, "--name", "town", code=2)
    assert said in shell.err
    assert not (here / "selectors").exists()


def test_a_profile_whose_name_differs_from_its_file_is_a_fault(shell: Shell) -> None:
    path = shell.selectors / "town.toml"
    path.write_text('[site]\nname = "city"\nhome = "http://city.example/"\n', encoding="utf-8")
    shell("site", "check", "town", code=3)
    assert "line 2: site.name: must be 'town'" in shell.err
    assert {row["site"]: row["valid"] for row in shell.json("site", "list")}["town"] is False


def test_check_prints_every_fault_at_once(shell: Shell) -> None:
    (shell.selectors / "town.toml").write_text(
        '[site]\nname = "town"\nhome = "http://t.example/"\n[[page]]\nkind = "article"\nignore = ["p:::x", "div["]\n',
        encoding="utf-8",
    )
    (found,) = shell.json("site", "check", "town", code=3)
    assert [fault["what"] for fault in found["faults"]] == ["not a CSS selector: 'p:::x'", "not a CSS selector: 'div['"]


def test_check_warns_of_unusual_rules(shell: Shell) -> None:
    (shell.selectors / "town.toml").write_text(
        '[site]\nname = "town"\nhome = "http://t.example/"\n[crawl]\nstart = ["http://other.example/list"]\n'
        '[[page]]\nkind = "article"\n[page.fields]\ntitel = "h1"\ndoc_number = "b"\n',
        encoding="utf-8",
    )
    (found,) = shell.json("site", "check", "town")
    assert found["valid"] is True
    assert [(doubt["line"], doubt["where"]) for doubt in found["doubts"]] == [
        (9, "page.fields.titel"),
        (5, "crawl.start"),
    ]
    printed = shell("site", "check", "town")
    assert "doubtful: line 9: page.fields.titel: goes to the record's extra fields; did you mean" in printed


def test_check_requires_the_pages_of_tests(shell: Shell) -> None:
    (shell.selectors / "town.toml").write_text(
        '[site]\nname = "town"\nhome = "http://t.example/"\n'
        '[[test]]\nfile = "nofile.html"\nurl = "http://t.example/1"\nexpect = { title = "x" }\n',
        encoding="utf-8",
    )
    (found,) = shell.json("site", "check", "town", code=3)
    assert [(fault["line"], fault["where"]) for fault in found["faults"]] == [(4, "test.file")]
    assert "no such file: 'nofile.html'" in found["faults"][0]["what"]
    (listed,) = [row for row in shell.json("site", "check", code=3) if row["site"].endswith("town.toml")]
    assert listed["valid"] is False
    (shell.selectors / "nofile.html").write_text("<h1>x</h1>", encoding="utf-8")
    shell("site", "check", "town")


def test_an_invalid_profile_with_the_address_in_its_scope_stops_a_capture(shell: Shell) -> None:
    address = shell.portal.address(shell.portal.items[0])
    demo = shell.selectors / "demo.toml"
    demo.write_text(demo.read_text(encoding="utf-8").replace("delay = 0.0", "dealy = 0.0"), encoding="utf-8")
    shell("capture", address, code=3)
    assert "did you mean 'delay'?" in shell.err
    assert f"its scope has {address}; fix it, or name another profile with --site" in shell.err
    assert not shell.archive.exists()
    demo.write_text(f'[site]\nname = "demo"\nhome = "{shell.portal.url}"\n[crawl\n', encoding="utf-8")
    shell("capture", address, code=3)
    assert "TOML" in shell.err


def test_an_invalid_profile_of_another_site_is_reported_only_if_it_may_be_the_right_one(shell: Shell) -> None:
    address = shell.portal.address(shell.portal.items[0])
    (shell.selectors / "elsewhere.toml").write_text(
        '[site]\nname = "elsewhere"\nhome = "http://other.example/"\nx = 1\n', encoding="utf-8"
    )
    (shell.selectors / "town.toml").write_text('[site\nname = "town"\n', encoding="utf-8")
    assert shell.json("capture", address)[0]["site"] == "demo"
    assert "passed over" not in shell.err
    (shell.selectors / "demo.toml").unlink()
    assert shell.json("capture", address)[0]["site"] != "demo"
    assert "town: a profile with faults was skipped" in shell.err
    assert "elsewhere" not in shell.err


def test_the_tests_of_bundled_profiles_run_from_any_folder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("demo", "wordpress"):
        assert run(["site", "test", name, "--json"]) == 0
        results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert len(results) >= 8
        assert all(result["ok"] for result in results)


def test_robots_are_explained_by_the_line_that_decides(shell: Shell) -> None:
    address = shell.portal.address(shell.portal.items[0])
    shell.portal.robots = "User-agent: *\nCrawl-delay: 7\nDisallow: /tintuc/Lists/\n"
    (result,) = shell.json("site", "robots", address)
    assert (result["allowed"], result["kept"], result["status"], result["crawl_delay"]) == (True, False, 200, 7.0)
    low = address.replace("/tintuc/lists/", "/tintuc/Lists/")
    printed = shell("site", "robots", low)
    assert printed.startswith('forbidden: robots.txt forbids it: line 3, "Disallow: /tintuc/Lists/", for "*"\n')
    assert "delay: 7 s (robots.txt asks for 7 s)" in printed
    assert not shell.archive.exists(), "nothing is kept"
    shell.portal.robots = "User-agent: *\nDisallow: /search"  # without a delay
    shell("capture", shell.portal.url, code=0)
    shell.portal.robots = "User-agent: *\nDisallow: /"
    (result,) = shell.json("site", "robots", address)
    assert (result["allowed"], result["kept"]) == (True, True)
    (result,) = shell.json("site", "robots", address, "--fresh")
    assert (result["allowed"], result["kept"], result["why"][-29:]) == (
        False,
        False,
        'line 2, "Disallow: /", for "*"'[-29:],
    )


def test_check_warns_of_catastrophic_patterns(shell: Shell) -> None:
    text = (
        '[site]\nname = "town"\nhome = "http://t.example/"\n[crawl]\nskip = ["/ok/", "(x+x+)+y"]\n'
        "[[page]]\nkind = \"article\"\nurl = '/(?:[^/]+/)+$'\ngone = { css = \"h1\", pattern = '(no|no ?)+$' }\n"
        '[page.fields]\ntitle = "h1"\ncaptions = [\n  ".c",\n  { css = ".d", pattern = \'^(a+)+$\' },\n]\n'
        "[page.readings]\nviews = { css = \".v\", pattern = '(\\d+,?)+$' }\n"
    )
    (shell.selectors / "town.toml").write_text(text, encoding="utf-8")
    (found,) = shell.json("site", "check", "town")
    assert [(doubt["line"], doubt["where"]) for doubt in found["doubts"]] == [
        (5, "crawl.skip"),
        (9, "page.gone.pattern"),
        (12, "page.fields.captions"),
        (17, "page.readings.views"),
    ]
    printed = shell("site", "check", "town")
    assert "line 12: page.fields.captions: the pattern '^(a+)+$' can take exponentially long on some texts" in printed
    assert "(a+)+ as a+" in printed
