"""When is a file the same file, and when is the code the same code."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pydantic
import yaml

from trunkline.model.walk import HOSTS_FILE

if TYPE_CHECKING:
    from trunkline.model.units import Unit

# A file that was written this long ago cannot have been written again within the same tick of the clock.
_SETTLED_S = 2.0
_LARGEST = 256 * 1024 * 1024  # bytes; no file that the pipeline reads may be as large
_CODE = ("source", "model", "numbering", "check", "compile", "pipeline")
_METADATA = "phonenumbers"  # its release says what the sets and patterns of countries are


def identity(inventory: Path, unit: Unit) -> str:
    """Return what the file system says about the files of a unit: as long as it is the same, they are.

    Args:
        inventory: Folder of the inventory.
        unit: The unit.

    Returns:
        Size, times and inode of each; empty when a file is so new that it could change without a trace.
    """
    newest, found = 0, []
    for file in unit.files:
        try:
            status = os.stat(f"{inventory}/{file}")  # noqa: PTH116 - of all files, in every run
        except OSError as error:
            found.append(f"{file} {error.errno}")
            continue
        newest = max(newest, status.st_mtime_ns, status.st_ctime_ns)
        found.append(f"{file} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}")
    return "" if newest > (time.time() - _SETTLED_S) * 1e9 else "\n".join(found)


def size(inventory: Path, unit: Unit) -> int:
    """Return how many bytes there are to read for a unit."""
    found = 0
    for file in unit.files:
        with contextlib.suppress(OSError):
            found += (inventory / file).stat().st_size
    return found


def content(inventory: Path, unit: Unit) -> str:
    """Return a digest of what stands in the files of a unit; it is the truth about whether they changed.

    Args:
        inventory: Folder of the inventory.
        unit: The unit.
    """
    digest = hashlib.sha256()
    for file in unit.files:
        digest.update(f"{file}\0".encode())
        try:
            status = (inventory / file).stat()
            if stat.S_ISREG(status.st_mode) and status.st_size <= _LARGEST:
                digest.update((inventory / file).read_bytes())
            else:
                digest.update(repr(status).encode())
        except OSError as error:
            digest.update(f"{error.errno}".encode())
        digest.update(b"\0")
    return digest.hexdigest()


def hosts(inventory: Path) -> str:
    """Return a digest of the host model; empty where there is none.

    Args:
        inventory: Folder of the inventory.
    """
    try:
        return hashlib.sha256((inventory / HOSTS_FILE).read_bytes()).hexdigest()
    except OSError:
        return ""


@functools.cache
def code() -> str:
    """Return a digest of the code that reads, checks and compiles: another version may come to other results."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256(f"{sys.version_info[:2]} {pydantic.VERSION} {yaml.__version__}".encode())
    found = find_spec(_METADATA)
    if found is not None and found.origin is not None:
        digest.update(Path(found.origin).read_bytes())  # says which release it is; to import it takes longer
    for folder in _CODE:
        for name in sorted(_sources(package / folder)):
            digest.update(f"{name}\0".encode())
            digest.update((package / folder / name).read_bytes())
    return digest.hexdigest()


def combined(*parts: str) -> str:
    """Return one digest for several texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _sources(folder: Path) -> list[str]:
    return [
        os.path.relpath(os.path.join(above, name), folder)  # noqa: PTH118 - as os.walk gives them
        for above, _, names in os.walk(folder)
        for name in names
        if name.endswith(".py")
    ]
