"""Does what a profile's `actions` say with a page in the browser, each so often as the page grows by it."""

from archiver.model.profile import Action
from archiver.render.page_requests import PageRequests
from archiver.render.tab import Tab
from archiver.render.time_limit import TimeLimit
from archiver.render.waiting import Waiting

_KEYS = {
    "ArrowDown": (40, ""),
    "ArrowUp": (38, ""),
    "End": (35, ""),
    "Enter": (13, "\r"),
    "Escape": (27, ""),
    "PageDown": (34, ""),
    "Space": (32, " "),
    "Tab": (9, ""),
}
"""The keys by name: their number in events, and the text that they enter."""


class Actions:
    """Acts on one page."""

    def __init__(self, tab: Tab, requests: PageRequests, time_limit: TimeLimit) -> None:
        self._tab = tab
        self._requests = requests
        self._time = time_limit
        self._waiting = Waiting(tab, requests, time_limit)

    async def do(self, action: Action) -> str:
        """Repeat an action while it makes the page longer; return what was done: `click .more ×3`.

        Raises:
            PageOutOfTime: the page's scripts do not end.
        """
        times = 0
        before = await self._size()
        while times < action.most and not self._time.is_over and await self._once(action):
            times += 1
            self._requests.restart_quiet()
            await self._waiting.for_quiet()
            after = await self._size()
            if after == before:
                break
            before = after
        return f"{action.kind} {action.argument}".strip() + f" ×{times}"

    async def _once(self, action: Action) -> bool:
        """Do it once; return whether it could be done."""
        if action.kind == "click":
            return bool(await self._time.bound(self._tab.call("click", action.argument)))
        if action.kind == "scroll":
            return bool(await self._time.bound(self._tab.call("scroll")))
        number, text = _KEYS[action.argument]
        name = " " if action.argument == "Space" else action.argument
        key = {"key": name, "code": action.argument, "windowsVirtualKeyCode": number, "nativeVirtualKeyCode": number}
        down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
        await self._time.bound(self._tab.ask("Input.dispatchKeyEvent", **down, **key, seconds=3600))
        await self._time.bound(self._tab.ask("Input.dispatchKeyEvent", type="keyUp", **key, seconds=3600))
        return True

    async def _size(self) -> tuple[int, ...]:
        """Return what grows: nodes, characters, requests."""
        nodes, characters = await self._time.bound(self._tab.call("size"))
        return nodes, characters, len(self._requests.log)
