"""Decide whether a content is a new version: two contents in, a decision out. No clock, no database, no effects."""

from archiver.change.diff import reading_order
from archiver.model.edit import describe
from archiver.model.record import Content
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
    """Return the fields that differ, in reading order, each with its values and its description."""
    changes = []
    for change in undescribed(last, now):
        name, old, new = change.field, change.old, change.new
        edit = describe(name, old, new)
        changes.append(FieldChange(name, old, new, edit.chars_added, edit.chars_removed, edit.nature, edit.context))
    return tuple(changes)


def undescribed(last: Content, now: Content) -> tuple[FieldChange, ...]:
    """Return the fields that differ, in reading order, each with its values only. No texts are compared."""
    before, after = last.flat(), now.flat()
    compared = last.comparable(), now.comparable()
    return tuple(
        FieldChange(name, before.get(name) or None, after.get(name) or None)
        for name in reading_order(before.keys() | after.keys())
        if (compared[0].get(name) or None) != (compared[1].get(name) or None)
    )
