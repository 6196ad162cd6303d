"""ICE (RFC 8445) on aioice, restricted to the phone's own address: a test must not pass by a path it does not know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aioice

from trunkline.phone.errors import NegotiationError, PhoneTimeoutError

Address = tuple[str, int]


class _Connection(aioice.Connection):
    """aioice's connection with candidates of one address, and datagrams handed over as they arrive."""

    def __init__(self, ip: str, receive: Callable[[bytes], None], *, controlling: bool) -> None:
        super().__init__(ice_controlling=controlling, components=1, use_ipv4=True, use_ipv6=False)
        self._own_address = ip
        self._receive = receive

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109 - the name is aioice's
    ) -> list[aioice.Candidate]:
        """Gather candidates of the own address only; aioice would take those of every interface."""
        del addresses
        found: list[aioice.Candidate] = await super().get_component_candidates(component, [self._own_address], timeout)
        return found

    def data_received(self, data: bytes, component: int) -> None:
        """Hand a datagram that is no STUN message to its receiver at once."""
        del component
        self._receive(data)

    def nominated(self) -> Address | None:
        """Return the address of the other side in the chosen pair."""
        pair = self._nominated.get(1)
        return (pair.remote_addr[0], pair.remote_addr[1]) if pair else None


class IceTransport:
    """One ICE session with one component (RTP and RTCP share it).

    Args:
        ip: Own address.
        receive: Called with every datagram and the address of the chosen pair.
        controlling: True for the side that offers.
    """

    def __init__(self, ip: str, receive: Callable[[bytes, Address], None], *, controlling: bool) -> None:
        self._deliver = receive
        self._connection = _Connection(ip, self._received, controlling=controlling)
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self._sender: asyncio.Task[None] | None = None
        self.connected = False

    async def gather(self) -> None:
        """Bind, and collect our candidates."""
        await self._connection.gather_candidates()

    @property
    def username(self) -> str:
        """Our ice-ufrag."""
        return str(self._connection.local_username)

    @property
    def password(self) -> str:
        """Our ice-pwd."""
        return str(self._connection.local_password)

    @property
    def candidates(self) -> list[str]:
        """Our candidates as values of the attribute."""
        return [candidate.to_sdp() for candidate in self._connection.local_candidates]

    @property
    def port(self) -> int:
        """Port of our first candidate, for the media line."""
        return int(self._connection.local_candidates[0].port)

    async def connect(
        self, username: str, password: str, candidates: list[str], *, lite: bool, controlling: bool, seconds: float
    ) -> None:
        """Check the pairs until one is chosen.

        Args:
            username: Ice-ufrag of the other side.
            password: Ice-pwd of the other side.
            candidates: Its candidates, values of the attribute.
            lite: True when the other side does ICE lite: it never controls then (RFC 8445 section 6.1.1).
            controlling: True when we offered.
            seconds: Deadline.

        Raises:
            PhoneTimeoutError: No pair was chosen in time.
            NegotiationError: Every pair failed.
        """
        connection = self._connection
        connection.remote_username, connection.remote_password = username, password
        connection.remote_is_lite = lite
        connection.ice_controlling = controlling or lite
        try:
            async with asyncio.timeout(seconds):
                for value in candidates:
                    candidate = aioice.Candidate.from_sdp(value)
                    if candidate.component == 1 and candidate.transport.lower() == "udp":
                        await connection.add_remote_candidate(candidate)
                await connection.add_remote_candidate(None)
                await connection.connect()
        except TimeoutError:
            raise PhoneTimeoutError(f"ICE found no path within {seconds:g} s") from None
        except (ConnectionError, ValueError) as error:
            raise NegotiationError(f"ICE failed: {error}") from error
        self.connected = True
        self._sender = asyncio.create_task(self._send(), name="ICE sender")

    def send(self, data: bytes) -> None:
        """Send a datagram to the chosen pair; dropped before there is one."""
        if self.connected:
            self._outgoing.put_nowait(data)

    async def _send(self) -> None:
        while True:
            data = await self._outgoing.get()
            try:
                await self._connection.send(data)
            except ConnectionError:
                self.connected = False
                return

    def _received(self, data: bytes) -> None:
        self._deliver(data, self._connection.nominated() or ("", 0))

    async def close(self) -> None:
        """Close the sockets."""
        self.connected = False
        if self._sender:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        await self._connection.close()
