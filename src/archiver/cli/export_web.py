"""`archiver export warc`, `wacz`, `timemap`: export captures for web archives."""

import json
import re
import time
from pathlib import Path
from typing import Annotated

import typer

from archiver.app.exporting.wacz_out import WaczOptions, export_wacz
from archiver.app.exporting.warc_out import WarcExport, export_warc
from archiver.app.exporting.warc_target import GIGABYTE, WarcOptions
from archiver.app.reading.questions import ArchiveReader
from archiver.cli.context import OUTPUT, AsJson, SiteOption, Url, reading
from archiver.cli.export import IncludeEmbargoed, ended_by_signals, listener, refuse_terminal, warn_of_embargo
from archiver.cli.output import human_bytes
from archiver.errors import NoSuchVersion, UsageError
from archiver.export.endings import STDOUT, checked_ending
from archiver.export.through_file import through_file
from archiver.export.timemap import timemap as links
from archiver.export.wacz_sign import can_sign, wacz_signer
from archiver.export.whole import pending
from archiver.model.clock import instant
from archiver.model.event import Listener
from archiver.model.moments import MOMENTS
from archiver.store.history import VisitRow
from archiver.text.clean import counted
from archiver.text.permalink import permalink

_SIZES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}

Dest = Annotated[
    str, typer.Argument(metavar="DEST", help="A folder, or one file: NAME.warc.gz or NAME.warc; - is stdout.")
]
Since = Annotated[str | None, typer.Option("--since", help=f"Visited then or later: {MOMENTS}.")]
Until = Annotated[str | None, typer.Option("--until", help="Visited then or earlier. A date includes the whole day.")]
Pages = Annotated[list[str] | None, typer.Option("--page", help="Only this page; may be repeated.")]
ChangedOnly = Annotated[bool, typer.Option("--changed-only", help="Only captures that made a version.")]
SinceLast = Annotated[
    bool, typer.Option("--since-last", help="Only captures after the last such export into this folder.")
]


def warc(
    dest: Dest,
    *,
    site: SiteOption = None,
    since: Since = None,
    until: Until = None,
    page: Pages = None,
    changed_only: ChangedOnly = False,
    since_last: SinceLast = False,
    records: Annotated[
        bool, typer.Option("--records", help="Also write a conversion record (JSON) for each version.")
    ] = False,
    cdxj: Annotated[bool, typer.Option("--cdxj", help="Write an index into the folder: index.cdxj.")] = False,
    size: Annotated[
        str | None,
        typer.Option("--size", help="Start a new file after this size: 100MB [in a folder: 1GB]."),
    ] = None,
    prefix: Annotated[str, typer.Option("--prefix", help="First part of the names of files in a folder.")] = "archiver",
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file, or write beside those of an earlier export.")
    ] = False,
    include_embargoed: IncludeEmbargoed = False,
    as_json: AsJson = False,
) -> None:
    """Write WARC 1.1: request, response or revisit, and metadata of each capture, one gzip member each."""
    wanted = WarcOptions(
        site,
        since,
        until,
        tuple(page or ()),
        changed_only,
        since_last,
        records,
        size_in_bytes(size) if size is not None else None,
        _prefix(prefix),
        cdxj,
        force,
        include_embargoed,
    )
    if dest == STDOUT:
        refuse_terminal()
        if as_json:
            raise UsageError("-: --json cannot share stdout with the WARC file: name a file")
    started = time.monotonic()
    message = "interrupted; complete files were kept"
    with ended_by_signals(message), reading() as archive, OUTPUT.progress() as bar:
        write = OUTPUT.bytes if dest == STDOUT else None
        done = export_warc(archive.store, archive.settings, Path(dest), wanted, listener(bar), write=write)
    if as_json:
        OUTPUT.json({**done.as_json(), "seconds": round(time.monotonic() - started, 3)})
        return
    for each in done.files if write is None else ():
        OUTPUT.line(f"{each.path}: {each.records} records, {human_bytes(each.bytes)}")
    made = f", {counted(done.renditions, 'rendition')}" if done.renditions else ""
    answers = f"{counted(done.responses, 'response')}, {counted(done.revisits, 'revisit')}{made}"
    OUTPUT.say(f"{answers}; {counted(done.silent, 'visit')} without bytes")
    _left_out(done)


def _left_out(done: WarcExport) -> None:
    """Say what is not in the files, and why."""
    for count, why in ((done.pruned, "their bytes were pruned"), (done.redacted, "redacted")):
        if count:
            OUTPUT.say(f"{counted(count, 'capture')} {'is' if count == 1 else 'are'} left out: {why}")
    warn_of_embargo(done.embargoed, "capture")


