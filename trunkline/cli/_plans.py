"""What the commands over plans have in common: their options, how a plan is shown, guards that ask, confirmations."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trunkline.cli._tenants import say
from trunkline.plan import (
    ACTIONS,
    ALLOWANCES,
    LINES,
    Change,
    Document,
    GuardError,
    Options,
    Plan,
    SavedPlan,
    Service,
    change_lines,
    counts_line,
    plan_lines,
    silent,
    wait_for_confirmations,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    import psycopg

    from trunkline.plan import Applied

_Result = TypeVar("_Result")
_PATIENCE_S = 1.5
_COLOURS = {"  + ": "green", "  ~ ": "yellow", "  - ": "red"}

allow_option = click.option(
    "--allow",
    "allowed",
    type=click.Choice(ALLOWANCES),
    multiple=True,
    help="Do it although it removes much of a brand, or something that live state belongs to (a call in progress).",
)
wait_option = click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    help="Seconds to wait until proxies and call-flow services work with the new revision.",
)
target_option = click.option(
    "--target",
    "targets",
    metavar="BRAND[/CLIENT]",
    multiple=True,
    help="Only this brand or client; may be given several times.",
)


def show_plan(plan: Plan) -> None:
    """Print a plan with colours."""
    _echo(plan_lines(plan))


def show_changes(changes: Iterable[Change]) -> Counter[str]:
    """Print changes with colours, as they come; return how many there are of each action."""
    count: Counter[str] = Counter(dict.fromkeys(ACTIONS, 0))

    def counted() -> Iterable[Change]:
        for change in changes:
            count[change.action] += 1
            yield change

    _echo(change_lines(counted()))
    return count


def show_counts(count: Mapping[str, int]) -> str:
    """Return counts in words."""
    return counts_line(count)


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        heading = line.startswith(("brand ", "platform"))
        click.secho(line, fg="red" if line.startswith("stop: ") else _COLOURS.get(line[:4]), bold=heading)


def progress() -> Callable[[str, int, int], None] | None:
    """Return a progress report for long work, when somebody is watching; short work is done before it says a word."""
    if not sys.stderr.isatty():
        return None
    started = time.monotonic()

    def report(what: str, done: int, of: int) -> None:
        if time.monotonic() - started > _PATIENCE_S:
            click.echo("\r\033[K" if done == of else f"\r{what}: {done} of {of}\033[K", err=True, nl=False)

    return report


def document() -> Document:
    """Return a document that lives as long as the command runs."""
    return click.get_current_context().with_resource(Document())


def on_terminal() -> bool:
    """Say whether there is somebody to be asked."""
    return sys.stdin.isatty()


def ask(run: Callable[[Options], _Result], options: Options, *, as_json: bool) -> _Result:
    """Run something that guards may stop; on a terminal ask then, and run it again if the answer is yes.

    Args:
        run: Applies or rolls back.
        options: Its options.
        as_json: Nobody is there to be asked.

    Raises:
        GuardError: Nobody was there, or the answer was no.
    """
    try:
        return run(options)
    except GuardError as error:
        if as_json or not on_terminal():
            raise
        show_plan(error.plan)
        if not click.confirm("Do it all the same?"):
            raise
        seen = error.plan
        same = SavedPlan(seen.digest, seen.revision, seen.state, seen.targets, options.full, ())
        return run(replace(options, allowed={*options.allowed, *error.allowances}, expect=same.check))


class Outcome:
    """What came of an apply or a rollback: the plan, the revision, who took it over.

    Args:
        as_json: Print one document at the end instead of text.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._document = document() if as_json else None
        self._confirmed: list[Service] = []
        self._missing: list[Service] = []
        self._silent: list[Service] = []

    def options(self, options: Options) -> Options:
        """Return options with what the output needs."""
        if self._document is None:
            return replace(options, keep=LINES, say=say, progress=progress())
        self._document.clear()
        return replace(options, keep=0, each=self._document.add)

    def confirm(
        self, connection: psycopg.Connection[Any], applied: Applied, wait_s: float, hosts: Collection[str]
    ) -> None:
        """Show what was done, and wait until every healthy service works with it.

        Args:
            connection: Without a transaction in progress.
            applied: What was done.
            wait_s: Seconds to wait at most.
            hosts: Names of the platform's hosts.
        """
        if self._document is None:
            show_plan(applied.plan)
        if applied.changed:
            self._confirmed, self._missing = wait_for_confirmations(
                connection, applied.revision, deadline_s=wait_s, progress=None if self._document else _confirmations
            )
            self._silent = silent(connection, hosts)

    def show(self, applied: Applied, head: Mapping[str, Any], done: str) -> None:
        """Print the end of it.

        Args:
            applied: What was done.
            head: Of the document.
            done: What was done, in a word or two.
        """
        if self._document is not None:
            self._document.write({**head, **self._result(applied)}, sys.stdout)
        elif applied.changed:
            click.secho(f"revision {applied.revision} {done} in {applied.duration_ms / 1000:.2f} s", bold=True)
            if self._silent:
                say(
                    f"warning: no sign of life from {_names(self._silent)}\n"
                    "  remedy: look whether these hosts and services run; they take the revision over when they start"
                )
            if self._missing:
                say(
                    f"warning: not confirmed by {_names(self._missing)}\n"
                    "  remedy: look at these services' journals; they take the revision over as soon as they can"
                )
            elif not self._confirmed:
                click.echo("no service is there yet to take it over")
            else:
                click.echo(f"confirmed by {_names(self._confirmed)}")

    def _result(self, applied: Applied) -> dict[str, Any]:
        return {
            "revision": applied.revision,
            "rows": applied.counts,
            "duration_ms": applied.duration_ms,
            "confirmed": _listed(self._confirmed),
            "unconfirmed": _listed(self._missing),
            "silent": _listed(self._silent),
        }


def _names(services: Iterable[Service]) -> str:
    return ", ".join(str(service) for service in services)


def _listed(services: Iterable[Service]) -> list[dict[str, str]]:
    return [{"host": service.host, "service": service.name} for service in services]


def _confirmations(done: int, of: int) -> None:
    if sys.stderr.isatty() and of:
        say(f"confirmed by {done} of {of} services")
