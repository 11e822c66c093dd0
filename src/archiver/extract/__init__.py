"""From a capture and a profile to a record: pure and picklable, so that it runs in worker processes.

profile, sections, fields, tables, values, keys, lines   a site's profile from TOML, all faults at once
schema, scaffold, testing, explain                       what helps to write one
read                                                     the way of one page:
    media, page, tree (the door to selectolax), bounds       is it HTML; parsed within bounds
    choose                                                   which `[[page]]` table
    gather, rules, body, moment, attached, gathered          values by rules
    slots, declared, fallback (the door to trafilatura)      values without rules
    links, postback                                          where the page leads
"""
