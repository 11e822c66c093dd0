"""`archiver verify` and `archiver head`: output, exit codes, and what a head proves."""

import json
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archiver.app.archive import Archive
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.demo.portal import Portal
from archiver.maintain.verify import finding
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles
from archiver.store.archive import Store, vault_path
from archiver.store.vault import Block
from made import START
from shell import Shell


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Portal, Path]]:
    """A portal, and an archive with three visits of two of its pages and one of robots.txt (the second visit)."""
    folder = tmp_path_factory.mktemp("made")
    path = folder / "archive.db"
    with Portal(articles=3) as portal:
        text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
        (folder / "demo.toml").write_text(text.replace("http://127.0.0.1:8911/", portal.url), encoding="utf-8")
        settings = Settings(path, (folder,), SettableClock(START), Retries(1, 0.0, 0.0))
        with Archive(settings) as archive:
            for number in (0, 1, 0):
                archive.capture(portal.address(portal.items[number]), site="demo")
        yield portal, path


@pytest.fixture
def filled(made: tuple[Portal, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    """A shell on a copy of that archive; its clock starts at `START`."""
    portal, path = made
    shell = Shell(portal, tmp_path, capsys)
    for source, copy in ((path, shell.archive), (vault_path(path), vault_path(shell.archive))):
        shutil.copy(source, copy)
    GLOBAL_OPTIONS.settings = Settings(shell.archive, (shell.selectors,), SettableClock(START), Retries(1, 0.0, 0.0))
    yield shell
    GLOBAL_OPTIONS.settings = None


def alter(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(sql).rowcount >= 1
        for _, trigger in triggers:
            connection.execute(trigger)
        connection.commit()


def head(shell: Shell, folder: Path, *words: str) -> Path:
    file = folder / "head.json"
    shell("head", "--out", str(file), *words)
    return file


def test_an_undamaged_archive(filled: Shell) -> None:
    """One line for people, one object for programs, exit code 0."""
    printed = filled("verify")
    chain = filled.json("head")[0]["chain"]
    assert printed == f"whole: 4 visits, all 4 bodies read, chain {chain}\n"
    (summary,) = filled.json("verify", "--deep")
    assert (summary["whole"], summary["visits"], summary["bodies_read"], summary["chain"]) == (True, 4, 4, chain)
    assert (summary["head"], summary["head_holds"], summary["findings"]) == (None, None, 0)


def test_damage_is_listed_and_the_exit_code_is_4(filled: Shell) -> None:
    alter(filled.archive, "UPDATE _visit SET milliseconds = 99999 WHERE visit_id = 2")
    lines = filled("verify", code=4).splitlines()
    url = filled.portal.address(filled.portal.items[0])
    (line,) = [line for line in lines if line.startswith("visit 2 ")]
    assert line.startswith(
        f"visit 2 ({url}, 2022-10-21 09:00:00): its row was altered after it was chained; affected: "
    )
    assert "version_id 1" in line
    assert lines[-1].startswith("damaged: ")
    *findings, summary = filled.json("verify", code=4)
    (found,) = [finding for finding in findings if finding["finding"] == "row"]
    assert (found["visit_id"], found["url"], found["versions"], found["readings"]) == (2, url, [1], 2)
    assert (summary["whole"], summary["findings"], summary["damaged_visits"]) == (False, len(findings), 1)


def test_a_file_that_is_not_an_archive(timed: Shell, tmp_path: Path) -> None:
    timed("verify", code=4)
    assert "there is no archive here" in timed.err
    timed.archive.write_text("hello")
    timed("verify", code=4)
    assert "not an archive" in timed.err


def test_unneeded_frames_are_reported_and_removed(filled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.maintain.verify.clean._WAIT", 0.01)
    with Store.open(filled.archive) as store:
        store._vault.write([Block(1, 1, b"HTTP/1.1 200 OK\r\n\r\nlost", None)])
        filled("verify", "--clean", code=1)
        assert "nothing was removed" in filled.err
    filled("verify")
    assert "1 frames" in filled.err
    assert "removed 1 frames that no visit needs" in filled("verify", "--clean")
    (summary,) = filled.json("verify", "--clean")
    assert (summary["unneeded_frames"], summary["removed_frames"]) == (0, 0)


def test_nothing_is_removed_from_a_damaged_archive(filled: Shell) -> None:
    with Store.open(filled.archive) as store:
        store._vault.write([Block(1, 1, b"HTTP/1.1 200 OK\r\n\r\nlost", None)])
    alter(filled.archive, "UPDATE _visit SET status = 201 WHERE visit_id = 1")
    summary = filled.json("verify", "--clean", code=4)[-1]
    assert (summary["unneeded_frames"], summary["removed_frames"]) == (1, 0)


def test_a_key_is_not_overwritten_and_only_its_owner_can_read_it(timed: Shell, tmp_path: Path) -> None:
    key = tmp_path / "key"
    printed = timed("head", "--new-key", str(key))
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    timed("head", "--new-key", str(key), code=2)
    assert "never overwritten" in timed.err
    assert key.read_bytes() == before
    key.unlink()
    timed("head", "--new-key", str(key), code=2)  # its public half is still there
    assert not key.exists()
    assert "its public key, " in printed


def test_a_signed_head_proves_the_archive_after_later_visits(filled: Shell, tmp_path: Path) -> None:
    key = tmp_path / "key"
    public = filled("head", "--new-key", str(key)).split()[-1]
    statement = head(filled, tmp_path, "--sign", str(key))
    filled("capture", filled.portal.address(filled.portal.items[2]))
    result = "this archive holds, unaltered, all 4 visits that head.json states"
    assert f"{result} (stated 2022-10-21 09:00:00 UTC, signed with the key in it" in filled(
        "verify", "--head", str(statement)
    )
    for known in (public, f"{key}.pub"):
        printed = filled("verify", "--head", str(statement), "--key", known)
        assert f"{result} (stated 2022-10-21 09:00:00 UTC, signed with {public})" in printed
    (summary,) = filled.json("verify", "--head", str(statement))
    assert summary["head_holds"] is True
    assert summary["head"]["visits"] == 4


def test_an_unsigned_head_is_compared_with_the_archive(filled: Shell, tmp_path: Path) -> None:
    statement = head(filled, tmp_path)
    assert "all 4 visits that head.json states (head.json is not signed)" in filled("verify", "--head", str(statement))
    assert "it is not signed" in filled("verify", "--head", str(statement), "--key", "0" * 64, code=4)


def test_a_statement_of_a_head_is_not_overwritten(filled: Shell, tmp_path: Path) -> None:
    statement = head(filled, tmp_path)
    filled("head", "--out", str(statement), code=2)
    assert "name another file" in filled.err


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"chain": "0" * 64}, "here it has"),
        ({"visits": 9, "visit_id": 9}, "visit 9 is not in this archive"),
        ({"archive_id": "another"}, "it is of archive another"),
        ({"visits": 2}, "it contradicts itself"),
        ({"signature": "zz"}, "not hexadecimal text"),
        ({"signature": "00" * 64}, "its signature does not match"),
        ({"stated_at": "1999-01-01 00:00:00"}, "its signature does not match"),
    ],
)
def test_a_changed_statement_of_a_head(filled: Shell, tmp_path: Path, change: dict[str, object], what: str) -> None:
    """Any changed part is found."""
    filled("head", "--new-key", str(tmp_path / "key"))
    statement = head(filled, tmp_path, "--sign", str(tmp_path / "key"))
    statement.write_text(json.dumps(json.loads(statement.read_text()) | change))
    printed = filled("verify", "--head", str(statement), code=4)
    assert what in printed
    assert "unaltered" not in printed


