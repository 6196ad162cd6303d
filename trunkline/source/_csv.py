"""The CSV we accept: a first line that names the columns, then one line per object; cells hold text.

Separated by commas, semicolons or tabs, whichever stands in the first line; quoted as RFC 4180 says, without line
breaks in cells, so that a line of the file is an object and every cell has a place. An empty cell is one not given.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from trunkline.source._problem import Path, Place, Problem
from trunkline.source._suggest import unknown
from trunkline.source._yaml import Limits, Value

_SEPARATORS = (",", ";", "\t")
# The longest cell that Python's reader takes by default.
_CELL = 131_072


@dataclass(frozen=True)
class Columns:
    """What the columns of a table may be.

    Args:
        key: Name of the column that holds an object's key.
        fields: Names of the others; a dot leads into an object inside of the object: ``limits.calls``.
        lists: Those whose cells hold several texts, with spaces between them.
    """

    key: str
    fields: frozenset[str]
    lists: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Table:
    """A CSV file that was read without problems.

    Args:
        file: Path relative to the inventory.
        text: What stands in it.
        columns: What its columns may be.
        data: Its objects by key, as a YAML file would have them.
    """

    file: str
    text: str
    columns: Columns
    data: dict[str, Value]
    _index: dict[str, int] = field(default_factory=dict, repr=False, compare=False)
    _starts: array[int] = field(default_factory=lambda: array("L"), repr=False, compare=False)

    def locate(self, path: Path) -> Place:
        """Return the place of an object's cell; of its line when it has no such cell; of the file when it has none.

        Args:
            path: Key of the object, then the way into it.
        """
        if not self._index:  # not kept before somebody asks: see `Document`
            self._index.update(line_numbers(self.text, self.columns.key))
            lines = io.StringIO(self.text, newline="")
            self._starts.extend(itertools.accumulate((len(line) for line in lines), initial=0))
        number = self._index.get(str(path[0])) if path else None
        if number is None:
            return Place(self.file)
        separator = separator_of(self.text)
        line = self.text[self._starts[number - 1] : self._starts[number]]
        names = next(csv.reader([first_line(self.text)], delimiter=separator), [])
        column = ".".join(str(step) for step in path[1:] if isinstance(step, str)) or self.columns.key
        index = names.index(column) if column in names else None
        return Place(self.file, number, cell_starts(line, separator)[index] if index is not None else 1)


def parse_table(file: str, text: str, columns: Columns, limits: Limits) -> tuple[dict[str, Value], list[Problem]]:
    """Return the objects of a CSV text by key, and what is wrong with it.

    Args:
        file: Name for messages.
        text: The text, without control characters.
        columns: What its columns may be.
        limits: How much it may ask of us.
    """
    reader = _Reader(file, columns, limits)
    try:
        reader.read(text)
    except csv.Error:
        reader.unreadable(text)
    return reader.data, reader.problems


class _Reader:
    """Reads one CSV text."""

    def __init__(self, file: str, columns: Columns, limits: Limits) -> None:
        self.data: dict[str, Value] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._columns = columns
        self._limits = limits
        self._line = 0  # the last one that was read without an error of form

    def read(self, text: str) -> None:
        """Take the header, then the lines.

        Raises:
            csv.Error: A line cannot be taken apart; `unreadable` says which.
        """
        first = first_line(text)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(first), strict=True)
        header = next(rows, [])
        if not self._header(header, first):
            return
        self._line = rows.line_num
        make = _maker(header, self._columns)
        key_index, width = header.index(self._columns.key), len(header)
        numbers: dict[str, int] = {}
        for row in rows:
            number = rows.line_num
            if number != self._line + 1:
                self.unreadable(text)
                return
            self._line = number
            if number > self._limits.rows:
                message = f"the file has more than {self._limits.rows:,} lines"
                self._problem("TL0107", number, 1, message, "split the client, or take out what is not needed")
                return
            if len(row) != width:
                if row:
                    self._ragged(number, row, width)
            elif not row[key_index]:
                self._problem("TL0103", number, 1, f"the cell {self._columns.key} is empty", "name the object")
            elif row[key_index] in self.data:
                self._twice(row[key_index], number, numbers, text)
            else:
                self.data[row[key_index]] = make(row)
            if len(self.problems) >= self._limits.problems:
                message = f"the file has {len(self.problems)} problems up to here, the rest of it was not read"
                self._problem("TL0111", number, 1, message, "repair these first")
                return

    def _header(self, header: list[str], first: str) -> bool:
        key = self._columns.key
        starts = cell_starts(first, separator_of(first))
        known = sorted({key, *self._columns.fields})
        seen: set[str] = set()
        for name, start in zip(header, [*starts, *[1] * len(header)], strict=False):
            if name in seen:
                self._problem("TL0104", 1, start, f"the column {self._quote(name)} stands here twice", "keep one")
            elif name not in known:
                message, remedy = unknown("column", name, known)
                self._problem("TL0201", 1, start, message, remedy)
            seen.add(name)
            if len(self.problems) >= self._limits.problems:
                break
        if key not in seen and not self.problems:
            remedy = f"begin the file with a line such as {','.join([key, *sorted(self._columns.fields)[:2]])}"
            self._problem("TL0112", 1, 1, f"the first line has no column {key}", remedy)
        return not self.problems

    def _ragged(self, number: int, row: list[str], width: int) -> None:
        message = f"the line has {len(row)} cells, the first line has {width}"
        remedy = "an empty cell needs its separator as well; a cell that holds a separator needs quotes around it"
        self._problem("TL0113", number, 1, message, remedy)

    def _twice(self, key: str, number: int, numbers: dict[str, int], text: str) -> None:
        if not numbers:  # asked for only when something is wrong
            numbers.update(line_numbers(text, self._columns.key))
        first = f"first in line {numbers[key]}"
        message = f"{self._quote(key)} stands here a second time, {first}"
        self._problem("TL0104", number, 1, message, "keep one of them", path=(key,))

    def unreadable(self, text: str) -> None:
        """Report the line after the last good one: a quote does not end in it, or does not end its cell."""
        number = self._line + 1
        line = next((line for at, line in enumerate(io.StringIO(text, newline=""), 1) if at == number), "")
        column = next((start for start in cell_starts(line, separator_of(text)) if line[start - 1 : start] == '"'), 1)
        remedy = 'put quotes around the whole cell, and write "" for a quote inside of it'
        message = f"the line has a cell of more than {_CELL:,} characters"
        if len(line) <= _CELL:
            message = "a quoted cell does not end where the cell ends"
        self._problem("TL0113", number, column, message, remedy)

    def _quote(self, text: str) -> str:
        return text if len(text) <= self._limits.quoted else text[: self._limits.quoted] + "..."

    def _problem(self, code: str, line: int, column: int, message: str, remedy: str, *, path: Path = ()) -> None:
        self.problems.append(Problem(code, Place(self._file, line, column), message, path, remedy))


def line_numbers(text: str, key: str) -> dict[str, int]:
    """Return the line of each object of a text whose header is right; of the first where a key stands twice.

    Args:
        text: The text of a table.
        key: Name of the column that holds the keys.
    """
    numbers: dict[str, int] = {}
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text))
    index = next(rows, []).index(key)
    with contextlib.suppress(csv.Error):  # what stands before the line in error has its number
        for row in rows:
            if len(row) > index:
                numbers.setdefault(row[index], rows.line_num)
    return numbers


def cell_starts(line: str, separator: str) -> list[int]:
    """Return the columns, from 1, at which the cells of a line begin."""
    starts = [1]
    state = "start"  # of a cell; "quoted", "closed" after a quote in there, "plain"
    for column, character in enumerate(line, 1):
        if character == separator and state != "quoted":
            starts.append(column + 1)
            state = "start"
        elif character == '"' and state != "plain":
            state = "closed" if state == "quoted" else "quoted"  # a quote that is written twice closes and opens
        elif state != "quoted":
            state = "plain"
    return starts


def first_line(text: str) -> str:
    """Return the header, with the end of its line."""
    return next(iter(io.StringIO(text[: _CELL + 1], newline="")), "")


def separator_of(text: str) -> str:
    """Return what separates the cells of a text."""
    return next((each for each in _SEPARATORS if each in first_line(text)), ",")


def _maker(header: list[str], columns: Columns) -> Callable[[list[str]], dict[str, Value]]:
    """Return what makes an object of a row."""
    names = [(index, name) for index, name in enumerate(header) if name != columns.key]
    if not any("." in name or name in columns.lists for _, name in names):
        return lambda row: {name: row[index] for index, name in names if row[index]}
    steps = [(index, name.split("."), name in columns.lists) for index, name in names]

    def make(row: list[str]) -> dict[str, Value]:
        item: dict[str, Any] = {}
        for index, way, several in steps:
            if row[index]:
                inner = item
                for step in way[:-1]:
                    inner = inner.setdefault(step, {})
                inner[way[-1]] = row[index].split() if several else row[index]
        return item

    return make
