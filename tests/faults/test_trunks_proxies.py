"""One of two trunks proxies dies: calls go out by the other one, registrations move, and no place stays taken."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.calls.client_tenants import DOMAIN, GATE, HOME, SHOP, clients
from tests.calls.outside import OutsideStage, outside_of
from tests.calls.outside_phones import NATIONAL, gateway, phone_of, talk
from tests.calls.outside_tenants import BRAND, CLIENT, inbound
from tests.calls.records import Records
from tests.support.deployed import DeployedPlatform
from tests.support.faults import service_stopped
from tests.support.waiting import until_async
from trunkline.phone.call import Call
from trunkline.phone.message import Message
from trunkline.phone.ua import UserAgent

TRUNKS = "kamailio@trunks"
LIMIT, BURST = 20, 200
STUDIO, STUDIO_DDI, STUDIO_ADDRESS, STUDIO_PORT = "studio", "+34911209900", "six", 5075
DEAD_SECONDS = 45  # a server that dials in the first moments waits for its own transaction's end, 32 s
MOVE_SECONDS = 60  # a proxy counts as gone after 20 s, see live.registration_keeper
RECLAIM_SECONDS = 120  # places of a proxy that is silent for a minute are taken back, see live.reclaim_places
RETURN_SECONDS = 60
_KEPT = """
    select kept.state, split_part(kept.proxy, '@', 2) as proxy
      from live.registration kept
      join config.ddi_provider_registration registration on registration.id = kept.registration_id
      join config.ddi_provider provider on provider.id = registration.ddi_provider_id
      join config.brand on brand.id = provider.brand_id
     where brand.name = %s and provider.name = 'asked'
"""
_USED = "select coalesce(sum(used), 0)::integer as used from live.place_in_use where kind = 'client'"
_OFFERED = """
    select proxy, count(*)::integer as count from live.call_leg
     where sip_call_id = any (%s) and direction is not null group by proxy
"""
_SAVED = """
    select count(distinct callid)::integer as count from live.dialog
     where proxy = %s and callid = any (%s) and state = 4
"""


class Two:
    """A platform with two trunks proxies, and the outside."""

    def __init__(self, platform: DeployedPlatform, stage: OutsideStage) -> None:
        self.platform = platform
        self.stage = stage
        names = stage.outside.proxies
        assert len(names) > 1, (
            f"these tests need two trunks proxies, the inventory has {names}: take inventories/staging"
        )
        self.names = names

    async def goes_out(self, phone: UserAgent, target: str, number: str, **more: Any) -> str:
        """Let a phone call a number outside; return the trunks proxy that the call went by."""
        out = await phone.call(target, tone=1000.0, **more)
        await out.wait("answered", seconds=DEAD_SECONDS)
        into = await self.stage.answered_by("one", number, out)
        await out.hangup()
        await into.wait("ended")
        record = await self.stage.record_of(out, [("one", "one", 200)], direction="outbound")
        (leg,) = [leg for leg in record.legs if leg["direction"]]
        return str(leg["proxy"]).partition("@")[2]

    async def callers(self) -> Mapping[str, Callable[[], Awaitable[str]]]:
        """Return one way to call out for each type of client."""
        _, user = await self.stage.caller()
        device, account = await phone_of(self.stage, HOME, "h1"), await phone_of(self.stage, SHOP, "s1")
        gate = await gateway(self.stage, "gate", "three")
        host = self.stage.lab.directory.proxy("udp")[0]

        async def by(phone: UserAgent) -> str:
            number = self.stage.outside.number("101")
            if phone is gate:
                return await self.goes_out(phone, f"sip:{number}@{host}", number, from_="sip:+34600111222@gate.test")
            return await self.goes_out(phone, number[NATIONAL], number)

        return {
            CLIENT: lambda: by(user),
            HOME: lambda: by(device),
            SHOP: lambda: by(account),
            GATE: lambda: by(gate),
        }

    def kept(self) -> dict[str, Any]:
        """Return how our registration is, and which proxy keeps it."""
        (row,) = self.platform.rows(_KEPT, BRAND)
        return row

    async def registers_by(self, name: str, since: int, seconds: float) -> Message:
        """Wait until the provider has accepted a REGISTER that names a proxy, and the database says so too."""
        registrar = self.stage.outside.servers["main"]
        host, port = self.stage.outside.proxy(name=name)

        def found() -> list[Message]:
            return [one for one in registrar.registrations[since:] if f"@{host}:{port}" in one.get("Contact")]

        await until_async(found, seconds, lambda: f"no REGISTER of {name}: {registrar.registrations[since:]}")
        wanted = {"state": "registered", "proxy": name}
        await until_async(lambda: self.kept() == wanted, RETURN_SECONDS, lambda: f"{self.kept()} is not {wanted}")
        return found()[0]

    def used(self) -> int:
        """Return how many calls of clients with limits the database counts."""
        (row,) = self.platform.rows(_USED)
        return int(row["used"])

    def saved(self, name: str, calls: list[Call]) -> bool:
        """Say whether a proxy will know calls again after a restart, so that their ends do not get lost."""
        (row,) = self.platform.rows(_SAVED, f"trunks@{name}", [call.call_id for call in calls])
        return bool(row["count"] == len(calls))

    async def bring(self, name: str, ddi: str) -> Call:
        """Let a DDI provider bring a call to a proxy."""
        host, port = self.stage.outside.proxy(name=name)
        server = self.stage.outside.servers["eight"]
        return await server.call(f"sip:{ddi}@{host}:{port}", from_="sip:+34600123456@carrier.test")


def tenants(addresses: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the files of the clients without a PBX, and of one with a limit that is reached by its address."""
    direct = {"address": addresses[STUDIO_ADDRESS], "port": str(STUDIO_PORT), "trusted": "yes"}
    studio = {
        "type": "retail",
        "max_calls": str(LIMIT),
        "accounts": {STUDIO: {"ddi": STUDIO_DDI, "direct": direct}},
    }
    return {**clients(addresses), f"{STUDIO}.yml": studio}


