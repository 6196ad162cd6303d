"""Waiting for something outside of this process, with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], seconds: float, what: Callable[[], str] | str, *, step: float = 0.2) -> T:
    """Ask until the answer is true, and return it.

    Args:
        condition: What to ask; an exception of it is an answer that is not true yet.
        seconds: Deadline.
        what: What was expected, for the message.
        step: Pause between two questions in seconds.

    Raises:
        AssertionError: The deadline passed.
    """
    deadline = time.monotonic() + seconds
    while True:
        problem: object = None
        answer: T | None = None
        try:
            answer = condition()
        except (OSError, AssertionError, ValueError, LookupError) as error:
            problem = error
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in {"psycopg", "trunkline"}:
                raise
            problem = error
        if answer:
            return answer
        if time.monotonic() > deadline:
            said = what() if callable(what) else what
            raise AssertionError(f"{said}: not within {seconds:g} s; last answer: {problem or answer!r}")
        time.sleep(step)


async def until_async(
    condition: Callable[[], T], seconds: float, what: Callable[[], str] | str, *, step: float = 0.2
) -> T:
    """Do as `until` in a thread, so that phones go on."""
    return await asyncio.to_thread(lambda: until(condition, seconds, what, step=step))