def test_another_key(filled: Shell, tmp_path: Path) -> None:
    filled("head", "--new-key", str(tmp_path / "key"))
    filled("head", "--new-key", str(tmp_path / "other"))
    statement = head(filled, tmp_path, "--sign", str(tmp_path / "key"))
    assert "it is signed with the key" in filled(
        "verify", "--head", str(statement), "--key", str(tmp_path / "other.pub"), code=4
    )


def test_a_removed_last_visit_is_found_with_a_head(filled: Shell, tmp_path: Path) -> None:
    statement = head(filled, tmp_path)
    alter(filled.archive, "DELETE FROM _visit WHERE visit_id = 4")
    assert "it names 4 visits; visit 4 is not in this archive" in filled("verify", "--head", str(statement), code=4)


def test_a_recomputed_chain_is_found_with_a_head(filled: Shell, tmp_path: Path) -> None:
    """The owner of the file can recompute the chain over changed rows; an earlier head shows it."""
    from archiver.store.chain import VISITS, canonical
    from archiver.text.digest import GENESIS, chain_link

    statement = head(filled, tmp_path)
    alter(filled.archive, "UPDATE _visit SET status = 203 WHERE visit_id = 2")
    with closing(sqlite3.connect(filled.archive)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(f"{VISITS} ORDER BY t.visit_id").fetchall()
    link = GENESIS
    for row in rows:
        link = chain_link(link, canonical(row))
        alter(filled.archive, f"UPDATE _visit SET chain = x'{link}' WHERE visit_id = {row['visit_id']}")
    found = filled.json("verify", "--head", str(statement), code=4)
    assert not [finding for finding in found if finding.get("finding") == "row"]
    assert [finding["what"].split(" has the link ")[0] for finding in found if finding.get("finding") == "head"] == [
        "it says that visit 4"
    ]


def test_a_lost_body_of_a_visit_in_the_head(filled: Shell, tmp_path: Path) -> None:
    statement = head(filled, tmp_path)
    with closing(sqlite3.connect(vault_path(filled.archive))) as connection:
        for table in ("_frame", "_mirror"):
            connection.execute(f"UPDATE {table} SET data = x'00'")
        connection.commit()
    assert "the bytes of visit 3, which it names, are lost" in filled("verify", "--head", str(statement), code=4)


def test_invalid_options_and_files(filled: Shell, tmp_path: Path) -> None:
    """Each error is one line that says what to do."""
    text = tmp_path / "text"
    text.write_text("hello")
    other = tmp_path / "other.json"
    other.write_text('{"format": "archiver head 1"}')
    for words, what in (
        (("verify", "--key", "0" * 64), "--key needs a statement of the head"),
        (("verify", "--head", str(tmp_path / "none")), "there is no such file"),
        (("verify", "--head", str(text)), "not a statement of a head"),
        (("verify", "--head", str(other)), 'its "archive_id" is missing'),
        (("verify", "--head", str(other), "--key", str(text)), "this is not a public key"),
        (("head", "--sign", str(tmp_path / "none")), "make a key with `archiver head --new-key FILE`"),
        (("head", "--sign", str(text)), "this is not a private key"),
        (("head", "--new-key", str(tmp_path / "no" / "key")), "cannot be written"),
        (("head", "--out", str(tmp_path / "no" / "head")), "cannot be written"),
    ):
        filled(*words, code=2)
        assert what in filled.err


def test_keys_of_openssh(filled: Shell, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    private, file = Ed25519PrivateKey.generate(), tmp_path / "id"
    file.write_bytes(private.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption()))
    public = private.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).decode()
    statement = head(filled, tmp_path, "--sign", str(file))
    assert "unaltered" in filled("verify", "--head", str(statement), "--key", public)
    for what, key, lock in (
        ("protected by a passphrase", private, form.BestAvailableEncryption(b"secret")),
        ("not an Ed25519 key", generate_private_key(65537, 1024), form.NoEncryption()),  # noqa: S505
    ):
        file.write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, lock))
        filled("head", "--sign", str(file), code=2)
        assert what in filled.err


