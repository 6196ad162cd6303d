"""``trunkline down``: take a platform away."""

from __future__ import annotations

import json
from pathlib import Path

import click

from trunkline.cli.options import inventory_option, json_option


@click.command("down")
@inventory_option
@click.option("--forget", is_flag=True, help="Also remove its secrets, certificates and logs.")
@json_option
def command(inventory: Path, forget: bool, as_json: bool) -> None:
    """Remove the machines and networks of a platform; what was fetched or built stays in the cache.

    Its secrets stay too, so that telephones need no new passwords when it is brought up again.
    """
    from trunkline.deploy.down import take_down  # noqa: PLC0415 - importing Pulumi takes a second

    take_down(inventory, quiet=as_json, forget=forget)
    if as_json:
        click.echo(json.dumps({"down": True}))
