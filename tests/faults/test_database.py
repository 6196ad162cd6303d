"""The database is away: who is known goes on calling, who is not is refused at once, and no record is lost.

That is a decision: docs/decisions/0006-identities-are-cached-in-the-proxy.md.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.support.deployed import DeployedPlatform, unique
from tests.support.faults import service_stopped
from tests.support.phones import Phones
from tests.support.waiting import until_async
from trunkline.phone.core import Account
from trunkline.phone.errors import PhoneError, RequestFailedError
from trunkline.phone.ua import UserAgent

POSTGRESQL = "postgresql@17-main"
AT_ONCE_SECONDS = 5.0  # the phone's own transaction would give up after 32
RETURN_SECONDS = 60


async def stranger(phones: Phones) -> UserAgent:
    """Return a phone whose account nobody has heard of, so that nothing can remember it."""
    known = phones.platform.account("alice@acme")
    phone = UserAgent(
        Account(unique("stranger-"), known.domain, "a password"),
        ip=phones.platform.controller,
        proxy=phones.platform.users_proxy,
    )
    phones.made.append(phone)
    return await phone.start()


async def test_known_phones_go_on_and_strangers_are_refused(platform: DeployedPlatform, phones: Phones) -> None:
    alice, bob = await phones.make("alice@acme"), await phones.make("bob@acme")
    carol, dave = await phones.make("carol@acme"), await phones.make("dave@acme")
    await phones.prove(alice, bob)
    await phones.prove(carol, dave)
    unknown = await stranger(phones)
    running = await phones.connect(alice, bob)
    async with service_stopped(platform, platform.database, POSTGRESQL):
        await running.hear()
        during = await phones.connect(carol, dave)
        await during.hear()
        await during.hangup()
        await carol.register()

        with pytest.raises(RequestFailedError) as refused:
            await asyncio.wait_for(unknown.register(), AT_ONCE_SECONDS)
        assert refused.value.code == 503, unknown.ladder()
        call = await unknown.call("101")
        await call.wait("ended", seconds=AT_ONCE_SECONDS)
        assert call.code == 503, unknown.ladder()
        # a number that nobody has is still answered, and answered right
        call = await carol.call("199")
        await call.wait("ended", seconds=AT_ONCE_SECONDS)
        assert call.code == 404, carol.ladder()

        await running.hear()
        await running.hangup()

    for ended in (running, during):
        record = await phones.record(ended.caller, seconds=RETURN_SECONDS)
        assert (record["reason"], record["code"]) == ("answered", 200)
        assert record["started_at"] < record["answered_at"] < record["ended_at"]
        assert [leg["reason"] for leg in await phones.legs(record)] == ["answered", "answered"]
    assert (await phones.record(call, seconds=RETURN_SECONDS))["reason"] == "refused"
    # and those who were refused get the answer that they deserve
    await until_async(lambda: platform.rows("select 1"), RETURN_SECONDS, "the database answers")
    with pytest.raises(RequestFailedError) as refused:
        await unknown.register()
    assert refused.value.code == 403, unknown.ladder()
    assert platform.rows("select * from live.rejected_event") == []


async def test_proxy_that_restarts_meanwhile_recovers(platform: DeployedPlatform, phones: Phones) -> None:
    proxy = platform.members("proxy_users")[0]
    alice, bob = await phones.make("alice@acme"), await phones.make("bob@acme")
    await phones.prove(alice, bob)
    async with service_stopped(platform, platform.database, POSTGRESQL):
        await asyncio.to_thread(platform.ssh, proxy, "systemctl restart --no-block kamailio@users")
        with pytest.raises((PhoneError, TimeoutError)):  # refused, or nobody there
            await asyncio.wait_for((await stranger(phones)).register(), AT_ONCE_SECONDS)
    await until_async(
        lambda: platform.ssh(proxy, "systemctl is-active kamailio@users").output.strip() == "active",
        RETURN_SECONDS,
        lambda: f"the proxy runs again: {platform.ssh(proxy, 'systemctl status kamailio@users', check=False).all}",
    )

    async def registers() -> bool:
        try:
            await asyncio.wait_for(asyncio.gather(alice.register(), bob.register()), AT_ONCE_SECONDS)
        except (PhoneError, TimeoutError):
            return False
        return True

    loop = asyncio.get_running_loop()
    deadline = loop.time() + RETURN_SECONDS
    while not await registers():
        assert loop.time() < deadline, f"phones cannot register within {RETURN_SECONDS} s"
    await phones.prove(alice, bob)
