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
        kill: Whether its processes are killed; what `Restart=` then brings back is stopped before it can do anything.
    """
    hard = f"systemctl kill --kill-whom=all --signal=KILL {unit}; " if kill else ""
    command = f"{hard}systemctl stop {unit}"
    await asyncio.to_thread(platform.ssh, host, command)
    try:
        yield
    finally:
        await asyncio.to_thread(platform.ssh, host, f"systemctl start {unit}")
