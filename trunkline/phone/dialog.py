"""Dialogs (RFC 3261 section 12)."""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.phone.message import Message
from trunkline.phone.uri import NameAddress, Uri


@dataclass
class Dialog:
    """One dialog, seen from our side.

    Attributes:
        local: Our address with our tag.
        remote: The other side's address with its tag.
        target: Where requests of this dialog are meant for: the Contact of the other side.
        routes: Route values in the order of sending.
        local_sequence: Last CSeq number that we used.
        remote_sequence: Highest CSeq number that the other side used; -1 before its first request.
    """

    call_id: str
    local: NameAddress
    remote: NameAddress
    target: Uri
    routes: list[str] = field(default_factory=list)
    local_sequence: int = 0
    remote_sequence: int = -1

    @classmethod
    def as_caller(cls, invite: Message, response: Message) -> Dialog:
        """Return the dialog that a response to our INVITE makes (section 12.1.2).

        Raises:
            MessageError: To or Contact of the response is malformed.
        """
        contact = response.get("Contact")
        return cls(
            call_id=invite.call_id,
            local=invite.from_,
            remote=response.to,
            target=NameAddress.parse(contact).uri if contact else Uri.parse(invite.uri),
            routes=response.get_all("Record-Route")[::-1],
            local_sequence=invite.cseq[0],
        )

    @classmethod
    def as_callee(cls, invite: Message, tag: str) -> Dialog:
        """Return the dialog that an INVITE to us makes (section 12.1.1).

        Raises:
            MessageError: From, To or Contact of the INVITE is malformed.
        """
        return cls(
            call_id=invite.call_id,
            local=invite.to.with_tag(tag),
            remote=invite.from_,
            target=NameAddress.parse(invite.get("Contact")).uri,
            routes=invite.get_all("Record-Route"),
            remote_sequence=invite.cseq[0],
        )

    def request(self, method: str, *, sequence: int | None = None) -> Message:
        """Return a request within the dialog, without Via and Contact (section 12.2.1.1).

        Args:
            method: The method.
            sequence: CSeq number; the next one when absent (ACK repeats that of its INVITE).
        """
        if sequence is None:
            self.local_sequence += 1
            sequence = self.local_sequence
        headers = [("Route", route) for route in self.routes]
        headers += [
            ("Max-Forwards", "70"),
            ("From", str(self.local)),
            ("To", str(self.remote)),
            ("Call-ID", self.call_id),
            ("CSeq", f"{sequence} {method}"),
        ]
        return Message.request(method, self.target, headers)

    def next_hop(self) -> Uri:
        """Return where requests go: the first route, or the target (loose routing only)."""
        return NameAddress.parse(self.routes[0]).uri if self.routes else self.target

    def refresh_target(self, message: Message) -> None:
        """Take the Contact of a target refresh (INVITE, UPDATE, and their 2xx)."""
        contact = message.get("Contact")
        if contact:
            self.target = NameAddress.parse(contact).uri

    def accepts(self, request: Message) -> bool:
        """Tell whether a request is in order, and remember its number (section 12.2.2)."""
        number = request.cseq[0]
        if request.method == "ACK":
            return True
        if number <= self.remote_sequence:
            return False
        self.remote_sequence = number
        return True
