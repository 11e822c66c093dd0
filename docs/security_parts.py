"""Generates the tables of docs/explain/security.md from the limits in the code. Run by cog (`make docs`)."""

# ruff: noqa: SLF001  (the table shows limits of other modules)

from archiver.app.importing import import_files
from archiver.crawl import discovery, process_state, traps
from archiver.extract import bounds, links, list_xml, listed, profile, rules
from archiver.fetch import dialing, guard, lenient, robots
from archiver.fetch import rules as robots_rules
from archiver.fetch.warc import blocks, fields, package, unpackers
from archiver.model.policy import Limits, Retries, seconds_of_capture
from archiver.polite import host_delays, polite_client, robots_gate
from archiver.text import patterns, url


def bounds_table() -> str:
    """Return the limits on what a server, a page or a file can cost."""
    limits, retries = Limits(), Retries()
    rows = [
        ("a body, as sent and decoded", f"{limits.max_bytes:,} bytes", "`max_bytes`; larger: `too_big`"),
        ("a whole fetch", f"{limits.timeout:g} s", "`timeout`; from the first byte sent to the last one received"),
        (
            "one `capture`, retries, waits and redirects included",
            f"{seconds_of_capture(limits):g} s",
            "`timeout` and a quarter of it, if that is longer",
        ),
        ("status line and headers", f"{limits.max_head:,} bytes", "larger: refused"),
        ("the same, of an answer that is not valid HTTP", f"{lenient.MOST_HEAD:,} bytes", "refused"),
        ("tries of a request", f"{retries.attempts}", "then the failure is recorded"),
        ("redirects of a page; of robots.txt", f"{polite_client.MAX_HOPS}; {robots.MAX_HOPS}", "then a redirect loop"),
        ("addresses of a host that are tried", f"{dialing.MOST_ADDRESSES}", "others are ignored"),
        ("members of gzip data", f"{guard.MOST_MEMBERS:,}", "cannot be decoded"),
        ("nested encodings", "3", "cannot be decoded"),
        ("robots.txt", f"{robots.MAX_BYTES:,} bytes, {robots_rules._MOST_RULES:,} rules", "the rest is ignored"),
        ("Crawl-delay", f"{robots.MAX_CRAWL_DELAY:g} s", "a longer one counts as this"),
        ("age of a robots.txt", f"{robots_gate.ROBOTS_TTL.total_seconds() / 3600:g} h", "then fetched again"),
        ("wait between requests to a server that fails", f"{host_delays.LONGEST_WAIT:g} s", "then it is suspended"),
        (
            "sitemaps; feeds of a site",
            f"{discovery._MOST_LISTS['sitemap']}; {discovery._MOST_LISTS['feed']}",
            "others are ignored",
        ),
        ("levels of sitemap indexes", f"{discovery._DEEPEST_INDEX}", "deeper ones are ignored"),
        ("addresses of a list", f"{list_xml.MOST_LISTED:,}", "others are ignored"),
        ("a list, decompressed", f"{listed._MOST_BYTES:,} bytes", "cut"),
        ("an address", f"{traps.LONGEST:,} characters in a crawl, {url.LONGEST:,} otherwise", "not requested"),
        ("links of a page", f"{links.MOST_LINKS:,}", "others are ignored"),
        ("characters of a page that are parsed", f"{bounds.MAX_CHARACTERS:,}", "cut, with a note"),
        ("nested elements", f"{bounds.MAX_DEPTH:,}", "deeper tags are left out, with a note"),
        ("attributes of a tag", f"{bounds.MAX_ATTRIBUTES:,}", "left out, with a note"),
        ("nodes that unclosed formatting adds", f"{bounds.MAX_GROWTH:,}", "left out, with a note"),
        ("nodes that a rule takes", f"{rules._MOST_FOUND:,}", "others are ignored"),
        (
            "characters that a backtracking pattern searches",
            f"{patterns.LONGEST_SEARCHED:,}",
            "see [write a profile](../howto/write-a-profile.md)",
        ),
        ("bodies in memory that wait to be written", f"{process_state.MAX_UNWRITTEN_BYTES:,} bytes", "fetching pauses"),
        ("a profile", f"{profile._LARGEST:,} bytes", "an error"),
        ("a body of an imported file", f"{import_files.MOST_BYTES:,} bytes", "`--max-bytes`; larger: counted"),
        ("the header of a WARC record", f"{fields.MOST_HEAD:,} bytes", "the record is damaged"),
        ("the dictionary of a .warc.zst file", f"{unpackers.MOST_DICTIONARY:,} bytes", "refused"),
        ("bytes read again to find where records end", f"{blocks.MOST_SEARCHED:,} bytes", "the record is lost"),
        ("files in a WACZ; growth of a member", f"{package._MOST_MEMBERS:,}; {package._MOST_RATIO} times", "refused"),
    ]
    lines = ["| what | at most | beyond |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {what} | {most} | {beyond} |" for what, most, beyond in rows)]) + "\n"
