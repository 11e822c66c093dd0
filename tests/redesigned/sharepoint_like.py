"""A portal in the manner of SharePoint in three templates: tables of 2010, a publishing layout, and a new portal kit."""

from html import escape

from redesigned.stories import Story, Surroundings

NAME = "Cổng thông tin xã Bến Lội"


def path(story: Story) -> str:
    """Return the address of an article."""
    return f"/tintuc/Lists/Posts/Post.aspx?ItemID={story.number}"


def listing(stories: list[Story], template: int) -> str:
    """Return the front page."""
    cell = ("td class=ms-vb2", "div class=tin-item", "li class=n-row")[template - 1]
    tag = cell.partition(" ")[0]
    items = "".join(f'<{cell}><a href="{escape(path(each))}">{each.title}</a></{tag}>' for each in stories)
    return f"<html lang=vi-VN><title>{NAME}</title><body><h1>{NAME}</h1><div id=all>{items}</div></body></html>"


def article(story: Story, template: int, around: Surroundings) -> str:
    """Return the page of an article."""
    return (_tables, _publishing, _kit)[template - 1](story, around)


def _head(story: Story, around: Surroundings, more: str = "") -> str:
    return (
        f'<!DOCTYPE html><html lang="vi-VN"><head><title>{story.title} - {NAME}</title>'
        f'<meta name="GENERATOR" content="Microsoft SharePoint" />{more}</head><body><form id="aspnetForm">'
        f'<input type="hidden" id="__REQUESTDIGEST" value="0x{around[1]:032X}" />'
        f'<input type="hidden" id="__VIEWSTATE" value="{around[1] * 7919:040x}" />'
    )


def _afternoon(story: Story) -> str:
    hour = story.published.hour % 12 or 12
    return f"{hour}:{story.published:%M} {'SA' if story.published.hour < 12 else 'CH'}"


def _sidebar(around: Surroundings, box: str) -> str:
    items = "".join(f'<li><a href="{escape(path(each))}">{each.title}</a></li>' for each in around[0])
    digits = "".join(f"<span>{each}</span>" for each in f"{37412003 + around[1]}")
    return f'<div class="{box}"><h4>Tin khác</h4><ul>{items}</ul><div class="hits">{digits}</div></div>'


def _tables(story: Story, around: Surroundings) -> str:
    text = "".join(f"<p>{escape(each)}</p>" for each in story.paragraphs)
    declared = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{story.title}"}}</script>'
    return f"""{_head(story, around, declared)}<table id="MSO_ContentTable"><tr><td class="ms-left">{_sidebar(around, "ms-quicklaunch")}</td>
<td class="ms-main"><div class="ms-PostWrapper"><div class="post-cat">{story.section}</div><h3 class="ms-PostTitle">{story.title}</h3>
<span class="ms-PostDate">{story.published.day} Tháng {story.published.month} {story.published.year} {_afternoon(story)}</span>
<div class="ms-PostLead">{story.lead}</div>
<div class="ms-PostBody">{text}<ul><li>{story.points[0]}</li><li>{story.points[1]}</li></ul>
<p class="anh">Ảnh: {story.caption}</p><p class="ky-ten" align="right"><b>{story.author.upper()}</b></p></div>
<div class="ms-PostFooter">Số ký hiệu: <span class="sokyhieu">{story.document}</span> | <span class="luotxem">Lượt xem: {story.views}</span></div></div></td></tr></table></form></body></html>"""


def _publishing(story: Story, around: Surroundings) -> str:
    text = "".join(f"<p>{escape(each)}</p>" for each in story.paragraphs)
    declared = (
        f'<meta property="article:section" content="{story.section}" />'
        f'<meta property="article:published_time" content="{story.published:%Y-%m-%dT%H:%M:%S}+07:00" />'
    )
    return f"""{_head(story, around, declared)}<div id="s4-workspace"><div class="row-top"><h1 class="portal-name">{NAME}</h1></div>
<div class="chi-tiet-tin"><div class="duong-dan"><a href="/">Trang chủ</a> » <a class="muc" href="/m{story.number % 3}">{story.section}</a></div>
<h2 class="tieu-de-tin">{story.title}</h2><div class="thong-tin"><span class="ngay-dang">Thứ sáu, {story.published:%d/%m/%Y %H:%M} (GMT+7)</span><span class="so-luot">{story.views}</span></div>
<p class="trich-yeu">{story.lead}</p><div class="noi-dung-tin"><div class="khung-anh"><img src="/PublishingImages/{story.number}.jpg"><div class="chu-thich">{story.caption}</div></div>
{text}<ul><li>{story.points[0]}</li><li>{story.points[1]}</li></ul>
<div class="lien-quan"><b>Tin liên quan:</b> {"; ".join(each.title for each in around[0][:2])}</div></div>
<div class="tac-gia">Tác giả: {story.author.upper()}</div><div class="van-ban">Văn bản số {story.document}</div></div>
{_sidebar(around, "cot-phai")}</div></form></body></html>"""


def _kit(story: Story, around: Surroundings) -> str:
    text = "".join(f'<div class="t-block"><p class="t-line">{escape(each)}</p></div>' for each in story.paragraphs)
    return f"""{_head(story, around)}<div class="vp-app"><div class="vp-bar">{NAME} <em>{around[1] % 70} người đang xem</em></div>
{_sidebar(around, "vp-aside")}<section class="vp-view"><ul class="vp-crumb"><li>Trang chủ</li><li class="vp-on">{story.section}</li></ul>
<div class="vp-heading"><p class="vp-h">{story.title}</p></div><div class="vp-intro">{story.lead}</div>
<div class="vp-rich"><div class="vp-by">{story.author.upper()}</div>{text}<ul class="t-list"><li>{story.points[0]}</li><li>{story.points[1]}</li></ul>
<div class="vp-pic"><span class="vp-alt">{story.caption}</span></div><div class="vp-tools">In trang này | Gửi cho bạn bè | Đọc to cả bài</div></div>
<div class="vp-foot"><span class="vp-time">Cập nhật lúc {story.published:%H:%M}, {story.published:%d/%m/%Y}</span><span class="vp-code">{story.document}</span><span class="vp-n">{story.views} lượt xem</span></div></section></div></form></body></html>"""


PROFILE = """
[site]
name = "{name}"
title = "Cổng thông tin xã Bến Lội"
home = "{url}/"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"

[crawl]
delay = 0
sitemaps = []
feeds = []

[url]
keep = ["ItemID"]
fold_case = true

[[page]]
kind = "listing"
url = '^https?://[^/]+/$'

[[page]]
kind = "article"
url = '(?i)/lists/posts/post\\.aspx\\?'
gone = {{ css = ".ms-sectionheader", pattern = 'không tồn tại' }}

[page.fields]
title = "h3.ms-PostTitle"
body = ".ms-PostBody"
published = ".ms-PostDate"                  # 3 Tháng 9 2022 3:55 CH
section = ".post-cat"
summary = ".ms-PostLead"
bylines = {{ css = ".ms-PostBody p", pattern = '^([^a-z\\d.,]{{4,40}})$', take = "last", cut = true }}
captions = {{ css = ".ms-PostBody p", pattern = '^Ảnh:\\s*(.+)$', take = "all", cut = true }}
doc_number = ".sokyhieu"

[page.readings]
views = {{ css = ".luotxem", pattern = '(\\d+)' }}
"""
