"""What the name of a file to write says: its ending names the format and the compression."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from archiver.errors import UsageError

WRITERS: Mapping[str, str] = {
    **dict.fromkeys(("csv", "csv.gz", "csv.zip"), "export csv"),
    **dict.fromkeys(("jsonl", "ndjson", "jsonl.gz", "ndjson.gz", "jsonl.zip"), "export jsonl"),
    **dict.fromkeys(("parquet", "pq"), "export parquet"),
    "xlsx": "export xlsx",
    **dict.fromkeys(("warc", "warc.gz"), "export warc"),
    "wacz": "export wacz",
    **dict.fromkeys(("html", "htm"), "export html"),
    **dict.fromkeys(("atom", "rss", "xml"), "feed --output"),
}
"""By ending, the command that writes such files."""

_UNWRITTEN = (
    *("zip", "gz", "tgz", "tar", "tar.gz", "bz2", "xz", "zst", "7z", "rar", "warc.zst"),
    *("json", "json.gz", "tsv", "txt", "md", "pdf", "xls", "xlsm", "ods", "doc", "docx", "sql"),
    *("db", "sqlite", "sqlite3", "duckdb", "feather", "arrow", "orc", "avro", "cdx", "cdxj", "arc", "arc.gz", "har"),
    *("mhtml", "epub", "png", "jpg", "yaml", "yml", "toml", "link"),
)
_KNOWN = frozenset((*WRITERS, *_UNWRITTEN))
STDOUT = "-"


def ending_of(name: str) -> str:
    """Return the ending of a file name that says what the file holds, in lower case: `csv.gz`, `zip`; "" for none."""
    parts = Path(name).name.lower().split(".")
    endings = (".".join(parts[-count:]) for count in (2, 1) if len(parts) > count)
    return next((each for each in endings if each in _KNOWN), "")


def checked_ending(dest: str | Path, accepted: Iterable[str], command: str) -> str:
    """Return the ending of a file to write; "" for a name without an ending that says what the file holds.

    Args:
        dest: the name of the file.
        accepted: the endings of files that the command writes.
        command: as typed after `archiver`, for the message.

    Raises:
        UsageError: the ending names another format; the message names the command that writes it, if there is one.
    """
    known, name = tuple(accepted), Path(dest).name.lower()
    ending = next((each for each in sorted(known, key=len, reverse=True) if name.endswith(f".{each}")), "")
    if ending or not (ending := ending_of(name)):
        return ending
    writer = WRITERS.get(ending)
    other = f"use `archiver {writer}`, or " if writer and writer != command else ""
    names = f"name a file that ends with {one_of(known)}" if known else "it writes a folder: name one"
    raise UsageError(f"{dest}: `archiver {command}` does not write .{ending} files; {other}{names}")


def one_of(endings: Iterable[str]) -> str:
    """Return endings as text: `.csv, .csv.gz or .zip`."""
    *first, last = (f".{each}" for each in endings)
    return f"{', '.join(first)} or {last}" if first else last
