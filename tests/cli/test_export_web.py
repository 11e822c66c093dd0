"""`export warc`, `export wacz`, `export timemap` on the command line."""

import hashlib
import json
import re
import zipfile
from pathlib import Path

import pytest

from archiver.model.clock import SettableClock
from shell import Shell


def test_warc_tells_what_it_wrote(shell: Shell, tmp_path: Path) -> None:
    shell("capture", shell.portal.address(shell.portal.items[0]))
    assert "records" in shell("export", "warc", str(tmp_path / "w"))
    (told,) = shell.json("export", "warc", str(tmp_path / "w2"), "--cdxj", "--size", "1MB")
    assert told["responses"] == 2
    shell("export", "warc", str(tmp_path / "w3"), "--size", "big", code=2)
    shell("export", "warc", str(tmp_path / "w3"), "--prefix", "../x", code=2)
    assert not (tmp_path / "w3").exists()


def test_wacz_holds_what_its_specification_wants(shell: Shell, tmp_path: Path) -> None:
    shell("crawl", "demo")
    dest = tmp_path / "a.wacz"
    (told,) = shell.json("export", "wacz", str(dest), "--text")
    with zipfile.ZipFile(dest) as package:
        assert package.testzip() is None
        names = {info.filename: info for info in package.infolist()}
        (warc,) = [name for name in names if name.startswith("archive/")]
        assert names[warc].compress_type == zipfile.ZIP_STORED
        about = json.loads(package.read("datapackage.json"))
        assert about["profile"] == "wacz"
        assert {each["path"] for each in about["resources"]} == {warc, "indexes/index.cdxj", "pages/pages.jsonl"}
        for each in about["resources"]:
            data = package.read(each["path"])
            assert (each["bytes"], each["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
        digest = json.loads(package.read("datapackage-digest.json"))
        assert (
            digest["hash"] == f"sha256:{hashlib.sha256(package.read('datapackage.json')).hexdigest()}" == told["digest"]
        )
        header, *pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()]
        lines = package.read("indexes/index.cdxj").splitlines()
    assert header["format"] == "json-pages-1.0"
    assert len(pages) == told["pages"] == len(shell.json("changes", "--kind", "new"))
    assert all(page["title"] and page["text"] is not None and page["ts"].endswith("Z") for page in pages)
    assert lines == sorted(lines)
    assert about["home"]["url"] == pages[-1]["url"]


def test_wacz_is_not_written_over_nor_of_nothing(shell: Shell, tmp_path: Path) -> None:
    shell("capture", shell.portal.address(shell.portal.items[0]))
    dest = tmp_path / "a.wacz"
    shell("export", "wacz", str(dest))
    shell("export", "wacz", str(dest), code=2)
    assert "--force replaces it" in shell.err
    shell("export", "wacz", str(tmp_path / "b.zip"), code=2)
    shell("export", "wacz", str(tmp_path / "b.wacz"), "--since", "2099-01-01", code=2)
    assert sorted(path.name for path in tmp_path.glob("*.w*")) == ["a.wacz"]
    assert not list(tmp_path.glob(".wacz*"))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_timemap_lists_every_capture(timed: Shell, clock: SettableClock, count: int) -> None:
    address = timed.portal.address(timed.portal.items[0])
    for _ in range(count):
        timed("capture", address)
        clock.advance(hours=1)
    lines = timed("export", "timemap", address, "--base", "http://here.example/").splitlines()
    assert [line.endswith(",") for line in lines] == [True] * (count + 2) + [False]
    relations = re.findall(r'rel="([a-z ]*memento)"', "\n".join(lines))
    assert (
        relations
        == [["first last memento"], ["first memento", "last memento"], ["first memento", "memento", "last memento"]][
            count - 1
        ]
    )
    assert f"<http://here.example/web/20221021090000/{address}>" in lines[3]
    assert 'datetime="Fri, 21 Oct 2022 09:00:00 GMT"' in lines[3]
    (first, *_) = timed.json("export", "timemap", address)
    assert first["memento"] == f"/web/20221021090000/{address}"
