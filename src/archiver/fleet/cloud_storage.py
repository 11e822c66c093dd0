"""Object storage over the network, by obstore: S3 and compatible servers, Google Cloud Storage, Azure.

An object is created with `If-None-Match: *`: the server refuses it when the key exists. A request whose reply got lost
is sent again; when the key then exists with the same bytes, it was our own.

No message has a secret: obstore's own text is cut to the request, the status and the server's error code.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from archiver.errors import ObjectExists, ObjectMissing, StorageUnavailable, UsageError
from archiver.model.stored_object import LARGEST_OBJECT, StoredObject, is_key
from archiver.text.clean import printable
from archiver.text.install_advice import not_installed

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

T = TypeVar("T")

_CONNECT, _REQUEST = timedelta(seconds=5), timedelta(seconds=30)
_TRIES = 3
"""How often a request is sent when it fails. obstore itself repeats none, so that the time is bounded here."""
_PAUSES = (0.2, 1.0)
"""Seconds between two tries."""
_CHUNK = 1000
"""Objects in the answer to a list."""
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_CAUSE = re.compile(r'message: "([^"\n]{1,100})"')
"""What the operating system said, in obstore's description of an error."""
_ADVICE = "see whether it runs and lets you in ({} the environment), then run this again"
_VARIABLES = {"s3": "AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are in"}


class CloudStorage:
    """The objects under a prefix of a bucket (see `model.stored_object.ObjectStorage`).

    Args:
        url: `s3://bucket/prefix`.
        seconds: how long one request may take; a call sends it up to three times.

    Raises:
        UsageError: obstore is not installed, or refuses the URL or the environment.
    """

    def __init__(self, url: str, seconds: float = _REQUEST.total_seconds()) -> None:
        try:
            import obstore  # noqa: F401, PLC0415  (an extra)
            from obstore.exceptions import BaseError  # noqa: PLC0415  (an extra)
            from obstore.store import from_url  # noqa: PLC0415  (an extra)
        except ImportError:
            raise UsageError(not_installed("object storage needs", "obstore")) from None
        self.place = printable(url)
        self._advice = _ADVICE.format(_VARIABLES.get(url.partition(":")[0], "credentials are in"))
        limit = timedelta(seconds=seconds)
        try:
            self._store: ObjectStore = from_url(
                url,
                client_options={"connect_timeout": min(_CONNECT, limit), "timeout": limit, "allow_http": True},
                retry_config={"max_retries": 0, "retry_timeout": limit},
            )
        except (BaseError, ValueError) as error:
            raise UsageError(f"--storage: {self.place}: {_first_line(error)}") from error

    def create(self, key: str, body: bytes) -> None:
        """Store a new object. The same bytes under this key are no error.

        Raises:
            ObjectExists: there are other bytes under this key.
            StorageUnavailable: the storage does not answer, refuses, or is too slow.
        """
        import obstore  # noqa: PLC0415  (an extra)
        from obstore.exceptions import AlreadyExistsError  # noqa: PLC0415  (an extra)

        def put() -> bool:
            try:
                obstore.put(self._store, _checked(key), body, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
            return True

        if not self._tried(put, f"PUT {key}") and not self._is(key, body):
            raise ObjectExists(f"{self.place}: {key} exists, with other bytes; nothing was overwritten")

    def _is(self, key: str, body: bytes) -> bool:
        import obstore  # noqa: PLC0415  (an extra)

        size = self._tried(lambda: int(obstore.head(self._store, key)["size"]), f"HEAD {key}")
        return size == len(body) and self.read(key, size) == body

    def read(self, key: str, most: int = LARGEST_OBJECT) -> bytes:
        """Return the bytes of an object.

        Raises:
            ObjectMissing: there is none.
            StorageUnavailable: the storage does not answer, refuses, is too slow, or it is larger than `most` bytes.
        """
        import obstore  # noqa: PLC0415  (an extra)

        def get() -> bytes | None:
            try:
                answer = obstore.get(self._store, _checked(key))
            except FileNotFoundError:
                return None
            body = bytearray()
            for part in answer:  # not as a whole: the stated size may be false
                body += part
                if len(body) > most:
                    raise StorageUnavailable(f"{self.place}: {key} is larger than {most:,} bytes; it was not read")
            return bytes(body)

        found = self._tried(get, f"GET {key}")
        if found is None:
            raise ObjectMissing(f"{self.place}: there is no object {key}")
        return found

    def objects(self, prefix: str, after: str = "") -> Iterator[StoredObject]:
        """Yield the objects under `prefix/`, in the order of their keys; only those after the key `after`."""
        import obstore  # noqa: PLC0415  (an extra)

        def chunk(offset: str) -> "Sequence[ObjectMeta]":
            return next(iter(obstore.list(self._store, prefix or None, offset=offset or None, chunk_size=_CHUNK)), ())

        last, found = after, self._tried(partial(chunk, after), f"LIST {prefix}")
        while found:
            for each in found:
                if each["path"] <= last:
                    raise StorageUnavailable(f"{self.place}: it does not list objects in the order of their keys")
                last = each["path"]
                if is_key(last):
                    yield StoredObject(last, each["size"])
            is_last = len(found) < _CHUNK
            found = () if is_last else self._tried(partial(chunk, last), f"LIST {prefix}")

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects. One that is not there is no error."""
        import obstore  # noqa: PLC0415  (an extra)

        def remove(key: str) -> None:
            with suppress(FileNotFoundError):
                obstore.delete(self._store, [_checked(key)])

        for key in keys:
            self._tried(partial(remove, key), f"DELETE {key}")

    def _tried(self, request: Callable[[], T], what: str) -> T:
        """Return the result of a request, which is sent again when it fails."""
        from obstore.exceptions import (  # noqa: PLC0415  (an extra)
            BaseError,
            PermissionDeniedError,
            UnauthenticatedError,
        )

        for pause in (*_PAUSES[: _TRIES - 1], None):
            try:
                return request()
            except (PermissionDeniedError, UnauthenticatedError, FileNotFoundError) as error:
                raise self._unavailable(error, what) from error
            except (BaseError, OSError) as error:
                if pause is None:
                    raise self._unavailable(error, what) from error
            time.sleep(pause)
        raise AssertionError

    def _unavailable(self, error: Exception, what: str) -> StorageUnavailable:
        text = str(error)
        code, status, cause = _CODE.search(text), _STATUS.search(text), _CAUSE.search(text)
        other = cause[1] if cause else _first_line(error).rpartition(" - ")[2]
        said = f"HTTP {status[1]}" if status else other
        said += f" {code[1]}" if code else ""
        return StorageUnavailable(f"{self.place}: {what}: {said}; {self._advice}")


def _checked(key: str) -> str:
    if not is_key(key):
        raise ValueError(f"not a key: {key!r}")
    return key


def _first_line(error: Exception) -> str:
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return printable(line, 400)
