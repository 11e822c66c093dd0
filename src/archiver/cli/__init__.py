"""The command line: parse the arguments, call the app, print the result."""

import functools
import logging
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from archiver.cli.commands import LazyGroup
from archiver.cli.context import GLOBAL_OPTIONS, INTERRUPTED, OUTPUT, help_without_command
from archiver.cli.log import start_log
from archiver.cli.output import STDOUT
from archiver.cli.streams import prepare_streams
from archiver.errors import ArchiveDamaged, ArchiveFull, ArchiverError, UsageError
from archiver.settings import package_version

_LOG = logging.getLogger(__name__)

app = typer.Typer(
    name="archiver",
    cls=LazyGroup,
    help="Archive web portals as evidence, and keep the history of what really changed.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        OUTPUT.line(f"archiver {package_version()}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def options(  # noqa: PLR0917  (typer calls it by keyword)
    ctx: typer.Context,
    archive: Annotated[
        Path | None, typer.Option("--archive", help="The archive [$ARCHIVER_ARCHIVE; default: data/archive.db].")
    ] = None,
    selectors: Annotated[
        Path | None,
        typer.Option("--selectors", help="Folder of profiles to search first [$ARCHIVER_SELECTORS]; then ./selectors."),
    ] = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Print more messages on stderr.")] = False,
    log_file: Annotated[
        Path | None,
        typer.Option("--log-file", metavar="FILE", help="Append warnings, and tracebacks of bugs, to a file."),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print only errors on stderr.")] = False,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Set the options that come before the command."""
    GLOBAL_OPTIONS.archive, GLOBAL_OPTIONS.selectors = archive, selectors
    OUTPUT.verbose, OUTPUT.quiet = verbose, quiet
    start_log(OUTPUT, log_file)
    help_without_command(ctx)


@functools.cache
def _command() -> Callable[..., object]:
    """Build the command line from the functions of the commands, once in a process."""
    return typer.main.get_command(app)


def run(argv: Sequence[str]) -> int:
    """Run one command and return its exit code. No traceback is printed, except with -v for a bug.

    Exit codes: 0 done; 1 done, with failures reported; 2 usage; 3 configuration or profile; 4 archive damaged or
    not readable; 5 health alarm; 130 interrupted.
    """
    try:
        code = _command()(list(argv), standalone_mode=False, prog_name="archiver", terminal_width=_help_width())
        OUTPUT.flush()
    except (typer.TyperException, ArchiverError) as error:
        return _report(error)
    except (typer.Abort, KeyboardInterrupt):
        OUTPUT.failure("interrupted; everything that was reported is stored")
        return INTERRUPTED
    except (BrokenPipeError, SystemExit) as error:
        return _exit_code_of_pipe(error)
    except OSError as error:
        return _os_failure(error)
    except Exception as error:  # noqa: BLE001  (the process border)
        return _unexpected(error)
    return code if isinstance(code, int) else 0


def _help_width() -> int:
    """Return the width of help texts: that of the terminal, up to 80 columns. Typer's own least width is 50."""
    return max(20, min(shutil.get_terminal_size().columns, 80) - 2)


def _report(error: typer.TyperException | ArchiverError) -> int:
    if isinstance(error, ArchiverError):
        OUTPUT.failure(str(error))
        return error.exit_code
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "archiver"
    message = error.format_message().replace("Value error, ", "").replace("Input should be", "it must be")
    OUTPUT.failure(f"{message} (see `{command} --help`)")
    return UsageError.exit_code


def _os_failure(error: OSError) -> int:
    if not _takes_output() or error.filename == STDOUT or _is_of_typer(error):
        OUTPUT.failure(
            f"{STDOUT}: {error.strerror}; everything acknowledged is stored; free some space, then run this again"
        )
        return ArchiveFull.exit_code
    place = f"{error.filename}: " if error.filename else ""
    OUTPUT.failure(f"{place}{error.strerror or error}; nothing incomplete was stored")
    return ArchiveFull.exit_code


def _is_of_typer(error: OSError) -> bool:
    """Return whether typer failed to print: a help text, or what completes a word."""
    return traceback.extract_tb(error.__traceback__)[-1].name == "echo"


def _takes_output() -> bool:
    """Flush stdout; return whether it works. If it does not, redirect it, so that the exit does not fail again."""
    try:
        sys.stdout.flush()
    except OSError:
        _discard_stdout()
        return False
    return True


def _unexpected(error: Exception) -> int:
    """Report an unexpected exception in one line: as damage of the archive, if there is any, else as a bug.

    The traceback goes to the log.
    """
    from archiver.app.maintenance.fixity import find_damage  # noqa: PLC0415  (start-up)

    frame = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__}: {error} ({Path(frame.filename).name}:{frame.lineno})"
    damage = find_damage(GLOBAL_OPTIONS.find())
    if damage:
        _LOG.info("%s", what, exc_info=error)
        OUTPUT.failure(f"{damage}; `archiver verify` lists all damage, `archiver repair --from COPY` repairs it")
        return ArchiveDamaged.exit_code
    _LOG.error(
        "a bug of archiver: %s; nothing incomplete was stored, and the next command reads what was captured; "
        "please report it with the log (-v, or --log-file FILE)",
        what,
        exc_info=error,
    )
    return 1


def _exit_code_of_pipe(error: BaseException) -> int:
    """Return 0 when the reader of stdout has closed the pipe, which typer turns into an exit with 1."""
    if isinstance(error, SystemExit) and not isinstance(error.__context__, BrokenPipeError):
        raise error
    _discard_stdout()
    return 0


def _discard_stdout() -> None:
    """Redirect stdout to the null device, because its reader (such as `| head`) has closed it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """Run the console script."""
    if not prepare_streams():
        OUTPUT.failure(f"{STDOUT}: it is closed, and nothing was done; redirect it to a file or to {os.devnull}")
        sys.exit(UsageError.exit_code)
    sys.exit(run(sys.argv[1:]))
