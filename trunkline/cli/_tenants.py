"""What check, plan and apply have in common: from an inventory to compiled rows, and how problems are shown."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trunkline.compile import Compiled
    from trunkline.pipeline import Report
    from trunkline.plan import DeclaredGuards

_PROGRESS_EVERY = 500  # files
_PASSWORDS = 5  # shown that nobody told us yet
_WARNINGS_OF_A_RULE = 20  # shown; ten thousand clients may all use the same key that calls do not honour yet

database_option = click.option(
    "--database",
    metavar="DSN",
    help="Another database than the platform's own: libpq URI or keywords. Default: TRUNKLINE_DATABASE, else the"
    " data host of the inventory's platform.",
)
full_option = click.option("--full", is_flag=True, help="Compare every row, also of clients whose digest is unchanged.")


def say(text: str) -> None:
    """Tell the person at the keyboard something that is no result."""
    click.echo(text, err=True)


def stop_on_errors(inventory: Path, report: Report, *, as_json: bool) -> None:
    """Show problems, and end the program when there are errors."""
    if not report.good and as_json:
        click.echo(json.dumps(report_json(report), indent=2))
    elif not as_json:
        show_problems(inventory, report, err=True)
    if not report.good:
        sys.exit(1)


def compiled(inventory: Path, *, as_json: bool) -> Compiled:
    """Return the rows of an inventory; ends the program when it has errors.

    Raises:
        ConfigurationError: The inventory is not there, or its ``platform.yml`` is wrong.
        PlatformError: The machines were never made, or the secrets cannot be opened.
    """
    return compiled_with_guards(inventory, as_json=as_json)[0]


def compiled_with_guards(inventory: Path, *, as_json: bool) -> tuple[Compiled, DeclaredGuards]:
    """Return the rows of an inventory, and how much a plan may remove of which brand; as `compiled`."""
    # `check` needs neither secrets nor a platform.
    from trunkline.plan import DeclaredGuards, read_inventory, unset_passwords  # noqa: PLC0415

    report, absent = read_inventory(inventory, progress=None if as_json else reading())
    stop_on_errors(inventory, report, as_json=as_json)
    assert report.compiled is not None  # noqa: S101 - there are no errors
    if absent and not as_json:
        say(f"left out, because they do not exist yet: {', '.join(absent)} (`trunkline stack up` makes them)")
    _say_unset([] if as_json else unset_passwords(inventory))
    return report.compiled, DeclaredGuards(lambda: report.tenants)


def _say_unset(names: list[str]) -> None:
    """Tell which passwords of carriers and DDI providers are missing, and what to do."""
    for name in names[:_PASSWORDS]:
        say(f"nobody has set a password: `trunkline secrets set {name}`")
    if names[_PASSWORDS:]:
        say(f"... and {len(names) - _PASSWORDS} more")


def show_problems(inventory: Path, report: Report, *, err: bool) -> None:
    """Print problems with paths that editors and terminals can open: every error, and of each rule's warnings some."""
    problems, others = report.shown(_WARNINGS_OF_A_RULE)
    for problem in problems:
        click.secho(f"{inventory}/{problem}", fg="red" if problem.severity == "error" else "yellow", err=err)
    for code, count in others.items():
        click.secho(f"{count} more warnings {code}; `trunkline check --json` shows all", fg="yellow", err=err)


def report_json(report: Report) -> dict[str, Any]:
    """Return a report as ``--json`` prints it."""
    errors = len(report.errors)
    return {
        "good": report.good,
        "errors": errors,
        "warnings": len(report.found) - errors,
        "problems": [problem.as_json() for problem in report.problems],
    }


def reading() -> Callable[[int], None] | None:
    """Return a progress report for large inventories, when somebody is watching."""
    if not sys.stderr.isatty():
        return None

    def progress(files: int) -> None:
        if files % _PROGRESS_EVERY == 0:
            click.echo(f"\rread {files} files ", err=True, nl=False)

    return progress
