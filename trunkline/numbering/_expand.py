"""Every text that a pattern without repetitions stands for."""

from __future__ import annotations

import re
from itertools import product

_CLASS = re.compile(r"\[([0-9-]+)\]")


def expanded(pattern: str) -> frozenset[str]:
    """Return all texts that a pattern of digits, classes, groups, alternatives and ``?`` matches as a whole.

    Args:
        pattern: Such as ``0(?:0|1[2-9])``; there are finitely many texts.
    """
    found, rest = _alternatives(pattern)
    if rest:
        raise ValueError(pattern)
    return found


def _alternatives(pattern: str) -> tuple[frozenset[str], str]:
    found: frozenset[str] = frozenset()
    rest = f"|{pattern}"
    while rest.startswith("|"):
        texts, rest = _sequence(rest[1:])
        found |= texts
    return found, rest


def _sequence(pattern: str) -> tuple[frozenset[str], str]:
    found, rest = frozenset([""]), pattern
    while rest and rest[0] not in "|)":
        texts, rest = _atom(rest)
        if rest.startswith("?"):
            texts, rest = texts | {""}, rest[1:]
        found = frozenset("".join(each) for each in product(found, texts))
    return found, rest


def _atom(pattern: str) -> tuple[frozenset[str], str]:
    if pattern.startswith("(?:"):
        texts, rest = _alternatives(pattern[3:])
        return texts, rest[1:]
    digits = _CLASS.match(pattern)
    if digits is not None:
        inside = re.sub(r"([0-9])-([0-9])", _between, digits[1])
        return frozenset(inside), pattern[digits.end() :]
    return frozenset(pattern[0]), pattern[1:]


def _between(found: re.Match[str]) -> str:
    return "".join(str(digit) for digit in range(int(found[1]), int(found[2]) + 1))
