"""Entry point of ``trunkline``: the table of commands, and what an error looks like.

Exit codes: 0 done or nothing to do, 1 error, 2 changes are waiting (``plan``), rows strayed (``drift``), wrong usage.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
from typing import Any

import click

from trunkline import __version__
from trunkline.errors import TrunklineError

# command -> module below trunkline.cli that holds a click command of the name `command`
COMMANDS = {
    "apply": "apply",
    "call": "call",
    "check": "check",
    "down": "down",
    "drift": "drift",
    "explain": "explain",
    "history": "history",
    "plan": "plan",
    "rollback": "rollback",
    "schema": "schema",
    "secrets": "secrets",
    "show": "show",
    "stack": "stack",
    "up": "up",
}


class LazyGroup(click.Group):
    """A click group that imports a command's module when the command is used: ``--help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command, or None when there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module: Any = importlib.import_module(f"trunkline.cli.{COMMANDS[cmd_name]}")
        command = module.command
        assert isinstance(command, click.Command)  # noqa: S101 - a mistake in our own table, not in input
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trunkline")
def cli() -> None:
    """A multi-tenant carrier telephony platform as code."""


def main() -> None:
    """Run the command line; turn a TrunklineError into its text and exit code 1."""
    # By default Python looks for garbage every 700 objects: a sixth of the time of a plan with nothing to do.
    gc.set_threshold(50_000, 20, 100)
    try:
        cli.main(standalone_mode=True)
    except TrunklineError as error:
        if "--json" in sys.argv:
            body = {"error": error.message, "remedy": error.remedy, "location": error.location}
            click.echo(json.dumps(body))
        else:
            click.secho(f"error: {error}", fg="red", err=True)
        sys.exit(1)
