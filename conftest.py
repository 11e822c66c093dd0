"""Documentation that cannot lie: `console` and `python` blocks of README and docs are run against the living portal."""

import contextlib
import io
import os
import shlex
import socket
import tempfile
from collections.abc import Iterator
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.document import Document
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.demo.portal import Portal
from archiver.settings import bundled_profiles

SLOW = frozenset((Path(__file__).parent / "tests" / "slow_tests.txt").read_text(encoding="utf-8").split())
for folder in ("ARCHIVER_STATE", "ARCHIVER_CACHE"):
    os.environ[folder] = tempfile.mkdtemp(prefix="archiver-tests-")  # never the user's own
OPTIONS = ELLIPSIS | NORMALIZE_WHITESPACE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of `tests/slow_tests.txt`, and of the slow documents."""
    for item in items:
        path, _, test = item.nodeid.partition("::")
        if path in SLOW or f"{path}::{test.partition('[')[0]}" in SLOW:
            item.add_marker("slow")


class _Stdout(io.TextIOWrapper):
    """Captures text and bytes alike."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined, no-any-return]


def _archiver(words: list[str]) -> str:
    out, err = _Stdout(), io.StringIO()
    GLOBAL_OPTIONS.archive = GLOBAL_OPTIONS.selectors = None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(words)
    printed = out.text() + "".join(line + "\n" for line in err.getvalue().splitlines())
    return printed + (f"[exit {code}]\n" if code else "")


def _console(example: Example) -> None:
    for step in example.parsed.split("$ ")[1:]:
        line, _, expected = step.partition("\n")
        words = shlex.split(line)
        assert words[0] == "archiver", f"only archiver's own commands are run: {line}"
        got = _archiver(words[1:])
        assert OutputChecker().check_output(expected, got, OPTIONS), (
            f"$ {line}\npage says:\n{expected}\nit prints:\n{got}"
        )


def _reserve() -> socket.socket:
    """Hold a free port: bound, so that nobody is given it, but not listening, so that the portal may."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


RESERVED = _reserve()
PRINTED, SERVED = "127.0.0.1:8911", f"127.0.0.1:{RESERVED.getsockname()[1]}"


class DocumentOfThisRun(Document):
    """A document whose examples speak to the portal of this test run, not to whatever listens at the printed port."""

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text.replace(PRINTED, SERVED), path)


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """A portal for one document."""
    with Portal(articles=48, port=RESERVED.getsockname()[1]) as served:
        yield served


@pytest.fixture(scope="module")
def in_a_new_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Each document begins in an empty folder, with the bundled profiles; that of the demo knows our portal's port."""
    folder, selectors = tmp_path_factory.mktemp("doc"), tmp_path_factory.mktemp("selectors")
    text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
    (selectors / "demo.toml").write_text(text.replace(PRINTED, SERVED), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARCHIVER_SELECTORS", str(selectors))
        patch.chdir(folder)
        yield folder


pytest_collect_file = Sybil(
    parsers=[CodeBlockParser("console", _console), PythonCodeBlockParser(doctest_optionflags=OPTIONS), SkipParser()],
    patterns=["README.md", "docs/*.md", "docs/*/*.md"],
    document_types={".md": DocumentOfThisRun},
    fixtures=["portal", "in_a_new_folder"],
).pytest()
