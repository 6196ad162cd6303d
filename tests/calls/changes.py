"""Changes of tenants while calls run: from the commit of a revision to the telephone that follows, by the clock."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.support.deployed import DeployedPlatform, Done
from tests.support.fixtures import Edited
from tests.support.phones import Connected, Phones
from trunkline.phone.errors import RequestFailedError
from trunkline.phone.ua import UserAgent

EFFECT_SECONDS = 2.0  # the product's promise: from the commit to a telephone that follows
PAUSE_SECONDS = 0.05
COMMAND_SECONDS = 60.0

Condition = Callable[[], Awaitable[str]]
"""Says what is not as it has to be; empty when all is well."""


@dataclass
class Story:
    """A platform whose tenants change, and calls that go on.

    Attributes:
        copy: The inventory that is edited.
        platform: The platform seen through it, as it was last applied.
        phones: Makes phones.
        running: Calls with audio that must not notice.
        measured: What was changed -> seconds from the commit to its effect.
    """

    copy: Edited
    phones: Phones
    running: dict[str, Connected] = field(default_factory=dict)
    measured: dict[str, float] = field(default_factory=dict)

    async def look(self, address: str = "") -> DeployedPlatform:
        """Return the platform, seen through the copy as it is now; in a thread, so that phones go on.

        Args:
            address: ``terminal@client`` whose account will be asked for; opening the secrets takes a moment.
        """

        def read() -> DeployedPlatform:
            platform = self.copy.platform
            if address:
                platform.account(address)
            return platform

        self.phones.platform = await asyncio.to_thread(read)
        return self.phones.platform

    async def phone(self, address: str, *, register: bool = True, fresh: bool = False) -> UserAgent:
        """Return the phone of ``terminal@client``: its only one, unless one with the password of now is wanted."""
        made = next((phone for phone in self.phones.made if phone.name == address), None)
        if made is None or fresh:
            await self.look(address)
            made = await self.phones.make(address, register=False)
        if register and not made.registered:
            await made.register(keep=False)
        return made

    async def follows(self, what: str, words: tuple[str, ...], *conditions: Condition) -> Done:
        """Run a command that makes a revision, and wait until its effects are there.

        Args:
            what: What is changed, for the report.
            words: Of ``trunkline``.
            conditions: Effects; all have to be true within two seconds from the commit.
        """
        platform = await self.look()
        async with committed(platform) as commit:
            command = asyncio.create_task(asyncio.to_thread(platform.trunkline, *words))
            notified = asyncio.create_task(commit())
            await asyncio.wait({command, notified}, return_when=asyncio.FIRST_COMPLETED)
            if not notified.done():
                notified.cancel()
                raise AssertionError(f"{what}: no revision was made\n{(await command).all}")
            since = await notified
            try:
                for condition in conditions:
                    self.measured[what] = await within(since, condition, what)
            finally:
                done = await command
        for call in self.running.values():
            await call.hear()
        return done

    def unnoticed(self) -> None:
        """Check that no running call noticed anything."""
        for name, connected in self.running.items():
            for call in (connected.caller, connected.callee):
                assert call.state == "answered", f"{name}: {call.ua.name} is {call.state}\n{call.ua.ladder()}"
                # Packets are numbered and nobody keeps them back: none lost is no moment of silence.
                received = call.media.received
                assert received.packets, f"{name}: {call.ua.name} heard nothing"
                assert received.lost == 0, f"{name}: {call.ua.name} lost {received.lost} packets"
                assert len(received.sources) == 1, f"{name}: {call.ua.name} heard {received.sources}"


@contextlib.asynccontextmanager
async def committed(platform: DeployedPlatform) -> AsyncIterator[Callable[[], Coroutine[Any, Any, float]]]:
    """Give a function that waits for the next commit of a revision and returns when it was heard of (monotonic)."""
    with platform.connect() as known:
        parameters: dict[str, Any] = {**known.info.get_parameters(), "password": known.info.password}
    connection = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
    async with connection:
        await connection.execute("listen trunkline_revision")

        async def commit() -> float:
            async for _ in connection.notifies(timeout=COMMAND_SECONDS, stop_after=1):
                return time.monotonic()
            raise AssertionError(f"no revision was made within {COMMAND_SECONDS:g} s")

        yield commit


async def within(since: float, condition: Condition, what: str) -> float:
    """Wait until a condition holds, two seconds from `since` at most; return how long it took."""
    tries = 0
    while True:
        tries += 1
        began = time.monotonic()
        wrong = await condition()
        took = time.monotonic() - since
        if not wrong and took <= EFFECT_SECONDS:
            return took
        # What was asked after the deadline, or before it and answered too late, came too late.
        if began - since > EFFECT_SECONDS or not wrong:
            late = wrong or f"only after {took:.2f} s"
            raise AssertionError(f"{what}: not within {EFFECT_SECONDS:g} s; {tries} tries: {late}")
        await asyncio.sleep(PAUSE_SECONDS)


def registers(phone: UserAgent) -> Condition:
    """Return the condition that a phone can register."""

    async def condition() -> str:
        try:
            await phone.register(keep=False)
        except RequestFailedError as error:
            return f"{phone.name}: {error}"
        return ""

    return condition


def refused(phone: UserAgent, code: int = 403) -> Condition:
    """Return the condition that a phone can not register."""

    async def condition() -> str:
        try:
            await phone.register(keep=False)
        except RequestFailedError as error:
            return "" if error.code == code else f"{phone.name}: {error}"
        return f"{phone.name} can register"

    return condition


def rings(caller: UserAgent, number: str, *callees: UserAgent, shows: str = "") -> Condition:
    """Return the condition that a number rings certain phones, and nobody else's of those that are watched.

    Args:
        caller: Calls.
        number: What it dials.
        callees: The phone that has to ring; those behind it must not.
        shows: What the callee's phone has to show; empty for anything.
    """

    async def condition() -> str:
        out = await caller.call(number)
        waiting = {asyncio.create_task(phone.next_call(seconds=EFFECT_SECONDS)): phone for phone in callees}
        over = asyncio.create_task(out.wait("ended", seconds=EFFECT_SECONDS))
        try:
            done, _ = await asyncio.wait({*waiting, over}, return_when=asyncio.FIRST_COMPLETED)
            rung = [task for task in done if task in waiting and task.exception() is None]
            if not rung:
                if out.state != "ended":
                    await out.cancel()
                return f"{caller.name} calls {number}: nobody rings, {out.code} {out.reason}"
            into = rung[0].result()
            shown = into.invite.from_.uri.user
            right = waiting[rung[0]] is callees[0] and shows in {"", shown}
            wrong = "" if right else f"{caller.name} calls {number}: {into.ua.name} rings, and shows {shown}"
            await into.reject(486)
            await out.wait("ended")
        finally:
            for task in (*waiting, over):
                task.cancel()
            await asyncio.gather(*waiting, over, return_exceptions=True)
        return wrong

    return condition


def ends(caller: UserAgent, number: str, code: int) -> Condition:
    """Return the condition that a call to a number ends with a status."""

    async def condition() -> str:
        out = await caller.call(number)
        await out.wait("ended")
        return "" if out.code == code else f"{caller.name} calls {number}: {out.code} {out.reason}"

    return condition
