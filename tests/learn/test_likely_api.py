"""Tables that are proposed for APIs of several manners, from what a browser shows and what it requested."""

import json
from typing import Any

import pytest

from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.learn.likely_api import ApiProposal, propose_api
from archiver.learn.shown_page import shown_page
from archiver.model.profile import SiteInfo
from archiver.model.rendition import RequestLogged
from extract.api_answers import HOME, SITE, answered

INFO = SiteInfo("portal", "", HOME, "vi", "Asia/Ho_Chi_Minh")
TITLES = [
    "Thành phố khởi công tuyến đường ven sông",
    "Trường học mở lớp ngoại ngữ buổi tối",
    "Bệnh viện huyện nhận thiết bị mới",
    "Nông dân thu hoạch lúa sớm hơn mọi năm",
    "Hội chợ sách cũ mở cửa đến hết tuần",
]
PARAGRAPHS = [
    "Sáng nay, đại diện các sở đã có mặt tại công trường để chứng kiến lễ khởi công tuyến đường dài mười hai cây số.",
    "Công trình đi qua bốn xã, có hai cầu lớn & một nút giao, dự kiến hoàn thành trong mười tám tháng tới.",
    "Người dân hai bên sông nói họ chờ đợi con đường này đã hơn hai mươi năm nay.",
]
HTML = "".join(f"<p>{each.replace('&', '&amp;')}</p>" for each in PARAGRAPHS)
SAPO = "Tuyến đường nối bốn xã ven sông, dài mười hai cây số."
MENU = {"menu": [{"id": n, "name": f"Chuyên mục số {n}", "url": f"/muc/{n}"} for n in range(9)]}
CONFIG = {"version": "1.2.3", "features": {"dark": True}, "text": "x" * 500}


def article_dom(extra: str = "") -> str:
    """Return the document that the script made of the first article."""
    return (
        f"<title>{TITLES[0]} - Cổng tin</title><nav><a href='/muc/1'>Chuyên mục số 1</a></nav><main><h1>{TITLES[0]}</h1>"
        f"<span>08:00 04/03/2026</span><span>Kinh tế</span><b>Ngọc Lan</b><h2>{SAPO}</h2>{HTML}<i>hạ tầng</i>{extra}</main>"
    )


def list_dom(link: str) -> str:
    """Return the document of the list; `link` is the address of an item, with its number and slug."""
    items = "".join(
        f"<li><a href='{link.format(n=n, slug=f'tin-so-{n}')}'>{title}</a></li>" for n, title in enumerate(TITLES, 11)
    )
    return f"<title>Cổng tin</title><nav><a href='/muc/1'>Chuyên mục số 1</a></nav><ul>{items}</ul>"


def proposed(dom: str, url: str, answers: dict[str, Any], article: ApiProposal | None = None) -> ApiProposal | None:
    """Return the proposal for a page, and check that its text loads and reads the answer."""
    known = {HOME.rstrip("/") + path: value for path, value in answers.items()}
    requests = [RequestLogged(each, type="Fetch", status=200) for each in known]
    captures = {each: answered(each, value) for each, value in known.items()}
    found = propose_api(shown_page(dom, HOME + url), requests, captures, INFO, article)
    if found is not None:
        record = read(captures[found.url], parse_profile(SITE + found.text, "portal"))
        assert record.kind == found.kind
    return found


def wordpress(n: int) -> dict[str, Any]:
    return {
        "id": n,
        "date": "2026-03-04T08:00:00",
        "date_gmt": "2026-03-04T01:00:00",
        "modified": "2026-03-05T09:00:00",
        "slug": f"tin-so-{n}",
        "link": f"{HOME}tin-so-{n}/",
        "_links": {"self": [{"href": f"{HOME}wp-json/wp/v2/posts/{n}"}]},
        "title": {"rendered": TITLES[n - 11]},
        "content": {"rendered": HTML, "protected": False},
        "excerpt": {"rendered": f"<p>{SAPO}</p>"},
    }


def drupal(n: int) -> dict[str, Any]:
    return {
        "type": "node--article",
        "id": f"3f2b-{n}-aa",
        "links": {"self": {"href": f"{HOME}jsonapi/node/article/3f2b-{n}-aa"}},
        "attributes": {
            "drupal_internal__nid": n,
            "title": TITLES[n - 11],
            "created": "2026-03-04T01:00:00+00:00",
            "changed": "2026-03-05T01:00:00+00:00",
            "path": {"alias": f"/tin-so-{n}", "langcode": "vi"},
            "body": {
                "value": HTML,
                "format": "full_html",
                "processed": HTML.replace("<p>", '<p class="p">'),
                "summary": "",
            },
        },
    }


