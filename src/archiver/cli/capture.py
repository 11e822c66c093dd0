"""`archiver capture`: visit addresses now, store the captures, and print the records."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Annotated, NamedTuple

import typer

from archiver.app.archive import Archive
from archiver.app.reading.state import PageState
from archiver.cli.context import (
    ACCEPT_CERTIFICATE,
    INTERRUPTED,
    OUTPUT,
    AsJson,
    Insecure,
    MaxBytes,
    site_names,
    writing,
)
from archiver.cli.crawl import requisites_line
from archiver.cli.export_web import size_in_bytes
from archiver.cli.pages import print_state, reading_lines
from archiver.errors import ArchiveError, ArchiverError, ProfileError, UsageError
from archiver.extract.shell import SHELL
from archiver.model.event import Event, Noticed
from archiver.model.outcome import Cause, Outcome
from archiver.text.clean import counted

_STDIN = "-"
SHORT = 1200
"""How many characters of a body are printed without --full."""


_IN_BROWSER = "`--render` opens it in a browser, and `archiver site learn` makes a profile for such pages"


class _Typed(NamedTuple):
    """An address as typed, and where: the line of stdin; "" for an argument."""

    url: str
    place: str = ""


class _Options(NamedTuple):
    site: str | None
    files: bool
    requisites: bool
    max_bytes: int | None
    insecure: bool
    render: bool
    as_json: bool
    full: bool


def capture(
    urls: Annotated[
        list[str],
        typer.Argument(metavar="URL...", help="Addresses of pages; - reads them from stdin, one a line (# comments)."),
    ],
    *,
    site: Annotated[
        str | None,
        typer.Option(
            "--site",
            help="Profile to use; default: the one whose scope has the address.",
            autocompletion=site_names,
        ),
    ] = None,
    files: Annotated[
        bool,
        typer.Option("--files", help="Also capture the files that the page links to (PDF, office, …)."),
    ] = False,
    requisites: Annotated[
        bool,
        typer.Option("--page-requisites", help="Also capture what a browser needs to show the page: images, styles."),
    ] = False,
    render: Annotated[
        bool,
        typer.Option(
            "--render", help="Also open the page in Chromium; keep its document, a screenshot and its requests."
        ),
    ] = False,
    max_bytes: MaxBytes = None,
    insecure: Insecure = False,
    full: Annotated[
        bool, typer.Option("--full", help=f"Print whole bodies; without it, {SHORT} characters of a longer one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Visit pages once, store the exact responses, read them, and print the records."""
    most = size_in_bytes(max_bytes) if max_bytes else None
    options = _Options(site, files, requisites, most, insecure, render, as_json, full)
    is_only = len(urls) == 1 and urls[0] != _STDIN
    done: list[bool] = []
    try:
        with writing() as archive, archive.one_browser():
            done.extend(_capture(archive, typed, options, is_only=is_only) for typed in _addresses(urls))
    except KeyboardInterrupt:
        OUTPUT.failure(f"interrupted; what was captured is stored: {counted(len(done), 'page')} of this command")
        raise typer.Exit(INTERRUPTED) from None
    if not done:
        raise UsageError("no addresses on stdin; give one a line")
    raise typer.Exit(0 if all(done) else 1)


def _addresses(urls: Iterable[str]) -> Iterator[_Typed]:
    """Yield the addresses; `-` is each line of stdin that is neither empty nor a comment, as soon as it is there."""
    for url in urls:
        if url != _STDIN:
            yield _Typed(url)
            continue
        for number, line in enumerate(sys.stdin.buffer, start=1):
            text = line.decode("utf-8", "replace").removeprefix("\ufeff").strip()
            if text and not text.startswith("#"):
                yield _Typed(text, f"stdin:{number}: ")


def _capture(archive: Archive, typed: _Typed, options: _Options, *, is_only: bool) -> bool:
    """Capture one address and print it; return whether it was fetched and read.

    A wrong address ends the command only when there is no other.
    """
    try:
        with OUTPUT.progress() as bar:
            bar.show(f"fetching {typed.url}", 0, None)
            captured = archive.capture(
                typed.url,
                site=options.site,
                files=options.files,
                requisites=options.requisites,
                max_bytes=options.max_bytes,
                insecure=options.insecure,
                render=options.render,
                listen=_show_notice,
            )
    except (ArchiveError, ProfileError):
        raise
    except ArchiverError as error:
        if is_only:
            raise
        OUTPUT.failure(f"{typed.place}{error}")
        return False
    succeeded = True
    for state in (captured.state, *captured.files):
        _print(state, options)
        is_read = Outcome(state.outcome).is_presence and state.cause != Cause.READER_FAILED
        if not is_read and typed.place:
            OUTPUT.failure(f"{typed.place}{state.url}: {state.outcome}")
        succeeded = succeeded and is_read
    if options.files and Outcome(captured.state.outcome).is_presence:
        count = sum(Outcome(each.outcome).is_presence for each in captured.files)
        OUTPUT.say(f"{typed.url}: {_files_line(count, len(captured.files))}")
    if captured.requisites is not None:
        line = requisites_line(asdict(captured.requisites))
        OUTPUT.say(f"{typed.url}: {line or 'no requisites to fetch'}")
    return succeeded


def _files_line(captured: int, linked: int) -> str:
    """Return how many files were captured of those that a page links to."""
    if not linked:
        return "no files linked"
    files = counted(linked, "file")
    return f"{captured} of {files} captured" if captured < linked else f"{files} captured"


def _show_notice(event: Event) -> None:
    if isinstance(event, Noticed):
        OUTPUT.say(event.line)


def _print(state: PageState, options: _Options) -> None:
    if options.as_json:
        OUTPUT.json(state.as_json())
    else:
        print_state(state, None if options.full else SHORT)
        for line in reading_lines(state):
            OUTPUT.line(line)
    if state.outcome == Outcome.TOO_BIG:
        OUTPUT.say(f"{state.url}: `--max-bytes 100MB` keeps larger bodies; a profile: max_bytes in [crawl]")
    elif SHELL in (state.note or ""):
        OUTPUT.say(f"{state.url}: {SHELL}; {_IN_BROWSER}")
    elif state.outcome == Outcome.TLS_ERROR:
        OUTPUT.say(f"{state.url}: {ACCEPT_CERTIFICATE}")
