"""Where calls may come from: addresses that stand for a wholesale client, and those that others may call from."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from trunkline.model.fields import Note, wrong
from trunkline.model.item import Item
from trunkline.model.locale import Country
from trunkline.model.marks import marks
from trunkline.model.telephony import IpNetwork


class Source(Item):
    """Addresses that a wholesale client calls from (seed 004 section 9.1.4). Its key is an address or a range.

    Whatever comes from there is the client's: it neither registers nor shows a password.
    """

    description: Note | None = Field(default=None, description="for people", examples=["Gateway in Bilbao"])


class AddressFilter(Item):
    """Where a client's phones may call from (seed 004 section 9.1.1, filter by IP address)."""

    sources: list[IpNetwork] = Field(
        default_factory=list, description="addresses and ranges", examples=[["192.0.2.0/24"]]
    )
    countries: list[Country] = Field(
        default_factory=list,
        description="countries whose addresses are allowed too (GeoIP)",
        examples=[["ES", "PT"]],
        json_schema_extra=marks(honoured=False),
    )

    @model_validator(mode="after")
    def _allows_somebody(self) -> Self:
        if not self.sources and not self.countries:
            raise wrong("TL0459", "this filter lets nobody call", "add sources or countries, or take it out")
        return self
