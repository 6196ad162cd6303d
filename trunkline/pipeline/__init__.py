"""From the files of an inventory to problems and rows, at a cost that follows what changed.

    report = check_inventory(inventory, cache=cache_file(inventory))
    report.problems                                     # sorted by file and line
    report = compile_inventory(inventory, inputs, cache=cache_file(inventory))
    report.compiled                                     # when report.good

A unit (`trunkline.model.units`: a client, a brand, the platform) is read, validated, checked and compiled in one go, in
several processes when there is much to do. What came out of it is kept in a cache until one of its files, something
above it or the code changes. See docs/decisions/0014-cost-follows-change.md.
"""

from __future__ import annotations

from trunkline.pipeline._job import Inputs
from trunkline.pipeline._report import Report
from trunkline.pipeline._run import check_inventory, compile_inventory
from trunkline.pipeline._store import cache_file

__all__ = ["Inputs", "Report", "cache_file", "check_inventory", "compile_inventory"]
