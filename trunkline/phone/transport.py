"""How SIP messages travel: UDP, TCP and TLS (RFC 3261 section 18); WebSocket is in `trunkline.phone.websocket`.

A `Flow` is a way to one peer: the address of a datagram peer, or an open connection. Responses go back on the flow of
their request, so a phone behind NAT, a TLS proxy and a WebSocket are all answered alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trunkline.phone import sockets
from trunkline.phone.errors import ConnectionLostError, MessageError
from trunkline.phone.message import StreamReader

Address = tuple[str, int]
CONNECT_SECONDS = 8.0


@dataclass(frozen=True)
class TlsSettings:
    """What TLS and WSS need.

    Attributes:
        ca_file: Certificates to trust; None means those of the system.
        server_name: Name to ask for and to find in the certificate; empty means the proxy as it is written.
        certificate: PEM file of an own certificate; needed only to be called directly.
        key: PEM file of the key that belongs to it.
    """

    ca_file: Path | None = None
    server_name: str = ""
    certificate: Path | None = None
    key: Path | None = None

    def client_context(self) -> ssl.SSLContext:
        """Return a context that verifies the server's certificate and name."""
        return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)

    def server_context(self) -> ssl.SSLContext | None:
        """Return a context to be called with, or None without an own certificate."""
        if self.certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


class Flow(ABC):
    """A way to one peer.

    Attributes:
        peer: Address and port of the other side.
        closed: True once nothing can be sent on it any more.
    """

    peer: Address
    closed: bool = False

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Send one message; it is dropped when the flow is closed."""


class Transport(ABC):
    """One transport of one user agent.

    Args:
        ip: Own IPv4 address; everything is bound to it.
        receive: Called with the bytes of every message and the flow it came on.
        lost: Called with a flow that broke.
    """

    protocol = ""
    reliable = True
    secure = False

    def __init__(self, ip: str, receive: Callable[[bytes, Flow], None], lost: Callable[[Flow], None]) -> None:
        self.ip = ip
        self.port = 0
        self.receive = receive
        self.lost = lost

    @property
    def sent_by(self) -> str:
        """What Via says."""
        return f"{self.ip}:{self.port}"

    @property
    def contact_host(self) -> str:
        """Host and port of our Contact."""
        return self.sent_by

    @property
    def contact_transport(self) -> str:
        """Value of the ``transport`` parameter of our Contact."""
        return self.protocol.lower()

    @abstractmethod
    async def open(self, *, proxy: Address | None) -> None:
        """Start; with a proxy, connect to it.

        Raises:
            ConnectionLostError: The address cannot be bound, or the proxy cannot be reached.
        """

    @abstractmethod
    async def flow_to(self, address: Address) -> Flow:
        """Return a flow to an address: an open one if there is one.

        Raises:
            ConnectionLostError: The address cannot be reached.
        """

    @abstractmethod
    async def close(self) -> None:
        """Close everything; safe to call twice."""


class _UdpFlow(Flow):
    def __init__(self, transport: asyncio.DatagramTransport, peer: Address) -> None:
        self._transport = transport
        self.peer = peer

    def send(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(data, self.peer)


class UdpTransport(Transport, asyncio.DatagramProtocol):
    """SIP over UDP: one socket for everything."""

    protocol = "UDP"
    reliable = False

    _transport: asyncio.DatagramTransport | None = None

    async def open(self, *, proxy: Address | None) -> None:
        """Bind the socket."""
        del proxy
        loop = asyncio.get_running_loop()
        try:
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=sockets.udp(self.ip, self.port))
        except OSError as error:
            raise ConnectionLostError(f"cannot bind UDP {self.ip}:{self.port}: {error.strerror}") from error
        self.port = self._transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Hand a datagram over; keep-alives (blank datagrams) are dropped."""
        if data.strip(b"\r\n\0 ") and self._transport:
            self.receive(data, _UdpFlow(self._transport, (addr[0], addr[1])))

    async def flow_to(self, address: Address) -> Flow:
        """Return a flow to an address; names are resolved."""
        if not self._transport:
            raise ConnectionLostError("the UDP transport is not open")
        return _UdpFlow(self._transport, await resolve(address))

    async def close(self) -> None:
        """Close the socket."""
        if self._transport:
            self._transport.close()


