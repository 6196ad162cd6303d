"""Many short calls, for shares and for failures: signalling as always, media agreed but not sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.support.phones import Phones
from trunkline.phone.call import Call
from trunkline.phone.errors import PhoneError
from trunkline.phone.ua import UserAgent

PER_SECOND = 10.0
AT_ONCE = 30
CALL_SECONDS = 20.0


@asynccontextmanager
async def answering(*callees: UserAgent) -> AsyncIterator[None]:
    """Let phones answer every call at once."""

    async def answer(callee: UserAgent) -> None:
        while True:
            call = await callee.incoming.get()
            await call.ring()
            await call.answer()

    tasks = [asyncio.create_task(answer(callee), name=f"{callee.name} answers") for callee in callees]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        failed = [error for error in ended if isinstance(error, Exception)]
        assert failed == []


async def short_calls(
    phones: Phones, pairs: Sequence[tuple[UserAgent, UserAgent]], count: int, *, per_second: float = PER_SECOND
) -> list[Call]:
    """Make calls in turn between pairs of phones; each is hung up once it is answered.

    Args:
        phones: Their maker.
        pairs: Caller and callee.
        count: Number of calls.
        per_second: Calls that are begun per second.

    Returns:
        Every call; one that was not answered is ``ended`` with its code.
    """
    room = asyncio.Semaphore(AT_ONCE)
    begin = time.monotonic()

    async def one(number: int) -> Call:
        caller, callee = pairs[number % len(pairs)]
        await asyncio.sleep(max(0.0, begin + number / per_second - time.monotonic()))
        async with room:
            call = await caller.call(phones.platform.number(callee.name))
            try:
                await call.wait("answered", seconds=CALL_SECONDS)
            except PhoneError:
                if call.state != "ended":
                    await call.cancel()
            else:
                await call.hangup()
        return call

    async with answering(*{callee.name: callee for _, callee in pairs}.values()):
        return list(await asyncio.gather(*(one(number) for number in range(count))))


def unanswered(calls: Sequence[Call]) -> list[str]:
    """Return what became of the calls that were not answered, for an assertion."""
    return [f"{call.call_id}: {call.code} {call.reason}" for call in calls if "answered" not in call.reached]
