"""Limits of calls with the outside hold, and their places come back, when a proxy or the database dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.calls.client_tenants import LIMIT, TIGHT, clients
from tests.calls.outside import OutsideStage, outside_of
from tests.calls.outside_phones import NATIONAL, phone_of
from tests.calls.records import Records
from tests.support.deployed import DeployedPlatform
from tests.support.faults import service_stopped
from tests.support.scripted import Script
from tests.support.waiting import until_async
from trunkline.phone.call import Call

TRUNKS, POSTGRESQL = "kamailio@trunks", "postgresql@17-main"
RETURN_SECONDS = 60
_PLACES = "select coalesce(sum(used), 0)::integer as used from live.place_in_use where kind = %s"
_LEG = "select proxy from live.call_leg where callee_number = %s and direction = 'outbound' and ended_at is null"
_SAVED = """
    select from live.dialog
      join live.dialog_vars using (proxy, hash_entry, hash_id)
      join live.call_leg leg on leg.sip_call_id = dialog.callid and leg.proxy = dialog.proxy
     where leg.callee_number = %s and leg.ended_at is null and dialog.state = 4 and dialog_key = 'leg'
"""


class Tight:
    """The client with a limit, its phones, and how many places it holds."""

    def __init__(self, platform: DeployedPlatform, stage: OutsideStage) -> None:
        self.platform = platform
        self.stage = stage

    def places(self) -> int:
        """Return how many calls of clients with limits the database counts."""
        (row,) = self.platform.rows(_PLACES, "client")
        return int(row["used"])

    async def call(self, name: str, script: Script | None = None) -> tuple[Call, str]:
        """Let a phone of the client call a number outside; return the call and the number."""
        number = self.stage.outside.number("101")
        if script is not None:
            self.stage.outside.script(number, {"one": script})
        phone = await phone_of(self.stage, TIGHT, name)
        return await phone.call(number[NATIONAL], tone=1000.0), number

    async def comes_to(self, count: int) -> None:
        """Wait until so many places are taken."""
        await until_async(lambda: self.places() == count, RETURN_SECONDS, f"{count} places")


@pytest_asyncio.fixture
async def tight(platform: DeployedPlatform, tmp_path: Path) -> AsyncIterator[Tight]:
    """Give the client with a limit on a platform with scripted carriers."""
    async with outside_of(tmp_path, clients) as outside:
        yield Tight(platform, OutsideStage(outside.lab, Records(outside.lab.dsn), outside=outside))


async def test_a_trunks_proxy_that_dies_keeps_the_calls_in_progress_and_no_others(
    platform: DeployedPlatform, tight: Tight
) -> None:
    async with tight.stage:
        talking, number = await tight.call("t1")
        await tight.stage.answered_by("one", number, talking)
        ringing, _ = await tight.call("t2", Script(ringing=180, hold=30))
        await ringing.wait("ringing")
        assert tight.places() == LIMIT
        await until_async(lambda: platform.rows(_SAVED, number), RETURN_SECONDS, "the call in the database")
        (leg,) = platform.rows(_LEG, number)
        async with service_stopped(platform, leg["proxy"].partition("@")[2], TRUNKS, kill=True):
            pass
        await tight.comes_to(1)
        await talking.hangup()
        await tight.comes_to(0)


async def test_a_call_that_ends_while_the_database_is_away_gives_its_place_back(
    platform: DeployedPlatform, tight: Tight
) -> None:
    async with tight.stage:
        calls = [await tight.call(name) for name in ("t1", "t2")]
        for call, number in calls:
            await tight.stage.answered_by("one", number, call)
        assert tight.places() == LIMIT
        async with service_stopped(platform, platform.database, POSTGRESQL, kill=True):
            await asyncio.gather(*(call.hangup() for call, _ in calls))
        await tight.comes_to(0)
