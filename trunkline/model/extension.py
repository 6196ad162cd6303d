"""An extension: an internal number with an assigned logic."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from trunkline.model.fields import ExtensionNumber, Reference
from trunkline.model.marks import marks
from trunkline.model.route import Route
from trunkline.model.telephony import PhoneNumber


class Extension(Route):
    """An internal number (seed 004 section 10.1.3). Its key is the number. Without a destination it is unassigned."""

    DESTINATIONS: ClassVar[tuple[str, ...]] = ("user", "friends", "number")

    user: Reference | None = Field(
        default=None,
        description="the user that this number rings",
        examples=["alice"],
        json_schema_extra=marks(refers="users"),
    )
    friends: ExtensionNumber | None = Field(
        default=None,
        description="the number that the friends are asked for",
        examples=["2001"],
        json_schema_extra=marks(honoured=False),
    )
    number: PhoneNumber | None = Field(
        default=None,
        description="a number outside; everybody of the client may call it through this extension",
        examples=["+34944048184"],
    )
