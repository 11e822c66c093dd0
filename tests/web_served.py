"""A real server of the web interface on loopback, in a thread, for tests."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from archiver.settings import Settings, bundled_profiles
from archiver.web.config import ServeConfig, ServedArchive
from archiver.web.serving import bound_socket, server_options


@dataclass
class Served:
    """A running server: `url` without a slash at its end, and a client for it that follows no redirect."""

    url: str
    port: int
    client: httpx2.Client

    def get(self, path: str, **options: Any) -> httpx2.Response:
        return self.client.get(path if "://" in path else self.url + path, **options)

    def json(self, path: str) -> Any:
        found = self.get(path)
        assert found.status_code == 200, found.text
        return found.json()


@contextmanager
def served(*archives: Path, settings: Settings | None = None, **options: Any) -> Iterator[Served]:
    """Serve archives on a free port; `options` are values of ServeConfig. `settings`: those of all archives."""
    common = settings or Settings(selectors=(bundled_profiles(),))
    named = tuple(ServedArchive(path.stem, replace(common, archive=path)) for path in archives)
    listening = bound_socket("127.0.0.1", 0)
    port = int(listening.getsockname()[1])
    server = uvicorn.Server(server_options(ServeConfig(named, port=port, **options)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        with httpx2.Client(timeout=20, follow_redirects=False, trust_env=False) as client:
            yield Served(f"http://127.0.0.1:{port}", port, client)
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
