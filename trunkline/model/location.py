"""A location: a place where users of a client work."""

from __future__ import annotations

from pydantic import Field

from trunkline.model.fields import Note
from trunkline.model.item import Item


class Location(Item):
    """A place that groups users (seed 004 section 10.1.7). It is information only: no call depends on it."""

    description: Note | None = Field(default=None, description="for people", examples=["Head office, third floor"])