def strapi(n: int) -> dict[str, Any]:
    return {
        "id": n,
        "attributes": {
            "headline": TITLES[n - 11],
            "slug": f"tin-so-{n}",
            "content": "\n\n".join(PARAGRAPHS),
            "publishedAt": "2026-03-04T01:00:00.000Z",
            "updatedAt": "2026-03-05T01:00:00.000Z",
            "tags": {"data": [{"id": 1, "attributes": {"name": "hạ tầng"}}, {"id": 2, "attributes": {"name": "cầu"}}]},
        },
    }


def aspnet(n: int) -> dict[str, Any]:
    return {
        "Id": n,
        "TieuDe": TITLES[n - 11],
        "TrichYeu": SAPO,
        "NoiDung": HTML,
        "NgayTao": "/Date(1772499600000)/",
        "NgayDang": "/Date(1772586000000)/",
        "TacGia": "Ngọc Lan",
        "TenChuyenMuc": "Kinh tế",
        "LuotXem": 1204,
    }


ARTICLES = [
    (
        "wordpress",
        "/wp-json/wp/v2/posts/11",
        wordpress(11),
        "tin-so-11/",
        {"title": "title.rendered", "body": "content.rendered", "published": "date", "summary": "excerpt.rendered"},
        "/wp-json/wp/v2/posts/{id}",
    ),
    (
        "wordpress by slug",
        "/wp-json/wp/v2/posts?slug=tin-so-11",
        [wordpress(11)],
        "tin-so-11/",
        {"title": "$[0].title.rendered", "body": "$[0].content.rendered", "modified": "$[0].modified"},
        "/wp-json/wp/v2/posts?slug={$[0].slug}",
    ),
    (
        "drupal",
        "/jsonapi/node/article/3f2b-11-aa",
        {"jsonapi": {"version": "1.0"}, "data": drupal(11), "links": {"self": {"href": "x"}}},
        "tin-so-11",
        {
            "title": "data.attributes.title",
            "published": "data.attributes.created",
            "modified": "data.attributes.changed",
        },
        "/jsonapi/node/article/{data.id}",
    ),
    (
        "strapi",
        "/api/articles/11?populate=*",
        {"data": strapi(11), "meta": {}},
        "tin/tin-so-11",
        {
            "title": "data.attributes.headline",
            "body": "data.attributes.content",
            "published": "data.attributes.publishedAt",
            "tags": "data.attributes.tags.data[*].attributes.name",
        },
        "/api/articles/{data.id}?populate=*",
    ),
    (
        "aspnet",
        "/Api/TinTuc/ChiTiet?id=11&_=1772586000123",
        {"Success": True, "Data": aspnet(11)},
        "chi-tiet/11",
        {
            "title": "Data.TieuDe",
            "body": "Data.NoiDung",
            "published": "Data.NgayDang",
            "summary": "Data.TrichYeu",
            "section": "Data.TenChuyenMuc",
            "bylines": "Data.TacGia",
            "views": "Data.LuotXem",
        },
        "/Api/TinTuc/ChiTiet?id={Data.Id}",
    ),
]


@pytest.mark.parametrize(("api", "answer", "url", "paths", "template"), [each[1:] for each in ARTICLES], ids=[each[0] for each in ARTICLES])  # fmt: skip
def test_an_article(api: str, answer: object, url: str, paths: dict[str, str], template: str) -> None:
    found = proposed(article_dom(), url, {"/api/menu": MENU, api: answer, "/config.json": CONFIG})
    assert found is not None
    assert (found.url, found.kind, found.template) == (HOME.rstrip("/") + api, "article", template)
    assert dict(found.paths).items() >= paths.items()
    profile = parse_profile(SITE + found.text, "portal")
    record = read(answered(found.url, answer), profile)
    assert record.content.title == TITLES[0]
    assert record.content.body == "\n\n".join(PARAGRAPHS)
    assert record.content.published is not None
    assert record.content.published.local == "2026-03-04 08:00:00"
    assert (record.broken, record.missed) == ((), ())
    assert record.canonical == HOME + url
    other = found.url.replace("11", "12")
    assert profile.pages[0].url is not None
    assert profile.pages[0].url.search(other), found.text
    assert not profile.pages[0].url.search(HOME + "api/menu")


