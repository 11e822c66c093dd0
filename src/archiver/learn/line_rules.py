"""Find the rules of captions and of signatures that are lines of the body: "Ảnh: …", initials, a name in capitals.

No element and no class tells such lines from paragraphs; their words do.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from archiver.learn.field_rules import FieldRules, found_by
from archiver.learn.samples import Sample
from archiver.model.profile import Rule
from archiver.text.patterns import Pattern

_CAPTION = r"^(?:Ảnh|Hình ảnh|Hình)\s*:\s*(?:-\s*)?(.+)$"
_SIGNATURES = (r"^((?:[A-ZĐ]\.?\s?){2,6})$", r"^([A-ZÀ-ÝĐ][^a-z\d.,:;!?]{3,39})$")
_BLOCKS = ("p", "div")
_LEAST_SHARE, _LEAST_PAGES = 0.6, 2
_MOST_CAPTION = 400


def caption_lines(samples: Sequence[Sample], scope: str, places: Mapping[int, AbstractSet[int]]) -> FieldRules | None:
    """Return the rule of captions that are lines with a label in the body; none if hardly any page has one.

    Args:
        samples: pages of one template.
        scope: the selector of the body.
        places: by the `id` of a page, the nodes of the body.
    """
    del places  # the selector is enough
    pattern = Pattern(_CAPTION)
    return _lines(samples, [Rule("css", f"{scope} {tag}", pattern=pattern, take="all", cut=True) for tag in _BLOCKS])


def signature_lines(samples: Sequence[Sample], scope: str, places: Mapping[int, AbstractSet[int]]) -> FieldRules | None:
    """Return the rule of the signature, which is the last line of the body on most pages."""
    for each in _SIGNATURES:
        pattern = Pattern(each)
        ended = [sample for sample in samples if pattern.search(_last_line(sample, places[id(sample)]))]
        if len(ended) >= max(_LEAST_PAGES, _LEAST_SHARE * len(samples)):
            rules = [Rule("css", f"{scope} {tag}", pattern=pattern, take="last", cut=True) for tag in _BLOCKS]
            return _lines(samples, rules)
    return None


def _last_line(sample: Sample, place: AbstractSet[int]) -> str:
    return next((run.text for run in reversed(sample.runs) if not place.isdisjoint(run.chain)), "")


def _lines(samples: Sequence[Sample], rules: Sequence[Rule]) -> FieldRules | None:
    for rule in rules:
        texts = [[each.text for each in found_by(rule, sample)] for sample in samples]
        given = [found for found in texts if found]
        is_short = all(len(text) <= _MOST_CAPTION for found in given for text in found)
        if is_short and len(given) >= max(_LEAST_PAGES, _LEAST_SHARE * len(samples)):
            return FieldRules((rule,), (1.0,) * len(given))
    return None
