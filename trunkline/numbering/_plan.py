"""What a country's numbers look like, and how they are dialled there."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.numbering import _known

if TYPE_CHECKING:
    from phonenumbers import PhoneMetadata

_DESCRIPTIONS = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost"),
    *("voip", "personal_number", "pager", "uan"),
)
_LONGEST = 15  # digits of a number with its country code (E.164)


@dataclass(frozen=True)
class Plan:
    """How numbers are written and dialled somewhere. Patterns are regular expressions without groups that capture.

    Args:
        country_code: Digits.
        international: Pattern of what is dialled before a country code.
        international_dialled: The one that we dial.
        national: Pattern of a number without country code and trunk prefix.
        lengths: Least and most digits of such a number.
        trunk: Pattern of what may be dialled before such a number; empty: nothing.
        trunk_dialled: The one that we dial; empty: none.
        exceptions: Numbers that are dialled with another trunk prefix, or with none: the prefix, and their pattern.
        code_first: Digits that could be a national number without its trunk prefix, or a number with the country code
            but without a plus, are the latter.
        short: Pattern of emergency numbers and others that exist inside of the country only; empty: unknown.
        beside_in: More rules towards E.164, before those for national numbers: pattern and replacement.
        beside_out: The same for the other direction.
        area: Digits of the area whose numbers are dialled without it; empty: none are.
    """

    country_code: str
    international: str
    international_dialled: str
    national: str
    lengths: tuple[int, int]
    trunk: str = ""
    trunk_dialled: str = ""
    exceptions: tuple[tuple[str, str], ...] = field(default=())
    code_first: bool = False
    short: str = ""
    beside_in: tuple[tuple[str, str], ...] = field(default=())
    beside_out: tuple[tuple[str, str], ...] = field(default=())
    area: str = ""


@functools.cache
def plan_of(country: str) -> Plan:
    """Return the plan of a country.

    Args:
        country: Two letters of ISO 3166.

    Raises:
        KeyError: There is no such country.
    """
    from phonenumbers import PhoneMetadata, region_code_for_country_code  # noqa: PLC0415 - a tenth of a second

    region = _known.SAME_AS.get(country, country)
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.country_code is None:
        raise KeyError(country)
    code = str(metadata.country_code)
    # Countries that share a country code share a numbering plan: of each, the numbers of the others are national.
    main = PhoneMetadata.metadata_for_region(region_code_for_country_code(metadata.country_code)) or metadata
    general = [each.general_desc for each in (metadata, main) if each.general_desc is not None]
    patterns = dict.fromkeys(each.national_number_pattern or "" for each in general)
    national = _known.NATIONAL.get(region) or "|".join(patterns)
    all_lengths = [length for each in general for length in each.possible_length]
    lengths = (min(all_lengths), min(max(all_lengths), _LONGEST))
    if code == _known.NORTH_AMERICA:
        national, lengths = _known.NORTH_AMERICAN_NUMBER, (10, 10)
    trunk, beside = _trunk(region, metadata, code)
    dialled, exceptions = _dialled(main, code)
    international = [_known.INTERNATIONAL.get(region) or metadata.international_prefix or "00"]
    international += filter(None, [_known.ALSO_INTERNATIONAL.get(region)])
    return Plan(
        country_code=code,
        international=_plain("|".join(international)),
        international_dialled=_international_dialled(region, metadata),
        national=_plain(national),
        lengths=lengths,
        trunk=trunk,
        trunk_dialled=dialled,
        exceptions=exceptions,
        code_first=bool(trunk) and any(re.fullmatch(national, code + each) for each, _ in _kinds(main)),
        short=_short(region, code),
        beside_in=(*_known.BESIDE_IN.get(region, ()), *beside),
        beside_out=_known.BESIDE_OUT.get(region, ()),
    )


def made_plan(
    *,
    country: str | None,
    country_code: str | None,
    international: str | None,
    trunk: str | None,
    area: str | None,
    lengths: tuple[int, int] | None,
) -> Plan:
    """Return the plan that a file describes: a country's, with what the file says in place of what the country has.

    Args:
        country: Two letters of ISO 3166; None: everything else has to be said, or has a usual value.
        country_code: Digits.
        international: Digits of the international prefix.
        trunk: Digits of the trunk prefix; empty: there is none.
        area: Digits of the area code.
        lengths: Least and most digits of a national number.

    Raises:
        KeyError: There is no such country.
    """
    own = plan_of(country) if country is not None else Plan(country_code or "", "00", "00", "[0-9]{2,14}", (2, 14))
    changes: dict[str, object] = {}
    if country_code is not None:
        changes["country_code"] = country_code
    if international is not None:
        changes |= {"international": international, "international_dialled": international}
    if trunk is not None:
        changes |= {"trunk": trunk, "trunk_dialled": trunk, "exceptions": ()}
    if area is not None:
        changes["area"] = area
    if lengths is not None or country is None:
        least, most = lengths or own.lengths
        # What a country has is no longer true of other numbers; a first digit that is a trunk prefix never was.
        first = "[1-9]" if (trunk if trunk is not None else own.trunk_dialled).startswith("0") else "[0-9]"
        rest = f"{{{least - 1}}}" if least == most else f"{{{least - 1},{most - 1}}}"
        changes |= {"national": f"{first}[0-9]{rest}", "lengths": (least, most)}
        changes |= {"exceptions": (), "code_first": False, "beside_in": (), "beside_out": ()}
    if country is None and lengths is not None and lengths[0] > 3:  # noqa: PLR2004 - shorter ones cannot be told apart
        changes["short"] = f"[0-9]{{2,{min(6, lengths[0] - 1)}}}"
    return Plan(**{**own.__dict__, **changes})


def _plain(pattern: str) -> str:
    r"""Return a pattern of the metadata without groups that capture, and without ``\d``, which may mean more."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern).replace(r"\d", "[0-9]")


