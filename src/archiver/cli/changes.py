"""`diff` and `changes`: differences between two versions of a page, and what happened in the archive."""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from archiver.app.reading.compare import Comparison, compare
from archiver.app.reading.state import change_of
from archiver.app.watching.redesign_line import redesign_line
from archiver.change.diff import diff_field
from archiver.cli.context import OUTPUT, AsJson, SiteOption, Url, reading
from archiver.cli.diff_page import diff_page, edit_size, label
from archiver.cli.picture import print_picture, write_picture
from archiver.cli.silent import print_silent
from archiver.errors import UsageError
from archiver.model.edit import Nature
from archiver.model.moments import MOMENTS
from archiver.model.version import FieldChange
from archiver.text.shown_address import shown_address


class ChangeKind(StrEnum):
    """What can happen to a page."""

    EDITED = "edited"
    NEW = "new"
    GONE = "gone"
    MOVED = "moved"
    BACK = "back"
    REDESIGN = "redesign"


class ChangeCause(StrEnum):
    """Why pages changed, other than by an edit."""

    TEMPLATE = "template"


class DiffFormat(StrEnum):
    """The output format of `diff`."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


class NegativeNumbersCommand(typer.core.TyperCommand):
    """A command whose arguments may be negative numbers: `-2` is not an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  (a type of typer that is not public)
        """Move the options with their values to the front, and put `--` before the arguments."""
        with_value = [param for param in self.params if not getattr(param, "is_flag", True)]
        valued = {name for param in with_value for name in param.opts if name.startswith("-")}
        options: list[str] = []
        rest: list[str] = []
        for number, arg in enumerate(args):
            is_value = number > 0 and args[number - 1] in valued
            is_option = arg.startswith("-") and arg != "--" and not re.fullmatch(r"-\d+", arg)
            if arg != "--":
                (options if is_value or is_option else rest).append(arg)
        return super().parse_args(ctx, [*options, "--", *rest])


diff_app = typer.Typer(add_completion=False, rich_markup_mode=None)


