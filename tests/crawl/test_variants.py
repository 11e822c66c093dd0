"""Addresses of one path that vary in their parameters: traps are cut and reported, articles are not."""

import itertools
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from archiver.crawl.variants import is_action
from scripted import Answer, Scripted
from trials import lasting

TEXT = "".join(f"<p>Hơn {300 + n} học sinh đã tham gia ngày hội đọc sách do quận tổ chức.</p>" for n in range(4))
HOME = "http://p.example/w/1"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    made = Scripted(tmp_path / "archive.db")
    yield made
    made.close()


def _page(title: str, body: str, head: str = "") -> Answer:
    text = f"<title>{title}</title>{head}<h1>{title}</h1><div id=b>{body}</div>"
    return 200, {}, text.encode()


def _crawl(site: Scripted) -> tuple[list[str], str]:
    """Crawl; return the addresses that were requested, and the notices."""
    notices: list[str] = []
    profile = site.profile()
    summary = site.archive.crawl(
        profile, everything=True, listen=lambda event: notices.append(getattr(event, "text", ""))
    )
    text = "\n".join(filter(None, notices))
    assert bool(summary.trapped) == ("look like a trap" in text)
    return [path for path in site.asked if path != "/robots.txt"], text


def test_tools_of_wiki_pages_are_not_followed(site: Scripted) -> None:
    keys = {"tab": "abc", "details": "def", "ns": "ghij", "image": "klmnopqrst"}
    links = [
        "&amp;".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))
        for values in itertools.product(*keys.values())
    ]

    def wiki(number: int) -> Answer:
        tools = "".join(f"<a rel=nofollow href='/w/{number}?do=media&amp;{link}'>m</a>" for link in links)
        return _page(f"Trang {number}", TEXT + tools + f"<a rel='nofollow noopener' href='/w/{number}?do=edit'>Sửa</a>")

    site.answers |= {"/": _page("Wiki", "<a href=/w/1>1</a><a href=/w/2>2</a>"), "/w/1": wiki(1), "/w/2": wiki(2)}
    asked, text = _crawl(site)
    assert sorted(asked) == ["/", "/w/1", "/w/2"]
    assert "721 of " in text or "361 of " in text


@pytest.mark.parametrize(
    ("link", "is_tool"),
    [
        ("?do=edit", True),
        ("?rev=17&do=diff", True),
        ("?page=2", False),
        ("", False),
    ],
)
def test_which_links_only_add_parameters(link: str, is_tool: bool) -> None:
    assert is_action(HOME + link, HOME) is is_tool
    assert is_action(f"{HOME}?id=5&action=edit", f"{HOME}?id=5") is True
    assert is_action(f"{HOME}?id=6&action=edit", f"{HOME}?id=5") is False
    assert is_action(f"{HOME}?id=6", f"{HOME}?id=5") is False


@pytest.mark.soak
def test_hundreds_of_articles_of_one_path_are_followed(site: Scripted) -> None:
    articles = lasting(120, 600)

    def rule(path: str, _headers: Message) -> Answer | None:
        number = parse_qs(urlsplit(path).query).get("ItemID", [""])[0]
        return _page(f"Bài {number}", TEXT) if number else None

    site.rule = rule
    site.answers["/"] = _page("Home", "".join(f"<a href='/post.aspx?ItemID={n}'>{n}</a>" for n in range(articles)))
    asked, text = _crawl(site)
    assert len(asked) == articles + 1
    assert "trap" not in text


def test_a_long_listing_is_followed_to_its_end(site: Scripted) -> None:
    def rule(path: str, _headers: Message) -> Answer | None:
        query = parse_qs(urlsplit(path).query)
        if "id" in query:
            return _page(f"Bài {query['id'][0]}", TEXT)
        if not path.startswith("/tin"):
            return None
        page = int(query.get("page", ["1"])[0])
        items = "".join(f"<a href='/bai?id={page * 5 + n}'>Bài {page * 5 + n}</a>" for n in range(5))
        return _page("Tin tức", items + (f"<a href='/tin?page={page + 1}'>Sau</a>" if page < 18 else ""))

    site.rule = rule
    site.answers["/"] = _page("Home", "<a href=/tin>Tin</a>")
    asked, text = _crawl(site)
    assert len(asked) == 1 + 18 + 90, text
    assert "trap" not in text


