"""The portal's pages, in the form of a SharePoint site: view state, counters, menus, sidebars around the article."""

import base64
import random
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from archiver.demo.articles import Article

TITLE = "Cổng thông tin điện tử Quận Hoa Sen"
MENU = [
    "Trang chủ", "Giới thiệu", "Tin tức sự kiện", "Thông báo", "Văn bản pháp quy", "Thủ tục hành chính", "Lịch công tác",
    "Công khai ngân sách", "Quy hoạch", "Tuyển dụng", "Hỏi đáp trực tuyến", "Đường dây nóng", "Sơ đồ cổng", "Liên hệ",
]  # fmt: skip
_SCRIPT = """
function __doPostBack(target, argument) {
  var form = document.forms['aspnetForm'];
  form.__EVENTTARGET.value = target; form.__EVENTARGUMENT.value = argument; form.submit();
}
var _spBodyOnLoadFunctionNames = []; function _spBodyOnLoadWrapper() { for (var i = 0; i < _spBodyOnLoadFunctionNames.length; i++) {
  var name = _spBodyOnLoadFunctionNames[i]; if (typeof window[name] === 'function') { window[name](); } } }
function ULSsa() { var o = new Object; o.ULSTeamName = 'Portal'; o.ULSFileName = 'default.aspx'; return o; }
"""


@dataclass(frozen=True)
class PageSurroundings:
    """The parts around the article at one request: counters, tokens, and random sidebar headlines."""

    visitors: int
    chance: random.Random
    newer: list[Article]
    older: list[Article]
    restyled: bool = False


def spellings(article: Article) -> dict[str, str]:
    """Return the addresses by which one article is linked."""
    category = quote(article.section.replace(" ", "+"), safe="+")
    return {
        "listing": f"/tintuc/lists/posts/post.aspx?Source=/tintuc&Category={category}&ItemID={article.item}&Mode=1",
        "sidebar": f"/tintuc/Lists/Posts/Post.aspx?ItemID={article.item}",
        "plain": f"/tintuc/lists/posts/post.aspx?ItemID={article.item}",
    }


def page(frame: PageSurroundings, title: str, main: str, action: str) -> bytes:
    """Return a complete page around its main part."""
    menu = "\n".join(f'      <a href="/tintuc/default.aspx?Menu={n}">{escape(name)}</a>' for n, name in enumerate(MENU))
    token = base64.b64encode(frame.chance.randbytes(frame.chance.randint(4000, 5200))).decode()
    digest = frame.chance.randbytes(64).hex().upper()
    content = "main" if frame.restyled else "content"
    text = f"""<!DOCTYPE html>
<html lang="vi-VN" dir="ltr">
<head>
  <meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
  <meta name="GENERATOR" content="Microsoft SharePoint" />
  <title>{escape(title)}</title>
  <link rel="alternate" type="application/rss+xml" title="Tin mới" href="/rss.xml" />
  <link rel="shortcut icon" href="/PublishingImages/bieu-tuong.png" />
  <link rel="stylesheet" type="text/css" href="/Style/portal.css" />
  <script type="text/javascript">{_SCRIPT}</script>
</head>
<body onload="_spBodyOnLoadWrapper();">
<form name="aspnetForm" method="post" action="{escape(action)}" id="aspnetForm">
<div>
  <input type="hidden" name="__EVENTTARGET" id="__EVENTTARGET" value="" />
  <input type="hidden" name="__EVENTARGUMENT" id="__EVENTARGUMENT" value="" />
  <input type="hidden" name="__REQUESTDIGEST" id="__REQUESTDIGEST" value="0x{digest},24 Oct 2022 01:00:00 -0000" />
  <input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="{token}" />
</div>
  <div id="top"><h1>{escape(TITLE)}</h1><small>Ủy ban nhân dân Quận Hoa Sen</small></div>
  <div class="menu">
{menu}
  </div>
  <div id="page">
    <div id="{content}">
{main}
    </div>
{_sidebar(frame)}
  </div>
  <div id="foot">Địa chỉ: 270 đường Hoa Sen, phường Bình Minh. Thường trực: 08:00 - 17:00. Ghi rõ nguồn khi sử dụng lại thông tin.</div>
</form>
{_padding(frame)}
</body>
</html>
"""
    return text.encode()


def _sidebar(frame: PageSurroundings) -> str:
    digits = "\n".join(f"        <span>{digit}</span>" for digit in f"{frame.visitors:08d}")
    box = "aside" if frame.restyled else "sidebar"
    return f"""    <div id="{box}">
      <div class="box visitors"><h4>SỐ LƯỢT TRUY CẬP</h4>
{digits}
      </div>
      <div class="box"><h4>TIN MỚI HƠN</h4><ul>
{_headlines(frame.newer)}
      </ul></div>
      <div class="box"><h4>TIN ĐÃ ĐƯA</h4><ul>
{_headlines(frame.older)}
      </ul></div>
      <div class="box"><h4>TUYÊN TRUYỀN</h4><ul><li>Thông điệp phòng chống tay chân miệng</li><li>Diệt lăng quăng mỗi tuần</li>
        <li>Đội mũ bảo hiểm đúng quy cách</li></ul></div>
      <div class="box"><h4>Tìm kiếm</h4><input type="text" name="q" /> <input type="submit" value="Tìm" /></div>
    </div>"""


