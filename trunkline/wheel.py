"""The wheel of this package for the hosts: built once per state of the sources, without network."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from trunkline.errors import PlatformError
from trunkline.paths import cache_root

ROOT = Path(__file__).resolve().parent.parent
_KEPT = 5  # wheels of older sources that stay, for hosts of other stacks and for going back


@dataclass(frozen=True)
class Wheel:
    """A built wheel.

    Attributes:
        path: The file.
        digest: SHA-256 of the sources it was built from, hexadecimal.
    """

    path: Path
    digest: str


def sources(root: Path = ROOT) -> list[Path]:
    """Return the files that make the wheel, sorted: the package without caches, and what says how to build it."""
    package = [path for path in (root / "trunkline").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sorted([*package, root / "pyproject.toml"])


def digest(root: Path = ROOT) -> str:
    """Return the SHA-256 over names and contents of all sources."""
    total = hashlib.sha256()
    for path in sources(root):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root)} {content}\n".encode())
    return total.hexdigest()


def wheel(root: Path = ROOT) -> Wheel:
    """Return the wheel of the sources as they are, built if that was not done yet.

    Args:
        root: The repository.

    Raises:
        PlatformError: The build backend is missing or failed.
    """
    current = digest(root)
    store = cache_root() / "pip" / "wheels"
    found = _find(store / current)
    if found is None:
        store.mkdir(parents=True, exist_ok=True)
        with (store / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            found = _find(store / current) or _build(root, store, current)
    return Wheel(found, current)


def _find(folder: Path) -> Path | None:
    return next(folder.glob("*.whl"), None)


def _build(root: Path, store: Path, current: str) -> Path:
    """Build into a folder of its own, then rename it: a wheel that is there is complete."""
    partial = store / f".{current}"
    shutil.rmtree(partial, ignore_errors=True)
    # A fixed time in the archive: the same sources give the same file.
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(partial)]
    try:
        subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        detail = (getattr(error, "stderr", "") or str(error)).strip()
        raise PlatformError(
            f"the wheel for the hosts cannot be built: {detail}",
            remedy="run `make runtime`, it installs what builds it",
        ) from error
    partial.rename(store / current)
    older = sorted((path for path in store.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in older[: -_KEPT - 1]:
        shutil.rmtree(path, ignore_errors=True)
    found = _find(store / current)
    if found is None:
        raise PlatformError("the build of the wheel for the hosts left no wheel")
    return found
