"""`archiver embargo`: leave addresses out of exports until a date."""

from typing import Annotated

import typer

from archiver.app.maintenance.embargoing import lift_embargo, set_embargo
from archiver.cli.context import OUTPUT, AsJson, SiteOption, reading, writing
from archiver.errors import UsageError
from archiver.model.clock import written
from archiver.model.embargo import Embargo
from archiver.text.clean import counted


def embargo(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="URL", help="The beginning of addresses, or a path (with --site); * and $ as in robots.txt."
        ),
    ] = None,
    site: SiteOption = None,
    until: Annotated[
        str | None, typer.Option("--until", help="The first day (UTC) on which exports have the pages again.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="Lift the embargo of this address or site now.")] = False,
    as_json: AsJson = False,
) -> None:
    """Leave pages out of exports until a date; without arguments, list the embargoes. Reading commands show them."""
    if lift:
        if until is not None or reason:
            raise UsageError("--lift ends an embargo; it takes no --until and no --reason")
        with writing() as archive:
            count = lift_embargo(archive, what, site)
        OUTPUT.json({"lifted": count}) if as_json else OUTPUT.line(f"lifted: {counted(count, 'rule')}")
        return
    if until is None:
        if what is not None or reason:
            raise UsageError("--until: name the first day on which exports have the pages again")
        _list(site, as_json=as_json)
        return
    with writing() as archive:
        rule, pages = set_embargo(archive, what, site, until, reason)
    if as_json:
        OUTPUT.json({**_as_json(rule), "pages_held_back": pages})
        return
    OUTPUT.line(_line(rule))
    OUTPUT.say(f"exports leave out {counted(pages, 'page')} now, by all embargoes")


def _list(site: str | None, *, as_json: bool) -> None:
    with reading() as archive:
        at = written(archive.settings.clock())
        rules = [each for each in archive.store.embargoes.standing(at) if site is None or each.site in (None, site)]
    for rule in rules:
        OUTPUT.json(_as_json(rule)) if as_json else OUTPUT.line(_line(rule))
    if not rules and not as_json:
        OUTPUT.line("no embargo stands")


def _as_json(rule: Embargo) -> dict[str, str | int | None]:
    return {
        "embargo_id": rule.embargo_id,
        "site": rule.site,
        "pattern": rule.pattern,
        "until": rule.until,
        "reason": rule.reason,
    }


def _line(rule: Embargo) -> str:
    which = rule.pattern or "all addresses"
    where = f" of {rule.site}" if rule.site else ""
    return f"{which}{where}: until {rule.until} UTC: {rule.reason}"
