"""Static rules over the whole model.

A rule is one module in `rules/`, with a page in ``docs/reference/rules/`` and a hit and a miss in the tests. Its LEVEL
says what it sees: one client with what stands above it, a brand, its routes, the platform, or the facts of all files.
`trunkline.check.engine` runs the rules of a level, `trunkline.pipeline.check_inventory` all of them over an inventory.
"""

from __future__ import annotations

from trunkline.check.facts import Fact, Facts
from trunkline.check.finding import Finding

__all__ = ["Fact", "Facts", "Finding"]
