"""What a file exports for rules that look across files: domains, numbers, names that others refer to.

A fact is small and stays known while its file does not change; nothing else of a file is seen from outside. To add a
kind of fact: lines in one of the functions below; to use it: a rule with ``LEVEL = "facts"``.

| kind | key | value | exported by |
|---|---|---|---|
| domain | the SIP domain | the client | clients |
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Path


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
    """The facts of all files."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._by_key: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        for fact in sorted(facts, key=lambda fact: (fact.kind, fact.key, fact.file, [str(step) for step in fact.path])):
            self._by_key[fact.kind, fact.key].append(fact)

    def of(self, kind: str) -> Iterator[Fact]:
        """Yield the facts of a kind, sorted by key, file and path."""
        for (own, _), facts in self._by_key.items():
            if own == kind:
                yield from facts

    def find(self, kind: str, key: str) -> list[Fact]:
        """Return the facts of a kind with a key, sorted by file and path."""
        return list(self._by_key.get((kind, key), ()))

    def shared(self, kind: str) -> Iterator[list[Fact]]:
        """Yield the facts of a kind that have one key together, two or more each time."""
        for (own, _), facts in self._by_key.items():
            if own == kind and len(facts) > 1:
                yield facts

    def unmatched(self, kind: str, other: str) -> Iterator[Fact]:
        """Yield the facts of a kind for whose key there is no fact of the other kind."""
        for (own, key), facts in self._by_key.items():
            if own == kind and (other, key) not in self._by_key:
                yield from facts
