"""Options of `crawl` and `schedule`: which changes to notify of."""

from collections.abc import Sequence
from typing import Annotated

import typer

from archiver.app.watching.page_events import EventFilter

NotifyChanges = Annotated[
    bool,
    typer.Option(
        "--notify-changes",
        help="Also notify of what changed, with the words, in one message [$ARCHIVER_NOTIFY_CHANGES=1].",
    ),
]
NotifyField = Annotated[
    list[str] | None,
    typer.Option("--notify-field", metavar="FIELD", help="Of changes, only edits of this field; may be repeated."),
]
NotifyNature = Annotated[
    list[str] | None,
    typer.Option(
        "--notify-nature",
        metavar="NATURE",
        help="Of changes, only edits of words, figures, order, media or typography, which is left out otherwise.",
    ),
]
NotifyPattern = Annotated[
    str | None,
    typer.Option("--notify-pattern", metavar="REGEX", help="Of changes, only those that say this; case is ignored."),
]
NotifyPlain = Annotated[bool, typer.Option("--notify-plain", help="--notify-pattern ignores accents.")]


def notified_changes(
    fields: Sequence[str] | None, natures: Sequence[str] | None, pattern: str | None, *, plain: bool
) -> EventFilter:
    """Return the options as a filter."""
    return EventFilter(fields=tuple(fields or ()), natures=tuple(natures or ()), pattern=pattern, plain=plain)
