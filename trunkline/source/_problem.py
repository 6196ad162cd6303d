"""What is wrong, and where: the one form in which every stage of the pipeline reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]
# Keys and list positions from the top of a document to one of its values.
Path = tuple[str | int, ...]
# Of a key, so many characters are shown in a path.
_STEP = 64


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file.

    Args:
        file: Path relative to the inventory.
        line: From 1; 0 when the place is the file itself.
        column: In characters, from 1; 0 when the place is the file itself.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return ``file:line:column``, or the file alone."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Args:
        code: The rule's code, ``TL`` and four digits; its page is ``docs/reference/rules/<code>.md``.
        place: Where it is.
        path: Path of the item inside of the document; empty for the file as a whole.
        message: What is wrong, one sentence without a full stop.
        remedy: What to do about it; empty when the message says it all.
        severity: Errors stop the pipeline, warnings do not.
    """

    code: str
    place: Place
    message: str
    path: Path = ()
    remedy: str = ""
    severity: Severity = "error"

    @property
    def sort_key(self) -> tuple[Place, str, str]:
        """By file, line and column; then by code, so that the order never depends on chance."""
        return (self.place, self.code, self.message)

    def __str__(self) -> str:
        """Return two or three lines for a person."""
        item = f" ({path_text(self.path)})" if self.path else ""
        text = visible(f"{self.place}: {self.severity} {self.code}: {self.message}{item}")
        return f"{text}\n  remedy: {visible(self.remedy)}" if self.remedy else text

    def as_json(self) -> dict[str, Any]:
        """Return the fields as ``--json`` prints them."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "path": path_text(self.path),
            "message": self.message,
            "remedy": self.remedy,
        }


def path_text(path: Path) -> str:
    """Return a path as people write it: ``users.alice.name``, ``sources[2]``."""
    text = ""
    for step in path:
        shown = step if isinstance(step, int) or len(step) <= _STEP else f"{step[:_STEP]}..."
        text += f"[{shown}]" if isinstance(shown, int) else f".{shown}" if text else shown
    return text


def visible(text: str) -> str:
    """Return a text without characters that a terminal would obey or cannot show: names of files may hold any."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
