"""``trunkline explain``: what will happen to a call, and why?"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from trunkline.cli import _tenants
from trunkline.cli.options import inventory_option, json_option
from trunkline.explain import Answers, Clients, ask, explain
from trunkline.explain.show import as_json as explanation_json
from trunkline.explain.show import lines
from trunkline.plan import data_source_of, read_inventory
from trunkline.plan import database as open_database

if TYPE_CHECKING:
    from pathlib import Path

ROLE = "trunkline_monitor"


@click.command("explain")
@inventory_option
@_tenants.database_option
@json_option
@click.option(
    "--from", "caller", metavar="USER@CLIENT", required=True, help="Who calls: alice@acme, or +34600111222@192.0.2.1."
)
@click.option("--to", "dialled", metavar="NUMBER", required=True, help="What is dialled, for example 102.")
@click.option("--caller-id", default="", metavar="USER[@DOMAIN]", help="What the telephone calls itself in its From.")
@click.option("--presents", "presented", default="", metavar="NUMBER", help="What the telephone presents outside.")
@click.option("--at", default="", metavar="TIME", help="When, for example 2026-12-24T18:00; default: now.")
def command(
    inventory: Path,
    database: str | None,
    *,
    as_json: bool,
    caller: str,
    dialled: str,
    caller_id: str,
    presented: str,
    at: str,
) -> None:
    """Tell what will happen to a call, decision by decision, each with the line of the inventory that is the reason.

    The platform's database and the call-flow engine are asked, no call is made. Exit code 0 when a telephone will ring,
    2 when the call will be refused, 1 when something is wrong.
    """
    report, _ = read_inventory(inventory)
    if not report.good:
        _tenants.stop_on_errors(inventory, report, as_json=as_json)
    with open_database(database or data_source_of(inventory, ROLE), "trunkline explain", read_only=True) as connection:
        answers, clients = Answers(connection), Clients(inventory)
        question = ask(
            clients, answers, caller=caller, dialled=dialled, caller_id=caller_id, at=at, presented=presented
        )
        explanation = explain(inventory, clients, answers, question, report.compiled)
    if as_json:
        click.echo(json.dumps(explanation_json(explanation), indent=2))
    else:
        for text, ends in lines(explanation, inventory):
            click.secho(text, fg="red" if ends else None)
    sys.exit(2 if explanation.refusal else 0)
