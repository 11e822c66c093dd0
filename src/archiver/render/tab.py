"""One page of the browser, in a context of its own: no cookie, no storage and no cache of another page."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine
from functools import cache
from importlib.resources import files
from typing import Any, Self

from archiver.model.profile import SiteInfo
from archiver.render.devtools import BrowserEnded, BrowserSilent, CommandFailed, DevTools, Parameters

_CLOSE_SECONDS = 5.0
_WORLD = "archiver"
_MOST_CLOSED = 200
_BUFFERS = {"maxTotalBufferSize": 1 << 20, "maxResourceBufferSize": 1 << 16, "maxPostDataSize": 0}


class PageCrashed(Exception):
    """The process of the page ended. The browser lives."""


class ScriptFailed(CommandFailed):
    """A function of page_script.js raised an exception: a fault of archiver. The message names both."""


class Tab:
    """A tab of a browser.

    Attributes:
        frame: the number of its main frame.
        notes: what was refused to the page, in order, each once.
        language, timezone: what its scripts are told; "" for the browser's own.
    """

    def __init__(self, devtools: DevTools, context: str, frame: str, session: str) -> None:
        self._devtools = devtools
        self._context = context
        self.frame = frame
        self._session = session
        self._world: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._has_crashed = False
        self._has_popups = False
        self._listeners: dict[str, Callable[[Parameters], None]] = {
            "Inspector.targetCrashed": self._crashed,
            "Page.javascriptDialogOpening": self._dialog,
            "Page.downloadWillBegin": lambda _: self.note("a download was refused"),
            "Page.windowOpen": self._popup,
            "Network.webSocketCreated": lambda _: self.note("a WebSocket was refused"),
            "Network.webTransportCreated": lambda _: self.note("a WebTransport was refused"),
        }
        self.notes: list[str] = []
        self.language = self.timezone = ""
        devtools.listen(session, self._hear)

    @classmethod
    async def open(cls, devtools: DevTools, viewport: tuple[int, int], site: SiteInfo) -> Self:
        """Open an empty tab, in a context of its own.

        Raises:
            BrowserEnded, BrowserSilent, CommandFailed: the browser does not do it.
        """
        context = (await devtools.ask("Target.createBrowserContext", disposeOnDetach=True))["browserContextId"]
        try:
            await devtools.ask("Browser.setDownloadBehavior", behavior="deny", browserContextId=context)
            await devtools.ask("Browser.grantPermissions", permissions=[], browserContextId=context)
            made = await devtools.ask("Target.createTarget", url="about:blank", browserContextId=context)
            frame = made["targetId"]
            session = (await devtools.ask("Target.attachToTarget", targetId=frame, flatten=True))["sessionId"]
            tab = cls(devtools, context, frame, session)
            await tab._prepare(viewport)
            await tab._settle(site)
        except BaseException:
            with contextlib.suppress(BrowserEnded, BrowserSilent, CommandFailed):
                await devtools.ask("Target.disposeBrowserContext", browserContextId=context, seconds=_CLOSE_SECONDS)
            raise
        return tab

    async def _prepare(self, viewport: tuple[int, int]) -> None:
        width, height = viewport
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        still = [{"name": "prefers-reduced-motion", "value": "reduce"}]
        await asyncio.gather(
            self.ask("Inspector.enable"),
            self.ask("Page.enable"),
            self.ask("Network.enable", **_BUFFERS),
            self.ask("Network.setBypassServiceWorker", bypass=True),
            self.ask("Fetch.enable", patterns=[{"urlPattern": "*"}]),
            self.ask("Emulation.setDeviceMetricsOverride", **size),
            self.ask("Emulation.setEmulatedMedia", features=still),
        )

    async def _settle(self, site: SiteInfo) -> None:
        """Give scripts the language and the time zone of the site, by which they write dates and choose texts."""
        agent = (await self._devtools.ask("Browser.getVersion"))["userAgent"] if site.language else ""
        self.language, self.timezone = site.language, site.timezone
        wanted: list[tuple[str, Parameters]] = []
        if site.timezone:
            wanted.append(("Emulation.setTimezoneOverride", {"timezoneId": site.timezone}))
        if site.language:
            wanted.append(("Emulation.setLocaleOverride", {"locale": site.language}))
            wanted.append(("Emulation.setUserAgentOverride", {"userAgent": agent, "acceptLanguage": site.language}))
        for method, values in wanted:
            try:
                await self.ask(method, **values)
            except CommandFailed:
                self.note(f"the browser does not know {next(iter(values.values()))}")

    def listen(self, event: str, listener: Callable[[Parameters], None]) -> None:
        """Give the parameters of an event to a listener."""
        self._listeners[event] = listener

    def note(self, remark: str) -> None:
        """Add a remark, once."""
        if remark not in self.notes:
            self.notes.append(remark)

    async def ask(self, method: str, **parameters: Any) -> Parameters:  # noqa: ANN401  (JSON)
        """Send a command to the tab; `seconds` bounds the time of its answer.

        Raises:
            PageCrashed: the process of the page ended.
            BrowserEnded, BrowserSilent, CommandFailed: as `DevTools.ask`.
        """
        if self._has_crashed:
            raise PageCrashed
        try:
            return await self._devtools.ask(method, self._session, **parameters)
        except CommandFailed as error:
            if self._has_crashed:
                raise PageCrashed from error
            raise

    def do(self, method: str, **parameters: Any) -> None:  # noqa: ANN401  (JSON)
        """Send a command whose result does not matter."""
        self._start(self._devtools.ask(method, self._session, **parameters))

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        async def do() -> None:
            with contextlib.suppress(BrowserEnded, BrowserSilent, CommandFailed):
                await work

        task = asyncio.ensure_future(do())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def call(self, function: str, *arguments: object, seconds: float = 3600, closed: tuple[str, ...] = ()) -> Any:  # noqa: ANN401  (JSON)
        """Return the result of a function of page_script.js.

        Args:
            function: its name.
            arguments: JSON values.
            seconds: the most time.
            closed: objects of the page, as further arguments.

        Raises:
            ScriptFailed: the function raised an exception.
            PageCrashed, BrowserEnded, BrowserSilent, CommandFailed: as `ask`.
        """
        values = [{"value": each} for each in arguments] + [{"objectId": each} for each in closed]
        for last in (False, True):
            try:
                return (await self._call(function, values, seconds, by_value=True)).get("value")
            except ScriptFailed:
                raise
            except CommandFailed:  # the document is another one: the page was loaded again
                self._world = None
                if last:
                    raise
        raise AssertionError("unreachable")

    async def _call(self, function: str, values: list[Parameters], seconds: float, *, by_value: bool) -> Parameters:
        result = await self.ask(
            "Runtime.callFunctionOn",
            functionDeclaration=f"(...values) => archiverPage.{function}(...values)",
            executionContextId=await self._script_world(),
            arguments=values,
            returnByValue=by_value,
            awaitPromise=True,
            seconds=seconds,
        )
        if "exceptionDetails" in result:
            raise ScriptFailed(f"{function}: {_words_of(result['exceptionDetails'])}")
        return dict(result["result"])

    async def closed_roots(self, seconds: float) -> tuple[str, ...]:
        """Return the closed shadow roots of the page's own elements, as objects of our script's world.

        Raises:
            PageCrashed, BrowserEnded, BrowserSilent, CommandFailed: as `ask`.
        """
        found = await self._call("perhapsClosed", [{"value": _MOST_CLOSED}], seconds, by_value=False)
        of = {"objectId": found["objectId"], "ownProperties": True}
        listed = (await self.ask("Runtime.getProperties", **of, seconds=seconds))["result"]
        values = [each.get("value", {}) for each in listed]
        hosts = [each["objectId"] for each in values if each.get("subtype") == "node"]
        return tuple([root for host in hosts for root in await self._roots_of(host, seconds)])

    async def _roots_of(self, host: str, seconds: float) -> list[str]:
        """Return the closed shadow roots of an element."""
        about = await self.ask("DOM.describeNode", objectId=host, depth=1, seconds=seconds)
        roots = [each for each in about["node"].get("shadowRoots", ()) if each.get("shadowRootType") == "closed"]
        world = await self._script_world()
        resolved = [
            await self.ask(
                "DOM.resolveNode", backendNodeId=each["backendNodeId"], executionContextId=world, seconds=seconds
            )
            for each in roots
        ]
        return [each["object"]["objectId"] for each in resolved]

    async def _script_world(self) -> int:
        """Return the number of our script's world in the main frame."""
        if self._world is None:
            made = await self.ask("Page.createIsolatedWorld", frameId=self.frame, worldName=_WORLD, seconds=3600)
            number = int(made["executionContextId"])
            await self.ask("Runtime.evaluate", expression=_script(), contextId=number, seconds=3600)
            self._world = number
        return self._world

    async def close(self) -> None:
        """Close the tab and its context.

        Raises:
            BrowserEnded, BrowserSilent, CommandFailed: the browser does not do it.
        """
        for task in self._tasks:
            task.cancel()
        self._devtools.forget(self._session)
        await self._devtools.ask("Target.disposeBrowserContext", browserContextId=self._context, seconds=_CLOSE_SECONDS)

    def _hear(self, event: str, parameters: Parameters) -> None:
        if listener := self._listeners.get(event):
            listener(parameters)

    def _crashed(self, _: Parameters) -> None:
        self._has_crashed = True
        self._devtools.forget(self._session)

    def _popup(self, _: Parameters) -> None:
        self.note("a popup was refused")
        self._has_popups = True
        self._start(self.close_popups())

    async def close_popups(self) -> None:
        """Close the windows that the page opened: most are refused by the browser, but for those after a click or key.

        Raises:
            BrowserEnded, BrowserSilent, CommandFailed: as `ask`.
        """
        if self._has_popups:
            for about in (await self._devtools.ask("Target.getTargets"))["targetInfos"]:
                own = about.get("browserContextId") == self._context and about["targetId"] != self.frame
                if own and about["type"] == "page":
                    await self._devtools.ask("Target.closeTarget", targetId=about["targetId"])
            await self.ask("Page.bringToFront")

    def _dialog(self, about: Parameters) -> None:
        leaves = about.get("type") == "beforeunload"
        if not leaves:
            self.note("a dialog was closed")
        self.do("Page.handleJavaScriptDialog", accept=leaves)


def _words_of(details: Parameters) -> str:
    """Return an exception of a script, with its stack."""
    return str(details.get("exception", {}).get("description") or json.dumps(details))[:1000]


@cache
def _script() -> str:
    return files("archiver.render").joinpath("page_script.js").read_text(encoding="utf-8")
