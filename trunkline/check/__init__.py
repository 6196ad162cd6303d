"""Static rules over the whole model, and the one way to read an inventory's tenants with every problem in it.

    report = check_inventory(Path("inventories/lab"))
    report.problems      # sorted by file and line
    report.tenants       # only to be compiled when report.good

A rule is one module in `rules/`, with a page in ``docs/reference/rules/`` and a hit and a miss in the tests. Its LEVEL
says what it sees: one client with what stands above it, a brand, the platform, or the facts that all files export.
"""

from __future__ import annotations

from trunkline.check._engine import Report, check_inventory
from trunkline.check.facts import Fact, Facts
from trunkline.check.finding import Finding

__all__ = ["Fact", "Facts", "Finding", "Report", "check_inventory"]
