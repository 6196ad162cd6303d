"""``trunkline history``: who changed the platform, when, and how much?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from trunkline.cli import _revisions, _tenants
from trunkline.cli.options import inventory_option, json_option
from trunkline.plan import data_source_of, revisions
from trunkline.plan import database as open_database

if TYPE_CHECKING:
    from pathlib import Path


@click.command("history")
@inventory_option
@_tenants.database_option
@click.option(
    "-n", "--number", "limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many, newest first."
)
@json_option
def command(inventory: Path, database: str | None, limit: int, as_json: bool) -> None:
    """List the revisions, newest first."""
    with open_database(database or data_source_of(inventory), "trunkline history", read_only=True) as connection:
        found = revisions(connection, limit)
    if as_json:
        click.echo(json.dumps({"revisions": [_revisions.as_json(revision) for revision in found]}, indent=2))
        return
    for revision in found:
        click.echo(_revisions.line(revision))
    if not found:
        click.echo("there is no revision yet")
