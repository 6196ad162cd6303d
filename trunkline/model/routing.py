"""What outgoing routes are for: patterns of numbers, groups of patterns, routing tags."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from trunkline.model.fields import Note, Reference
from trunkline.model.item import Item
from trunkline.model.listing import check_listing
from trunkline.model.marks import marks
from trunkline.model.outside import Prefix, Tag


class RoutingPattern(Item):
    """Numbers that begin alike (seed 004 section 9.3.2).

    Every country has one, by the two letters of ISO 3166 in lower case: `es`. One of the same name hides it.
    """

    description: Note | None = Field(default=None, description="for people", examples=["Mobile numbers of Spain"])
    prefixes: Annotated[list[Prefix], AfterValidator(check_listing)] = Field(
        description="how the numbers begin, with plus and country code; + is every number",
        examples=[["+346", "+347"]],
        min_length=1,
    )


class RoutingGroup(Item):
    """Patterns under one name (seed 004 section 9.3.3).

    Every continent has one: `africa`, `antarctica`, `asia`, `europe`, `north-america`, `oceania`, `south-america`. One
    of the same name hides it.
    """

    description: Note | None = Field(default=None, description="for people", examples=["Where nobody calls to"])
    patterns: Annotated[list[Reference], AfterValidator(check_listing)] = Field(
        description="patterns of the brand or the platform, or of countries",
        examples=[["es", "pt"]],
        min_length=1,
        json_schema_extra=marks(refers="routing_patterns"),
    )


class RoutingTag(Item):
    """What a client dials before a number to choose among routes (seed 004 section 9.3.4)."""

    description: Note | None = Field(default=None, description="for people", examples=["Best quality"])
    tag: Tag = Field(description="1 to 3 digits and a hash", examples=["12#"])
