"""The dry driver: what would happen to a call, as text, without a channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from trunkline.callflow.configuration import ClientConfiguration
from trunkline.callflow.engine import decide
from trunkline.callflow.steps import CallState, Event, Outside, OutsideEnded, Reject, Ring, RingEnded, Step


def unanswered(step: Ring | Outside) -> RingEnded | OutsideEnded:
    """Return the end of a ring, or of a call to the outside, that nobody answered."""
    return RingEnded(step) if isinstance(step, Ring) else OutsideEnded(step)


def walk(
    configuration: ClientConfiguration,
    state: CallState,
    event: Event,
    outcome: Callable[[Ring | Outside], RingEnded | OutsideEnded] = unanswered,
) -> Iterator[Step]:
    """Give every step of a call until nothing is left to do.

    Args:
        configuration: The client's.
        state: Of the call.
        event: What happens first.
        outcome: Tells how each ring, and each call to the outside, ends.
    """
    pending: Event | None = event
    while pending is not None:
        steps, pending = decide(configuration, state, pending), None
        for step in steps:
            yield step
            if not isinstance(step, Reject):
                pending = outcome(step)


@dataclass(frozen=True, slots=True)
class Line:
    """What one decision of the engine comes to.

    Attributes:
        text: Half a sentence for people.
        cause: Path of the configuration that caused it; empty when nothing of the configuration did.
    """

    text: str
    cause: str


def describe(step: Step) -> tuple[Line, ...]:
    """Return one step as lines of text, each with the configuration that caused it."""
    if isinstance(step, Reject):
        return (Line(f"refuses the call with {step.code}: {step.reason}", step.cause),)
    if isinstance(step, Outside):
        whose = f" by way of {step.diverted}" if step.diverted else ""
        return (Line(f"calls {step.number} outside{whose}", step.cause),)
    shown = f"{step.caller.name} <{step.caller.number}>".strip()
    return (
        Line(f"rings {step.address} for {step.seconds} s", step.cause),
        Line(f"lets it show {shown}", step.caller.cause),
    )
