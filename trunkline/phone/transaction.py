"""SIP transactions (RFC 3261 section 17, with the Accepted state of RFC 6026)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from trunkline.phone.errors import ConnectionLostError, MessageError, PhoneTimeoutError
from trunkline.phone.message import Message
from trunkline.phone.transport import Flow
from trunkline.phone.uri import format_parameters

BRANCH_COOKIE = "z9hG4bK"
TRYING = 100


@dataclass(frozen=True)
class Timers:
    """The basic timers of RFC 3261 table 4, in seconds; tests may shorten them."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @property
    def timeout(self) -> float:
        """64 times T1: how long a transaction waits (timers B, F, H, L, M)."""
        return 64 * self.t1


class _Transaction:
    def __init__(self, layer: TransactionLayer, request: Message, flow: Flow) -> None:
        self.layer = layer
        self.request = request
        self.flow = flow
        self.state = ""
        self.key: tuple[str, ...] = ()
        self._handles: dict[str, asyncio.TimerHandle] = {}

    def later(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        self.stop(name)
        self._handles[name] = asyncio.get_running_loop().call_later(seconds, action)

    def stop(self, name: str) -> None:
        handle = self._handles.pop(name, None)
        if handle:
            handle.cancel()

    def terminate(self) -> None:
        """Stop all timers and forget the transaction."""
        self.state = "terminated"
        for name in list(self._handles):
            self.stop(name)
        self.layer.forget(self)


class ClientTransaction(_Transaction):
    """A request of ours.

    Attributes:
        final: Result: the first final response; or PhoneTimeoutError, ConnectionLostError.
    """

    def __init__(
        self, layer: TransactionLayer, request: Message, flow: Flow, on_response: Callable[[Message], None]
    ) -> None:
        super().__init__(layer, request, flow)
        self.invite = request.method == "INVITE"
        self.final: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.final.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._on_response = on_response
        self._interval = layer.timers.t1

    def start(self) -> None:
        """Send the request, start timers A and B, or E and F."""
        self.state = "calling"
        self.layer.transmit(self.request, self.flow)
        self.later("timeout", self.layer.timers.timeout, self._timed_out)
        if not self.layer.reliable:
            self.later("retransmit", self._interval, self._retransmit)

    def _retransmit(self) -> None:
        self.layer.transmit(self.request, self.flow)
        proceeding = self.state == "proceeding"
        longest = self.layer.timers.timeout if self.invite else self.layer.timers.t2
        self._interval = self.layer.timers.t2 if proceeding else min(2 * self._interval, longest)
        self.later("retransmit", self._interval, self._retransmit)

    def _timed_out(self) -> None:
        seconds = self.layer.timers.timeout
        self.fail(PhoneTimeoutError(f"no final answer to {self.request.start} within {seconds:g} s"))

    def fail(self, error: Exception) -> None:
        """End the transaction with an error."""
        if not self.final.done():
            self.final.set_exception(error)
        self.terminate()

    def receive(self, response: Message) -> None:
        """Take a response (RFC 3261 figures 5 and 6)."""
        if response.is_provisional:
            if self.state in {"calling", "proceeding"}:
                self.state = "proceeding"
                if self.invite:
                    self.stop("retransmit")
                    self.stop("timeout")  # an INVITE may ring as long as people let it
                self._on_response(response)
            return
        self.stop("timeout")
        self.stop("retransmit")
        if not self.invite:
            self._finish(response, self.layer.timers.t4)
        elif response.is_success:
            self._finish(response, self.layer.timers.timeout, always=True)
        else:
            self._finish(response, self.layer.timers.timeout)
            self.layer.transmit(self._ack(response), self.flow)

    def _finish(self, response: Message, linger: float, *, always: bool = False) -> None:
        if self.state == "completed":
            if always:
                self._on_response(response)  # a repeated or forked 2xx: the user of the transaction acknowledges
            return
        self.state = "completed"
        if always or not self.layer.reliable:
            self.later("linger", linger, self.terminate)
        else:
            self.terminate()
        if not self.final.done():
            self.final.set_result(response)
        self._on_response(response)

    def _ack(self, response: Message) -> Message:
        request = self.request
        headers = [(name, value) for name, value in request.headers if name in {"From", "Call-ID", "Route"}]
        headers.insert(0, ("Via", request.get_all("Via")[0]))
        headers += [("To", response.get("To")), ("CSeq", f"{request.cseq[0]} ACK"), ("Max-Forwards", "70")]
        return Message.request("ACK", request.uri, headers)


class ServerTransaction(_Transaction):
    """A request of the other side.

    Attributes:
        last: The last response that was sent.
    """

    def __init__(self, layer: TransactionLayer, request: Message, flow: Flow) -> None:
        super().__init__(layer, request, flow)
        self.invite = request.method == "INVITE"
        self.state = "proceeding"
        self.last: Message | None = None
        self._interval = layer.timers.t1

    def respond(self, response: Message) -> None:
        """Send a response; a final one completes the transaction."""
        if self.state != "proceeding":
            return
        self.last = response
        self.layer.transmit(response, self.flow)
        if response.is_provisional:
            return
        timers = self.layer.timers
        if self.invite and response.is_success:
            self.state = "accepted"  # repeated by the call until its ACK, on every transport
            self.later("end", timers.timeout, self.terminate)
        elif self.invite:
            self.state = "completed"
            self.later("end", timers.timeout, self.terminate)
            if not self.layer.reliable:
                self.later("retransmit", self._interval, self._retransmit)
        else:
            self.state = "completed"
            if self.layer.reliable:
                self.terminate()
            else:
                self.later("end", timers.timeout, self.terminate)

    def _retransmit(self) -> None:
        if self.last:
            self.layer.transmit(self.last, self.flow)
        self._interval = min(2 * self._interval, self.layer.timers.t2)
        self.later("retransmit", self._interval, self._retransmit)

    def repeated(self) -> None:
        """Answer a retransmission of the request as before."""
        if self.last and self.state in {"proceeding", "completed"}:
            self.layer.transmit(self.last, self.flow)

    def acknowledged(self) -> None:
        """Take the ACK of a final response other than 2xx."""
        if self.state == "completed":
            self.stop("retransmit")
            self.state = "confirmed"
            if self.layer.reliable:
                self.terminate()
            else:
                self.later("end", self.layer.timers.t4, self.terminate)


class TransactionLayer:
    """All transactions of one user agent.

    Args:
        timers: The basic timers.
        reliable: True when the transport is reliable: nothing is repeated then.
        transmit: Sends (and logs) a message on a flow.
        on_request: Called with every new request and its transaction, and with every ACK that belongs to a 2xx.
    """

    def __init__(
        self,
        timers: Timers,
        *,
        reliable: bool,
        transmit: Callable[[Message, Flow], None],
        on_request: Callable[[Message, ServerTransaction], None],
    ) -> None:
        self.timers = timers
        self.reliable = reliable
        self.transmit = transmit
        self._on_request = on_request
        self._clients: dict[tuple[str, ...], ClientTransaction] = {}
        self._servers: dict[tuple[str, ...], ServerTransaction] = {}

    def request(
        self, request: Message, flow: Flow, sent_by: str, on_response: Callable[[Message], None] | None = None
    ) -> ClientTransaction:
        """Send a request in a transaction of its own; a fresh topmost Via is added.

        Args:
            request: The request; its Via headers are replaced.
            flow: Where to send it.
            sent_by: ``TRANSPORT host:port`` of the Via, for example ``UDP 192.0.2.1:5060``.
            on_response: Called with provisional responses, the final one, and later 2xx of an INVITE.
        """
        add_via(request, sent_by)
        transaction = ClientTransaction(self, request, flow, on_response or (lambda _response: None))
        self._start(transaction)
        return transaction

    def _start(self, transaction: ClientTransaction) -> None:
        request = transaction.request
        transaction.key = (request.via.parameter("branch") or "", request.method)
        self._clients[transaction.key] = transaction
        transaction.start()

    def cancel(self, invite: ClientTransaction) -> ClientTransaction:
        """Send the CANCEL of an INVITE (RFC 3261 section 9.1): same branch, hop by hop."""
        request = invite.request
        kept = {"From", "To", "Call-ID", "Max-Forwards", "Route"}
        headers = [("Via", request.get_all("Via")[0])]
        headers += [(name, value) for name, value in request.headers if name in kept]
        headers.append(("CSeq", f"{request.cseq[0]} CANCEL"))
        cancel = Message.request("CANCEL", request.uri, headers)
        transaction = ClientTransaction(self, cancel, invite.flow, lambda _response: None)
        self._start(transaction)
        # an INVITE that was cancelled gets its final answer within 64*T1, or it never gets one
        invite.later("timeout", self.timers.timeout, invite._timed_out)  # noqa: SLF001 - one module, one owner
        return transaction

    def invite_of(self, cancel: Message) -> ServerTransaction | None:
        """Return the INVITE transaction that a CANCEL means (RFC 3261 section 9.2)."""
        return self._servers.get(_server_key(cancel, "INVITE"))

    def receive(self, message: Message, flow: Flow) -> None:
        """Take a message from the transport.

        Raises:
            MessageError: Via or CSeq is absent or malformed.
        """
        if not message.is_request:
            client = self._clients.get((message.via.parameter("branch") or "", message.cseq[1]))
            if client:
                client.receive(message)
            return
        if message.cseq[1] != message.method:
            raise MessageError(f"CSeq names {message.cseq[1]}, the request is {message.method}")
        key = _server_key(message, "INVITE" if message.method == "ACK" else message.method)
        server = self._servers.get(key)
        if message.method == "ACK":
            if server and server.state != "accepted":
                server.acknowledged()
            else:
                self._on_request(message, ServerTransaction(self, message, flow))
        elif server:
            server.repeated()
        else:
            server = self._servers[key] = ServerTransaction(self, message, flow)
            server.key = key
            self._on_request(message, server)

    def flow_lost(self, flow: Flow) -> None:
        """Fail every request that waits for an answer on a flow that broke."""
        for client in list(self._clients.values()):
            if client.flow is flow:
                address = f"{flow.peer[0]}:{flow.peer[1]}"
                client.fail(ConnectionLostError(f"the connection to {address} broke during {client.request.start}"))

    def forget(self, transaction: _Transaction) -> None:
        """Remove a transaction that ended."""
        self._clients.pop(transaction.key, None)
        self._servers.pop(transaction.key, None)

    def close(self) -> None:
        """End everything at once."""
        for client in list(self._clients.values()):
            client.fail(ConnectionLostError(f"the phone was stopped during {client.request.start}"))
        for server in list(self._servers.values()):
            server.terminate()


class Repeater:
    """Sends a response again and again until it is acknowledged: 2xx of an INVITE, reliable provisional responses.

    Args:
        timers: T1 is the first interval.
        longest: Longest interval in seconds (T2 for 2xx, RFC 3261 section 13.3.1.4).
        send: Sends the response once more.
        gave_up: Called when 64*T1 have passed.
    """

    def __init__(self, timers: Timers, longest: float, send: Callable[[], None], gave_up: Callable[[], None]) -> None:
        self._timers = timers
        self._longest = longest
        self._send = send
        self._gave_up = gave_up
        self._interval = timers.t1
        self._passed = 0.0
        self._handle: asyncio.TimerHandle | None = None
        self.running = False

    def start(self) -> None:
        """Send now, and begin to wait."""
        self.running = True
        self._send()
        self._schedule()

    def _schedule(self) -> None:
        self._handle = asyncio.get_running_loop().call_later(self._interval, self._again)

    def _again(self) -> None:
        self._passed += self._interval
        self._interval = min(2 * self._interval, self._longest)
        if self._passed >= self._timers.timeout:
            self.running = False
            self._gave_up()
            return
        self._send()
        self._schedule()

    def stop(self) -> None:
        """Stop: it was acknowledged."""
        self.running = False
        if self._handle:
            self._handle.cancel()


def note_source(request: Message, flow: Flow) -> None:
    """Write into the topmost Via where a request really came from (RFC 3261 section 18.2.1, RFC 3581 section 4)."""
    via = request.via
    parameters = [pair for pair in via.parameters if pair[0] not in {"received", "rport"}]
    if via.sent_by.rpartition(":")[0] != flow.peer[0] or via.parameter("rport") is not None:
        parameters.append(("received", flow.peer[0]))
    if via.parameter("rport") is not None:
        parameters.append(("rport", str(flow.peer[1])))
    first, *others = request.get_all("Via")
    del first
    value = f"SIP/2.0/{via.transport} {via.sent_by}{format_parameters(tuple(parameters))}"
    request.set("Via", ", ".join([value, *others]))


def add_via(request: Message, sent_by: str) -> None:
    """Replace the Via headers of a request by one with a fresh branch; ``rport`` asks for RFC 3581."""
    request.remove("Via")
    transport, _, host = sent_by.partition(" ")
    branch = f"{BRANCH_COOKIE}{secrets.token_hex(10)}"
    request.headers.insert(0, ("Via", f"SIP/2.0/{transport} {host};rport;branch={branch}"))


def _server_key(request: Message, method: str) -> tuple[str, ...]:
    via = request.via
    branch = via.parameter("branch") or ""
    if not branch.startswith(BRANCH_COOKIE):
        # a peer of RFC 2543: what identifies its transaction is spread over the request (section 17.2.3)
        branch = f"{request.call_id} {request.cseq[0]} {request.from_.tag} {request.uri}"
    return branch, via.sent_by.lower(), method
