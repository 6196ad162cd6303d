"""The platform as tenants see it: what brands and clients inherit. ``tenants/platform.yml``, which need not exist."""

from __future__ import annotations

from trunkline.model.item import Item


class Platform(Item):
    """The platform: what holds for every brand that does not say otherwise (seed 004 section 8.2)."""