def _headlines(articles: list[Article]) -> str:
    return "\n".join(
        f'        <li><a href="{escape(spellings(one)["sidebar"])}">{escape(one.title)}</a></li>' for one in articles
    )


def _padding(frame: PageSurroundings) -> str:
    """Return what such systems add to the end of a page: kilobytes of script."""
    stamp = frame.chance.randint(10**8, 10**9)
    entries = ",\n".join(
        f'  {{"WebPart": "g_{n:08x}{n * 7919 % 65536:04x}", "Zone": "Zone{n % 6}", "Order": {n}, "Cached": false, "Connected": '
        f'"ConnectionPoint{n % 3}"}}'
        for n in range(150)
    )
    return f'<script type="text/javascript">\n// rendered in {stamp % 900} ms, ticket {stamp}\nvar portalWebParts = [\n{entries}\n];\n</script>'


def article_main(article: Article) -> str:
    """Return the article in the classic template."""
    return f"""      <div class="chuyenmuc-ngay"><span class="chuyenmuc">{escape(article.section)}</span> <span class="ngay">{article.printed}</span></div>
      <h3 class="tieude">{escape(article.title)}</h3>
      <div class="sapo">{escape(article.summary)}</div>
      <div class="noidung">
{article_body(article)}
      </div>
      <div class="luotxem">Số lượt người xem: {_thousands(article.views)}&nbsp;&nbsp;</div>"""


def article_body(article: Article) -> str:
    """Return the text of an article, its byline and its files, as HTML of the classic template."""
    return f"""{blocks(article, "p")}
        <p>{escape(article.byline)}</p>
        <p>&nbsp;</p>
{_files(article)}"""


def blocks(article: Article, caption_tag: str) -> str:
    """Return the body's blocks; captions are paragraphs, as editors type them."""
    parts = []
    for kind, text in article.blocks:
        if kind == "picture":
            parts.append(f'        <p><img src="/PublishingImages/{quote(text)}" alt="" /></p>')
        elif kind == "caption":
            parts.append(f"        <{caption_tag}>Ảnh: - {escape(text)}</{caption_tag}>")
        else:
            parts.append(f"        <p>{escape(text)}</p>\n        <p>&nbsp;</p>")
    return "\n".join(parts)


def _files(article: Article) -> str:
    return "\n".join(f'        <p><a href="/Documents/{quote(name)}">{escape(name)}</a></p>' for name in article.files)


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def restyled_main(article: Article) -> str:
    """Return the article after the redesign: other names, other order, the same words."""
    return f"""      <article>
        <h1 class="article-title">{escape(article.title)}</h1>
        <p class="meta"><a class="cat">{escape(article.section)}</a> | <time class="published">{article.published:%d/%m/%Y %H:%M:%S}</time></p>
        <p class="lead">{escape(article.summary)}</p>
        <div class="article-body">
{blocks(article, "p")}
        <p>{escape(article.byline)}</p>
{_files(article)}
        </div>
        <p class="counter">Lượt xem: <strong>{_thousands(article.views)}</strong></p>
      </article>"""


def listing_main(name: str, articles: list[Article], number: int, pages: int, path: str, *, forms: bool) -> str:
    """Return one page of a listing, with paging by query or by posting the form."""
    rows = "\n".join(
        f'        <li><a class="title" href="{escape(spellings(one)["listing"])}">{escape(one.title)}</a> '
        f'<span class="date">{one.published:%d/%m/%Y}</span></li>'
        for one in articles
    )
    links = []
    for other in range(1, pages + 1):
        if other == number:
            links.append(f"<b>{other}</b>")
        elif forms:
            links.append(
                f"""<a class="page" href="javascript:__doPostBack(&#39;ctl00$Pager&#39;,&#39;{other}&#39;)">{other}</a>"""
            )
        else:
            links.append(f'<a class="page" href="{path}?Page={other}">{other}</a>')
    if number < pages and not forms:
        links.append(f'<a class="next" href="{path}?Page={number + 1}">Xem tiếp</a>')
    return f"""      <h2>{escape(name)}</h2>
      <ul class="list">
{rows}
      </ul>
      <div class="paging">{" ".join(links)}</div>"""


def missing_main() -> str:
    """Return a page that says that it does not exist, with a status that says that it does."""
    return "      <h3>Thông báo</h3>\n      <p>Bài viết không tồn tại hoặc đã bị gỡ bỏ.</p>"


def error_page(frame: PageSurroundings, status: int) -> bytes:
    """Return the page for an unknown address."""
    return page(
        frame,
        f"Lỗi {status}",
        f"      <h3>HTTP {status}</h3>\n      <p>Không tìm thấy trang yêu cầu.</p>",
        "/error.aspx",
    )
