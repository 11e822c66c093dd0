"""Write a learned profile as TOML."""

from collections.abc import Sequence

from archiver.learn.body_rules import BodyRule
from archiver.learn.field_rules import FieldRules, toml_of
from archiver.learn.findings import SiteFindings
from archiver.learn.learned import RIGHT, LearnedTemplate
from archiver.learn.render_keys import listing_rendering, render_keys, render_of
from archiver.learn.samples import Sample
from archiver.learn.scaffold import crawl_table, listing_table, site_table, url_table
from archiver.learn.toml_text import literal, quoted_list, sentences
from archiver.model.profile import Rule

_LISTS = ("bylines", "tags", "captions")


def profile_text(found: SiteFindings, templates: Sequence[LearnedTemplate], listings: Sequence[Sample] = ()) -> str:
    """Return the profile. `listings`: sample pages that are no articles."""
    lines = [*site_table(found), *crawl_table(found), *url_table(found)]
    for template in templates:
        lines += article_table(template, found)
    articles = [sample for template in templates for sample in template.samples]
    lines += listing_table(found, [each.page for each in listings], listing_rendering(listings, articles))
    return "\n".join(lines) + "\n"


def article_table(template: LearnedTemplate, found: SiteFindings) -> list[str]:
    """Return the `[[page]]` table of a template."""
    lines = ["", "[[page]]", 'kind = "article"', *sentences(found.note)]
    lines.append(f"url = {literal(found.pattern.regex)}  # what only the addresses of articles match")
    lines += render_keys(render_of(template.samples, _selectors(template)))
    ignore = list(dict.fromkeys(each for body in template.bodies[:1] for each in body.ignore))
    if ignore:
        lines.append(f"ignore = [{quoted_list(ignore)}]  # in the body, but no part of it")
    lines += ["", "[page.fields]"]
    for name, rules in template.fields.items():
        lines += _field(name, rules)
    lines += [_body(template.bodies)]
    readings = [f"{name} = {toml_of(rule, 'first', 'integer')}" for name, rule in template.readings.items()]
    return [*lines, "", "[page.readings]", *readings] if readings else lines


def _selectors(template: LearnedTemplate) -> list[str]:
    """Return the selectors of title and body, without which a page is not complete."""
    titles = (
        [rule.selector for rule in template.fields["title"].rules if rule.kind == "css"]
        if "title" in template.fields
        else []
    )
    return [*titles, *(each.css for each in template.bodies)]


def _field(name: str, rules: FieldRules) -> list[str]:
    take = "all" if name in _LISTS else "first"
    kind = "datetime" if name in ("published", "modified") else "text"
    shown = [toml_of(rule, take, kind) for rule in rules.rules]
    if not shown:
        return [f"# {name} is read without a rule, from what the page declares"] if name != "heading" else []
    sure = sum((each or 0.0) >= RIGHT for each in rules.fits)
    note = "" if sure == len(rules.fits) else f"  # right on {sure} of {len(rules.fits)} pages"
    return [(f"{name} = {shown[0]}" if len(shown) == 1 else f"{name} = [{', '.join(shown)}]") + note]


def _body(bodies: Sequence[BodyRule]) -> str:
    shown = [toml_of(Rule("css", each.css, take=each.take, required=each.required)) for each in bodies]
    if not shown:
        return "# body is read without a rule"
    return f"body = {shown[0]}" if len(shown) == 1 else f"body = [{', '.join(shown)}]"
