"""A host of the measured platform: commands, files, and services that live for one measurement."""

from __future__ import annotations

import contextlib
import dataclasses
import shlex
from collections.abc import Iterator
from pathlib import Path

from tests.support.deployed import DeployedPlatform

COMMAND_SECONDS = 120


class BenchmarkError(Exception):
    """A measurement could not be made; the message says what to look at."""


@dataclasses.dataclass(frozen=True)
class Remote:
    """One host of a platform that is up.

    Attributes:
        platform: The platform.
        name: Its name in the inventory.
    """

    platform: DeployedPlatform
    name: str

    @property
    def public(self) -> str:
        """Its public address."""
        return self.platform.public(self.name)

    @property
    def internal(self) -> str:
        """Its internal address."""
        address = self.platform.addresses(self.name).internal
        if not address:
            raise BenchmarkError(f"{self.name} has no internal address")
        return address

    def run(self, command: str, *, text: str = "", seconds: float = COMMAND_SECONDS) -> str:
        """Run shell lines, stop at the first that fails, and return what they wrote.

        Raises:
            CommandFailedError: One failed, or they took too long.
        """
        return self.platform.ssh(self.name, f"bash -euc {shlex.quote(command)}", text=text, seconds=seconds).output

    def put(self, path: str, text: str) -> None:
        """Write a file, readable by all; its folder is made."""
        folder = str(Path(path).parent)
        self.run(
            f"mkdir -p {shlex.quote(folder)} && cat >{shlex.quote(path)} && chmod 644 {shlex.quote(path)}", text=text
        )

    @contextlib.contextmanager
    def service(self, unit: str, command: str, *, properties: tuple[str, ...] = ()) -> Iterator[None]:
        """Run a command as a transient unit for as long as the block lasts."""
        options = " ".join(f"-p {shlex.quote(value)}" for value in properties)
        self.run(f"systemctl reset-failed {unit} 2>/dev/null || true; systemd-run -q --unit {unit} {options} {command}")
        try:
            yield
        finally:
            self.run(f"systemctl stop {unit}")

    @contextlib.contextmanager
    def stopped(self, *units: str) -> Iterator[None]:
        """Stop services for as long as the block lasts."""
        names = " ".join(shlex.quote(unit) for unit in units)
        self.run(f"systemctl stop {names}")
        try:
            yield
        finally:
            self.run(f"systemctl start {names}")

    def cpu_seconds(self, *units: str) -> float:
        """Return the processor time that units have used since they started, in seconds."""
        names = " ".join(shlex.quote(unit) for unit in units)
        return sum(map(int, self.run(f"systemctl show --value -p CPUUsageNSec {names}").split())) / 1e9
