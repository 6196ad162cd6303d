"""How the numbers of each country begin, so that every number is of exactly one country.

From the public numbering metadata of `phonenumbers` (pinned, of the controller). Countries that share a calling code
(25 share +1) are told apart by as many digits as that takes: the United States are all area codes of +1 that nobody
else has. Where metadata leaves a prefix to nobody, it goes to the main country of the code.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

# What metadata counts to a neighbour: the bases in Antarctica (+672 1, beside Norfolk Island), Western Sahara.
_MORE = {"AQ": ("+6721",), "EH": ("+2125288", "+2125289")}
# National digits that tell countries apart. In North America the area code does; mobile numbers of Australia and its
# islands are the same, as is all of Morocco and Western Sahara.
_DEPTH = 6
_DEPTH_OF = {1: 4, 61: 5, 212: 0}
_DIGITS = "0123456789"
_TYPES = ("fixed_line", "mobile", "pager", "voip")  # others, such as freephone, are shared by the countries of a code


@functools.cache
def prefixes_of_countries() -> Mapping[str, tuple[str, ...]]:
    """Return the prefixes of every country that has numbers, with plus, by the two letters of ISO 3166."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # noqa: PLC0415 - most runs do not need it

    found: dict[str, list[str]] = {}
    for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items()):
        if regions != ("001",):  # numbers of no country, such as those of satellites
            for region, national in _shares(code, regions):
                found.setdefault(region, []).append(f"+{code}{national}")
    for country, prefixes in _MORE.items():
        for other in found.values():
            for prefix in prefixes:
                _take_out(other, prefix)
        found[country] = list(prefixes)
    return {country: tuple(sorted(prefixes)) for country, prefixes in sorted(found.items())}


def country_of(number: str) -> str | None:
    """Return the country of a number with plus; None for those of no country.

    Args:
        number: In E.164.
    """
    known = _countries_by_prefix()
    return next((known[number[:length]] for length in range(len(number), 1, -1) if number[:length] in known), None)


@functools.cache
def _countries_by_prefix() -> Mapping[str, str]:
    return {prefix: country for country, prefixes in prefixes_of_countries().items() for prefix in prefixes}


def _take_out(prefixes: list[str], taken: str) -> None:
    """Replace the prefix that covers another one by everything in it but that one."""
    covering = next((prefix for prefix in prefixes if taken.startswith(prefix)), None)
    if covering is not None:
        prefixes.remove(covering)
        for length in range(len(covering), len(taken)):
            prefixes += [taken[:length] + digit for digit in _DIGITS if digit != taken[length]]


def _shares(code: int, regions: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the regions of a calling code, each with national digits that its numbers begin with."""
    if len(regions) == 1:
        yield regions[0], ""
        return
    patterns = {region: _patterns(region) for region in regions}
    depth = _DEPTH_OF.get(code, _DEPTH)

    def split(national: str, among: Sequence[str]) -> list[tuple[str, str]]:
        possible = [region for region in among if any(_begins(each, national) for each in patterns[region])]
        if len(possible) <= 1 or len(national) == depth:
            return [(possible[0] if possible else regions[0], national)]
        parts = [part for digit in _DIGITS for part in split(national + digit, possible)]
        owners = {region for region, _ in parts}
        return [(owners.pop(), national)] if len(owners) == 1 else parts

    yield from split("", regions)


def _patterns(region: str) -> list[_Choice]:
    """Return what describes the national numbers of a region: the digits that only it has, else those of its types."""
    from phonenumbers import PhoneMetadata  # noqa: PLC0415

    data: Any = PhoneMetadata.metadata_for_region(region)
    if data.leading_digits is not None and not data.main_country_for_code:
        return [_parse(data.leading_digits)]
    kinds = (getattr(data, name) for name in _TYPES)
    texts = [kind.national_number_pattern for kind in kinds if kind is not None and kind.national_number_pattern]
    return [_parse(text) for text in texts]


class _Repeated(NamedTuple):
    """Digits, or a choice between sequences, as often as it may stand."""

    what: frozenset[str] | _Choice
    least: int
    most: int


_Choice = tuple[tuple[_Repeated, ...], ...]
_PART = re.compile(r"\(\?:|[()|]|\[[^\]]*\]|\\d|[0-9]|\{\d+(?:,\d+)?\}|\?")


@functools.cache
def _parse(pattern: str) -> _Choice:
    """Return what a pattern of the metadata says; it has digits, classes, groups, choices and counts only."""
    parts = _PART.findall(pattern)
    if "".join(parts) != pattern:
        raise ValueError(f"the metadata has a pattern of another kind: {pattern}")
    parts.reverse()
    return _choice(parts)


def _choice(parts: list[str]) -> _Choice:
    sequences: list[list[_Repeated]] = [[]]
    while parts and parts[-1] != ")":
        part = parts.pop()
        if part == "|":
            sequences.append([])
            continue
        what: frozenset[str] | _Choice
        if part in {"(", "(?:"}:
            what = _choice(parts)
            parts.pop()
        else:
            what = frozenset(digit for digit in _DIGITS if re.fullmatch(part, digit))
        least = most = 1
        if parts and parts[-1] == "?":
            parts.pop()
            least = 0
        elif parts and parts[-1].startswith("{"):
            bounds = [int(bound) for bound in parts.pop()[1:-1].split(",")]
            least, most = bounds[0], bounds[-1]
        sequences[-1].append(_Repeated(what, least, most))
    return tuple(tuple(sequence) for sequence in sequences)


def _begins(choice: _Choice, digits: str) -> bool:
    """Say whether something that begins with digits matches, or is the beginning of them."""
    return any(len(digits) in _ends(sequence, digits, 0) for sequence in choice)


def _ends(sequence: tuple[_Repeated, ...], digits: str, at: int) -> set[int]:
    """Return where a sequence may stand after it took digits from a position on; the end, if it wants more of them."""
    found = {at}
    for part in sequence:
        reached = found if part.least == 0 else set()
        for times in range(1, part.most + 1):
            found = {end for start in found for end in _once(part.what, digits, start)}
            if times >= part.least:
                reached = reached | found
            if not found or found == {len(digits)}:
                break
        found = reached | ({len(digits)} & found)
        if not found:
            break
    return found


def _once(what: frozenset[str] | _Choice, digits: str, at: int) -> set[int]:
    if at == len(digits):
        return {at}
    if isinstance(what, frozenset):
        return {at + 1} if digits[at] in what else set()
    return {end for sequence in what for end in _ends(sequence, digits, at)}
