"""What a person sees of long work: numbered stages, elapsed time, and the end of the log when a stage fails."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from trunkline.errors import PlatformError

TAIL_LINES = 60


class Stages:
    """Print stages as ``[2/6] Machines ... 12.3 s`` and run the commands they consist of.

    Args:
        total: How many stages there will be.
        logs: Folder for the whole output of every command; made when it is missing.
        quiet: Print nothing (for ``--json``).
    """

    def __init__(self, total: int, logs: Path, *, quiet: bool = False) -> None:
        self._total = total
        self._logs = logs
        self._quiet = quiet
        self._number = 0
        self._started = time.monotonic()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Announce a stage, and its duration in seconds when it has ended without an exception."""
        self._number += 1
        self.say(click.style(f"[{self._number}/{self._total}] {title}", bold=True))
        start = time.monotonic()
        yield
        self.seconds[title] = time.monotonic() - start
        self.say(f"      done in {self.seconds[title]:.1f} s ({time.monotonic() - self._started:.1f} s in all)")

    def say(self, text: str) -> None:
        """Print one line, unless quiet."""
        if not self._quiet:
            click.echo(text)

    def detail(self, text: str) -> None:
        """Print one line below the running stage, with the time since the first one."""
        self.say(f"      {time.monotonic() - self._started:7.1f} s  {text}")

    def run(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        show: Callable[[str], str | None],
    ) -> None:
        """Run a command, keep all of its output in a log, show the lines that say how far it is.

        Args:
            name: Stem of the log's file name.
            command: Argument list.
            environment: The whole environment of the command.
            show: Given a line of output, returns what to print, or None.

        Raises:
            PlatformError: The command ended with another exit code than 0; the end of its log has been printed.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"{name}.log"
        with (
            log.open("w", encoding="utf-8") as file,
            subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            ) as process,
        ):
            assert process.stdout is not None  # noqa: S101 - it is a pipe, three lines above
            for line in process.stdout:
                file.write(line)
                text = show(line.rstrip())
                if text is not None:
                    self.detail(text)
        if process.returncode != 0:
            tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
            click.echo("\n".join(tail), err=True)
            raise PlatformError(
                f"{name} failed with exit code {process.returncode}",
                remedy=f"read the lines above, or the whole log in {log}; then start again, what is done stays done",
            )
