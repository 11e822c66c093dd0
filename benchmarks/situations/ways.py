"""Redirects, links and address syntax: is the page behind them asked for?"""

from situations.parts import Answer, Situation, answer, article, redirect

P = answer(article("The target page"))


def home(*hrefs: str, head: str = "") -> bytes:
    links = "".join(f'<p><a href="{href}">a link to some page {i}</a></p>' for i, href in enumerate(hrefs))
    return answer(f"<html><head><title>Home</title>{head}</head><body>{links}</body></html>")


def page(markup: str | bytes, media_type: str = "text/html; charset=utf-8", headers: tuple[str, ...] = ()) -> bytes:
    return answer(markup, headers=headers, media_type=media_type)


def cookie_wall(request: bytes) -> bytes:
    return P if b"seen=1" in request else redirect("/p1", headers=["Set-Cookie: seen=1; Path=/"])


def consent_wall(request: bytes) -> bytes:
    return P if b"ok=1" in request else redirect("/consent?r=/p1")


def way(name: str, want: str | tuple[str, ...], paths: dict[str, Answer], profile: str = "") -> Situation:
    return Situation(name, paths, (want,) if isinstance(want, str) else want, profile)


def to(name: str, location: str | bytes, want: str, status: str = "302 Found") -> Situation:
    return way(name, want, {"/": home("/p1"), "/p1": redirect(location, status), want: P})


def linked(name: str, href: str | tuple[str, ...], want: str | tuple[str, ...], head: str = "") -> Situation:
    hrefs = (href,) if isinstance(href, str) else href
    return way(name, want, {"/": home(*hrefs, head=head), "*": P})


def marked(
    name: str, want: str | tuple[str, ...], markup: str, media_type: str = "text/html; charset=utf-8"
) -> Situation:
    return way(name, want, {"/": page(markup, media_type), "*": P})


