"""What the call-flow engine is told (events), and what it wants done (steps)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from trunkline.callflow.configuration import Device, User


@dataclass(frozen=True, slots=True)
class CallState:
    """What is known about the call besides the configuration.

    Attributes:
        transfers: How often the call was transferred so far.
        ring_seconds: How long a user's telephone rings.
        outside_seconds: How long a number outside rings.
        hops: How often the call came back to the platform so far.
    """

    transfers: int = 0
    ring_seconds: int = 60
    outside_seconds: int = 180
    hops: int = 0


@dataclass(frozen=True, slots=True)
class Party:
    """Who calls, or who is called.

    Attributes:
        number: What the other telephone shows, and dials to call back.
        name: Display name, may be empty.
        cause: Path of the configuration that says so; empty when no configuration does.
        outside: The number is one outside, in E.164: who is shown it gets it in its own form.
    """

    number: str
    name: str
    cause: str = field(default="", compare=False)
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """How a call has got where it is.

    Attributes:
        caller: Who calls.
        external: Whether it came from outside.
        presented: The number that the caller wants to present outside, as it wrote it; empty for none.
        ddi: The DDI that was called; empty for none.
        dialled: The extension that was called; empty for none.
        forwards: How often it was forwarded.
        payer: Id of the endpoint whose call it is if it goes outside: who dialled, transferred or forwarded last.
    """

    caller: Party
    external: bool = False
    presented: str = ""
    ddi: str = ""
    dialled: str = ""
    forwards: int = 0
    payer: str = ""


@dataclass(frozen=True, slots=True)
class Dialled:
    """Event: somebody dialled a number, or transferred a party of the call to it.

    Attributes:
        endpoint: Id of the terminal or device that now calls: the caller's, or the transferred party's; empty for one
            outside.
        caller: Number of that party as the proxy handed it over; used when the endpoint is not (yet) known.
        number: What was dialled.
        domain: SIP domain of the target of a transfer; empty for a dialled number.
        presented: The number that the caller wants to present outside, as it wrote it; empty for none.
        payer: Id of the endpoint that transferred the party: a call to the outside is that one's; empty for none.
    """

    endpoint: str
    caller: str
    number: str
    domain: str = ""
    presented: str = ""
    payer: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Event: a call came in from outside.

    Attributes:
        ddi: The number that was called, E.164.
        caller: The caller's number, E.164 where it has one.
    """

    ddi: str
    caller: str


@dataclass(frozen=True, slots=True)
class Ring:
    """Step: ring one endpoint, connect the call when it answers.

    Attributes:
        endpoint: Id of the terminal or device.
        address: ``name@domain``.
        caller: What the telephone shows.
        callee: Who is rung; becomes the caller when this party is transferred.
        seconds: Give up after so many seconds.
        cause: Path of the configuration that caused the step.
        called: The DDI by which the endpoint wants to be called; empty for its own name.
        way: How the call got here.
        owner: Whose endpoint it is; None where nothing is left to do after the ring.
    """

    endpoint: str
    address: str
    caller: Party
    callee: Party
    seconds: int
    cause: str
    called: str = ""
    way: Way = field(default_factory=lambda: Way(Party("", "")), compare=False, repr=False)
    owner: User | Device | None = field(default=None, compare=False, repr=False)


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
class Outside:
    """Step: call a number outside, connect the call when it is answered.

    Attributes:
        endpoint: Id of the endpoint whose call it is, which pays and whose number is shown; empty for the client.
        number: As the endpoint would dial it, or E.164.
        presented: The number that is wanted as the caller's; empty for the endpoint's own.
        diverted: The DDI by which the call came; empty for none.
        seconds: Give up after so many seconds.
        hops: How often the call came back to the platform so far.
        cause: Path of the configuration that caused the step; empty when somebody dialled the number.
    """

    endpoint: str
    number: str
    presented: str
    diverted: str
    seconds: int
    hops: int
    cause: str


@dataclass(frozen=True, slots=True)
class OutsideEnded:
    """Event: the end of an `Outside`.

    Attributes:
        outside: The step.
        answered: Somebody answered, and that conversation is over.
        cancelled: The caller hung up before.
        code: SIP status of the outside, or of what refused the number; 0 when time ran out.
        reason: Why it was refused before anybody outside was asked; else empty.
    """

    outside: Outside
    answered: bool = False
    cancelled: bool = False
    code: int = 0
    reason: str = ""


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


Event: TypeAlias = Dialled | Arrived | RingEnded | OutsideEnded
Step: TypeAlias = Ring | Outside | Reject
