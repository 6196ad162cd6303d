"""How much of a brand may be removed at once without being asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trunkline.model.item import Item
from trunkline.model.values import Count


class DeletionGuard(Item):
    """The limit for what one `apply` may remove of a brand. Both have to be passed for it to stop.

    Attributes:
        percent: Share of the brand's objects; 100: the guard never stops anything.
        at_least: Fewer objects than this may always go.
    """

    percent: Annotated[int, Count(0, 100)] = Field(
        default=20, description="share of the brand's objects that may go at once, in percent", examples=["30"]
    )
    at_least: Annotated[int, Count(0, 1_000_000)] = Field(
        default=10, description="fewer objects than this may always go", examples=["50"]
    )


def guard_field(default: str) -> DeletionGuard | None:
    """Return the field ``deletion_guard``.

    Args:
        default: What holds without it.
    """
    field: DeletionGuard | None = Field(
        default=None,
        description=f"how much of a brand one apply may remove without being told to; default: {default}",
        examples=[{"percent": "30"}],
    )
    return field
