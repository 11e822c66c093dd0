"""The profile format: its meaning, and every fault with file, line, key and the nearest valid key."""

import contextlib
import pickle
import tomllib
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import ProfileError
from archiver.extract.profile import find_profile, list_profiles, load_profile, parse_profile
from archiver.extract.schema import profile_schema

WHOLE = r"""
[site]
name = "quan11"
title = "Cổng thông tin điện tử Quận 11"
home = "http://www.quan11.example/"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"

[crawl]
start = ["/tintuc/default.aspx", "https://other.example/x"]
sitemaps = []
feeds = ["/rss"]
skip = ['/_layouts/', '/search']
delay = "500ms"
user_agent = "tests"
max_bytes = "500 kB"
timeout = "2m"
revisit = { min = "30m", max = "7d" }
files = [".PDF", "doc"]
tls = "record"

[url]
keep = ["ItemID"]
fold_case = true

[[page]]
kind = "listing"
url = '/default\.aspx'
follow = ["a.title"]
next = { css = "a.next", postback = true }

[[page]]
kind = "article"
until = 2023-01-01
ignore = ["#sidebar", ".visitors"]
gone = { css = "#content", pattern = 'không tồn tại' }

[page.fields]
title = "h3.tieude"
published = [{ css = "span.ngay" }, { meta = "date", type = "date", format = "%d/%m/%Y" }]
captions = { css = "p", pattern = '^Ảnh:\s*(.+)$', cut = true }
doc_number = { css = ".sohieu", take = -1 }

[page.readings]
views = { css = ".luotxem", pattern = '([\d.,]+)' }
site_visits = { css = ".visitors span", join = "" }

[[test]]
file = "tests/fixtures/quan11/post.html"
url = "http://www.quan11.example/post"
expect = { title = "…", published = 2022-10-21T15:55:00, readings.views = 375, tags = ["a", "b"], doc_number = "1" }
"""


def test_the_whole_format_is_read() -> None:
    read = parse_profile(WHOLE, "quan11.toml")
    assert (read.name, read.site.language, len(read.sha256), read.source) == ("quan11", "vi", 64, "quan11.toml")
    crawl = read.crawl
    assert crawl.start == ("http://www.quan11.example/tintuc/default.aspx", "https://other.example/x")
    assert (crawl.sitemaps, crawl.feeds, crawl.files) == ((), ("http://www.quan11.example/rss",), ("pdf", "doc"))
    assert (crawl.delay, crawl.max_bytes, crawl.timeout) == (0.5, 500_000, 120)
    assert (crawl.revisit_min, crawl.revisit_max, crawl.tls) == (1800, 7 * 86400, "record")
    assert read.url.keep == ("ItemID",)
    listing, article = read.pages
    assert (listing.template, listing.follow, listing.fallback) == ("listing@26", ("a.title",), True)
    assert listing.next is not None
    assert listing.next.postback
    assert (article.until, article.template) == (date(2023, 1, 1), "article@32")
    assert read.tests[0].expect[:3] == (("title", "…"), ("published", "2022-10-21 15:55:00"), ("readings.views", 375))
    assert read.tests[0].expect[3] == ("tags", ("a", "b"))


def test_rules_get_the_defaults_of_their_field() -> None:
    rules = {name: ways[0] for page in parse_profile(WHOLE, "x").pages for name, ways in page.fields + page.readings}
    assert [(name, rule.take, rule.type) for name, rule in rules.items()] == [
        ("title", "first", "text"),
        ("published", "first", "datetime"),
        ("captions", "all", "text"),
        ("doc_number", -1, "text"),
        ("views", "first", "integer"),
        ("site_visits", "all", "integer"),
    ]


def test_a_short_profile_is_complete() -> None:
    read = parse_profile('[site]\nname = "a"\nhome = "https://A.example:8080/x/"', "a.toml")
    assert read.crawl.start == ("https://A.example:8080/x/",)
    assert read.crawl.scope == ("http://a.example:8080/", "https://a.example:8080/")
    assert (read.pages, read.tests, read.crawl.user_agent, read.crawl.sitemaps) == ((), (), "", "auto")
    assert (read.site.language, read.site.timezone) == ("", "")


