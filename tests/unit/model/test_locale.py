"""Language, time zone, country and currency: which exist, and which count."""

from __future__ import annotations

import zoneinfo
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trunkline.model.locale import FullLocale, Locale, OwnLocale, countries, currencies, locale_of, time_zones

LEVELS = st.fixed_dictionaries(
    {},
    optional={
        "language": st.sampled_from(["en", "es"]),
        "time_zone": st.sampled_from(["UTC", "Europe/Madrid"]),
        "country": st.sampled_from(["ES", "DE"]),
        "currency": st.sampled_from(["EUR", "USD"]),
    },
)


@given(levels=st.lists(LEVELS, max_size=4))
def test_the_nearest_counts(levels: list[dict[str, str]]) -> None:
    expected = asdict(Locale())
    for level in levels:
        expected |= level
    assert asdict(locale_of(*(FullLocale.model_validate(level) for level in levels))) == expected


def test_a_user_has_the_currency_of_the_client() -> None:
    client = FullLocale(currency="EUR", language="es")
    assert locale_of(client, OwnLocale(language="en")) == Locale("en", "UTC", None, "EUR")
    assert "currency" not in OwnLocale.model_fields


def test_lists_are_those_of_today() -> None:
    assert {"Europe/Madrid", "Europe/Kyiv", "America/Argentina/Buenos_Aires", "UTC"} <= time_zones()
    assert not {"US/Pacific", "Asia/Calcutta", "CET", ""} & time_zones()
    assert {"ES", "DE", "GB"} <= countries()
    assert not {"UK", "EU", "DD"} & countries()
    assert {"EUR", "USD", "XAF"} <= currencies()
    assert not {"ESP", "DEM", "XAU", "XTS", "XXX"} & currencies()


def test_python_knows_every_time_zone() -> None:
    assert {zoneinfo.ZoneInfo(name).key for name in time_zones()} == time_zones()


@pytest.mark.parametrize(
    ("field", "value", "remedy"),
    [
        ("time_zone", "Europe/Madird", "did you mean Europe/Madrid?"),
        ("time_zone", "europe/madrid", "did you mean Europe/Madrid?"),
        ("country", "es", "write ES"),
        ("currency", "eur", "write EUR"),
        ("language", "xx", "use one of: ca, en, es, eu, fr, gl, it, pt"),
    ],
)
def test_others_are_refused_with_a_remedy(field: str, value: str, remedy: str) -> None:
    with pytest.raises(ValidationError) as caught:
        FullLocale.model_validate({field: value})
    assert caught.value.errors()[0]["ctx"]["remedy"] == remedy
