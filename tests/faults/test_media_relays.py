"""Media relays are scaled by editing the inventory: added, weighed, drained, removed, lost; calls do not notice.

One story in the order of its tests: each begins where the one before ended. The running call of a test is between
people; shares are measured with many short calls.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio

from tests.support.deployed import DeployedPlatform
from tests.support.faults import service_stopped
from tests.support.fixtures import Edited
from tests.support.load import short_calls, unanswered
from tests.support.phones import Connected, Phones
from tests.support.waiting import until_async
from trunkline.phone.call import Call

NEW = "mr3"
CALLS = 200
TOLERANCE = 0.06  # the product's promise: six points
SOME_CALLS = 24
RECORDS_SECONDS = 30
RETURN_SECONDS = 90
RTPENGINE = "rtpengine-daemon"
ACTIVE = {"weight": 1, "state": "active"}


@pytest.fixture(scope="module")
def engineer(platform: DeployedPlatform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edited]:
    """Give the inventory as the engineer edits it; at the end the declared platform is there again."""
    copy = Edited(platform, tmp_path_factory.mktemp("engineer"))
    yield copy
    platform.trunkline("stack", "up")
    platform.trunkline("apply")


def relay(**changes: Any) -> Callable[[Any], None]:
    """Return an edit of `platform.yml` that gives relays keys of their own: ``mr1={"weight": 0}``."""

    def edit(document: Any) -> None:
        for name, change in changes.items():
            host = document["hosts"].setdefault(name, {"groups": ["media_relays"]})
            host["relay"] = {**host.get("relay", {}), **change}

    return edit


def weights(platform: DeployedPlatform) -> dict[str, int]:
    """Return the weight of every relay that takes new calls."""
    declared = {name: platform.model.hosts[name].media_relay for name in platform.members("media_relays")}
    return {name: one.weight for name, one in declared.items() if one and one.weight and one.state == "active"}


async def shares(phones: Phones, calls: Sequence[Call]) -> dict[str, Counter[str]]:
    """Return how many legs each relay carried, by side of the call; every call must have its record."""
    ids = [call.call_id for call in calls]
    query = """
        select leg.side, leg.relay, count(*) as legs
          from live.call_leg mine join live.call_leg leg on leg.call_id = mine.call_id
         where mine.side = 'caller' and mine.sip_call_id = any(%s) and leg.ended_at is not null
         group by leg.side, leg.relay
    """

    def count() -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {"caller": Counter(), "callee": Counter()}
        for row in phones.platform.rows(query, ids):
            found[row["side"]][str(row["relay"])] += row["legs"]
        return found

    await until_async(
        lambda: [sum(side.values()) for side in count().values()] == [len(ids), len(ids)],
        RECORDS_SECONDS,
        lambda: f"{len(ids)} records with two closed legs; there are {count()}",
    )
    return count()


class Office:
    """Four people of a client: two talk, the others make short calls."""

    def __init__(self, phones: Phones) -> None:
        self.phones = phones

    async def open(self) -> Office:
        """Register the phones."""
        names = ("alice", "bob", "carol", "dave", "erin", "frank")
        self.alice, self.bob, *others = [await self.phones.make(f"{name}@acme") for name in names]
        self.pairs = [(others[0], others[1]), (others[2], others[3])]
        return self

    def sees(self, engineer: Edited) -> DeployedPlatform:
        """Look at the platform through the inventory as it is now."""
        self.phones.platform = engineer.platform
        return self.phones.platform

    async def talk_over(self, relay: str) -> Connected:
        """Return a running call whose caller's media goes over a relay."""
        address = next(address for address, name in self.phones.platform.relay_addresses.items() if name == relay)
        for _ in range(2 * sum(weights(self.phones.platform).values())):
            call = await self.phones.connect(self.alice, self.bob)
            assert call.caller.media.remote
            assert call.caller.media.remote.address
            if call.caller.media.remote.address[0] == address:
                await call.hear()
                return call
            await call.hangup()
        raise AssertionError(f"{relay} gets no call")

    async def calls(self, count: int = SOME_CALLS) -> list[Call]:
        """Make short calls; all of them are answered, and all of their media is relayed."""
        made = await short_calls(self.phones, self.pairs, count)
        assert unanswered(made) == []
        self.phones.assert_relayed(*made)
        return made

    async def relays(self, count: int = SOME_CALLS) -> set[str]:
        """Make short calls and return the relays that carried them."""
        found = await shares(self.phones, await self.calls(count))
        return set(found["caller"]) | set(found["callee"])


@pytest.fixture
def grown(engineer: Edited) -> Edited:
    """Give the inventory with the new relay; it is made here only if the test that adds it did not run."""
    if NEW not in engineer.platform.hosts:
        engineer.write("platform.yml", relay(**{NEW: {"weight": 2}}))
    platform = engineer.platform
    if NEW not in platform.deployment.hosts:
        platform.trunkline("stack", "up")
        platform.playbook("media-relays")
    return engineer


@pytest_asyncio.fixture
async def office(phones: Phones, engineer: Edited) -> AsyncIterator[Office]:
    """Give people with phones."""
    phones.platform = engineer.platform
    yield await Office(phones).open()


