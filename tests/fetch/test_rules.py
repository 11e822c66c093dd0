"""robots.txt, rule by rule, compared with another parser where both follow the RFC."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from archiver.fetch.rules import Rules, sitemaps_named

AGENT = "archiver/1.0 (+archive@example.org)"

SAID = {
    "groups are merged": ("User-agent: *\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", False, 5),
    "a named group alone counts": ("User-agent: archiver\nDisallow: /a\n\nUser-agent: *\nDisallow: /", "/b", True, 0),
    "case of the agent": ("USER-AGENT: ArchiveR/2\ndisallow: /a", "/a", False, 2),
    "an agent that begins alike": ("User-agent: arch\nDisallow: /", "/a", True, 0),
    "an agent that goes on": ("User-agent: archiver-images\nDisallow: /", "/a", True, 0),
    "several agents": ("User-agent: x\nUser-agent: archiver\nDisallow: /a", "/a", False, 3),
    "a delay between agents": ("User-agent: *\nCrawl-delay: 1\nUser-agent: b\nDisallow: /", "/a", False, 4),
    "a delay ends no group": ("User-agent: *\nDisallow: /a\nCrawl-delay: 1\nDisallow: /b", "/b", False, 4),
    "the longest counts": ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True, 3),
    "of two as long the allowing": ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True, 3),
    "case of the path": ("User-agent: *\nDisallow: /A", "/a", True, 0),
    "nothing disallowed": ("User-agent: *\nDisallow:", "/a", True, 0),
    "end": ("User-agent: *\nDisallow: /a$", "/a", False, 2),
    "beyond the end": ("User-agent: *\nDisallow: /a$", "/ab", True, 0),
    "star": ("User-agent: *\nDisallow: /*/print", "/x/y/print/1", False, 2),
    "star and end": ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf.pdf", False, 2),
    "star and end, with a query": ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf?a", True, 0),
    "a query": ("User-agent: *\nDisallow: /a?b=", "/a?b=1", False, 2),
    "every query": ("User-agent: *\nDisallow: /*?", "/a?", False, 2),
    "escaped, unescaped": ("User-agent: *\nDisallow: /%7Ea", "/~a", False, 2),
    "unescaped, escaped": ("User-agent: *\nDisallow: /tin-tức", "/tin-t%e1%bb%a9c", False, 2),
    "an escaped slash is another": ("User-agent: *\nDisallow: /a%2fb", "/a/b", True, 0),
    "small and capital escapes": ("User-agent: *\nDisallow: /a%2fb", "/a%2Fb", False, 2),
    "a star that is meant": ("User-agent: *\nDisallow: /a-%2A.html", "/a-*.html", False, 2),
    "a star that is meant, escaped": ("User-agent: *\nDisallow: /a-%2A.html", "/a-%2a.html", False, 2),
    "a star that is meant and not there": ("User-agent: *\nDisallow: /a-%2A.html", "/a-b.html", True, 0),
    "a dollar that is meant": ("User-agent: *\nDisallow: /a-%24", "/a-$b", False, 2),
    "a dollar in the midst": ("User-agent: *\nDisallow: /a$b", "/a$bc", False, 2),
    "an address in a query": ("User-agent: *\nDisallow: /a?b=https%3A%2F%2Fc", "/a?b=https://c", False, 2),
    "comments": ("User-agent: * # all\nDisallow: /a # private", "/a", False, 2),
    "carriage returns": ("User-agent: *\rDisallow: /a\r", "/a", False, 2),
    "no slash": ("User-agent: *\nDisallow: a", "/a", False, 2),
    "no group": ("Disallow: /", "/a", True, 0),
    "empty lines": ("User-agent: *\n\n\nDisallow: /a", "/a", False, 4),
    "other lines": ("User-agent: *\nHost: x\nNoindex: /\nDisallow: /a", "/a", False, 4),
    "the home page": ("User-agent: *\nDisallow: /$", "", False, 2),
    "a fragment is not sent": ("User-agent: *\nDisallow: /a$", "/a#b", False, 2),
}


@pytest.mark.parametrize(("text", "path", "allowed", "line"), SAID.values(), ids=SAID.keys())
def test_which_rule_decides(text: str, path: str, allowed: bool, line: int) -> None:
    verdict = Rules(text).verdict(f"http://x.example{path}", AGENT)
    assert (verdict.allowed, verdict.rule.line if verdict.rule else 0) == (allowed, line)


def test_a_verdict_can_be_shown() -> None:
    verdict = Rules("User-agent: *\nDisallow: /a # kín").verdict("http://x.example/a/b", AGENT)
    assert verdict.words == 'line 2, "Disallow: /a # kín", for "*"'
    assert Rules("").verdict("http://x.example/", AGENT).words == ""


def test_every_name_we_go_by_is_obeyed() -> None:
    text = "User-agent: mybot\nDisallow: /a\n\nUser-agent: mozilla\nDisallow: /b\n\nUser-agent: *\nDisallow: /c"
    rules, agent = Rules(text), "Mozilla/5.0 (compatible; mybot/1.0; +http://x.example)"
    assert [rules.verdict(f"http://x.example/{path}", agent).allowed for path in "abc"] == [False, True, True]


@pytest.mark.parametrize(
    ("ours", "other", "allowed", "line"),
    [
        ("Disallow: /a", "Allow: /a/b", True, 4),
        ("Allow: /a/b", "Disallow: /a", True, 2),
        ("Disallow: /a/b", "Allow: /a", False, 2),
        ("Allow: /a", "Disallow: /a/b", False, 4),
        ("Disallow: /a/b", "Allow: /a/b", True, 4),
        ("Allow: /a/b", "Disallow: /a/b", True, 2),
        ("Disallow: /", "Allow: /x", False, 2),
        ("Allow: /a/b/c$", "Disallow: /*/b", True, 2),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_of_several_groups_that_name_us_the_longest_rule_decides(
    ours: str, other: str, allowed: bool, line: int, swapped: bool
) -> None:
    """Which group comes first, and how the names sort, decides nothing; of two rules as long the allowing one does."""
    names = ("zbot", "abot") if swapped else ("abot", "zbot")
    rules = Rules(f"User-agent: {names[0]}\n{ours}\nUser-agent: {names[1]}\n{other}\nUser-agent: *\nDisallow: /a/b/c")
    verdict = rules.verdict("http://x.example/a/b/c", "abot/1.0 zbot/2.0")
    assert (verdict.allowed, verdict.rule.line if verdict.rule else 0) == (allowed, line)


@pytest.mark.parametrize("blocks", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_of_several_blocks_of_one_group_the_longest_rule_decides(blocks: tuple[int, ...]) -> None:
    told = ("Disallow: /a", "Allow: /a/b", "Disallow: /a/b/c")
    rules = Rules("".join(f"User-agent: archiver\n{told[number]}\n\n" for number in blocks))
    found = [rules.verdict(f"http://x.example{path}", AGENT).allowed for path in ("/a/x", "/a/b/x", "/a/b/c/x", "/x")]
    assert found == [False, True, False, True]


@pytest.mark.parametrize(
    "line",
    ["Disallow /x", "disallow\t/x", "Dissallow: /x", "Dissalow: /x", "Disalow: /x", "Diasllow: /x", "Disallaw: /x", "Disallow : /x", "Disallows: /x", "Disallo: /x", "Disallwo: /x",
     "Dsiallow: /x", "Dissalllow: /x", "Disalllow /x",
     "DISALLOW:/x", "Disallow: /x # why"],
)  # fmt: skip
@pytest.mark.parametrize("agent", ["User-agent: *", "User agent: *", "Useragent: *", "user-agent *"])
def test_a_rule_is_obeyed_as_it_was_meant(line: str, agent: str) -> None:
    rules = Rules(f"{agent}\n{line}\n")
    assert not rules.verdict("http://p.example/x/1", "archiver").allowed
    assert rules.verdict("http://p.example/y", "archiver").allowed


@pytest.mark.parametrize(
    "line", ["Disallow everything on /x please", "Disallow", "allow is not disallow", "No rule here"]
)
def test_a_sentence_is_no_rule(line: str) -> None:
    assert Rules(f"User-agent: *\n{line}\n").verdict("http://p.example/x", "archiver").allowed


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("/a<b>", "/a%3Cb%3E"),
        ("/a%3Cb", "/a%3Cb"),
        ("/a%3cb", "/a<b"),
        ('/a"b', "/a%22b"),
        ("/a b", "/a%20b"),
        ("/{id}", "/%7Bid%7D"),
        ("/a|b", "/a%7Cb"),
        ("/a^b", "/a%5Eb"),
    ],
)
def test_characters_that_addresses_encode_are_equal_in_both_forms(rule: str, path: str) -> None:
    assert not Rules(f"User-agent: *\nDisallow: {rule}\n").verdict(f"http://p.example{path}", "archiver").allowed


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("Sitemap: http://p.example/my.xml", "http://p.example/my.xml"),
        ("Sitemap: /my.xml", "http://p.example/my.xml"),
        ("Sitemap: my.xml", "http://p.example/my.xml"),
        ("Sitemap: //cdn.example/my.xml", "http://cdn.example/my.xml"),
        ("Sitemap: p.example/my.xml", "http://p.example/my.xml"),
        ("Site-map: http://p.example/my.xml", "http://p.example/my.xml"),
        ("SITEMAP:http://p.example/a.xml\rSitemap:\rSitemap: http://p.example/a.xml", "http://p.example/a.xml"),
    ],
)
def test_sitemaps_are_absolute_addresses(line: str, address: str) -> None:
    assert sitemaps_named(f"User-agent: *\rDisallow: /no\r{line}\r", "http://p.example/") == [address]


def test_no_sitemap_is_named_by_an_empty_line() -> None:
    assert sitemaps_named("User-agent: *\nDisallow:\nSitemap:\n", "http://p.example/") == []


def test_delays_and_sitemaps() -> None:
    text = "Sitemap: /s.xml\nUser-agent: a\nUser-agent: archiver\nCrawl-delay: 2.5\nDisallow: /x\nUser-agent: *\nCrawl-delay: 9"
    rules = Rules(text)
    assert (rules.delay(AGENT), rules.delay("other"), rules.sitemaps) == (2.5, 9.0, ["/s.xml"])
    for odd in ("-1", "nan", "inf", "1e999", "soon", ""):
        assert Rules(f"User-agent: *\nCrawl-delay: {odd}").delay(AGENT) == 0.0


@pytest.mark.parametrize(("agents", "rules"), [(1, 32_000), (4_000, 22_000), (20_000, 1_000), (27_000, 1)])
def test_the_worst_of_robots_is_read_in_no_time(agents: int, rules: int) -> None:
    names = "".join(f"User-agent: a{_letters(number)}\n" for number in range(agents))
    started = time.process_time()
    read = Rules((names + "Disallow: /x\n" * rules)[: 500 * 1024])
    assert not read.verdict("http://x.example/x", "aaaaa/1").allowed
    assert len(read.groups) == agents
    many = Rules("".join(f"User-agent: archiver\nDisallow: /{number}\n" for number in range(13_000)))
    assert not many.verdict("http://x.example/12999", AGENT).allowed
    assert time.process_time() - started < 5


def _letters(number: int) -> str:
    return "".join(chr(97 + number // 26**place % 26) for place in range(4))


def test_patterns_that_backtrack_elsewhere_take_no_time() -> None:
    started = time.process_time()
    rules = Rules("User-agent: *\n" + "Disallow: /" + "*a" * 40 + "*b$\n" + "Disallow: /x\n" * 30_000)
    assert rules.verdict("http://x.example/" + "a" * 4000, AGENT).allowed
    assert time.process_time() - started < 5


_PATHS = st.text("/ab*$?%.", max_size=8)
_LINES = st.lists(
    st.one_of(
        st.sampled_from(["User-agent: *", "User-agent: archiver", "User-agent: other", "", "# x", "Host: y"]),
        st.builds("{}: {}".format, st.sampled_from(["Allow", "Disallow"]), _PATHS.map("/{}".format)),
    ),
    max_size=12,
)


@given(lines=_LINES, path=st.text("/ab?.", max_size=8).map("/{}".format))
def test_another_parser_agrees(lines: list[str], path: str) -> None:
    if any("*$" in line or "$" in line[:-1] or "%" in line for line in lines):  # other parsers read these differently
        return
    text, url = "\n".join(lines), f"http://x.example{path}"
    assert Rules(text).verdict(url, AGENT).allowed == Protego.parse(text).can_fetch(url, AGENT)


@given(text=st.text(max_size=300), path=st.text(max_size=40))
def test_any_content_is_survived(text: str, path: str) -> None:
    Rules("User-agent: *\n" + text).verdict("http://x.example/" + path, AGENT)
