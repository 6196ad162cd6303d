"""``trunkline plan``: what would `apply` change?"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from trunkline.cli import _tenants
from trunkline.cli.options import inventory_option, json_option
from trunkline.plan import data_source_of, make_plan, plan_json
from trunkline.plan import database as open_database

if TYPE_CHECKING:
    from pathlib import Path


@click.command("plan")
@inventory_option
@_tenants.database_option
@_tenants.full_option
@json_option
def command(inventory: Path, database: str | None, full: bool, as_json: bool) -> None:
    """Show what `apply` would change, without changing anything.

    Exit code 0 when there is nothing to do, 2 when there is, 1 when something is wrong.
    """
    compiled = _tenants.compiled(inventory, as_json=as_json)
    with open_database(database or data_source_of(inventory), "trunkline plan", read_only=True) as connection:
        plan = make_plan(connection, compiled, full=full)
    if as_json:
        click.echo(json.dumps(plan_json(plan), indent=2))
    else:
        _tenants.show_plan(plan)
    sys.exit(2 if plan.changes else 0)
