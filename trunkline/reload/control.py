"""Commands to a Kamailio on this host: JSON-RPC 2.0 over its local datagram socket (module jsonrpcs).

``python -m trunkline.reload.control SOCKET METHOD [PARAMETER...]`` prints the result as JSON; parameters that are
numbers are sent as numbers.
"""

from __future__ import annotations

import itertools
import json
import socket
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from trunkline.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Sequence

ANSWER_SECONDS: Final = 5.0
_DATAGRAM_BYTES: Final = 65_536


class CommandError(PlatformError):
    """Kamailio answered that it did not do what it was told."""


class Control:
    """The control socket of one instance.

    Args:
        path: Where Kamailio listens, for example ``/run/kamailio-users/control.sock``.
        timeout: Seconds to wait for an answer.
    """

    def __init__(self, path: str, timeout: float = ANSWER_SECONDS) -> None:
        self._path = path
        self._timeout = timeout
        self._numbers = itertools.count(1)

    def call(self, method: str, *parameters: str | int) -> Any:
        """Run one command and return its result.

        Args:
            method: Name of the command, for example ``htable.flush``.
            parameters: Its parameters, in their order.

        Raises:
            CommandError: Kamailio refused or failed.
            PlatformError: Kamailio does not run or did not answer in time.
        """
        number = next(self._numbers)
        request = {"jsonrpc": "2.0", "method": method, "params": list(parameters), "id": number}
        try:
            answer = self._exchange(json.dumps(request).encode(), number)
        except (OSError, ValueError) as error:
            raise PlatformError(
                f"Kamailio did not take the command {method} at {self._path}: {error}",
                remedy="look at the journal of the proxy: journalctl -u 'kamailio@*'",
            ) from error
        if "error" in answer:
            detail = answer["error"]
            reason = detail.get("message", detail) if isinstance(detail, dict) else detail
            raise CommandError(f"Kamailio refused {method} {' '.join(map(str, parameters))}: {reason}")
        return answer.get("result")

    def _exchange(self, request: bytes, number: int) -> dict[str, Any]:
        """Send a request from a socket of its own, and return the answer with its number."""
        deadline = time.monotonic() + self._timeout
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.bind("")  # an abstract address chosen by the kernel: nothing to clean up
            channel.settimeout(self._timeout)
            channel.connect(self._path)  # from now on only Kamailio's answers come in
            channel.send(request)
            while time.monotonic() < deadline:
                answer: dict[str, Any] = json.loads(channel.recv(_DATAGRAM_BYTES))
                if answer.get("id") == number:
                    return answer
        raise TimeoutError("no answer")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command from the command line.

    Returns:
        0 when it was done, 1 when it was not, 2 for a wrong command line.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if len(given) < 2:  # noqa: PLR2004 - the socket and the command
        sys.stderr.write("usage: python -m trunkline.reload.control SOCKET METHOD [PARAMETER...]\n")
        return 2
    path, method, *rest = given
    try:
        result = Control(path).call(method, *(int(text) if text.lstrip("-").isdecimal() else text for text in rest))
    except PlatformError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{json.dumps(result, indent=2)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