def _international_dialled(region: str, metadata: PhoneMetadata) -> str:
    """Return the international prefix that we dial; ``~`` stands for a tone that people wait for."""
    preferred = metadata.preferred_international_prefix or metadata.international_prefix
    return _known.DIALLED.get(region) or str(preferred).replace("~", "")


def _trunk(region: str, metadata: PhoneMetadata, code: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    r"""Return what may stand before a national number, and rules for numbers without their area.

    The metadata has both in one pattern, with the area in a replacement: ``([457]\d{6})$|1`` and ``268\1``.
    """
    parsing, transform = metadata.national_prefix_for_parsing, metadata.national_prefix_transform_rule
    if region in _known.TRUNK or not parsing:
        return _known.TRUNK.get(region, ""), ()
    if transform is None:
        return _plain(parsing), ()
    trunks, beside = [], []
    for choice in _choices(parsing):
        if re.search(r"(?<!\\)\((?!\?)", choice):
            beside.append((f"^{choice.rstrip('$')}$".replace(r"\d", "[0-9]"), f"+{code}{transform}"))
        else:
            trunks.append(_plain(choice))
    return "|".join(trunks), tuple(beside)


def _choices(pattern: str) -> list[str]:
    """Return the alternatives of a pattern that stand in no group."""
    found, depth = [""], 0
    for sign in pattern:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth == 0:
            found.append("")
        else:
            found[-1] += sign
    return found


def _dialled(main: PhoneMetadata, code: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the trunk prefix that we dial, and the kinds of numbers that are written with another one or without.

    Libraries know how people write their numbers, and they write what they dial.
    """
    from phonenumbers import PhoneNumberFormat, format_number, parse  # noqa: PLC0415 - as above

    trunk = main.national_prefix
    if code == _known.NORTH_AMERICA or not trunk:
        return trunk or "", ()
    found: dict[str, list[str]] = {}
    for example, pattern in _kinds(main):
        written = re.sub("[^0-9]", "", format_number(parse(f"+{code}{example}"), PhoneNumberFormat.NATIONAL))
        if written.endswith(example):
            found.setdefault(written.removesuffix(example), []).append(pattern)
    usual = max(filter(None, found), key=lambda prefix: len(found[prefix]), default="")
    others = {prefix: "|".join(dict.fromkeys(patterns)) for prefix, patterns in found.items() if prefix != usual}
    return usual, tuple(sorted(others.items())) if usual else ()


def _kinds(metadata: PhoneMetadata) -> Iterator[tuple[str, str]]:
    """Yield an example and the pattern of every kind of number that a country has."""
    for name in _DESCRIPTIONS:
        kind = getattr(metadata, name)
        if kind is not None and kind.example_number and kind.national_number_pattern:
            yield kind.example_number, _plain(kind.national_number_pattern)


def _short(region: str, code: str) -> str:
    """Return which numbers exist inside of a country only."""
    from phonenumbers import PhoneMetadata  # noqa: PLC0415 - as above

    metadata = PhoneMetadata.short_metadata_for_region(region)
    kinds = [] if metadata is None else [metadata.emergency]
    if metadata is not None and code != _known.NORTH_AMERICA:
        kinds.append(metadata.short_code)
    found = [_known.NORTH_AMERICAN_SHORT] if code == _known.NORTH_AMERICA else []
    found += [_plain(kind.national_number_pattern) for kind in kinds if kind and kind.national_number_pattern]
    return "|".join(dict.fromkeys(found))
