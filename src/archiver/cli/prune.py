"""`archiver prune`: let bodies go by the rule of the site's profile; a dry run unless it is told to."""

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
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else only tell what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let go of bodies that the profile's [keep] does not keep. Versions, readings, changes and the chain stay."""
    with writing() as archive:
        done = prune_site(archive, site, apply=apply)
    if as_json:
        OUTPUT.json(asdict(done))
    else:
        OUTPUT.line(_told(done))
        for line in done.damaged:
            OUTPUT.failure(line)
    if done.damaged:
        raise typer.Exit(DAMAGED)


def _told(done: Pruned) -> str:
    if not done.bodies and not done.damaged:
        return f"{done.site}: {done.rule}; nothing goes, {done.kept} bodies stay"
    went = "went" if done.applied else "would go"
    size = human_bytes(done.bytes)
    told = f"{done.site}: {done.rule}: {done.bodies} bodies of {done.pages} pages {went} ({size} as sent)"
    told += f", {done.kept} stay"
    if done.applied:
        if done.damaged:
            return f"{told}; bodies are damaged: `archiver repair`, then `archiver verify --clean` frees the room"
        if done.freed is None:
            return f"{told}; another program has the archive open: `archiver verify --clean` frees the room later"
        return f"{told}; {human_bytes(done.freed)} of the vault are free for new bodies"
    return f"{told}; `archiver prune {done.site} --apply` lets them go for good"
