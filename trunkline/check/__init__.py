"""Static rules over the whole model.

A rule is one module in `rules/`, with a page in ``docs/reference/rules/`` and a hit and a miss in the tests. Its LEVEL
says what it sees: one client with what stands above it, a brand, the platform, or the facts that all files export.
`trunkline.pipeline.check_inventory` runs them all over an inventory.
"""

from __future__ import annotations

from typing import Any

from trunkline.check._engine import problems_of_brand, problems_of_client, problems_of_facts, problems_of_platform
from trunkline.check.facts import Fact, Facts
from trunkline.check.finding import Finding

__all__ = [
    "Fact",
    "Facts",
    "Finding",
    "problems_of_brand",
    "problems_of_client",
    "problems_of_facts",
    "problems_of_platform",
]


def __getattr__(name: str) -> Any:
    """Return what moved to `trunkline.pipeline`."""
    if name in {"Report", "check_inventory"}:
        from trunkline import pipeline  # noqa: PLC0415 - the pipeline imports this package

        return getattr(pipeline, name)
    raise AttributeError(name)
