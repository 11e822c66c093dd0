"""Chromium without a window, driven by its DevTools protocol over a pipe: no library and no port are needed."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from machine import Failed, check

_NAMES = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome")
_SIZE = (1280, 1000)


def browser_path(named: str = "") -> str:
    """Return the path of a Chromium: the named one, $ARCHIVER_CHROMIUM, or the one on PATH.

    Raises:
        Failed: there is none.
    """
    wanted = named or os.environ.get("ARCHIVER_CHROMIUM", "")
    found = shutil.which(wanted) if wanted else next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise Failed(
            f"{wanted or 'chromium'} was not found; install it (Debian: apt-get install chromium), or name one in $ARCHIVER_CHROMIUM"
        )
    return found


class Browser:
    """A running Chromium with one tab. Use it as a context manager.

    Attributes:
        events: the events of the tab and its frames since the start: (method, parameters).
    """

    def __init__(self, path: str) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="archiver-browser.", ignore_cleanup_errors=True)
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        flags = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
        words = [path, *flags, f"--user-data-dir={self._profile.name}", "--remote-debugging-pipe", "about:blank"]
        script = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self._process = subprocess.Popen(
            ["bash", "-c", script, "browser", *words],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._out, self._in, self._waiting = ours_out, ours_in, b""
        self._number = 0
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._contexts: dict[int, tuple[str, dict[str, Any]]] = {}
        (target,) = [each for each in self.ask("Target.getTargets")["targetInfos"] if each["type"] == "page"]
        self._tab = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.tab(f"{domain}.enable")
        width, height = _SIZE
        self.tab("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        os.close(self._out)
        os.close(self._in)
        self._profile.cleanup()

    def ask(self, method: str, session: str = "", **parameters: object) -> dict[str, Any]:
        """Send a command of the protocol and return its result."""
        self._number += 1
        message = {
            "id": self._number,
            "method": method,
            "params": parameters,
            **({"sessionId": session} if session else {}),
        }
        os.write(self._out, json.dumps(message).encode() + b"\0")
        for answer in self._messages(60):
            if answer.get("id") == self._number:
                check("error" not in answer, method, answer.get("error"))
                return dict(answer["result"])
        raise Failed(f"the browser does not answer {method}")

    def tab(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send a command to the tab."""
        return self.ask(method, self._tab, **parameters)

    def open(self, address: str) -> None:
        """Open an address."""
        self.tab("Page.navigate", url=address)

    def wait(self, seconds: float) -> None:
        """Take events for some time."""
        for _ in self._messages(seconds):
            pass

    def run(self, script: str, frame: str = "") -> Any:
        """Return the value of an expression in the page, or in the frame whose address has this part; promises are awaited."""
        extra = {"contextId": self._context(frame)} if frame else {}
        done = self.tab("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, **extra)
        check("exceptionDetails" not in done, script, done.get("exceptionDetails"))
        return done["result"].get("value")

    def until(self, script: str, frame: str = "", seconds: float = 30) -> Any:
        """Return the value of an expression when it is true.

        Raises:
            Failed: it is not, within this time.
        """
        end = time.monotonic() + seconds
        why: object = ""
        while time.monotonic() < end:
            try:
                value = self.run(script, frame)
            except Failed as failed:  # the frame is not there yet, or a part of the page
                value, why = None, failed
            if value:
                return value
            self.wait(0.2)
        raise Failed(f"not within {seconds} s: {script} {why}")

    def screenshot(self, path: Path) -> None:
        """Save what the tab shows, as PNG."""
        path.write_bytes(base64.b64decode(self.tab("Page.captureScreenshot", format="png")["data"]))

    def _context(self, frame: str) -> int:
        """Return the script context of a frame, by a part of its address."""
        places = {each["id"]: each["url"] for each in _frames(self.tab("Page.getFrameTree")["frameTree"])}
        for number, (found, about) in reversed(self._contexts.items()):
            if frame in places.get(found, "") and about.get("isDefault"):
                return number
        raise Failed(f"no frame has {frame} in its address: {sorted(places.values())}")

    def _messages(self, seconds: float) -> Iterator[dict[str, Any]]:
        """Yield what the browser says, for some time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            text, mark, rest = self._waiting.partition(b"\0")
            if mark:
                self._waiting = rest
                message = json.loads(text)
                self._note(message)
                yield message
            elif select.select([self._in], [], [], left)[0]:
                piece = os.read(self._in, 1 << 20)
                check(piece, "the browser ended")
                self._waiting += piece

    def _note(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            return
        method, values = message["method"], message["params"]
        self.events.append((method, values))
        if method == "Runtime.executionContextCreated":
            about = values["context"]
            self._contexts[about["id"]] = (about["auxData"]["frameId"], about["auxData"])
        elif method == "Runtime.executionContextDestroyed":
            self._contexts.pop(values["executionContextId"], None)
        elif method == "Runtime.executionContextsCleared":
            self._contexts.clear()


def _frames(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield tree["frame"]
    for child in tree.get("childFrames", ()):
        yield from _frames(child)
