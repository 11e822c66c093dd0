"""The pages of small portals, made from their numbers: what a server sends, and what an archive must have read."""

import random
from typing import NamedTuple

_WORDS = (
    "river bridge school market council garden library street winter harvest office road water light museum theatre "
    "village forest station hospital evening morning meeting report budget plan work opening visit project"
).split()
EDITED = 3
"""Every third page has another text in each edition."""
KILLER = "this page kills its reader"
HANGER = "this page hangs its reader"


class PageText(NamedTuple):
    """What is to be read of a page."""

    title: str
    body: str


def path_of(number: int) -> str:
    """Return the path of a page, which is counted from 1; 0 is the home page, a listing of all."""
    return f"/page/{number}" if number else "/"


def page_text(portal: str, number: int, edition: int = 1, poison: str = "") -> PageText:
    """Return the title and the text of a page in an edition, which is counted from 1. `poison`: a sentence in it."""
    chance = random.Random(f"{portal}/{number}/{edition if number % EDITED == 0 else 1}")
    sentences = [f"{' '.join(chance.choices(_WORDS, k=12)).capitalize()}." for _ in range(4)]
    return PageText(f"{portal}, page {number}", " ".join([*sentences, *filter(None, [poison])]))


def page_html(portal: str, number: int, pages: int, edition: int = 1, poison: str = "") -> bytes:
    """Return a page as it is sent; it links to the next. `pages`: how many the portal has."""
    if not number:
        links = "".join(f'<li><a class=page href="{path_of(each)}">Page {each}</a>' for each in range(1, pages + 1))
        return f"<!doctype html><title>{portal}</title><h1>{portal}</h1><ul>{links}</ul>".encode()
    text = page_text(portal, number, edition, poison)
    following = path_of(number % pages + 1)
    return (
        f"<!doctype html><title>{text.title}</title><h1>{text.title}</h1><div class=body><p>{text.body}</p></div>"
        f'<p><a href="{following}">Next</a></p>'
    ).encode()


def profile_text(portal: str, home: str, delay: float, server: str = "", more: str = "") -> str:
    """Return the profile of a portal. `server`: the name of the group that it shares; `more`: lines of [crawl]."""
    group = f'server = "{server}"\n' if server else ""
    return f"""[site]
name = "{portal}"
title = "Portal {portal}"
home = "{home}"
language = "en"
timezone = "UTC"

[crawl]
delay = {delay}
connections = 1
sitemaps = []
feeds = []
revisit = {{ min = "1h", max = "30d" }}
{group}{more}
[[page]]
kind = "listing"
url = '^https?://[^/]+/$'
follow = ["a.page"]

[[page]]
kind = "article"
url = '/page/[0-9]+$'

[page.fields]
title = "h1"
body = "div.body"
"""
