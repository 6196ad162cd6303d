"""``trunkline apply``: make the platform equal to the inventory."""

from __future__ import annotations

from pathlib import Path

import click

from trunkline.cli import _plans, _tenants
from trunkline.cli.options import inventory_option, json_option
from trunkline.model.hosts import load as load_platform
from trunkline.plan import Options, SavedPlan, apply, data_source_of, load, plan_head, provenance_of
from trunkline.plan import database as open_database


@click.command("apply")
@click.argument("plan", metavar="[FILE]", required=False, type=click.Path(dir_okay=False, path_type=Path))
@inventory_option
@_tenants.database_option
@_plans.target_option
@_tenants.full_option
@_plans.allow_option
@_plans.wait_option
@json_option
def command(  # noqa: PLR0917 - one per option
    plan: Path | None,
    inventory: Path,
    database: str | None,
    targets: tuple[str, ...],
    full: bool,
    allowed: tuple[str, ...],
    wait: float,
    as_json: bool,
) -> None:
    """Make the platform equal to the inventory: one transaction, one revision, no restart.

    With FILE, a plan that `plan -out FILE` saved: refused when the database or the inventory moved on since.

    Waits until every healthy service works with the new revision, and names those that do not. Exit code 0 when the
    database holds the inventory, 1 when something is wrong; then nothing was changed.
    """
    saved: SavedPlan | None = None
    if plan is not None:
        if targets or full:
            raise click.UsageError("a saved plan has its own --target and --full")
        saved = load(plan)
        targets, full, allowed = saved.targets, saved.full, (*allowed, *saved.allowed)
    compiled, guards = _tenants.compiled_with_guards(inventory, as_json=as_json)
    options = Options(
        full=full, targets=targets, guards=guards, allowed=set(allowed), expect=saved.check if saved else None
    )
    outcome = _plans.Outcome(as_json=as_json)
    with open_database(database or data_source_of(inventory), "trunkline apply") as connection:
        applied = _plans.ask(
            lambda chosen: apply(connection, compiled, provenance_of(inventory), outcome.options(chosen)),
            options,
            as_json=as_json,
        )
        outcome.confirm(connection, applied, wait, load_platform(inventory).hosts)
    outcome.show(applied, plan_head(applied.plan), "applied")