def test_a_profile_travels_to_another_process() -> None:
    read = parse_profile(WHOLE, "x")
    assert pickle.loads(pickle.dumps(read)) == read  # noqa: S301


GOOD = '[site]\nname = "a"\nhome = "http://a.example/"\n'  # three lines: what is added begins at line 4
FAULTS = {
    "fields": (GOOD + "[[page]]\nkind = 'article'\nfields = 'h1'", "line 6: page.fields: must be a table of rules"),
    "expect": (GOOD + "[[test]]\nfile = 'x'\nurl = 'http://a/'\nexpect = 1", "line 7: test.expect: must be a table"),
    "address": (GOOD + "[crawl]\nstart = ['http://[']", "line 5: crawl.start: not an address"),
    "long": (GOOD + f"title = '{'x' * 10_001}'", "line 4: site.title: must not be longer than 10000 characters"),
    "key": (GOOD + 'titel = "x"', "line 4: site.titel: unknown key; did you mean 'title'?"),
    "table": (GOOD + "[crwal]\n", "line 4: crwal: unknown key; did you mean 'crawl'?"),
    "far key": (GOOD + "[url]\nzzz = 1", "line 5: url.zzz: unknown key; known are drop, fold_case, keep"),
    "type": (GOOD + "[crawl]\nstart = 'x'", "line 5: crawl.start: must be a list in [ ], not text"),
    "item": (GOOD + "[crawl]\n\nstart = [1]", "line 6: crawl.start: must be text in quotes, not a number"),
    "regex": (GOOD + "[crawl]\nskip = ['(']", "line 5: crawl.skip: not a regular expression: missing )"),
    "size": (GOOD + "[crawl]\nmax_bytes = '10 pounds'", "line 5: crawl.max_bytes: must be a size such as '10MB'"),
    "negative size": (GOOD + "[crawl]\nmax_bytes = 0", "line 5: crawl.max_bytes: must be a size"),
    "duration": (GOOD + "[crawl]\ntimeout = '5 parsecs'", "line 5: crawl.timeout: must be a duration such as '60s'"),
    "true is no number": (GOOD + "[crawl]\ndelay = true", "line 5: crawl.delay: must be a duration"),
    "word": (GOOD + "[crawl]\nrobots = 'maybe'", "line 5: crawl.robots: must be 'obey' or 'ignore', not 'maybe'"),
    "switch": (GOOD + "[crawl]\ncookies = 1", "line 5: crawl.cookies: must be true or false, not 1"),
    "number": (GOOD + "[crawl]\nconnections = 0", "line 5: crawl.connections: must be a whole number from 1 to 64"),
    "header": (GOOD + '[crawl]\nuser_agent = "a\\nb"', "line 5: crawl.user_agent: must be printable ASCII"),
    "scope": (GOOD + "[crawl]\nscope = ['/x']", "line 5: crawl.scope: must be an http(s) address, not '/x'"),
    "start scheme": (GOOD + "[crawl]\nstart = ['ftp://x/']", "line 5: crawl.start: must be an http(s) address"),
    "extension": (GOOD + "[crawl]\nfiles = ['*.pdf']", "line 5: crawl.files: must be a file extension such as 'pdf'"),
    "revisit key": (
        GOOD + "[crawl]\nrevisit = { mn = 1 }",
        "line 5: crawl.revisit.mn: unknown key; did you mean 'min'?",
    ),
    "revisit order": (
        GOOD + "[crawl]\nrevisit = { min = '2d', max = '1d' }",
        "line 5: crawl.revisit: min is more than max",
    ),
    "keep and drop": (GOOD + "[url]\nkeep = []\ndrop = []", "line 6: url.drop: write either 'keep' or 'drop'"),
    "kind": (
        GOOD + "[[page]]\nkind = 'post'",
        "line 5: page.kind: must be 'listing' or 'article' or 'api' or 'file' or 'skip'",
    ),
    "no kind": (GOOD + "[[page]]\nurl = 'x'", "line 4: page: 'kind' is missing"),
    "one bracket": (GOOD + "[page]\nkind = 'article'", "line 4: page: must be written [[page]], with two brackets"),
    "day": (GOOD + "[[page]]\nkind = 'article'\nuntil = 2023", "line 6: page.until: must be a day such as 2023-01-01"),
    "day with time": (
        GOOD + "[[page]]\nkind = 'file'\nuntil = 2023-01-01T00:00:00",
        "line 6: page.until: must be a day",
    ),
    "days": (
        GOOD + "[[page]]\nkind = 'file'\nsince = '2023-01-02'\nuntil = '2023-01-01'",
        "line 7: page.until: is before",
    ),
    "ignore": (GOOD + "[[page]]\nkind = 'file'\nignore = ['p[.']", "line 6: page.ignore: not a CSS selector: 'p[.'"),
    "gone": (GOOD + "[[page]]\nkind = 'file'\ngone = { pattern = 'x' }", "line 6: page.gone: 'css' is missing"),
    "next": (GOOD + "[[page]]\nkind = 'file'\nnext = 'a'", "line 6: page.next: must be a table"),
    "test key": (
        GOOD + "[[test]]\nfile = 'x'\nurl = 'http://a/'\nexpect = { titel = 'x' }",
        "line 7: test.expect.titel: unknown key; did you mean 'title'?",
    ),
    "test reading": (
        GOOD + "[[test]]\nfile = 'x'\nurl = 'http://a/'\n[test.expect]\ntitle = 'x'\nreadings.view = 1",
        "line 9: test.expect.readings.view: unknown key",
    ),
    "test list": (
        GOOD + "[[test]]\nfile = 'x'\nurl = 'http://a/'\nexpect = { tags = [1] }",
        "line 7: test.expect.tags: a list may only hold text",
    ),
    "test without file": (
        GOOD + "[[test]]\nurl = 'http://a/'\nexpect = { title = 'a' }",
        "line 4: test: 'file' is missing",
    ),
    "test that proves nothing": (
        GOOD + "[[test]]\nfile = 'x'\nurl = 'http://a/'\nexpect = {}",
        "line 7: test.expect: expects nothing",
    ),
    "huge number": (GOOD + "[crawl]\ndelay = " + "1" * 5000, "TOML: Exceeds the limit"),
    "home with a port of no server": ('[site]\nname = "a"\nhome = "http://a:99999/"', "line 3: site.home: not a web"),
    "home without a host": ('[site]\nname = "a"\nhome = "http://a..b/"', "line 3: site.home: not a web address"),
    "home with a password": (
        '[site]\nname = "a"\nhome = "http://u:p@a/"',
        "line 3: site.home: must not contain a user name and",
    ),
    "no time": (GOOD + "[crawl]\ntimeout = 0", "line 5: crawl.timeout: must be more than 0"),
    "half a byte": (GOOD + "[crawl]\nmax_bytes = '0.5B'", "line 5: crawl.max_bytes: must be a size"),
    "skip all": (GOOD + "[crawl]\nskip = ['']", "line 5: crawl.skip: an empty regular expression"),
    "nowhere to start": (GOOD + "[crawl]\nstart = []", "line 5: crawl.start: must have at least one item"),
    "sitemaps": (GOOD + "[crawl]\nsitemaps = 'none'", "line 5: crawl.sitemaps: must be 'auto' or a list in [ ]"),
    "slug": ('[site]\nname = "Quận 11"\nhome = "http://a/"', "line 2: site.name: must be a slug"),
    "home": ('[site]\nname = "a"\nhome = "a.example"', "line 3: site.home: must be an http(s) address"),
    "zone": (GOOD + 'timezone = "Asia/Hanoi"', "line 4: site.timezone: no such time zone: 'Asia/Hanoi'"),
    "zone path": (GOOD + 'timezone = "../etc"', "line 4: site.timezone: no such time zone"),
    "language": (GOOD + 'language = "Tiếng Việt"', "line 4: site.language: must be a language tag"),
    "no site": ("", "site: 'name' is missing"),
    "site is no table": ("site = 1", "line 1: site: must be a table"),
    "TOML": (GOOD + "title = \n", "line 4: TOML: Invalid value"),
    "TOML at the end": ('[site]\nname = "a', "line 2: TOML:"),
}
_API = GOOD + "[[page]]\nkind = 'api'\nurl = '/api/'\n"  # keys begin at line 7
APIS = {
    "api for all": (GOOD + "[[page]]\nkind = 'api'\nitems = 'a'\nfollow = ['b']", "line 4: page: 'url' is missing"),
    "api of nothing": (_API, "line 4: page: reads nothing: add 'items' for a list, or [page.fields] for an article"),
    "api key": (_API + "itmes = 'a'", "line 7: page.itmes: unknown key; did you mean 'items'?"),
    "api path": (_API + "items = 'a[x]'", "line 7: page.items: not a path into JSON: 'a[x]', at '[x]'"),
    "api path that begins with a dot": (_API + "items = '.a'", "line 7: page.items: not a path into JSON: '.a'"),
    "api path without end": (_API + "items = 'a.'", "line 7: page.items: not a path into JSON: 'a.', at '.'"),
    "api path of many steps": (_API + f"items = '{'a.' * 30}a'", "line 7: page.items: a path has at most 30 steps"),
    "api without addresses": (_API + "items = 'a'", "line 7: page.items: needs 'follow': the addresses of its items"),
    "api template": (_API + "follow = ['/x/{id']", "line 7: page.follow: not a template of an address: '/x/{id'"),
    "api template of no member": (_API + "follow = ['/x/']", "line 7: page.follow: an address without a member"),
    "api address": (_API + "address = '/x/'", "line 7: page.address: an address without a member is the same for"),
    "api next": (_API + "next = 'a'", "line 7: page.next: is for a list: add 'items', the path to it"),
    "api next of nothing": (_API + "items = 'a'\nnext = {}", "line 8: page.next: needs 'json'"),
    "api next key": (_API + "next = { css = 'a' }", "line 7: page.next.css: unknown key"),
    "api step": (_API + "next = { json = 'a', step = 2 }", "line 7: page.next.step: is for a parameter that counts"),
    "api gone": (_API + "gone = { pattern = 'a' }", "line 7: page.gone: 'json' is missing"),
    "api render": (_API + "render = 'always'", "line 7: page.render: is not for the answers of an API"),
    "api rule": (
        _API + "fields = { title = { meta = 'x' } }",
        "line 7: page.fields.title: a rule has exactly one of json, css, const; not meta",
    ),
    "api rule that is a number": (
        _API + "fields = { title = 1 }",
        'line 7: page.fields.title: a rule is a path into JSON in quotes, or a table such as { json = "data.title" }',
    ),
    "items of a page": (
        GOOD + "[[page]]\nkind = 'listing'\nitems = 'a'",
        "line 6: page.items: is for the answers of an API",
    ),
    "json of a page": (
        GOOD + "[[page]]\nkind = 'article'\nfields = { title = { json = 'x' } }",
        "line 6: page.fields.title: a rule has exactly one of css, meta, jsonld, const; not json",
    ),
}
_PAGE = GOOD + "[[page]]\nkind = 'article'\n[page.fields]\n"  # rules begin at line 7
RULES = {
    "key": (
        "title = { css = 'h1', patern = 'x' }",
        "line 7: page.fields.title.patern: unknown key; did you mean 'pattern'?",
    ),
    "css": ("body = 'div >'", "line 7: page.fields.body.css: not a CSS selector: 'div >'"),
    "none": (
        "body = { take = 'all' }",
        "line 7: page.fields.body: a rule has exactly one of css, meta, jsonld, const; here is none",
    ),
    "two": (
        "body = { css = 'p', meta = 'x' }",
        "line 7: page.fields.body: a rule has exactly one of css, meta, jsonld, const; not css and meta",
    ),
    "take": (
        "body = { css = 'p', take = 0 }",
        "line 7: page.fields.body.take: must be 'first', 'last', 'all' or a number",
    ),
    "type": ("body = { css = 'p', type = 'number' }", "line 7: page.fields.body.type: must be 'text' or"),
    "cut": ("body = { meta = 'x', cut = true }", "line 7: page.fields.body.cut: 'cut' needs 'css'"),
    "attr": ("body = { const = 'x', attr = 'y' }", "line 7: page.fields.body.attr: 'attr' needs 'css'"),
    "html": ("body = { meta = 'x', type = 'html' }", "line 7: page.fields.body.type: type \"html\" needs 'css'"),
    "format": ("body = { css = 'x', format = '%d' }", "line 7: page.fields.body.format: 'format' is for dates"),
    "format of half a date": (
        "published = { css = 'x', format = '%d' }",
        "line 7: page.fields.published.format: the format '%d' has no",
    ),
    "format of no directive": (
        "published = { css = 'x', format = '%Q %d %m %Y' }",
        "line 7: page.fields.published.format: the format '%Q %d %m %Y' cannot be used: 'Q' is a bad directive",
    ),
    "format with a loose end": (
        "published = { css = 'x', format = '%d %m %Y %' }",
        "line 7: page.fields.published.format: the format '%d %m %Y %' cannot be used: stray %",
    ),
    "format that says a thing twice": (
        "published = { css = 'x', format = '%d %m %Y %d' }",
        "line 7: page.fields.published.format: the format '%d %m %Y %d' cannot be used: redefinition",
    ),
    "a date that is a number": (
        "published = { css = 'x', type = 'integer' }",
        'line 7: page.fields.published.type: a date is of type "datetime"',
    ),
    "body out of itself": ("body = { css = 'x', cut = true }", "line 7: page.fields.body.cut: the body cannot be cut"),
    "empty meta": ("title = { meta = '' }", "line 7: page.fields.title.meta: must not be empty"),
    "empty attr": ("title = { css = 'a', attr = ' ' }", "line 7: page.fields.title.attr: must not be empty"),
    "name": ("'a b' = 'p'", "line 7: page.fields.a b: must be one word"),
    "number": ("title = 1", "line 7: page.fields.title: a rule is a CSS selector in quotes, or a table"),
    "empty": ("title = []", "line 7: page.fields.title: a list of rules must have at least one"),
    "second of a list": (
        "title = ['h1',\n  { css = 'h2' },\n  { css = 'h3', tkae = 1 }]",
        "line 9: page.fields.title.tkae: unknown key; did you mean 'take'?",
    ),
    "own table": (
        "[page.fields.title]\ncss = 'h1'\njoim = ' '",
        "line 9: page.fields.title.joim: unknown key; did you mean 'join'?",
    ),
    "reading": (
        "[page.readings]\nviews = { css = 'p', type = 'text' }",
        "line 8: page.readings.views.type: a reading is a whole number",
    ),
    "second page": (
        "title = 'h1'\n[[page]]\nkind = 'listing'\n[page.fields]\ntitle = 'h1[.'",
        "line 11: page.fields.title.css",
    ),
}
ALL = FAULTS | APIS | {f"rule: {name}": (_PAGE + text, message) for name, (text, message) in RULES.items()}


