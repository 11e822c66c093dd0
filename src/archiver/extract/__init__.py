"""From a capture and a profile to a record: pure and picklable, so that it runs in worker processes.

profile, sections, fields, tables, values, keys, lines   a site's profile from TOML, all faults at once
schema, scaffold, testing, explain                       what helps to write one
read                                                     the way of one page:
    media, xhtml, bounds, markup, open_elements              is it HTML; what the parser may get
    page, tree (the door to selectolax), shadow, hidden      parsed; what a reader sees
    choose                                                   which `[[page]]` table
    gather, rules, moment, attached, gathered                values by rules
    body, layout, frames, tabular, images                    text and pictures in normal form
    slots, jsonld_repair, main_object, declared, shown       values without rules: what the page declares,
    headline, printed_date, bylines, printed_captions        and prints
    guessed, fallback (the door to trafilatura)              the body without rules,
    outline, main_text, discussion                           and where it stands in the page
    walls                                                    pages that are no answer
    links, postback                                          where the page leads
"""
