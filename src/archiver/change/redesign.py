"""Decides which changes of many pages are one redesign. Pure: changes and the values of other pages in, groups out.

A redesign changes the same field of most pages in the same way. `explain` finds the transformations of a field, and the
changes that consist of nothing else. What remains of a change after the transformations is an edit of its page.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from archiver.change.candidates import candidates
from archiver.change.transformation import Items, Transformation, Way, is_same

LEAST_PAGES = 4
"""The least number of pages for a redesign. Three equal edits can be made by hand."""
MOST = 0.6
"""The least share of pages with the same change, of those that were read and could have had it."""
LEAST_COMPANIONS, MOST_COMPANIONS = 2, 0.8
"""The same for a further field that changes together with a proven redesign: it may be rare."""
_SAMPLE = 200  # changes from which transformations are inferred; all changes are then tested with them
_GLANCE = 24  # changes that are looked at first
_LEAST_IN_GLANCE = 2
_MOST_STEPS = 8  # transformations of one field

_LEAST_VOTES = 0.2  # of the sample, for a transformation of words: it must be in most of the changes

FieldPair = tuple[Items, Items]
Others = Callable[[], Collection[Items]]


class Earlier(NamedTuple):
    """What redesigns did before to a field. `reached` returns the values of `Others` that they had changed."""

    transformations: Collection[Transformation] = ()
    reached: Others = tuple


class Explained(NamedTuple):
    """The transformations of a field, and the keys of the changes that consist of them alone."""

    transformations: tuple[Transformation, ...] = ()
    keys: frozenset[int] = frozenset()


def explain(
    field: str,
    changes: Mapping[int, FieldPair],
    others: Others | None = None,
    earlier: Earlier | None = None,
    *,
    known: Sequence[Transformation] = (),
    is_proven: bool = False,
) -> Explained:
    """Return the transformations that most pages of a kind have in common in a field.

    Args:
        field: the field.
        changes: the old and the new value of each changed page, by any key.
        others: returns the values of the pages of the kind that were read too and did not change. It is called only
            when there is something to decide. None: not known, so that only `known` is used.
        earlier: what recent redesigns did to the field. Where a transformation undoes or replaces a part of that, only
            the pages that have this part speak against it. The others cannot lose what they never had.
        known: transformations of a redesign that these changes may be a part of.
        is_proven: whether the redesign is proven by other fields; then a rarer change is enough.
    """
    rest = {key: _without(known, pair) for key, pair in changes.items()}
    found = list(known)
    for _ in range(_MOST_STEPS if others is not None else 0):
        open_ones = {key: pair for key, pair in rest.items() if not is_same(*pair)}
        more = _next(field, open_ones, _Voters(others or tuple, earlier or Earlier()), is_proven=is_proven)
        if not more:
            break
        found += more
        rest.update({key: _without(more, pair) for key, pair in open_ones.items()})
    done = frozenset(key for key, pair in rest.items() if is_same(*pair))
    return Explained(_used(found, [changes[key] for key in done]), done)


class _Voters(NamedTuple):
    """The pages that speak against a transformation, because they could have changed so and did not."""

    others: Others
    earlier: Earlier

    def values(self, each: Transformation) -> Collection[Items]:
        """Return the values that a transformation may have changed."""
        if not any(map(each.follows, self.earlier.transformations)):
            return [value for value in self.others() if each.may_change(value)]
        if each.before:
            return [value for value in self.others() if any(each.before in item for item in value)]
        return [value for value in self.earlier.reached() if each.may_change(value)]


def _used(found: Sequence[Transformation], changes: Sequence[FieldPair]) -> tuple[Transformation, ...]:
    """Return those of the transformations that change anything, in their order."""
    used = []
    for each in found:
        after = [each.without(*pair) for pair in changes]
        if after != changes:
            used.append(each)
        changes = after
    return tuple(used)


def remainder(transformations: Sequence[Transformation], old: Items, new: Items) -> FieldPair:
    """Return what remains of a change without the transformations of a redesign. The case of its letters stays."""
    return _without([each for each in transformations if each.way is not Way.CASE], (old, new))


def _without(transformations: Sequence[Transformation], pair: FieldPair) -> FieldPair:
    for each in transformations:
        pair = each.without(*pair)
    return pair


def _next(field: str, changes: Mapping[int, FieldPair], voters: _Voters, *, is_proven: bool) -> list[Transformation]:
    """Return the next transformation that most pages have; of renamed values, all of them."""
    votes = _votes(changes)
    ranks = sorted({each.rank for each in votes})
    for rank in ranks:
        tried = sorted((each for each in votes if each.rank == rank), key=lambda each: (-votes[each], each))[:_GLANCE]
        if rank == Transformation(Way.RENAMED).rank:
            renamed = _renamed(field, tried, changes, voters, is_proven=is_proven)
            if renamed:
                return renamed
            continue
        best = [each for each in tried if _is_common(each, changes, voters, is_proven=is_proven)]
        if best:
            return best[:1]
    return []


def _votes(changes: Mapping[int, FieldPair]) -> Counter[Transformation]:
    """Return how many of the changes, or of a sample, may contain each transformation."""
    votes: Counter[Transformation] = Counter()
    keys = list(changes)
    step = max(1, len(keys) // _SAMPLE)
    for number, key in enumerate(keys[::step]):
        if number == _GLANCE and max(votes.values(), default=0) < _LEAST_IN_GLANCE:
            return Counter()
        votes.update(candidates(*changes[key]))
    least = _LEAST_VOTES * len(keys[::step])
    return Counter(
        {each: count for each, count in votes.items() if count >= least or each.is_of_mark or each.way is Way.RENAMED}
    )


def _is_common(each: Transformation, changes: Mapping[int, FieldPair], voters: _Voters, *, is_proven: bool) -> bool:
    if each.is_loose and not is_proven:
        return False
    have = sum(each.explains_part_of(*pair) for pair in changes.values())
    if have < (LEAST_COMPANIONS if is_proven else LEAST_PAGES):
        return False
    could = sum(each.explains_part_of(*pair) or each.may_change(pair[1]) for pair in changes.values())
    return _is_most(have, could + len(voters.values(each)), is_proven=is_proven and not each.is_loose)


def _is_most(have: int, could: int, *, is_proven: bool) -> bool:
    if have >= LEAST_PAGES and have >= MOST * could:
        return True
    return is_proven and have >= LEAST_COMPANIONS and have >= MOST_COMPANIONS * could


def _renamed(
    field: str,
    tried: Sequence[Transformation],
    changes: Mapping[int, FieldPair],
    voters: _Voters,
    *,
    is_proven: bool,
) -> list[Transformation]:
    """Return the values that most of their pages exchanged for the same other value; [] when they are not most pages.

    Sections are names that pages share, so a section may be renamed on all its pages alone.
    """
    pairs = Counter(changes.values())
    if pairs.most_common(1)[0][1] < LEAST_COMPANIONS:
        return []
    others = voters.others()
    kept = Counter(others)
    good = []
    for each in tried:
        have, before = pairs[((each.before,), (each.after,))], (each.before,)
        all_with = sum(count for (old, _), count in pairs.items() if old == before) + kept[before]
        if have >= LEAST_COMPANIONS and have >= MOST * all_with:
            good.append((each, have))
    total = sum(have for _, have in good)
    is_following = all(any(map(each.follows, voters.earlier.transformations)) for each, _ in good)
    could = len(changes) + (
        sum(kept[(each.before,)] for each, _ in good) if is_following else len(list(filter(None, others)))
    )
    if _is_most(total, could, is_proven=is_proven):
        return [each for each, _ in good]
    return [each for each, have in good if field == "section" and have >= LEAST_PAGES]
