"""Which numbers are emergency numbers where."""

from __future__ import annotations

import pytest

from trunkline.numbering.emergency import country_code, is_emergency


@pytest.mark.parametrize(
    ("country", "numbers", "others"),
    [
        (None, "112 911", "110 999 1122"),
        ("ES", "112 061 062 080 085 091 092", "016 1004 1120"),
        ("DE", "110 112", "115"),
        ("FR", "15 17 18 112", "16 3117"),
        ("GB", "999 112", "101"),
        ("AU", "000 106", "0000000"),
        ("PE", "105 106 116", "104"),
        ("BV", "110 113", "114"),  # of Norway
        ("IN", "100 101 102 108", "104"),
    ],
)
def test_what_is_dialled_for_help(country: str | None, numbers: str, others: str) -> None:
    assert [each for each in numbers.split() if not is_emergency(each, country)] == []
    assert [each for each in others.split() if is_emergency(each, country)] == []


def test_country_codes() -> None:
    assert [country_code(each) for each in ("ES", "US", "BV")] == ["34", "1", "47"]