MONTHS = ("January February March April May June July August September October November December").split()


def _calendar(query: dict[str, list[str]]) -> str:
    year, month = map(int, query.get("month", ["2022-10"])[0].split("-"))
    after = f"{year + month // 12}-{month % 12 + 1:02}"
    before = f"{year - (month == 1)}-{(month - 2) % 12 + 1:02}"
    days = "".join(f"<i>{day}</i> " for day in range(1, 29))
    return f"<p>{MONTHS[month - 1]} {year}</p>{days}<a href='/x?month={after}'>after</a><a href='/x?month={before}'>before</a>"


def _facets(query: dict[str, list[str]]) -> str:
    links = []
    for name in "abcdef":
        for value in range(6):
            chosen = {key: values[0] for key, values in query.items()} | {name: str(value)}
            links.append("&amp;".join(f"{key}={each}" for key, each in sorted(chosen.items())))
    shown = "".join(f"<p>Item {n}, sold by the piece</p>" for n in range(24) if n % 6 != len(query))
    return shown + "".join(f"<a href='/x?{link}'>filter</a>" for link in links)


COUNTER = itertools.count()


def _sessions(_query: dict[str, list[str]]) -> str:
    return TEXT + "".join(f"<a href='/x?sess={next(COUNTER):08}'>Again</a>" for _ in range(5))


def _orders(query: dict[str, list[str]]) -> str:
    rows = [f"<p>Row {n} of the table</p>" for n in range(20)]
    links = (f"/x?sort={a}&amp;then={b}&amp;last={c}" for a in "abcdefgh" for b in "abcdefgh" for c in "abcdefgh")
    return "".join(sorted(rows, key=lambda row: hash((row, str(query))))) + "".join(
        f"<a href='{link}'>o</a>" for link in links
    )


@pytest.mark.parametrize("make", [_calendar, _facets, _sessions, _orders])
def test_an_endless_path_is_cut_and_reported(site: Scripted, make: object) -> None:
    def rule(path: str, _headers: Message) -> Answer | None:
        parts = urlsplit(path)
        return _page("X", make(parse_qs(parts.query))) if parts.path == "/x" else None  # type: ignore[operator]

    site.rule = rule
    site.answers |= {"/": _page("Home", "<a href=/x>x</a><a href=/last>last</a>"), "/last": _page("Last", TEXT)}
    asked, text = _crawl(site)
    assert "/last" in asked
    assert len(asked) < 90
    assert "/x" in text


@pytest.mark.parametrize(
    ("head", "attribute"),
    [("<meta name=robots content='noindex, follow'>", ""), ("<link rel=canonical href=/x>", ""), ("", "rel=nofollow")],
)
def test_what_a_site_says_of_its_variants_counts(site: Scripted, head: str, attribute: str) -> None:
    def rule(path: str, _headers: Message) -> Answer | None:
        links = "".join(f"<a {attribute} href='/x?view={n}'>v</a>" for n in range(200))
        return _page("X", TEXT + links, head) if path.startswith("/x") else None

    site.rule = rule
    site.answers["/"] = _page("Home", "<a href=/x>x</a>")
    asked, text = _crawl(site)
    assert len(asked) < 45
    assert "look like a trap" in text


@pytest.mark.parametrize("first", [2000, 19950, 201234, 2012340])
def test_numbers_that_look_like_years_are_ids_of_articles(site: Scripted, first: int) -> None:
    words = "hội đồng thành phố quyết định sửa cầu qua sông năm sau và con đường vẫn mở cho xe tải nhỏ theo lịch mới".split()
    asked = [f"/tin?id={number}" for number in range(first, first + 40)]
    site.answers["/"] = _page("Tin", "".join(f"<a href='{path}'>{path}</a>" for path in asked))
    for number, path in enumerate(asked):
        shown = " ".join(words[number * each % len(words)] for each in range(1, 40))
        site.answers[path] = _page(f"{words[number % 23]} {number}", f"<p>{shown} thứ {number}.</p>")
    assert sorted(_crawl(site)[0]) == sorted(["/", *asked])
