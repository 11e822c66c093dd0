"""What docs/reference is made of: Markdown from the code itself. Run by cog (`make docs`, `make docs-check`)."""

import contextlib
import inspect
import io
import os
import re
from dataclasses import asdict, fields
from pathlib import Path

from archiver import errors
from archiver.cli import app, run
from archiver.export.formats import FORMATS
from archiver.model.capture import Outcome
from archiver.store.cookbook import COOKBOOK
from archiver.store.views import VIEWS

_OUTCOMES = {
    "ok": "the page came and was read",
    "not_modified": "304: the server says that nothing changed",
    "moved": "a redirect; `final_url` says where to",
    "gone": "404 or 410",
    "soft_gone": "the page says that it is not there, or sends its visitors to the home page",
    "blocked": "401, 402, 403, 429 or 451",
    "refused": "robots.txt forbids it, or could not be had; nothing was asked",
    "skipped": "not asked: type or scope",
    "too_big": "more than `max_bytes`; headers kept, body not",
    "truncated": "the answer broke off; what came is kept",
    "server_error": "5xx, or a status that says nothing about the page",
    "network_error": "no connection, or no answer in time",
    "tls_error": "the certificate is not trusted",
    "unreadable": "it came and is kept, but nothing could be read from it",
}


def _help(words: list[str]) -> str:
    os.environ.update(COLUMNS="100", TERMINAL_WIDTH="100", NO_COLOR="1", TERM="dumb")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        run([*words, "--help"])
    lines = [line.rstrip() for line in out.getvalue().strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def commands() -> list[list[str]]:
    """Every command, as it is typed."""
    found = [[command.name or ""] for command in app.registered_commands]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        found += [[group.name or "", command.name or ""] for command in group.typer_instance.registered_commands]
    return found


def cli() -> str:
    """The commands with their help."""
    parts = [f"```text\n{_help([])}\n```\n"]
    parts += [f"## archiver {' '.join(words)}\n\n```text\n{_help(words)}\n```\n" for words in commands()]
    return "\n".join(parts)


def views() -> str:
    """The views of an archive."""
    parts = []
    for view in VIEWS:
        rows = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in view.columns.items())
        meaning = view.meaning[0].upper() + view.meaning[1:]
        parts.append(f"## {view.name}\n\n{meaning}.\n\n| column | meaning |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


def formats() -> str:
    """Every format of `archiver export`."""
    rows = [
        f"| `{each.name}` | `.{each.name}` | {each.media_type} | {'yes' if each.lines else 'no'} | "
        f"{', '.join('`--' + name.replace('_', '-') + '`' for name in each.options) or 'none'} | {each.summary} |"
        for each in FORMATS.values()
    ]
    head = "| format | ending | media type | to stdout | options of its own | what the command does |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows]) + "\n"


def error_tree() -> str:
    """Every error with its meaning and exit code."""
    kinds = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.ArchiverError)]
    rows = [f"| `{kind.__name__}` | {kind.exit_code} | {' '.join((kind.__doc__ or '').split())} |" for kind in kinds]
    return "| error | exit code | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def outcomes() -> str:
    """Every outcome of a visit."""
    return (
        "| outcome | meaning |\n|---|---|\n" + "\n".join(f"| `{name}` | {_OUTCOMES[name]} |" for name in Outcome) + "\n"
    )


def json_keys() -> str:
    """The keys of what `--json` prints, from the values themselves."""
    from archiver.app.exporting.export import Exported
    from archiver.app.reading.state import CrawlSummary, PageState, record_json
    from archiver.app.watching.alarm import Alarm
    from archiver.app.watching.health import FieldHealth, Group, Share
    from archiver.app.watching.report import Report
    from archiver.export.citations import Citation
    from archiver.export.tables import Written
    from archiver.model.record import Content
    from archiver.store.run_report_queries import RunRow
    from archiver.store.runs import Tally

    state = PageState("", "", "", None, "ok", 1, None, None, 1, "site", content=Content())
    summary = CrawlSummary(1, "site", Tally(), 0.0, "done")
    run = RunRow(1, 1, "site", "crawl", "2022-10-21 09:00:00", None, None, asdict(Tally()))
    report = Report("site", (run,), run.counts, {}, (), (), (), (), (), {}, (), ())
    field = FieldHealth(Group("article"), "title", Share(0, 0, 0, 0, 0, 0, 0, ""))
    parts = (
        ("`capture --json`, `show --json`", state.as_json()),
        ("their `record`", record_json(Content())),
        ("the last line of `crawl --json`", summary.as_json() | report.summary_json()),
        ("`report --json`", report.as_json()),
        ("`cite --json`", [*(field.name for field in fields(Citation)), "key", "citation"]),
        ("`export … --json`", Exported(()).as_json() | {"seconds": 0.0}),
        ("an object of its `files`", Written(Path(), 0, 0, "").as_json()),
        ("an object of `health`", field.as_json()),
        ("an object of `alarms`", Alarm("field", "site", "").as_json()),
    )
    return "\n".join(f"## {title}\n\n{', '.join(f'`{key}`' for key in keys)}\n" for title, keys in parts)


def cookbook() -> str:
    """The questions and their SQL."""
    parts = []
    for number, one in enumerate(COOKBOOK, 1):
        params = "".join(f"\n- `:{name}`: {meaning}" for name, meaning in one.params.items())
        note = f"\n{one.note}\n" if one.note else ""
        parts.append(f"## {number}. {one.asks}\n\n```sql\n{one.sql}\n```\n{params and params + chr(10)}{note}")
    return "\n".join(parts)
