"""Write an archive of schema 6 and what its views answer: `python tests/archives/make_schema_6.py`.

The results, `schema-6.*` and `demo.toml`, are for `tests/store/test_migration.py` and never change: a later schema gets
files of its own, written by a copy of this script.
"""

import contextlib
import json
import lzma
import sqlite3
import sys
import tempfile
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent)]

from archiver.app.archive import Archive  # noqa: E402
from archiver.demo.portal import Portal  # noqa: E402
from archiver.extract.profile import parse_profile  # noqa: E402
from archiver.model.clock import SettableClock  # noqa: E402
from archiver.model.policy import Retries  # noqa: E402
from archiver.settings import Settings, bundled_profiles  # noqa: E402
from archiver.store.archive import vault_path  # noqa: E402
from archiver.store.schema import MIGRATIONS  # noqa: E402
from migrated import Row, answers  # noqa: E402
from replayed import HOME, Answer, served_at_home  # noqa: E402

NAME = "schema-6"


class _PortalAtHome(Portal):
    """The demo's portal, which says that it is at `HOME`."""

    @property
    def url(self) -> str:
        return HOME

    def respond(self, method: str, path: str, form: bytes, headers: Message) -> Answer:
        """Answer a request; 304 when the client has the file already."""
        answer = self.answer(path, form if method == "POST" else None)
        tag = answer.headers.get("ETag")
        status, body = (304, b"") if tag and headers.get("If-None-Match") == tag else (answer.status, answer.body)
        return status, [("Content-Type", answer.media_type), *answer.headers.items()], body


def make(path: Path) -> None:
    """Crawl a small portal on five days; on the last with another profile, by which everything is read again."""
    text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8").partition("\n# What must be read")[0]
    first = parse_profile(text, "demo")
    second = text.replace('summary = ".sapo"\n', "").replace("section =", "rubric =")
    (HERE / "demo.toml").write_text(second, encoding="utf-8")
    clock = SettableClock(datetime(2022, 10, 24, 1, 0, tzinfo=UTC))
    settings = Settings(path, (HERE,), clock, Retries(1, 0.0, 0.01))
    with _PortalAtHome(articles=7) as portal, served_at_home(portal.respond), Archive(settings) as archive:
        for happen in (_nothing, _edit, _nothing, _restore):
            happen(portal)
            archive.crawl(first, everything=True)
            clock.advance(days=1)
            portal.age(days=1)
        archive.crawl(parse_profile(second, "demo"), everything=True)
        archive.extract("demo", workers=1)


def _nothing(_portal: Portal) -> None:
    """A day on which only readers come."""


def _edit(portal: Portal) -> None:
    items = portal.items
    portal.edit_sentence(items[0])
    portal.retitle(items[1], portal.article(items[1]).title + " (cập nhật)")
    portal.sign(items[2], "LQH")
    portal.withdraw(items[3])
    portal.withdraw(items[4])
    portal.move(items[5])
    portal.publish()


def _restore(portal: Portal) -> None:
    portal.restore(portal.items[4])
    portal.reset_counter(portal.items[0])


def _lines(rows: list[Row]) -> str:
    return ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def main() -> None:
    """Write the files."""
    assert len(MIGRATIONS) == 6, "this script writes schema 6; check out the commit that added it"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{NAME}.db"
        make(path)
        with Archive(Settings(path), write=False) as archive:
            views = [f"{json.dumps(view)}: [\n{_lines(rows)}\n]" for view, rows in answers(archive.sql).items()]
        (HERE / f"{NAME}.json").write_text("{" + ",\n".join(views) + "}\n", encoding="utf-8")
        for file in (path, vault_path(path)):
            with contextlib.closing(sqlite3.connect(file)) as database:
                database.execute("VACUUM")
            (HERE / f"{file.name}.xz").write_bytes(lzma.compress(file.read_bytes(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main()
