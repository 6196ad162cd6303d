"""The YAML we accept: mappings, sequences and text. Built from parser events, iteratively and within limits.

No anchors and aliases, no tags, no merge keys, no directives, one document per file, no key twice. What is left means
the same to every reader. Without the C parser the same events come from PyYAML's own, slower one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from trunkline.source._problem import Path, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Value = None | str | list["Value"] | dict[str, "Value"]

_EMPTY = frozenset({"", "~", "null"})
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Limits:
    """How much a file may ask of us.

    Args:
        file_bytes: Largest file.
        line: Longest line, in characters.
        depth: Deepest nesting.
        events: Most pieces of a YAML file: scalars, beginnings and ends of collections.
        rows: Most lines of a CSV file.
        problems: Of one file, so many are shown.
        quoted: Longest piece of a file that a message repeats, in characters.
    """

    file_bytes: int = 64 * 1024 * 1024
    line: int = 1024 * 1024
    depth: int = 32
    events: int = 2_000_000
    rows: int = 1_000_001
    problems: int = 100
    quoted: int = 60


@dataclass
class _Frame:
    """A collection that is being read."""

    value: dict[str, Value] | list[Value]
    key: str | None = None
    discard: bool = False  # the value of a key that is already wrong is read and dropped
    lines: dict[str, int] = field(default_factory=dict)  # of keys, to name the first of two


@dataclass(frozen=True)
class Entry:
    """A value's place: its key's (for items of a mapping) and its own, as (line, column) from 1."""

    key: tuple[int, int]
    value: tuple[int, int]


class _Builder:
    """Turns parser events into values, or into the places of values."""

    def __init__(self, file: str, limits: Limits, places: dict[Path, Entry] | None) -> None:
        self.problems: list[Problem] = []
        self.root: Value = None
        self._file = file
        self._limits = limits
        self._places = places
        self._stack: list[_Frame] = []
        self._path: list[str | int] = []
        self._documents = 0
        self._key_place = (1, 1)

    def full(self, event: Any) -> bool:
        """Say whether enough problems were found; the last of them says that the rest of the file was not read."""
        if len(self.problems) < self._limits.problems:
            return False
        message = f"the file has {self._limits.problems} problems up to here, the rest of it was not read"
        self._problem(event, "TL0111", message, "repair these first")
        return True

    def tired(self, event: Any, number: int) -> bool:
        """Say whether the file asks for too much."""
        if number < self._limits.events:
            return False
        message = "the file holds too much: everything from here on was not read"
        self._problem(event, "TL0107", message, "split it, or move its long lists to CSV files")
        return True

    def feed(self, event: Any) -> bool:
        """Take one event; return False when the rest of the file makes no sense to read."""
        if isinstance(event, yaml.ScalarEvent):  # four of five events: what is here counts
            if event.anchor or event.tag:
                self._forbid(event)
            if event.style == '"':
                self._control(event)
            if self._expects_key():
                self._take_key(self._stack[-1], event)
            else:
                plain_empty = event.value in _EMPTY and event.style in (None, "")
                self._put(None if plain_empty else event.value, event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._forbid(event)
            return self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            return self._document(event)
        return True

    def _alias(self, event: Any) -> None:
        self._problem(event, "TL0105", f"*{self._quote(event.anchor or '')} is an alias", "write the value out")
        if self._expects_key():
            self._stack[-1].key, self._stack[-1].discard = "", True
        else:
            self._put(None, event)

    def _expects_key(self) -> bool:
        """Say whether the next thing is the key of a mapping's item."""
        return bool(self._stack) and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None

    def _document(self, event: Any) -> bool:
        self._documents += 1
        if event.version or event.tags:
            self._problem(event, "TL0106", "the file has a YAML directive (a line that begins with %)", "take it out")
        if self._documents > 1:
            self._problem(event, "TL0106", "the file holds more than one document", "take out the line --- before it")
            return False
        return True

    def _forbid(self, event: Any) -> None:
        if event.anchor:
            self._problem(
                event, "TL0105", f"&{self._quote(event.anchor)} is an anchor", "write the value out each time"
            )
        if event.tag:
            self._problem(event, "TL0106", f"{self._quote(event.tag)} is a tag", "take it out; values need none")

    def _control(self, event: Any) -> None:
        """Refuse what cannot be seen and no database takes, in the one place where YAML can write it: escapes."""
        found = _CONTROL.search(event.value)
        if found:
            message = f"the text holds the control character U+{ord(found[0]):04X}"
            self._problem(event, "TL0101", message, "take it out")

    def _take_key(self, frame: _Frame, event: Any) -> None:
        key, plain = event.value, event.style in (None, "")
        self._key_place = _position(event.start_mark)
        frame.discard = True
        if key == "<<" and plain:
            self._problem(event, "TL0105", "<< merges another mapping", "write the keys out")
        elif not key or (key in _EMPTY and plain):
            self._problem(event, "TL0103", "a key is empty", "name it, or take the line out")
        elif key in frame.lines:
            first = f"stands here a second time, first in line {frame.lines[key]}"
            self._problem(event, "TL0104", f"{self._quote(key)} {first}", "keep one of them")
        else:
            frame.lines[key] = self._key_place[0]
            frame.discard = False
        frame.key = key

    def _open(self, event: Any) -> bool:
        if self._expects_key():
            self._problem(event, "TL0103", "a key is a mapping or a list", "keys are plain text")
            return False
        if len(self._stack) >= self._limits.depth:
            self._problem(event, "TL0107", f"nested deeper than {self._limits.depth} levels", "nothing needs that")
            return False
        value: dict[str, Value] | list[Value] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._put(value, event)
        if self._stack:
            self._path.append(self._step(self._stack[-1]))
        self._stack.append(_Frame(value))
        return True

    def _close(self) -> None:
        self._stack.pop()
        if self._stack:
            self._path.pop()
            self._stack[-1].key = None

    def _step(self, frame: _Frame) -> str | int:
        """Return the path's step to the value that is being read."""
        return len(frame.value) - 1 if isinstance(frame.value, list) else frame.key or ""

    def _put(self, value: Value, event: Any) -> None:
        """Store a value where it belongs."""
        if not self._stack:
            self.root = value
            self._note((), event, is_key=False)
            return
        frame = self._stack[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
            self._note((*self._path, len(frame.value) - 1), event, is_key=False)
        elif frame.key is not None and not frame.discard:
            frame.value[frame.key] = value
            self._note((*self._path, frame.key), event, is_key=True)
        if not isinstance(event, yaml.CollectionStartEvent):
            frame.key = None

    def _note(self, path: Path, event: Any, *, is_key: bool) -> None:
        if self._places is not None:
            place = _position(event.start_mark)
            self._places.setdefault(path, Entry(self._key_place if is_key else place, place))

    def _quote(self, text: str) -> str:
        return text if len(text) <= self._limits.quoted else text[: self._limits.quoted] + "..."

    def _problem(self, event: Any, code: str, message: str, remedy: str) -> None:
        line, column = _position(event.start_mark)
        path: list[str | int] = list(self._path)
        if self._stack and self._stack[-1].key is not None:
            path.append(self._stack[-1].key)
        shown = tuple(self._quote(step) if isinstance(step, str) else step for step in path)
        self.problems.append(Problem(code, Place(self._file, line, column), message, shown, remedy))


def parse(file: str, text: str, limits: Limits) -> tuple[Value, list[Problem]]:
    """Return the value of a YAML text and what is wrong with it; with problems, the value may be incomplete.

    Args:
        file: Name for messages.
        text: The text, without control characters.
        limits: How much it may ask of us.
    """
    builder = _Builder(file, limits, None)
    _run(builder, file, text)
    return builder.root, builder.problems


class Places:
    """The places of the values of a text that `parse` accepted. Read only as far as somebody asks for one.

    Args:
        text: The text.
        limits: How much it may ask of us.
    """

    def __init__(self, text: str, limits: Limits) -> None:
        self._found: dict[Path, Entry] = {}
        self._builder = _Builder("", limits, self._found)
        self._events = _events(text)

    def get(self, path: Path) -> Entry | None:
        """Return the place of the value at a path; None when there is none."""
        while path not in self._found:
            event = next(self._events, None)
            if event is None:
                return None
            self._builder.feed(event)
        return self._found[path]


def _run(builder: _Builder, file: str, text: str) -> None:
    try:
        for number, event in enumerate(_events(text)):
            if not builder.feed(event) or (builder.problems and builder.full(event)) or builder.tired(event, number):
                return
    except yaml.MarkedYAMLError as error:
        line, column = _position(error.problem_mark or error.context_mark)
        last = text.split("\n")
        if line > len(last):  # libyaml puts the end of a text without a last line feed onto a line that is not there
            line, column = len(last), len(last[-1]) + 1
        what = str(error.problem or error.context or "the text is not YAML")
        context = f" {error.context}" if error.problem and error.context else ""
        builder.problems.append(
            Problem("TL0102", Place(file, line, column), f"not readable as YAML: {what}{context}", (), _hint(what))
        )
    except yaml.YAMLError as error:
        builder.problems.append(Problem("TL0102", Place(file, 1, 1), f"not readable as YAML: {error}"))


def _events(text: str) -> Iterator[Any]:
    loader = LOADER(text)
    try:
        get, end = loader.get_event, yaml.StreamEndEvent
        while not isinstance(event := get(), end):
            yield event
    finally:
        loader.dispose()


def _position(mark: Any) -> tuple[int, int]:
    """Return (line, column) from 1 of a parser's mark."""
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _hint(problem: str) -> str:
    """Return a remedy for the parser's commonest complaints."""
    if "tab" in problem or "\\t" in problem:
        return "indent with spaces"
    if "mapping values are not allowed" in problem or "expected <block end>" in problem:
        return "look at the indentation of this line and the one above; quote values that hold a colon and a space"
    if "unexpected end of stream" in problem or "expected ',' or" in problem:
        return "close the quote, bracket or brace that was opened before"
    return "look at this line and the one above: indentation, quotes, colons"
