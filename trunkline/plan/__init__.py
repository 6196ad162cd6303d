"""Rows against the database: what would change, making it so, and who took it over.

with database(dsn) as connection:
    plan = make_plan(connection, compiled)          # reads only
    applied = apply(connection, compiled, provenance)
    confirmed, missing = wait_for_confirmations(connection, applied.revision, ...)
"""

from __future__ import annotations

from trunkline.plan._apply import Applied, apply
from trunkline.plan._changes import Change, FieldChange, Plan
from trunkline.plan._compare import make_plan
from trunkline.plan._confirm import Service, wait_for_confirmations
from trunkline.plan._connection import database
from trunkline.plan._provenance import Provenance, provenance_of
from trunkline.plan._show import plan_json, plan_lines
from trunkline.plan._target import compile_inventory, data_source_of, infrastructure_of

__all__ = [
    "Applied",
    "Change",
    "FieldChange",
    "Plan",
    "Provenance",
    "Service",
    "apply",
    "compile_inventory",
    "data_source_of",
    "database",
    "infrastructure_of",
    "make_plan",
    "plan_json",
    "plan_lines",
    "provenance_of",
    "wait_for_confirmations",
]
