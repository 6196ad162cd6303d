"""``trunkline stack``: the machines of a platform."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trunkline.cli.options import inventory_option, json_option
from trunkline.errors import PlatformError
from trunkline.model.deployment import Deployment
from trunkline.model.hosts import load
from trunkline.paths import outputs_file

if TYPE_CHECKING:
    from trunkline.cloud.stack import Result, Stack


def _options(function: click.decorators.FC) -> click.decorators.FC:
    return inventory_option(json_option(function))


def _stack(inventory: Path, *, as_json: bool) -> Stack:
    from trunkline.cloud.stack import Stack  # noqa: PLC0415 - importing Pulumi takes a second

    return Stack(load(inventory), (lambda _line: None) if as_json else click.echo)


def _report(result: Result, *, as_json: bool) -> None:
    if as_json:
        body = {"changes": result.changes, "resources": result.resources, "seconds": round(result.seconds, 1)}
        click.echo(json.dumps(body))
    else:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(result.changes.items())) or "nothing to do"
        click.echo(f"{counts} ({result.seconds:.1f} s)")


@click.group("stack")
def command() -> None:
    """Make, change and remove the machines of a platform (Pulumi)."""


@command.command()
@_options
def prepare(inventory: Path, *, as_json: bool) -> None:
    """Fetch or build what every run needs, so that `up` finds it in the cache."""
    made = {name: str(path) for name, path in _stack(inventory, as_json=as_json).prepare().items()}
    click.echo(json.dumps(made) if as_json else "\n".join(f"{name:<12}{path}" for name, path in made.items()))


@command.command()
@_options
def preview(inventory: Path, *, as_json: bool) -> None:
    """Say what `up` would do."""
    _report(_stack(inventory, as_json=as_json).preview(), as_json=as_json)


@command.command()
@_options
def up(inventory: Path, *, as_json: bool) -> None:
    """Make the machines equal to platform.yml; repair what is broken."""
    _report(_stack(inventory, as_json=as_json).up(), as_json=as_json)


@command.command()
@_options
def refresh(inventory: Path, *, as_json: bool) -> None:
    """Look at what really exists."""
    _report(_stack(inventory, as_json=as_json).refresh(), as_json=as_json)


@command.command()
@_options
def destroy(inventory: Path, *, as_json: bool) -> None:
    """Remove every machine and network of the platform."""
    _report(_stack(inventory, as_json=as_json).destroy(), as_json=as_json)


@command.command()
@_options
def output(inventory: Path, *, as_json: bool) -> None:
    """Print networks, hosts and addresses as the last `up` left them.

    Raises:
        PlatformError: The stack is not up.
    """
    name = load(inventory).stack
    deployment = Deployment.load(name)
    if deployment is None:
        raise PlatformError(f"the stack {name} is not up", remedy="run `trunkline stack up`")
    if as_json:
        click.echo(outputs_file(name).read_text(), nl=False)
        return
    for network, cidr in deployment.networks.items():
        click.echo(f"network {network:<10} {cidr or 'the internet'}")
    for host, addresses in deployment.hosts.items():
        click.echo(f"host    {host:<10} {addresses.internal or '-':<16} {addresses.public or '-'}")


@command.command()
@_options
def environment(inventory: Path, *, as_json: bool) -> None:
    """Print the environment for a plain `pulumi` on the same state: eval "$(trunkline stack environment)"."""
    values = _stack(inventory, as_json=as_json).environment()
    if as_json:
        click.echo(json.dumps(values))
    else:
        click.echo("\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items()))