async def test_call_runs_while_its_relay_is_drained_and_another_is_added(engineer: Edited, office: Office) -> None:
    before = engineer.platform
    others = before.hosts
    leaving, *staying = before.members("media_relays")
    processes = await asyncio.to_thread(before.processes)
    # A proxy that was killed leaves what only rang, for some minutes.
    idle = await asyncio.to_thread(sessions, before, leaving)
    running = await office.talk_over(leaving)
    engineer.write("platform.yml", relay(**{NEW: {"weight": 2}, leaving: {"state": "drained"}}))
    after = office.sees(engineer)

    made = (await asyncio.to_thread(after.trunkline, "stack", "up", "--json")).json()
    assert made["changes"].pop("create") >= 1
    assert set(made["changes"]) <= {"same"}, f"other machines were touched: {made}"
    configured = await asyncio.to_thread(after.playbook, "media-relays")
    assert configured.changed[NEW] > 0
    touched = [task for task in configured.tasks("changed") if task.startswith(tuple(f"{name}:" for name in staying))]
    assert touched == [], "\n".join(touched)
    after = office.sees(engineer)
    assert NEW in after.deployment.hosts

    assert await office.relays() == {*staying, NEW}
    await running.hear()
    assert (running.caller.media.received.lost, running.callee.media.received.lost) == (0, 0)
    assert await asyncio.to_thread(sessions, after, leaving) > idle
    await running.hangup()
    await until_async(lambda: sessions(after, leaving) <= idle, 30, "the drained relay carries no call any more")
    assert await asyncio.to_thread(after.processes, others) == processes


async def test_calls_follow_the_weights(grown: Edited, office: Office) -> None:
    grown.write("platform.yml", relay(**dict.fromkeys(grown.platform.members("media_relays"), ACTIVE)))
    grown.write("platform.yml", relay(**{NEW: {"weight": 2}}))
    platform = office.sees(grown)
    await asyncio.to_thread(platform.playbook, "media-relays")
    wanted = weights(platform)
    assert sorted(wanted.values()) == [1, 1, 2]
    found = await shares(office.phones, await office.calls(CALLS))
    for side, count in found.items():
        assert set(count) == set(wanted), f"{side}: {count}"
        for name, weight in wanted.items():
            share, fair = count[name] / CALLS, weight / sum(wanted.values())
            assert abs(share - fair) <= TOLERANCE, (
                f"{side}: {name} carried {share:.1%} of the calls, fair is {fair:.1%}"
            )


async def test_weight_of_zero_gets_no_calls_and_keeps_those_it_has(grown: Edited, office: Office) -> None:
    """A weight is a row: `trunkline apply` is enough, and takes effect before it returns."""
    running = await office.talk_over(NEW)
    grown.write("platform.yml", relay(**{NEW: {"weight": 0}}))
    await asyncio.to_thread(office.sees(grown).trunkline, "apply")
    assert NEW not in await office.relays()
    await running.hear()
    assert (running.caller.media.received.lost, running.callee.media.received.lost) == (0, 0)
    await running.hangup()

    grown.write("platform.yml", relay(**{NEW: {"weight": 2}}))
    await asyncio.to_thread(office.sees(grown).trunkline, "apply")
    assert NEW in await office.relays()


def sessions(platform: DeployedPlatform, name: str) -> int:
    """Return how many calls a relay carries."""
    return int(platform.ssh(name, "trunkline-relay sessions").output)


async def test_killed_relay_costs_new_calls_nothing(grown: Edited, office: Office) -> None:
    platform = grown.platform
    async with service_stopped(platform, NEW, RTPENGINE, kill=True):
        assert NEW not in await office.relays()
    wanted = set(weights(platform))
    found: set[str] = set()
    loop = asyncio.get_running_loop()
    deadline = loop.time() + RETURN_SECONDS
    while found != wanted:
        found = await office.relays(2 * sum(weights(platform).values()))
        assert loop.time() < deadline, f"{NEW} is back and gets no calls: {found}"


async def test_no_relay_means_no_call(grown: Edited, office: Office) -> None:
    """A call without a relay is refused with a clear code: media never goes past the relays."""
    platform = grown.platform
    async with AsyncExitStack() as stopped:
        for name in platform.members("media_relays"):
            await stopped.enter_async_context(service_stopped(platform, name, RTPENGINE))
        call = await office.alice.call(platform.number("bob@acme"))
        await call.wait("ended", seconds=30)
        assert call.code == 503, office.phones.ladder()
        record = await office.phones.record(call)
        assert (record["reason"], record["code"]) == ("failed", 503)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + RETURN_SECONDS
    while unanswered(await short_calls(office.phones, office.pairs, 4)):
        assert loop.time() < deadline, "calls do not work again although the relays are back"


async def test_removed_relay_is_drained_first(grown: Edited, office: Office) -> None:
    """The line is gone from the inventory: the running call ends when its people want it to."""
    running = await office.talk_over(NEW)

    def remove(document: Any) -> None:
        del document["hosts"][NEW]

    grown.write("platform.yml", remove)
    removing = grown.platform
    gone = asyncio.create_task(asyncio.to_thread(removing.trunkline, "stack", "up"))
    try:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + RETURN_SECONDS
        while NEW in await office.relays(8):
            assert loop.time() < deadline, f"{NEW} still gets calls"
        await running.hear()
        assert NEW not in await office.relays()
        await running.hear()
        assert not gone.done(), "the relay did not wait for its call"
    finally:
        await running.hangup()
        done = await gone
    assert done.code == 0
    assert NEW not in grown.platform.deployment.hosts
    await asyncio.to_thread(removing.trunkline, "apply")
    assert NEW not in await office.relays()
    assert (await office.phones.record(running.caller))["reason"] == "answered"
