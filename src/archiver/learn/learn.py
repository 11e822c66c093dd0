"""Learn the profile of a site from several of its pages.

    open the pages, label their texts (`samples`) → articles and listings → group articles by template (`templates`)
      → for each template: title, date, bylines, tags, captions, section → body and what to ignore
      → the address pattern of articles → TOML, loaded → the values of the rules on the pages

Everything here is pure: captures in, text out. The rules are judged on all pages of a template, so that an error of
the generic reading on one page weighs little.
"""

from collections.abc import Sequence
from dataclasses import replace

from archiver.errors import UsageError
from archiver.extract.around import SitePages, opened
from archiver.extract.profile import parse_profile
from archiver.learn.anchors import with_anchors
from archiver.learn.extended import is_known, with_tables
from archiver.learn.findings import SiteFindings, findings_of
from archiver.learn.learned import LearnedProfile, LearnedTemplate, learned_fields
from archiver.learn.learned_api import LearnedApi, learn_api
from archiver.learn.learned_tests import tests_of
from archiver.learn.learned_text import article_table, profile_text
from archiver.learn.likely_addresses import is_home
from archiver.learn.likely_site import language_of
from archiver.learn.samples import Sample, SamplePage, open_samples
from archiver.learn.template_rules import learn_template
from archiver.learn.templates import LEVELS, skeleton, templates_of
from archiver.learn.url_pattern import learned_pattern
from archiver.model.profile import Profile, SiteInfo

_LITTLE_BETTER = 0.02
_GOOD = 0.9
"""Fit from which pages are not divided any further."""


def learn_profile(pages: Sequence[SamplePage], name: str, existing: Profile | None = None) -> LearnedProfile:
    """Learn a profile from pages of a site.

    Args:
        pages: two to thirty captures of pages: articles and, if there are any, listings.
        name: the slug of the site.
        existing: the present profile of the site; its tables stay as they are, and new ones are added.

    Raises:
        UsageError: none of the pages is an article.
    """
    samples, articles = _opened(pages, name)
    found = _findings(samples, articles, name)
    others = [each for each in samples if each not in articles]
    same, site = found.identity, found.site
    pattern = learned_pattern(articles, others, same.key, language=site.language, fold_case=same.fold_case)
    found = replace(found, pattern=pattern, sections=())
    templates = _templates(articles, found.names)
    if existing is None:
        text, notes = profile_text(found, templates, others), [found.note]
    else:
        new = [each for each in templates if not is_known(each, existing)]
        text = with_tables(existing, ["\n".join(article_table(each, found)) for each in new])
        notes = [f"{len(new)} of {len(templates)} templates are new; the other tables stay as they are"]
    tests, files = tests_of(parse_profile(text, name), [each.given.capture for each in articles])
    text = f"{text.rstrip()}\n{tests}\n" if tests else text
    profile = parse_profile(text, name)
    return LearnedProfile(text, profile, learned_fields(templates, profile), tuple(filter(None, notes)), files)


def learn_api_of(pages: Sequence[SamplePage], name: str) -> tuple[LearnedApi, SiteFindings] | None:
    """Return the tables of the API from which pages get their data, and what the pages show of their site.

    None when there is no such API.

    Args:
        pages: as for `learn_profile`, with what they requested in a browser.
        name: the slug of the site.

    Raises:
        UsageError: none of the pages is an article.
    """
    if not any(each.requests for each in pages):
        return None
    found = _findings(*_opened(pages, name), name)
    learned = learn_api(pages, found.site)
    return None if learned is None else (learned, found)


def _opened(pages: Sequence[SamplePage], name: str) -> tuple[list[Sample], list[Sample]]:
    """Return the pages with their texts, and those of them that are articles.

    Raises:
        UsageError: none is.
    """
    first = next((page for each in pages if (page := opened(each.capture)) is not None), None)
    language = language_of(first) if first is not None else None
    samples = open_samples(pages, SiteInfo(name=name, language=language or ""))
    articles = [sample for sample in samples if sample.is_article and not is_home(sample.url)]
    articles = articles or [
        each for each in samples if each.weight and not is_home(each.url) and not each.given.is_listing
    ]
    if not articles:
        raise UsageError(f"none of the {len(pages)} pages is an article: give addresses of articles, too")
    return samples, articles


def _findings(samples: Sequence[Sample], articles: Sequence[Sample], name: str) -> SiteFindings:
    """Return what the pages show of the site: its name, language, addresses."""
    homes = sorted((each for each in samples if each not in articles), key=lambda each: not is_home(each.url))
    page, *others = (each.given.capture for each in articles)
    around = SitePages(page, twin=others[0] if others else None, home=homes[0].given.capture if homes else None)
    return findings_of(around, name)


def _templates(articles: list[Sample], names: Sequence[str]) -> list[LearnedTemplate]:
    """Return one table for all articles if its rules fit them as well as those of each template do, else one each.

    Tables that are found in no page of another template come first.
    """
    best = [learn_template(articles, names)]
    skeletons = [skeleton(sample) for sample in articles]
    groups = templates_of(articles, skeletons, LEVELS[0])
    for level in LEVELS:
        finer = templates_of(articles, skeletons, level)
        if len(finer) == 1 or (level != LEVELS[0] and (len(finer) == len(groups) or _fit(best, articles) >= _GOOD)):
            continue
        groups = finer
        each = [learn_template(group, names, [other for other in articles if other not in group]) for group in groups]
        if _fit(each, articles) > _fit(best, articles) + _LITTLE_BETTER:
            best = each
    return with_anchors(best, articles)


def _fit(templates: Sequence[LearnedTemplate], articles: Sequence[Sample]) -> float:
    """Return how well the rules of the body fit, as a mean of all articles."""
    return sum(sum(template.bodies[0].fits) for template in templates if template.bodies) / len(articles)
