"""A portal in the manner of WordPress in three templates: a classic theme, blocks, and a bought theme with widgets."""

from collections.abc import Callable
from html import escape

from redesigned.stories import Story, Surroundings

NAME = "Tin làng ven sông"


def path(story: Story) -> str:
    """Return the address of an article."""
    return f"/{story.published:%Y/%m}/{story.slug}/"


def listing(stories: list[Story], template: int) -> str:
    """Return the front page."""
    entry = ("h2 class=entry-title", "h2 class=wp-block-post-title", "div class=tile__name")[template - 1]
    tag = entry.partition(" ")[0]
    items = "".join(f'<{entry}><a href="{path(each)}">{each.title}</a></{tag}>' for each in stories)
    return f"<html lang=vi><title>{NAME}</title><body class=home><h1>{NAME}</h1><main>{items}</main></body></html>"


def article(story: Story, template: int, around: Surroundings) -> str:
    """Return the page of an article."""
    return (_classic, _blocks, _widgets)[template - 1](story, around)


def _paragraphs(story: Story) -> str:
    return "".join(f"<p>{escape(each)}</p>" for each in story.paragraphs)


def _links(around: Surroundings, of: Callable[[Story], str]) -> str:
    return "".join(of(each) for each in around[0])


def _classic(story: Story, around: Surroundings) -> str:
    iso = f"{story.published:%Y-%m-%dT%H:%M:%S}+07:00"
    declared = (
        f'{{"@context":"https://schema.org","@type":"NewsArticle","headline":"{story.title}","datePublished":"{iso}",'
        f'"author":{{"@type":"Person","name":"{story.author}"}}}}'
    )
    recent = _links(around, lambda each: f'<li><a href="{path(each)}">{each.title}</a></li>')
    tags = " ".join(f'<a href="/tag/{n}/" rel="tag">{each}</a>' for n, each in enumerate(story.tags))
    return f"""<!DOCTYPE html><html lang="vi"><head><title>{story.title} &#8211; {NAME}</title>
<meta name="generator" content="WordPress 5.4" /><meta property="og:type" content="article" />
<meta property="og:title" content="{story.title}" /><meta property="og:description" content="{escape(story.lead)}" />
<meta property="og:site_name" content="{NAME}" /><script type="application/ld+json">{declared}</script></head>
<body class="post-template-default single postid-{story.number}">
<header id="masthead"><p class="site-title"><a href="/">{NAME}</a></p><nav id="site-navigation"><a href="/category/doi-song/">Đời sống</a></nav></header>
<div id="primary"><article id="post-{story.number}" class="post type-post hentry">
<header class="entry-header"><span class="cat-links"><a href="/category/{story.number % 3}/" rel="category tag">{story.section}</a></span>
<h1 class="entry-title">{story.title}</h1><div class="entry-meta"><time class="entry-date published" datetime="{iso}">{story.published:%d/%m/%Y}</time>
<span class="byline"><span class="author vcard"><a href="/author/x/">{story.author}</a></span></span></div></header>
<div class="entry-content">{_paragraphs(story)}<figure class="wp-caption"><img src="/wp-content/uploads/{story.number}.jpg" alt=""><figcaption class="wp-caption-text">{story.caption}</figcaption></figure>
<ul><li>{story.points[0]}</li><li>{story.points[1]}</li></ul>
<div class="sharedaddy">Chia sẻ bài này: Facebook, Zalo, in ra giấy</div></div>
<footer class="entry-footer"><span class="tags-links">{tags}</span><span class="so-hieu">Số: {story.document}</span><span class="post-views">{story.views} lượt xem</span></footer>
</article><div id="comments"><h2>Bình luận</h2><p>Bài viết này đã đóng phần bình luận của bạn đọc từ tuần trước.</p></div></div>
<aside id="secondary" class="widget-area"><section class="widget_recent_entries"><h2>Bài mới</h2><ul>{recent}</ul></section>
<section class="widget_counter"><p>Đang trực tuyến: <b>{around[1] % 90}</b></p></section></aside>
<input type="hidden" name="_wpnonce" value="{around[1]:010x}" /></body></html>"""