COOKIES = "cookies = true\n"
SITUATIONS = [
    way("a redirect to itself that sets a cookie", ("/p1", "/p1"), {"/": home("/p1"), "/p1": cookie_wall}, COOKIES),
    way(
        "a consent page that returns",
        ("/p1", "/consent?r=/p1", "/p1"),
        {
            "/": home("/p1"),
            "/p1": consent_wall,
            "/consent?r=/p1": lambda _: redirect("/p1", headers=["Set-Cookie: ok=1; Path=/"]),
        },
        COOKIES,
    ),
    to("a redirect to a relative path", "p2", "/p2"),
    to("a redirect to a query", "?x=2", "/p1?x=2"),
    to("a redirect with a space", "/p 2", "/p%202"),
    to("a redirect in raw UTF-8", "/p-é".encode(), "/p-%C3%A9"),
    to("a redirect in raw Latin-1", b"/p-\xe9", "/p-%E9"),
    to("a redirect with a fragment", "/p2#top", "/p2"),
    to("300 with Location", "/p2", "/p2", "300 Multiple Choices"),
    to("303", "/p2", "/p2", "303 See Other"),
    to("308", "/p2", "/p2", "308 Permanent Redirect"),
    to("a redirect to http:/p2", "http:/p2", "/p2"),
    way(
        "the Refresh header",
        "/p2",
        {"/": home("/p1"), "/p1": page("<p>wait</p>", headers=("Refresh: 0; url=/p2",)), "/p2": P},
    ),
    way(
        "meta refresh",
        "/p2",
        {
            "/": home("/p1"),
            "/p1": page("<meta http-equiv=refresh content='0; URL=/p2'><title>x</title><p>wait"),
            "/p2": P,
        },
    ),
    way(
        "meta refresh in noscript",
        "/p2",
        {
            "/": home("/p1"),
            "/p1": page(
                "<html><head><noscript><meta http-equiv=refresh content='0;url=/p2'></noscript></head><body>wait"
            ),
            "/p2": P,
        },
    ),
    marked(
        "a frameset",
        ("/p1", "/p2"),
        "<html><frameset cols='20%,80%'><frame src='/p1'><frame src='/p2'></frameset></html>",
    ),
    marked("an iframe", "/p1", "<html><body><iframe src='/p1'></iframe></body></html>"),
    marked("an image map", "/p1", "<html><body><map name=m><area href='/p1'></map></body></html>"),
    marked("a button", "/p1", "<html><body><button onclick=\"location.href='/p1'\">Next</button></body></html>"),
    marked("link rel=next", "/p2", "<html><head><link rel=next href='/p2'></head><body>hello</body></html>"),
    marked("link rel=canonical", "/p3", "<html><head><link rel=canonical href='/p3'></head><body>hello</body></html>"),
    marked(
        "link rel=alternate",
        "/p4",
        "<html><head><link rel=alternate hreflang=en href='/p4'></head><body>hello</body></html>",
    ),
    marked(
        "onclick and javascript: links",
        ("/p1", "/p2"),
        "<html><body><a href='#' onclick=\"location.href='/p1'\">x</a><a href=\"javascript:window.location='/p2'\">y</a></body></html>",
    ),
    linked("base to another folder", "p1", "/d/p1", "<base href='/d/'>"),
    linked("base with blanks", "p1", "/d/p1", "<base href='  d/ '>"),
    linked("two bases", "p1", "/d/p1", "<base href='/d/'><base href='/e/'>"),
    linked("an empty base", "p1", "/p1", "<base href=''>"),
    linked("base without href first", "p1", "/d/p1", "<base target=_blank><base href='/d/'>"),
    linked("base with javascript:", "p1", "/p1", "<base href='javascript:void(0)'>"),
    linked("line ends and tabs in href", ("/p\n1", " /p2\t"), ("/p1", "/p2")),
    linked("a backslash in href", "\\p1", "/p1"),
    linked("&copy= in href", "/p1?a=1&copy=2", "/p1?a=1&copy=2"),
    linked("&lang= in href", "/p1?x=1&lang=vi&region=2&reg=3", "/p1?x=1&lang=vi&region=2&reg=3"),
    way(
        "a query on a Latin-1 page",
        "/p1?q=caf%E9",
        {
            "/": page(
                "<html><body><a href='/p1?q=café'>x</a></body></html>".encode("latin-1"),
                "text/html; charset=iso-8859-1",
            ),
            "*": P,
        },
    ),
    way(
        "a query on a GBK page",
        "/p1?q=%D6%D0",
        {
            "/": page(
                "<html><head><meta charset=gbk></head><body><a href='/p1?q=中'>x</a></body></html>".encode("gbk"),
                "text/html",
            ),
            "*": P,
        },
    ),
    linked("a lone %", "/p1?q=100%", "/p1?q=100%"),
    linked("// in a path", "/x//p1", "/x//p1"),
    linked("+ and %20", ("/p1?q=a+b", "/p1?q=a%20b"), ("/p1?q=a+b", "/p1?q=a%20b")),
    linked("%2F and /", ("/p%2F1", "/p/1"), ("/p%2F1", "/p/1")),
    linked("%c3%a9, %C3%A9 and é are one page", ("/p%c3%a9", "/p%C3%A9", "/pé"), "/p%C3%A9"),
    linked("http:p1", "http:p1", "/p1"),
    linked(
        "no page: javascript:, mailto:, tel:, data:",
        ("javascript:void(0)", "mailto:a@b", "tel:1", "data:text/html,x", "/p1"),
        "/p1",
    ),
    marked(
        "XHTML",
        "/p1",
        "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body><a href='/p1'>x</a></body></html>",
        "application/xhtml+xml",
    ),
    marked("a page without a type", "/p1", "<html><body><a href='/p1'>x</a></body></html>", ""),
    marked("a page as text/plain", "/p1", "<!doctype html><html><body><a href='/p1'>x</a></body></html>", "text/plain"),
]
