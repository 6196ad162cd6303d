"""Bytes to text: what a file of an inventory may be."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from trunkline.source._csv import Columns, Table, parse_table
from trunkline.source._document import Document
from trunkline.source._problem import Place, Problem
from trunkline.source._yaml import Limits, parse

if TYPE_CHECKING:
    from pathlib import Path

# Not text: control characters, halves of surrogate pairs, and characters that some readers take for the end of a line.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00\x00\xfe\xff": "UTF-32"}


def read_file(root: Path, file: str, limits: Limits | None = None) -> tuple[Document | None, list[Problem]]:
    """Read one YAML file of an inventory.

    Args:
        root: Folder of the inventory; nothing outside of it is read, whatever links say.
        file: Path below it, with forward slashes.
        limits: How much the file may ask of us.

    Returns:
        The document, or None when it has problems; and the problems.
    """
    chosen = limits or Limits()
    text, problem = _read_text(root, file, chosen)
    if problem is not None or text is None:
        return None, [problem] if problem else []
    value, problems = parse(file, text, chosen)
    return (None, problems) if problems else (Document(file, text, value, chosen), [])


def read_table(
    root: Path, file: str, columns: Columns, limits: Limits | None = None
) -> tuple[Table | None, list[Problem]]:
    """Read one CSV file of an inventory.

    Args:
        root: Folder of the inventory; nothing outside of it is read, whatever links say.
        file: Path below it, with forward slashes.
        columns: What its columns may be.
        limits: How much the file may ask of us.

    Returns:
        The table, or None when it has problems; and the problems.
    """
    chosen = limits or Limits()
    text, problem = _read_text(root, file, chosen)
    if problem is not None or text is None:
        return None, [problem] if problem else []
    data, problems = parse_table(file, text, columns, chosen)
    return (None, problems) if problems else (Table(file, text, columns, data), [])


def leads_out(root: Path, file: str) -> Problem | None:
    """Return the problem with a link that leads out of an inventory, or nowhere; None for anything else.

    Args:
        root: Folder of the inventory.
        file: Path below it.
    """
    try:
        return _inside(root, file)[1]
    except OSError as error:
        return Problem("TL0108", Place(file), f"the link cannot be followed: {error.strerror}", (), "take it out")


def _inside(root: Path, file: str) -> tuple[str, Problem | None]:
    """Return where a file really is, and the problem with that.

    Raises:
        OSError: There is no such file, or links lead in circles.
        ValueError: The name cannot be that of a file.
    """
    real, inside = os.path.realpath(root / file, strict=True), os.path.realpath(root, strict=True)
    if os.path.commonpath([real, inside]) == inside:
        return real, None
    message = f"the link leads out of the inventory, to {real}"
    return real, Problem("TL0108", Place(file), message, (), "copy what it leads to into the inventory")


def _read_text(root: Path, file: str, limits: Limits) -> tuple[str | None, Problem | None]:
    raw, problem = _read_bytes(root, file, limits)
    if raw is None:
        return None, problem
    for mark, name in _BYTE_ORDER_MARKS.items():
        if raw.startswith(mark):
            return None, Problem("TL0101", Place(file), f"the file is {name}", (), "save it as UTF-8")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        return None, Problem("TL0101", _place(file, before), message, (), "save the file as UTF-8")
    found = _FORBIDDEN.search(text)
    if found:
        message = f"character U+{ord(found[0]):04X} does not belong in a text file"
        place = _place(file, text[: found.start()])
        return None, Problem(
            "TL0101", place, message, (), "take it out; if the file is binary, it is in the wrong place"
        )
    line = _long_line(text, limits.line)
    if line:
        message = f"the line is longer than {limits.line:,} characters"
        return None, Problem("TL0107", Place(file, line, 1), message, (), "break it; a file of tenants has short lines")
    return text, None


def _read_bytes(root: Path, file: str, limits: Limits) -> tuple[bytes | None, Problem | None]:
    try:
        real, problem = _inside(root, file)
        if problem is not None:
            return None, problem
        # Without O_NONBLOCK opening a named pipe would wait for a writer for ever.
        descriptor = os.open(real, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None, Problem("TL0108", Place(file), "this is not a file", (), "put a file of text in its place")
            raw = stream.read(limits.file_bytes + 1) if status.st_size <= limits.file_bytes else None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return None, Problem("TL0108", Place(file), f"the file cannot be read: {reason}", (), "check name and rights")
    if raw is None or len(raw) > limits.file_bytes:
        message = f"the file is larger than {limits.file_bytes >> 20} MiB"
        return None, Problem("TL0107", Place(file), message, (), "split it: one file per client")
    return raw, None


def _long_line(text: str, longest: int) -> int:
    """Return the number of the first line that is longer than allowed; 0 when there is none."""
    start = 0
    while len(text) - start > longest:
        end = text.rfind("\n", start, start + longest + 1)
        if end < 0:
            return text.count("\n", 0, start) + 1
        start = end + 1
    return 0


def _place(file: str, before: str) -> Place:
    """Return the place of the character that follows a text."""
    return Place(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
