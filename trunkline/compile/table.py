"""What a table of schema `config` is, for everything generic: staging, merging, comparing, showing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

# The values of one row in the order of its table's columns, as a kind yields them; ids and addresses are text.
Row = tuple[str | int | bool | None, ...]


def words(values: list[str] | None) -> str | None:
    """Return a list as a column holds it: words with spaces between them, null for none."""
    return " ".join(values) if values else None


@dataclass(frozen=True)
class Column:
    """A column.

    Args:
        name: In the database.
        label: In a plan; empty when a plan does not show it, because it says nothing new.
        references: The table whose id it holds; a plan shows that object's name.
        secret: A plan says only that it changed.
        read: SQL expression that reads the column as the compiler writes it.
        usual: A value that a plan does not mention of an added object; nothing, false and 0 never are.
    """

    name: str
    label: str = ""
    references: str = ""
    secret: bool = False
    read: str = ""
    usual: str = ""


@dataclass(frozen=True)
class Table:
    """A table: one kind of object.

    Args:
        name: In schema `config`.
        label: The kind of object in a plan.
        columns: The first one is the id.
        title: The column that names an object in a plan; may hold a reference.
        part: Where several objects of a scope have one title, the column that tells them apart; may hold a reference.
        ordered_by: Set where the rows of a scope are one list: a plan shows the titles in this column's order, old and
            new, instead of single rows.
        scope: The column with the id of the scope that a row belongs to; empty for the platform's own tables.
        reload: What proxies and call-flow services read again when a row changes: the keys of
            ``config.revision.reload``.
        collection: The key of a file under which such objects are declared by name, as ``moved`` knows it; without
            another, the table's name with an s.
        generated: The column that is true for rows that no file declares; of those, a plan counts many that come, or
            many that go, as one object.
    """

    name: str
    label: str
    columns: tuple[Column, ...]
    title: str
    part: str = ""
    scope: str = ""
    ordered_by: str = ""
    reload: frozenset[str] = field(default_factory=frozenset)
    collection: str = ""
    generated: str = ""

    def __post_init__(self) -> None:
        """Fill in the usual name of the collection."""
        object.__setattr__(self, "collection", self.collection or f"{self.name}s")

    def position(self, column: str) -> int:
        """Return the place of a column in a row."""
        return self.column_names.index(column)

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(column.name for column in self.columns)
