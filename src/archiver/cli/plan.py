"""`archiver plan`: what a crawl would visit next, and why."""

from typing import Annotated

import typer

from archiver.app.crawling.plan import VisitPlan, plan_visits
from archiver.cli.context import OUTPUT, AsJson, reading, site_names


def plan(
    site: Annotated[str, typer.Argument(metavar="SITE", help="Name of a profile.", autocompletion=site_names)],
    limit: Annotated[int, typer.Option("--limit", min=0, help="Number of pages to show.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what a crawl would visit next, and why; fetch and change nothing."""
    with reading() as archive:
        found = plan_visits(archive, site, limit)
    if as_json:
        for page in found.pages:
            OUTPUT.json({name: getattr(page, name) for name in page.__slots__})
        OUTPUT.json(found.as_json())
        return
    OUTPUT.table(
        ("due (UTC)", "kind", "last visited", "url", "why"),
        ((page.due_at, page.kind or "", page.last_visited or "never", page.url, page.reason) for page in found.pages),
    )
    OUTPUT.say(_summary(found))


def _summary(found: VisitPlan) -> str:
    bound = "" if found.budget is None else f" (budget {found.budget:g})"
    return (
        f"{found.site}: {found.known} pages known, {found.due} due now, {found.in_a_day} within a day; "
        f"their intervals add up to {found.a_day:.3g} visits a day{bound}"
    )
