"""An extension: an internal number with an assigned logic."""

from __future__ import annotations

from pydantic import Field

from trunkline.model.fields import Reference
from trunkline.model.item import Item


class Extension(Item):
    """An internal number (seed 004 section 10.1.3). Its key is the number. Without a destination it is unassigned.

    Attributes:
        user: The user that it rings.
    """

    user: Reference | None = Field(default=None, description="the user that this number rings", examples=["alice"])
