"""``trunkline plan``: what would `apply` change?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from trunkline.cli import _plans, _tenants
from trunkline.cli.options import inventory_option, json_option
from trunkline.plan import LINES, data_source_of, make_plan, plan_head, saved_head
from trunkline.plan import database as open_database


@click.command("plan")
@inventory_option
@_tenants.database_option
@_plans.target_option
@_tenants.full_option
@_plans.allow_option
@json_option
@click.option(
    "-out",
    "--out",
    "-o",
    "out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the plan to a file, for `apply FILE`.",
)
def command(  # noqa: PLR0917 - one per option
    inventory: Path,
    database: str | None,
    targets: tuple[str, ...],
    full: bool,
    allowed: tuple[str, ...],
    as_json: bool,
    out: Path | None,
) -> None:
    """Show what `apply` would change, without changing anything.

    Exit code 0 when there is nothing to do, 2 when there is, 1 when something is wrong.
    """
    compiled, guards = _tenants.compiled_with_guards(inventory, as_json=as_json)
    document = _plans.document() if as_json or out else None
    with open_database(database or data_source_of(inventory), "trunkline plan", read_only=True) as connection:
        plan = make_plan(
            connection,
            compiled,
            full=full,
            targets=targets,
            guards=guards,
            keep=LINES,
            each=document.add if document else None,
            progress=None if as_json else _plans.progress(),
        )
    head = plan_head(plan)
    if document and out:
        document.save(saved_head(head, full=full, allowed=allowed), out)
    if document and as_json:
        document.write(head, sys.stdout)
    else:
        _plans.show_plan(plan)
    sys.exit(2 if plan.changed else 0)
