"""pywb as a process on loopback, and checks that end a script."""

import http.client
import signal
import socket
import subprocess
import time
from pathlib import Path


class Failed(Exception):
    """A check that does not hold."""


def check(holds: object, *what: object) -> None:
    if not holds:
        raise Failed(" ".join(str(each) for each in what))


def run(*words: object, code: int = 0) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    check(done.returncode == code, *words, "ended with", done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout + done.stderr


class Machine:
    """pywb on loopback, with WARC files or packages."""

    def __init__(self, tools: Path, work: Path, files: list[Path]) -> None:
        self.folder = work / "wb"
        self.folder.mkdir(parents=True)
        self.log = self.folder / "log"
        for words in (["init", "all"], ["add", "--unpack-wacz", "all", *map(str, files)]):
            subprocess.run([tools / "wb-manager", *words], cwd=self.folder, check=True, capture_output=True)
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            self.port = held.getsockname()[1]
        self.process = subprocess.Popen(
            [tools / "wayback", "-b", "127.0.0.1", "-p", str(self.port)],
            cwd=self.folder,
            stdout=self.log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        for _ in range(200):
            try:
                self.get("/")
            except OSError:
                check(self.process.poll() is None, "pywb ended")
                time.sleep(0.1)
            else:
                return
        raise Failed("pywb does not answer")

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def close(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
