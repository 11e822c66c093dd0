"""`archiver search`: search every version of every page, and show the history of a phrase."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import typer

from archiver.app.reading.biography import Biography
from archiver.cli.context import OUTPUT, AsJson, SiteOption, reading
from archiver.errors import UsageError
from archiver.model.moments import MOMENTS
from archiver.store.search import PhraseSpan
from archiver.text.shown_address import shown_address

_NOTHING = "nothing found; --plain searches without accents, and `archiver stats` shows what the archive holds"


class SearchOrder(StrEnum):
    """The order of results."""

    NEWEST = "newest"
    RELEVANCE = "relevance"


def search(  # noqa: PLR0917  (typer calls it by keyword)
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORDS", help="Words that must all occur; a phrase in quotes: '\"a phrase\"'."),
    ],
    plain: Annotated[bool, typer.Option("--plain", help="Ignore accents, and treat đ as d.")] = False,
    site: SiteOption = None,
    since: Annotated[str | None, typer.Option("--since", help=f"Versions first seen then or later: {MOMENTS}.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Versions first seen then or earlier. A date includes the whole day.")
    ] = None,
    by: Annotated[
        SearchOrder, typer.Option("--by", help="Order: newest version first, or best match first.")
    ] = SearchOrder.NEWEST,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Maximum number of versions to show.")] = 20,
    biography: Annotated[
        bool,
        typer.Option(
            "--biography",
            help="The history of the words as one phrase: first seen, spread, last seen, removals.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Search the full text of every version of every page, including former ones."""
    typed = " ".join(words)
    if biography:
        if since or until or by is not SearchOrder.NEWEST:
            raise UsageError("--biography cannot be combined with --since, --until and --by; leave them out")
        _print_biography(typed, plain, site, limit, as_json)
        return
    with reading() as archive:
        rows = archive.search(typed, plain=plain, site=site, since=since, until=until, by=by.value, limit=limit)
    for row in rows:
        if as_json:
            OUTPUT.json(row)
        else:
            print_hit(row)
    if not rows:
        OUTPUT.say(_NOTHING)
    elif len(rows) == limit:
        OUTPUT.say(f"the first {limit}; --limit shows more")


def print_hit(row: dict[str, Any], *, site: str | None = None) -> None:
    """Print a version that was found, and of which site it is when several were searched."""
    until = f"to {row['seen_until']}" if row["seen_until"] else f"still there {row['seen_last']}"
    if row["moved_to"]:
        until = f"last seen {row['seen_last']}"
    of_site = "" if site is None else f"{site}  "
    OUTPUT.heading(f"{row['seen_from']}  {of_site}{row['title'] or '(no title)'}")
    OUTPUT.line(f"  {shown_address(row['url'])}  ({until})")
    if row["moved_to"]:
        OUTPUT.line(f"  the same document is now at {shown_address(row['moved_to'])}")
    OUTPUT.line(f"  {' '.join((row['context'] or '').split())}")


def _print_biography(typed: str, plain: bool, site: str | None, limit: int, as_json: bool) -> None:
    phrase = typed if '"' in typed else f'"{typed}"'
    with reading() as archive:
        found = archive.biography(phrase, plain=plain, site=site)
    if as_json:
        for spell in found.spells:
            OUTPUT.json(asdict(spell))
        OUTPUT.json({"kind": "summary", **found.as_json()})
    elif not found.spells:
        OUTPUT.say(_NOTHING)
    else:
        _print_spells(found, limit)


def _print_spells(found: Biography, limit: int) -> None:
    first, last = found.first, found.last
    assert first is not None  # noqa: S101  (there are spells)
    assert last is not None  # noqa: S101
    standing = len({spell.page_id for spell in found.standing})
    OUTPUT.heading(f"{found.phrase}: on {_pages(found.pages)}, still on {standing}")
    OUTPUT.line(f"first seen  {first.seen_from}  {_came(first)}")
    OUTPUT.line(f"  {first.title or '(no title)'}  {shown_address(first.url)}")
    OUTPUT.line(f"last seen    {last.seen_last}  {_went(last)}")
    OUTPUT.line(f"  {last.title or '(no title)'}  {shown_address(last.url)}")
    OUTPUT.heading("spread: pages where it first appeared, by month")
    OUTPUT.table(("month", "pages"), list(found.spread().items()), right=("pages",))
    ended = [spell for spell in found.spells if spell.went]
    OUTPUT.heading(
        f"ended on {_pages(len({spell.page_id for spell in ended}))}"
        + (f"; the newest {limit}" if len(ended) > limit else "")
    )
    newest = sorted(ended, key=lambda spell: spell.went_by or "", reverse=True)[:limit]
    OUTPUT.table(
        ("how", "between", "url", "diff of versions"),
        [(spell.went, _bracket(spell), shown_address(spell.url), _change(spell)) for spell in newest],
    )


def _pages(count: int) -> str:
    return f"{count} page" + ("" if count == 1 else "s")


def _came(spell: PhraseSpan) -> str:
    return {
        "published": "with the first version of its page",
        "edited": f"added by an edit, after {spell.came_after}",
        "returned": "with a page that came back",
    }[spell.came]


def _went(spell: PhraseSpan) -> str:
    return {
        None: "still there",
        "gone": f"gone with its page by {spell.went_by}",
        "moved": f"moved with its page by {spell.went_by}",
        "edited": f"removed by an edit by {spell.went_by}",
    }[spell.went]


def _bracket(spell: PhraseSpan) -> str:
    return f"{spell.seen_last} and {spell.went_by}"


def _change(spell: PhraseSpan) -> str:
    return "" if spell.dropped_by is None else f"{spell.version} {spell.version + 1}"
