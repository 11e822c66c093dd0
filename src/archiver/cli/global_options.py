"""The global options, which every command takes, too: `archiver show URL --archive PATH`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer.core

from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT
from archiver.cli.log import start_log

_NAMES: tuple[tuple[tuple[str, ...], bool], ...] = (
    (("--archive",), False),
    (("--selectors",), False),
    (("--log-file",), False),
    (("-v", "--verbose"), True),
    (("-q", "--quiet"), True),
)


def add_global_options(command: Any) -> None:  # noqa: ANN401  (typer's)
    """Let a command, or each command of a group, take the global options; its help does not list them."""
    for each in getattr(command, "commands", {}).values():
        add_global_options(each)
    for names, is_flag in _NAMES:
        option = typer.core.TyperOption(
            param_decls=list(names), is_flag=is_flag, expose_value=False, hidden=True, callback=_taker(names[-1])
        )
        command.params.append(option)


def _taker(name: str) -> Callable[[Any, Any, Any], None]:
    def take(_ctx: object, _param: object, value: str | bool | None) -> None:
        if value:
            _take(name, value)

    return take


def _take(name: str, value: str | bool) -> None:
    if name == "--verbose":
        OUTPUT.verbose = True
    elif name == "--quiet":
        OUTPUT.quiet = True
    elif name == "--archive":
        GLOBAL_OPTIONS.archive = Path(str(value))
    elif name == "--selectors":
        GLOBAL_OPTIONS.selectors = Path(str(value))
    else:
        start_log(OUTPUT, Path(str(value)))
