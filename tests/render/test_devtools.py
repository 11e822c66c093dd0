"""The protocol of the browser: what it says wrong, too long, too late or not at all ends the connection, not archiver."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from archiver.render.devtools import BrowserEnded, BrowserSilent, CommandFailed, DevTools

Talk = Callable[[DevTools, Callable[[bytes], None], Callable[[], Awaitable[dict[str, Any]]]], Awaitable[None]]


def _talk(talk: Talk) -> None:
    """Connect to a browser that says what the test says."""

    async def run() -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        devtools = DevTools(most_bytes=10_000)
        await devtools.connect(os.fdopen(ours_out, "wb", 0), os.fdopen(ours_in, "rb", 0))

        async def command() -> dict[str, Any]:
            taken = await asyncio.to_thread(os.read, theirs_in, 1 << 16)
            return dict(json.loads(taken.rstrip(b"\0")))

        try:
            await talk(devtools, lambda data: (os.write(theirs_out, data), None)[1], command)
        finally:
            devtools.close()
            await asyncio.sleep(0)
            for each in (theirs_in, theirs_out):
                os.close(each)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"no JSON\0", "malformed"),
        (b"[1, 2]\0", "malformed"),
        (b'{"id": {}}\0', "malformed"),
        (b'{"id": 1, "result": 5}\0', "malformed"),
        (b'{"method": 1}\0', "malformed"),
        (b"\xff\xfe\0", "malformed"),
        (b"[" * 9_000 + b"\0", "malformed"),
        (b"x" * 10_001, "more than"),
    ],
)
def test_a_malformed_message_is_the_end_of_the_browser(said: bytes, why: str) -> None:
    async def talk(devtools: DevTools, say: Callable[[bytes], None], command: object) -> None:
        devtools.listen("", lambda event, parameters: None)
        work = asyncio.ensure_future(devtools.ask("Browser.getVersion"))
        await asyncio.sleep(0.05)
        say(said)
        with pytest.raises(BrowserEnded, match=why):
            await work
        assert devtools.ended.is_set()
        with pytest.raises(BrowserEnded, match=why):
            await devtools.ask("Browser.getVersion")

    _talk(talk)


def test_messages_in_pieces_and_several_at_once() -> None:
    async def talk(
        devtools: DevTools, say: Callable[[bytes], None], command: Callable[[], Awaitable[dict[str, Any]]]
    ) -> None:
        heard: list[tuple[str, object]] = []
        devtools.listen("s", lambda event, parameters: heard.append((event, parameters)))
        work = asyncio.ensure_future(devtools.ask("Page.enable", "s", some=1))
        asked = await command()
        assert asked == {"id": 1, "method": "Page.enable", "params": {"some": 1}, "sessionId": "s"}
        say(
            b'{"method": "A.b", "sessionId": "s", "params": {}}\0{"method": "A.c", "sessionId": "other", "params": {}}\0{"id"'
        )
        await asyncio.sleep(0.02)
        say(b': 1, "result": {"a": 2}}\0{"id": 77, "result": {}}\0')
        assert await work == {"a": 2}
        assert heard == [("A.b", {})]

    _talk(talk)


def test_a_command_that_is_refused_or_not_answered() -> None:
    async def talk(
        devtools: DevTools, say: Callable[[bytes], None], command: Callable[[], Awaitable[dict[str, Any]]]
    ) -> None:
        work = asyncio.ensure_future(devtools.ask("A.b"))
        await command()
        say(b'{"id": 1, "error": {"message": "no such method"}}\0')
        with pytest.raises(CommandFailed, match="no such method"):
            await work
        with pytest.raises(BrowserSilent, match=r"no answer to A\.c"):
            await devtools.ask("A.c", seconds=0.01)
        say(b'{"id": 2, "result": {}}\0')  # too late: nobody waits for it
        await command()
        work = asyncio.ensure_future(devtools.ask("A.d", "s"))
        await command()
        devtools.forget("s")
        with pytest.raises(CommandFailed, match="the session ended"):
            await work
        assert not devtools.ended.is_set()

    _talk(talk)
