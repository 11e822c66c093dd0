"""The origin of the user's own ReplayWeb.page, which runs the scripts of copies: `serve --viewer DIR`.

The viewer is not part of archiver. Its folder is the unpacked npm package; this origin serves its files, and packages
(WACZ) with one page and the requisites of its site, made when they are asked for. The scripts of copies run at this
origin, so nothing else is here: each package has an address that only the interface gives out, and no cookie is set.
"""

import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from archiver.app.browsing.replay import find_copy, moment_of
from archiver.app.browsing.viewer_package import make_package
from archiver.app.reading.serving import open_for_server
from archiver.errors import NotInArchive
from archiver.web.config import ServeConfig
from archiver.web.origin_application import OriginApplication
from archiver.web.problems import demand_open
from archiver.web.replay_key import package_name, package_of_name

_MOST_KEPT = 4  # packages
_PACKAGES = "/packages/"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; form-action 'none'",
    "Cache-Control": "private, no-cache",
}


class ViewerApplication(OriginApplication):
    """Answers at the origin of the viewer."""

    origin = "viewer"
    shows = "this origin has only the viewer"

    def __init__(self, config: ServeConfig) -> None:
        super().__init__(config)
        self._archives = {each.name: each.settings for each in config.archives}
        self._scratch: Path | None = None
        self._made: OrderedDict[str, Path] = OrderedDict()
        self._lock = threading.Lock()

    def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path.startswith(_PACKAGES) and self._config.viewer is not None:
            return FileResponse(
                self._package(path.removeprefix(_PACKAGES)), media_type="application/wacz", headers=_HEADERS
            )
        return FileResponse(self._file(path), headers=_HEADERS)

    def _told(self, status: int, heading: str, text: str, more: Mapping[str, str] | None = None) -> Response:
        headers = {**_HEADERS, **(more or {}), "Content-Type": "text/plain; charset=utf-8"}
        return Response(f"{heading}: {text}\n".encode("utf-8", "replace"), status, headers)

    def _file(self, path: str) -> Path:
        """Return a file of the viewer."""
        if self._config.viewer is None:
            raise NotInArchive("there is no viewer here; `archiver serve --viewer DIR` names one")
        folder = self._config.viewer.resolve()
        name = path.strip("/") or "index.html"
        place = folder
        try:
            place = (folder / name).resolve()
            is_there = place.is_relative_to(folder) and place.is_file()
        except (OSError, ValueError):  # the name is too long, or has a NUL
            is_there = False
        if not is_there:
            raise NotInArchive(f"{path[:200]}: the viewer's folder has no such file")
        return place

    def _package(self, name: str) -> Path:
        """Return a package, made now unless it was made a moment ago."""
        asked = package_of_name(name)
        if asked is None or asked.archive not in self._archives:
            raise NotInArchive("there is no such package; open the living copy from its page again")
        with self._lock, open_for_server(self._archives[asked.archive]) as archive:
            demand_open(archive, asked.url)
            copy = find_copy(archive, asked.url, moment_of(asked.digits, archive.settings.clock()))
            demand_open(archive, copy.page_url)
            key = f"{asked.archive}-{copy.shown.visit_id}"
            made = self._made.get(key)
            if made is None:
                made = self._folder() / f"{key}.wacz"
                make_package(archive, copy, made)
                self._made[key] = made
                while len(self._made) > _MOST_KEPT:
                    self._made.popitem(last=False)[1].unlink(missing_ok=True)
            return made

    def _folder(self) -> Path:
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="archiver-viewer."))
            weakref.finalize(self, shutil.rmtree, self._scratch, ignore_errors=True)  # also when the program ends
        return self._scratch


def viewer_address(origin: str, archive: str, digits: str, url: str) -> str:
    """Return the address at which the viewer shows a copy.

    Args:
        origin: of the viewer.
        archive: the name of the archive.
        digits: the moment.
        url: the page's address.
    """
    query = urlencode({"source": f"{_PACKAGES}{package_name(archive, digits, url)}", "embed": "default"})
    return f"{origin}/?{query}#view=pages&url={quote(url, safe='')}&ts={digits}"
