"""`export warc`, `export wacz`, `export timemap` on the command line."""

import base64
import hashlib
import json
import re
import zipfile
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, utils

from archiver.model.clock import SettableClock
from shell import Shell


def test_warc_prints_what_it_wrote(shell: Shell, tmp_path: Path) -> None:
    shell("capture", shell.portal.address(shell.portal.items[0]))
    assert "records" in shell("export", "warc", str(tmp_path / "w"))
    (result,) = shell.json("export", "warc", str(tmp_path / "w2"), "--cdxj", "--size", "1MB")
    assert result["responses"] == 2
    shell("export", "warc", str(tmp_path / "w3"), "--size", "big", code=2)
    shell("export", "warc", str(tmp_path / "w3"), "--prefix", "../x", code=2)
    assert not (tmp_path / "w3").exists()


def test_wacz_has_what_its_specification_requires(shell: Shell, tmp_path: Path) -> None:
    shell("crawl", "demo")
    dest = tmp_path / "a.wacz"
    (result,) = shell.json("export", "wacz", str(dest), "--text")
    with zipfile.ZipFile(dest) as package:
        assert package.testzip() is None
        names = {info.filename: info for info in package.infolist()}
        (warc,) = [name for name in names if name.startswith("archive/")]
        assert names[warc].compress_type == zipfile.ZIP_STORED
        about = json.loads(package.read("datapackage.json"))
        assert (about["profile"], about["wacz_version"]) == ("data-package", "1.1.1")
        assert {each["path"] for each in about["resources"]} == {warc, "indexes/index.cdx", "pages/pages.jsonl"}
        for each in about["resources"]:
            data = package.read(each["path"])
            assert (each["bytes"], each["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
        digest = json.loads(package.read("datapackage-digest.json"))
        assert (
            digest["hash"]
            == f"sha256:{hashlib.sha256(package.read('datapackage.json')).hexdigest()}"
            == result["digest"]
        )
        header, *pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()]
        lines = package.read("indexes/index.cdx").splitlines()
    assert (header["format"], header["hasText"]) == ("json-pages-1.0", True)
    assert len(pages) == result["pages"] == len(shell.json("changes", "--kind", "new"))
    assert all(page["title"] and page["text"] is not None and page["ts"].endswith("Z") for page in pages)
    assert lines == sorted(lines)
    assert (about["mainPageUrl"], about["mainPageDate"]) == (pages[-1]["url"], pages[-1]["ts"])


def test_a_wacz_without_text_does_not_promise_any(shell: Shell, tmp_path: Path) -> None:
    shell("capture", shell.portal.address(shell.portal.items[0]))
    shell("export", "wacz", str(tmp_path / "a.wacz"))
    header, page = map(json.loads, _members(tmp_path / "a.wacz")["pages/pages.jsonl"].splitlines())
    assert "hasText" not in header
    assert "text" not in page


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def _is_signed_by(message: dict[str, str], key: ec.EllipticCurvePublicKey) -> bool:
    raw = base64.b64decode(message["signature"])
    pair = utils.encode_dss_signature(int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big"))
    try:
        key.verify(pair, message["hash"].encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def test_the_signature_of_a_wacz_verifies(shell: Shell, tmp_path: Path) -> None:
    shell("capture", shell.portal.address(shell.portal.items[0]))
    (result,) = shell.json("export", "wacz", str(tmp_path / "a.wacz"))
    digest = json.loads(_members(tmp_path / "a.wacz")["datapackage-digest.json"])
    signed = digest["signedData"]
    assert set(signed) == {"hash", "created", "software", "version", "signature", "publicKey"}
    assert (result["signed"], signed["hash"], signed["version"]) == (True, digest["hash"], "0.1.0")
    public = form.load_der_public_key(base64.b64decode(signed["publicKey"]))
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert _is_signed_by(signed, public)
    assert not _is_signed_by({**signed, "hash": "sha256:0"}, public)
    (result,) = shell.json("export", "wacz", str(tmp_path / "b.wacz"), "--no-sign")
    assert not result["signed"]
    assert "signedData" not in json.loads(_members(tmp_path / "b.wacz")["datapackage-digest.json"])


def test_wacz_is_signed_with_a_given_key(shell: Shell, tmp_path: Path) -> None:
    shell("capture", shell.portal.address(shell.portal.items[0]))
    private, other = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256R1())
    for key, called in ((private, "key.pem"), (other, "other.pem")):
        pem = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
        (tmp_path / called).write_bytes(pem)
    shell("export", "wacz", str(tmp_path / "a.wacz"), "--key", str(tmp_path / "key.pem"))
    signed = json.loads(_members(tmp_path / "a.wacz")["datapackage-digest.json"])["signedData"]
    assert _is_signed_by(signed, private.public_key())
    for called, result in (("other.pem", "P-384"), ("none.pem", "No such file"), ("a.wacz", "no private key")):
        shell("export", "wacz", str(tmp_path / "b.wacz"), "--key", str(tmp_path / called), code=2)
        assert result in shell.err


def test_incremental_packages_name_the_packages_they_need(timed: Shell, clock: SettableClock, tmp_path: Path) -> None:
    timed("crawl", "demo")
    clock.advance(days=1)
    folder = tmp_path / "series"
    (first,) = timed.json("export", "wacz", str(folder / "1.wacz"), "--since-last")
    assert first["requires"] == []
    timed("crawl", "demo", "--all")
    clock.advance(hours=1)
    (second,) = timed.json("export", "wacz", str(folder / "2.wacz"), "--since-last")
    assert (second["requires"], second["revisits"] > 0) == (["1.wacz"], True)
    about = json.loads(_members(folder / "2.wacz")["datapackage.json"])
    data = (folder / "1.wacz").read_bytes()
    needed = {"filename": "1.wacz", "hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "size": len(data)}
    assert about["relation"] == {"requires": [needed]}
    assert second["pages"] > 0
    (third,) = timed.json("export", "wacz", str(folder / "3.wacz"), "--since-last")
    assert third["path"] is None
    assert sorted(path.name for path in folder.iterdir()) == ["1.wacz", "2.wacz", "wacz-state.db"]
    assert "no captures since the last package" in timed("export", "wacz", str(folder / "3.wacz"), "--since-last")
    timed("check-warc", str(folder / "1.wacz"), str(folder / "2.wacz"))
    assert "none of these files" in timed("check-warc", str(folder / "2.wacz"), code=1)


def test_an_existing_wacz_is_kept_and_an_empty_one_is_an_error(shell: Shell, tmp_path: Path) -> None:
    shell("capture", shell.portal.address(shell.portal.items[0]))
    dest = tmp_path / "a.wacz"
    shell("export", "wacz", str(dest))
    shell("export", "wacz", str(dest), code=2)
    assert "use --force to replace it" in shell.err
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
