"""Documentation that cannot lie: `console` and `python` blocks of README and docs are run against the living portal."""

import contextlib
import io
import os
import shlex
from collections.abc import Iterator
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

from archiver.cli import run
from archiver.cli.context import CHOSEN
from archiver.demo.portal import Portal

OPTIONS = ELLIPSIS | NORMALIZE_WHITESPACE


class _Stdout(io.TextIOWrapper):
    """Captures text and bytes alike."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined, no-any-return]


def _archiver(words: list[str]) -> str:
    out, err = _Stdout(), io.StringIO()
    CHOSEN.archive = CHOSEN.selectors = None
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


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """A portal for one document, at the address the documents print."""
    try:
        served = Portal(articles=48, port=8911)
    except OSError:
        pytest.fail("port 8911 is taken; the documents' examples need it (is `archiver demo --serve` running?)")
    with served:
        yield served


@pytest.fixture(scope="module")
def in_a_new_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Each document begins in an empty folder, with the bundled profiles."""
    folder, before = tmp_path_factory.mktemp("doc"), Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


pytest_collect_file = Sybil(
    parsers=[CodeBlockParser("console", _console), PythonCodeBlockParser(doctest_optionflags=OPTIONS), SkipParser()],
    patterns=["README.md", "docs/**/*.md"],
    fixtures=["portal", "in_a_new_folder"],
).pytest()
