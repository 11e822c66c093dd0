"""A first profile made from pages: it always loads, and it reads the article and not the portal."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extract.around import AddressList, SitePages
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.learn.scaffold import scaffold
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.profile import Profile

PAGE = """<html lang="vi"><head><title>Bài - Cổng A</title><meta property="og:site_name" content="Cổng A">
<meta name="generator" content="WordPress 6.1"><meta property="og:title" content="Bài viết">
<link rel="alternate" type="application/rss+xml" href="/feed">
<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2022-10-21T15:55:00+07:00","headline":"Bài viết"}</script></head>
<body><h1>Cổng A</h1><h2 class="ten">Bài viết</h2><div id="menu"><p>menu</p></div>
<div class="noidung"><p>Đoạn một dài hơn nhiều so với trình đơn.</p><p>Đoạn hai.</p></div></body></html>"""
TODAY = datetime(2022, 10, 24, 9, 0, tzinfo=UTC)


def seen(url: str, html: str | bytes) -> Capture:
    body = html.encode() if isinstance(html, str) else html
    return Capture(
        Request(url), TODAY, Outcome.OK, 200, headers=((b"Content-Type", b"text/html; charset=utf-8"),), body=body
    )


def begun(around: SitePages, name: str = "a") -> tuple[str, Profile]:
    text = scaffold(around, name)
    return text, parse_profile(text, "new")


def rules_of(profile: Profile) -> dict[str, list[str]]:
    return {name: [rule.text for rule in ways] for name, ways in profile.pages[0].fields}


def test_what_a_page_declares_becomes_rules() -> None:
    text, profile = begun(SitePages(seen("http://www.quan11.example/bai/1.html", PAGE)), "quan11")
    site = profile.site
    assert (site.name, site.title, site.home) == ("quan11", "Cổng A", "http://www.quan11.example/")
    assert (site.language, site.timezone) == ("vi", "Asia/Ho_Chi_Minh")
    assert rules_of(profile) == {
        "title": ["css:h2.ten", "meta:og:title"],
        "published": ["jsonld:NewsArticle.datePublished"],
        "body": ["css:div.noidung"],
    }
    assert "WordPress 6.1" in text
    assert profile.crawl.feeds == ("http://www.quan11.example/feed",)
    assert "JSON-LD NewsArticle: datePublished, headline" in text


def test_zones_are_guessed_only_from_offsets_and_languages_of_one_zone() -> None:
    def zone(moment: str, language: str = "") -> str:
        page = f"<html lang='{language}'><meta property=article:published_time content='{moment}'>"
        return begun(SitePages(seen("http://a.example/", page)))[1].site.timezone

    assert zone("2022-10-21T15:55:00+02:00") == "Etc/GMT-2"
    assert zone("2022-10-21T15:55:00-0500") == "Etc/GMT+5"
    assert zone("2022-10-21T15:55:00+05:30") == ""
    assert zone("2022-10-21T15:55:00Z") == ""
    assert zone("", "vi-VN") == "Asia/Ho_Chi_Minh"
    assert zone("2022-10-21T15:55:00+02:00", "vi") == "Etc/GMT-2"
    feed = AddressList("http://a.example/feed", (), ("Fri, 21 Oct 2022 15:55:00 +0700",))
    assert begun(SitePages(seen("http://a.example/", "<html lang=th>"), feed=feed))[1].site.timezone == "Asia/Bangkok"


def test_a_language_that_no_page_declares_is_not_guessed() -> None:
    text, profile = begun(SitePages(seen("http://a.example/", "<html><title>Bài</title>")))
    assert profile.site.language == ""
    assert '# language = "…"' in text


BANNER = "Cổng thông tin điện tử Quận Hoa Sen"


def portal_page(title: str, printed: str, words: str, *, style: str = "") -> str:
    """An article in a portal of tables and banners, with a clock and other people's dates."""
    return f"""<html lang=vi><title>{title} - {BANNER}</title><body><div id=top><h1>{BANNER}</h1>
    <span class=dongho>Thứ hai, 24/10/2022</span></div><div id=page><div id=content>
    <div class="dong"><span class=chuyenmuc>Tin</span> <span class=ngay>{printed}</span></div>
    <h3 class=tieude>{title}</h3>{style}<div class=sapo>Tóm tắt</div>
    <div class=noidung><p>{words * 20}</p><p>Ngày 14/9/2021, {words * 9}</p></div>
    <ul class=khac><li>Tin khác <i>01/10/2022</i><li>Tin nữa <i>02/10/2022</i></ul></div>
    <div id=sidebar><ul><li><a href="/tin/Xem.aspx?ID=7&Muc=2">{title}</a> <b>03/10/2022</b>
    <li><a href="/tin/xem.aspx?ID=8&Muc=2">Một tin khác dài hơn hẳn</a><li><a href="/tin/xem.aspx?ID=9">Ba</a></ul></div></div>"""


