"""The image of a scope: all its rows as text that PostgreSQL copies in as it stands, packed.

A block is the rows of one table in the text format of COPY, an image is the blocks of a scope behind a line of JSON
that names tables and columns, compressed. Images are hashed, kept and staged as they are; nothing handles a million
rows one by one after this point. https://www.postgresql.org/docs/current/sql-copy.html, section "Text Format".
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.compile.table import Row, Table

# A row as PostgreSQL shows it: what the database and the compiler agree on.
TextRow = tuple[str | None, ...]

_NULL = "\\N"
# Backslash first: the others bring new ones.
_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_ESCAPED = re.compile(r"\\(.)")
_MEANINGS = {escaped[1]: character for character, escaped in _ESCAPES}
# Not in any text that we accept, so they can stand for what is written only after escaping.
_VALUE, _ROW, _NOTHING = "\x00", "\x01", "\x02"
_HEAD = 8192  # bytes; more than most heads have
_COMPRESSION = 1  # several times as fast as the usual 6, for a few bytes more


class Kept:
    """Rows that are the same as long as a process runs: they are written once.

    Args:
        rows: In any order.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self.block = encode(sorted(rows))


# By digest, of images in which most is kept: to compress one takes longer than the rest.
_kept_images: dict[str, bytes] = {}
_MOST_KEPT = 8


def pack(tables: Iterable[tuple[Table, Iterable[Row] | Kept]]) -> tuple[bytes, str]:
    """Return the image of rows, and its digest.

    Args:
        tables: The rows by table, in any order; their text holds no control characters but line feed, carriage return
            and tab.
    """
    keeps, blocks = False, []
    for table, rows in tables:
        keeps = keeps or isinstance(rows, Kept)
        # By id, which is the first column and different in every row.
        blocks.append((table, rows.block if isinstance(rows, Kept) else encode(sorted(rows))))
    head = [[table.name, table.column_names, len(block), block.count(b"\n")] for table, block in blocks if block]
    body = b"".join([json.dumps(head).encode(), b"\n", *[block for _, block in blocks]])
    digest = hashlib.sha256(body).hexdigest()
    image = _kept_images.get(digest) or zlib.compress(body, _COMPRESSION)
    if keeps and len(_kept_images) < _MOST_KEPT:
        _kept_images[digest] = image
    return image, digest


def columns_of(image: bytes) -> dict[str, tuple[str, ...]]:
    """Return the names of the columns by table, for tables that have rows."""
    return {name: tuple(columns) for name, columns, _, _ in _head(image)}


def counts_of(image: bytes) -> dict[str, int]:
    """Return how many rows there are by table, for tables that have rows."""
    return {name: rows for name, _, _, rows in _head(image)}


def blocks_of(image: bytes) -> dict[str, bytes]:
    """Return the blocks of an image by table; tables without rows are missing."""
    head, _, rest = zlib.decompress(image).partition(b"\n")
    found, start = {}, 0
    for name, _, length, _ in json.loads(head):
        found[name] = rest[start : start + length]
        start += length
    return found


def encode(rows: Iterable[Row]) -> bytes:
    """Return rows as a block."""
    text = "".join(
        [_VALUE.join([value if type(value) is str else _text(value) for value in row]) + _ROW for row in rows]
    )
    for character, escaped in _ESCAPES:
        text = text.replace(character, escaped)
    return text.replace(_VALUE, "\t").replace(_ROW, "\n").replace(_NOTHING, _NULL).encode()


def decode(block: bytes) -> list[TextRow]:
    """Return the rows of a block."""
    return [tuple([_value(value) for value in line.split("\t")]) for line in block.decode().split("\n")[:-1]]


def _head(image: bytes) -> list[tuple[str, list[str], int, int]]:
    """Return name, columns, bytes and rows of each table, without unpacking more than that."""
    head = zlib.decompressobj().decompress(image, _HEAD)
    if b"\n" not in head:
        head = zlib.decompress(image)
    found: list[tuple[str, list[str], int, int]] = json.loads(head.partition(b"\n")[0])
    return found


class Rows(Mapping[str, list[TextRow]]):
    """The rows of an image by table, each made from its block when it is asked for.

    Args:
        image: The image.
    """

    def __init__(self, image: bytes) -> None:
        self._image = image

    @cached_property
    def _blocks(self) -> Mapping[str, bytes]:
        return blocks_of(self._image)

    def count(self) -> Mapping[str, int]:
        """Return how many rows there are by table; much faster than looking at them."""
        return counts_of(self._image)

    def __getitem__(self, table: str) -> list[TextRow]:
        """Return the rows of a table, sorted by id."""
        return decode(self._blocks[table])

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the tables that have rows."""
        return iter(self._blocks)

    def __len__(self) -> int:
        """Return how many tables have rows."""
        return len(self._blocks)


def _text(value: str | int | None) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _value(text: str) -> str | None:
    if "\\" not in text:
        return text
    return None if text == _NULL else _ESCAPED.sub(lambda found: _MEANINGS[found[1]], text)
