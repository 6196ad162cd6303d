"""Runs on a host outside of the platform, where only Python's standard library is: which ports answer?

usage: python3 - JSON < scanner.py, with JSON like
    {"addresses": ["192.0.2.1"], "tcp": [22, 5060], "udp": {"5060": "text of a datagram"}, "seconds": 1.0}
prints {"tcp": [["192.0.2.1", 5060]], "udp": [["192.0.2.1", 5060, "answer" or "refused"]]}: open TCP ports, and UDP
ports from which anything came back. Silence means closed. In a datagram, OWN, ADDRESS and PORT are replaced.
"""

from __future__ import annotations

import asyncio
import errno
import json
import selectors
import socket
import sys
import time
from typing import Any

AT_ONCE = 2000


def tcp(targets: list[tuple[str, int]], seconds: float) -> list[tuple[str, int]]:
    """Return the targets that accept a connection; a first pass in bulk, a second look at those that were silent."""
    answers = _connect(targets, seconds)
    return sorted(target for target, code in answers.items() if code == 0)


def _connect(targets: list[tuple[str, int]], seconds: float) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    waiting = list(reversed(targets))
    selector = selectors.DefaultSelector()
    deadlines: dict[socket.socket, tuple[float, tuple[str, int]]] = {}

    def end(tested: socket.socket, code: int) -> None:
        found[deadlines.pop(tested)[1]] = code
        selector.unregister(tested)
        tested.close()

    while waiting or deadlines:
        while waiting and len(deadlines) < AT_ONCE:
            target = waiting.pop()
            tested = socket.socket()
            tested.setblocking(False)
            code = tested.connect_ex(target)
            if code not in {0, errno.EINPROGRESS}:
                found[target] = code
                tested.close()
                continue
            deadlines[tested] = (time.monotonic() + seconds, target)
            selector.register(tested, selectors.EVENT_WRITE)
        for key, _ in selector.select(0.05):
            ready: Any = key.fileobj
            end(ready, ready.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        now = time.monotonic()
        for tested in [tested for tested, (deadline, _) in deadlines.items() if deadline < now]:
            end(tested, errno.ETIMEDOUT)
    return found


class _Probe(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def datagram_received(self, _data: bytes, _address: Any) -> None:
        self._end("answer")

    def error_received(self, exc: Exception) -> None:
        del exc
        self._end("refused")

    def _end(self, outcome: str) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)


async def udp(targets: list[tuple[str, int, str]], seconds: float) -> list[tuple[str, int, str]]:
    """Return the targets that answered a datagram, or whose port was reported as closed: no firewall kept it away."""
    loop = asyncio.get_running_loop()

    async def probe(address: str, port: int, datagram: str) -> tuple[str, int, str] | None:
        transport, protocol = await loop.create_datagram_endpoint(_Probe, remote_addr=(address, port))
        own = ":".join(str(part) for part in transport.get_extra_info("sockname"))
        text = datagram.replace("OWN", own).replace("ADDRESS", address).replace("PORT", str(port))
        transport.sendto(text.encode())
        try:
            return address, port, await asyncio.wait_for(protocol.outcome, seconds)
        except TimeoutError:
            return None
        finally:
            transport.close()

    done = await asyncio.gather(*(probe(*target) for target in targets))
    return sorted(outcome for outcome in done if outcome)


def main() -> None:
    """Scan what the argument names, and print what answered."""
    wanted = json.loads(sys.argv[1])
    addresses = wanted["addresses"]
    connections = [(address, port) for address in addresses for port in wanted["tcp"]]
    datagrams = [(address, int(port), text) for address in addresses for port, text in wanted["udp"].items()]
    answered = {
        "tcp": tcp(connections, wanted["seconds"]),
        "udp": asyncio.run(udp(datagrams, wanted["seconds"])),
    }
    sys.stdout.write(json.dumps(answered))


if __name__ == "__main__":
    main()
