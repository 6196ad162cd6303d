"""A match list: numbers and patterns under a name, for whatever treats some numbers in a way of their own."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from trunkline.model.fields import Note, wrong
from trunkline.model.item import Item
from trunkline.model.listing import check_listing
from trunkline.model.pattern import Pattern
from trunkline.model.telephony import PhoneNumber


class MatchList(Item):
    """Well known numbers, or patterns of numbers (seed 004 sections 9.7.7 and 10.1.6).

    A number matches when it is one of `numbers`, or when one of `patterns` is found in it. Who refers to the list says
    whether the caller's or the called number is meant.
    """

    description: Note | None = Field(default=None, description="for people", examples=["Mobile numbers of Spain"])
    numbers: Annotated[list[PhoneNumber], AfterValidator(check_listing)] = Field(
        default_factory=list, description="single numbers, with plus and country code", examples=[["+34600000001"]]
    )
    patterns: Annotated[list[Pattern], AfterValidator(check_listing)] = Field(
        default_factory=list,
        description=r"regular expressions, found anywhere in a number unless ^ and $ hold them; \+ is the plus",
        examples=[[r"^\+34[67]"]],
    )

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if not self.numbers and not self.patterns:
            raise wrong("TL0411", "no number can match an empty list", "add numbers or patterns, or take the list out")
        return self
