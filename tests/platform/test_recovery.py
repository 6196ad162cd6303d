"""Hosts and the database start again, in any order: the platform is back without anybody's help."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from functools import partial

import psycopg
import pytest

from tests.support.deployed import DeployedPlatform
from tests.support.phones import Phones, phones_of
from tests.support.waiting import until, until_async
from trunkline.errors import TrunklineError

BOOT_SECONDS = 90
CALL_SECONDS = 60
MARK = "/run/before-the-reboot"  # in memory: gone after a reboot


async def works(platform: DeployedPlatform, seconds: float = CALL_SECONDS) -> None:
    """Wait until a whole call works: registration, both tones, record."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            async with phones_of(platform) as phones:
                record = await phones.prove(await phones.make("alice@acme"), await phones.make("bob@acme"))
        except (AssertionError, OSError, TrunklineError, psycopg.Error) as error:
            if time.monotonic() > deadline:
                raise AssertionError(f"no call works within {seconds:g} s; the last one: {error}") from error
            await asyncio.sleep(1)
        else:
            assert record["reason"] == "answered", record
            return


def reboot(platform: DeployedPlatform, hosts: Iterable[str]) -> None:
    """Reboot hosts at the same time, and wait until each answers again."""
    names = list(hosts)

    def rebooted(name: str) -> bool:
        return platform.ssh(name, f"test ! -e {MARK}", check=False).code == 0

    platform.everywhere(f"touch {MARK}", names)
    platform.everywhere("systemctl reboot", names, check=False)  # the connection may end before the command does
    for name in names:
        until(partial(rebooted, name), BOOT_SECONDS, f"{name} answers after its reboot")


def started(platform: DeployedPlatform) -> None:
    """Wait until every service of every host is active and no unit failed."""

    def running(name: str) -> bool:
        return platform.ssh(name, "systemctl is-system-running", check=False).output.strip() == "running"

    def active(name: str) -> bool:
        states = platform.ssh(name, f"systemctl is-active {' '.join(platform.services(name))}").output.split()
        return states == ["active"] * len(platform.services(name))

    def trouble(name: str) -> str:
        return f"{name} runs: {platform.ssh(name, 'systemctl --failed; systemctl list-jobs').all}"

    for name in platform.hosts:
        until(partial(running, name), BOOT_SECONDS, partial(trouble, name))
        if platform.services(name):
            until(partial(active, name), BOOT_SECONDS, partial(trouble, name))


@pytest.mark.parametrize("data_first", [False, True], ids=["data last", "data first"])
async def test_every_host_reboots(platform: DeployedPlatform, data_first: bool) -> None:
    data = platform.members("data")
    others = [host for host in platform.hosts if host not in data]
    for stage in (data, others) if data_first else (others, data):
        await asyncio.to_thread(reboot, platform, stage)
    await asyncio.to_thread(started, platform)
    await works(platform)


async def test_database_restarts_under_the_platform(platform: DeployedPlatform, phones: Phones) -> None:
    alice, bob = await phones.make("alice@acme"), await phones.make("bob@acme")
    running = await phones.connect(alice, bob)
    others = [host for host in platform.hosts if host not in platform.members("data")]
    before = platform.processes(others)
    stopped = platform.rows("select now() as now")[0]["now"]
    await asyncio.to_thread(platform.ssh, platform.database, "systemctl restart postgresql@17-main")

    # whoever listens for revisions is there again by itself
    wanted = len(platform.members("application_servers")) + len(platform.members("proxy_users"))
    query = "select host, service from live.confirmation where heartbeat_at > %s"
    await until_async(
        lambda: len(platform.rows(query, stopped)) >= wanted,
        30,
        lambda: f"{wanted} signs of life after the restart; there are {platform.rows(query, stopped)}",
    )
    await running.hear()
    await running.hangup()
    assert (await phones.record(running.caller))["reason"] == "answered"
    carol, dave = await phones.make("carol@globex"), await phones.make("dave@globex")
    await phones.prove(carol, dave)
    assert platform.processes(others) == before