HOME = f"""<html lang=vi><title>{BANNER}</title><ul class=ds>
<li><a class=tin href="/tin/xem.aspx?ID=7&Muc=1">Bảy</a><li><a class=tin href="/tin/xem.aspx?ID=8&Muc=2">Tám</a>
<li><a class=tin href="/tin/xem.aspx?ID=9&Muc=1">Chín</a></ul>
<a href="/ds.aspx?Trang=2">2</a> <a class=sau href="/ds.aspx?Trang=2">Xem tiếp</a>"""


def around() -> SitePages:
    return SitePages(
        seen(
            "http://p.example/tin/xem.aspx?ID=7", portal_page("Bài bảy", "14 Tháng Chín 2022 6:56:45 SA", "Chữ nghĩa. ")
        ),
        twin=seen(
            "http://p.example/tin/xem.aspx?ID=8", portal_page("Bài tám", "15 Tháng Chín 2022 7:00:00 CH", "Lời. ")
        ),
        home=seen("http://p.example/ds.aspx", HOME),
        sitemap=AddressList("http://p.example/sitemap.xml", ("http://p.example/tin/xem.aspx?ID=7",)),
    )


def test_the_article_is_separated_from_the_portal_around_it() -> None:
    text, profile = begun(around())
    assert rules_of(profile) == {
        "title": ["css:h3.tieude"],
        "published": ["css:span.ngay"],
        "body": ["css:div.noidung"],
    }
    content = read(around().page, profile).content
    assert content.published is not None
    assert (content.title, content.published.local) == ("Bài bảy", "2022-09-14 06:56:45")
    assert profile.site.title == BANNER
    assert profile.crawl.sitemaps == ("http://p.example/sitemap.xml",)
    assert profile.crawl.start == ("http://p.example/ds.aspx",)
    assert '# follow = ["a.tin"]' in text


def test_a_page_alone_is_not_given_the_banner_for_a_title() -> None:
    _, profile = begun(SitePages(around().page))
    assert rules_of(profile)["title"] == ["css:h3.tieude"]
    assert profile.site.title == BANNER


def test_a_date_of_today_on_both_pages_is_a_clock() -> None:
    page, twin = (
        seen(f"http://p.example/{number}", portal_page(f"Bài số {number}", "hôm qua", "Chữ nghĩa. "))
        for number in (1, 2)
    )
    assert "published" not in rules_of(begun(SitePages(page, twin=twin))[1])


def test_the_printed_line_of_the_latest_change_becomes_a_rule() -> None:
    page = (
        "<html lang=vi><title>Bài {0}</title><h1>Bài {0}</h1><p class=ngay>0{0}/09/2022</p><div class=nd>{1}</div>{2}"
    )
    text = "Đoạn một dài hơn nhiều so với trình đơn. " * 5

    def rule(*lines: str) -> str:
        first, *others = [page.format(number, text, each) for number, each in enumerate(lines, 1)]
        twin = seen("http://a.example/2.html", others[0]) if others else None
        written, profile = begun(SitePages(seen("http://a.example/1.html", first), twin=twin))
        return (rules_of(profile).get("modified") or [next(x for x in written.splitlines() if "# modified" in x)])[0]

    assert rule("<p class=upd>Cập nhật lúc 08:30, 05/10/2022</p>") == "css:p.upd"
    assert rule("<p class=upd>Cập nhật lúc 08:30, 05/10/2022</p>", "") == "css:p.upd"
    assert rule("", "<p class=upd>Sửa đổi lần cuối: 05/10/2022</p>") == "css:p.upd"
    assert rule("<p><b>Cập nhật:</b> <span class=sua>05/10/2022</span></p>") == "css:span.sua"
    assert "silent" in rule("<p class=upd>Họp ngày 05/10/2022</p>")
    assert "silent" in rule("<p class=upd>Đăng lúc 08:30, 05/10/2022</p>")
    declared = "<meta property=article:modified_time content='2022-10-05T08:30:00+07:00'>"
    assert rule(declared) == "# modified is read from meta article:modified_time, without a rule"


