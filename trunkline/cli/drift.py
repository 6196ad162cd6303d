"""``trunkline drift``: was anything changed behind the engine's back?"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from trunkline.cli import _plans, _tenants
from trunkline.cli.options import inventory_option, json_option
from trunkline.plan import ACTIONS, data_source_of, distrust, drift
from trunkline.plan import database as open_database

if TYPE_CHECKING:
    from pathlib import Path


@click.command("drift")
@inventory_option
@_tenants.database_option
@json_option
def command(inventory: Path, database: str | None, as_json: bool) -> None:
    """Find every row of the configuration that is not what was applied.

    `+` was added behind the engine's back, `~` changed (applied -> found), `-` removed. The files of the inventory are
    not read. The next `trunkline apply` puts right what was found. Exit code 0 when there is nothing, 2 when there is,
    1 when something is wrong.
    """
    source = database or data_source_of(inventory)
    strayed: set[str] = set()
    with open_database(source, "trunkline drift", read_only=True) as connection:
        if as_json:
            document, count = _plans.document(), Counter[str](dict.fromkeys(ACTIONS, 0))
            for change in drift(connection, strayed=strayed):
                count[change.action] += 1
                document.add(change)
            document.write({"drift": bool(count.total()), "counts": dict(count)}, sys.stdout)
        else:
            count = _plans.show_changes(drift(connection, _plans.progress(), strayed))
            if not count.total():
                click.echo("every row is what was applied")
    if strayed:
        with open_database(source, "trunkline drift") as connection:
            distrust(connection, strayed)
        _tenants.say("to make it what the inventory says: trunkline apply")
    sys.exit(2 if count.total() else 0)
