"""`check-warc`: each fault is found, with its position; valid files have no fault."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shell import Shell
from warcs import DATE, PAGE, URL, http, name, packed, record, response, revisit, sha1

GOOD = response()
OWN = name(("response", URL, DATE, http()))
FRAMED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE)


def _check(shell: Shell, path: Path, *, code: int = 1) -> list[str]:
    *findings, result = shell.json("check-warc", str(path), code=code)
    assert result["errors"] == sum(each["level"] == "error" for each in findings)
    return [f"{each['place']} {each['what']}" for each in findings]


def test_exported_files_have_no_fault(shell: Shell, tmp_path: Path) -> None:
    shell("crawl", "demo")
    shell("export", "warc", str(tmp_path / "w"))
    shell("export", "wacz", str(tmp_path / "a.wacz"))
    (file,) = (tmp_path / "w").glob("*.warc.gz")
    assert _check(shell, file, code=0) == []
    assert _check(shell, tmp_path / "a.wacz", code=0) == []
    assert "no fault" in shell("check-warc", str(file))


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (packed(GOOD)[:-1], "the file ends within a gzip member"),
        (packed(GOOD)[:-8], "the file ends within a gzip member"),
        (packed(GOOD)[:-30], "the file ends within a gzip member: Content-Length says"),
        (packed(record("response", http(FRAMED, "Transfer-Encoding: chunked"), WARC_Payload_Digest=sha1(FRAMED))), "chunk framing"),
        (packed(response(WARC_Payload_Digest=sha1(b"x"))), "WARC-Payload-Digest does not match"),
        (packed(response(WARC_Block_Digest=sha1(b"x"))), "WARC-Block-Digest does not match"),
        (packed(revisit(name("nowhere"))), "a revisit of a record that is in none of these files"),
        (packed(GOOD, revisit(name("nowhere"), WARC_Refers_To=None)), "a revisit without a reference"),
        (packed(GOOD, revisit(OWN, WARC_Payload_Digest=None)), "without WARC-Payload-Digest"),
        (packed(GOOD, revisit(OWN, WARC_Profile=None)), "without WARC-Profile"),
        (packed(GOOD, GOOD), "the same WARC-Record-ID"),
        (packed(response(WARC_Record_ID=None)), "WARC-Record-ID is missing"),
        (packed(response(date="2022-13-01T00:00:00Z")), "WARC-Date is not a valid date"),
        (packed(record("response", http(), None)), "without WARC-Target-URI"),
        (packed(record("warcinfo", b"a: b\r\n")), "with WARC-Target-URI"),
        (packed(record("response", b"nothing\r\n\r\n")), "not an HTTP response"),
        (packed(record("response", http(FRAMED[:-30], "Transfer-Encoding: chunked"))), "the body is cut"),
        (packed(GOOD.replace(b"WARC-Date:", b"WARC-Date: 2022-10-22T03:00:00Z\r\nWARC-Date:")), "warc-date occurs 2 times"),
        (GOOD.replace(b"\r\n\r\n<", b"\r\n\r\n <", 1), "but the block has 877 bytes (-1)"),
        (b"", "the file has no record"),
    ],
)  # fmt: skip
def test_each_fault_is_found(shell: Shell, tmp_path: Path, wrong: bytes, what: str) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(wrong)
    found = _check(shell, path)
    assert any(what in line for line in found), found


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (response(date="2022-10-22 03:00:00"), 0),
        (response(date="0001-01-01T00:00:00Z"), 1),
        (record("response", http(), Content_Type="text/html"), 0),
        (record("response", b"nothing\r\n\r\n"), 1),
        (record("response", http(), Content_Length="5", WARC_Block_Digest=None), 0),
        (response(WARC_Block_Digest=sha1(b"other")), 1),
        (response(url="http://[/"), 1),
        (b"\xef\xbb\xbf" + GOOD, 0),
        (GOOD.replace(b"WARC-Date", b"no colon\r\nWARC-Date"), 0),
        (GOOD.replace(b"WARC-Date", b'WARC-Filename: "a\nb"\r\nWARC-Date'), 0),
        (GOOD[:-2], 0),
        (GOOD[:-100], 1),
        (GOOD[:-100] + GOOD, 1),
        (GOOD[:90], 1),
        (GOOD + b"rubbish\r\n", 1),
        (b"rubbish", 1),
        (revisit(name("nowhere")), 1),
        (f"{URL} a 1.2.3.4 20221022030001 text/html {len(http())}\n".encode() + http() + b"\n", 0),
        (f"{URL} 1.2.3.4 202210220300 text/html {len(http())}\n".encode() + http() + b"\n", 0),
        (f"{URL} 1.2.3.4 20221022030001 text/html -1\n".encode() + http() + b"\n", 0),
        (packed(GOOD)[:-30], 1),
        (packed(GOOD)[:-3] + b"xyz", 1),
        (packed(GOOD) + b"rubbish", 1),
    ],
)
def test_what_an_import_reports_is_a_fault(shell: Shell, tmp_path: Path, data: bytes, code: int) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(data)
    (result,) = shell.json("import", "warc", str(path), code=code)
    (*_, checked) = shell.json("check-warc", str(path), code=1)
    assert result["flaws"]
    assert checked["errors"]


def test_an_arc_file_without_http_headers_has_no_fault(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "a.arc"
    path.write_bytes(f"{URL} 1.2.3.4 20221022030001 no-type {len(PAGE)}\n".encode() + PAGE + b"\n")
    (result,) = shell.json("import", "warc", str(path))
    assert (result["captures"], result["flaws"]) == (1, [])
    assert _check(shell, path, code=0) == []


def test_a_revisit_of_a_revisit_is_a_fault(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    first = revisit(OWN)
    own = first.split(b"WARC-Record-ID: ")[1].split(b"\r\n")[0].decode()
    path.write_bytes(packed(GOOD, first, revisit(own, date="2022-10-24T03:00:00Z")))
    assert [line.split(" ", 1)[1][:19] for line in _check(shell, path)] == ["refers to a revisit"]


def test_files_are_checked_together(shell: Shell, tmp_path: Path) -> None:
    for called, data in (("a.warc.gz", packed(revisit(OWN))), ("b.warc.gz", packed(GOOD))):
        (tmp_path / called).write_bytes(data)
    shell("check-warc", str(tmp_path / "a.warc.gz"), code=1)
    shell("check-warc", str(tmp_path / "a.warc.gz"), str(tmp_path / "b.warc.gz"))
    shell("check-warc", str(tmp_path), code=2)
    shell("check-warc", code=2)


def test_a_warning_is_not_a_fault(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(
        packed(
            response(url=f"<{URL}>"), record("strange", b"?"), response(url=f"{URL}2", WARC_Payload_Digest="xxh3:00")
        )
    )
    assert len(_check(shell, path, code=0)) == 3
    assert "warning: " in shell("check-warc", str(path))


def _without(gone: str) -> Callable[[dict[str, bytes]], None]:
    def take(members: dict[str, bytes]) -> None:
        del members[gone]

    return take


def _changed(member: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        assert old in members[member]
        members[member] = members[member].replace(old, new, 1)

    return change


def _unsorted(members: dict[str, bytes]) -> None:
    lines = members["indexes/index.cdx"].splitlines(keepends=True)
    members["indexes/index.cdx"] = b"".join([lines[-1], *lines[:-1]])


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_without("pages/pages.jsonl"), "pages/pages.jsonl is missing"),
        (_without("datapackage.json"), "datapackage.json is missing"),
        (_without("indexes/index.cdx"), "no index under indexes/"),
        (_changed("pages/pages.jsonl", b"json-pages-1.0", b"pages"), "does not begin with its header"),
        (_changed("pages/pages.jsonl", b'"ts"', b'"at"'), "a page needs url and ts"),
        (_changed("datapackage.json", b'"title"', b'"Title"'), "datapackage-digest.json"),
        (_changed("datapackage.json", b"{", b"["), "datapackage.json is no JSON object"),
        (_changed("pages/pages.jsonl", b"http", b"HTTP"), "its SHA-256 is not the one"),
        (_changed("indexes/index.cdx", b'"offset"', b'"start"'), "lacks offset"),
        (_changed("indexes/index.cdx", b'"filename": "', b'"filename": "no-'), "which is not in archive/"),
        (_unsorted, "is not sorted bytewise"),
    ],
)
def test_faults_of_a_package(
    shell: Shell, tmp_path: Path, change: Callable[[dict[str, bytes]], None], what: str
) -> None:
    shell("capture", shell.portal.address(shell.portal.items[0]))
    good, bad = tmp_path / "good.wacz", tmp_path / "bad.wacz"
    shell("export", "wacz", str(good))
    with zipfile.ZipFile(good) as package:
        members = {each: package.read(each) for each in package.namelist()}
    change(members)
    with zipfile.ZipFile(bad, "w") as package:
        for each, data in members.items():
            package.writestr(each, data)
    found = _check(shell, bad)
    assert any(what in line for line in found), found


def test_files_that_are_not_packages(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("readme.txt", "nothing")
    shell("check-warc", str(path), code=2)
    assert "without WARC files" in shell.err
    path.write_bytes(b"PK\x03\x04 and nothing more")
    shell("check-warc", str(path), code=2)
    shell("import", "wacz", str(path), code=2)
    data = packed(GOOD)
    described: dict[str, Any] = {"resources": [{"path": "archive/a.warc.gz", "bytes": 1, "hash": "sha256:0"}]}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("archive/a.warc.gz", data)
        package.writestr("datapackage.json", json.dumps(described))
    found = "\n".join(_check(shell, path))
    for what in ("compressed twice", f"has {len(data)} bytes", "its SHA-256", "pages/pages.jsonl is missing"):
        assert what in found
    assert hashlib.sha256(data).hexdigest() not in found
    (result,) = shell.json("import", "wacz", str(path))
    assert result["captures"] == 1
