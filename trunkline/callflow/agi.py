"""The FastAGI protocol: one TCP connection per event of a call, commands answered one at a time.

Asterisk connects, sends ``agi_name: value`` lines up to an empty one, then answers each command with
``<code> result=<result> (<value>)``. It adds a line ``HANGUP`` at any moment after the channel is gone.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

_ANSWER = re.compile(r"^(?P<code>\d{3})[ -](?:result=(?P<result>\S*))?\s*(?:\((?P<value>.*)\))?")
_ENVIRONMENT_LINES = 64


class AgiError(Exception):
    """The other side does not speak FastAGI as expected."""


class ChannelGoneError(AgiError):
    """The channel, or the connection to Asterisk, ended."""


def quote(text: str) -> str:
    """Return one argument of a command in quotes; line ends become spaces."""
    flat = " ".join(text.splitlines())
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


class AgiSession:
    """One connection of Asterisk.

    Args:
        reader: Stream from Asterisk.
        writer: Stream to Asterisk.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.environment: Mapping[str, str] = {}
        self.hung_up = False

    async def start(self) -> None:
        """Read the environment.

        Raises:
            AgiError: A name appears twice or a line is no pair: dialled text tried to look like a line of its own.
            ChannelGoneError: The connection ended.
        """
        environment: dict[str, str] = {}
        while line := await self._line():
            name, colon, value = line.partition(":")
            if not colon or not name.startswith("agi_") or name in environment:
                raise AgiError(f"unexpected line in the environment: {line!r}")
            if len(environment) >= _ENVIRONMENT_LINES:
                raise AgiError("the environment has no end")
            environment[name] = value.removeprefix(" ")
        self.environment = environment

    def argument(self, number: int) -> str:
        """Return an argument of the dialplan's ``AGI()``, counted from 1; empty when there is none."""
        return self.environment.get(f"agi_arg_{number}", "")

    async def command(self, *words: str) -> tuple[str, str]:
        """Send one command, all words but the command's own quoted by the caller; return (result, value).

        Raises:
            AgiError: Asterisk refuses the command.
            ChannelGoneError: The channel ended before the command.
        """
        self._writer.write((" ".join(words) + "\n").encode())
        await self._writer.drain()
        while True:
            line = await self._line()
            if line == "HANGUP":
                self.hung_up = True
                continue
            found = _ANSWER.match(line)
            if found is None:
                raise AgiError(f"unexpected answer: {line!r}")
            if found["code"] == "511":
                raise ChannelGoneError("the channel is gone")
            if found["code"] != "200":
                raise AgiError(f"{words[0]}: {line}")
            return found["result"] or "", found["value"] or ""

    async def execute(self, application: str, arguments: str = "") -> str:
        """Run an application of the dialplan and wait for its end; return its result."""
        result, _ = await self.command("EXEC", application, quote(arguments))
        return result

    async def set_variable(self, name: str, value: str) -> None:
        """Set a variable or a writable function of the channel; the value is taken as it is."""
        await self.command("SET", "VARIABLE", quote(name), quote(value))

    async def expression(self, expression: str) -> str:
        """Return the value of an expression of the dialplan; empty when it has none."""
        _, value = await self.command("GET", "FULL", "VARIABLE", quote(expression))
        return value

    async def _line(self) -> str:
        try:
            raw = await self._reader.readline()
        except (ValueError, ConnectionError) as error:
            raise ChannelGoneError(str(error)) from error
        if not raw.endswith(b"\n"):
            raise ChannelGoneError("the connection ended")
        return raw.decode("utf-8", "replace").rstrip("\r\n")
