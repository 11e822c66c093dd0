"""`datasette`: started on a loopback port and requested, with its configuration."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.app.exporting import datasette
from archiver.store.cookbook import COOKBOOK, question
from shell import Shell


@pytest.fixture
def prepared(shell: Shell) -> Shell:
    shell("capture", shell.portal.address(shell.portal.items[3]))
    return shell


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def served(prepared: Shell, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the running program."""
    port = _free_port()
    words = [sys.executable, "-m", "archiver", "--archive", str(prepared.archive), "datasette", "--port", str(port)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        base = f"http://127.0.0.1:{port}/{Path(prepared.archive).stem}"
        try:
            for _ in range(600):
                try:
                    _get(base + ".json")
                    break
                except OSError:
                    time.sleep(0.1)
            yield base
        finally:
            child.send_signal(request.param)
            assert child.wait(120) == 0
            with pytest.raises(OSError, match="refused"):
                _get(base + ".json")


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  (loopback)
        return json.load(answer)


def test_it_serves_the_views_full_text_and_the_cookbook_and_hides_the_machinery(served: str) -> None:
    database = _get(served + ".json")
    assert {view["name"] for view in database["views"]} >= {"pages", "timeline", "blind"}
    assert not {"_content_plain", "found", "found_plain"} & {view["name"] for view in database["views"]}
    assert all(table["hidden"] for table in database["tables"])
    assert {one["name"] for one in database["queries"]} == {one.name for one in COOKBOOK}
    for one in COOKBOOK:
        values = {name: "" if name == "words" else "1" for name in one.params}
        answer = _get(f"{served}/{one.name}.json?{urllib.parse.urlencode(values)}&_shape=objects")
        assert answer["ok"], one.name
    rows = _get(f"{served}/versions.json?_search={urllib.parse.quote('quận')}&_shape=array")
    assert len(rows) == 1


def test_metadata_prints_the_configuration(prepared: Shell) -> None:
    database = json.loads(prepared("datasette", "--metadata"))["databases"]["archive"]
    assert database["tables"]["versions"]["fts_table"] == "_words"
    assert database["tables"]["changes"]["columns"]["not_before"].startswith("last visit")
    assert database["queries"]["edits"]["sql"] == question("edits").sql


def test_without_the_extra_the_error_says_how_to_install_it(prepared: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasette, "is_installed", lambda: False)
    prepared("datasette", code=2)
    assert "`pipx inject portal-archiver datasette`" in prepared.err


def _page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  (loopback)
        return str(answer.read().decode())


def test_ids_link_changes_are_readable_and_the_box_has_a_query(served: str) -> None:
    database = served.rsplit("/", 1)[1]
    page = _page(f"{served}/visits")
    assert f'<a href="/{database}/pages?page_id__exact=1">1</a>' in page
    assert f'<a href="/{database}/runs?run_id__exact=1">1</a>' in page
    query = urllib.parse.urlencode({"sql": "SELECT 'a [-1-]{+<b>+} c' AS context, '<i>x' AS old"})
    page = _page(f"{served}?{query}")
    assert "a <del>[-1-]</del><ins>{+&lt;b&gt;+}</ins> c" in page
    assert ">&lt;i&gt;x</div>" in page
    assert "select not_after, url, field, nature, context from changes" in _page(served)
