"""What every command shares: the global options, the output, and the options that recur."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from archiver.app.archive import Archive
from archiver.cli.output import Output
from archiver.extract.profile import list_profiles
from archiver.settings import Settings, find_settings

OUTPUT = Output()
UNREAD = (
    "captures that could not be read are kept; a newer archiver reads them by itself, and `archiver extract` tries "
    "them again (view visits, cause = 'reader_failed')"
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout; messages go to stderr.")]
Url = Annotated[str, typer.Argument(help="The page's address, by any spelling the archive knows, or a permalink.")]


def site_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of profiles for the shell's completion."""
    folders = find_settings(selectors=ctx.find_root().params.get("selectors")).selectors
    return [path.stem for path in list_profiles(folders) if path.stem.startswith(incomplete)]


SiteOption = Annotated[
    str | None, typer.Option("--site", help="Only this site (its profile's name).", autocompletion=site_names)
]


@dataclass
class Chosen:
    """The global options of this invocation."""

    archive: Path | None = None
    selectors: Path | None = None
    settings: Settings | None = field(default=None, repr=False)

    def find(self) -> Settings:
        """Settings by option, environment and default; those a caller put in place win."""
        return self.settings or find_settings(self.archive, self.selectors)


CHOSEN = Chosen()


def help_when_alone(ctx: typer.Context) -> None:
    """A group named without a command prints its help, and leaves as a command line that asks for nothing does."""
    if ctx.invoked_subcommand is None:
        OUTPUT.line(ctx.get_help().rstrip())
        raise typer.Exit(2)


def reading() -> Archive:
    """The archive, opened to read."""
    archive = Archive(CHOSEN.find(), write=False)
    if archive.store.notice:
        OUTPUT.say(archive.store.notice)
    return archive


def writing() -> Archive:
    """The archive, opened to write; made by the first thing that is put into it, if there is none."""
    return Archive(CHOSEN.find(), write=True, lazy=True)
