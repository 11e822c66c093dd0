"""What the commands share: the global options, the output, and common options."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli.output import Output
from archiver.settings import Settings, find_settings

if TYPE_CHECKING:
    from archiver.app.archive import Archive
    from archiver.app.reading.questions import ArchiveReader

OUTPUT = Output()
INTERRUPTED = 130
"""The exit code after Ctrl-C, SIGTERM or SIGHUP."""
UNREAD = (
    "captures that could not be read are stored; a newer archiver reads them automatically, and `archiver extract` "
    "tries again (view visits, cause = 'reader_failed')"
)

ACCEPT_CERTIFICATE = '`--insecure` accepts its certificate; a profile: tls = "record" in [crawl]'

AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON object per line on stdout; messages go to stderr.")
]
MaxBytes = Annotated[
    str | None, typer.Option("--max-bytes", help="Longest body that is kept whole: 50MB [its profile's, or 10MB].")
]
Insecure = Annotated[
    bool, typer.Option("--insecure", help="Accept a certificate that is not trusted; the visit records that.")
]
Url = Annotated[str, typer.Argument(help="The page's address, in any form the archive knows, or a permalink.")]


def site_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the names of profiles for the shell's completion."""
    from archiver.extract.profile import list_profiles  # noqa: PLC0415  (start-up)

    folders = find_settings(selectors=ctx.find_root().params.get("selectors")).selectors
    return [path.stem for path in list_profiles(folders) if path.stem.startswith(incomplete)]


SiteOption = Annotated[
    str | None, typer.Option("--site", help="Only this site (its profile's name).", autocompletion=site_names)
]


@dataclass
class GlobalOptions:
    """The global options of this invocation."""

    archive: Path | None = None
    selectors: Path | None = None
    settings: Settings | None = field(default=None, repr=False)

    def find(self) -> Settings:
        """Return the settings from options, environment and defaults, or `settings` when a caller has set it."""
        return self.settings or find_settings(self.archive, self.selectors)


GLOBAL_OPTIONS = GlobalOptions()


def help_without_command(ctx: typer.Context) -> None:
    """Print the help of a group that is called without a command, and exit with code 2 (usage)."""
    if ctx.invoked_subcommand is None:
        OUTPUT.line(ctx.get_help().rstrip())
        raise typer.Exit(2)


def reading() -> "ArchiveReader":
    """Open the archive to read."""
    from archiver.app.reading.questions import ArchiveReader  # noqa: PLC0415  (start-up)

    archive = ArchiveReader(GLOBAL_OPTIONS.find())
    if archive.store.notice:
        OUTPUT.say(archive.store.notice)
    return archive


def writing() -> "Archive":
    """Open the archive to write. If it does not exist, the first write creates it."""
    from archiver.app.archive import Archive  # noqa: PLC0415  (start-up)

    return Archive(GLOBAL_OPTIONS.find(), write=True, lazy=True)
