"""``trunkline up``: a platform from its inventory, proven by a call."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trunkline.cli.options import inventory_option, json_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.deploy.up import Proven


@click.command("up")
@inventory_option
@json_option
def command(inventory: Path, as_json: bool) -> None:
    """Make the machines, configure the hosts, apply the tenants, and prove it all by a call.

    What is done already is left alone; an interrupted run is taken up where it stopped. Exit code 0 only if both sides
    of the call heard each other and the platform kept its record.
    """
    from trunkline.deploy.up import bring_up  # noqa: PLC0415 - importing Pulumi takes a second

    proven = bring_up(inventory, quiet=as_json)
    if as_json:
        click.echo(json.dumps(_document(proven), indent=2))
    else:
        click.echo("\n".join(_text(inventory, proven)))


def _document(proven: Proven) -> dict[str, object]:
    hosts = {
        name: {"groups": list(host.groups), **asdict(proven.deployment.hosts[name])}
        for name, host in proven.platform.hosts.items()
    }
    return {
        "stack": proven.deployment.stack,
        "hosts": hosts,
        "changed": proven.changed,
        "seconds": {stage: round(seconds, 1) for stage, seconds in proven.seconds.items()},
        "proof": proven.proof.as_dict(),
        "record": asdict(proven.record),
    }


def _text(inventory: Path, proven: Proven) -> Iterator[str]:
    from trunkline.cli.call import describe  # noqa: PLC0415 - the phone's codecs take a moment

    yield ""
    yield click.style(f"{'host':<8}{'public':<18}{'internal':<18}groups", bold=True)
    for name, host in proven.platform.hosts.items():
        addresses = proven.deployment.hosts[name]
        yield f"{name:<8}{addresses.public or '-':<18}{addresses.internal or '-':<18}{', '.join(host.groups)}"
    yield ""
    yield click.style("your own softphone", bold=True)
    yield from _account(inventory, proven)
    yield ""
    yield click.style("the call", bold=True)
    yield from (f"  {line}" for line in describe(proven.proof, proven.directory))
    record = proven.record
    yield f"  record {record.id}"
    yield f"    brand {record.brand}, client {record.client}, {record.caller} -> {record.callee}, {record.started_at}"
    yield f"    {record.reason} ({record.code}), {record.seconds} s, relay {record.relay}, {record.application_server}"


def _account(inventory: Path, proven: Proven) -> Iterator[str]:
    """Yield what a person types into a softphone: the account of somebody who did not take part in the call."""
    directory = proven.directory
    busy = {proven.proof.caller.account, *([proven.proof.callee.account] if proven.proof.callee else [])}
    accounts = (
        directory.account(directory.person(f"{user}@{client.declared.domain}"))
        for client in directory.tenants.clients()
        for user in sorted(client.declared.users)
    )
    account = next((one for one in accounts if f"{one.username}@{one.domain}" not in busy), None)
    if account is None:
        yield "  no account is left: declare another user"
        return
    host, port = directory.proxy("udp")
    yield f"  user name  {account.username}"
    yield f"  domain     {account.domain}"
    yield f"  password   {account.password}"
    yield f"  proxy      {host}:{port} (UDP, TCP), {directory.proxy('tls')[1]} (TLS, certificate {directory.ca_file})"
    yield f"  the others: trunkline secrets list -i {inventory}"
