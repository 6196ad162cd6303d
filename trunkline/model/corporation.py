"""A corporation: clients whose users may call each other by extension."""

from __future__ import annotations

from pydantic import Field

from trunkline.model.fields import Note
from trunkline.model.item import Item


class Corporation(Item):
    """vPBX clients of one brand that belong together (seed 004 section 9.7.8).

    A client joins with `corporation`; it reaches the extensions of another member through a friend with `client`.
    """

    description: Note | None = Field(
        default=None, description="for people", examples=["The companies of Example Group"]
    )
