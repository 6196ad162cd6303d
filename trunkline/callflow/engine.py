"""The call-flow engine: (configuration, state of the call, event) -> steps.

Pure: no clock, no input or output, no memory. A driver reports what happened to the call as an event, executes the
steps it is given in order, and reports the end of a `Ring` as the next event. No steps means: nothing is left to do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from trunkline.callflow.configuration import ClientConfiguration, Extension

MAXIMUM_TRANSFERS = 10
"""A call that was transferred more often is ended: two telephones that transfer to each other never stop otherwise."""


@dataclass(frozen=True, slots=True)
class CallState:
    """What is known about the call besides the configuration.

    Attributes:
        transfers: How often the call was transferred so far.
        ring_seconds: How long a user's telephone rings.
    """

    transfers: int = 0
    ring_seconds: int = 60


@dataclass(frozen=True, slots=True)
class Party:
    """Who calls, or who is called.

    Attributes:
        number: What the other telephone shows, and dials to call back.
        name: Display name, may be empty.
        cause: Path of the configuration that says so; empty when no configuration does.
    """

    number: str
    name: str
    cause: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Dialled:
    """Event: somebody dialled a number, or transferred a party of the call to it.

    Attributes:
        endpoint: Id of the terminal that now calls: the caller's, or the transferred party's.
        caller: Number of that party as the proxy handed it over; used when the endpoint is not (yet) known.
        number: What was dialled.
        domain: SIP domain of the target of a transfer; empty for a dialled number.
    """

    endpoint: str
    caller: str
    number: str
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Ring:
    """Step: ring one terminal, connect the call when it answers.

    Attributes:
        endpoint: Id of the terminal.
        address: ``terminal@domain``.
        caller: What the telephone shows.
        callee: Who is rung; becomes the caller when this party is transferred.
        seconds: Give up after so many seconds.
        cause: Path of the configuration that caused the step.
    """

    endpoint: str
    address: str
    caller: Party
    callee: Party
    seconds: int
    cause: str


@dataclass(frozen=True, slots=True)
class RingEnded:
    """Event: the end of a `Ring`.

    Attributes:
        ring: The step.
        answered: Somebody answered, and that conversation is over.
        cancelled: The caller hung up before.
        code: SIP status of the called leg's last answer; 0 when time ran out first.
    """

    ring: Ring
    answered: bool = False
    cancelled: bool = False
    code: int = 0


@dataclass(frozen=True, slots=True)
class Reject:
    """Step: end the call.

    Attributes:
        code: SIP status for the caller.
        reason: One sentence.
        cause: Path of the configuration that caused the step.
    """

    code: int
    reason: str
    cause: str


Event: TypeAlias = Dialled | RingEnded
Step: TypeAlias = Ring | Reject


def decide(configuration: ClientConfiguration, state: CallState, event: Event) -> tuple[Step, ...]:
    """Return what has to happen next, in order; nothing when the call is over."""
    if isinstance(event, RingEnded):
        return _after_ring(event)
    if state.transfers > MAXIMUM_TRANSFERS:
        return (Reject(482, f"transferred more than {MAXIMUM_TRANSFERS} times", configuration.path),)
    if event.domain and event.domain != configuration.domain:
        return (Reject(404, f"{event.domain} is not the client's domain", configuration.path),)
    extension = configuration.extensions.get(event.number)
    if extension is None:
        return (Reject(404, "no such extension", f"{configuration.path}/extension/{event.number}"),)
    return _extension(configuration, state, event, extension)


def _extension(
    configuration: ClientConfiguration, state: CallState, event: Dialled, extension: Extension
) -> tuple[Step, ...]:
    path = f"{configuration.path}/extension/{extension.number}"
    user = extension.user
    if user is None:
        return (Reject(404, f"nothing answers an extension of kind {extension.kind}", path),)
    if user.contact is None:
        return (Reject(480, "the user has no terminal", configuration.path_of(user)),)
    return (
        Ring(
            endpoint=user.contact.endpoint,
            address=user.contact.address,
            caller=_caller(configuration, event),
            callee=Party(user.extension or extension.number, user.display_name, configuration.path_of(user)),
            seconds=state.ring_seconds,
            cause=path,
        ),
    )


def _caller(configuration: ClientConfiguration, event: Dialled) -> Party:
    user = configuration.users_by_endpoint.get(event.endpoint)
    if user is None:
        return Party(event.caller, "")
    return Party(user.extension or event.caller, user.display_name, configuration.path_of(user))


def _after_ring(event: RingEnded) -> tuple[Step, ...]:
    if event.answered or event.cancelled:
        return ()
    code, reason = _refusal(event.code)
    return (Reject(code, reason, event.ring.cause),)


def _refusal(code: int) -> tuple[int, str]:
    """Return the status for the caller, given the called leg's (RFC 3261 section 21; 0: time ran out).

    A failure of the called leg is never handed back as one of the whole server, or the proxy would try the next one.
    """
    if code == 0:
        return 480, "no answer"
    if code in {404, 480}:
        return 480, "no telephone of the user is registered"
    if code in {486, 600}:
        return 486, "busy"
    if code == 603:  # noqa: PLR2004 - Decline
        return 603, "declined"
    if 400 <= code < 500 and code not in {401, 407, 408, 481, 487}:  # noqa: PLR2004 - class 4xx
        return code, "refused by the called telephone"
    return 480, f"the called leg failed with {code}"
