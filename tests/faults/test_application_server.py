"""An application server dies: its client's calls go to the next one, and come back."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.support.deployed import DeployedPlatform
from tests.support.faults import host_killed, service_stopped
from tests.support.phones import Connected, Phones
from trunkline.phone.errors import PhoneTimeoutError
from trunkline.phone.ua import UserAgent

CUT_OFF_SECONDS = 120  # the proxy finds a dead side by asking it; see kamailio_keepalive_seconds
RETURN_SECONDS = 60


def order(platform: DeployedPlatform, client: str) -> list[str]:
    """Return the application servers of a client in the order in which its calls try them."""
    query = """
        select server.name
          from config.client_application_server placed
          join config.application_server server on server.id = placed.application_server_id
          join config.client on client.id = placed.client_id
         where client.name = %s order by placed.position
    """
    found = [row["name"] for row in platform.rows(query, client)]
    assert len(found) > 1, f"{client} has one application server only: {found}"
    return found


async def used(phones: Phones, call: Connected) -> str:
    """Hang up and return the application server that the call's record names."""
    await call.hangup()
    record = await phones.record(call.caller)
    assert record["reason"] == "answered", record
    return str(record["application_server"])


async def comes_back(phones: Phones, caller: UserAgent, callee: UserAgent, first: str) -> None:
    """Call until the first server gets the calls again."""
    deadline = time.monotonic() + RETURN_SECONDS
    while (server := await used(phones, await phones.connect(caller, callee))) != first:
        assert time.monotonic() < deadline, f"calls still go to {server} {RETURN_SECONDS} s after {first} is back"


async def test_host_killed(platform: DeployedPlatform, phones: Phones) -> None:
    alice, bob = await phones.make("alice@acme"), await phones.make("bob@acme")
    first, second = order(platform, "acme")[:2]
    cut = await phones.connect(alice, bob)
    await cut.hear()
    async with host_killed(platform, first):
        # in the next second, before anybody can have found out; and one more when it is known
        carol, dave = await phones.make("carol@acme"), await phones.make("dave@acme")
        for _ in range(2):
            call = await phones.connect(carol, dave)
            await call.hear()
            assert await used(phones, call) == second
        # who was talking hears nothing any more
        for end in (cut.caller, cut.callee):
            before = len(end.media.received.packets)
            with pytest.raises(PhoneTimeoutError):
                await end.media.wait_packets(100, seconds=3)
            assert len(end.media.received.packets) - before < 100
        record = await phones.record(cut.caller, seconds=CUT_OFF_SECONDS)
        assert (record["reason"], record["application_server"]) == ("cut_off", first)
        await asyncio.gather(cut.caller.wait("ended"), cut.callee.wait("ended"))
        legs = await phones.legs(record)
        assert [leg["side"] for leg in legs] == ["callee", "caller"]
        assert {leg["reason"] for leg in legs} == {"cut_off"}, legs
    await comes_back(phones, carol, dave, first)


@pytest.mark.parametrize(("unit", "kill"), [("asterisk", True), ("trunkline-callflow", False)])
async def test_service_stopped(platform: DeployedPlatform, phones: Phones, unit: str, kill: bool) -> None:
    alice, bob = await phones.make("alice@acme"), await phones.make("bob@acme")
    carol, dave = await phones.make("carol@acme"), await phones.make("dave@acme")
    first, second = order(platform, "acme")[:2]
    running = await phones.connect(alice, bob)
    await running.hear()
    async with service_stopped(platform, first, unit, kill=kill):
        for _ in range(2):
            call = await phones.connect(carol, dave)
            await call.hear()
            assert await used(phones, call) == second
        if unit == "asterisk":
            record = await phones.record(running.caller, seconds=CUT_OFF_SECONDS)
            assert (record["reason"], record["application_server"]) == ("cut_off", first)
        else:  # who is connected needs no call logic
            await running.hear()
            assert await used(phones, running) == first
    await comes_back(phones, carol, dave, first)
