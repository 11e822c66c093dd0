"""A Postgres server of its own, from the system's programs, on a free port of loopback; started, stopped, restarted."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

PASSWORD = "s3cret/p@ss"  # noqa: S105
QUOTED = "s3cret%2Fp%40ss"


def programs() -> Path | None:
    """Return the folder of the newest Postgres of the system; None when there is none that can be run here."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class PostgresServer:
    """A server in a temporary folder. Postgres refuses root, so root runs it as the user `postgres`."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="archiver-postgres-"))
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        if self._user:
            shutil.chown(self._folder, self._user)
        (self._folder / "password").write_text(PASSWORD, encoding="utf-8")
        (self._folder / "password").chmod(0o644)
        self._run(
            *(str(programs / "initdb"), "-D", str(self._folder / "data"), "-U", "fleet", "-A", "scram-sha-256"),
            *("--pwfile", str(self._folder / "password"), "--no-locale", "-E", "UTF8", "--no-sync"),
        )

    def _run(self, *command: str) -> None:
        subprocess.run(command, cwd=self._folder, check=True, stdout=subprocess.DEVNULL, **self._as_user())

    def _as_user(self) -> dict[str, Any]:
        return {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}

    def address(self, database: str = "postgres", password: str = QUOTED) -> str:
        return f"postgresql://fleet:{password}@127.0.0.1:{self.port}/{database}"

    def start(self, *, is_durable: bool = False) -> None:
        """Start the server. `is_durable`: it writes to the disk as in production; slower."""
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), "-p", str(self.port)]
        options = [
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            f"fsync={'on' if is_durable else 'off'}",
        ]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command + options, cwd=self._folder, stdout=log, stderr=log, **self._as_user()
            )
        wait_until(self._answers)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text()
        try:
            psycopg.connect(self.address(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT in order, SIGQUIT like a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        self.stop(how)
        self.start()

    def cpu_seconds(self) -> float:
        """Return the CPU time of all connections that have ended."""
        assert self._process is not None
        words = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[13]) + int(words[14])) / os.sysconf("SC_CLK_TCK")

    def database(self) -> str:
        """Create a database and return its address."""
        name = f"fleet_{next(self._numbers)}"
        self.execute(self.address(), f"CREATE DATABASE {name}")
        return self.address(name)

    @staticmethod
    def execute(address: str, sql: str) -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql)  # type: ignore[call-overload,unused-ignore]

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder)


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that another process does."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)
