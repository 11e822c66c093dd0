"""An example or two of each command, for its help. A test parses each of them."""

import re
from collections.abc import Mapping

URL = "http://portal.example/tin/1"

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "capture": (f"archiver capture {URL}", "archiver capture --page-requisites --json - < addresses.txt"),
    "crawl": ("archiver crawl quan11 --for 30m", "archiver crawl --all-sites --json"),
    "plan": ("archiver plan quan11 --limit 20",),
    "show": (f"archiver show {URL} --at 2026-11-01", f"archiver show {URL} --version 1 --format raw"),
    "history": (f"archiver history {URL}",),
    "diff": (f"archiver diff {URL}", f"archiver diff {URL} 1 3 --json"),
    "changes": ("archiver changes --since 7d --kind edited", "archiver changes --silent --site quan11"),
    "search": ("archiver search dân vận khéo --since 2026-01-01", "archiver search --plain dan van kheo"),
    "cite": (f"archiver cite {URL} --at 2026-11-01", f"archiver cite {URL} --format bibtex"),
    "readings": (f"archiver readings {URL} views",),
    "report": ("archiver report quan11", "archiver report quan11 --since 7d --json"),
    "feed": ("archiver feed quan11 --output changes.atom",),
    "schedule": (
        "archiver schedule quan11 --every 6h",
        "archiver schedule quan11 --every 1d --systemd",
        "archiver schedule --serve --install",
    ),
    "fleet init": (
        "archiver fleet init --fleet postgresql://archiver@db.example/archiver --storage s3://bucket/archives",
        "archiver fleet init --fleet fleet.db --storage /srv/archives",
    ),
    "fleet add": (
        "archiver fleet add quan11 --fleet fleet.db",
        "archiver fleet add quan11 --from data/archive.db --fleet fleet.db",
        "archiver fleet add quan11 --storage s3://other/archives --fleet fleet.db",
    ),
    "fleet extract": (
        "archiver fleet extract --fleet fleet.db --workers 2",
        "archiver fleet extract quan11 --executor dask://scheduler.example:8786",
    ),
    "fleet fetch": (
        "archiver fleet fetch quan11 --to copies --fleet fleet.db",
        "archiver fleet fetch quan11 --to before --generation 412 --json",
    ),
    "fleet run": (
        "archiver fleet run quan11 --fleet fleet.db -- verify --deep",
        "archiver fleet run quan11 -- redact https://quan11.example/page/7 --reason 'court order 12/2022'",
    ),
    "fleet move": ("archiver fleet move quan11 --to s3://bucket/archives --fleet fleet.db",),
    "fleet rescue": (
        "archiver fleet rescue quan11 --fleet fleet.db",
        "archiver fleet rescue quan11 --to rescued --fleet fleet.db",
    ),
    "fleet remove": ("archiver fleet remove quan11 --fleet fleet.db",),
    "fleet list": ("archiver fleet list --fleet fleet.db",),
    "fleet status": ("archiver fleet status --fleet fleet.db --json",),
    "fleet export": ("archiver fleet export --fleet fleet.db", "archiver fleet export quan11 --json"),
    "fleet sql": (
        "archiver fleet sql 'SELECT site, count(*) FROM changes GROUP BY site' --fleet fleet.db",
        "archiver fleet sql --question headlines --param begin=2026-11-01 --param end=2026-12-01 --csv",
    ),
    "fleet search": (
        "archiver fleet search dân vận khéo --fleet fleet.db",
        "archiver fleet search metro --limit 50 --json",
    ),
    "fleet pause": ("archiver fleet pause quan11 --fleet fleet.db",),
    "fleet resume": ("archiver fleet resume quan11 --fleet fleet.db",),
    "worker": (
        "archiver worker --fleet postgresql://archiver@db.example/archiver",
        "archiver worker --fleet fleet.db --once --json",
        "archiver worker --systemd > ~/.config/systemd/user/archiver-worker@.service",
    ),
    "stats": ("archiver stats",),
    "extract": ("archiver extract --site quan11 --dry-run", "archiver extract --site quan11"),
    "prune": ("archiver prune quan11", "archiver prune quan11 --apply"),
    "redact": (f"archiver redact {URL} --reason 'court order 12/2026' --dry-run",),
    "embargo": (
        "archiver embargo",
        "archiver embargo http://portal.example/tin/ --until 2027-01-01 --reason 'agreed with the publisher'",
    ),
    "doctor": ("archiver doctor --backup /mnt/disk/archive",),
    "verify": ("archiver verify", "archiver verify --deep"),
    "head": ("archiver head", "archiver head --sign key --out head.json"),
    "backup": ("archiver backup /mnt/disk/archive",),
    "repair": ("archiver repair --from /mnt/disk/archive",),
    "sql": ("archiver sql", "archiver sql 'SELECT url, title FROM pages LIMIT 5' --csv"),
    "serve": ("archiver serve", "archiver --archive data/demo.db serve --port 8002", "archiver serve --fleet fleet.db"),
    "datasette": ("archiver datasette --port 8001",),
    "demo": ("archiver --archive demo.db demo", "archiver demo --serve", "archiver demo --spa"),
    "check-warc": ("archiver check-warc tin.warc.gz package.wacz",),
    "export csv": ("archiver export csv tables", "archiver export csv pages.csv.gz --view pages"),
    "export jsonl": ("archiver export jsonl - --view changes --site quan11",),
    "export parquet": ("archiver export parquet tables",),
    "export xlsx": ("archiver export xlsx archive.xlsx",),
    "export package": ("archiver export package deposit", "archiver export package deposit.zip --site quan11"),
    "export warc": ("archiver export warc warcs --since-last", "archiver export warc tin.warc.gz --site quan11"),
    "export wacz": ("archiver export wacz quan11.wacz --site quan11 --text",),
    "export html": (f"archiver export html page.html --page {URL}", "archiver export html pages --site quan11"),
    "export timemap": (f"archiver export timemap {URL} --base https://archive.example",),
    "import warc": ("archiver import warc tin.warc.gz",),
    "import wacz": ("archiver import wacz package.wacz",),
    "site health": ("archiver site health quan11",),
    "site repair": (
        "archiver site repair quan11",
        "archiver site repair quan11 --apply",
        "archiver site repair quan11 --since 2026-11-01",
    ),
    "site learn": (
        "archiver site learn portal --listing http://portal.example/news/",
        f"archiver site learn portal {URL} http://portal.example/tin/2 http://portal.example/",
        "archiver site learn portal --from-archive",
    ),
    "site explain": (
        f"archiver site explain {URL}",
        f"archiver site explain {URL} --at 2026-11-01 --profile draft/portal.toml",
    ),
    "site bench": ("archiver site bench quan11", "archiver site bench quan11 --profile draft.toml --all"),
    "site list": ("archiver site list",),
    "site show": ("archiver site show quan11",),
    "site schema": ("archiver site schema > profile.schema.json",),
    "site check": ("archiver site check",),
    "site test": ("archiver site test quan11",),
    "site robots": ("archiver site robots quan11",),
    "site new": (f"archiver site new {URL} --name portal",),
}
"""By command, as typed after `archiver`."""


def wrapped(example: str, width: int) -> list[str]:
    """Return an example as the lines of a shell; a line that continues ends with a backslash."""
    lines: list[str] = []
    line = ""
    for word in re.findall(r"'[^']*'|\S+", example):
        if line and len(line) + len(word) + 3 > width:
            lines.append(f"{line} \\")
            line = f"  {word}"
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
