"""The command line for tests: in this process, with a new archive and the demo portal."""

import json
from pathlib import Path
from typing import Any

import pytest

from archiver.cli import run
from archiver.demo.portal import Portal
from archiver.settings import bundled_profiles


class Commands:
    """Run commands on one archive, with the profiles of one folder."""

    def __init__(self, archive: Path, selectors: Path, capsys: pytest.CaptureFixture[Any]) -> None:
        self.archive = archive
        self.selectors = selectors
        self.err = ""
        self._capsys = capsys

    def __call__(self, *words: str, code: int = 0) -> str:
        got = run(["--archive", str(self.archive), "--selectors", str(self.selectors), *words])
        printed = self._capsys.readouterr()
        self.err = printed.err
        assert got == code, printed
        return str(printed.out)

    def json(self, *words: str, code: int = 0) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self(*words, "--json", code=code).splitlines()]


class Shell(Commands):
    """Run commands on one archive, with the demo's profile for the portal."""

    def __init__(self, portal: Portal, folder: Path, capsys: pytest.CaptureFixture[Any]) -> None:
        super().__init__(folder / "archive.db", folder / "profiles", capsys)
        self.portal = portal
        self.selectors.mkdir()
        text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
        (self.selectors / "demo.toml").write_text(text.replace("http://127.0.0.1:8911/", portal.url), encoding="utf-8")