def test_what_makes_two_addresses_one_page() -> None:
    _, profile = begun(around())
    assert (profile.url.keep, profile.url.fold_case) == (("ID", "Trang"), True)
    article, listing = profile.pages
    assert (article.kind, listing.kind, listing.url) == ("article", "listing", None)
    assert article.url is not None
    assert article.url.search("http://p.example/Tin/Xem.aspx?ID=12&Muc=4")
    assert not article.url.search("http://p.example/ds.aspx?Trang=2")
    assert listing.next is not None
    assert listing.next.css == "a.sau"


def test_a_parameter_is_dropped_only_when_it_distinguishes_nothing() -> None:
    page = "<title>Bài</title><a href='/xem?id=1'>x</a><a href='/xem?id=2'>y</a>"
    text, profile = begun(SitePages(seen("http://p.example/xem?id=1", page)))
    assert profile.url.keep is None
    assert '# keep = ["id"]' in text


def test_paging_by_a_form() -> None:
    pages = "".join(f"<a class=so href=\"javascript:__doPostBack('P','{number}')\">{number}</a>" for number in (1, 2))
    _, profile = begun(SitePages(seen("http://p.example/1.html", PAGE), home=seen("http://p.example/", pages)))
    paging = profile.pages[-1].next
    assert paging is not None
    assert (paging.css, paging.postback) == ("a.so", True)


def test_the_entries_of_a_feed_show_how_articles_are_filed() -> None:
    other = [f"/{section}/bai-{number}123.html" for number, section in enumerate(("van-hoa", "the-thao", "tin", "do"))]
    feed = AddressList("http://p.example/feed", tuple(f"http://p.example{path}" for path in other))
    text, profile = begun(SitePages(seen("http://p.example/tin/bai-viet-123.html", PAGE), feed=feed))
    pattern = profile.pages[0].url
    assert pattern is not None
    assert all(pattern.search(f"http://p.example{path}") for path in other)
    assert not pattern.search("http://p.example/tin/")
    assert "fits only" not in text
    text, _ = begun(SitePages(seen("http://p.example/tin/bai-viet-123.html", PAGE)))
    note = "the url pattern of articles fits only /tin/, the only section in which articles were seen; widen it"
    assert note in text.replace("\n# ", " ")


def titles(html: str, **others: str) -> list[str]:
    pages = {name: seen(f"http://p.example/{name}.html", text) for name, text in others.items()}
    around = SitePages(seen("http://p.example/tin/1.html", html), twin=pages.get("twin"), home=pages.get("home"))
    return rules_of(begun(around)[1]).get("title", [])


def test_a_first_heading_is_always_a_candidate_for_the_title() -> None:
    body = f"<div id=b><p>{'Lời. ' * 30}</p></div>"
    assert titles(f"<title>Bài hay</title><h3 class=ten>Bài hay</h3><h1>Chuyện làng</h1>{body}") == [
        "css:h3.ten",
        "css:h1",
    ]
    assert titles(f"<title>trang 17</title><h1>Chuyện làng</h1>{body}") == ["css:h1"]
    og = "<meta property=og:title content='Bài hay'>"
    assert titles(f"<title>x</title>{og}<b class=ten>Bài hay</b><h1 id=dau>Chuyện làng</h1>{body}") == [
        "css:b.ten",
        "css:#dau",
        "meta:og:title",
    ]


