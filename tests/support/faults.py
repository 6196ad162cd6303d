"""Breaking hosts and services of a lab, and putting them right again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.deployed import DeployedPlatform
from trunkline.lab._system import cgroup_processes, remove_cgroup
from trunkline.lab.names import Host


def kill_host(platform: DeployedPlatform, name: str) -> None:
    """End a lab host at once, as a power cut does: no process of it gets a signal that it could see."""
    group = Host(platform.stack, name).cgroup
    assert cgroup_processes(group), f"{name} does not run"
    remove_cgroup(group)


@asynccontextmanager
async def host_killed(platform: DeployedPlatform, name: str) -> AsyncIterator[None]:
    """Kill a host; afterwards the stack repairs it."""
    await asyncio.to_thread(kill_host, platform, name)
    try:
        yield
    finally:
        await asyncio.to_thread(platform.trunkline, "stack", "up")


@asynccontextmanager
async def service_stopped(
    platform: DeployedPlatform, host: str, unit: str, *, kill: bool = False
) -> AsyncIterator[None]:
    """Stop a service of a host, or kill it so that it cannot say goodbye; afterwards it is started again.

    Args:
        platform: Where.
        host: Name of the host.
        unit: Name of the service.
        kill: Whether its processes are killed; it is kept from starting again by itself either way.
    """
    hard = f"systemctl kill --kill-whom=all --signal=KILL {unit}; " if kill else ""
    # masked first: what `Restart=` would bring back in a moment stays away
    command = f"systemctl mask --runtime --quiet {unit}; {hard}systemctl stop {unit}"
    await asyncio.to_thread(platform.ssh, host, command)
    try:
        yield
    finally:
        await asyncio.to_thread(
            platform.ssh, host, f"systemctl unmask --runtime --quiet {unit}; systemctl start {unit}"
        )
