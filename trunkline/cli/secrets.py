"""``trunkline secrets``: look at a platform's secrets, and change them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trunkline.cli.options import inventory_option, json_option
from trunkline.model.hosts import load
from trunkline.paths import secrets_file, stack_root

if TYPE_CHECKING:
    from trunkline.secrets import Secrets


def _open(inventory: Path) -> Secrets:
    from trunkline.secrets import Secrets  # noqa: PLC0415 - ansible's vault takes a third of a second

    return Secrets.open(stack_root(load(inventory).stack))


@click.group("secrets")
def command() -> None:
    """Look at a platform's secrets, and change them.

    They are made at first use and kept in one file, encrypted by ansible-vault. A terminal's password,
    terminal/BRAND/CLIENT/NAME, is computed from the secret terminal_root_key unless it was rotated by itself.
    """


@command.command("list")
@inventory_option
@json_option
def list_(inventory: Path, *, as_json: bool) -> None:
    """Print the names of all kept secrets; never their values."""
    names = _open(inventory).names()
    click.echo(json.dumps(names) if as_json else "\n".join(names))


@command.command()
@inventory_option
@json_option
@click.argument("name")
def show(inventory: Path, name: str, *, as_json: bool) -> None:
    """Print the value of one secret; it is made if this is its first use."""
    value = _open(inventory).get(name)
    click.echo(json.dumps({name: value}) if as_json else value)


@command.command("set")
@inventory_option
@click.argument("name")
def set_(inventory: Path, name: str) -> None:
    """Keep a secret that somebody else made, such as the password of a carrier.

    Asks for the value without showing it; reads it from standard input when that is no terminal. The password of a
    server of a carrier is carrier/BRAND/CARRIER/SERVER, that of a registration registration/BRAND/PROVIDER/NAME, and
    what a DDI provider shows provider/BRAND/PROVIDER. Afterwards `trunkline apply` brings its hash to the database.
    """
    prompt = sys.stdin.isatty()
    value = click.prompt("value", hide_input=True) if prompt else sys.stdin.read().rstrip("\r\n")
    _open(inventory).set(name, value)


@command.command()
@inventory_option
@json_option
@click.argument("names", metavar="[NAME]...", nargs=-1)
def rotate(inventory: Path, names: tuple[str, ...], *, as_json: bool) -> None:
    """Give secrets a new value: those named, or all.

    Afterwards `trunkline apply` and `ansible-playbook playbooks/site.yml` bring the new values to the database, the
    hosts and the phones' accounts.
    """
    changed = _open(inventory).rotate(names or None)
    if as_json:
        click.echo(json.dumps({"rotated": changed}))
        return
    click.echo(f"{len(changed)} rotated: {', '.join(changed)}" if changed else "there are no secrets yet")
    if changed:
        click.echo(f"next: ansible-playbook -i {inventory} playbooks/site.yml; it applies the tenants as well")


@command.command()
@inventory_option
@json_option
def path(inventory: Path, *, as_json: bool) -> None:
    """Print where the encrypted file is; `ansible-vault view` opens it from the root of the repository."""
    place = str(secrets_file(load(inventory).stack))
    click.echo(json.dumps({"path": place}) if as_json else place)
