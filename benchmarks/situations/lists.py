"""Sitemaps, text lists, feeds and robots.txt as they are served: are /p1, /p2 and /p3 asked for?"""

import gzip

from situations.parts import Answer, Situation, answer, article
from situations.server import address

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = ' xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
WANT = ("/p1", "/p2", "/p3")


def sitemap(base: str, declaration: str = DECLARATION, namespace: str = NAMESPACE, middle: str = "") -> bytes:
    first, *others = (f"<url><loc>{base}{path}</loc></url>" for path in WANT)
    return "\n".join([declaration, f"<urlset{namespace}>", first, middle, *others, "</urlset>"]).encode()


def middle(base: str, more: str) -> bytes:
    return sitemap(base, middle=f"<url><loc>{base}/p4</loc>{more}</url>")


def halves(data: bytes) -> bytes:
    return gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :])


def text(base: str) -> bytes:
    return "\n".join(f"{base}{path}" for path in WANT).encode()


def feed(base: str, before: str = "", title: str = "A") -> bytes:
    items = "".join(f"<item><title>{title}</title>{before}<link>{base}{path}</link></item>" for path in WANT)
    return f"<rss version='2.0' xmlns:m='http://m.example/'><channel>{items}</channel></rss>".encode()


def atom(base: str) -> bytes:
    source = "<source><link href='http://other.example/home'/><updated>2001-01-01</updated></source>"
    entries = "".join(
        f"<entry>{source}<link rel='replies' href='http://other.example/c'/><link href='{base}{path}'/></entry>"
        for path in WANT
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{entries}</feed>".encode()


class Collection:
    """Collects situations; each knows the address that its server will have."""

    def __init__(self, net: int, port: int) -> None:
        self.found: list[Situation] = []
        self._net, self._port = net, port

    @property
    def base(self) -> str:
        """The address of the next situation's server."""
        return f"http://{address(self._net, len(self.found) + 1)}:{self._port}"

    def add(
        self,
        name: str,
        files: dict[str, bytes],
        media_type: str = "application/xml",
        robots: str | None = None,
        home: str = "",
        want: tuple[str, ...] = WANT,
    ) -> None:
        """Add a site with three pages that only its list names."""
        pages: dict[str, Answer] = {path: answer(article(f"Page {path}")) for path in (*WANT, "/p4", "/p1?a=1&b=2")}
        pages["/"] = answer(article("Home", head=home))
        if robots is not None:
            pages["/robots.txt"] = answer(robots, media_type="text/plain")
        for path, body in files.items():
            pages[path] = body if body.startswith(b"HTTP/") else answer(body, media_type=media_type)
        self.found.append(Situation(name, pages, want))


def situations(net: int, port: int) -> list[Situation]:  # noqa: PLR0915 (a list)
    """Return the situations, for servers at 127.9.NET.1 and so on."""
    c = Collection(net, port)

    def plain(name: str, body: bytes, media_type: str = "application/xml") -> None:
        c.add(name, {"/sitemap.xml": body}, media_type)

    def declared(name: str, declaration: str) -> None:
        plain(name, sitemap(c.base, declaration))

    def named(name: str, path: str, body: bytes, media_type: str = "application/xml") -> None:
        c.add(name, {path: body}, media_type, f"Sitemap: {c.base}{path}\n")

    def line(name: str, robots: str, path: str = "/my.xml") -> None:
        c.add(name, {path: sitemap(c.base)}, robots=robots)

    def fed(name: str, body: bytes, media_type: str = "application/rss+xml") -> None:
        c.add(name, {"/feed": body}, media_type, home="<link rel=alternate type=application/rss+xml href=/feed>")

    plain("a correct sitemap", sitemap(c.base))
    plain("a BOM, then a line end", b"\xef\xbb\xbf\r\n" + sitemap(c.base))
    plain("a BOM", b"\xef\xbb\xbf" + sitemap(c.base))
    plain("blank lines before the declaration", b"\n\n  " + sitemap(c.base))
    plain("a comment before the declaration", b"<!-- cached -->\n" + sitemap(c.base))
    plain("a bare & in an address", sitemap(c.base, middle=f"<url><loc>{c.base}/x?a=1&b=2</loc></url>"))
    plain("&nbsp;", middle(c.base, "<t>a&nbsp;b</t>"))
    plain("a control character", middle(c.base, "<t>a\x0bb</t>"))
    plain("one wrong byte", middle(c.base, "<t>caf-</t>").replace(b"caf-", b"caf\xe9"))
    plain(
        "an undeclared prefix",
        middle(c.base, "<image:image><image:loc>http://x.example/i.jpg</image:loc></image:image>"),
    )
    plain(
        "image:loc before loc",
        sitemap(c.base).replace(
            b"<url><loc>",
            b"<url><i:image xmlns:i='http://www.google.com/schemas/sitemap-image/1.1'><i:loc>http://x.example/i.jpg</i:loc></i:image><loc>",
        ),
    )
    plain("an old namespace", sitemap(c.base, namespace=' xmlns="http://www.google.com/schemas/sitemap/0.84"'))
    plain("relative addresses", sitemap(""))
    plain(
        "CDATA and blanks", sitemap(c.base).replace(b"<loc>", b"<loc>\n <![CDATA[ ").replace(b"</loc>", b" ]]>\n</loc>")
    )
    plain("tags in capitals", sitemap(c.base).replace(b"loc>", b"LOC>").replace(b"url>", b"URL>"))
    named("gzip in two members", "/s.xml.gz", halves(sitemap(c.base)), "application/x-gzip")
    named(
        "gzip and a comment after it",
        "/s.xml.gz",
        gzip.compress(sitemap(c.base)) + b"<!-- cache -->",
        "application/x-gzip",
    )
    named("named .gz, plain XML", "/s.xml.gz", sitemap(c.base), "application/x-gzip")
    named(
        "gzip twice, named once",
        "/s.xml.gz",
        answer(
            gzip.compress(gzip.compress(sitemap(c.base))),
            headers=["Content-Encoding: gzip"],
            media_type="application/x-gzip",
        ),
    )
    named(
        "gzip named, plain XML",
        "/s.xml",
        answer(sitemap(c.base), headers=["Content-Encoding: gzip"], media_type="application/xml"),
    )
    named("sitemap.txt", "/sitemap.txt", text(c.base), "text/plain")
    named("urllist.txt", "/urllist.txt", text(c.base), "text/plain")
    named("sitemap.txt.gz", "/sitemap.txt.gz", gzip.compress(text(c.base)), "application/x-gzip")
    named("sitemap.txt without a type", "/sitemap.txt", answer(text(c.base), media_type=""))
    named("sitemap.txt as octet-stream", "/sitemap.txt", text(c.base), "application/octet-stream")
    named("sitemap.txt with CR line ends", "/sitemap.txt", text(c.base).replace(b"\n", b"\r"), "text/plain")
    named("sitemap.txt in UTF-16", "/sitemap.txt", text(c.base).decode().encode("utf-16"), "text/plain")
    plain("XML in UTF-16", sitemap(c.base, '<?xml version="1.0" encoding="UTF-16"?>').decode().encode("utf-16"))
    declared("UTF-16 declared, UTF-8 sent", '<?xml version="1.0" encoding="UTF-16"?>')
    declared("GB2312 declared", '<?xml version="1.0" encoding="GB2312"?>')
    declared("windows-1258 declared", '<?xml version="1.0" encoding="windows-1258"?>')
    declared("XML 1.1", '<?xml version="1.1" encoding="UTF-8"?>')
    plain("as text/html", sitemap(c.base), "text/html")
    declared("a DOCTYPE with an entity", '<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY x "y">]>')
    line("robots.txt with CR line ends", f"User-agent: *\rDisallow: /no\rSitemap: {c.base}/my.xml\r")
    line("an empty Sitemap line, then a good one", f"User-agent: *\nDisallow:\nSitemap:\nSitemap: {c.base}/my.xml\n")
    line("a relative Sitemap line", "User-agent: *\nDisallow:\nSitemap: /my.xml\n")
    line("a relative line that names /sitemap.xml", "Sitemap: /sitemap.xml\n", "/sitemap.xml")
    line("a Sitemap line without scheme", f"Sitemap: {c.base[7:]}/my.xml\n")
    line("a Sitemap line that begins with //", f"Sitemap: {c.base[5:]}/my.xml\n")
    line("the named sitemap is 404, /sitemap.xml exists", f"Sitemap: {c.base}/none.xml\n", "/sitemap.xml")
    line("Site-map:", f"Site-map: {c.base}/my.xml\n")
    c.add("only /sitemap_index.xml", {"/sitemap_index.xml": sitemap(c.base)})
    nested = b"<sitemapindex><sitemap><loc>/i3.xml</loc></sitemap></sitemapindex>"
    c.add(
        "an index of an index",
        {"/sitemap.xml": nested.replace(b"i3", b"i2"), "/i2.xml": nested, "/i3.xml": sitemap(c.base)},
    )
    c.add(
        "an index that names itself",
        {
            "/sitemap.xml": nested.replace(b"<sitemap>", b"<sitemap><loc>/sitemap.xml</loc></sitemap><sitemap>"),
            "/i3.xml": sitemap(c.base),
        },
    )
    c.add(
        "an index with pages in it",
        {
            "/sitemap.xml": nested.replace(b"</sitemapindex>", b"<url><loc>/p4</loc></url></sitemapindex>"),
            "/i3.xml": sitemap(c.base),
        },
    )
    c.add(
        "a sitemap that redirects",
        {"/sitemap.xml": answer(b"", "302 Found", ["Location: /wp-sitemap.xml"]), "/wp-sitemap.xml": sitemap(c.base)},
    )
    plain("a sitemap that is cut", sitemap(c.base)[:-14])
    for escaped in ("&amp;", "&amp;amp;"):
        query = sitemap(c.base).replace(b"/p1<", f"/p1?a=1{escaped}b=2<".encode())
        c.add(f"{escaped} in an address", {"/sitemap.xml": query}, want=("/p1?a=1&b=2", "/p2", "/p3"))
    fed("a feed", feed(c.base))
    fed("a feed with & in titles", feed(c.base, title="A & B"))
    fed("a feed with &nbsp;", feed(c.base, title="a&nbsp;b"))
    fed(
        "a feed with another link first",
        feed(c.base, before="<m:credit><m:link>http://x.example/i</m:link></m:credit>"),
    )
    fed("a feed after a blank line", b"\n<?xml version='1.0'?>" + feed(c.base))
    fed(
        "a feed in Shift_JIS",
        b"<?xml version='1.0' encoding='Shift_JIS'?>" + feed(c.base, title="日本").decode().encode("shift_jis"),
    )
    fed(
        "a feed with a DOCTYPE and entities",
        b"<?xml version='1.0'?><!DOCTYPE rss PUBLIC '-//N//DTD RSS 0.91//EN' 'http://x.example/rss.dtd'>"
        + feed(c.base, title="a&mdash;b"),
    )
    fed("Atom with a source and replies", atom(c.base), "application/atom+xml")
    return c.found
