"""``trunkline check``: are the tenants of an inventory right?"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from trunkline.cli import _tenants
from trunkline.cli.options import inventory_option, json_option
from trunkline.pipeline import cache_file, check_inventory

if TYPE_CHECKING:
    from pathlib import Path


@click.command("check")
@inventory_option
@json_option
def command(inventory: Path, as_json: bool) -> None:
    """Check the tenants of an inventory.

    Every problem is printed with file, line and column, the item, the rule's code and a remedy. Exit code 0 when there
    are no errors (warnings are fine), 1 when there are.
    """
    report = check_inventory(inventory, None if as_json else _tenants.reading(), cache=cache_file(inventory))
    body = _tenants.report_json(report)
    if as_json:
        click.echo(json.dumps(body, indent=2))
    else:
        _tenants.show_problems(inventory, report, err=False)
        counts = ((report.clients, "client"), (body["errors"], "error"), (body["warnings"], "warning"))
        click.echo(", ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts))
    sys.exit(0 if report.good else 1)
