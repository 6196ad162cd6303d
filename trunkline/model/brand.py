"""A brand: who sells the service. ``tenants/<brand>/brand.yml``."""

from __future__ import annotations

from pydantic import Field

from trunkline.model.fields import Language
from trunkline.model.item import Item
from trunkline.model.moved import Moved, moved_field

DEFAULT_LANGUAGE = "en"


class Brand(Item):
    """A brand (seed 004 section 8.1). Its name is the name of its folder.

    Attributes:
        language: Of clients that do not name one.
        moved: Clients of the brand that have another name now: ``clients``, then old name -> new name.
    """

    language: Language = Field(default=DEFAULT_LANGUAGE, description="language of clients that do not name one")
    moved: Moved = moved_field("clients of the brand", {"clients": {"acme": "acme-rentals"}})
