"""The address of a request exactly as it was sent: what follows `/web/` is never decoded."""

from archiver.errors import NotInArchive
from archiver.web.asgi import Scope


def raw_target(scope: Scope) -> str:
    """Return the path and the query of a request exactly as they were sent."""
    path: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    query: bytes = scope.get("query_string") or b""
    return (path + (b"?" + query if query else b"")).decode("latin-1")


def after_web(scope: Scope, base: str, prefix: str) -> str:
    """Return what follows `/web/` of an archive.

    Args:
        scope: the request.
        base: the path of the archive, such as `/prefix/NAME`.
        prefix: the path that a reverse proxy shows the server at; it may have removed it.

    Raises:
        NotInArchive: the path has no such part.
    """
    target = raw_target(scope)
    for start in (f"{base}/web/", f"{base.removeprefix(prefix)}/web/"):
        if target.startswith(start):
            return target.removeprefix(start)
    raise NotInArchive("copies are at /web/…")
