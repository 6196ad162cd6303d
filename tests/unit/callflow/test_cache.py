"""The cache: one load for many calls, what is known serves on, changes are seen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from tests.unit.callflow.clients import acme
from trunkline.callflow.cache import ConfigurationCache
from trunkline.callflow.configuration import ClientConfiguration
from trunkline.callflow.numbers import UnavailableError


@dataclass
class Source:
    """Counts loads, can be down, can be slow."""

    loads: list[str] = field(default_factory=list)
    down: bool = False
    gate: asyncio.Event | None = None

    async def load(self, client: str) -> ClientConfiguration | None:
        """Return the client's configuration."""
        self.loads.append(client)
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise UnavailableError("down")
        return acme() if client == "acme" else None


async def test_a_client_is_loaded_once() -> None:
    source = Source()
    cache = ConfigurationCache(source)
    assert await cache.get("acme") == await cache.get("acme") == acme()
    assert await cache.get("other") is None
    assert await cache.get("other") is None
    assert source.loads == ["acme", "other"]


async def test_calls_at_the_same_time_share_a_load() -> None:
    source = Source(gate=asyncio.Event())
    cache = ConfigurationCache(source)
    calls = [asyncio.create_task(cache.get("acme")) for _ in range(20)]
    await asyncio.sleep(0)
    assert source.gate is not None
    source.gate.set()
    assert await asyncio.gather(*calls) == [acme()] * 20
    assert source.loads == ["acme"]


async def test_one_caller_that_hangs_up_does_not_end_the_load_of_others() -> None:
    source = Source(gate=asyncio.Event())
    cache = ConfigurationCache(source)
    gone, stays = asyncio.create_task(cache.get("acme")), asyncio.create_task(cache.get("acme"))
    await asyncio.sleep(0)
    gone.cancel()
    assert source.gate is not None
    source.gate.set()
    assert await stays == acme()


async def test_a_changed_client_is_loaded_again_and_others_are_not() -> None:
    source = Source()
    cache = ConfigurationCache(source)
    await cache.get("acme")
    await cache.get("other")
    cache.changed(["acme", "never seen"])
    await cache.get("acme")
    await cache.get("other")
    assert source.loads == ["acme", "other", "acme"]
    cache.changed(None)
    await cache.get("acme")
    await cache.get("other")
    assert source.loads == ["acme", "other", "acme", "acme", "other"]


async def test_a_change_during_a_load_is_not_lost() -> None:
    source = Source(gate=asyncio.Event())
    cache = ConfigurationCache(source)
    first = asyncio.create_task(cache.get("acme"))
    await asyncio.sleep(0)
    cache.changed(["acme"])
    assert source.gate is not None
    source.gate.set()
    await first
    await cache.get("acme")
    await cache.get("acme")
    assert source.loads == ["acme", "acme"]


async def test_while_the_database_is_down_what_is_known_serves_on() -> None:
    source = Source()
    cache = ConfigurationCache(source)
    await cache.get("acme")
    source.down = True
    assert await cache.get("acme") == acme()
    cache.changed(None)
    assert await cache.get("acme") == acme()
    with pytest.raises(UnavailableError):
        await cache.get("other")
    source.down = False
    assert await cache.get("acme") == acme()
    assert source.loads[-1] == "acme"


async def test_only_so_many_are_kept() -> None:
    source = Source()
    cache = ConfigurationCache(source, maximum=2)
    for client in ("a", "b", "a", "c", "a", "b"):
        await cache.get(client)
    assert source.loads == ["a", "b", "c", "b"]


async def test_a_client_that_moved_changes_under_its_old_id_too() -> None:
    """A call in progress asks by the id of when it began."""

    @dataclass
    class Moved(Source):
        async def load(self, client: str) -> ClientConfiguration | None:
            return await Source.load(self, "acme") if client in {"before", acme().id} else None

    source = Moved()
    cache = ConfigurationCache(source)
    assert await cache.get("before") == acme()
    cache.changed([acme().id])
    assert await cache.get("before") == acme()
    assert len(source.loads) == 2
    cache.changed(["somebody else"])
    assert await cache.get("before") == acme()
    assert len(source.loads) == 2
