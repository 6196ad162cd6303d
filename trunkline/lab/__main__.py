"""Labs without Pulumi, for people who develop a role.

For example ``python -m trunkline.lab create --stack me --hosts "db1:internal"``.

Every command prints JSON, except ``shell``, which becomes an ssh session.
"""

from __future__ import annotations

import json
import os
import sys

import click

from trunkline.errors import ConfigurationError, TrunklineError
from trunkline.lab import stack as lab
from trunkline.lab.names import NETWORKS

_stack = click.option("--stack", required=True, help="Name of the lab; everything it has is named after it.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Debian 13 hosts on this machine (systemd-nspawn), in labs that live side by side."""


@cli.command()
@_stack
@click.option("--hosts", required=True, help="Like px1:public+internal,db1:internal.")
def create(stack: str, hosts: str) -> None:
    """Create a lab, add hosts to it, or repair it; print its hosts, addresses, key and known_hosts."""
    click.echo(json.dumps(lab.create(stack, parse_hosts(hosts)), indent=2))


@cli.command()
@_stack
def destroy(stack: str) -> None:
    """Remove everything the lab has on this machine, also what is half created."""
    lab.destroy(stack)
    click.echo(json.dumps({"stack": stack, "destroyed": True}))


@cli.command("list")
@click.option("--stack", help="Only this lab.")
def list_(stack: str | None) -> None:
    """Print all labs with their hosts, and what is wrong with them."""
    click.echo(json.dumps([lab.describe(name) for name in ([stack] if stack else lab.stacks())], indent=2))


@cli.command(context_settings={"ignore_unknown_options": True})
@_stack
@click.argument("host")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def shell(stack: str, host: str, command: tuple[str, ...]) -> None:
    """Log in to HOST, or run COMMAND on it."""
    address = lab.describe(stack)["hosts"].get(host, {}).get("ssh_address")
    if not address:
        raise ConfigurationError(f"there is no host {host} in {stack}", remedy="see `python -m trunkline.lab list`")
    words = ["ssh", *lab.ssh_arguments(stack), f"root@{address}", *command]
    os.execvp(words[0], words)  # noqa: S606 - the session replaces us


def parse_hosts(text: str) -> dict[str, list[str]]:
    """Return host name -> networks from ``px1:public+internal,db1:internal``.

    Raises:
        ConfigurationError: A host has no network or one that does not exist.
    """
    hosts = {}
    for part in text.split(","):
        name, _, networks = part.strip().partition(":")
        chosen = networks.split("+")
        if not set(chosen) <= set(NETWORKS):
            raise ConfigurationError(f"{part!r} names no network of ours", remedy="write px1:public+internal")
        hosts[name] = chosen
    return hosts


if __name__ == "__main__":
    try:
        cli(prog_name="python -m trunkline.lab")
    except TrunklineError as error:
        click.secho(f"error: {error}", fg="red", err=True)
        sys.exit(1)
