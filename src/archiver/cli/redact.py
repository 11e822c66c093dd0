"""`archiver redact`: delete the bytes of captures, and what was read of them, for good."""

import sys
from typing import Annotated

import typer

from archiver.app.maintenance.redacting import (
    Redacted,
    RedactionRequest,
    find_target,
    plan_redaction,
)
from archiver.app.maintenance.redacting import (
    redact as redact_captures,
)
from archiver.app.maintenance.redacting import (
    resume as resume_redaction,
)
from archiver.app.maintenance.skip_pattern import toml_list
from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT, AsJson, writing
from archiver.cli.output import human_bytes
from archiver.errors import UsageError
from archiver.maintain.redact.erase import Erased
from archiver.model.moments import MOMENTS
from archiver.text.clean import counted

FAILED = 1
_MOST_PAGES = 10


def redact(  # noqa: PLR0917  (typer calls it by keyword)
    what: Annotated[
        str | None, typer.Argument(metavar="URL|VISIT", help="A page, a permalink, or the number of a visit.")
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", help="Why. It stays in the archive, and exports and readers show it.")
    ] = "",
    since: Annotated[str | None, typer.Option("--since", help=f"Only captures made then or later: {MOMENTS}.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Only captures made then or earlier. A date includes the whole day.")
    ] = None,
    same_digest: Annotated[
        bool, typer.Option("--same-digest", help="Also every other capture with the same bytes, of any page.")
    ] = False,
    by: Annotated[str | None, typer.Option("--by", help="Who ordered or did it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be deleted.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Only erase what an interrupted redaction left in the files.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Delete the bytes of captures and what was read of them, for good. Rows, digests, chain and the reason stay."""
    if resume:
        if what is not None:
            raise UsageError("--resume finishes what was interrupted; it takes no address")
        _resume(as_json=as_json)
        return
    if what is None:
        raise UsageError("name a page by its address, or a capture by its permalink or the number of its visit")
    wanted = RedactionRequest(what, reason, since, until, same_digest, by)
    with writing() as archive:
        target = find_target(archive, wanted)
        planned = plan_redaction(archive, target)
        if not dry_run and planned.plan.count:
            if not yes:
                _ask(planned)
            with OUTPUT.progress() as bar:
                planned = redact_captures(archive, wanted, target, bar.show)
    _print(planned, as_json=as_json)
    if planned.held_back or (planned.erased and planned.erased.left):
        raise typer.Exit(FAILED)


def _ask(planned: Redacted) -> None:
    """Ask for confirmation on a terminal.

    Raises:
        UsageError: there is no terminal to ask on.
    """
    if not sys.stdin.isatty():
        raise UsageError("a redaction cannot be undone: look at it with --dry-run, then repeat the command with --yes")
    for line in _planned(planned):
        OUTPUT.say(line)
    if not typer.confirm("Delete this for good?", err=True):
        raise typer.Abort


def _resume(*, as_json: bool) -> None:
    with OUTPUT.progress() as bar:
        erased, held_back = resume_redaction(GLOBAL_OPTIONS.find(), bar.show)
    if as_json:
        OUTPUT.json({"finished": not held_back, "held_back": held_back or None})
    elif erased is None and not held_back:
        OUTPUT.line("no redaction is unfinished")
    elif erased is not None:
        OUTPUT.line(_erased(erased))
    if held_back:
        if not as_json:
            OUTPUT.failure(held_back)
        raise typer.Exit(FAILED)


def _print(done: Redacted, *, as_json: bool) -> None:
    if as_json:
        OUTPUT.json(done.as_json())
        return
    if not done.plan.count:
        OUTPUT.line("nothing to redact: no capture is left that is not redacted")
        return
    for line in _planned(done):
        OUTPUT.line(line)
    if done.erased is not None:
        OUTPUT.line(_erased(done.erased))
    if done.held_back:
        OUTPUT.failure(done.held_back)
    for line in _advice(done):
        OUTPUT.say(line)


def _planned(done: Redacted) -> list[str]:
    plan = done.plan
    verb = "redacted" if done.applied else "would be redacted"
    pruned = f", {plan.pruned} without bytes since a pruning" if plan.pruned else ""
    captures = f"{counted(plan.count, 'capture')} of {counted(len(plan.pages), 'page')} {verb}"
    if plan.by_browser:
        captures = f"{counted(plan.count, 'capture')} {verb}, {plan.by_browser} of them made or fetched by a browser"
    return [
        (
            f"{captures}: {human_bytes(plan.bytes)} as sent{pruned}, "
            f"and the content of {counted(plan.versions, 'version')}"
        ),
        *(f"  {page}" for page in plan.pages[:_MOST_PAGES]),
        *([f"  … and {len(plan.pages) - _MOST_PAGES} more"] if len(plan.pages) > _MOST_PAGES else []),
    ]


def _erased(erased: Erased) -> str:
    rewritten = f"; {counted(erased.rewritten, 'frame')} of other captures coded again" if erased.rewritten else ""
    left = f"; damaged and left: frames {', '.join(map(str, erased.left))}" if erased.left else ""
    return f"erased from both files: {counted(erased.frames, 'frame')}{rewritten}{left}; no free page holds their bytes"


def _advice(done: Redacted) -> list[str]:
    plan = done.plan
    lines = []
    if plan.same_digest_count:
        captures = counted(plan.same_digest_count, "other capture")
        lines.append(f"not redacted: {captures} with the same bytes; --same-digest redacts them as well:")
        lines += [f"  visit {each.visit_id}: {each.url}, {each.visited_at}" for each in plan.same_digest]
    for each in plan.staying:
        lines.append(
            f"version {each.version} of {each.url} stays: other captures show the same, such as visit {each.visit_id}"
        )
    if plan.titles:
        pages = counted(plan.titles, "other page")
        lines.append(
            f"a headline that is deleted here is also the text of links or headlines on {pages}; "
            "see the views links and editions"
        )
    if plan.opened:
        visits = counted(plan.opened, "other visit")
        lines.append(f"a browser fetched this for {visits}: what it made of those pages stays, and may show it, too")
    if done.page is not None:
        lines.append(
            "the next crawl captures the page again unless its profile skips it; "
            f"in [crawl]: skip = {toml_list(done.skip)}"
        )
    if done.applied:
        lines.append("copies and exports made before still hold the bytes: make a new backup, and delete older ones")
    if done.other_files:
        lines.append(f"files next to the archive that were not touched: {', '.join(done.other_files)}")
    return lines
