"""The template of a page is chosen by address, by day, and by the page itself."""

from datetime import UTC, datetime

import pytest

from archiver.extract.choose import choose
from archiver.extract.page import ParsedPage
from archiver.extract.profile import parse_profile

SITE = '[site]\nname = "a"\nhome = "http://a.example/"\ntimezone = "Asia/Ho_Chi_Minh"\n'
OLD_AND_NEW = """
[[page]]
kind = "listing"
url = '/$'
[[page]]
kind = "article"
url = '/bai/'
until = 2022-12-31
[page.fields]
title = "h1"
body = ".cu"
[[page]]
kind = "article"
url = '/bai/'
since = 2023-01-01
[page.fields]
title = "h1"
body = ".moi"
"""
OLD, NEW = "<h1>x</h1><p class=cu>", "<h1>x</h1><p class=moi>"
CASES = {
    "old page, old day": ("/bai/1", "2022-12-01", OLD, "article@9", ""),
    "new page, new day": ("/bai/1", "2023-02-01", NEW, "article@16", ""),
    "old page, new day": (
        "/bai/1",
        "2023-02-01",
        OLD,
        "article@9",
        "article@9 chosen by its anchor though dated until 2022-12-31",
    ),
    "new page, old day": (
        "/bai/1",
        "2022-12-01",
        NEW,
        "article@16",
        "article@16 chosen by its anchor though dated since 2023-01-01",
    ),
    "neither is there": ("/bai/1", "2023-02-01", "<h1>x</h1>", "article@16", "no template of this kind is recognised"),
    "both are there": ("/bai/1", "2023-02-01", OLD + NEW, "article@16", ""),
    "first match is the kind": ("/", "2023-02-01", OLD, "listing@6", ""),
    "no match": ("/khac", "2023-02-01", OLD, None, "no [[page]] of the profile matches"),
    "the last day, at the site's time": ("/bai/1", "2022-12-31T16:59", OLD + NEW, "article@9", ""),
    "the first day, at the site's time": ("/bai/1", "2022-12-31T17:00", OLD + NEW, "article@16", ""),
}


@pytest.mark.parametrize(("path", "day", "html", "template", "note"), CASES.values(), ids=CASES.keys())
def test_old_and_new_template(path: str, day: str, html: str, template: str | None, note: str) -> None:
    profile = parse_profile(SITE + OLD_AND_NEW, "a.toml")
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    kind, said = choose(profile, "http://a.example" + path, moment, ParsedPage(html, "http://a.example/"))
    assert (kind.template if kind else None) == template
    assert note in said
    assert bool(note) == bool(said)


ANCHORS = {
    "required decides": ("title = { css = 'h1', required = true }\nbody = '.x'", "<h1>a</h1>", True),
    "required, not there": ("title = { css = 'h2', required = true }\nbody = 'h1'", "<h1>a</h1>", False),
    "all required": (
        "title = { css = 'h1', required = true }\nsection = { css = 'b', required = true }",
        "<h1>a</h1>",
        False,
    ),
    "any rule of the body": ("body = ['.x', 'h1']", "<h1>a</h1>", True),
    "title, for lack of a body": ("title = 'h1'\nbody = { meta = 'x' }", "<h1>a</h1>", True),
    "title, not there": ("title = 'h2'", "<h1>a</h1>", False),
    "nothing to go by": ("section = 'h2'", "<h1>a</h1>", True),
}


@pytest.mark.parametrize(("rules", "html", "there"), ANCHORS.values(), ids=ANCHORS.keys())
def test_what_the_anchor_is(rules: str, html: str, there: object) -> None:
    page = f"[[page]]\nkind = 'article'\nuntil = 2000-01-01\n[page.fields]\n{rules}"
    profile = parse_profile(SITE + page, "a.toml")
    kind, said = choose(
        profile, "http://a.example/", datetime(2023, 1, 1, tzinfo=UTC), ParsedPage(html, "http://a.example/")
    )
    assert (kind is not None) == there
    assert said


def test_a_profile_without_pages_gives_no_note() -> None:
    profile = parse_profile(SITE, "a.toml")
    assert choose(
        profile, "http://a.example/", datetime(2023, 1, 1, tzinfo=UTC), ParsedPage("", "http://a.example/")
    ) == (
        None,
        "",
    )
