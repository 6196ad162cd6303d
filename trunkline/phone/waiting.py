"""Waiting for something to become true, with a deadline: nothing in the phone sleeps and hopes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from trunkline.phone.errors import PhoneTimeoutError


class Changes:
    """Wakes those who wait whenever something may have changed."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        """Let everybody who waits look again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    async def wait(self, ready: Callable[[], object], seconds: float, what: Callable[[], str]) -> None:
        """Wait until a condition holds.

        Args:
            ready: The condition.
            seconds: Deadline.
            what: Returns the text of the error: what was waited for, and what is instead.

        Raises:
            PhoneTimeoutError: The condition did not hold in time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not ready():
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiters.add(waiter)
            try:
                await asyncio.wait_for(waiter, max(0.0, deadline - loop.time()))
            except TimeoutError:
                if ready():
                    return
                raise PhoneTimeoutError(f"{what()} (waited {seconds:g} s)") from None
            finally:
                self._waiters.discard(waiter)
