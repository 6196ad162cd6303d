"""What is asked about a call, and what the answer consists of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from trunkline.callflow.steps import Ring
    from trunkline.explain.answers import Attempt
    from trunkline.source import Place

PROXY = "users proxy"
LOGIC = "call logic"
TRUNKS = "trunks proxy"


@dataclass(frozen=True)
class Question:
    """A call that is not made yet.

    Attributes:
        user: Account of the calling telephone; of a call that is known by its address, the number that calls.
        domain: SIP domain of that account, or the address that the call comes from.
        number: What is dialled.
        target: SIP domain of what is dialled.
        from_user: Whom the telephone calls itself in its From; as a rule the account.
        from_domain: The domain of its From.
        at: When the call is made; None for now.
        presented: The number that the telephone wants to present outside; empty for none.
    """

    user: str
    domain: str
    number: str
    target: str
    from_user: str
    from_domain: str
    at: dt.datetime | None = None
    presented: str = ""


@dataclass(frozen=True)
class Decision:
    """One thing that is decided about a call.

    Attributes:
        by: Who decides: ``users proxy``, ``call logic`` or ``trunks proxy``.
        text: What is decided, half a sentence.
        causes: Paths of the configuration that made it so: ``atlas/acme/user/alice``, ``atlas/acme/domain``,
            ``host/as1``; ``host`` for all hosts. Empty only where nothing of the inventory has a part in it.
        code: The caller's final SIP status where the call ends here; 0 where it goes on.
        when: Under which condition; empty for always.
    """

    by: str
    text: str
    causes: tuple[str, ...] = ()
    code: int = 0
    when: str = ""


@dataclass
class Call:
    """A call on its way: what each step has found out for those behind it.

    The names are those of the variables of the proxy that hold the same.

    Attributes:
        question: What was asked.
        path: ``brand/client`` of the client.
        client: Id of the client.
        media_set: Name of the client's set of media relays.
        endpoint: Id of the calling terminal.
        extension: Number that its user presents; empty for none.
        caller: What call logic is told about the caller, and the record says.
        servers: URIs of the application servers in the order in which they are tried.
        server_names: Their names.
        relays: Relays of the media set, with the number of places that each has in the sequence.
        ring: The first telephone that rings; None while there is none.
        contacts: Where that telephone is registered.
        kind: ``terminal``, ``device``, ``account`` or ``wholesale``: who calls.
        client_type: Of the called client, for a call from outside.
        ddi: The DDI that was called from outside; empty for a call from inside.
        target: SIP user name of the retail account that the DDI leads to.
        attempts: The servers of carriers that a call to the outside tries.
    """

    question: Question
    path: str = ""
    client: str = ""
    media_set: str = ""
    endpoint: str = ""
    extension: str = ""
    caller: str = ""
    servers: tuple[str, ...] = ()
    server_names: tuple[str, ...] = ()
    relays: dict[str, int] = field(default_factory=dict)
    ring: Ring | None = None
    contacts: tuple[str, ...] = ()
    kind: str = "terminal"
    client_type: str = ""
    ddi: str = ""
    target: str = ""
    attempts: tuple[Attempt, ...] = ()

    @property
    def terminal(self) -> str:
        """The cause that stands for the calling terminal, device or account."""
        if self.kind == "wholesale":
            return f"{self.path}/sources"
        return f"{self.path}/{self.kind}/{self.question.user}"


@dataclass(frozen=True)
class Explanation:
    """What will happen to a call.

    Attributes:
        call: The call at the end of its way.
        decisions: In the order in which they are taken.
        reasons: SIP status -> reason that the call record will give, for every status among the decisions.
        places: Path of a cause -> its place in the inventory; None for what the inventory does not have.
        notes: What a reader has to know about the answer as a whole.
    """

    call: Call
    decisions: tuple[Decision, ...]
    reasons: dict[int, str]
    places: dict[str, Place | None]
    notes: tuple[str, ...]

    @property
    def refusal(self) -> Decision | None:
        """The decision that ends the call before a telephone rings, if there is one."""
        return next((one for one in self.decisions if one.code and not one.when), None)
