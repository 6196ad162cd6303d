"""Emergency numbers, as they are dialled in a country: what the metadata says, and what it leaves out."""

from __future__ import annotations

import functools
import re

from trunkline.numbering import _known

LONGEST = 6  # digits; no country has a longer one


def is_emergency(number: str, country: str | None) -> bool:
    """Say whether a number that is dialled is an emergency number.

    Args:
        number: Digits.
        country: Two letters of ISO 3166; None where it is not known.
    """
    if len(number) > LONGEST:
        return False
    if number in _known.EMERGENCY_EVERYWHERE:
        return True
    return country is not None and _pattern(country).fullmatch(number) is not None


@functools.cache
def country_code(country: str) -> str:
    """Return the digits that numbers of a country begin with outside of it.

    Args:
        country: Two letters of ISO 3166.
    """
    from phonenumbers import country_code_for_region  # noqa: PLC0415 - a tenth of a second

    return str(country_code_for_region(_known.SAME_AS.get(country, country)))


@functools.cache
def _pattern(country: str) -> re.Pattern[str]:
    from phonenumbers import PhoneMetadata  # noqa: PLC0415 - as above

    metadata = PhoneMetadata.short_metadata_for_region(_known.SAME_AS.get(country, country))
    kind = None if metadata is None else metadata.emergency
    known = [] if kind is None or not kind.national_number_pattern else [kind.national_number_pattern]
    return re.compile("|".join([*known, *_known.EMERGENCY.get(country, ())]) or "(?!)")
