"""The platform as tenants see it: what brands and clients inherit. ``tenants/platform.yml``, which need not exist."""

from __future__ import annotations

from trunkline.model.item import Item
from trunkline.model.moved import Moved, moved_field


class Platform(Item):
    """The platform: what holds for every brand that does not say otherwise (seed 004 section 8.2).

    Attributes:
        moved: Brands that have another name now: ``brands``, then old name -> new name.
    """

    moved: Moved = moved_field("brands", {"brands": {"atlas": "atlas-telecom"}})
