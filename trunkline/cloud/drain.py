"""Before a machine is removed: a media relay on it carries its calls to their end."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from trunkline.errors import PlatformError
from trunkline.lab import stack as lab
from trunkline.model.deployment import Deployment
from trunkline.model.hosts import Platform

DRAIN_SECONDS = 600
COMMAND = "/usr/local/sbin/trunkline-relay"
_NOT_THERE = 127
_CALLS_LEFT = 3
_SSH_FAILED = 255


def drain_leaving(platform: Platform, say: Callable[[str], None], seconds: int = DRAIN_SECONDS) -> None:
    """Let the relays that left ``platform.yml`` take no new calls, and wait until they carry none.

    Args:
        platform: The hosts that stay.
        say: Told what happens, one line at a time.
        seconds: How long to wait for the last call of each.

    Raises:
        PlatformError: Calls are left; the relay stays drained, and nothing was removed.
    """
    deployment = Deployment.load(platform.stack)
    if deployment is None:
        return
    for name in sorted(set(deployment.hosts) - set(platform.hosts)):
        login = _login(platform, deployment, name)
        if _run(login, "refuse") != 0:
            continue  # no relay, or not there any more: nothing to wait for
        say(f"drain {name}: no new calls, waiting up to {seconds} s for the last one")
        code = _run(login, f"wait {seconds}")
        if code == _CALLS_LEFT:
            raise PlatformError(
                f"{name} still carries calls after {seconds} seconds",
                remedy="run the same again later; it takes no new calls meanwhile",
            )
        if code not in {0, _SSH_FAILED}:
            raise PlatformError(f"{name} does not say whether it carries calls", remedy=f"ask it: {COMMAND} sessions")


def _run(login: list[str], verb: str) -> int:
    """Run the relay's command on a host; return its exit code, 127 when the host has no such command."""
    command = f"test -x {COMMAND} || exit {_NOT_THERE}; {COMMAND} {verb}"
    return subprocess.run([*login, command], check=False, stdin=subprocess.DEVNULL, capture_output=True).returncode


def _login(platform: Platform, deployment: Deployment, name: str) -> list[str]:
    addresses = deployment.hosts[name]
    options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-o", "ServerAliveInterval=5"]
    if platform.provider == "lab":
        options += lab.ssh_arguments(platform.stack)
    jump = deployment.hosts.get(deployment.jump_host)
    if jump is not None and addresses.public is None:
        options += ["-J", f"root@{jump.public}"]
    return ["ssh", *options, f"root@{deployment.address_of(name)}"]
