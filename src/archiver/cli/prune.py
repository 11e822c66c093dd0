"""`archiver prune`: delete bodies that the site's profile does not retain; a dry run without --apply."""

from dataclasses import asdict
from typing import Annotated

import typer

from archiver.app.maintenance.pruning import Pruned
from archiver.app.maintenance.pruning import prune as prune_site
from archiver.cli.context import OUTPUT, AsJson, writing
from archiver.cli.output import human_bytes

DAMAGED = 4


def prune(
    site: Annotated[str, typer.Argument(help="The site, as `archiver site list` names it.")],
    apply: Annotated[
        bool, typer.Option("--apply", help="Delete; without it, only print what would be deleted.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Delete bodies that the profile's [keep] rule does not retain. Versions, readings, changes and the chain stay."""
    with writing() as archive:
        done = prune_site(archive, site, apply=apply)
    if as_json:
        OUTPUT.json(asdict(done))
    else:
        OUTPUT.line(_summary(done))
        for line in done.damaged:
            OUTPUT.failure(line)
    if done.damaged:
        raise typer.Exit(DAMAGED)


def _summary(done: Pruned) -> str:
    if not done.bodies and not done.damaged:
        return f"{done.site}: {done.rule}; nothing to delete, {done.kept} bodies stay"
    deleted = "deleted" if done.applied else "would be deleted"
    size = human_bytes(done.bytes)
    text = f"{done.site}: {done.rule}: {done.bodies} bodies of {done.pages} pages {deleted} ({size} as sent)"
    text += f", {done.kept} stay"
    if done.applied:
        if done.damaged:
            return (
                f"{text}; bodies are damaged: run `archiver repair`, then `archiver verify --clean` to free the space"
            )
        if done.freed is None:
            return (
                f"{text}; another process has the archive open: run `archiver verify --clean` later to free the space"
            )
        return f"{text}; {human_bytes(done.freed)} of the vault are free for new bodies"
    return f"{text}; `archiver prune {done.site} --apply` deletes them for good"
