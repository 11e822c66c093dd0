"""`archiver capture`: visit addresses now, store the captures, and print the records."""

from dataclasses import asdict
from typing import Annotated

import typer

from archiver.app.reading.state import PageState
from archiver.cli.context import OUTPUT, AsJson, site_names, writing
from archiver.cli.crawl import requisites_line
from archiver.cli.pages import print_state
from archiver.errors import ArchiveError, ArchiverError, ProfileError
from archiver.model.event import Event, Noticed
from archiver.model.outcome import Cause, Outcome


def capture(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Addresses of pages.")],
    site: Annotated[
        str | None,
        typer.Option(
            "--site",
            help="Profile to use; default: the one whose scope has the address.",
            autocompletion=site_names,
        ),
    ] = None,
    files: Annotated[bool, typer.Option("--files", help="Also capture the files that the page links to.")] = False,
    requisites: Annotated[
        bool,
        typer.Option("--page-requisites", help="Also capture what a browser needs to show the page: images, styles."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Visit pages once, store the exact responses, read them, and print the records."""
    failed = False
    with writing() as archive:
        for url in urls:
            try:
                captured = archive.capture(url, site=site, files=files, requisites=requisites, listen=_show_notice)
            except (ArchiveError, ProfileError):
                raise
            except ArchiverError as error:
                if len(urls) == 1:
                    raise
                OUTPUT.failure(str(error))
                failed = True
                continue
            for state in (captured.state, *captured.files):
                _print(state, as_json)
                failed = failed or not Outcome(state.outcome).is_presence or state.cause == Cause.READER_FAILED
            if captured.requisites is not None:
                line = requisites_line(asdict(captured.requisites))
                OUTPUT.say(f"{url}: {line or 'no requisites to fetch'}")
    raise typer.Exit(1 if failed else 0)


def _show_notice(event: Event) -> None:
    if isinstance(event, Noticed):
        OUTPUT.say(event.line)


def _print(state: PageState, as_json: bool) -> None:
    if as_json:
        OUTPUT.json(state.as_json())
    else:
        print_state(state)