class _StreamFlow(Flow):
    def __init__(self, writer: asyncio.StreamWriter, peer: Address) -> None:
        self.writer = writer
        self.peer = peer

    def send(self, data: bytes) -> None:
        if not self.closed and not self.writer.is_closing():
            self.writer.write(data)


class StreamTransport(Transport):
    """SIP over TCP, or TLS when settings for it are given.

    With a proxy the connection to it carries everything and the Contact names its local port, so that the proxy finds
    it again. Without one the user agent listens, and its Contact names the listening port.
    """

    def __init__(
        self,
        ip: str,
        receive: Callable[[bytes, Flow], None],
        lost: Callable[[Flow], None],
        tls: TlsSettings | None = None,
    ) -> None:
        super().__init__(ip, receive, lost)
        self.protocol = "TLS" if tls else "TCP"
        self.secure = tls is not None
        self._tls = tls
        self._flows: dict[Address, _StreamFlow] = {}
        self._readers: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self, *, proxy: Address | None) -> None:
        """Connect to the proxy, or listen when there is none."""
        if proxy:
            flow = await self._connect(await resolve(proxy))
            self.port = flow.writer.get_extra_info("sockname")[1]
            return
        context = self._tls.server_context() if self._tls else None
        if self.secure and context is None:
            raise ConnectionLostError(
                "a TLS phone without a proxy needs a certificate of its own",
                remedy="give TlsSettings(certificate=..., key=...), or a proxy",
            )
        try:
            self._server = await asyncio.start_server(
                self._accepted, sock=sockets.listening(self.ip, self.port), ssl=context
            )
        except OSError as error:
            raise ConnectionLostError(f"cannot listen on {self.ip}:{self.port}: {error.strerror}") from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def flow_to(self, address: Address) -> Flow:
        """Return the connection to an address, or open one."""
        resolved = await resolve(address)
        flow = self._flows.get(resolved)
        return flow if flow and not flow.closed else await self._connect(resolved)

    async def _connect(self, address: Address) -> _StreamFlow:
        context = self._tls.client_context() if self._tls else None
        name = (self._tls.server_name or address[0]) if self._tls else None
        raw: socket.socket | None = None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                raw = sockets.connecting(self.ip)
                await asyncio.get_running_loop().sock_connect(raw, address)
                reader, writer = await asyncio.open_connection(sock=raw, ssl=context, server_hostname=name)
        except (OSError, TimeoutError) as error:
            if raw:
                raw.close()
            cause = str(error) or f"no answer within {CONNECT_SECONDS:g} s"
            raise ConnectionLostError(
                f"cannot connect by {self.protocol} from {self.ip} to {address[0]}:{address[1]}: {cause}"
            ) from error
        flow = _StreamFlow(writer, address)
        self._start_reading(reader, flow)
        return flow

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        self._start_reading(reader, _StreamFlow(writer, (peer[0], peer[1])))

    def _start_reading(self, reader: asyncio.StreamReader, flow: _StreamFlow) -> None:
        self._flows[flow.peer] = flow
        task = asyncio.create_task(self._read(reader, flow), name=f"{self.protocol} from {flow.peer[0]}:{flow.peer[1]}")
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)

    async def _read(self, reader: asyncio.StreamReader, flow: _StreamFlow) -> None:
        cutter = StreamReader()
        try:
            while data := await reader.read(65536):
                for message in cutter.feed(data):
                    self.receive(message, flow)
        except (OSError, MessageError):
            pass  # the connection is useless now; what waits for an answer on it is told below
        finally:
            flow.closed = True
            flow.writer.close()
            if self._flows.get(flow.peer) is flow:
                del self._flows[flow.peer]
            self.lost(flow)

    async def close(self) -> None:
        """Close the listener and every connection."""
        if self._server:
            self._server.close()
        flows = list(self._flows.values())
        for task in list(self._readers):
            task.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        for flow in flows:
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(flow.writer.wait_closed(), 1)


async def resolve(address: Address) -> Address:
    """Return an address with its host as IPv4 literal.

    Raises:
        ConnectionLostError: The name is unknown.
    """
    host, port = address
    if host.replace(".", "").isdigit():
        return address
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=2)
    except OSError as error:
        raise ConnectionLostError(f"cannot resolve {host}: {error.strerror}") from error
    return str(found[0][4][0]), port
