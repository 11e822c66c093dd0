"""Pages and profiles for the tests of reading: small ones, in the manner of Vietnamese portals."""

from datetime import UTC, datetime

from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.profile import Profile
from archiver.model.record import Record

URL = "http://portal.example/tintuc/post.aspx?ItemID=1"
SITE = """
[site]
name = "portal"
title = "Cổng thông tin"
home = "http://portal.example/"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
"""
ARTICLE = '\n[[page]]\nkind = "article"\n'


def capture(
    page: str | bytes, *, url: str = URL, content_type: str | None = "text/html; charset=utf-8", day: str = "2022-10-22"
) -> Capture:
    body = page.encode() if isinstance(page, str) else page
    headers = ((b"Content-Type", content_type.encode()),) if content_type else ()
    return Capture(
        request=Request(url),
        visited_at=datetime.fromisoformat(day).replace(tzinfo=UTC),
        outcome=Outcome.OK,
        status=200,
        headers=headers,
        body=body,
    )


def profile(rules: str) -> Profile:
    """A profile with the tables given after `[site]`."""
    return parse_profile(SITE + rules, "portal.toml")


def article(page: str | bytes, rules: str, *, kind: str = "", links: bool = True, **asked: str) -> Record:
    """A page read by one `[[page]]` table: its own keys (`kind`), and its `[page.fields]` and so on (`rules`)."""
    return read(capture(page, **asked), profile(ARTICLE + kind + "\n" + rules), links=links)


def fields(page: str, rules: str, *, kind: str = "") -> Record:
    """A page read by some rules of `[page.fields]`, and nothing else (no fallback)."""
    return article(page, "[page.fields]\n" + rules, kind=f"fallback = false\n{kind}")
