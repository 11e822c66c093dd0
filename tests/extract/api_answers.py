"""Answers of APIs in several manners, written for the tests, with the tables that read them."""

import json
from datetime import UTC, datetime
from typing import Any

from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.profile import Profile
from archiver.model.record import Record

HOME = "https://www.portal.example/"
SITE = f"""
[site]
name = "portal"
home = "{HOME}"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
"""
LIST = HOME + "api/news?page=1"
ONE = HOME + "api/news/5"
TABLES = r"""
[[page]]
kind = "api"
url = '/api/news\?page='
items = "data.items"
headline = "title"
follow = ["/api/news/{id}"]
next = { query = "page" }

[[page]]
kind = "api"
url = '/api/news/\d+$'
address = "/tin/{data.slug}"
gone = { json = "error" }
[page.fields]
title = "data.title"
published = "data.published"
summary = { json = "data.lead", type = "html" }
body = "data.content"
tags = "data.tags[*].name"
bylines = "data.authors[*].name"
[page.readings]
views = "data.views"
"""
ARTICLE = {
    "data": {
        "id": 5,
        "title": "Họp báo &amp; công bố",
        "slug": "hop-bao",
        "published": "2026-03-04T08:00:00+07:00",
        "lead": "<p>Sáng nay <b>họp</b>.</p>",
        "content": "<p>Đoạn một.</p><p>Đoạn hai, <a href='/tep/qd.pdf'>quyết định</a>.</p>"
        "<figure><img src='/anh/1.jpg'><figcaption>Toàn cảnh</figcaption></figure>",
        "tags": [{"name": "kinh tế"}, {"name": "xã hội"}],
        "authors": [{"name": "Ngọc Lan"}],
        "views": 1234,
    }
}


def profile_of(tables: str, site: str = SITE) -> Profile:
    """Return a profile with these tables."""
    return parse_profile(site + tables, "portal.toml")


def answered(url: str, value: Any, media_type: str = "application/json") -> Capture:
    """Return a capture of an answer: bytes, a text, or a value that is written as JSON."""
    text = value if isinstance(value, bytes | str) else json.dumps(value, ensure_ascii=False)
    return Capture(
        request=Request(url),
        visited_at=datetime(2026, 5, 1, tzinfo=UTC),
        outcome=Outcome.OK,
        status=200,
        head=b"HTTP/1.1 200 OK\r\n\r\n",
        headers=((b"Content-Type", media_type.encode()),),
        body=text.encode() if isinstance(text, str) else text,
    )


def record_of(url: str, value: Any, tables: str = TABLES, media_type: str = "application/json") -> Record:
    """Return the record of an answer."""
    return read(answered(url, value, media_type), profile_of(tables))


def with_data(**changed: Any) -> dict[str, Any]:
    """Return the article with other members."""
    return {"data": ARTICLE["data"] | changed}
