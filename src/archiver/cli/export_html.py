"""`archiver export html`: captured pages as HTML files that need nothing else."""

import time
from pathlib import Path
from typing import Annotated

import typer

from archiver.app.exporting.html_out import HtmlExport, export_html_page, export_html_site
from archiver.app.reading.page import Page
from archiver.cli.context import OUTPUT, AsJson, SiteOption, reading
from archiver.cli.export import Force, IncludeEmbargoed, ended_by_signals, listener, warn_of_embargo
from archiver.cli.export_web import size_in_bytes
from archiver.cli.output import human_bytes
from archiver.errors import NoSuchVersion, UsageError
from archiver.export.endings import STDOUT, checked_ending, ending_of
from archiver.export.through_file import through_file
from archiver.model.moments import MOMENTS
from archiver.store.archive import Store
from archiver.text.clean import counted

_DEST = "With --page a file, NAME.html (- is stdout); else a folder for the pages of a site."
_MOST_TOLD = 10


def html(
    dest: Annotated[str, typer.Argument(metavar="DEST", help=_DEST)],
    *,
    page: Annotated[str | None, typer.Option("--page", help="Only this page, by its address or permalink.")] = None,
    site: SiteOption = None,
    at: Annotated[
        str | None, typer.Option("--at", help=f"Pages as they were at a moment: {MOMENTS}. A date means its end.")
    ] = None,
    max_bytes: Annotated[
        str, typer.Option("--max-bytes", help="Size of a file; images for which there is no room are left out.")
    ] = "20MB",
    force: Force = False,
    include_embargoed: IncludeEmbargoed = False,
    as_json: AsJson = False,
) -> None:
    """Write pages as HTML files with their images, style sheets and fonts in them, and without scripts."""
    _check(dest, page, site, as_json=as_json)
    most, started = size_in_bytes(max_bytes), time.monotonic()
    with ended_by_signals(), reading() as archive, OUTPUT.progress() as bar:
        without = () if include_embargoed else archive.embargoed_pages()
        if page is None:
            done = export_html_site(
                archive.store,
                archive.settings,
                Path(dest),
                site,
                at,
                without=without,
                most_bytes=most,
                force=force,
                listen=listener(bar),
            )
        else:
            found = archive.page(page)
            if found.page_id in without:
                raise NoSuchVersion(f"{found.url}: under an embargo; --include-embargoed exports it")
            done = _export_page(archive.store, found, dest, at, most=most, force=force)
    if as_json:
        OUTPUT.json({**done.as_json(), "seconds": round(time.monotonic() - started, 3)})
    elif dest != STDOUT:
        _print(done, dest)
    warn_of_embargo(done.embargoed, "page")


def _check(dest: str, page: str | None, site: str | None, *, as_json: bool) -> None:
    """Check that the destination fits the options.

    Raises:
        UsageError: it does not.
    """
    if page is not None and site is not None:
        raise UsageError("--page and --site cannot be combined; a page is of one site")
    if dest == STDOUT and as_json:
        raise UsageError("-: --json cannot share stdout with the page: name a file")
    if page is not None and dest != STDOUT:
        checked_ending(dest, ("html", "htm"), "export html")
    if page is None and not Path(dest).is_dir() and (dest == STDOUT or ending_of(dest)):
        raise UsageError(f"{dest}: which page? add --page URL, or name a folder for all pages of the sites")


def _export_page(store: Store, page: Page, dest: str, at: str | None, *, most: int, force: bool) -> HtmlExport:
    """Write a page to a file, or to stdout."""
    if dest != STDOUT:
        return export_html_page(store, page, Path(dest), at, most_bytes=most, force=force)
    return through_file(
        "page.html", lambda path: export_html_page(store, page, path, at, most_bytes=most), OUTPUT.bytes
    )


def _print(done: HtmlExport, dest: str) -> None:
    size = human_bytes(sum(each.bytes for each in done.files))
    OUTPUT.line(f"{dest}: {counted(done.pages, 'page')}, {size}")
    if done.missing:
        OUTPUT.say(f"{counted(done.missing, 'requisite')} left out that the archive does not have")
    if done.over:
        OUTPUT.say(f"{counted(done.over, 'requisite')} left out for lack of room; --max-bytes gives more")
    for url, why in list(done.skipped.items())[:_MOST_TOLD]:
        OUTPUT.say(f"{url}: left out: {why}")
    if len(done.skipped) > _MOST_TOLD:
        OUTPUT.say(f"and {len(done.skipped) - _MOST_TOLD} others; --json lists them")
