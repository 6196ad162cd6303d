"""``trunkline show``: what did a revision change?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from trunkline.cli import _plans, _revisions, _tenants
from trunkline.cli.options import inventory_option, json_option
from trunkline.plan import changes_of, data_source_of
from trunkline.plan import database as open_database
from trunkline.plan import revision as revision_of

if TYPE_CHECKING:
    from pathlib import Path


@click.command("show")
@click.argument("revision", type=click.IntRange(min=1))
@inventory_option
@_tenants.database_option
@json_option
def command(revision: int, inventory: Path, database: str | None, as_json: bool) -> None:
    """Show a revision: who made it, and every object that it added, changed, moved or removed."""
    with open_database(database or data_source_of(inventory), "trunkline show", read_only=True) as connection:
        found = revision_of(connection, revision)
        if as_json:
            document = _plans.document()
            for change in changes_of(connection, revision):
                document.add(change)
            document.write(_revisions.as_json(found), sys.stdout)
            return
        click.secho(_revisions.line(found).strip(), bold=True)
        count = _plans.show_changes(changes_of(connection, revision))
    click.echo(f"{sum(count.values())} objects: {_plans.show_counts(count)}")
