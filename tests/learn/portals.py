"""Made-up portals: a town and a bulletin with two templates at once, a journal with hashed names, a paper with two titles."""

from dataclasses import replace
from datetime import UTC, datetime

from archiver.learn.samples import SamplePage
from archiver.model.capture import Capture, Outcome, Request

TOWN, JOURNAL, PAPER = "http://town.example", "http://journal.example", "http://paper.example"
BULLETIN = "http://bulletin.example"
SECTIONS = ("news", "culture", "sport", "schools")
TOPICS = (
    "The old bridge over the river opens again in April",
    "A new library begins to lend tools and seeds",
    "Two clubs share the pitch behind the mill",
    "The school garden feeds the whole kitchen",
    "Ferries run later on the evenings of the fair",
    "The market moves to the square by the church",
)
_SENTENCES = (
    "People who live near number {n} said that they had waited a long time for this, and some had counted the days.",
    "The council of ward {n} met twice about it, read the letters aloud, and then voted with one voice against.",
    "Workers carried beams and tools up the hill for {n} weeks before anything could be seen from the road below.",
    "Nobody could say what the whole of it costs, but the first {n} thousand were paid from the fund for repairs.",
    "In the end the mayor thanked the {n} neighbours who had lent their gardens, their keys and their patience.",
)


def sample(url: str, html: str) -> SamplePage:
    """Return a page as a sample."""
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    body = html.encode()
    return SamplePage(
        Capture(Request(url), datetime(2024, 5, 1, tzinfo=UTC), Outcome.OK, 200, headers=headers, body=body)
    )


def paragraphs(number: int) -> list[str]:
    """Return the text of an article: each has numbers of its own."""
    return [f"{TOPICS[number]}. " + each.format(n=100 + 7 * number + place) for place, each in enumerate(_SENTENCES)]


def address(number: int, portal: str = TOWN) -> str:
    """Return the address of an article."""
    slug = TOPICS[number].lower().replace(" ", "-")
    return f"{portal}/{SECTIONS[number % 4]}/{slug}-{51000 + 37 * number}.html"


def _menu(portal: str) -> str:
    links = "".join(f'<li><a href="{portal}/{each}/">{each.title()}</a></li>' for each in SECTIONS)
    return f'<nav class="menu"><ul>{links}<li><a href="{portal}/about/">About us</a></li></ul></nav>'


def _related(number: int, portal: str) -> str:
    others = [other for other in range(len(TOPICS)) if other != number][:3]
    items = "".join(
        f'<li class="see-item"><a href="{address(other, portal)}">{TOPICS[other]}</a> <p>{paragraphs(other)[0]}</p></li>'
        for other in others
    )
    return f'<div class="see-too"><h3>Read this, too</h3><ul>{items}</ul></div>'


def _head(number: int, name: str, said: str = "") -> str:
    declared = f'{{"@type":"NewsArticle","headline":"{TOPICS[number]}","datePublished":"2024-03-{number + 10}T08:30:00+07:00"}}'
    return (
        f'<html lang="en"><head><title>{TOPICS[number]} | {name}</title>'
        f'<meta property="og:title" content="{said or f"{TOPICS[number]} | {name}"}"><meta property="og:site_name" content="{name}">'
        f'<meta property="og:type" content="article"><script type="application/ld+json">{declared}</script></head>'
    )


def town(number: int, *, is_new: bool = False, views: int = 1204) -> SamplePage:
    """Return an article of the town, in its old template or in its new one."""
    text = [f"<p>{each}</p>" for each in paragraphs(number)]
    if is_new:
        inner = (
            f'<main class="page-main"><header class="story-head"><h1 class="story-title">{TOPICS[number]}</h1></header>'
            f'<section class="story-text">{"".join(text[:2])}{_related(number, TOWN)}{"".join(text[2:])}'
            f'<figure><img src="/{number}.jpg"><figcaption>Photo {number} of the town hall</figcaption></figure>'
            f"</section></main>"
        )
    else:
        inner = (
            f'<div id="wrap"><div class="box"><h2 class="headline">{TOPICS[number]}</h2><div class="copy"><p class="seen">{views:,} readers</p>'
            f"{''.join(text[:3])}{_related(number, TOWN)}{''.join(text[3:])}"
            f'<div class="share-row">Share this story with a friend by mail</div></div></div></div>'
        )
    return sample(
        address(number), f"{_head(number, 'Town')}<body>{_menu(TOWN)}{inner}<footer>Town, 2024</footer></body></html>"
    )


