"""The call-flow service: one process, FastAGI on the host's loopback address.

Environment:
    TRUNKLINE_DATABASE               data source name
    TRUNKLINE_CALLFLOW_ADDRESS       address to listen on, default 127.0.0.1
    TRUNKLINE_CALLFLOW_PORT          port to listen on, default 4573
    TRUNKLINE_CALLFLOW_RING_SECONDS  how long a telephone rings, default 60
    TRUNKLINE_CALLFLOW_HOST          name of this host in confirmations, default the host's name
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from trunkline.callflow.agi import AgiSession
from trunkline.callflow.cache import ConfigurationCache
from trunkline.callflow.database import DatabaseSource, Watcher
from trunkline.callflow.live import LiveDriver
from trunkline.errors import ConfigurationError, TrunklineError

_LOG = logging.getLogger(__name__)
_BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """What the process needs to know.

    Attributes:
        dsn: Data source name; None for the environment's.
        address: Address to listen on.
        port: Port to listen on.
        ring_seconds: How long a telephone rings.
        host: Name of this host in confirmations.
    """

    dsn: str | None
    address: str
    port: int
    ring_seconds: int
    host: str


def settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from the environment.

    Raises:
        ConfigurationError: A number is none, or out of range.
    """

    def number(name: str, default: int, most: int) -> int:
        text = environment.get(name, str(default))
        if not (text.isdecimal() and 1 <= int(text) <= most):
            raise ConfigurationError(f"{text!r} is not a number from 1 to {most}", location=name)
        return int(text)

    return Settings(
        dsn=environment.get("TRUNKLINE_DATABASE"),
        address=environment.get("TRUNKLINE_CALLFLOW_ADDRESS", "127.0.0.1"),
        port=number("TRUNKLINE_CALLFLOW_PORT", 4573, 65535),
        ring_seconds=number("TRUNKLINE_CALLFLOW_RING_SECONDS", 60, 600),
        host=environment.get("TRUNKLINE_CALLFLOW_HOST") or socket.gethostname(),
    )


async def serve(wanted: Settings, stop: asyncio.Event) -> None:
    """Serve calls until `stop` is set.

    Raises:
        OSError: The address cannot be listened on.
        ConfigurationError: The data source name is missing or malformed.
    """
    source = DatabaseSource(wanted.dsn)
    cache = ConfigurationCache(source)
    driver = LiveDriver(cache, source, wanted.ring_seconds)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await driver.handle(AgiSession(reader, writer))
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    watcher = Watcher(source, cache.changed, wanted.dsn, wanted.host)
    server = await asyncio.start_server(connected, wanted.address, wanted.port, backlog=_BACKLOG)
    tasks = [asyncio.create_task(watcher.run()), asyncio.create_task(_tell_systemd())]
    _LOG.info("listening on %s:%d", wanted.address, wanted.port)
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopped}:
            await task  # ends only by an error of ours: the unit starts the service again
    finally:
        server.close()
        for task in (stopped, *tasks):
            task.cancel()
        await asyncio.gather(stopped, *tasks, return_exceptions=True)
        await source.close()


async def _tell_systemd() -> None:
    """Say that the service is ready, then that it is alive, as often as the unit wants (sd_notify(3))."""
    notify("READY=1")
    interval = int(os.environ.get("WATCHDOG_USEC", "20000000")) / 2_000_000
    while True:
        await asyncio.sleep(interval)
        notify("WATCHDOG=1")


def notify(state: str) -> None:
    """Send one state to systemd; nothing happens outside of systemd."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(state.encode(), address)


async def _main() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve(settings(os.environ), stop)


def main() -> None:
    """Run the service; exit code 1 with a message for what a person has to mend."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stdout)
    try:
        asyncio.run(_main())
    except TrunklineError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: cannot listen: {error}")
