"""The dry driver: what would happen to a call, as text, without a channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trunkline.callflow.configuration import ClientConfiguration
from trunkline.callflow.engine import CallState, Event, Reject, Ring, RingEnded, Step, decide


def unanswered(step: Ring) -> RingEnded:
    """Return the end of a ring that nobody answered."""
    return RingEnded(step)


def walk(
    configuration: ClientConfiguration,
    state: CallState,
    event: Event,
    outcome: Callable[[Ring], RingEnded] = unanswered,
) -> Iterator[Step]:
    """Give every step of a call until nothing is left to do.

    Args:
        configuration: The client's.
        state: Of the call.
        event: What happens first.
        outcome: Tells how each ring ends.
    """
    pending: Event | None = event
    while pending is not None:
        steps, pending = decide(configuration, state, pending), None
        for step in steps:
            yield step
            if isinstance(step, Ring):
                pending = outcome(step)


def describe(step: Step) -> str:
    """Return one step as a line of text, with the configuration that caused it."""
    if isinstance(step, Reject):
        return f"reject {step.code} ({step.reason})  <- {step.cause}"
    shown = f"{step.caller.name} <{step.caller.number}>".strip()
    return f"ring {step.address} for {step.seconds} s, showing {shown}  <- {step.cause}"
