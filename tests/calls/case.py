"""What a case is: data that can be run, many at a time in one event loop."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from tests.calls.lab import Lab
from tests.calls.records import Records
from tests.calls.stage import Stage

AT_ONCE = 4
CASE_SECONDS = 120.0


@dataclass(frozen=True)
class Case(ABC):
    """One case.

    Attributes:
        name: What the test is called.
    """

    name: str

    @property
    def waits(self) -> bool:
        """True for a case that mostly waits: it begins first, and beside the others."""
        return False

    @abstractmethod
    async def play(self, stage: Stage) -> None:
        """Play the case; raises when something is not as it has to be."""

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class Batch:
    """Runs the chosen cases, a few at a time, and keeps how each ended.

    Args:
        lab: The platform.
        records: Its call records.
        cases: What to run.
    """

    def __init__(self, lab: Lab, records: Records, cases: Iterable[Case]) -> None:
        self._lab = lab
        self._records = records
        self._places = asyncio.Semaphore(AT_ONCE)
        chosen = sorted(dict.fromkeys(cases), key=lambda case: not case.waits)
        self._tasks = {case: asyncio.create_task(self._run(case), name=case.name) for case in chosen}

    async def _run(self, case: Case) -> None:
        async with asyncio.timeout(CASE_SECONDS):
            if case.waits:
                await self._play(case)
            else:
                async with self._places:
                    await self._play(case)

    async def _play(self, case: Case) -> None:
        async with Stage(self._lab, self._records) as stage:
            await case.play(stage)

    async def outcome(self, case: Case) -> None:
        """Wait for the end of a case; raises what it raised."""
        await self._tasks[case]

    async def close(self) -> None:
        """Stop what still runs."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
