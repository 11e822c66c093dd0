"""WARC files for tests: valid, or with one fault."""

import base64
import gzip
import hashlib
import uuid
from collections.abc import Iterable
from pathlib import Path

from archiver.fetch.warc.package import WarcFile
from archiver.fetch.warc.replay import Replay
from archiver.fetch.warc.replayed import Replayed
from archiver.model.warc import Flaw

DATE = "2022-10-22T03:00:00Z"
ANSWER = "application/http;msgtype=response"
ASKED = "application/http;msgtype=request"
URL = "http://portal.example/tin/1"
PAGE = (
    b"<html><head><title>Tin</title></head><body><h1>Tin</h1><p>"
    + "Nội dung bài viết. ".encode() * 30
    + b"</p></body></html>"
)


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def name(seed: object) -> str:
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, str(seed))}>"


def http(body: bytes = PAGE, *headers: str, status: str = "200 OK") -> bytes:
    """Return an HTTP response, with a Content-Length unless `headers` frame the body."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html; charset=utf-8", *headers]
    if not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(kind: str, block: bytes = b"", url: str | None = URL, date: str = DATE, **fields: str | None) -> bytes:
    """Return one uncompressed record. A field of None is left out; `_` in a name means `-`."""
    head: dict[str, str | None] = {
        "WARC-Type": kind,
        "WARC-Record-ID": name((kind, url, date, block)),
        "WARC-Date": date,
        "WARC-Target-URI": url,
        "WARC-Block-Digest": sha1(block),
        "Content-Type": {"response": ANSWER, "request": ASKED, "revisit": ANSWER}.get(kind, "application/warc-fields"),
        "Content-Length": str(len(block)),
    }
    head |= {key.replace("_", "-"): value for key, value in fields.items()}
    version = head.pop("version", None) or "WARC/1.1"
    lines = [version, *(f"{key}: {value}" for key, value in head.items() if value is not None)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def response(body: bytes = PAGE, url: str = URL, date: str = DATE, **fields: str | None) -> bytes:
    return record("response", http(body), url, date, **{"WARC_Payload_Digest": sha1(body), **fields})


def revisit(
    of: str, body: bytes = PAGE, url: str = URL, date: str = "2022-10-23T03:00:00Z", **fields: str | None
) -> bytes:
    """Return a revisit of the record with this id."""
    defaults = {
        "WARC_Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC_Payload_Digest": sha1(body),
        "WARC_Refers_To": of,
        "WARC_Truncated": "length",
    }
    return record("revisit", http(body)[: -len(body)], url, date, **{**defaults, **fields})


def packed(*records: bytes) -> bytes:
    """Return the records, one gzip member each."""
    return b"".join(gzip.compress(each, mtime=0) for each in records)


class Taken:
    """Return what is read from a file."""

    def __init__(self, path: Path, most: int = 10_000_000) -> None:
        self.flaws: list[Flaw] = []
        self.replay = Replay(WarcFile(path.name, path, path.stat().st_size), self.flaws.append, most)
        self.captures: list[Replayed] = list(self.replay)

    @property
    def urls(self) -> list[str]:
        return [each.capture.url for each in self.captures]

    @property
    def lost(self) -> list[Flaw]:
        return [flaw for flaw in self.flaws if flaw.lost]


def taken(folder: Path, data: bytes | Iterable[bytes], called: str = "a.warc.gz") -> Taken:
    path = folder / called
    path.write_bytes(data if isinstance(data, bytes) else b"".join(data))
    return Taken(path)
