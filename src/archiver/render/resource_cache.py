"""Scripts, style sheets, fonts and images that the next pages of the site need again."""

from collections import OrderedDict

from archiver.model.capture import Capture

_TYPES = frozenset(("Script", "Stylesheet", "Font", "Image"))
_OK = 200


class ResourceCache:
    """Keeps answers in memory, up to so many bytes; those that were not used for longest are dropped first.

    A renderer has one for each site: nothing passes from a site to another.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, str], Capture] = OrderedDict()

    def get(self, url: str, origin: str) -> Capture | None:
        """Return the answer to a GET request of this address from pages of this origin (its header field)."""
        if (url, origin) not in self._kept:
            return None
        self._kept.move_to_end((url, origin))
        return self._kept[url, origin]

    def keep(self, kind: str, origin: str, answer: Capture) -> None:
        """Keep an answer, if it is one that may be used again. `kind` is the resource type."""
        forbidden = "no-store" in (answer.header("cache-control") or "").lower()
        if answer.request.method != "GET" or answer.status != _OK or kind not in _TYPES or forbidden:
            return
        key = (answer.url, origin)
        if old := self._kept.pop(key, None):
            self._bytes -= len(old.block)
        self._kept[key] = answer
        self._bytes += len(answer.block)
        while self._bytes > self._most_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped.block)
