"""Serves the Debian Administrator's Handbook on loopback with nginx: a real site of 3,302 pages in 26 languages.

The same files can be served on many loopback addresses. A crawler treats each address as a separate server.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path("/usr/share/doc/debian-handbook/html")
MISSING = "this benchmark needs `apt-get install nginx debian-handbook`"
_CONFIG = """\
daemon off; master_process off; pid {work}/pid; error_log {work}/error.log;
events {{ worker_connections 4000; }}
http {{
  types {{ text/html html; text/css css; image/png png; image/jpeg jpg; image/svg+xml svg; }}
  charset utf-8; access_log off; keepalive_requests 100000; {more}
  client_body_temp_path {work}/1; proxy_temp_path {work}/2; fastcgi_temp_path {work}/3;
  uwsgi_temp_path {work}/4; scgi_temp_path {work}/5;
  server {{ {listen} root {folder}; }}
}}
"""
_CHANGING = "etag off; add_header Last-Modified ''; sub_filter '</body>' '<i>$request_id</i></body>';"


def languages(folder: Path = FOLDER) -> list[str]:
    """Return the languages of the handbook, which are the names of its folders."""
    return sorted(each.name for each in folder.iterdir() if (each / "index.html").exists())


def address(host: int) -> str:
    """Return the loopback address of a host, counted from 0."""
    return f"127.0.{1 + host // 250}.{1 + host % 250}"


@contextmanager
def served(hosts: int = 1, folder: Path = FOLDER, *, changing: bool = False) -> Iterator[int]:
    """Serve the handbook on `hosts` addresses; yield the port, which is the same on all.

    `changing`: no validators, and a number in each page that differs at each visit.

    Raises:
        SystemExit: nginx or the book is not installed, or nginx does not start.
    """
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if nginx is None or not folder.exists():
        raise SystemExit(MISSING)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="archiver-nginx.") as work:
        listen = " ".join(f"listen {address(host)}:{port};" for host in range(hosts))
        config = Path(work, "nginx.conf")
        config.write_text(_CONFIG.format(work=work, listen=listen, folder=folder, more=_CHANGING if changing else ""))
        server = subprocess.Popen([nginx, "-e", f"{work}/error.log", "-c", str(config)], stderr=subprocess.DEVNULL)
        try:
            _wait_for(port, server)
            yield port
        finally:
            server.terminate()
            server.wait()


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(100):
        if server.poll() is not None:
            break
        try:
            socket.create_connection((address(0), port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("nginx does not start")
