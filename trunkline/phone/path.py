"""The way of the media of one call: sockets, ICE, DTLS, SRTP. RTP and RTCP go in and come out in the clear."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from trunkline.phone import sockets
from trunkline.phone.dtls import Certificate, DtlsAssociation, Fingerprint
from trunkline.phone.errors import ConnectionLostError
from trunkline.phone.ice import IceTransport
from trunkline.phone.rtp import is_rtcp
from trunkline.phone.srtp import SrtpReceiver, SrtpSender

Address = tuple[str, int]
Deliver = Callable[[bytes, Address], None]

_BIND_ATTEMPTS = 50
_WAITING_DATAGRAMS = 64
CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class IcePeer:
    """What the other side's description says for ICE."""

    username: str
    password: str
    candidates: tuple[str, ...]
    lite: bool


@dataclass(frozen=True)
class DtlsPeer:
    """What the other side's description says for DTLS, and which part we play."""

    fingerprints: tuple[Fingerprint, ...]
    client: bool


@dataclass
class PathCounters:
    """What happened on the path: datagrams sent, and those that did not prove to come from the other side."""

    sent: int = 0
    rejected: int = 0
    errors: list[str] = field(default_factory=list)


class _Socket(asyncio.DatagramProtocol):
    def __init__(self, receive: Deliver, errors: list[str]) -> None:
        self._receive = receive
        self._errors = errors

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._receive(data, (addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        self._errors.append(str(exc))  # an ICMP error: the other side's port is closed


class MediaPath:
    """Sockets of one call.

    Args:
        ip: Own address.
        ice: Whether to do ICE; RTP and RTCP then share one port.
        certificate: Our certificate, when the keys come by DTLS.
        on_rtp: Called with every RTP packet in the clear and where it came from.
        on_rtcp: The same for RTCP.
    """

    def __init__(
        self, ip: str, *, ice: bool, certificate: Certificate | None, on_rtp: Deliver, on_rtcp: Deliver
    ) -> None:
        self.ip = ip
        self.counters = PathCounters()
        self.port = 0
        self.mux = ice or certificate is not None
        self.remote: Address | None = None
        self.remote_rtcp: Address | None = None
        self.sender: SrtpSender | None = None
        self.receiver: SrtpReceiver | None = None
        self.encrypted = certificate is not None
        self.ice: IceTransport | None = None
        self._wants_ice = ice
        self._certificate = certificate
        self._on_rtp = on_rtp
        self._on_rtcp = on_rtcp
        self._transports: list[asyncio.DatagramTransport] = []
        self._dtls: DtlsAssociation | None = None
        self._dtls_peer: DtlsPeer | None = None
        self._early: list[bytes] = []

    async def open(self, *, controlling: bool) -> None:
        """Bind the sockets; RTCP has the port above RTP (RFC 3550 section 11).

        Raises:
            ConnectionLostError: No pair of ports could be bound.
        """
        if self._wants_ice:
            self.ice = IceTransport(self.ip, self._received, controlling=controlling)
            await self.ice.gather()
            self.port = self.ice.port
            return
        loop = asyncio.get_running_loop()
        cause = ""
        for _ in range(_BIND_ATTEMPTS):
            opened: list[asyncio.DatagramTransport] = []
            try:
                opened.append(await self._bind(loop, 0, self._received))
                port = opened[0].get_extra_info("sockname")[1]
                if port % 2:
                    opened.insert(0, await self._bind(loop, port - 1, self._received))
                    # the odd socket was bound for RTP; it becomes the one of RTCP, both demultiplex by content
                    port -= 1
                else:
                    opened.append(await self._bind(loop, port + 1, self._received))
            except OSError as error:
                cause = error.strerror or str(error)
                for transport in opened:
                    transport.close()
                continue
            self._transports, self.port = opened, port
            return
        raise ConnectionLostError(f"cannot bind two neighbouring UDP ports on {self.ip}: {cause}")

    async def _bind(self, loop: asyncio.AbstractEventLoop, port: int, receive: Deliver) -> asyncio.DatagramTransport:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Socket(receive, self.counters.errors), sock=sockets.udp(self.ip, port)
        )
        return transport

    @property
    def rtcp_port(self) -> int:
        """Where we receive RTCP."""
        return self.port if self.mux else self.port + 1

    async def connect(self, ice: IcePeer | None, dtls: DtlsPeer | None, *, offered: bool) -> None:
        """Do what has to happen before media can flow: ICE checks, then the DTLS handshake.

        Args:
            ice: What to do ICE with; needed when this path does ICE.
            dtls: What to do DTLS with; a repeated call with the same fingerprints changes nothing.
            offered: True when we made the offer.

        Raises:
            PhoneTimeoutError: One of them did not end in time.
            NegotiationError: One of them failed.
        """
        if self.ice and ice and not self.ice.connected:
            await self.ice.connect(
                ice.username,
                ice.password,
                list(ice.candidates),
                lite=ice.lite,
                controlling=offered,
                seconds=CONNECT_SECONDS,
            )
        known = self._dtls_peer
        if self._certificate and dtls and (known is None or known.fingerprints != dtls.fingerprints):
            self._dtls_peer = dtls
            self._dtls = DtlsAssociation(
                self._certificate, client=dtls.client, expected=list(dtls.fingerprints), send=self._send
            )
            for datagram in self._early:
                self._dtls.feed(datagram)
            self._early.clear()
            self.sender, self.receiver = await self._dtls.handshake(CONNECT_SECONDS)

    def send_rtp(self, packet: bytes) -> None:
        """Send an RTP packet; dropped while its keys are not there yet."""
        if self.encrypted and not self.sender:
            return
        self._send(self.sender.rtp(packet) if self.sender else packet)
        self.counters.sent += 1

    def send_rtcp(self, packet: bytes) -> None:
        """Send an RTCP packet; dropped while its keys are not there yet."""
        if self.encrypted and not self.sender:
            return
        data = self.sender.rtcp(packet) if self.sender else packet
        if self.ice or self.mux:
            self._send(data)
        elif self.remote_rtcp and len(self._transports) > 1 and not self._transports[1].is_closing():
            self._transports[1].sendto(data, self.remote_rtcp)

    def _send(self, data: bytes) -> None:
        if self.ice:
            self.ice.send(data)
        elif self.remote and self._transports and not self._transports[0].is_closing():
            self._transports[0].sendto(data, self.remote)

    def _received(self, data: bytes, source: Address) -> None:
        """Tell DTLS, RTCP and RTP apart by their first bytes (RFC 7983)."""
        first = data[0] if data else 0
        if 20 <= first <= 63:  # noqa: PLR2004 - the range of the RFC
            if self._dtls:
                self._dtls.feed(data)
            elif len(self._early) < _WAITING_DATAGRAMS:
                self._early.append(data)
            return
        if not 128 <= first <= 191:  # noqa: PLR2004 - the range of the RFC
            return
        control = is_rtcp(data)
        if self.encrypted:
            clear = None
            if self.receiver:
                clear = self.receiver.rtcp(data) if control else self.receiver.rtp(data)
            if clear is None:
                self.counters.rejected += 1
                return
            data = clear
        (self._on_rtcp if control else self._on_rtp)(data, source)

    async def close(self) -> None:
        """Close everything; safe to call twice."""
        if self._dtls:
            self._dtls.close()
            self._dtls = None
        for transport in self._transports:
            transport.close()
        if self.ice:
            with contextlib.suppress(ConnectionError):
                await self.ice.close()
