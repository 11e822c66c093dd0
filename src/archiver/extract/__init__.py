"""Turn a capture and a profile into a record. The code is pure and picklable, so that it runs in worker processes.

profile, sections, fields, tables, values, keys, lines   a site's profile from TOML, all faults at once
schema, scaffold, testing, explain, explain_page         help to write a profile
read                                                     the steps for one page:
    read_file, file_format, plain_text, pdf_paragraphs       files
    file_text, pdf_text, docx_text, odt_text, sheet_text     their libraries; office_package bounds ZIP archives
    slow_steps                                               what runs in another process
    media, xhtml, bounds, markup, open_elements              is it HTML; limits for the parser
    page, tree (the only user of selectolax), shadow, hidden the parsed page; the visible text
    choose                                                   which `[[page]]` table
    gather, rules, moment, attached, gathered                values by rules
    body, layout, frames, tabular, images                    text and pictures in normal form
    slots, jsonld_repair, main_object, declared, shown       values without rules: what the page declares,
    headline, printed_date, bylines, printed_captions        and prints
    guessed, fallback (the only user of trafilatura)         the body without rules,
    outline, main_text, discussion                           and its place in the page
    walls                                                    challenges and login pages
    links, postback                                          links of the page
"""
