"""What is added to captured pages that are exported as HTML files, the names of the files, and their index."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline' data:; font-src data:; "
    "form-action 'none'; base-uri 'none'"
)
_HEAD = (
    '<meta charset="utf-8">'
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    '<meta name="referrer" content="no-referrer">'
    '<meta http-equiv="x-dns-prefetch-control" content="off">'
)
_BANNER_STYLE = (
    "all:initial!important;position:fixed!important;right:8px!important;bottom:8px!important;z-index:2147483647!important;"
    "max-width:60vw!important;max-height:3em!important;overflow:hidden!important;padding:4px 8px!important;"
    "font:12px/1.4 sans-serif!important;color:#222!important;background:#fffbe6!important;"
    "border:1px solid #bbb!important;border-radius:3px!important;overflow-wrap:anywhere!important"
)
_INDEX_STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}td{padding:2px 12px 2px 0}"
    "td{vertical-align:top}td:first-child{white-space:nowrap;color:#555}small{color:#555;overflow-wrap:anywhere}"
)
_NOT_OF_NAMES = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class ExportedPage:
    """A page that is exported.

    Attributes:
        page_id: its number in the archive.
        url: its address; `shown`: the same with the letters that its escapes stand for.
        title: the title; "" without one.
        moment: when it was captured, UTC text.
        sha256: of the captured body, or of the browser's document, hex.
        browser: the browser that made the document; "" for the server's bytes.
    """

    page_id: int
    url: str
    shown: str
    title: str
    moment: str
    sha256: str
    browser: str = ""

    @property
    def file_name(self) -> str:
        """Return a name that is valid on every disk: the page's number and its title in plain letters."""
        decomposed = unicodedata.normalize("NFD", self.title[:500].lower().replace("đ", "d"))
        ascii_only = decomposed.encode("ascii", "ignore").decode("ascii")
        slug = _NOT_OF_NAMES.sub("-", ascii_only)[:_LONGEST_NAME].strip("-")
        return f"{self.page_id:06d}-{slug}.html" if slug else f"{self.page_id:06d}.html"


def head_of(page: ExportedPage, program: str) -> str:
    """Return what is written first into the head: the policy that forbids all requests and scripts, and a comment."""
    whose = f"document that {page.browser} made of it" if page.browser else "captured body"
    facts = f"Captured from {page.url} at {page.moment} UTC; SHA-256 of the {whose}: {page.sha256}"
    return f"{_HEAD}<!-- {_in_comment(facts)}. Made by {_in_comment(program)} from an archive; scripts are removed. -->"


def banner_of(page: ExportedPage) -> str:
    """Return a label in the lower right corner, out of the page's own flow."""
    address = (
        f'<a href="{escape(page.url)}" rel="noreferrer noopener" style="all:revert!important">{escape(page.shown)}</a>'
    )
    shown = f", as {escape(page.browser)} showed it" if page.browser else ""
    return f'<div style="{_BANNER_STYLE}">Archived copy of {address}, captured {page.moment} UTC{shown}</div>'


def index_of(heading: str, pages: Sequence[ExportedPage]) -> str:
    """Return the page that links to all others, newest capture first."""
    rows = "\n".join(map(_row, sorted(pages, key=lambda page: (page.moment, page.page_id), reverse=True)))
    return (
        f"<!DOCTYPE html>\n<html><head>{_HEAD}<title>{escape(heading)}</title>\n<style>{_INDEX_STYLE}</style></head>\n"
        f"<body><h1>{escape(heading)}</h1>\n<table>\n{rows}\n</table></body></html>\n"
    )


def _row(page: ExportedPage) -> str:
    link = f'<a href="{page.file_name}">{escape(page.title or page.shown)}</a><br><small>{escape(page.shown)}</small>'
    return f"<tr><td>{page.moment}</td><td>{link}</td></tr>"


def _in_comment(text: str) -> str:
    """Return text that cannot end a comment."""
    return text.replace("--", "-%2D").replace(">", "%3E")