LISTS = [
    (
        "wordpress",
        "/wp-json/wp/v2/posts?per_page=5&page=1",
        [wordpress(n) for n in range(11, 16)],
        "/{slug}/",
        ("$", "title.rendered", "link", '{ query = "page" }'),
        "/wp-json/wp/v2/posts/{id}",
    ),
    (
        "drupal",
        "/jsonapi/node/article?page[limit]=5",
        {
            "data": [drupal(n) for n in range(11, 16)],
            "links": {"next": {"href": HOME + "jsonapi/node/article?page[offset]=5"}},
        },
        "/{slug}",
        ("data", "attributes.title", "attributes.path.alias", '"links.next.href"'),
        "/jsonapi/node/article/{id}",
    ),
    (
        "strapi",
        "/api/articles?offset=0",
        {"data": [strapi(n) for n in range(11, 16)], "meta": {"pagination": {"page": 1}}},
        "/tin/{slug}",
        ("data", "attributes.headline", "/tin/{attributes.slug}", '{ query = "offset", step = 5, first = 0 }'),
        "/api/articles/{id}?populate=*",
    ),
    (
        "aspnet",
        "/Api/TinTuc/DanhSach?pageIndex=1",
        {"Data": {"Items": [aspnet(n) for n in range(11, 16)], "Total": 99}},
        "/chi-tiet/{n}",
        ("Data.Items", "TieuDe", "/chi-tiet/{Id}", '{ query = "pageIndex" }'),
        "/Api/TinTuc/ChiTiet?id={Id}",
    ),
]


@pytest.mark.parametrize(("api", "answer", "link", "expected", "followed"), [each[1:] for each in LISTS], ids=[each[0] for each in LISTS])  # fmt: skip
def test_a_list(api: str, answer: object, link: str, expected: tuple[str, ...], followed: str) -> None:
    items, headline, follow, following = expected
    answers = {"/api/menu": MENU, api: answer, "/config.json": CONFIG}
    found = proposed(list_dom(link), "", answers)
    assert found is not None
    assert (found.kind, dict(found.paths), found.follow) == ("listing", {"items": items, "headline": headline}, follow)
    assert f"next = {following}" in found.text
    record = read(answered(found.url, answer), parse_profile(SITE + found.text, "portal"))
    assert [each.text for each in record.items or ()] == TITLES
    assert record.follow == tuple(HOME.rstrip("/") + link.format(n=n, slug=f"tin-so-{n}") for n in range(11, 16))
    of_article = next(each for each in reversed(ARTICLES) if each[5].split("/")[1] == followed.split("/")[1])
    article = proposed(article_dom(), of_article[3], {of_article[1]: of_article[2]})
    assert article is not None
    with_api = proposed(list_dom(link), "", answers, article)
    assert with_api is not None
    if api.startswith("/wp-json"):
        followed = "/wp-json/wp/v2/posts?slug={slug}"
    assert with_api.follow == followed


def test_no_table_when_the_data_came_from_several_requests() -> None:
    meta, text = wordpress(11), wordpress(11)
    del meta["content"], text["title"]
    assert proposed(article_dom(), "tin-so-11/", {"/meta": meta, "/text": text}) is None
    assert proposed(article_dom(), "tin-so-11/", {"/one": wordpress(11), "/two": wordpress(11)}) is None
    lists = [wordpress(n) for n in range(11, 16)]
    assert proposed(list_dom("/{slug}/"), "", {"/one": lists, "/two": lists}) is None


def test_no_table_when_no_answer_has_what_is_shown() -> None:
    other = "<title>Khác</title><h1>Một tiêu đề khác hẳn</h1><p>" + "Văn bản do máy chủ gửi. " * 20
    for answers in ({}, {"/config.json": CONFIG}, {"/a": wordpress(11)}, {"/bad": b"{bad"}, {"/x": "[" * 5_000}):
        assert proposed(other, "x", answers) is None


def test_only_data_that_a_crawl_can_ask_for() -> None:
    url = HOME + "graphql"
    captures = {url: answered(url, wordpress(11))}
    for request in (RequestLogged(url, "POST", "Fetch"), RequestLogged(url, type="Fetch", refused="robots.txt")):
        assert propose_api(shown_page(article_dom(), HOME + "tin-so-11/"), [request], captures, INFO) is None


def test_a_path_in_a_member_is_a_part_of_an_address() -> None:
    answer = wordpress(11) | {"slug": "/2026/tin-11", "link": None}
    found = proposed(article_dom(), "vi/2026/tin-11.html", {"/wp-json/wp/v2/posts/11": answer})
    assert found is not None
    assert 'address = "/vi{+slug}.html"' in found.text


def test_names_of_members_cannot_break_the_table() -> None:
    answer = {'a"b\n]': {"tên bài": TITLES[0], "x'\"": "y", "nội dung": HTML, "ngày": 1772586000, "": 1, "\ud800": "z"}}
    found = proposed(article_dom(), "x", {"/api/x": json.dumps(answer)})
    assert found is None or "title" in dict(found.paths)
