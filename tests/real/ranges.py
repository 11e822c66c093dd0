"""A file server on loopback that serves parts of files, as viewers ask for packages."""

import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self


class _Parts(SimpleHTTPRequestHandler):
    """GET and HEAD of files below a folder; a GET may ask for a range of bytes."""

    folder: Path

    def do_GET(self) -> None:
        path = (self.folder / self.path.partition("?")[0].lstrip("/")).resolve()
        if path.is_dir():
            path /= "index.html"
        if not path.is_file() or not path.is_relative_to(self.folder):
            self.send_error(404)
            return
        size = path.stat().st_size
        asked = _range(self.headers.get("Range", ""), size)
        is_part, (first, last) = asked is not None, asked or (0, size - 1)
        self.send_response(206 if is_part else 200)
        if is_part:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        media_type = self.guess_type(str(path))
        self.send_header(
            "Content-Type", f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
        )
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        if self.command == "GET":
            with path.open("rb") as file:
                file.seek(first)
                self.wfile.write(file.read(last - first + 1))

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _range(text: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte that a Range header asks for (RFC 9110, 14.1.2); None without one.

    A range that holds the whole file is a part, too: viewers take 200 for a server that knows no ranges.
    """
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", text)
    if not found or found.groups() == ("", ""):
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size - 1
    return int(found[1]), min(size - 1, int(found[2] or size - 1))


class FileServer:
    """The server. Use it as a context manager.

    Attributes:
        url: its address, with a slash at the end.
    """

    def __init__(self, folder: Path) -> None:
        handler = type("_Here", (_Parts,), {"folder": folder.resolve()})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
