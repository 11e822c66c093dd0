"""Links are resolved as in browsers, only the spelling of addresses is normalised, and keys never merge two pages."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import UsageError
from archiver.text.url import (
    LONGEST,
    absolute,
    canonical,
    extension_of,
    host_of,
    in_scope,
    origin_of,
    page_key,
    site_slug,
    surt,
)

BASE = "http://example.org/tin/bai.aspx?ItemID=7#dau"

LINKS: dict[str, str | None] = {
    # plain ones
    "x.html": "http://example.org/tin/x.html",
    "/x.html": "http://example.org/x.html",
    "/": "http://example.org/",
    "a/b?c=d": "http://example.org/tin/a/b?c=d",
    "http://other.example/x": "http://other.example/x",
    "https://other.example/x?a=1&b=2#c": "https://other.example/x?a=1&b=2",
    "http://other.example": "http://other.example/",
    "http://other.example?x": "http://other.example/?x",
    "//cdn.example/x.png": "http://cdn.example/x.png",
    "///cdn.example/x.png": "http://cdn.example/x.png",
    "?ItemID=8": "http://example.org/tin/bai.aspx?ItemID=8",
    "?": "http://example.org/tin/bai.aspx?",
    "?a=1:2/3?4": "http://example.org/tin/bai.aspx?a=1:2/3?4",
    "post.aspx?d=2022-10-21T15:55:00Z": "http://example.org/tin/post.aspx?d=2022-10-21T15:55:00Z",
    # no target
    "": None,
    "   ": None,
    "#top": None,
    " \t#top": None,
    "javascript:void(0)": None,
    "JavaScript:alert('//x')": None,
    "java\nscript:alert(1)": None,
    "mailto:a@example.org": None,
    "tel:+84 28": None,
    "data:text/html,<p>": None,
    "ftp://example.org/x": None,
    "file:///etc/passwd": None,
    "about:blank": None,
    "blob:http://example.org/x": None,
    # dots
    "../x": "http://example.org/x",
    "../../../x": "http://example.org/x",
    "./x/./y/../z": "http://example.org/tin/x/z",
    ".": "http://example.org/tin/",
    "..": "http://example.org/",
    "x/..": "http://example.org/tin/",
    "/a//../b": "http://example.org/a/b",
    "%2e%2E/x": "http://example.org/x",
    "a/.%2e/x": "http://example.org/tin/x",
    "/.well-known/x": "http://example.org/.well-known/x",
    "...": "http://example.org/tin/...",
    "/a//b": "http://example.org/a//b",
    # backslashes, white space, controls
    "\\x\\y": "http://example.org/x/y",
    "\\\\evil.example\\x": "http://evil.example/x",
    "/\\evil.example/x": "http://evil.example/x",
    "http:\\\\evil.example\\x?a\\b": "http://evil.example/x?a\\b",
    "a\\b": "http://example.org/tin/a/b",
    "  /x \n": "http://example.org/x",
    "/a\tb\r\nc": "http://example.org/abc",
    "ht\ntp://other.example/": "http://other.example/",
    "\x01/x\x1f": "http://example.org/x",
    "/a b?c d": "http://example.org/a%20b?c%20d",
    "/a\x0bb": "http://example.org/a%0Bb",
    "\xa0/x": "http://example.org/tin/%C2%A0/x",
    # scheme without slashes
    "http:x": "http://example.org/tin/x",
    "http:/x": "http://example.org/x",
    "https:x.example/y": "https://x.example/y",
    "https:/x.example/y": "https://x.example/y",
    "http:": "http://example.org/tin/bai.aspx?ItemID=7",
    "HTTP://EXAMPLE.ORG/Abc": "http://example.org/Abc",
    # quoting
    "/tin-tức/bài": "http://example.org/tin-t%E1%BB%A9c/b%C3%A0i",
    "?q=Quận 11": "http://example.org/tin/bai.aspx?q=Qu%E1%BA%ADn%2011",
    "/a%zz%": "http://example.org/a%zz%",
    "/a%2Fb%2fc": "http://example.org/a%2Fb%2fc",
    "/\"<>`{}|^[]'": "http://example.org/%22%3C%3E%60%7B%7D|%5E[]'",
    "?\"<>`{}|^[]'": "http://example.org/tin/bai.aspx?%22%3C%3E`{}|^[]%27",
    "/\ud800": "http://example.org/%EF%BF%BD",
    # hosts and ports
    "http://example.org:80/": "http://example.org/",
    "https://example.org:443/": "https://example.org/",
    "https://example.org:80/": "https://example.org:80/",
    "http://example.org:/": "http://example.org/",
    "http://example.org:0080/": "http://example.org/",
    "http://example.org:65535/": "http://example.org:65535/",
    "http://example.org:65536/": None,
    "http://example.org:99999999999999999999/": None,
    "http://example.org:" + "9" * 5000 + "/": None,
    "http://example.org:-1/": None,
    "http://example.org:x/": None,
    "http://example.org:٨٠/": None,
    "http://user:pass@example.org/": "http://example.org/",
    "http://example.org@evil.example/": "http://evil.example/",
    "http://example.org\\@evil.example/": "http://example.org/@evil.example/",
    "http://example.org./": "http://example.org/",
    "http://example.org../": None,
    "http://.": None,
    "http://": None,
    "https://?": None,
    "http://a..b/": None,
    "http://exa mple.org/": None,
    "http://exa%20mple.org/": None,
    "http://ex%61mple.org/": "http://example.org/",
    "http://exa<mple.org/": None,
    "http://" + "a" * 64 + ".example/": None,
    "http://" + "a." * 127 + "example/": None,
    "http://" + "a" * 63 + ".example/": "http://" + "a" * 63 + ".example/",
    "http://a_b.example/": "http://a_b.example/",
    "http://quận11.example/": "http://xn--qun11-m31b.example/",
    "http://QUẬN11.example/": "http://xn--qun11-m31b.example/",
    "http://ｅｘａｍｐｌｅ。org/": "http://example.org/",
    "http://faß.example/": "http://xn--fa-hia.example/",
    "http://a℀b.example/": None,
    "http://a…b.example/": None,
    "http://\ud800.example/": None,
    "http://127.0.0.1:8080/": "http://127.0.0.1:8080/",
    "http://0x7f.1/": "http://127.0.0.1/",
    "http://2130706433/": "http://127.0.0.1/",
    "http://0177.0.0.01/": "http://127.0.0.1/",
    "http://127.1:81/": "http://127.0.0.1:81/",
    "http://1.2.65535/": "http://1.2.255.255/",
    "http://1.2.65536/": None,
    "http://0x1_0.1/": None,
    "http://1.-1/": "http://1.-1/",
    "http://1.0x/": "http://1.0.0.0/",
    "http://256.0.0.1/": None,
    "http://1.2.3.4.5/": None,
    "http://09.1/": None,
    "http://example.1/": None,
    "http://4294967296/": None,
    "http://[::1]/": "http://[::1]/",
    "http://[2001:DB8:0:0::1]:80/": "http://[2001:db8::1]/",
    "http://[::ffff:1.2.3.4]:81/": "http://[::ffff:102:304]:81/",
    "http://[::1%25eth0]/": None,
    "http://[": None,
    "http://[::1": None,
    "http://]/": None,
    "http://[::1]x/": None,
    "http://[g::1]/": None,
    "http://[]/": None,
    # lengths
    "/" + "a" * LONGEST: None,
    "x?" + "a" * LONGEST: None,
    "/" + "ữ" * 3000: None,
    "/" + "a" * 4000: "http://example.org/" + "a" * 4000,
}


@pytest.mark.parametrize(("href", "expected"), LINKS.items(), ids=lambda text: repr(text)[:40])
def test_links_lead_where_a_browser_goes(href: str, expected: str | None) -> None:
    assert absolute(BASE, href) == expected


@pytest.mark.parametrize("base", ["", "x", "mailto:a@b", "http://[", "ftp://example.org/", "http://h/" + "a" * LONGEST])
def test_a_broken_base_carries_nothing(base: str) -> None:
    assert absolute(base, "x.html") is None
    assert absolute(base, "?x") is None


def test_base_folder_ends_at_the_last_slash_of_the_path() -> None:
    assert absolute("http://example.org", "x") == "http://example.org/x"
    assert absolute("http://example.org/a/b?c=/d/", "x") == "http://example.org/a/x"
    assert absolute("HTTPS://EXAMPLE.org:443/a/../b/", "x") == "https://example.org/b/x"
    assert absolute("https://example.org/", "//h.example/x") == "https://h.example/x"


DAMAGE = st.text(st.sampled_from("ab.%2eEfF/\\:?#&=+;@[] \t\n'\"<>{}|^`ữß\ud800\u200b１。٣-_~"), max_size=30)
ADDRESSES = st.one_of(
    DAMAGE.map("http://example.org/".__add__),
    DAMAGE.map("https://example.org?".__add__),
    DAMAGE.map("http://".__add__),
    st.text(max_size=30).map("http://h.example/".__add__),
)


@given(st.one_of(DAMAGE, ADDRESSES, st.text()), st.one_of(DAMAGE, ADDRESSES, st.text()))
def test_no_link_raises_and_what_is_resolved_stays(base: str, href: str) -> None:
    url = absolute(base, href)
    if url is not None:
        assert url.isascii()
        assert "#" not in url
        assert absolute("http://elsewhere.example/", url) == url
        assert canonical(canonical(url)) == canonical(url)


@given(DAMAGE)
def test_fast_and_slow_agree(href: str) -> None:
    spelt = absolute(BASE, href)
    assert absolute(BASE, " " + href) == spelt


CANONICAL = {
    "HTTP://Example.ORG": "http://example.org/",
    "http://example.org/%7euser/%41?%7e=%2f": "http://example.org/~user/A?~=%2F",
    "http://example.org/a/%2e%2E/b": "http://example.org/b",
    "http://example.org/a%2fb": "http://example.org/a%2Fb",
    "http://example.org/a?": "http://example.org/a?",
    "http://example.org/a??": "http://example.org/a??",
    "http://example.org/a#b?c": "http://example.org/a",
    "http://example.org/?b=2&a=1&a=": "http://example.org/?b=2&a=1&a=",
    "http://example.org/a+b?c+d%2B": "http://example.org/a+b?c+d%2B",
    "http://example.org//a/": "http://example.org//a/",
    "http://example.org/%%32e": "http://example.org/%%32e",
    "http://example.org/%2%35": "http://example.org/%2%35",
    "http://example.org/%FF": "http://example.org/%FF",
    "  http://example.org/a b ": "http://example.org/a%20b",
    "http://user:secret@example.org:80/": "http://example.org/",
    "http:\\\\example.org\\a": "http://example.org/a",
}


@pytest.mark.parametrize(("url", "expected"), CANONICAL.items())
def test_only_spelling_is_normalised(url: str, expected: str) -> None:
    assert canonical(url) == expected


REFUSED = [
    "", "x", "example.org", "example.org/a?b", "localhost:8080/x", "ftp://example.org/", "mailto:a@example.org",
    "http:example.org", "http:/example.org", "http://", "http://[::1", "http://example.org:99999/", "//example.org/",
    "javascript:alert(1)\nx", "http://" + "a" * LONGEST, "\u202ehttp://x", "trang\nmới", "thư-viện.vn/x",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_an_invalid_address_is_rejected_in_one_line_with_a_suggestion(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        canonical(url)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 600
    assert any(mend in message for mend in ("did you mean", "write ", "are the most"))


def test_a_bare_host_is_offered_whole() -> None:
    with pytest.raises(UsageError, match=r"did you mean 'http://example\.org/a'\?"):
        canonical("example.org/a")


@given(ADDRESSES)
def test_canonical_is_idempotent(url: str) -> None:
    try:
        once = canonical(url)
    except UsageError:
        return
    assert canonical(once) == once


def key(url: str, keep: tuple[str, ...] | None = None, drop: tuple[str, ...] = (), *, fold: bool = False) -> str:
    return page_key(url, keep=keep, drop=drop, fold_case=fold)


APART = [
    "http://example.org/a",
    "http://example.org/a/",
    "http://example.org/A",
    "http://example.org:8080/a",
    "http://example.org/a?x=1",
    "http://example.org/a?X=1",
    "http://example.org/a?x=",
    "http://example.org/a?x",
    "http://example.org/a?x=1&x=2",
    "http://example.org/a?x=2&x=1",
    "http://example.org/a?x[]=2&x%5B%5D=1",
    "http://example.org/a?x%5B%5D=1&x[]=2",
    "http://example.org/a?x=1+2",
    "http://example.org/a?x=1%2B2",
    "http://example.org/a?x=1%202",
    "http://example.org/a?x=1/2",
    "http://example.org/a?x=1%2F2",
    "http://example.org/a?x=1%262",
    "http://example.org/a?x=1&2",
    "http://example.org/a?x=%FF",
    "http://example.org/a?x=%FE",
    "http://example.org/a?x=1;y=2",
    "http://example.org/a?x=1&y=2",
    "http://example.org/a?x%3D1",
    "http://example.org/a?x=%3D",
    "http://example.org/a?x=%C3%A9",
    "http://example.org/a?x=e%CC%81",
    "http://example.org/a%2Fb",
    "http://example.org/a/b",
    "http://example.org/a;b",
]


def test_different_pages_have_different_keys() -> None:
    for one, other in itertools.combinations(APART, 2):
        assert key(one) != key(other), (one, other)


TOGETHER = [
    ("http://example.org/a?x=1&y=2", "https://www@example.org:443/a?y=2&x=1#z", {}),
    ("http://example.org/a", "http://example.org/a?", {}),
    ("http://example.org/a?x=1", "http://example.org/a?&x=1&&", {}),
    ("http://example.org/a?x=1", "http://example.org/a?utm_source=f&x=1&fbclid=2&UTM_x=&gclid=3", {}),
    ("http://example.org/a?x=1", "http://example.org/a?PHPSESSID=abc&x=1&jsessionid=4", {}),
    ("http://example.org/a/b.aspx", "http://example.org/a/(S(4hqa0555fwsecu455xqckv45))/b.aspx", {}),
    ("http://example.org/b.aspx", "http://example.org/(A(4hqa0555fwsecu45)F(5xqckv45aaaa))/b.aspx", {}),
    ("http://example.org/a?x=1", "http://example.org/a;jsessionid=0A1B?x=1", {}),
    ("http://example.org/a?ItemID=1", "http://example.org/a?ItemID=1&Mode=2", {"keep": ("ItemID",)}),
    ("http://example.org/a?ItemID=1", "http://example.org/a?ItemID=1&Source=%2Fx", {"drop": ("Source", "Mode*")}),
    ("http://example.org/a?itemid=aB", "http://example.org/A?ItemID=aB", {"fold": True}),
    ("http://example.org/a?itemid=aB", "http://example.org/A?ITEMID=aB&z=1", {"fold": True, "keep": ("ItemID",)}),
    ("http://example.org/a", "http://example.org/a?SOURCE=1", {"fold": True, "drop": ("Source",)}),
    ("http://example.org/a?ids[0]=1", "http://example.org/a?ids[0]=1&x=2", {"keep": ("ids[0]",)}),
    ("http://example.org/a?ids%5B%5D=1", "http://example.org/a?ids%5B%5D=1&x=2", {"keep": ("ids[]",)}),
]


@pytest.mark.parametrize(("one", "other", "rules"), TOGETHER)
def test_one_page_has_one_key(one: str, other: str, rules: dict[str, object]) -> None:
    assert key(one, **rules) == key(other, **rules)  # type: ignore[arg-type]


def test_values_keep_their_case_and_a_kept_name_may_be_a_session() -> None:
    assert key("http://e.org/P?A=bC", fold=True) == "//e.org/p?a=bC"
    assert key("http://e.org/?utm_source=x&y=1", keep=("utm_*",)) == "//e.org/?utm_source=x"
    assert key("http://e.org/?y=1", keep=()) == "//e.org/"
    assert key("http://e.org/a?X=1&x=2") != key("http://e.org/a?x=2&X=1")


NAMES = st.lists(st.text("abcXY[]%+é;", min_size=1, max_size=4), min_size=1, max_size=6, unique_by=lambda n: n.lower())


@given(st.data(), st.booleans())
def test_the_order_of_parameters_does_not_matter(data: st.DataObject, fold: bool) -> None:
    names = [f"n{number}{name}" for number, name in enumerate(data.draw(NAMES))]
    pairs = [f"{name}={number}" for number, name in enumerate(names)]
    mixed = data.draw(st.permutations(pairs))
    assert key("http://e.org/?" + "&".join(pairs), fold=fold) == key("http://e.org/?" + "&".join(mixed), fold=fold)


@given(ADDRESSES, st.booleans(), st.sampled_from([None, ("a*",), ()]), st.sampled_from([(), ("b*",)]))
def test_a_key_rests_on_the_canonical_address(
    url: str, fold: bool, keep: tuple[str, ...] | None, drop: tuple[str, ...]
) -> None:
    try:
        spelt = canonical(url)
    except UsageError:
        return
    found = key(url, keep, drop, fold=fold)
    assert key(spelt, keep, drop, fold=fold) == found
    assert key("http:" + found, keep, drop, fold=fold) == found


@given(st.lists(st.tuples(st.text("ab%1", max_size=3), st.text("x+&%2F=", max_size=4)), max_size=4))
def test_a_query_that_counts_whole_is_in_its_key_whole(pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    url = canonical(f"http://e.org/?{query}")
    wanted = sorted(filter(None, url.partition("?")[2].split("&")))
    assert sorted(filter(None, key(url).partition("?")[2].split("&"))) == wanted


def test_a_huge_query_is_refused_not_parsed() -> None:
    with pytest.raises(UsageError, match="too long"):
        key("http://e.org/?" + "a=1&" * 100_000)
    assert key("http://e.org/?" + "&".join(f"p{n}=1" for n in range(1000)), drop=("p*",)) == "//e.org/"


SURT = {
    "http://example.com/": "com,example)/",
    "http://example.com": "com,example)/",
    "https://www.example.com/": "com,example)/",
    "http://www2.example.com/": "com,example)/",
    "http://wwwx.example.com/": "com,example,wwwx)/",
    "http://example.com/goo/": "com,example)/goo",
    "http://example.com/goo/?": "com,example)/goo",
    "http://example.com/goo/?b&a": "com,example)/goo?a&b",
    "http://example.com/goo/?a=2&b&a=1": "com,example)/goo?a=1&a=2&b",
    "http://Example.com:8080/Path?Q=AbC": "com,example:8080)/path?q=abc",
    "https://example.com:443/x#y": "com,example)/x",
    "http://user:pass@example.com/x": "com,example)/x",
    "http://example.com/a//b": "com,example)/a/b",
    "http://example.com/%D0%91": "com,example)/%d0%91",
    "http://10.0.0.1:8080/x": "1,0,0,10:8080)/x",
    "http://[::1]:8080/x": "[::1]:8080)/x",
    "http://bücher.example/": "example,xn--bcher-kva)/",
    "http://example.com/i.php?PHPSESSID=0123456789abcdefghijklemopqrstuv&action=p;u=4": "com,example)/i.php?action=p;u=4",
    "http://example.com/(S(4hqa0555fwsecu455xqckv45))/m.aspx": "com,example)/m.aspx",
    "http://example.com/?sid=9682993c8daa2c5497996114facdc805": "com,example)/",
    "http://example.com/?sid=7": "com,example)/?sid=7",
    "http://example.com/?x=a+b": "com,example)/?x=a+b",
    "http://example.com/?x=a%20b": "com,example)/?x=a%20b",
    "http://www.com/": "com)/",
}


@pytest.mark.parametrize(("url", "expected"), SURT.items())
def test_surt(url: str, expected: str) -> None:
    assert surt(url) == expected


SCOPE = ("http://example.org/tin/", "https://b.example")
INSIDE = {
    "http://example.org/tin/x": True,
    "https://EXAMPLE.org/tin/?y": True,
    "http://example.org/tin": False,
    "http://example.org/tinh/": False,
    "http://example.org/x/../tin/": True,
    "http://example.org/tin/../x": False,
    "http://example.org/tin/%2e%2e/x": False,
    "http://example.org:8080/tin/": False,
    "http://example.org.evil.example/tin/": False,
    "http://example.org@evil.example/tin/": False,
    "http://evil.example/http://example.org/tin/": False,
    "http://evil.example\\@example.org/tin/": False,
    "http://b.example/any": True,
    "http://b.example.evil.example/": False,
    "http://b.example:81/": False,
    "ftp://b.example/": False,
    "": False,
}


@pytest.mark.parametrize(("url", "expected"), INSIDE.items())
def test_scope(url: str, expected: bool) -> None:
    assert in_scope(url, SCOPE) is expected
    assert in_scope(url, ("not an address", *SCOPE)) is expected
    assert in_scope(url, ()) is False


def test_names_taken_from_addresses() -> None:
    assert host_of("HTTP://Example.org:8080/x") == "example.org:8080"
    assert origin_of("https://u@Example.org:443/x?y") == "https://example.org"
    assert site_slug("http://www.Example.org:8080/") == "www.example.org-8080"
    assert site_slug("http://[::1]/") == "1"
    assert site_slug("http://" + "a." * 39 + "a-.example/") == "a." * 39 + "a"


EXTENSIONS = {
    "http://e.org/a.PDF": "pdf",
    "http://e.org/a.b.docx?x=y.exe#z.png": "docx",
    "http://e.org/a.pdf;jsessionid=4": "pdf",
    "http://e.org": "",
    "http://e.org/": "",
    "http://e.org/.htaccess": "",
    "http://e.org/a.": "",
    "http://e.org/a.b/c": "",
    "http://e.org/a.b%20c": "",
    "http://e.org/bài.ảnh": "",
    "http://e.org/a.elevenchars": "",
    "http://[": "",
    "a/b.jpg": "jpg",
}


@pytest.mark.parametrize(("url", "expected"), EXTENSIONS.items())
def test_extension(url: str, expected: str) -> None:
    assert extension_of(url) == expected
