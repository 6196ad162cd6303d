"""Hosts of a platform, as the benchmarks need them: commands, files, services that live for one measurement."""

from __future__ import annotations

import contextlib
import dataclasses
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

from trunkline.model.inventory import inventory

COMMAND_SECONDS = 120


class BenchmarkError(Exception):
    """A measurement could not be made; the message says what to look at."""


@dataclasses.dataclass(frozen=True)
class Remote:
    """One host.

    Attributes:
        name: Its name in the inventory.
        ssh: The ssh command up to and including the destination.
        public: Its public address, or empty.
        internal: Its internal address, or empty.
    """

    name: str
    ssh: tuple[str, ...]
    public: str
    internal: str

    def run(self, command: str, *, text: str = "", seconds: float = COMMAND_SECONDS) -> str:
        """Run a shell command and return its output.

        Raises:
            BenchmarkError: It failed or took too long.
        """
        words = [*self.ssh, "bash -euc " + shlex.quote(command)]
        try:
            done = subprocess.run(words, input=text, capture_output=True, text=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            raise BenchmarkError(f"{self.name}: not done after {seconds:.0f} s: {command}") from None
        if done.returncode != 0:
            raise BenchmarkError(f"{self.name}: exit code {done.returncode}: {command}\n{done.stderr[-2000:]}")
        return done.stdout

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

    def cpu_seconds(self, unit: str) -> float:
        """Return the processor time that a unit has used since it started, in seconds."""
        return int(self.run(f"systemctl show --value -p CPUUsageNSec {shlex.quote(unit)}")) / 1e9


def hosts(folder: Path) -> dict[str, Remote]:
    """Return the hosts of an inventory that is up, by name.

    Raises:
        BenchmarkError: It is not up.
    """
    found = inventory(folder)
    if not found.hosts:
        raise BenchmarkError(f"{folder} is not up; run `make bench`, which brings up a platform of its own")
    common = [*shlex.split(found.variables["ansible_ssh_common_args"]), "-o", "BatchMode=yes"]
    key = found.variables["ansible_ssh_private_key_file"]
    user = found.variables["ansible_user"]
    return {
        name: Remote(
            name,
            ("ssh", "-i", key, *common, f"{user}@{values['ansible_host']}"),
            values.get("trunkline_public_address", ""),
            values.get("trunkline_internal_address", ""),
        )
        for name, values in found.hosts.items()
    }
