"""The help of commands: in sections, in full sentences, with examples, at any width."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from archiver.cli.examples import EXAMPLES, wrapped

_INDENT = 2
_EVERYWHERE = "--archive, --selectors, --log-file, -v and -q work with every command; see `archiver --help`."


def document(name: str, command: Any) -> None:  # noqa: ANN401  (typer's)
    """Add the examples to the help of a command, and full sentences to the help of a group of commands.

    Args:
        name: as typed after `archiver`.
        command: typer's object; typer calls the two methods that are set.
    """
    if hasattr(command, "commands"):
        command.format_commands = partial(_list_commands, command.commands)
        for each, inner in command.commands.items():
            document(f"{name} {each}", inner)
    command.format_epilog = partial(_write_end, EXAMPLES.get(name, ()))


def write_sections(formatter: Any, sections: Mapping[str, Iterable[tuple[str, str]]]) -> None:  # noqa: ANN401
    """Write names with their texts, section by section; no text is cut."""
    names = [name for rows in sections.values() for name, _ in rows]
    longest = max(map(len, names))
    for title, rows in sections.items():
        with formatter.section(title):
            formatter.write_dl([(name.ljust(longest), text) for name, text in rows], col_max=longest + _INDENT)


def _list_commands(commands: Mapping[str, Any], _ctx: object, formatter: Any) -> None:  # noqa: ANN401
    write_sections(formatter, {"Commands": [(name, _first_paragraph(each.help)) for name, each in commands.items()]})


def _write_end(examples: tuple[str, ...], _ctx: object, formatter: Any) -> None:  # noqa: ANN401
    if examples:
        with formatter.section("Examples" if len(examples) > 1 else "Example"):
            width = formatter.width - formatter.current_indent
            for example in examples:
                for line in wrapped(example, width):
                    formatter.write(f"{' ' * formatter.current_indent}{line}\n")
    formatter.write_paragraph()
    formatter.write_text(_EVERYWHERE)


def _first_paragraph(text: str | None) -> str:
    return " ".join((text or "").strip().split("\n\n")[0].split())
