"""Find parts of a profile that are allowed but probably a mistake. `site check` prints them; they are not faults."""

from difflib import get_close_matches

from archiver.errors import Fault
from archiver.extract.lines import LineIndex
from archiver.model.profile import Profile
from archiver.model.record import FIELDS
from archiver.text.url import in_scope

_ALMOST = 0.8  # the similarity from which a field of its own is probably a misspelt standard one


def doubts(profile: Profile) -> list[Fault]:
    """Return every such place with its line: misspelt standard fields, start addresses outside the scope."""
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
    return found
