"""SIP over WebSocket, plain and secure (RFC 7118)."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from trunkline.phone.errors import ConnectionLostError
from trunkline.phone.transport import CONNECT_SECONDS, Address, Flow, TlsSettings, Transport, resolve

SIP = Subprotocol("sip")


class _SocketFlow(Flow):
    """One WebSocket; messages wait in a queue, so that sending keeps their order and never blocks."""

    def __init__(self, connection: ClientConnection | ServerConnection, peer: Address) -> None:
        self.connection = connection
        self.peer = peer
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()

    def send(self, data: bytes) -> None:
        if not self.closed:
            self.queue.put_nowait(data)


class WebSocketTransport(Transport):
    """SIP over WebSocket.

    Browsers cannot listen, so the Contact of a phone with a proxy is a name that resolves nowhere (RFC 7118 section
    5.2.3 and appendix B.1). Without a proxy the phone listens, which lets two phones call each other in tests.
    """

    def __init__(
        self,
        ip: str,
        receive: Callable[[bytes, Flow], None],
        lost: Callable[[Flow], None],
        tls: TlsSettings | None = None,
    ) -> None:
        super().__init__(ip, receive, lost)
        self.protocol = "WSS" if tls else "WS"
        self.secure = tls is not None
        self._tls = tls
        self._name = f"{secrets.token_hex(6)}.invalid"
        self._flows: dict[Address, _SocketFlow] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: Server | None = None
        self._proxy: Address | None = None

    @property
    def sent_by(self) -> str:
        """A name that resolves nowhere, or the listening address."""
        return super().sent_by if self._server else self._name

    @property
    def contact_transport(self) -> str:
        """``ws`` for both: there is no other value (RFC 7118 section 5.2.4)."""
        return "ws"

    async def open(self, *, proxy: Address | None) -> None:
        """Connect to the proxy, or listen when there is none."""
        if proxy:
            self._proxy = await resolve(proxy)
            await self._connect(self._proxy)
            return
        context = self._tls.server_context() if self._tls else None
        if self.secure and context is None:
            raise ConnectionLostError("a WSS phone without a proxy needs a certificate of its own")
        self._server = await serve(self._accepted, self.ip, self.port, ssl=context, subprotocols=[SIP])
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def flow_to(self, address: Address) -> Flow:
        """Return the connection to an address; with a proxy there is only the one to it."""
        resolved = self._proxy or await resolve(address)
        flow = self._flows.get(resolved)
        return flow if flow and not flow.closed else await self._connect(resolved)

    async def _connect(self, address: Address) -> _SocketFlow:
        scheme = "wss" if self._tls else "ws"
        name = (self._tls.server_name or address[0]) if self._tls else None
        raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        raw.setblocking(False)
        try:
            raw.bind((self.ip, 0))
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.get_running_loop().sock_connect(raw, address)
                connection = await connect(
                    f"{scheme}://{address[0]}:{address[1]}/",
                    sock=raw,
                    subprotocols=[SIP],
                    ssl=self._tls.client_context() if self._tls else None,
                    server_hostname=name,
                    proxy=None,
                    compression=None,
                )
        except (OSError, TimeoutError, WebSocketException) as error:
            raw.close()
            cause = str(error) or f"no answer within {CONNECT_SECONDS:g} s"
            raise ConnectionLostError(
                f"cannot connect by {self.protocol} from {self.ip} to {address[0]}:{address[1]}: {cause}"
            ) from error
        flow = _SocketFlow(connection, address)
        self._flows[address] = flow
        self._spawn(self._read(flow), f"{self.protocol} from {address[0]}:{address[1]}")
        return flow

    async def _accepted(self, connection: ServerConnection) -> None:
        peer = connection.remote_address
        flow = _SocketFlow(connection, (peer[0], peer[1]))
        self._flows[flow.peer] = flow
        await self._read(flow)

    def _spawn(self, work: object, name: str) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, flow: _SocketFlow) -> None:
        while True:
            data = await flow.queue.get()
            await flow.connection.send(data, text=True)

    async def _read(self, flow: _SocketFlow) -> None:
        writer = asyncio.create_task(self._write(flow), name=f"{self.protocol} to {flow.peer[0]}:{flow.peer[1]}")
        try:
            async for data in flow.connection:
                message = data if isinstance(data, bytes) else data.encode()
                if message.strip(b"\r\n\0 "):
                    self.receive(message, flow)
        except (OSError, WebSocketException):
            pass  # the connection is useless now; what waits for an answer on it is told below
        finally:
            flow.closed = True
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            if self._flows.get(flow.peer) is flow:
                del self._flows[flow.peer]
            self.lost(flow)

    async def close(self) -> None:
        """Close the listener and every connection."""
        for flow in list(self._flows.values()):
            try:
                await asyncio.wait_for(flow.connection.close(), 1)
            except (OSError, TimeoutError, WebSocketException):
                flow.closed = True
        if self._server:
            self._server.close()
            await self._server.wait_closed()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
