"""An outgoing route: which carriers take calls to some numbers."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from trunkline.model.fields import Note, Reference, wrong
from trunkline.model.listing import check_listing
from trunkline.model.marks import marks
from trunkline.model.route import Route
from trunkline.model.values import Count, YesNo


class OutgoingRoute(Route):
    """Who takes calls to some numbers (seed 004 section 9.3.1)."""

    DESTINATIONS: ClassVar[tuple[str, ...]] = ("carrier", "cheapest_of", "block")

    description: Note | None = Field(default=None, description="for people", examples=["Mobiles by Bestel"])
    client: Reference | None = Field(
        default=None, description="the one client that it is for; default: all of the brand", examples=["transit"]
    )
    tag: Reference | None = Field(
        default=None,
        description="the routing tag that calls must bear; default: calls without a tag",
        examples=["premium"],
        json_schema_extra=marks(refers="routing_tags"),
    )
    pattern: Reference | None = Field(
        default=None,
        description="the numbers that it is for: a pattern of the brand or the platform, or of a country",
        examples=["es"],
        json_schema_extra=marks(refers="routing_patterns"),
    )
    group: Reference | None = Field(
        default=None,
        description="the same: a group of patterns, or a continent",
        examples=["europe"],
        json_schema_extra=marks(refers="routing_groups"),
    )
    fax: YesNo = Field(
        default=False,
        description="only for faxes, which then take no other route; without pattern and group for any number",
    )
    carrier: Reference | None = Field(
        default=None,
        description="the carrier that takes the call",
        examples=["bestel"],
        json_schema_extra=marks(refers="carriers"),
    )
    cheapest_of: Annotated[list[Reference], AfterValidator(check_listing)] = Field(
        default_factory=list,
        description="carriers that are tried by what a call of five minutes costs; those without a price are not",
        examples=[["bestel", "onda"]],
        json_schema_extra=marks(refers="carriers"),
    )
    block: YesNo = Field(default=False, description="the call is refused, whatever other routes there are")
    priority: Annotated[int, Count(1, 1000)] = Field(
        default=1, description="routes of a lower number come first, however long their patterns are"
    )
    weight: Annotated[int, Count(1, 1000)] = Field(
        default=1, description="share of first attempts among routes of one priority: 1 and 2 get 33 and 67 percent"
    )
    stopper: YesNo = Field(default=False, description="routes of a higher priority number are not tried")

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if not self.destinations():
            remedy = "add carrier, cheapest_of or block"
            raise wrong("TL0459", "the route says neither who takes calls nor that nobody does", remedy)
        if self.pattern is not None and self.group is not None:
            raise wrong("TL0459", "pattern and group are two kinds of numbers", "leave one of them")
        if self.pattern is None and self.group is None and not self.fax:
            raise wrong("TL0459", "the route says not which numbers it is for", "add pattern or group")
        return self

    def destinations(self) -> list[str]:
        """Return the keys that say where it leads: one."""
        return [name for name in self.DESTINATIONS if getattr(self, name) not in (None, False, [])]

    def carriers(self) -> list[str]:
        """Return the names of the carriers that it leads to."""
        return [self.carrier] if self.carrier is not None else list(self.cheapest_of)

    @property
    def type(self) -> str:
        """Return the kind of route: ``static``, ``lcr`` or ``block``."""
        return {"carrier": "static", "cheapest_of": "lcr"}.get(self.destinations()[0], "block")
