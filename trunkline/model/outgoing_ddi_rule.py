"""An outgoing DDI rule: which DDI is presented to whom."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from trunkline.model.fields import Note, Reference, wrong
from trunkline.model.item import Item
from trunkline.model.marks import marks
from trunkline.model.outside import DialledPrefix
from trunkline.model.route import Route
from trunkline.model.telephony import PhoneNumber


class PresentedDdi(Route):
    """One case of an outgoing DDI rule: by destination or by what is dialled before the number."""

    DESTINATIONS: ClassVar[tuple[str, ...]] = ("match_list", "prefix")

    match_list: Reference | None = Field(
        default=None,
        description="the numbers that are called: a match list of the client, the brand or the platform",
        examples=["mobiles"],
        json_schema_extra=marks(refers="match_lists"),
    )
    prefix: DialledPrefix | None = Field(
        default=None, description="what is dialled before the number: 1 to 3 digits and a star", examples=["111*"]
    )
    ddi: PhoneNumber | None = Field(
        default=None,
        description="the DDI that is presented; default: the caller's own",
        examples=["+34911234567"],
        json_schema_extra=marks(refers="ddis"),
    )

    @model_validator(mode="after")
    def _has_a_case(self) -> Self:
        if not self.destinations():
            raise wrong("TL0459", "this is for no call", "add match_list or prefix")
        return self


class OutgoingDdiRule(Item):
    """Which DDI is presented to whom (seed 004 section 10.1.7)."""

    description: Note | None = Field(default=None, description="for people", examples=["Own number to colleagues only"])
    ddi: PhoneNumber | None = Field(
        default=None,
        description="the DDI that is presented where no case fits; default: the caller's own",
        examples=["+34911234500"],
        json_schema_extra=marks(refers="ddis"),
    )
    cases: list[PresentedDdi] = Field(
        default_factory=list,
        description="the first one that fits counts",
        examples=[[{"match_list": "mobiles", "ddi": "+34911234567"}]],
    )
