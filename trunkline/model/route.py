"""Where a call goes: objects that lead to at most one destination."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from trunkline.model.fields import wrong
from trunkline.model.item import Item


class Route(Item):
    """An object that leads somewhere: to what one of its keys names, or nowhere."""

    DESTINATIONS: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _one_destination(self) -> Self:
        given = self.destinations()
        if len(given) > 1:
            raise wrong("TL0459", f"{' and '.join(given)} are two destinations", "leave one of them")
        return self

    def destinations(self) -> list[str]:
        """Return the keys that say where it leads: one, or none."""
        return [name for name in self.DESTINATIONS if getattr(self, name) not in (None, False)]
