"""What a file exports for rules that look across files: domains, numbers, names that others refer to.

A fact is small and stays known while its file does not change; nothing else of a file is seen from outside. To add a
kind of fact: lines in one of the functions below; to use it: a rule with ``LEVEL = "facts"``.

| kind | key | value | exported by |
|---|---|---|---|
| domain | the SIP domain | the client | clients |
"""

from __future__ import annotations

import json
import sqlite3
import weakref
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Path


SCHEMA = """
create table fact (kind text not null, key text not null, file text not null, path text not null, value text not null);
create index fact_key on fact (kind, key);
create index fact_file on fact (file);
"""


class Fact(NamedTuple):
    """One fact.

    Args:
        kind: What it says.
        key: About what; two facts of one kind with one key meet.
        file: The `file` of the client, brand or platform that exports it.
        path: Where it stands in there.
        value: What else a rule has to know; free text.
    """

    kind: str
    key: str
    file: str
    path: Path
    value: str = ""


def facts_of_client(client: NamedClient) -> Iterator[Fact]:
    """Yield what a client exports."""
    yield Fact(
        "domain", client.declared.domain, client.file, ("domain",), f"client {client.name} of brand {client.brand}"
    )


def facts_of_brand(brand: NamedBrand) -> Iterator[Fact]:
    """Yield what a brand exports."""
    yield from ()


def facts_of_platform(platform: NamedPlatform) -> Iterator[Fact]:
    """Yield what the platform exports."""
    yield from ()


class Facts:
    """The facts of all files, in a table: there may be millions.

    Args:
        facts: To begin with.
        connection: Has the table already; without one, it is in memory.
    """

    def __init__(self, facts: Iterable[Fact] = (), connection: sqlite3.Connection | None = None) -> None:
        if connection is None:
            connection = sqlite3.connect(":memory:")
            weakref.finalize(self, connection.close)
            connection.executescript(SCHEMA)
        self._connection = connection
        self.add(facts)

    def add(self, facts: Iterable[Fact]) -> None:
        """Take facts in."""
        rows = ((fact.kind, fact.key, fact.file, json.dumps(fact.path), fact.value) for fact in facts)
        self._connection.executemany("insert into fact values (?, ?, ?, ?, ?)", rows)

    def remove(self, file: str) -> None:
        """Forget what a file exports."""
        self._connection.execute("delete from fact where file = ?", (file,))

    def of_file(self, file: str) -> list[Fact]:
        """Return what a file exports, in an order that never depends on chance."""
        return sorted(self._select("file = ?", file), key=repr)

    def of(self, kind: str) -> Iterator[Fact]:
        """Yield the facts of a kind, sorted by key, file and path."""
        yield from self._select("kind = ?", kind)

    def find(self, kind: str, key: str) -> list[Fact]:
        """Return the facts of a kind with a key, sorted by file and path."""
        return list(self._select("kind = ? and key = ?", kind, key))

    def shared(self, kind: str) -> Iterator[list[Fact]]:
        """Yield the facts of a kind that have one key together, two or more each time."""
        query = "select key from fact where kind = ? group by key having count(*) > 1 order by key"
        for (key,) in self._connection.execute(query, (kind,)):
            yield self.find(kind, key)

    def unmatched(self, kind: str, other: str) -> Iterator[Fact]:
        """Yield the facts of a kind for whose key there is no fact of the other kind."""
        missing = "not exists (select 1 from fact as target where target.kind = ? and target.key = fact.key)"
        yield from self._select(f"kind = ? and {missing}", kind, other)

    def _select(self, condition: str, *parameters: str) -> Iterator[Fact]:
        query = f"select kind, key, file, path, value from fact where {condition} order by key, file, path"  # noqa: S608
        for kind, key, file, path, value in self._connection.execute(query, parameters):
            yield Fact(kind, key, file, tuple(json.loads(path)), value)
