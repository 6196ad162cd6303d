"""A contract: what a reseller or a peering partner is bound by."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trunkline.model.fields import Note, Reference
from trunkline.model.item import Item
from trunkline.model.marks import marks
from trunkline.model.values import OneOf

RESELLER = "reseller"
PEERING = "peering"


class Contract(Item):
    """A contract with a reseller or a peering partner (seed 002 section 5.4).

    Resellers are brands: the platform has the contract, the brand names it. Peering partners carry calls in and out.
    """

    type: Annotated[str, OneOf(RESELLER, PEERING)] = Field(
        description="reseller: sells under a brand of its own; peering: carries calls in and out", examples=["reseller"]
    )
    contact: Reference = Field(
        description="whom it is with: a contact of this file, or of the platform",
        examples=["cheap-call"],
        json_schema_extra=marks(refers="contacts"),
    )
    description: Note | None = Field(default=None, description="for people", examples=["Wholesale rates of 2026"])
    external_id: Note | None = Field(default=None, description="what other systems call it", examples=["2026/0042"])