def test_an_empty_archive_has_a_head(timed: Shell, tmp_path: Path) -> None:
    Store.open(timed.archive).close()
    assert "visits:   0\n" in timed("head")
    assert "all 0 visits" in timed("verify", "--head", str(head(timed, tmp_path)))


def test_without_cryptography_only_keys_fail(filled: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is imported only when a key is used."""
    lazy = "import archiver.cli, sys; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", lazy], check=False).returncode == 0
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert "unaltered" in filled("verify", "--head", str(head(filled, tmp_path)))
    filled("head", "--new-key", str(tmp_path / "key"), code=2)
    assert "`pipx inject portal-archiver cryptography`" in filled.err


def test_the_command_says_how_many_are_not_listed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    few = 4
    monkeypatch.setattr(finding, "MAX_FINDINGS", few)
    for item in shell.portal.items[:6]:
        shell("capture", shell.portal.address(item))
    alter(shell.archive, "UPDATE _visit SET milliseconds = milliseconds + 1")
    printed = shell("verify", code=4)
    assert "more findings of the kind `row` are not listed" in printed
    *lines, summary = [json.loads(line) for line in shell("verify", "--json", code=4).splitlines()]
    assert sum(line["finding"] == "row" for line in lines) == few
    assert summary["findings"] == len(lines) + sum(summary["findings_left_out"].values())
