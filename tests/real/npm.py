"""Packages of npm that checks by hand use: fetched once, in the version and with the digest that the caller names."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

from machine import Failed, check


def fetched_package(package: str, sha512: str, folder: Path) -> Path:
    """Return the folder of a package's files; get it from npm unless it is there.

    Args:
        package: name and version, as `axe-core@4.14.1`.
        sha512: of the packed file, in Base64, as npm names it.
        folder: where packages are kept.

    Raises:
        Failed: npm is not installed, or the package is another one than expected.
    """
    ready = folder / package
    if not ready.is_dir():
        if shutil.which("npm") is None:
            raise Failed(f"npm was not found; install it (Debian: apt-get install npm) to get {package}")
        folder.mkdir(parents=True, exist_ok=True)
        words = ["npm", "pack", package, "--silent", "--pack-destination", str(folder)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        check(done.returncode == 0, *words, done.stderr[-500:])
        (packed,) = folder.glob(f"{package.partition('@')[0]}-*.tgz")
        digest = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
        check(digest == sha512, package, "has another SHA-512 than expected:", digest)
        with tarfile.open(packed) as files:
            files.extractall(folder / "new", filter="data")
        (folder / "new" / "package").rename(ready)
        packed.unlink()
    return ready
