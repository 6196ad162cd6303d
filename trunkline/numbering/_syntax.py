"""Patterns as trees. Only patterns that `trunkline.model.pattern` accepts are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

_REPETITION = re.compile(r"([*+?])|\{([0-9]+)(,?)([0-9]*)\}")
_BOUNDS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_DIGITS = frozenset("0123456789")


@dataclass(frozen=True)
class Chars:
    """One character.

    Args:
        texts: Those that are meant.
        negated: All others are meant.
    """

    texts: frozenset[str]
    negated: bool = False

    def __contains__(self, character: str) -> bool:
        """Say whether a character is meant."""
        return (character in self.texts) != self.negated


@dataclass(frozen=True)
class Anchor:
    """The beginning (``^``) or the end (``$``)."""

    sign: str


@dataclass(frozen=True)
class Repeat:
    """Something several times; `most` is None when there is no limit."""

    inner: Node
    least: int
    most: int | None


@dataclass(frozen=True)
class Group:
    """Something in brackets; `number` is None when it does not capture."""

    number: int | None
    inner: Node


@dataclass(frozen=True)
class Sequence:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One or another."""

    parts: tuple[Node, ...]


Node: TypeAlias = Chars | Anchor | Repeat | Group | Sequence | Choice


def parse(pattern: str) -> Node:
    """Return the tree of an accepted pattern."""
    return _Parser(pattern).choice()


class _Parser:
    def __init__(self, pattern: str) -> None:
        self._rest = pattern
        self._groups = 0

    def choice(self) -> Node:
        parts = [self._sequence()]
        while self._rest.startswith("|"):
            self._rest = self._rest[1:]
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._rest and self._rest[0] not in "|)":
            node = self._atom()
            found = _REPETITION.match(self._rest)
            if found is not None:
                self._rest = self._rest[found.end() :].removeprefix("?")
                node = Repeat(node, *_bounds(found))
            parts.append(node)
        return Sequence(tuple(parts))

    def _atom(self) -> Node:
        sign, self._rest = self._rest[0], self._rest[1:]
        if sign in "^$":
            return Anchor(sign)
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._class()
        if sign == ".":
            return Chars(frozenset(), negated=True)
        return Chars(self._escaped()) if sign == "\\" else Chars(frozenset(sign))

    def _group(self) -> Node:
        number = None
        if self._rest.startswith("?:"):
            self._rest = self._rest[2:]
        else:
            self._groups += 1
            number = self._groups
        inner = self.choice()
        self._rest = self._rest[1:]
        return Group(number, inner)

    def _escaped(self) -> frozenset[str]:
        sign, self._rest = self._rest[0], self._rest[1:]
        return _DIGITS if sign == "d" else frozenset(sign)

    def _class(self) -> Node:
        negated = self._rest.startswith("^")
        self._rest = self._rest[negated:]
        found: frozenset[str] = frozenset()
        first = True
        while first or self._rest[0] != "]":
            own, first = self._member(), False
            if self._rest.startswith("-") and self._rest[1] != "]":
                self._rest = self._rest[1:]
                (low,), (high,) = own, self._member()
                own = frozenset(map(chr, range(ord(low), ord(high) + 1)))
            found |= own
        self._rest = self._rest[1:]
        return Chars(found, negated)

    def _member(self) -> frozenset[str]:
        sign, self._rest = self._rest[0], self._rest[1:]
        return self._escaped() if sign == "\\" else frozenset(sign)


def _bounds(found: re.Match[str]) -> tuple[int, int | None]:
    if found[1]:
        return _BOUNDS[found[1]]
    least = int(found[2])
    return least, int(found[4]) if found[4] else None if found[3] else least


def width(node: Node) -> tuple[int, int | None]:
    """Return how many characters a tree matches, at least and at most; None: there is no limit."""
    if isinstance(node, Chars):
        return 1, 1
    if isinstance(node, Anchor):
        return 0, 0
    if isinstance(node, Group):
        return width(node.inner)
    if isinstance(node, Repeat):
        least, most = width(node.inner)
        total = None if node.most is None or most is None else most * node.most
        return least * node.least, total
    widths = [width(part) for part in node.parts]
    every = [most for _, most in widths]
    if isinstance(node, Choice):
        return min(least for least, _ in widths), None if None in every else max(filter(None, every), default=0)
    return sum(least for least, _ in widths), None if None in every else sum(filter(None, every))


def texts(node: Node) -> Iterator[str]:
    """Yield every text that a tree without unlimited repetitions matches as a whole; some may come twice."""
    if isinstance(node, Chars):
        yield from sorted(node.texts)
    elif isinstance(node, Anchor):
        yield ""
    elif isinstance(node, Group):
        yield from texts(node.inner)
    elif isinstance(node, Choice):
        for part in node.parts:
            yield from texts(part)
    elif isinstance(node, Sequence):
        yield from map("".join, product(*[list(texts(part)) for part in node.parts]))
    else:
        for count in range(node.least, (node.most or node.least) + 1):
            yield from map("".join, product(list(texts(node.inner)), repeat=count))


@dataclass(frozen=True)
class Limits:
    """What has to hold before it makes sense to run a pattern, so that most need not be run at all.

    Args:
        begins: What a number begins with.
        shortest: The least characters it has.
        longest: The most; None: any.
    """

    begins: str
    shortest: int
    longest: int | None


def limits(pattern: str) -> Limits:
    """Return what has to hold of every number in which an accepted pattern is found."""
    tree = parse(pattern)
    shortest, longest = width(tree)
    parts = tree.parts if isinstance(tree, Sequence) else ()
    if not parts or parts[0] != Anchor("^"):
        return Limits("", shortest, None)
    return Limits("".join(_literal(parts[1:])), shortest, longest if parts[-1] == Anchor("$") else None)


def _literal(parts: tuple[Node, ...]) -> Iterator[str]:
    """Yield the characters that every text of a sequence begins with."""
    for part in parts:
        inner = part.inner if isinstance(part, Group) else part
        if isinstance(inner, Sequence):
            found = list(_literal(inner.parts))
            yield from found
            if len(found) < len(inner.parts):
                return
        elif isinstance(inner, Chars) and not inner.negated and len(inner.texts) == 1:
            yield from inner.texts
        else:
            return