@pytest.mark.parametrize(("text", "message"), ALL.values(), ids=ALL.keys())
def test_a_fault_names_file_line_key_and_correction(text: str, message: str) -> None:
    with pytest.raises(ProfileError) as raised:
        parse_profile(text, "selectors/x.toml")
    lines = str(raised.value).split("\n")
    assert any(line.startswith("selectors/x.toml: " + message) for line in lines), lines
    assert len(lines) == 1 or text in ("", "site = 1")


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(ProfileError) as raised:
        parse_profile(_PAGE + "title = 'h1[.'\nbody = { cs = 1 }\n[url]\nkep = []\n[crawl]\ndelay = 'x'", "x.toml")
    assert [fault.line for fault in raised.value.faults] == [7, 8, 8, 10, 12]
    assert raised.value.exit_code == 3


def test_lines_are_counted_through_long_strings_and_comments() -> None:
    text = GOOD + 'title = """a\n[crawl]\nstart = 1\n"""  # [url]\n[crawl]\nskip = [ # x\n  "[",\n]\nstrat = 1'
    with pytest.raises(ProfileError, match=r"line 12: crawl\.strat: unknown key; did you mean 'start'\?"):
        parse_profile(text, "x.toml")


def test_files_from_windows_are_read() -> None:
    assert parse_profile("\ufeff" + GOOD.replace("\n", "\r\n"), "x").name == "a"


