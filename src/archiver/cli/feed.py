"""`archiver feed`: an Atom feed of what happened, for a web server or a feed reader."""

from pathlib import Path
from typing import Annotated

import typer

from archiver.app.watching.feed import MOST_ENTRIES, FeedFile, FeedOptions, feed, write_feed
from archiver.app.watching.page_events import EVENT_KINDS, NATURES, EventFilter
from archiver.cli.context import OUTPUT, AsJson, reading, site_names
from archiver.errors import UsageError
from archiver.model.moments import MOMENTS, since_text
from archiver.text.clean import counted

_STDOUT = "-"


def write(
    sites: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SITE...]", help="Default: every site of the archive.", autocompletion=site_names),
    ] = None,
    *,
    page: Annotated[str | None, typer.Option("--page", metavar="URL", help="Only this page.")] = None,
    field: Annotated[
        list[str] | None,
        typer.Option("--field", help="Only edits of this field, and redesigns that change it; may be repeated."),
    ] = None,
    nature: Annotated[
        list[str] | None,
        typer.Option(
            "--nature", help=f"Only edits of this kind: {', '.join(NATURES)}; default: all but typography. Repeatable."
        ),
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help=f"{', '.join(EVENT_KINDS)}; may be repeated.")
    ] = None,
    search: Annotated[
        str | None,
        typer.Option("--search", metavar="WORDS", help="Only pages with these words before or after, as in `search`."),
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="--search ignores accents, and d finds đ.")] = False,
    important: Annotated[bool, typer.Option("--important", help="Only events that are marked as important.")] = False,
    since: Annotated[str | None, typer.Option("--since", help=f"Found then or later: {MOMENTS}.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="The most entries, the newest.")] = MOST_ENTRIES,
    base: Annotated[
        str, typer.Option("--base", metavar="URL", help="The address of the web interface, for links to comparisons.")
    ] = "",
    self_url: Annotated[str, typer.Option("--self", metavar="URL", help="The address at which the feed will be.")] = "",
    include_embargoed: Annotated[
        bool,
        typer.Option("--include-embargoed", help="Also events of pages under an embargo."),
    ] = False,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="The file to write or replace; - is stdout.")
    ] = _STDOUT,
    as_json: AsJson = False,
) -> None:
    """Write an Atom feed of what happened, with the changed words, newest first."""
    if as_json and output == _STDOUT:
        raise UsageError("-: --json cannot share stdout with the feed: name a file with --output")
    options = FeedOptions(limit, base, self_url)
    with reading() as archive:
        wanted = EventFilter(
            tuple(sites or ()),
            page,
            tuple(kind or ()),
            tuple(field or ()),
            tuple(nature or ()),
            words=search,
            plain=plain,
            since=None if since is None else since_text(since, archive.settings.clock()),
            without=() if include_embargoed else archive.embargoed_pages(),
            marked=("important",) if important else (),
        )
        _say_embargo(archive.store.embargoes.count(wanted.without))
        if output == _STDOUT:
            for piece in feed(archive.store, wanted, options):
                OUTPUT.bytes(piece.encode())
            return
        done = write_feed(archive.store, wanted, options, Path(output))
    _print(done, as_json=as_json)


def _print(done: FeedFile, *, as_json: bool) -> None:
    if as_json:
        OUTPUT.json(done.as_json())
    else:
        unchanged = "" if done.is_new else ", unchanged"
        OUTPUT.line(
            f"{done.path}: {done.entries} {'entry' if done.entries == 1 else 'entries'}, {done.bytes} bytes{unchanged}"
        )


def _say_embargo(pages: int) -> None:
    if pages:
        OUTPUT.say(f"events of {counted(pages, 'page')} under an embargo are left out; --include-embargoed writes them")