@diff_app.command("diff", cls=NegativeNumbersCommand)
def diff(
    url: Url,
    old: Annotated[int | None, typer.Argument(metavar="FROM", help="Version; default: the one before TO.")] = None,
    new: Annotated[int, typer.Argument(metavar="TO", help="Version; -1 is the newest, -2 the one before.")] = -1,
    form: Annotated[
        DiffFormat, typer.Option("--format", help="html: a complete page; json: as --json.")
    ] = DiffFormat.TEXT,
    *,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE.png", help="Write both screenshots, with what differs outlined."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE.png if it exists.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the differences between two versions by field, word by word. ¶ ends a paragraph."""
    with reading() as archive:
        page = archive.page(url)
        found = compare(page, old, new)
        seen = write_picture(archive, page, found, picture, force=force) if picture is not None else None
        only_one, move = len(page.versions) == 1, page.moved_to
    if as_json or form is DiffFormat.JSON:
        for change in found.changes:
            OUTPUT.json(_change_json(page.url, found, change))
    elif form is DiffFormat.HTML:
        OUTPUT.bytes(diff_page(page.url, found, _between(found)).encode("utf-8", "replace"))
    else:
        _print_diff(page.url, found, only_one=only_one)
        if move is not None:
            OUTPUT.line(f"the page moved to {move.moved_to}")
    if picture is not None and seen is not None:
        print_picture(picture, seen, as_json=as_json or form is DiffFormat.JSON, quiet=form is DiffFormat.HTML)


def _print_diff(url: str, found: Comparison, *, only_one: bool) -> None:
    if found.is_of_one:
        number = found.new.version
        reason = f"there is only version {number}" if only_one else f"version {number} is compared with itself"
        OUTPUT.heading(f"{shown_address(url)}: {reason}")
        OUTPUT.line(f"seen from {found.new.seen_from} to {found.new.seen_last} UTC: nothing to compare")
        return
    OUTPUT.heading(f"{shown_address(url)}: version {found.old.version} → {found.new.version}")
    OUTPUT.line(_between(found))
    for change in found.changes:
        OUTPUT.line(f"{change.field}:{edit_size(change)}{label(change)}")
        OUTPUT.spans(diff_field(change))
    if not found.changes:
        OUTPUT.line("nothing visible changed")


def _between(found: Comparison) -> str:
    if found.absence is not None:
        return f"came back: gone by {found.absence['gone_by']}, back by {found.not_after} UTC"
    span = f"between {found.not_before} and {found.not_after} UTC"
    if found.old.is_rendered != found.new.is_rendered:
        both = " and ".join(f"version {each.version} from {each.read_from}" for each in (found.old, found.new))
        return f"{span}; read differently, so what differs may be no edit: {both}"
    return f"edited {span}" if found.changes else span


def _change_json(url: str, found: Comparison, change: FieldChange) -> dict[str, Any]:
    return {
        "url": url,
        "from": found.old.version,
        "to": found.new.version,
        "field": change.field,
        "old": change.old,
        "new": change.new,
        "not_before": found.not_before,
        "not_after": found.not_after,
        "chars_added": change.chars_added,
        "chars_removed": change.chars_removed,
        "nature": change.nature,
        "context": change.context,
        "spans": [{"op": span.op, "text": span.text} for span in diff_field(change)],
    }


def changes(
    site: SiteOption = None,
    *,
    since: Annotated[
        str | None, typer.Option("--since", help=f"First seen then or later: {MOMENTS}. A date means its start.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="First seen then or earlier. A date includes the whole day.")
    ] = None,
    field: Annotated[str | None, typer.Option("--field", help="Only edits and redesigns of this field.")] = None,
    kind: Annotated[
        list[ChangeKind] | None,
        typer.Option("--kind", help="edited, new, gone, moved, back or redesign; may be repeated."),
    ] = None,
    nature: Annotated[
        list[Nature] | None,
        typer.Option("--nature", help="Only edits and redesigns of this nature: words, figures, …; repeatable."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="The maximum number of rows; default: all.")
    ] = None,
    newest_first: Annotated[bool, typer.Option("--newest-first", help="Begin with the newest.")] = False,
    cause: Annotated[
        ChangeCause | None, typer.Option("--cause", help="template: each change that is part of a redesign.")
    ] = None,
    silent: Annotated[
        bool,
        typer.Option(
            "--silent",
            help="Only edits that the page does not own up to, and claims of an edit without one; redesigns only with "
            "--cause, typography only with --nature.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what happened: pages new, edited, gone, moved and back, and redesigns of a site, oldest first."""
    which: dict[str, Any] = {"site": site, "field": field, "since": since, "until": until}
    which |= {"natures": [str(one) for one in nature or ()], "limit": limit, "newest_first": newest_first}
    if silent:
        if kind:
            raise UsageError("--silent cannot be combined with --kind; leave one of them out")
        with reading() as archive:
            rows = archive.silent_edits(**which, template=cause is not None)
        print_silent(rows, as_json=as_json)
        _say_limit(len(rows), limit, as_json=as_json, newest_first=newest_first)
        return
    kinds = _kinds(kind, cause, only_edits=bool(field or nature))
    with reading() as archive:
        rows = archive.changes(kinds, **which)
    if as_json:
        for row in rows:
            OUTPUT.json(row)
    else:
        _print_rows(_shown_once(rows))
    _say_limit(len(rows), limit, as_json=as_json, newest_first=newest_first)


def _say_limit(count: int, limit: int | None, *, as_json: bool, newest_first: bool) -> None:
    if count == limit and not as_json:
        OUTPUT.say(f"the {'newest' if newest_first else 'oldest'} {limit}; a larger --limit shows more")


def _shown_once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows without those of an index page that its folder has, too."""
    return [
        row
        for row in rows
        if not row.get("also") or row["url"] == min([row["url"], *row["also"]], key=lambda url: (len(url), url))
    ]


def _print_rows(rows: list[dict[str, Any]]) -> None:
    if not rows:
        OUTPUT.say("nothing happened")
    elif OUTPUT.is_terminal:
        print_events(rows)
    else:
        OUTPUT.table(("kind", "between", "url", "field", "nature", "what"), map(_cells, rows))


def print_events(rows: Iterable[dict[str, Any]]) -> None:
    """Print events. The edits of one page at one visit are one block: time, title, address, and each field's words."""
    for _, group in groupby(rows, key=lambda row: (row["kind"], row["page_id"], row["not_after"], row["redesign_id"])):
        block = list(group)
        row = block[0]
        if row["kind"] == "redesign":
            for each in block:
                OUTPUT.heading(f"{each['site']}: {redesign_line(each)}")
            continue
        OUTPUT.heading("  ".join(filter(None, (f"{row['kind']:<6}", _bracket(row), row["title"]))))
        OUTPUT.line(f"  {shown_address(row['url'])}")
        for each in row.get("also", ()):
            OUTPUT.line(f"  also {shown_address(each)}")
        for each in block:
            if each["field"] is not None:
                OUTPUT.context(f"{each['field']}{label(change_of(each))}: ", each["context"] or "")
            elif each["new"] and each["new"] != each["title"]:
                OUTPUT.line(f"  {each['new']}")


def _cells(row: dict[str, Any]) -> tuple[str | None, ...]:
    what = row["new"] if row["field"] is None else row["context"]
    if row["kind"] == "redesign":
        what = redesign_line(row)
    if row.get("also"):
        what = f"{what or ''} (also {', '.join(map(shown_address, row['also']))})"
    return row["kind"], _bracket(row), shown_address(row["url"]), row["field"], row.get("nature"), what


def _kinds(kind: list[ChangeKind] | None, cause: ChangeCause | None, *, only_edits: bool) -> list[str]:
    if cause:
        return [str(cause)]
    if kind:
        return [str(one) for one in kind]
    return ["edited", "redesign"] if only_edits else [str(one) for one in ChangeKind]


def _bracket(row: dict[str, Any]) -> str:
    return f"between {row['not_before']} and {row['not_after']}" if row["not_before"] else f"by {row['not_after']}"
