"""How the numbers of each country begin, so that every number is of exactly one country.

From the public numbering metadata of `phonenumbers` (pinned, of the controller). Countries that share a calling code
(25 share +1) are told apart by as many digits as that takes: the United States are all area codes of +1 that nobody
else has. Where metadata leaves a prefix to nobody, it goes to the main country of the code.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trunkline.numbering.beginnings import FIRST, Beginnings

# What metadata counts to a neighbour: the bases in Antarctica (+672 1, beside Norfolk Island), Western Sahara.
_MORE = {"AQ": ("+6721",), "EH": ("+2125288", "+2125289")}
# National digits that tell countries apart. In North America the area code does; mobile numbers of Australia and its
# islands are the same, as is all of Morocco and Western Sahara.
_DEPTH = 5
_DEPTH_OF = {1: 4, 212: 0}
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
    readers = {region: Beginnings(_pattern(region)) for region in regions}
    depth = _DEPTH_OF.get(code, _DEPTH)

    def split(national: str, among: Mapping[str, int]) -> list[tuple[str, str]]:
        possible = [region for region, state in among.items() if state]
        if len(possible) <= 1 or len(national) == depth:
            return [(possible[0] if possible else regions[0], national)]
        parts = [
            part
            for digit in _DIGITS
            for part in split(national + digit, {each: readers[each].read(among[each], digit) for each in possible})
        ]
        owners = {region for region, _ in parts}
        return [(owners.pop(), national)] if len(owners) == 1 else parts

    yield from split("", dict.fromkeys(regions, FIRST))


def _pattern(region: str) -> str:
    """Return what describes the national numbers of a region: the digits that only it has, else those of its types."""
    from phonenumbers import PhoneMetadata  # noqa: PLC0415

    data: Any = PhoneMetadata.metadata_for_region(region)
    if data.leading_digits is not None and not data.main_country_for_code:
        return str(data.leading_digits)
    kinds = (getattr(data, name) for name in _TYPES)
    texts = [kind.national_number_pattern for kind in kinds if kind is not None and kind.national_number_pattern]
    return "|".join(texts)
