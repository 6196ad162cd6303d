"""A DDI: a number of the telephone network that belongs to a client."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from trunkline.model.fields import ExtensionNumber, Note, Reference
from trunkline.model.marks import marks
from trunkline.model.route import Route
from trunkline.model.telephony import PhoneNumber
from trunkline.model.values import Count, OneOf


class Ddi(Route):
    """A number outside that leads to the client (seed 004 section 10.1.4). Its key is the number, with plus."""

    DESTINATIONS: ClassVar[tuple[str, ...]] = ("user", "extension", "friends", "device", "account", "number")

    description: Note | None = Field(default=None, description="for people", examples=["Switchboard"])
    direction: Annotated[str, OneOf("both", "out")] = Field(
        default="both", description="both: calls in and out; out: only presented, calls to it are refused"
    )
    user: Reference | None = Field(
        default=None,
        description="the user that it rings",
        examples=["alice"],
        json_schema_extra=marks(types=["vpbx"], refers="users"),
    )
    provider: Reference | None = Field(
        default=None,
        description="the DDI provider whose number it is; counts where several providers share an address",
        examples=["numbers-one"],
        json_schema_extra=marks(refers="ddi_providers"),
    )
    extension: ExtensionNumber | None = Field(
        default=None,
        description="the extension that it leads to, wherever that leads",
        examples=["101"],
        json_schema_extra=marks(types=["vpbx"], refers="extensions"),
    )
    friends: ExtensionNumber | None = Field(
        default=None,
        description="the number that the friends are asked for",
        examples=["2001"],
        json_schema_extra=marks(types=["vpbx"], honoured=False),
    )
    device: Reference | None = Field(
        default=None,
        description="the residential device that it rings",
        examples=["home-1001"],
        json_schema_extra=marks(types=["residential"], refers="devices"),
    )
    account: Reference | None = Field(
        default=None,
        description="the retail account that gets the call",
        examples=["shop-2001"],
        json_schema_extra=marks(types=["retail"], refers="accounts"),
    )
    number: PhoneNumber | None = Field(
        default=None,
        description="a number outside that gets the call, such as a mobile",
        examples=["+34600000001"],
        json_schema_extra=marks(types=["vpbx", "residential", "retail"]),
    )
    max_calls: Annotated[int, Count(0, 100_000)] = Field(
        default=0, description="calls to and from it at once; 0: no limit", examples=["2"]
    )
