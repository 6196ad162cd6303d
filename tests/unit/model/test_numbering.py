"""Patterns of countries: each number is of one country, and every country of ISO 3166 has a pattern."""

from __future__ import annotations

import phonenumbers
import pycountry
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from trunkline.model.countries import continent_groups, country_patterns
from trunkline.model.numbering import country_of, prefixes_of_countries

# What metadata counts to a neighbour.
KNOWN_BETTER = {"EH", "NF"}
TYPES = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def test_every_country_has_a_pattern_in_one_continent() -> None:
    assert {country.alpha_2.lower() for country in pycountry.countries} <= country_patterns().keys()
    members = [name for names in continent_groups().values() for name in names]
    assert sorted(members) == sorted(country_patterns())
    assert prefixes_of_countries().keys() <= {name.upper() for name in country_patterns()}


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS - KNOWN_BETTER))
def test_the_numbers_of_a_country_are_its_own(region: str) -> None:
    for kind in TYPES:
        number = phonenumbers.example_number_for_type(region, kind)
        if number is not None and phonenumbers.region_code_for_number(number) == region:
            assert country_of(phonenumbers.format_number(number, PhoneNumberFormat.E164)) == region


def test_no_prefix_is_of_two_countries() -> None:
    found = [prefix for prefixes in prefixes_of_countries().values() for prefix in prefixes]
    assert len(found) == len(set(found))
    known = set(found)
    inside = [prefix for prefix in known for length in range(1, len(prefix)) if prefix[:length] in known]
    assert inside == []


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+14165550123", "CA"),
        ("+12025550123", "US"),
        ("+18095550123", "DO"),
        ("+77271234567", "KZ"),
        ("+74951234567", "RU"),
        ("+441481123456", "GG"),
        ("+442071838750", "GB"),
        ("+390669812345", "VA"),
        ("+390612345678", "IT"),
        ("+672112345", "AQ"),
        ("+672312345", "NF"),
        ("+870773111632", None),
        ("+", None),
    ],
)
def test_countries_that_share_a_code(number: str, country: str | None) -> None:
    assert country_of(number) == country