@given(st.text(max_size=60))
def test_no_text_breaks_the_loader(tail: str) -> None:
    with contextlib.suppress(ProfileError):
        parse_profile(_PAGE + tail, "x.toml")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda x: st.lists(x, max_size=3), max_leaves=5
    )
)
def test_no_value_breaks_a_check(value: object) -> None:
    from archiver.extract import keys
    from archiver.extract.api_keys import API, API_GONE, API_NEXT
    from archiver.extract.lines import LineIndex
    from archiver.extract.tables import Faults, read_table

    for table in (keys.SITE, keys.CRAWL, keys.URL, keys.PAGE, keys.RULE, keys.TEST, API, API_GONE, API_NEXT):
        read_table(dict.fromkeys(table, value), table, ("x",), Faults(LineIndex("")))


def test_finding_and_listing(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder, name in ((first, "x"), (second, "x"), (second, "w")):
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.toml").write_text(GOOD.replace('"a"', f'"{name}"'), encoding="utf-8")
    (second / "Not a slug.toml").write_text("")
    folders = [tmp_path / "missing", first, second]
    assert find_profile("x", folders) == first / "x.toml"
    assert find_profile("w", folders) == second / "w.toml"
    assert find_profile("y", folders) is None
    assert find_profile("../a/x", folders) is None
    assert list_profiles(folders) == [second / "w.toml", first / "x.toml"]
    assert load_profile(first / "x.toml").source == str(first / "x.toml")


def test_a_site_is_called_as_its_file_is(tmp_path: Path) -> None:
    (tmp_path / "town.toml").write_text('[site]\nname = "city"\nhome = "http://a.example/"\n', encoding="utf-8")
    with pytest.raises(ProfileError, match=r"line 2: site\.name: must be 'town' .* or the file city\.toml"):
        load_profile(tmp_path / "town.toml")


def test_every_invalid_item_of_a_list_is_reported() -> None:
    text = '[site]\nname = "a"\nhome = "http://a.example/"\n[crawl]\nskip = ["(", "fine", "["]\n[[page]]\nkind = "article"\nignore = ["p:::x", "p", "div["]\n'
    with pytest.raises(ProfileError) as raised:
        parse_profile(text, "a")
    told = [(fault.line, fault.what) for fault in raised.value.faults]
    assert [line for line, _ in told] == [5, 5, 8, 8]
    assert ["'('" in told[0][1], "'['" in told[1][1], "'p:::x'" in told[2][1], "'div['" in told[3][1]] == [True] * 4


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be read: No such file"):
        load_profile(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"[site]\nname = '\xe9'")
    with pytest.raises(ProfileError, match="line 2: not UTF-8"):
        load_profile(tmp_path / "latin.toml")
    (tmp_path / "long.toml").write_bytes(b"#" * 2_000_002)
    with pytest.raises(ProfileError, match="more than 2000000 bytes"):
        load_profile(tmp_path / "long.toml")


def as_json(value: object) -> object:
    if isinstance(value, dict):
        return {name: as_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


SHIPPED = sorted(Path(__file__).parents[2].joinpath("selectors").glob("*.toml"))


WHOLE_API = (
    GOOD
    + r"""
[[page]]
kind = "api"
url = '/api/news\?'
items = "data.items"
headline = "title"
follow = ["/api/news/{id}", "links.self"]
next = { query = "page", step = 1, first = 0 }
[[page]]
kind = "api"
url = '/api/news/'
address = "/tin/{data.slug}"
gone = { json = "error", pattern = '404' }
ignore = [".box"]
[page.fields]
title = ["data.title", { json = 'data["odd name"]', required = true }]
body = { json = "data.content", type = "html" }
[[page]]
kind = "api"
url = '/v2/'
items = "$"
follow = ["url"]
next = "links.next"
"""
)


@pytest.mark.parametrize("text", [WHOLE, GOOD, WHOLE_API, *(path.read_text(encoding="utf-8") for path in SHIPPED)])
def test_the_schema_accepts_what_the_loader_accepts(text: str) -> None:
    parse_profile(text, "x.toml")
    jsonschema.Draft202012Validator(profile_schema()).validate(as_json(tomllib.loads(text)))


TYPOS = {
    name: text
    for name, (text, _) in ALL.items()
    if not name.startswith("home with")
    and any(word in name for word in ("key", "type", "kind", "word", "slug", "two", "none", "keep", "home", "size"))
}


@pytest.mark.parametrize("text", TYPOS.values(), ids=TYPOS.keys())
def test_the_schema_refuses_typos(text: str) -> None:
    validator = jsonschema.Draft202012Validator(profile_schema())
    known_only_to_the_loader = "expect" in text or "cs" in text.split()
    assert known_only_to_the_loader or not validator.is_valid(as_json(tomllib.loads(text)))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(profile_schema())
