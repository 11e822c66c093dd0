"""Make the pattern of the addresses of articles from several articles, and from the links of all sample pages.

Each article gives candidates (`likely_pattern`). The one that takes most articles and likely articles, and fewest
addresses of listings, is used; when other articles are left, a second and a third pattern are added to it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from archiver.extract.links import every_link
from archiver.learn.likely_evidence import HostAddresses, evidence_from, link_texts
from archiver.learn.likely_pattern import ArticlePattern, article_pattern, candidates_of
from archiver.learn.samples import Sample
from archiver.text.url import canonical, origin_of

_MOST_PATTERNS = 3
_LEAST_LEFT, _LEAST_SHARE, _MOST_TRIED = 6, 0.2, 8
_FEW = 10
"""A few likely articles prove little."""
_ALIKE = 0.16
"""Of patterns with about the same score, the first, which is the most specific, is used."""
_MOST_WRONG = 0.02
_SHARE_COST, _LISTING_COST, _MOST_COST = 20.0, 0.08, 1.5
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
    texts = {origin: link_texts(links, origin) for origin in dict.fromkeys(map(origin_of, known))}
    evidences = [evidence_from(url, texts[origin_of(url)], known, never) for url in dict.fromkeys(known)]
    first = evidences[0]
    candidates = [
        each for evidence in evidences for each in candidates_of(evidence, key, language, fold_case=fold_case)
    ]
    chosen: list[ArticlePattern] = []
    left_known, left_likely = list(known), list(first.likely)
    while len(chosen) < _MOST_PATTERNS:
        scores = {each: _score(each, left_known, left_likely, first) for each in dict.fromkeys(candidates)}
        most = max(scores.values(), default=0.0)
        if most <= 0 or (chosen and not left_known):
            break
        best = next(each for each, score in scores.items() if score >= most - _ALIKE)
        chosen.append(best)
        left_known = [url for url in left_known if not best.matches(url)]
        left_likely = [url for url in left_likely if not best.matches(url)]
    chosen += _for_others(left_likely, first, key, language, fold_case=fold_case) if chosen else []
    if not chosen:
        return article_pattern(first, key, language=language, fold_case=fold_case)
    return _joined(chosen)


def _for_others(
    left: Sequence[str], evidence: HostAddresses, key: Sequence[str], language: str, *, fold_case: bool
) -> list[ArticlePattern]:
    """Return a pattern for likely articles of another form, if there are many and it takes no listing."""
    if len(left) < max(_LEAST_LEFT, _LEAST_SHARE * len(evidence.likely)):
        return []
    candidates = [
        each
        for url in left[:_MOST_TRIED]
        for each in candidates_of(replace(evidence, sample=url), key, language, fold_case=fold_case)
        if not each.section and not any(map(each.matches, (*evidence.others, *evidence.never)))
    ]
    counts = {each: sum(map(each.matches, left)) for each in dict.fromkeys(candidates)}
    best = max(counts, key=lambda each: counts[each], default=None)
    return [best] if best is not None and 2 * counts[best] >= len(left) else []


def _score(each: ArticlePattern, known: Sequence[str], likely: Sequence[str], evidence: HostAddresses) -> float:
    compiled = re.compile(each.regex)
    if any(compiled.search(url) for url in evidence.never):
        return -1.0
    take = sum(bool(compiled.search(url)) for url in known) / max(1, len(known))
    if not take:
        return -1.0
    more = sum(bool(compiled.search(url)) for url in likely[:_MOST_LIKELY]) / (_FEW + min(len(likely), _MOST_LIKELY))
    wrong = sum(bool(compiled.search(url)) for url in evidence.others)
    share = wrong / max(1, len(evidence.others))
    cost = min(_MOST_COST, _SHARE_COST * max(0.0, share - _MOST_WRONG) + _LISTING_COST * max(0, wrong - 1))
    return 2 * take + more - cost - (_BOUND_COST if each.section else 0.0)


def _joined(patterns: Sequence[ArticlePattern]) -> ArticlePattern:
    """Return one pattern that matches what any of several match."""
    if len(patterns) == 1:
        return patterns[0]
    folded = "(?i)" if any(each.regex.startswith("(?i)") for each in patterns) else ""
    bare = [each.regex.removeprefix("(?i)") for each in patterns]
    return ArticlePattern(folded + "|".join(bare), "")
