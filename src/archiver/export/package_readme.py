"""The README of a package: contents, origin, proof, how to read it and how to cite it."""

from collections.abc import Mapping, Sequence
from typing import Any

from archiver.export.about import PackageInfo
from archiver.model.table import Table
from archiver.text.clean import printable

_CELLS = {
    "csv": """The CSV files are RFC 4180 in UTF-8 with LF. An empty cell is a missing value; the empty text is `""`.
Times are UTC, `YYYY-MM-DD HH:MM:SS`; `published` is local wall time at the site. Lists are JSON arrays.

**Cells are as they were read**: a text that begins with `=`, `+`, `-` or `@` has no apostrophe before it, for readers
of data packages would not take it away again. In a spreadsheet, import every column as text, or it may be run.""",
    "parquet": """The Parquet files are typed: times are UTC, lists are lists; `published` is text, local wall time at
the site. Each column's meaning is in its field's metadata.""",
}
_WHAT = """Pages of web portals, every version of them that was seen, what changed between versions, when pages
vanished, and what their counters showed. All of it was read from captures that are kept byte for byte."""
_READ = """`start.ipynb` is a notebook for pandas. Or, with DuckDB and SQLite:

    duckdb -c "SELECT site, count(*) FROM 'data/pages.{form}' GROUP BY site"
    sqlite3 archive.db "SELECT site, count(*) FROM pages GROUP BY site"

With archiver, every command that only reads works on it: `archiver --archive archive.db search WORDS`.
"""


def readme(about: PackageInfo, tables: Sequence[tuple[Table, int]]) -> str:
    """Return the text, in Markdown.

    Args:
        about: the facts about the package.
        tables: each table with the number of its rows.
    """
    sites = [f"- **{_plain(name)}**: {_plain(title)}, <{_plain(home)}>" for name, title, home in about.sites]
    parts = [
        f"# History of {_plain(about.subject)}",
        _WHAT,
        "\n".join(sites),
        f"Made at {about.made_at} UTC by archiver {about.version}. `datapackage.json` describes every column.",
        "## What is here",
        _contents(about.form, tables),
        _CELLS[about.form],
        "## Read it",
        _READ.format(form=about.form).strip(),
        "## What vouches for it",
        _evidence(about.head),
        "## Cite it",
        _citation(about),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _contents(form: str, tables: Sequence[tuple[Table, int]]) -> str:
    rows = [f"| `data/{table.name}.{form}` | {rows} | {table.meaning} |" for table, rows in tables]
    rows += [
        "| `archive.db` | | the archive without its captures; its table `_doc` says what each column means |",
        "| `selectors/` | | the profiles the pages were read with, of each site that has one |",
        "| `head.json` | | the head of the archive's chain, as `archiver head` states it |",
        "| `ro-crate-metadata.json` | | these files described for repositories of research data (RO-Crate 1.2) |",
        "| `SHA256SUMS` | | `sha256sum -c SHA256SUMS` checks every file |",
    ]
    return "\n".join(["| file | rows | what |", "|---|---|---|", *rows])


def _evidence(head: Mapping[str, Any]) -> str:
    last = f", the last at {head['visited_at']} UTC" if head["visited_at"] else ""
    return f"""The archive this was taken from has the id `{head["archive_id"]}`. It held {head["visits"]}
visits{last}, chained by SHA-256; the head of the chain was

    {head["chain"]}

`archiver verify --head head.json` on that archive proves that it still holds these visits unaltered. This package
is a reading of them; the captures themselves are not in it."""


def _citation(about: PackageInfo) -> str:
    return f"""> History of {_plain(about.subject)}. Data package made at {about.made_at} UTC by archiver
> {about.version} from archive {about.head["archive_id"]},
> {about.head["visits"]} visits, chain {about.head["chain"][:16]}…

To cite a version of a page, name its address and its `seen_from`. The texts belong to those who wrote them."""


def _plain(text: str) -> str:
    """Return text on one line without Markdown markup."""
    shown = printable(text, 500)
    return "".join("\\" + letter if letter in "\\`*_[]<>|#" else letter for letter in shown)