def town_home() -> SamplePage:
    """Return the home page of the town."""
    items = "".join(f'<li><a href="{address(each)}">{TOPICS[each]}</a></li>' for each in range(len(TOPICS)))
    return sample(
        f"{TOWN}/", f'<html lang="en"><title>Town</title><body>{_menu(TOWN)}<ul class="all">{items}</ul></body></html>'
    )


def journal(number: int, build: str = "x3kQ9") -> SamplePage:
    """Return an article of the journal, whose class names contain a hash that differs at each build."""
    text = "".join(f'<p class="css-{build}{place}">{each}</p>' for place, each in enumerate(paragraphs(number)))
    inner = (
        f'<div class="css-{build} sc-bdVaJa"><h1 class="css-9{build}">{TOPICS[number]}</h1>'
        f'<div class="Story_lead__{build}">{TOPICS[number]}: a short account for those in a hurry.</div>'
        f'<article class="css-{build}b"><div class="Story_text__{build}">{text}</div></article></div>'
    )
    return sample(address(number, JOURNAL), f"{_head(number, 'Journal')}<body>{_menu(JOURNAL)}{inner}</body></html>")


def paper(number: int, *, is_same: bool = False) -> SamplePage:
    """Return an article of the paper, whose printed headline is shorter than the one that it declares."""
    text = "".join(f"<p>{each}</p>" for each in paragraphs(number))
    said = TOPICS[number] if is_same else f"Exclusive: {TOPICS[number].lower()}"
    inner = (
        f'<main><div class="story"><h1 class="story-head">{TOPICS[number]}</h1>'
        f'<div class="story-body">{text}</div></div></main>'
    )
    return sample(address(number, PAPER), f"{_head(number, 'Paper', said)}<body>{_menu(PAPER)}{inner}</body></html>")


def bulletin(number: int, *, is_new: bool = False, changed: str = "") -> SamplePage:
    """Return an article of the bulletin: the class of the text in its old template is that of a note in its new one."""
    text = "".join(f"<p>{each}</p>" for each in paragraphs(number))
    day = f"Published on {number + 10} March 2024"
    if is_new:
        inner = (
            f'<main class="sheet"><h1 class="sheet-head">{TOPICS[number]}</h1><p class="sheet-day">{day}</p>'
            f'<div class="sheet-text">{text}</div><div class="leaf"><div class="copy">Write to us about number {number}.</div></div></main>'
        )
    else:
        changed = f'<p class="changed">Updated on {changed}</p>' if changed else ""
        inner = (
            f'<div class="leaf"><h1 class="leaf-head">{TOPICS[number]}</h1><p class="leaf-day">{day}</p>{changed}'
            f'<div class="copy">{text}<div class="nearby"><a href="/near/{number}">Nearby in ward {number}</a></div>'
            "</div></div>"
        )
    html = f'<html lang="en"><head><title>{TOPICS[number]}</title></head><body>{_menu(BULLETIN)}{inner}</body></html>'
    return sample(address(number, BULLETIN), html)


def bulletin_list(page: int) -> SamplePage:
    """Return a listing of the bulletin with a link to its next page."""
    items = "".join(
        f'<li><a class="item" href="{address(each, BULLETIN)}">{TOPICS[each]}</a></li>' for each in range(len(TOPICS))
    )
    html = (
        f'<html lang="en"><title>News</title><body>{_menu(BULLETIN)}<ul class="all">{items}</ul>'
        f'<div class="pages"><a class="on" href="/news/?page={page + 1}">Next</a></div></body></html>'
    )
    return replace(sample(f"{BULLETIN}/news/?page={page}", html), is_listing=True)