def test_the_site_s_name_is_not_the_title_even_as_first_heading() -> None:
    body = f"<div id=b><p>{'Lời. ' * 30}</p></div>"
    named = "<meta property=og:site_name content='Cổng A'>"
    assert titles(f"<title>Bài hay - Cổng A</title>{named}<h1>Cổng A</h1><h3 class=ten>Bài hay</h3>{body}") == [
        "css:h3.ten"
    ]
    assert titles(f"<title>Bài hay - Cổng B</title><h1>Cổng B</h1><h3 class=ten>Bài hay</h3>{body}") == ["css:h3.ten"]
    one, twin = (
        f"<title>{title}</title><h1>Quận Hoa Sen</h1><h3 class=ten>{title}</h3>{body}"
        for title in ("Bài hay", "Bài mới")
    )
    assert titles(one, twin=twin) == ["css:h3.ten"]
    logo = f"<title>Bài hay</title><h1><img src=x.png></h1><h3 class=ten>Bài hay</h3>{body}"
    assert titles(logo) == ["css:h3.ten"]


WORDS = "Sáng nay ba chiếc ghe lớn cập bến chợ nổi để bán mía và dừa cho bà con trong vùng. "


def body_of(html: str) -> list[str]:
    page = f"<html lang=vi><title>Bài hay</title><h1>Bài hay</h1>{html}"
    return rules_of(begun(SitePages(seen("http://p.example/tin/1.html", page)))[1]).get("body", [])


def test_a_body_is_found_by_names_that_people_chose() -> None:
    text = f"<p>{WORDS * 4}</p><p>{WORDS * 3}</p>"
    assert body_of(f"<div class='Post_body__3xk2a'>{text}</div>") == ["css:[class*='Post_body__']"]
    assert body_of(f"<div class='css-1x2b3c'>{text}</div>") == []
    assert body_of(f"<main id=noi><div class='css-1x2b3c'><div>{text}</div></div></main>") == ["css:#noi"]
    aside = f"<div id=noi><div>{text}</div><p>{WORDS * 9}</p></div>"
    assert body_of(aside) == ["css:#noi"], "the heavier part is no body of its own"


def test_windows_and_comments_are_never_the_body() -> None:
    text = f"<div class=noidung><p>{WORDS * 4}</p></div>"
    long = f"<div><p>{WORDS * 20}</p></div>"
    assert body_of(f"{text}<div class='cookie-window'>{long}</div>") == ["css:div.noidung"]
    assert body_of(f"{text}<section id=comments>{long}</section>") == ["css:div.noidung"]
    assert body_of(f"<div class='no-comments'><h1>Bài hay</h1>{text}</div>") == ["css:div.noidung"]


HOSTILE = st.text(alphabet=st.characters(codec=None), max_size=40) | st.sampled_from(
    ['"""', "'''", "\\", '"\n[crawl]\nx = 1', "\u2028", "\x7f\x85", "]]>", "\ud800", "# \r x", "a\x00b", "?=&a[]=*&'=1"]
)


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_the_profile_loads_for_any_page(title: str, name: str, url: str) -> None:
    page = (
        f"<html lang='{name}'><title>{title}</title><meta property='og:{name}' content='{title}'>"
        f"<meta name='generator' content='{title}'><link rel=alternate type='application/rss+xml' href='{url}'>"
        f'<script type="application/ld+json">{{"@type": "{name}", "{title}": 1, "datePublished": "{title}"}}</script>'
        f"<h1>{title}</h1><div id='{name}' class='{title}'><p>{title}</p><p>x</p></div><a class='{name}' href='{url}'>{title}</a>"
        f"<a href='/x?{url}=1&{name}=2'>x</a><a href='/x?{url}=2'>{title}</a>"
    )
    body = page.encode("utf-8", "surrogatepass")
    listed = AddressList(url, (url, name), (title,))
    for address in (f"http://a.example/{url}", f"http://a.example/x?{url}=1&{name}=3", url, f"http://{name}/"):
        one = seen(address, body)
        assert begun(SitePages(one), name)[1].pages
        assert begun(SitePages(one, twin=one, home=one, sitemap=listed, feed=listed), name)[1].pages
