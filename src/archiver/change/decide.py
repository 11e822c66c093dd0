"""Decide whether a content is a new version: two contents in, a decision out. No clock, no database, no effects."""

from archiver.change.diff import as_text, counts, diff_text, reading_order
from archiver.model.record import IDENTITY_FIELDS, Content
from archiver.model.version import Decision, FieldChange, Verdict


def decide(last: Content | None, now: Content, *, absent: bool = False, reread: bool = False) -> Decision:
    """Return what a content means for its page's history, compared with the version before by the same extractor.

    Args:
        last: the newest version's content; None when there is no version yet.
        now: the content of the present capture.
        absent: whether the page was gone or moved since; then its return is a new version even when nothing changed.
        reread: whether a stored capture was read again; then a difference is of the extractor, not of the page.
    """
    if last is None:
        return Decision(Verdict.FIRST)
    changes = differing(last, now)
    if absent:
        return Decision(Verdict.BACK, changes)
    if not changes:
        return Decision(Verdict.SAME)
    return Decision(Verdict.REREAD if reread else Verdict.CHANGED, changes)


def differing(last: Content, now: Content) -> tuple[FieldChange, ...]:
    """Return the fields that differ, in reading order, each with its values and the characters added and removed."""
    before, after = last.flat(), now.flat()
    compared = last.comparable(), now.comparable()
    changes = []
    for name in reading_order(before.keys() | after.keys()):
        if (compared[0].get(name) or None) != (compared[1].get(name) or None):
            old, new = before.get(name) or None, after.get(name) or None
            is_prose = name not in IDENTITY_FIELDS
            added, removed = counts(diff_text(as_text(old), as_text(new))) if is_prose else (0, 0)
            changes.append(FieldChange(name, old, new, added, removed))
    return tuple(changes)
