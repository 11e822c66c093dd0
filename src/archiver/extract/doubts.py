"""Find parts of a profile that are allowed but probably a mistake. `site check` prints them; they are not faults."""

from collections.abc import Iterator
from difflib import get_close_matches

from archiver.errors import Fault
from archiver.extract.lines import LineIndex, Path
from archiver.extract.tables import dotted
from archiver.model.profile import Profile, Rules
from archiver.model.record import FIELDS
from archiver.text.pattern_ambiguity import is_exponential
from archiver.text.patterns import Pattern, shown
from archiver.text.url import in_scope

_ALMOST = 0.8  # the similarity from which a field of its own is probably a misspelt standard one
_SLOW = (
    "can take exponentially long on some texts, and is stopped after a second; "
    "write it so that a repeated group can match a text in one way only: (a+)+ as a+, (\\w+\\s?)+ as [\\w\\s]+"
)


def doubts(profile: Profile) -> list[Fault]:
    """Return every such place with its line: misspelt standard fields, starts outside the scope, slow patterns."""
    lines = LineIndex(profile.text.removeprefix("\ufeff").replace("\r\n", "\n"))
    found = []
    for number, page in enumerate(profile.pages):
        for name, _ in page.fields:
            near = [] if name in FIELDS else get_close_matches(name, FIELDS, n=1, cutoff=_ALMOST)
            if near:
                what = f"goes to the record's extra fields; did you mean the standard field {near[0]!r}?"
                found.append(Fault(f"page.fields.{name}", what, lines.line(("page", number, "fields", name))))
    for address in profile.crawl.start:
        if not in_scope(address, profile.crawl.scope):
            what = f"{address} is outside the scope ({', '.join(profile.crawl.scope)}): only its links are followed"
            found.append(Fault("crawl.start", what, lines.line(("crawl", "start"))))
    return found + [
        Fault(dotted(path), f"the pattern {shown(pattern.pattern)} {_SLOW}", lines.line(path))
        for path, pattern in patterns_of(profile)
        if is_exponential(pattern.pattern)
    ]


def patterns_of(profile: Profile) -> Iterator[tuple[Path, Pattern]]:
    """Yield every pattern of a profile, with its place in the file."""
    yield from ((("crawl", "skip"), pattern) for pattern in profile.crawl.skip)
    for number, page in enumerate(profile.pages):
        if page.url is not None:
            yield ("page", number, "url"), page.url
        if page.gone is not None and page.gone.pattern is not None:
            yield ("page", number, "gone", "pattern"), page.gone.pattern
        for table, rules in (("fields", page.fields), ("readings", page.readings)):
            yield from _of_rules(("page", number, table), rules)


def _of_rules(path: Path, named: tuple[tuple[str, Rules], ...]) -> Iterator[tuple[Path, Pattern]]:
    for name, rules in named:
        yield from (((*path, name), rule.pattern) for rule in rules if rule.pattern is not None)
