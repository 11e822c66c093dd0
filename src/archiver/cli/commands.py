"""The table of all commands. The module of a command is imported when it is called, so that `archiver` starts fast."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
import typer.core

from archiver.cli.global_options import add_global_options
from archiver.cli.help_text import document, write_sections


class CommandEntry(NamedTuple):
    """One command or group of commands.

    Attributes:
        name: as typed.
        place: module of `archiver.cli` and name in it: a function, or a `typer.Typer` of one or many commands.
        help: the first paragraph of its help, so that `archiver --help` need not import it.
    """

    name: str
    place: str
    help: str


COMMANDS = (
    CommandEntry(
        "capture", "capture:capture", "Visit pages once, store the exact responses, read them, and print the records."
    ),
    CommandEntry(
        "crawl",
        "crawl:crawl",
        "Discover pages and revisit those that are due, on all sites at once; resume where the last run ended.",
    ),
    CommandEntry("plan", "plan:plan", "Show what a crawl would visit next, and why; fetch and change nothing."),
    CommandEntry("show", "history:show", "Print a page as it is in the archive, or as it was."),
    CommandEntry("history", "history:history", "List every version of a page and every absence, oldest first."),
    CommandEntry(
        "diff",
        "changes:diff_app",
        "Show the differences between two versions by field, word by word. ¶ ends a paragraph.",
    ),
    CommandEntry(
        "changes",
        "changes:changes",
        "List what happened: pages new, edited, gone, moved and back, and redesigns of a site, oldest first.",
    ),
    CommandEntry(
        "search", "search:search", "Search the full text of every version of every page, including former ones."
    ),
    CommandEntry(
        "cite",
        "cite:cite",
        "Cite one version of a page: authors, title, site, dates, the SHA-256 of its bytes, and a permalink.",
    ),
    CommandEntry("readings", "history:readings", "Show a page's counters over time, with a small plot."),
    CommandEntry(
        "report",
        "report:report",
        "Report the last crawl: pages new, edited, gone, back; why visits failed; how many pages have each field.",
    ),
    CommandEntry("feed", "feed:write", "Write an Atom feed of what happened, with the changed words, newest first."),
    CommandEntry(
        "schedule",
        "schedule:schedule",
        "Print or install a scheduled crawl, or the web interface. The same command again changes nothing.",
    ),
    CommandEntry(
        "fleet",
        "fleet_group:app",
        "Share sites among workers on many machines: who crawls what, by a control database.",
    ),
    CommandEntry(
        "worker",
        "worker:worker",
        "Crawl the sites of a fleet: claim what is due, crawl it in slices, store each slice, give it back.",
    ),
    CommandEntry(
        "stats", "stats:stats", "Print sizes and counts: sites, pages, visits, versions, bytes as sent and as stored."
    ),
    CommandEntry(
        "extract",
        "extract:extract",
        "Read every stored capture again with the current profile; differences go to `reinterpretations`.",
    ),
    CommandEntry(
        "prune",
        "prune:prune",
        "Delete bodies that the profile's [keep] rule does not retain. Versions, readings, changes and the chain stay.",
    ),
    CommandEntry(
        "redact",
        "redact:redact",
        "Delete the bytes of captures and what was read of them, for good. Rows, digests, chain and the reason stay.",
    ),
    CommandEntry(
        "embargo",
        "embargo:embargo",
        "Leave pages out of exports until a date; without arguments, list the embargoes. Reading commands show them.",
    ),
    CommandEntry(
        "doctor",
        "doctor:doctor",
        "Give advice: disk, clock, verification, backup, profiles, drift, captures not read, overdue crawls.",
    ),
    CommandEntry(
        "verify",
        "verify:verify",
        "Check the archive: its files, the chain over every visit, the data derived from them, a share of the bodies.",
    ),
    CommandEntry(
        "head",
        "verify:head",
        "Print the chain's head, a digest over every visit so far. Signed, it later proves the archive's state.",
    ),
    CommandEntry(
        "backup",
        "copies:backup",
        "Copy the archive while it is in use, with a manifest of digests; the next backup adds what is new.",
    ),
    CommandEntry(
        "repair",
        "copies:repair",
        "Repair damaged bodies, rows and files from the mirrors in the archive and from a copy of it.",
    ),
    CommandEntry("sql", "sql:sql", "Run a read-only SQL query over the views; without a query, list the views."),
    CommandEntry(
        "serve",
        "serve:serve",
        "Show the archive in a browser: changes, pages over time, search, copies. Ctrl-C ends it.",
    ),
    CommandEntry(
        "datasette",
        "datasette:app",
        "Open the archive in Datasette, with descriptions, facets, search and the cookbook's queries. Ctrl-C ends it.",
    ),
    CommandEntry(
        "demo",
        "demo:demo",
        "Crawl a demo portal on this machine, which edits, withdraws and restores articles and counts visitors.",
    ),
    CommandEntry(
        "check-warc",
        "check_warc:check_warc",
        "Check WARC and WACZ files strictly: lengths, trailers, digests, revisits, packages. Print each fault.",
    ),
    CommandEntry("export", "export_group:app", "Write tables and captures as files for other programs."),
    CommandEntry("import", "imports:app", "Import captures from other archives into this one."),
    CommandEntry("site", "sites:app", "Make, check and test profiles, which say how to crawl and read each portal."),
)
"""Every command; `SECTIONS` has the order of `archiver --help`."""

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Capture": ("capture", "crawl", "plan", "schedule", "fleet", "worker", "demo"),
    "Read": (
        *("show", "history", "diff", "changes", "search", "cite", "readings", "report", "feed", "sql"),
        *("serve", "datasette"),
    ),
    "Exchange": ("export", "import", "check-warc"),
    "Care": ("doctor", "verify", "head", "backup", "repair", "prune", "redact", "embargo", "stats"),
    "Profiles": ("site", "extract"),
}
"""The sections of `archiver --help`: what the commands are for."""


class _Unloaded(typer.core.TyperCommand):
    """A command whose module is not imported yet: a name and a help text."""

    def __init__(self, entry: CommandEntry) -> None:
        super().__init__(entry.name, help=entry.help, callback=None)
        self.entry = entry


class LazyGroup(typer.core.TyperGroup):
    """The group of all commands. Only calling a command imports its module; listing and completing names do not."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401  (typer's)
        super().__init__(**attributes | {"commands": {entry.name: _Unloaded(entry) for entry in COMMANDS}})

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002  (typer's)
        """List the commands in sections."""
        helps = {each.name: each.help for each in COMMANDS}
        write_sections(formatter, {title: [(name, helps[name]) for name in names] for title, names in SECTIONS.items()})

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401  (typer's)
        """Return the named command and import its module."""
        name, command, rest = super().resolve_command(ctx, args)
        if isinstance(command, _Unloaded):
            command = load(command.entry)
            self.add_command(command, name)
        return name, command, rest


def load(entry: CommandEntry) -> Any:  # noqa: ANN401  (typer's command or group)
    """Import the module of a command and build the command."""
    module, _, member = entry.place.partition(":")
    app = getattr(import_module(f"archiver.cli.{module}"), member)
    if not isinstance(app, typer.Typer):
        function, app = app, typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(entry.name)(function)
    command = typer.main.get_command(app)
    command.name = entry.name
    document(entry.name, command)
    add_global_options(command)
    return command


def every_command() -> Iterator[tuple[str, Any]]:
    """Import and yield all commands that do something, as typed (`export csv`), with typer's object."""
    for entry in COMMANDS:
        command = load(entry)
        if isinstance(command, typer.core.TyperGroup):
            yield from ((f"{entry.name} {name}", each) for name, each in command.commands.items())
        else:
            yield entry.name, command
