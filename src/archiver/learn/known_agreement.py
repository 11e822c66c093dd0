"""How well a reading of a page agrees with what is known of it: the judge of proposed tables. Pure."""

from dataclasses import replace

from archiver.extract.read import read
from archiver.learn.fit import word_f1
from archiver.model.capture import Capture
from archiver.model.profile import PageKind, Profile, SiteInfo
from archiver.model.record import Content, Record

_BODY = 3.0
"""The weight of the body; every other field has 1."""
_LESS = 0.9
"""A body that differs in one word is worth less than the same body."""


def read_by(table: PageKind, capture: Capture, site: SiteInfo) -> Record:
    """Return the record of a capture by one table, whatever its address and its dates are."""
    alone = replace(table, url=None, since=None, until=None)
    return read(capture, Profile(site, pages=(alone,)), links=False)


def agreement(known: Content, found: Content) -> float:
    """Return the share of the fields with a value, known or found, that are equal; the body weighs more."""
    one, two = known.comparable(), found.comparable()
    good = total = 0.0
    for name in one.keys() | two.keys():
        before, after = one.get(name) or None, two.get(name) or None
        if before is None and after is None:
            continue
        weight = _BODY if name == "body" else 1.0
        total += weight
        good += weight * (body_agreement(known.body, found.body) if name == "body" else float(before == after))
    return good / total if total else 1.0


def body_agreement(known: str | None, found: str | None) -> float:
    """Return 1 for the same body, else the F1 of its words, a little less."""
    return 1.0 if known == found else _LESS * word_f1(known or "", found or "")
