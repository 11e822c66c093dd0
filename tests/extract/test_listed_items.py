"""The items of a listing: what counts as one, its block, and hostile pages."""

import time

import pytest

from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.record import ListedItem, Record
from made import capture

PROFILE = """[site]
name = "t"
home = "http://portal.example/"
[[page]]
kind = "listing"
{rules}
"""


def listing(html: str, rules: str = "") -> Record:
    return read(capture("http://portal.example/", html.encode()), parse_profile(PROFILE.format(rules=rules), "t"))


def test_items_have_the_block_that_holds_them() -> None:
    html = "<title> Trang  chủ </title><ul>{}</ul><div class=more>{}</div><a href=/x>Một</a><a href=/2>2</a><nav><a href=/n>N</a></nav>"
    links = ["".join(f"<li><a href=/{name}{n}>{name} {n}</a>" for n in range(3)) for name in "ab"]
    record = listing(html.format(*links))
    assert record.name == "Trang chủ"
    assert record.items is not None
    assert [(each.text, each.block[-8:]) for each in record.items] == [
        *((f"a {n}", "ody > ul") for n in range(3)),
        *((f"b {n}", "div.more") for n in range(3)),
        ("Một", "l > body"),
    ]


def test_follow_selects_the_items_and_paging_is_none() -> None:
    html = "<h1>Tin</h1><a class=t href=/1>1</a><a href=/2>Hai</a><a class='t n' href=/p2>sau</a><a class=t href=/3><img></a>"
    record = listing(html, 'follow = ["a.t"]\nnext = { css = ".n" }')
    assert record.items == (ListedItem("http://portal.example/1", "1"), ListedItem("http://portal.example/3", ""))
    assert record.name == "Tin"


def test_other_kinds_have_no_items() -> None:
    profile = parse_profile(PROFILE.format(rules="").replace("listing", "article"), "t")
    assert read(capture("http://portal.example/", b"<h1>T</h1><a href=/a>A</a>"), profile).items is None


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 4_000 + "".join(f"<a href=/{n}>a {n}</a>" for n in range(5_000)),
        "".join(f"<div><a href=/{n}a>a</a><a href=/{n}b>b</a><a href=/{n}c>c</a></div>" for n in range(5_000)),
        "".join(f"<a href=/{n}>a</a>" for n in range(50_000)),
    ],
)
def test_hostile_listings_take_no_time(html: str) -> None:
    started = time.process_time()
    record = listing(html)
    assert record.items is not None
    assert len(record.items) <= 1_000
    assert time.process_time() - started < 8
