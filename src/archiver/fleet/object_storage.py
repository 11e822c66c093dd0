"""Opens object storage by its URL: `s3://bucket/prefix`, or a folder (`/path`, `file:///path`)."""

import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from archiver.errors import ObjectExists, StorageUnavailable, UsageError
from archiver.fleet.cloud_storage import CloudStorage
from archiver.fleet.folder_storage import FolderStorage
from archiver.model.stored_object import ObjectStorage, StoredObject
from archiver.text.clean import printable

__all__ = ["ObjectStorage", "StoredObject", "check_storage", "full_address", "open_storage"]

_CLOUDS = ("s3", "gs", "az")
_FORMS = "write s3://BUCKET/PREFIX, or the path of a folder"


def open_storage(url: str) -> ObjectStorage:
    """Return the storage of a URL. Nothing is requested or created yet.

    Credentials, region and endpoint come from the environment: for S3, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    `AWS_REGION`, `AWS_ENDPOINT_URL`.

    Raises:
        UsageError: the URL is not one of storage, has a password, or obstore is not installed.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UsageError(f"--storage: not a URL; {_FORMS}") from None  # not repeated: it may have a password
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            "--storage: the URL of a storage has no user, password or `?`; put credentials in the environment"
        )
    if parts.scheme in _CLOUDS and parts.netloc:
        return CloudStorage(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return FolderStorage(Path(unquote(parts.path)))
    if not parts.scheme and url.strip():
        return FolderStorage(Path(url))
    named = "this" if "@" in url else repr(printable(url))
    raise UsageError(f"--storage: {named} is not a storage; {_FORMS}")


def full_address(url: str) -> str:
    """Return the address of a storage as other processes need it: the path of a folder is absolute."""
    return url if "://" in url or not url.strip() else str(Path(url).absolute())


def check_storage(storage: ObjectStorage) -> None:
    """Check that objects can be created, read and deleted, and that the storage refuses to overwrite one.

    Raises:
        StorageUnavailable: it cannot be used for a fleet; the message says why.
    """
    key = f"check/{secrets.token_hex(8)}"
    storage.create(key, b"first")
    try:
        storage.create(key, b"second")
    except ObjectExists:
        pass
    else:
        raise StorageUnavailable(
            f"{storage.place}: it overwrites objects that exist (it ignores `If-None-Match: *`), so two workers could "
            "overwrite each other's work; use another storage"
        )
    finally:
        storage.delete([key])
