"""Generates parts of docs/reference from the code. Run by cog (`make docs`, `make docs-check`)."""

import contextlib
import inspect
import io
import os
import re
from dataclasses import asdict, fields
from pathlib import Path

from archiver import errors
from archiver.cli import run
from archiver.cli.commands import every_command
from archiver.export.formats import FORMATS
from archiver.model.outcome import CAUSE_TEXT, Cause, Outcome
from archiver.store.columns import key
from archiver.store.cookbook import COOKBOOK
from archiver.store.view_docs import example, joins
from archiver.store.views import VIEWS


def _help(words: list[str]) -> str:
    os.environ.update(COLUMNS="100", TERMINAL_WIDTH="100", NO_COLOR="1", TERM="dumb")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        run([*words, "--help"])
    lines = [line.rstrip() for line in out.getvalue().strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def commands() -> list[list[str]]:
    """Return all commands as they are typed."""
    return [name.split() for name, _ in every_command()]


def cli() -> str:
    """Return the commands with their help."""
    parts = [f"```text\n{_help([])}\n```\n"]
    parts += [f"## archiver {' '.join(words)}\n\n```text\n{_help(words)}\n```\n" for words in commands()]
    return "\n".join(parts)


def views() -> str:
    """Return the views of an archive."""
    parts = []
    for view in VIEWS:
        rows = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in view.columns.items())
        meaning = view.meaning[0].upper() + view.meaning[1:]
        facts = [f"Key: {', '.join(f'`{name}`' for name in key(view))}."] if key(view) else []
        facts += [f"Joins: {', '.join(f'`{each}`' for each in joins(view))}."] if joins(view) else []
        parts.append(
            f"## {view.name}\n\n{meaning}. {' '.join(facts)}\n\n```sql\n{example(view)}\n```\n\n"
            f"| column | meaning |\n|---|---|\n{rows}\n"
        )
    return "\n".join(parts)


def formats() -> str:
    """Return the formats of `archiver export`."""
    rows = [
        f"| `{each.name}` | `.{each.name}` | {each.media_type} | {'yes' if each.lines else 'no'} | "
        f"{', '.join('`--' + name.replace('_', '-') + '`' for name in each.options) or 'none'} | {each.summary} |"
        for each in FORMATS.values()
    ]
    head = "| format | ending | media type | to stdout | options of its own | what the command does |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows]) + "\n"


def error_tree() -> str:
    """Return all errors with their meaning and exit code."""
    kinds = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.ArchiverError)]
    rows = [f"| `{kind.__name__}` | {kind.exit_code} | {' '.join((kind.__doc__ or '').split())} |" for kind in kinds]
    return "| error | exit code | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def outcomes() -> str:
    """Return the table of the outcomes of a visit."""
    rows = (f"| `{outcome}` | {outcome.traits.meaning} |" for outcome in Outcome)
    return "| outcome | meaning |\n|---|---|\n" + "\n".join(rows) + "\n"


def causes() -> str:
    """Return the table of the causes of outcomes."""
    rows = (f"| `{cause}` | {CAUSE_TEXT[cause]} |" for cause in Cause)
    return "| cause | meaning |\n|---|---|\n" + "\n".join(rows) + "\n"


def json_keys() -> str:
    """Return the keys of the `--json` output, from the values themselves."""
    from archiver.app.exporting.export import Exported
    from archiver.app.reading.state import CrawlSummary, PageState, record_json
    from archiver.app.watching.alarm import Alarm
    from archiver.app.watching.feed import FeedFile
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
    report = Report("site", (run,), run.counts, {}, 0, (), (), (), (), (), (), {}, (), ())
    field = FieldHealth(Group("article"), "title", Share(0, 0, 0, 0, 0, 0, 0, ""))
    parts = (
        ("`capture --json`, `show --json`", state.as_json()),
        ("their `record`", record_json(Content())),
        ("the last line of `crawl --json`", summary.as_json() | report.summary_json()),
        ("`report --json`", report.as_json()),
        ("`cite --json`", [*(field.name for field in fields(Citation)), "key", "citation"]),
        ("`export … --json`", Exported(()).as_json() | {"seconds": 0.0}),
        ("an object of its `files`", Written(Path(), 0, 0, "").as_json()),
        ("`feed --json`", FeedFile(Path(), 0, 0, is_new=True).as_json()),
        ("an object of `health`", field.as_json()),
        ("an object of `alarms`", Alarm("field", "site", "").as_json()),
    )
    return "\n".join(f"## {title}\n\n{', '.join(f'`{key}`' for key in keys)}\n" for title, keys in parts)


def cookbook() -> str:
    """Return the questions and their SQL."""
    parts = []
    for number, one in enumerate(COOKBOOK, 1):
        params = "".join(f"\n- `:{name}`: {meaning}" for name, meaning in one.params.items())
        note = f"\n{one.note}\n" if one.note else ""
        parts.append(f"## {number}. {one.asks}\n\n```sql\n{one.sql}\n```\n{params and params + chr(10)}{note}")
    return "\n".join(parts)
