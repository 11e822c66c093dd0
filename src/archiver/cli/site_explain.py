"""`archiver site explain`: print how a page of the archive is read, rule by rule."""

from typing import Annotated

import typer

from archiver.app.learning.explain_capture import ExplainedCapture, explain_capture
from archiver.cli.context import OUTPUT, AsJson, Url, reading
from archiver.cli.shown_values import cut_line
from archiver.extract.explain import RuleTrial
from archiver.extract.explain_page import FieldExplanation, PageExplanation
from archiver.model.moments import MOMENTS
from archiver.text.clean import counted
from archiver.text.shown_address import shown_address


def explain(
    url: Url,
    at: Annotated[
        str | None, typer.Option("--at", help=f"The capture at a moment: {MOMENTS}. A date means its end.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="FILE", help="Read it with this profile (a file or a name), not the site's."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Explain how a page is read: which table was chosen and why, what each rule gave, which one won, and where.

    The newest capture in the archive is read again; nothing is fetched and nothing is stored.
    """
    with reading() as archive:
        found = explain_capture(archive, url, at=at, profile=profile)
    if as_json:
        OUTPUT.json(found.as_json())
    else:
        _print(found)


def _print(found: ExplainedCapture) -> None:
    how = found.explanation
    OUTPUT.heading(shown_address(found.url))
    OUTPUT.line(f"capture {found.visit_id} of {found.visited_at} UTC, {found.status or ''} {found.outcome}")
    profile = f"with the profile {found.profile}" if found.profile else "without a profile"
    OUTPUT.line(f"read as {how.kind or 'nothing'} {profile}")
    if how.no_article:
        OUTPUT.line(how.no_article)
    _print_tables(how)
    _print_ignored(how)
    for each in how.fields:
        _print_field(each)
    if how.notes:
        OUTPUT.line()
        OUTPUT.heading("notes")
        for note in how.notes:
            OUTPUT.line(cut_line(f"  {note}"))


def _print_tables(how: PageExplanation) -> None:
    if not how.tables:
        return
    OUTPUT.line()
    OUTPUT.heading("tables")
    width = max(len(each.template) for each in how.tables)
    for each in how.tables:
        mark = "chosen" if each.is_chosen else "      "
        OUTPUT.line(f"  {each.template:<{width}}  {mark}  {'; '.join(each.reasons)}")
    if how.note:
        OUTPUT.line(f"  {how.note}")


def _print_ignored(how: PageExplanation) -> None:
    if not how.ignored:
        return
    OUTPUT.line()
    OUTPUT.heading("ignored")
    for each in how.ignored:
        what = f"{counted(each.nodes, 'node')}, {counted(each.characters, 'character')}" if each.nodes else "no node"
        OUTPUT.line(cut_line(f"  {what}: {each.selector}"))


def _print_field(each: FieldExplanation) -> None:
    OUTPUT.line()
    size = f" ({counted(each.characters, 'character')})" if each.characters > len(each.value) else ""
    OUTPUT.heading(cut_line(f"{each.name}{size}: {each.value or 'no value'}"))
    if each.rule and not each.rank:
        OUTPUT.line(cut_line(f"  won    {each.rule}, no rule of the profile"))
        _print_path(each.node_path)
    for trial in each.tried:
        _print_trial(trial, each)


def _print_trial(trial: RuleTrial, each: FieldExplanation) -> None:
    mark = "won" if trial.wins else "   "
    values = " | ".join(trial.values) or (f"{trial.found} found, no value" if trial.found else "nothing")
    OUTPUT.line(cut_line(f"  {mark}  {trial.rank}  {trial.rule}: {values}"))
    for path in [each.node_path] if trial.wins and each.node_path else trial.paths:
        _print_path(path)


def _print_path(path: str) -> None:
    if path:
        OUTPUT.line(cut_line(f"         {path}"))
