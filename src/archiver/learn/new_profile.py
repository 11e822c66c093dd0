"""Write the profile of a new site: from a bundled one if the site's program is known, else from its pages."""

from collections.abc import Mapping
from dataclasses import dataclass

from archiver.errors import ProfileError
from archiver.extract.around import SitePages
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.learn.findings import SiteFindings, findings_of
from archiver.learn.likely_generator import Generator, generator_of
from archiver.learn.likely_template import from_bundled
from archiver.learn.scaffold import scaffold_of
from archiver.model.profile import Profile
from archiver.model.record import Record

_WAYS: tuple[tuple[str, ...], ...] = ((), ("title",), ("title", "body"))
"""The fields for which the page's own rules are added to those of the bundled profile, tried in this order."""
_LEAST_SHARE = 0.4
"""Minimum share of the body that the page's own rules find; with less, a bundled rule has found something else."""


@dataclass(frozen=True, slots=True)
class NewProfile:
    """A profile that was written for a site.

    Attributes:
        text: its TOML.
        profile: the loaded profile.
        based_on: the bundled profile on which it is based; "" when it was made from the page.
        notes: sentences: which profile was used and why, to which section the articles' pattern is bound.
    """

    text: str
    profile: Profile
    based_on: str
    notes: tuple[str, ...]


def new_profile(around: SitePages, name: str, bundled: Mapping[str, str]) -> NewProfile:
    """Write the profile of a site.

    Args:
        around: a page of the site, and the pages found around it.
        name: the slug of the site.
        bundled: the bundled profiles that may be used, each name with its TOML; empty for none.
    """
    found = findings_of(around, name)
    own = scaffold_of(found)
    profile = parse_profile(own, name)
    generator = generator_of(found.page)
    notes = [found.note] if found.note else []
    if generator is None or generator.profile not in bundled:
        return NewProfile(own, profile, "", tuple(notes))
    known = f"{generator.called} ({generator.reason})"
    own_record = read(around.page, profile, links=False)
    fault = ""
    for fields in _WAYS:
        based, why = _based(bundled[generator.profile], found, generator, fields, own_record)
        if based is not None:
            added = f", with rules of the page's own for the {' and the '.join(fields)}" if fields else ""
            note = f"{known}: based on the bundled profile {generator.profile}{added}"
            return NewProfile(based.text, based, generator.profile, (note,))
        fault = fault or why
    note = f"{known}: the bundled profile {generator.profile} was not taken, because {fault}; made from the page itself"
    return NewProfile(own, profile, "", (note, *notes))


def _based(
    text: str, found: SiteFindings, generator: Generator, fields: tuple[str, ...], own: Record
) -> tuple[Profile | None, str]:
    """Return the bundled profile for the site, or None and the reason why it does not read the sample page."""
    try:
        profile = parse_profile(from_bundled(text, found, generator, fields), found.site.name)
    except ProfileError as error:
        return None, f"it could not be filled in ({error.faults[0]})"
    record = read(found.around.page, profile, links=False)
    return (None, fault) if (fault := _fault(record, own)) else (profile, "")


def _fault(record: Record, own: Record) -> str:
    """Return the fault of a record of the sample page; "" when it is complete."""
    if record.soft_gone or record.blocked:
        return "it reads the page as a missing page"
    if record.kind != "article":
        return f"it reads the page as a {record.kind}"
    ranks = {name: source.rank for name, source in record.sources}
    missing = [name for name in ("title", "body") if ranks.get(name, 0) < 1]
    if missing:
        return f"its rules find no {' and no '.join(missing)}"
    if len(record.content.body or "") < _LEAST_SHARE * len(own.content.body or ""):
        return "its rules find only a part of the body"
    return ""
