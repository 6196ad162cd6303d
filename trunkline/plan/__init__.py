"""Rows against the database: what would change, making it so, who took it over, what was before, what strayed.

with database(dsn) as connection:
    plan = make_plan(connection, compiled)          # reads only
    applied = apply(connection, compiled, provenance, Options(...))
    confirmed, missing = wait_for_confirmations(connection, applied.revision, ...)
    rollback(connection, 7, provenance)             # an older revision as a new one
    strayed = list(drift(connection))               # rows that the engine did not write
"""

from __future__ import annotations

from trunkline.plan._apply import Applied, Options, apply, rollback
from trunkline.plan._changes import ACTIONS, Change, Excess, FieldChange, Held, Plan
from trunkline.plan._confirm import Service, silent, wait_for_confirmations
from trunkline.plan._connection import database
from trunkline.plan._drift import distrust, drift
from trunkline.plan._guard import ALLOWANCES, DeclaredGuards, Guard, GuardError, Guards
from trunkline.plan._history import Revision, changes_of, past, revision, revisions
from trunkline.plan._plan import make_plan
from trunkline.plan._provenance import Provenance, provenance_of
from trunkline.plan._saved import Document, SavedPlan, load, saved_head
from trunkline.plan._show import LINES, change_json, change_lines, counts_line, plan_head, plan_json, plan_lines
from trunkline.plan._target import data_source_of, infrastructure_of, read_inventory
from trunkline.plan._unset import unset_passwords

__all__ = [
    "ACTIONS",
    "ALLOWANCES",
    "LINES",
    "Applied",
    "Change",
    "DeclaredGuards",
    "Document",
    "Excess",
    "FieldChange",
    "Guard",
    "GuardError",
    "Guards",
    "Held",
    "Options",
    "Plan",
    "Provenance",
    "Revision",
    "SavedPlan",
    "Service",
    "apply",
    "change_json",
    "change_lines",
    "changes_of",
    "counts_line",
    "data_source_of",
    "database",
    "distrust",
    "drift",
    "infrastructure_of",
    "load",
    "make_plan",
    "past",
    "plan_head",
    "plan_json",
    "plan_lines",
    "provenance_of",
    "read_inventory",
    "revision",
    "revisions",
    "rollback",
    "saved_head",
    "silent",
    "unset_passwords",
    "wait_for_confirmations",
]
