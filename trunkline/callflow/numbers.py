"""What numbers mean: answers of the database that the call-flow engine does not work out itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from trunkline.errors import TrunklineError

DIAL = "select code, reason, caller, callee, ddi, tag, fax from routing.dial(%s, %s, %s, %s)"
"""Parameters: client, endpoint or None, number as it was dialled, number that is to be presented or None."""
SHOWN = "select routing.shown(%s, %s, %s), routing.called(%s, %s, %s)"
"""Parameters: client, endpoint, caller's number; client, endpoint, DDI."""
_SENTENCES = {
    "no_client": "the client is not known any more",
    "no_number": "this is no extension and no number outside",
    "no_outgoing_ddi": "there is no DDI to present outside",
    "tag": "the routing tag is not enabled for the client",
}


class UnavailableError(TrunklineError):
    """What a call needs to know can be had neither from the database nor from memory."""


@dataclass(frozen=True, slots=True)
class Dial:
    """What an endpoint dials, as a call to the outside (``routing.dial``).

    Attributes:
        code: SIP status of the refusal; 0 when it may call.
        reason: Why it is refused, one word; empty when it is not.
        caller: E.164 number that is presented.
        callee: E.164 number that is called.
        ddi: The client's DDI that the call counts for.
        tag: Routing tag, of retail and wholesale clients; empty for none.
        fax: Whether routes for faxes come first.
    """

    code: int = 0
    reason: str = ""
    caller: str = ""
    callee: str = ""
    ddi: str = ""
    tag: str = ""
    fax: bool = False

    @property
    def sentence(self) -> str:
        """The reason as people say it."""
        return _SENTENCES.get(self.reason, self.reason)

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> Dial:
        """Return what a row of `DIAL` says."""
        code, reason, caller, callee, ddi, tag, fax = row
        return cls(code or 0, reason or "", caller or "", callee or "", ddi or "", tag or "", bool(fax))


class Numbers(Protocol):
    """Who knows what numbers mean."""

    async def dial(self, client: str, endpoint: str, number: str, presented: str) -> Dial:
        """Return what an endpoint dials towards the outside; raise UnavailableError."""

    async def shown(self, client: str, endpoint: str, caller: str, called: str) -> tuple[str, str]:
        """Return a caller's number and a called DDI as an endpoint wants them; raise UnavailableError."""
