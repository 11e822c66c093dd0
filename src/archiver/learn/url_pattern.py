"""Make the pattern of the addresses of articles from several articles, and from the links of all sample pages.

Each article gives candidates (`likely_pattern`). The one that takes most articles and likely articles, and fewest
addresses of listings, is used; when other articles are left, a second and a third pattern are added to it.
"""

import re
from collections.abc import Iterable, Sequence

from archiver.extract.links import every_link
from archiver.learn.likely_evidence import HostAddresses, evidence_of, is_headline
from archiver.learn.likely_pattern import ArticlePattern, article_pattern, candidates_of
from archiver.learn.samples import Sample
from archiver.model.record import Link
from archiver.text.url import canonical, origin_of

_MOST_PATTERNS = 3
_LEAST_LEFT = 0.12
"""Share of the likely articles that a second pattern must take."""
_LEAST_LIKELY = 4
_MOST_WRONG = 0.02
_BOUND_COST = 0.05
_MOST_LIKELY = 400


def learned_pattern(
    articles: Sequence[Sample], others: Sequence[Sample], key: Sequence[str], *, language: str, fold_case: bool
) -> ArticlePattern:
    """Return the pattern of the addresses of articles.

    Args:
        articles: sample pages that are articles.
        others: the other sample pages: the home page, listings.
        key: the parameters that distinguish articles; empty when the path does.
        language: of the site.
        fold_case: whether case does not count in paths.
    """
    links = [link for sample in (*articles, *others) for link in every_link(sample.page)]
    known = [canonical(sample.url) for sample in articles]
    never = sorted({origin_of(known[0]) + "/", *(canonical(sample.url) for sample in others)})
    evidences = [evidence_of(url, links, known, never) for url in dict.fromkeys(known)]
    first = evidences[0]
    candidates = [each for evidence in evidences for each in candidates_of(evidence, key, language, fold_case=fold_case)]
    chosen: list[ArticlePattern] = []
    left_known, left_likely = list(known), list(first.likely)
    while len(chosen) < _MOST_PATTERNS:
        judged = [(_score(each, left_known, left_likely, first), -at, each) for at, each in enumerate(dict.fromkeys(candidates))]
        score, _, best = max(judged, default=(0.0, 0, None))
        if best is None or score <= 0 or (chosen and not left_known):
            break
        chosen.append(best)
        left_known = [url for url in left_known if not best.matches(url)]
        left_likely = [url for url in left_likely if not best.matches(url)]
    if not chosen:
        return article_pattern(first, key, language=language, fold_case=fold_case)
    return _joined(chosen)


def _score(each: ArticlePattern, known: Sequence[str], likely: Sequence[str], evidence: HostAddresses) -> float:
    compiled = re.compile(each.regex)
    if any(compiled.search(url) for url in evidence.never):
        return -1.0
    take = sum(bool(compiled.search(url)) for url in known) / max(1, len(known))
    if not take:
        return -1.0
    more = sum(bool(compiled.search(url)) for url in likely[:_MOST_LIKELY]) / max(1, min(len(likely), _MOST_LIKELY))
    wrong = sum(bool(compiled.search(url)) for url in evidence.others) / max(1, len(evidence.others))
    return 2 * take + more - 6 * max(0.0, wrong - _MOST_WRONG) - (_BOUND_COST if each.section else 0.0)


def _joined(patterns: Sequence[ArticlePattern]) -> ArticlePattern:
    """Return one pattern that matches what any of several match."""
    if len(patterns) == 1:
        return patterns[0]
    folded = "(?i)" if any(each.regex.startswith("(?i)") for each in patterns) else ""
    bare = [each.regex.removeprefix("(?i)") for each in patterns]
    return ArticlePattern(folded + "|".join(bare), "")