@pytest_asyncio.fixture
async def two(platform: DeployedPlatform, tmp_path: Path) -> AsyncIterator[Two]:
    """Give the platform with scripted carriers."""
    async with (
        outside_of(tmp_path, tenants) as outside,
        OutsideStage(outside.lab, Records(outside.lab.dsn), outside=outside) as stage,
    ):
        made = Two(platform, stage)
        try:
            yield made
        finally:
            await stage.records.close()


async def test_calls_go_out_by_the_other_proxy(platform: DeployedPlatform, two: Two) -> None:
    first, second = two.names[:2]
    callers = await two.callers()
    assert {name: await call() for name, call in callers.items()} == dict.fromkeys(callers, first)
    async with service_stopped(platform, first, TRUNKS, kill=True):
        for _ in range(2):  # before anybody can have found out, and when it is known
            found = await asyncio.gather(*(call() for call in callers.values()))
            assert dict(zip(callers, found, strict=True)) == dict.fromkeys(callers, second)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + RETURN_SECONDS
    for name, call in callers.items():
        while await call() != first:
            assert loop.time() < deadline, f"calls of {name} do not come back to {first}"


async def test_proxies_that_are_back_get_calls_at_once(platform: DeployedPlatform, two: Two) -> None:
    account = await phone_of(two.stage, SHOP, "s1")
    number = two.stage.outside.number("101")
    async with service_stopped(platform, two.names[0], TRUNKS), service_stopped(platform, two.names[1], TRUNKS):
        out = await account.call(number[NATIONAL])
        await out.wait("ended", seconds=DEAD_SECONDS)
        assert out.code == 503
    assert await two.goes_out(account, number[NATIONAL], number) in two.names


