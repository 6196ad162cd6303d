"""``trunkline rollback``: bring back what the platform held before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trunkline.cli import _plans, _tenants
from trunkline.cli.options import inventory_option, json_option
from trunkline.model.hosts import load as load_platform
from trunkline.plan import Options, data_source_of, plan_head, provenance_of, rollback
from trunkline.plan import database as open_database

if TYPE_CHECKING:
    from pathlib import Path

    from trunkline.plan import Applied


@click.command("rollback")
@click.argument("revision", required=False, type=click.IntRange(min=1))
@inventory_option
@_tenants.database_option
@_plans.allow_option
@_plans.wait_option
@json_option
def command(  # noqa: PLR0917 - one per option
    revision: int | None,
    inventory: Path,
    database: str | None,
    allowed: tuple[str, ...],
    wait: float,
    as_json: bool,
) -> None:
    """Bring back what the platform held after REVISION, as a new revision; without one, after the last but one.

    The files of the inventory stay as they are: the next `plan` shows the difference, and `apply` undoes the rollback.
    Waits for confirmations as `apply` does. Exit code 0 when it is done, 1 when something is wrong; then nothing was
    changed.
    """
    provenance = provenance_of(inventory)
    outcome = _plans.Outcome(as_json=as_json)

    def run(chosen: Options) -> tuple[Applied, int]:
        return rollback(connection, revision, provenance, outcome.options(chosen))

    with open_database(database or data_source_of(inventory), "trunkline rollback") as connection:
        applied, restored = _plans.ask(run, Options(allowed=set(allowed)), as_json=as_json)
        outcome.confirm(connection, applied, wait, load_platform(inventory).hosts)
    outcome.show(applied, {**plan_head(applied.plan), "restores": restored}, f"brought revision {restored} back")