def wacz(
    dest: Annotated[str, typer.Argument(metavar="FILE", help="NAME.wacz; - is stdout.")],
    *,
    site: SiteOption = None,
    since: Since = None,
    until: Until = None,
    page: Pages = None,
    changed_only: ChangedOnly = False,
    since_last: Annotated[
        bool, typer.Option("--since-last", help="Only captures after the last such package in the same folder.")
    ] = False,
    text: Annotated[bool, typer.Option("--text", help="Include the bodies as text, for the viewer's search.")] = False,
    sign: Annotated[
        bool | None,
        typer.Option("--sign/--no-sign", help="Sign it [if the package cryptography is installed]."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="Sign with this key (ECDSA P-384, PEM) instead of a new one.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a package that exists.")] = False,
    include_embargoed: IncludeEmbargoed = False,
    as_json: AsJson = False,
) -> None:
    """Write WACZ 1.1.1: WARC files, their index and a list of pages in one file, for replay viewers."""
    pages = tuple(page or ())
    wanted = WarcOptions(site, since, until, pages, changed_only, since_last, include_embargoed=include_embargoed)
    options = WaczOptions(text, force, wacz_signer(key) if sign or key or (sign is None and can_sign()) else None)
    started = time.monotonic()
    with ended_by_signals(), reading() as archive, OUTPUT.progress() as bar:
        if dest == STDOUT:
            if as_json or since_last:
                raise UsageError(f"-: {'--json' if as_json else '--since-last'} needs a file: name it NAME.wacz")
            _wacz_to_stdout(archive, wanted, options, listener(bar))
            return
        done = export_wacz(archive.store, archive.settings, Path(dest), wanted, options, listener(bar))
    if as_json:
        OUTPUT.json({**done.as_json(), "seconds": round(time.monotonic() - started, 3)})
        return
    if done.path is None:
        OUTPUT.line("no captures since the last package; none was written")
        _left_out(done.warcs)
        return
    captures = done.warcs.responses + done.warcs.revisits
    signed = ", signed" if done.is_signed else ""
    OUTPUT.line(f"{done.path}: {captures} captures, {done.pages} pages, {human_bytes(done.bytes)}{signed}")
    if done.requires:
        OUTPUT.say(f"its revisits need these packages in the same folder: {', '.join(done.requires)}")
    _left_out(done.warcs)


def _wacz_to_stdout(archive: ArchiveReader, wanted: WarcOptions, options: WaczOptions, listen: Listener) -> None:
    """Write a package to stdout when it is complete."""
    refuse_terminal()
    store, settings = archive.store, archive.settings
    through_file("package.wacz", lambda path: export_wacz(store, settings, path, wanted, options, listen), OUTPUT.bytes)


def timemap(
    url: Url,
    dest: Annotated[str, typer.Argument(metavar="[DEST]", help="A file; - is stdout.")] = STDOUT,
    base: Annotated[str, typer.Option("--base", help="Prefix of /web/…: http://host.example")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    include_embargoed: IncludeEmbargoed = False,
    as_json: AsJson = False,
) -> None:
    """Print a TimeMap: every capture of a page, for Memento clients (RFC 7089)."""
    if dest != STDOUT:
        checked_ending(dest, ("jsonl",) if as_json else ("link", "txt"), "export timemap")
    with reading() as archive:
        page = archive.page(url)
        received = [visit for visit in page.visits if visit.bytes is not None]
        captures = [visit for visit in received if visit.redacted is None]
        is_hidden = not include_embargoed and page.page_id in archive.embargoed_pages()
    if is_hidden:
        raise NoSuchVersion(f"{page.url}: under an embargo; --include-embargoed prints its captures")
    if not captures:
        why = "all its captures were redacted" if received else "no visit received any bytes"
        raise NoSuchVersion(f"{page.url}: {why}; see `archiver history`")
    _say_redacted(len(received) - len(captures))
    moments = list(dict.fromkeys(instant(visit.visited_at) for visit in captures))
    lines = links(page.url, moments, base.rstrip("/"))
    if as_json:
        values = (
            {"url": page.url, "datetime": visit.visited_at, "memento": _memento(base, visit, page.url)}
            for visit in captures
        )
        lines = (json.dumps(each, ensure_ascii=False) for each in values)
    data = "".join(f"{line}\n" for line in lines).encode()
    if dest == STDOUT:
        OUTPUT.bytes(data)
        return
    with pending(force=force) as files:
        files.path(Path(dest)).write_bytes(data)
    OUTPUT.line(f"{dest}: {counted(len(moments), 'capture')}, {human_bytes(len(data))}")


def _say_redacted(count: int) -> None:
    if count:
        OUTPUT.say(f"{counted(count, 'capture')} {'is' if count == 1 else 'are'} left out: redacted")


def _memento(base: str, visit: VisitRow, url: str) -> str:
    return f"{base.rstrip('/')}{permalink(visit.visited_at, url)}"


def size_in_bytes(text: str) -> int:
    """Parse a size such as `100MB`, `1GB` or `5000`; return bytes.

    Raises:
        UsageError: the text is not a size.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*((?:[kmg]i?)?)b?\s*", text.lower())
    size = int(float(found[1]) * _SIZES[found[2]]) if found else 0
    if not 0 < size <= 1000 * GIGABYTE:
        raise UsageError(f"{text}: not a size; write 100MB or 1GB")
    return size


def _prefix(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}", text):
        return text
    raise UsageError(f"{text}: not a valid prefix; use letters, digits, and . _ -")