async def test_a_registration_moves_and_comes_back(platform: DeployedPlatform, two: Two) -> None:
    registrar = two.stage.outside.servers["main"]
    await until_async(lambda: registrar.registrations, MOVE_SECONDS, "no REGISTER")
    await until_async(lambda: two.kept()["state"] == "registered", RETURN_SECONDS, lambda: f"{two.kept()}")
    keeper = two.kept()["proxy"]
    (other,) = (name for name in two.names[:2] if name != keeper)
    (person,) = await two.stage.users(1, CLIENT)
    phone, ddi = await two.stage.phone(person), inbound(int(person.user[1:]))

    async def comes_in(name: str) -> None:
        """Let the provider call the address that it knows by our REGISTER; it proves its password."""
        host, port = two.stage.outside.proxy(name=name)
        out = await registrar.call(f"sip:{ddi}@{host}:{port}", from_="sip:+34600123456@carrier.test", tone=1000.0)
        into = await phone.next_call()
        await talk(two.stage, out, into)
        await out.hangup()
        await into.wait("ended")
        record = await two.stage.record_of(out, direction="inbound", client=CLIENT, reason="answered")
        assert record.call["ddi_provider"] == "asked"

    await comes_in(keeper)
    before = len(registrar.registrations)
    async with service_stopped(platform, keeper, TRUNKS, kill=True):
        moved = await two.registers_by(other, before, MOVE_SECONDS)
        await comes_in(other)
        before = len(registrar.registrations)
        again = await two.registers_by(other, before, MOVE_SECONDS)
        assert again.get("Contact") == moved.get("Contact"), "it is kept alive"
        before = len(registrar.registrations)
    await two.registers_by(keeper, before, MOVE_SECONDS)
    await comes_in(keeper)


async def test_a_limit_holds_over_both_proxies_and_outlives_one(platform: DeployedPlatform, two: Two) -> None:
    first, second = two.names[:2]
    studio = await gateway(two.stage, STUDIO, STUDIO_ADDRESS, port=STUDIO_PORT)

    async def answering() -> None:
        while True:
            await (await studio.incoming.get()).answer()

    async def out() -> Call:
        number = two.stage.outside.number("101")[NATIONAL]
        return await studio.call(f"sip:{number}@{DOMAIN}", from_=f"sip:{STUDIO}@{DOMAIN}")

    async def ended(calls: list[Call]) -> None:
        await asyncio.gather(*(call.hangup() for call in calls if call.state == "answered"))
        await until_async(lambda: two.used() == 0, RETURN_SECONDS, lambda: f"{two.used()} places are still taken")

    answers = asyncio.create_task(answering(), name="studio: answers")
    try:
        ways = [out() if turn % 2 else two.bring(second, STUDIO_DDI) for turn in range(BURST)]
        calls = await asyncio.gather(*ways)
        await asyncio.gather(*(call.wait("answered", "ended", seconds=60) for call in calls))
        codes = Counter(call.code for call in calls if call.state == "ended")
        assert set(codes) <= {403, 486}, codes
        assert sum(codes.values()) == BURST - LIMIT, codes
        assert two.used() == LIMIT
        await asyncio.gather(*(two.stage.records.of(call.call_id) for call in calls if call.state == "ended"))
        offered = {row["proxy"]: row["count"] for row in platform.rows(_OFFERED, [call.call_id for call in calls])}
        assert set(offered) == {f"trunks@{first}", f"trunks@{second}"}, offered
        await ended(calls)

        held = await asyncio.gather(*(two.bring(second, STUDIO_DDI) for _ in range(LIMIT)))
        await asyncio.gather(*(call.wait("answered", seconds=30) for call in held))
        assert two.used() == LIMIT
        await until_async(lambda: two.saved(second, held), RETURN_SECONDS, "the calls in the database")
        async with service_stopped(platform, second, TRUNKS, kill=True):
            loop = asyncio.get_running_loop()
            deadline = loop.time() + RECLAIM_SECONDS
            refused = await out()
            await refused.wait("ended", seconds=30)
            assert refused.code == 403, "the proxy may still come back"
            while True:
                again = await out()
                await again.wait("answered", "ended", seconds=30)
                if again.state == "answered":
                    break
                assert again.code == 403, again.code
                assert loop.time() < deadline, "the places of a dead proxy are not given back"
                await asyncio.sleep(1)
            assert two.used() == 1
            await ended([again])
        await ended(held)
        for call in held:
            await two.stage.records.of(call.call_id, seconds=RETURN_SECONDS)
    finally:
        answers.cancel()
        await asyncio.gather(answers, return_exceptions=True)
