"""Members of packages near the limit of zip64, read as replay viewers read them."""

import struct
import zipfile
from pathlib import Path

import pytest

from archiver.export.wacz import PageLine, WaczMetadata, WaczWriter, write_pages

_LIMIT = 100_000  # instead of 2 GiB
_SIZES = (1, 95_000, 95_239, 95_240, 96_000, _LIMIT - 1, _LIMIT, _LIMIT + 1, 3 * _LIMIT)
_ABOUT = WaczMetadata("t", "d", "2024-01-01T00:00:00Z", "archiver")


@pytest.fixture(autouse=True)
def _low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", _LIMIT)


def _package(folder: Path, sizes: tuple[int, ...]) -> Path:
    """Return a package with a WARC file of each size, an index beyond the limit, and a page."""
    writer = WaczWriter(folder / "a.wacz")
    for size in sizes:
        warc = folder / f"{size}.warc.gz"
        warc.write_bytes(bytes(number * size % 251 for number in range(size)))
        writer.put_warc(warc)
    (folder / "index.cdxj").write_bytes(b"a,b)/ 20240101000000 {}\n" * _LIMIT)
    writer.put_index(folder / "index.cdxj")
    write_pages(folder / "pages.jsonl", [PageLine("1", "http://b.a/", "2024-01-01T00:00:00Z", "t")], text=False)
    writer.put_pages(folder / "pages.jsonl")
    writer.finish(_ABOUT)
    writer.close()
    return folder / "a.wacz"


def _data_begins(raw: bytes, name: str) -> tuple[int, int, int]:
    """Return where the data of a member begins: as its local header says, and as a viewer takes it; and the method.

    A viewer that finds no extra field in the central directory takes the local header to have none (APPNOTE, 4.3.7, 4.3.12).
    """
    end = raw.rfind(b"PK\x05\x06")
    place: int = struct.unpack_from("<I", raw, end + 16)[0]
    while raw[place : place + 4] == b"PK\x01\x02":
        method, lengths = struct.unpack_from("<H", raw, place + 10)[0], struct.unpack_from("<HHH", raw, place + 28)
        packed, size, local = *struct.unpack_from("<II", raw, place + 20), *struct.unpack_from("<I", raw, place + 42)
        called = raw[place + 46 : place + 46 + lengths[0]].decode()
        if called == name:
            extra = raw[place + 46 + lengths[0] :][: lengths[1]]
            wide = list(struct.unpack_from(f"<{(lengths[1] - 4) // 8}Q", extra, 4)) if extra else []
            for value in (size, packed):
                assert value != 0xFFFFFFFF or wide.pop(0) is not None
            local = wide.pop(0) if local == 0xFFFFFFFF else local
            has_zip64 = struct.unpack_from("<H", raw, local + 28)[0]
            return local + 30 + lengths[0] + has_zip64, local + 30 + lengths[0] + (has_zip64 if extra else 0), method
        place += 46 + sum(lengths)
    raise AssertionError(name)


@pytest.mark.parametrize("size", _SIZES)
def test_a_viewer_finds_the_data_of_a_member_of_any_size(tmp_path: Path, size: int) -> None:
    raw, name = _package(tmp_path, (size,)).read_bytes(), f"archive/{size}.warc.gz"
    begins, as_viewers_read, method = _data_begins(raw, name)
    assert (begins, method) == (as_viewers_read, zipfile.ZIP_STORED)
    assert raw[begins : begins + size] == (tmp_path / f"{size}.warc.gz").read_bytes()
    assert (begins == 30 + len(name)) == (size <= _LIMIT)  # without zip64 when it is not needed


def test_a_viewer_finds_the_members_behind_the_limit(tmp_path: Path) -> None:
    package = _package(tmp_path, _SIZES)
    raw = package.read_bytes()
    with zipfile.ZipFile(package) as opened:
        assert opened.testzip() is None
        for name in opened.namelist():
            begins, as_viewers_read, _ = _data_begins(raw, name)
            assert begins == as_viewers_read, name
        assert len(opened.namelist()) == len(_SIZES) + 4
