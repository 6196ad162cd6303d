"""``trunkline apply``: make the platform equal to the inventory."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from trunkline.cli import _tenants
from trunkline.cli.options import inventory_option, json_option
from trunkline.plan import (
    Applied,
    Service,
    apply,
    data_source_of,
    plan_json,
    provenance_of,
    wait_for_confirmations,
)
from trunkline.plan import database as open_database

if TYPE_CHECKING:
    from pathlib import Path


@click.command("apply")
@inventory_option
@_tenants.database_option
@_tenants.full_option
@json_option
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    help="Seconds to wait until proxies and call-flow services work with the new revision.",
)
def command(inventory: Path, database: str | None, full: bool, as_json: bool, wait: float) -> None:
    """Make the platform equal to the inventory: one transaction, one revision, no restart.

    Waits until every healthy service works with the new revision, and names those that do not. Exit code 0 when the
    database holds the inventory, 1 when something is wrong; then nothing was changed.
    """
    compiled = _tenants.compiled(inventory, as_json=as_json)
    with open_database(database or data_source_of(inventory), "trunkline apply") as connection:
        applied = apply(connection, compiled, provenance_of(inventory), full=full, say=_tenants.say)
        if not as_json:
            _tenants.show_plan(applied.plan)
        confirmed: list[Service] = []
        missing: list[Service] = []
        if applied.changed:
            confirmed, missing = wait_for_confirmations(
                connection, applied.revision, deadline_s=wait, progress=None if as_json else _progress
            )
    if as_json:
        click.echo(json.dumps(_result(applied, confirmed, missing), indent=2))
    elif applied.changed:
        _show(applied, confirmed, missing)


def _result(applied: Applied, confirmed: list[Service], missing: list[Service]) -> dict[str, Any]:
    return {
        **plan_json(applied.plan),
        "revision": applied.revision,
        "rows": applied.counts,
        "duration_ms": applied.duration_ms,
        "confirmed": [{"host": service.host, "service": service.name} for service in confirmed],
        "unconfirmed": [{"host": service.host, "service": service.name} for service in missing],
    }


def _show(applied: Applied, confirmed: list[Service], missing: list[Service]) -> None:
    click.secho(f"revision {applied.revision} applied in {applied.duration_ms / 1000:.2f} s", bold=True)
    if missing:
        names = ", ".join(str(service) for service in missing)
        _tenants.say(
            f"warning: not confirmed by {names}\n"
            "  remedy: look at these services' journals; they take the revision over as soon as they can"
        )
    elif not confirmed:
        click.echo("no service is there yet to take it over")


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty() and of:
        _tenants.say(f"confirmed by {done} of {of} services")
