"""Three visits of one page. Noise, walls and failures make no version; an edit makes one."""

from situations.parts import PARAGRAPHS, Answer, Situation, answer, article

B = "".join(PARAGRAPHS)


def edited(number: int, text: str) -> str:
    return "".join([*PARAGRAPHS[:number], text, *PARAGRAPHS[number + 1 :]])


def rounds(name: str, *pages: bytes, versions: int = 1) -> Situation:
    """One page; `versions`: how many an honest history has after three visits."""
    answers: Answer = [page if page.startswith(b"HTTP/") else answer(page) for page in pages]
    return Situation(name, {"/a": answers}, flags=frozenset({f"versions={versions}"}))


def around(name: str, middle: bytes | str) -> Situation:
    wall = middle if isinstance(middle, bytes) and middle.startswith(b"HTTP/") else answer(middle)
    return rounds(name, article(), wall, article())


def inside(name: str, *texts: str) -> Situation:
    return rounds(name, *(article(body=text) for text in texts))


def small(title: str, text: str, head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1><p>{text}</p></body></html>"


WALLS = {
    "Anubis": small(
        "Making sure you&#39;re not a bot!",
        "The administrator has set up a check.",
        "<script id=anubis_challenge type=application/json>{}</script>",
    ),
    "Cloudflare": small(
        "Just a moment...",
        "Enable JavaScript and cookies to continue",
        "<script src=/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1></script>",
    ),
    "Incapsula": '<html style="height:100%"><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"></head><body><iframe id="main-iframe" src="/_Incapsula_Resource?CWUDNSAI=9" width="100%">Request unsuccessful. Incapsula incident ID: 1</iframe></body></html>',
    "Sucuri": small(
        "You are being redirected...",
        "Javascript is required. Please enable javascript before you are allowed to see this page.",
        "<script>var s={},u,c,U,r,i,l=0,a,e=eval;sucuri_cloudproxy_js='';</script>",
    ),
    "DDoS-Guard": small(
        "DDoS-Guard",
        "Checking your browser before accessing the site.",
        "<script src=/.well-known/ddos-guard/js-challenge/index.js></script>",
    ),
    "AWS WAF": '<html><head><title></title><script>window.gokuProps={"key":"x"}</script><script src="https://x.token.awswaf.com/x/challenge.js"></script></head><body><div id="challenge-container"></div><noscript><h1>JavaScript is disabled</h1>In order to continue, we need to verify that you are not a robot.</noscript></body></html>',
    "a maker nobody knows": small(
        "One second", "We verify your connection. Code 8842.", "<script src=/__guard/v2.js></script>"
    ),
    "a maintenance page": small("Maintenance", "Site under maintenance. Please come back later."),
    "a database error": "<html><body>Warning: mysqli_connect(): (HY000/1040): Too many connections in /var/www/x.php on line 5</body></html>",
    "a login form": "<html><head><title>Sign in</title></head><body><form action=/login method=post><input name=user><input type=password name=pw></form></body></html>",
    "an empty shell": "<html><head><title></title></head><body><div id=app></div></body></html>",
}
SITUATIONS = [
    rounds("the same bytes", article(), article(), article()),
    rounds(
        "an edit",
        article(),
        article(body=B.replace("rice", "corn")),
        article(body=B.replace("rice", "corn")),
        versions=2,
    ),
    rounds("an edit that is taken back", article(), article(body=B.replace("rice", "corn")), article(), versions=3),
    inside(
        "a token in an image's address",
        *(B + f"<img src='/i/a.jpg?token={x}&exp={y}' alt=pic>" for x, y in (("a1", 1), ("b2", 2), ("c3", 3))),
    ),
    inside("a token in a file's address", *(B + f"<a href='/f/doc.pdf?sid={x}'>Annex</a>" for x in ("aa", "bb", "cc"))),
    inside(
        "a session in a link",
        *(
            edited(
                2,
                f"<p>See <a href='/x?PHPSESSID={x}'>the other page</a> for the details of the harvest in the valley of the north.</p>",
            )
            for x in ("a1", "b2", "c3")
        ),
    ),
    inside(
        "a protected mail address",
        *(
            edited(
                2,
                f"<p>Write to <a href='/cdn-cgi/l/email-protection#{x}'><span class=__cf_email__ data-cfemail='{x}'>[email&#160;protected]</span></a> about the harvest.</p>",
            )
            for x in ("a1f2", "b2c4", "c3d6")
        ),
    ),
    inside("random classes and ids", *(B.replace("<p>", f"<p class='x{x}' id='n{x}'>") for x in ("a1", "b2", "c3"))),
    inside("other white space", B, B.replace("</p><p>", "</p>\n\n     <p>\n  "), B.replace(" the ", "\n the  ")),
    inside("no-break spaces", B, B.replace(" the ", "&nbsp;the "), B),
    inside(
        "composed and decomposed letters",
        B.replace("valley", "vallée"),
        B.replace("valley", "valle\u0301e"),
        B.replace("valley", "vallée"),
    ),
    inside(
        "soft hyphens, zero-width spaces",
        B,
        B.replace("harvest", "har\u00advest"),
        B.replace("harvest", "har\u200bvest"),
    ),
    inside(
        "other mark-up of the same words",
        B.replace("rice", "<b>rice</b>"),
        B.replace("rice", "<strong>rice</strong>"),
        B.replace("rice", "<span><b>ri</b><b>ce</b></span>"),
    ),
    inside(
        "p becomes div",
        B,
        B.replace("<p>", "<div>").replace("</p>", "</div>"),
        B.replace("<p>", "<p><span>").replace("</p>", "</span></p>"),
    ),
    inside("a relative time", *(f"<p class=time>Posted {x} hours ago</p>" + B for x in (1, 2, 3))),
    inside("a counter", *(B + f"<p>Views: {x}</p>" for x in (10, 11, 12))),
    inside(
        "comments",
        *(
            B
            + "<div class=comments>"
            + "".join(f"<p>User {i}: what a harvest that was, dear friends of the valley</p>" for i in range(x))
            + "</div>"
            for x in (1, 2, 3)
        ),
    ),
    inside(
        "advertisements",
        *(
            "".join(PARAGRAPHS[:3])
            + f"<div class=ad><ins class=adsbygoogle data-ad='{x}'></ins><a href='/ad/{x}'>Buy {x} now</a></div>"
            + "".join(PARAGRAPHS[3:])
            for x in ("soap", "cars", "shoes")
        ),
    ),
    inside(
        "a hidden token in a form",
        *(B + f"<form><input type=hidden name=csrf value='{x}'><input type=submit value=Go></form>" for x in "abc"),
    ),
    inside(
        "a nonce and a comment",
        *(B + f"<script nonce={x}>var t={x}</script><!-- page generated in 0.{x} s -->" for x in (1, 2, 3)),
    ),
    rounds("an unread count in the title", *(article().replace(b"<title>A", b"<title>(%d) A" % x) for x in (1, 2, 3))),
    rounds(
        "modified_time alone",
        *(article(head=f"<meta property='article:modified_time' content='2024-05-0{x}T00:00:00Z'>") for x in (1, 2, 3)),
    ),
    rounds(
        "tags in another order",
        *(
            article(head="".join(f"<meta property='article:tag' content='{t}'>" for t in x))
            for x in ("abc", "bca", "cab")
        ),
    ),
    inside(
        "a lazy image",
        B + "<img src='data:image/gif;base64,R0lGOD' data-src='/i/a.jpg'>",
        B + "<img src='/i/a.jpg' data-src='/i/a.jpg'>",
        B + "<img src='data:image/gif;base64,R0lGXX' data-src='/i/a.jpg'>",
    ),
    rounds(
        "another encoding",
        answer(
            article(body=B.replace("rice", "café")).decode().encode("latin-1"),
            media_type="text/html; charset=iso-8859-1",
        ),
        answer(article(body=B.replace("rice", "café"))),
        answer(article(body=B.replace("rice", "caf&#xE9;"))),
    ),
    rounds(
        "related links rotate",
        *(
            article().replace(
                b"</body>",
                (
                    "<aside><ul>"
                    + "".join(f"<li><a href='/r{i}'>Related story number {i}</a></li>" for i in x)
                    + "</ul></aside></body>"
                ).encode(),
            )
            for x in ((1, 2, 3), (3, 1, 2), (4, 5, 1))
        ),
    ),
    around("404 once", answer("<p>no</p>", "404 Not Found")),
    around("503 once", answer("<p>no</p>", "503 Service Unavailable", ["Retry-After: 1"])),
    around("an empty answer", answer(b"")),
    around("a cut answer without a length", answer(article()[:600], length=False)),
    *(around(f"wall: {name}", wall) for name, wall in WALLS.items()),
]