def _blocks(story: Story, around: Surroundings) -> str:
    iso = f"{story.published:%Y-%m-%dT%H:%M:%S}+07:00"
    query = _links(
        around,
        lambda each: (
            f'<li class="wp-block-post"><h3><a href="{path(each)}">{each.title}</a></h3><p>{each.lead}</p></li>'
        ),
    )
    tags = "".join(f'<a href="/tag/{n}/">{each}</a>' for n, each in enumerate(story.tags))
    return f"""<!DOCTYPE html><html lang="vi"><head><title>{story.title} | {NAME}</title><meta name="generator" content="WordPress 6.1" />
<script type="application/ld+json">{{"@graph":[{{"@type":"WebPage","datePublished":"{iso}"}},{{"@type":"WebSite","name":"{NAME}"}}]}}</script></head>
<body class="wp-site-blocks-{story.number % 2}"><div class="wp-site-blocks"><header class="wp-block-template-part"><p class="wp-block-site-title">{NAME}</p></header>
<main class="wp-block-group"><div class="hero"><h2 class="hero-name">{story.title}</h2><p class="hero-lead">{story.lead}</p></div>
<div class="fact-row"><div class="fact fact-who">Bài: {story.author}</div><div class="fact fact-when">Đăng ngày <time>{story.published:%d-%m-%Y} lúc {story.published:%H:%M}</time></div><div class="fact fact-where"><a href="/c/{story.number % 3}">{story.section}</a></div></div>
<div class="prose-flow"><figure class="wp-block-image"><img src="/wp-content/uploads/{story.number}.jpg" alt=""><figcaption>Ảnh: {story.caption}</figcaption></figure>
{_paragraphs(story)}<ul class="wp-block-list"><li>{story.points[0]}</li><li>{story.points[1]}</li></ul>
<div class="jp-relatedposts"><h4>Đọc thêm</h4><ul>{query}</ul></div></div>
<div class="label-list">{tags}</div><p class="doc-ref">Số văn bản: {story.document}</p><div class="tally">Lượt đọc: {story.views}</div></main>
<footer>{NAME}, {around[1] % 50} người đang xem</footer></div></body></html>"""


def _widgets(story: Story, around: Surroundings) -> str:
    more = _links(around, lambda each: f'<div class="mini"><a href="{path(each)}">{each.title}</a></div>')
    tags = "".join(f'<span class="chip">{each}</span>' for each in story.tags)
    text = "".join(f'<div class="para"><p>{escape(each)}</p></div>' for each in story.paragraphs)
    return f"""<!DOCTYPE html><html lang="vi"><head><title>{NAME}: {story.title}</title></head>
<body><div class="shell"><div class="topbar"><a href="/">{NAME}</a><span>Lượt truy cập {37412 + around[1]}</span></div>
<div class="grid-left"><div class="mini-list"><h5>Xem nhiều</h5>{more}</div></div>
<div class="grid-main"><div class="crumb"><a href="/">Trang nhất</a> / <a class="crumb-last" href="/muc/{story.number % 3}">{story.section}</a></div>
<div class="sheet"><div class="sheet-name">{story.title}</div><div class="sheet-lead">{story.lead}</div>
<div class="sheet-text">{text}<ol class="none"></ol><ul class="dots"><li>{story.points[0]}</li><li>{story.points[1]}</li></ul>
<div class="pic"><img src="/wp-content/uploads/{story.number}.jpg"><div class="pic-words">{story.caption}</div></div>
<div class="ask-box">Bạn thấy bài này có ích không? Xin để lại số điện thoại cho toà soạn.</div></div>
<div class="sheet-sign"><b class="writer">{story.author}</b> ({story.published:%H} giờ {story.published:%M} phút, ngày {story.published:%d/%m/%Y})</div>
<div class="chips">{tags}</div><div class="ref"><i>Số/ký hiệu</i> <b>{story.document}</b></div><div class="seen"><b>{story.views}</b> lượt</div></div></div></div></body></html>"""


PROFILE = """
[site]
name = "{name}"
title = "Tin làng ven sông"
home = "{url}/"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"

[crawl]
delay = 0
sitemaps = []
feeds = []

# The front page.
[[page]]
kind = "listing"
url = '^https?://[^/]+/$'
follow = ["h2.entry-title a"]

# Articles: the classic theme.
[[page]]
kind = "article"
url = '/\\d{{4}}/\\d\\d/[^/]+/$'
ignore = ["#comments", ".sharedaddy"]       # never content

[page.fields]
title = "h1.entry-title"
body = ".entry-content"
published = {{ css = "time.entry-date", attr = "datetime" }}
section = ".cat-links a"
tags = "a[rel=tag]"
bylines = ".author.vcard a"
summary = {{ meta = "og:description" }}
captions = {{ css = ".entry-content figcaption", cut = true }}
doc_number = {{ css = ".so-hieu", pattern = '(\\d+/[A-Z-]+)' }}

[page.readings]
views = {{ css = ".post-views", pattern = '(\\d[\\d.,]*)' }}
"""
