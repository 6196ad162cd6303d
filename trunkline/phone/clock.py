"""One clock of 20 ms for all media of the process: what makes a hundred phones in one process cheap."""

from __future__ import annotations

import asyncio
import time
import weakref
from typing import ClassVar, Protocol

from trunkline.phone.codec import FRAME_SECONDS

_STALL_SECONDS = 0.2


class Ticking(Protocol):
    """What the clock drives."""

    def tick(self) -> None:
        """Do the work of one 20 ms step."""

    def tick_failed(self, error: Exception) -> None:
        """Take the error of a step; there will be no further step."""


class Clock:
    """Calls every member each 20 ms; runs only while it has members.

    Attributes:
        worst_lateness: How late a step began at most, in seconds. The tests' machine decides it, not the platform.
    """

    _clocks: ClassVar[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Clock]] = weakref.WeakKeyDictionary()

    def __init__(self) -> None:
        self._members: set[Ticking] = set()
        self._task: asyncio.Task[None] | None = None
        self.worst_lateness = 0.0

    @classmethod
    def of_this_loop(cls) -> Clock:
        """Return the clock of the running event loop."""
        return cls._clocks.setdefault(asyncio.get_running_loop(), cls())

    def add(self, member: Ticking) -> None:
        """Begin to drive a member; adding it twice changes nothing."""
        self._members.add(member)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="media clock")

    def remove(self, member: Ticking) -> None:
        """Stop driving a member; without members the clock ends."""
        self._members.discard(member)
        if not self._members and self._task:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        due = time.monotonic()
        while True:
            due += FRAME_SECONDS
            delay = due - time.monotonic()
            self.worst_lateness = max(self.worst_lateness, -delay)
            if delay < -_STALL_SECONDS:
                due = time.monotonic()  # after a stall go on from here: no burst
            await asyncio.sleep(max(0.0, delay))
            for member in list(self._members):
                try:
                    member.tick()
                except Exception as error:  # noqa: BLE001 - one broken call must not stop the clock of all others
                    self._members.discard(member)
                    member.tick_failed(error)
