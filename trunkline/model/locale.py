"""Language, time zone, country and currency: platform > brand > client > user. The one owner of their inheritance.

The value that counts for an object is the one it gives itself, else the nearest one above it. Rows hold the values that
count (:meth:`Locale.under`), so nobody below the compiler asks again.

Time zones are those that the tz database counts as current for some country (``zone.tab``), and UTC: the names in it
exist on every host, those that are kept only for compatibility (``US/Pacific``) do not since Debian 13. Countries are
those of ISO 3166-1, currencies those of ISO 4217; both lists, and the time zones, come with pinned packages (pycountry,
tzdata) of the controller, so that two sites agree. Hosts need neither.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib import resources
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from trunkline.model.fields import Language, wrong
from trunkline.model.item import Item
from trunkline.model.marks import marks
from trunkline.model.problems import unknown

DEFAULT_LANGUAGE = "en"
DEFAULT_TIME_ZONE = "UTC"
# Codes of ISO 4217 that are no money: precious metals, units of account, tests.
_NOT_MONEY = frozenset(["XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"])


@functools.cache
def time_zones() -> frozenset[str]:
    """Return the names of time zones."""
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return frozenset(row[2] for row in rows) | {DEFAULT_TIME_ZONE}


@functools.cache
def countries() -> frozenset[str]:
    """Return the two-letter codes of countries (ISO 3166-1)."""
    import pycountry  # noqa: PLC0415 - a tenth of a second that most runs do not need

    return frozenset(country.alpha_2 for country in pycountry.countries)


@functools.cache
def currencies() -> frozenset[str]:
    """Return the three-letter codes of currencies (ISO 4217)."""
    import pycountry  # noqa: PLC0415 - as above

    return frozenset(currency.alpha_3 for currency in pycountry.currencies) - _NOT_MONEY


@dataclass(frozen=True)
class _Known:
    """A text that a long list must hold; the list is loaded when it is needed.

    Args:
        code: Of the rule.
        what: What the list is of.
        load: Gives the list.
    """

    code: str
    what: str
    load: Callable[[], Collection[str]]

    def check(self, value: str) -> str:
        """Check a value.

        Raises:
            PydanticCustomError: It is not in the list.
        """
        known = self.load()
        if value in known:
            return value
        message, remedy = unknown(self.what, value, sorted(known))
        raise wrong(self.code, message, f"write {value.upper()}" if value.upper() in known else remedy)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Put the check behind pydantic's own."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Let editors offer the list."""
        return {"type": "string", "enum": sorted(self.load())}


TimeZone = Annotated[str, _Known("TL0403", "time zone", time_zones)]
Country = Annotated[str, _Known("TL0404", "country", countries)]
Currency = Annotated[str, _Known("TL0405", "currency", currencies)]


class OwnLocale(Item):
    """What everybody may choose, down to a single user (seed 004 sections 9.1.1 and 10.1.1, geographic configuration).

    Attributes:
        language: Of what is played to the user, and of mail.
        time_zone: In which times of day count and are shown.
        country: Whose way to write numbers counts.
    """

    language: Language | None = Field(
        default=None,
        description=f"of announcements; default: that of the level above, {DEFAULT_LANGUAGE} at the top",
        examples=["es"],
        json_schema_extra=marks(honoured=False),
    )
    time_zone: TimeZone | None = Field(
        default=None,
        description=f"name in the tz database; default: that of the level above, {DEFAULT_TIME_ZONE} at the top",
        examples=["Europe/Madrid"],
        json_schema_extra=marks(honoured=False),
    )
    country: Country | None = Field(
        default=None,
        description="two letters of ISO 3166; default: that of the level above, none at the top",
        examples=["ES"],
    )


class FullLocale(OwnLocale):
    """What platform, brand and client may choose (seed 004 sections 8.1 and 8.6).

    Attributes:
        currency: Of prices and balances.
    """

    currency: Currency | None = Field(
        default=None,
        description="three letters of ISO 4217; default: that of the level above, none at the top",
        examples=["EUR"],
        json_schema_extra=marks(honoured=False),
    )


@dataclass(frozen=True, slots=True)
class Locale:
    """The values that count for an object.

    Args:
        language: Always there.
        time_zone: Always there.
        country: None when nobody says one.
        currency: None when nobody says one.
    """

    language: str = DEFAULT_LANGUAGE
    time_zone: str = DEFAULT_TIME_ZONE
    country: str | None = None
    currency: str | None = None

    def under(self, declared: OwnLocale) -> Locale:
        """Return the values that count one level further down.

        Args:
            declared: What the object there says itself.
        """
        language, time_zone, country = declared.language, declared.time_zone, declared.country
        currency = declared.currency if isinstance(declared, FullLocale) else None
        if language is None and time_zone is None and country is None and currency is None:
            return self
        return Locale(
            language or self.language, time_zone or self.time_zone, country or self.country, currency or self.currency
        )


def locale_of(*levels: OwnLocale) -> Locale:
    """Return the values that count for the last of some levels.

    Args:
        levels: From the platform down.
    """
    found = Locale()
    for level in levels:
        found = found.under(level)
    return found
