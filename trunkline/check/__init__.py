"""Static rules over the whole model, and the one way to read an inventory's tenants with every problem in it.

    report = check_inventory(Path("inventories/lab"))
    report.problems      # sorted by file and line
    report.tenants       # only to be compiled when report.good

A rule is one module in `rules/`, with a page in ``docs/reference/rules/`` and a hit and a miss in the tests.
"""

from __future__ import annotations

from trunkline.check._engine import Report, check_inventory, check_tenants
from trunkline.check.finding import Finding, Rule

__all__ = ["Finding", "Report", "Rule", "check_inventory", "check_tenants"]
