"""`archiver site explain`: which table, which rule, which node; for captures of today and of before."""

from pathlib import Path

import pytest

from watched import Town

PROFILE = """
[site]
name = "town"
home = "{home}/"
timezone = "UTC"
[crawl]
sitemaps = []
delay = 0.0
[[page]]
kind = "article"
url = '/a/'
until = 2022-10-01
[page.fields]
title = "h4"
body = "#old"
[[page]]
kind = "article"
url = '/a/'
ignore = [".box", ".none"]
[page.fields]
title = ["h2", "h1", {{ meta = "og:title" }}]
published = {{ css = "#d", type = "date" }}
body = "#b"
[page.readings]
views = "#v"
[[page]]
kind = "listing"
"""
PAGE = (
    "<meta property=og:title content=Declared><title>{n}</title><h1>Tin {n}</h1><span id=d>2022-10-0{n}</span><i id=v>17</i>"
    "<div id=b><p>Bài {n}. <span class=box>Buy <b class=box>now</b></span></p></div><p class=sum>x</p>"
)


@pytest.fixture
def town(town: Town) -> Town:
    """The town, with a profile that has two templates, and three articles."""
    (town.server.selectors / "town.toml").write_text(PROFILE.format(home=town.server.url), encoding="utf-8")
    town.articles(3, PAGE)
    town.crawl()
    return town


def lines(printed: str) -> list[str]:
    return [" ".join(line.split()) for line in printed.splitlines()]


def test_it_tells_why_each_table_was_chosen_or_not(town: Town) -> None:
    (found,) = town.json("site", "explain", town.url(1))
    tables = [(each["is_chosen"], each["reasons"]) for each in found["tables"]]
    assert tables == [
        (
            False,
            [
                "its url matches the address",
                "it is dated until 2022-10-01, and the capture is of 2022-10-21",
                "its anchor is not found (body: css:#old)",
            ],
        ),
        (True, ["its url matches the address", "its anchor is found (body: css:#b)"]),
        (False, ["it is for every address", "a table of the kind article comes first"]),
    ]
    assert [each["reasons"] for each in town.json("site", "explain", town.server.url)[0]["tables"]] == [
        ["its url does not match the address"],
        ["its url does not match the address"],
        ["it is for every address"],
    ]


def test_it_tells_which_rule_won_and_what_the_others_gave(town: Town) -> None:
    printed = lines(town("site", "explain", town.url(1)))
    place = printed.index("title: Tin 1")
    assert printed[place + 1 : place + 5] == [
        "1 css:h2: nothing",
        "won 2 css:h1: Tin 1",
        "html > body > h1",
        "3 meta:og:title: Declared",
    ]
    assert "won 1 css:#v: 17" in printed
    assert "won 1 css:#b: Bài 1." in printed


def test_it_tells_what_was_ignored(town: Town) -> None:
    (found,) = town.json("site", "explain", town.url(1))
    assert found["ignored"] == [
        {"selector": ".box", "nodes": 2, "characters": len("Buy now")},
        {"selector": ".none", "nodes": 0, "characters": 0},
    ]
    assert "2 nodes, 7 characters: .box" in lines(town("site", "explain", town.url(1)))


def test_where_no_rule_won_the_fallback_is_named(town: Town) -> None:
    text = PROFILE.format(home=town.server.url).replace('title = ["h2", "h1", { meta = "og:title" }]', 'section = "h5"')
    draft = Path(town.folder) / "town.toml"
    draft.write_text(text, encoding="utf-8")
    (found,) = town.json("site", "explain", town.url(1), "--profile", str(draft))
    fields = {each["name"]: each for each in found["fields"]}
    assert (fields["title"]["value"], fields["title"]["rule"], fields["title"]["rank"]) == (
        "Declared",
        "fallback:meta",
        0,
    )
    assert [each["wins"] for each in fields["section"]["tried"]] == [False]
    assert "won fallback:meta, no rule of the profile" in lines(
        town("site", "explain", town.url(1), "--profile", str(draft))
    )


def test_it_explains_the_capture_of_a_moment(town: Town) -> None:
    old = town.json("show", town.url(1))[0]["visited_at"]
    town.articles(3, PAGE.replace("<h1>Tin {n}</h1>", "<h2>Mới {n}</h2>"))
    town.crawl()
    (now,) = town.json("site", "explain", town.url(1))
    (then,) = town.json("site", "explain", town.url(1), "--at", old)
    titles = [next(each for each in found["fields"] if each["name"] == "title") for found in (now, then)]
    assert [(each["value"], each["rank"]) for each in titles] == [("Mới 1", 1), ("Tin 1", 2)]
    assert now["visit_id"] > then["visit_id"]
    assert then["visited_at"] == old


def test_a_page_that_is_not_in_the_archive_is_to_be_captured(town: Town) -> None:
    town("site", "explain", "http://elsewhere.example/1", code=1)
    assert "not in" in town.err
    assert "`archiver capture` it first" in town.err


def test_values_cannot_control_the_terminal(town: Town) -> None:
    town.articles(1, PAGE.replace("Tin {n}", "A \x1b[31m\x9b2J\u202e" + "long " * 400))
    town.crawl()
    printed = town("site", "explain", town.url(1))
    assert not {"\x1b", "\x9b", "\u202e"} & set(printed)
    assert max(map(len, printed.splitlines())) <= 400


def test_a_page_read_without_a_profile_is_explained_too(town: Town) -> None:
    (town.server.selectors / "town.toml").unlink()
    town("capture", f"{town.server.url}/a/2", "--insecure")
    (found,) = town.json("site", "explain", town.url(2))
    assert found["profile"] is None
    title = next(each for each in found["fields"] if each["name"] == "title")
    assert title["value"]
    assert (title["rank"], title["tried"]) == (0, [])
