"""The service ``trunkline-reloader``: one per users proxy, on the same host.

It listens for revisions, tells the proxy what changed, looks at the result and confirms the revision in the database.
When it starts or comes back to the database it has everything read again: what the proxy keeps may then be of any age.

Environment:
    TRUNKLINE_DATABASE          data source name
    TRUNKLINE_RELOADER_HOST     name of this host in confirmations, default the host's name
    TRUNKLINE_RELOADER_CONTROL  the proxy's control socket, default /run/kamailio-users/control.sock
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, LiteralString

import psycopg

from trunkline.database.connect import parameters
from trunkline.errors import ConfigurationError, PlatformError
from trunkline.reload.changes import EVERYTHING, NOTHING, of_revisions
from trunkline.reload.control import Control
from trunkline.reload.proxy import Commands, Wanted, take_over

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOG = logging.getLogger(__name__)
SERVICE: Final = "kamailio@users"
HEARTBEAT_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 1.0
STATEMENT_SECONDS: Final = 5
_STEP_SECONDS: Final = 0.5
_REVISIONS: Final = "select id, reload from config.revision where id > %s order by id"
_NEWEST: Final = "select coalesce(max(id), 0) from config.revision"
_SERVERS: Final = "select destination from kamailio.dispatcher"
_RELAYS: Final = "select setid, url from kamailio.rtpengine"

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the process needs to know.

    Attributes:
        dsn: Data source name; None for the environment's.
        host: Name of this host in confirmations.
        control: Path of the proxy's control socket.
    """

    dsn: str | None
    host: str
    control: str


def settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from the environment."""
    return Settings(
        dsn=environment.get("TRUNKLINE_DATABASE"),
        host=environment.get("TRUNKLINE_RELOADER_HOST") or socket.gethostname(),
        control=environment.get("TRUNKLINE_RELOADER_CONTROL", "/run/kamailio-users/control.sock"),
    )


class Reloader:
    """Keeps one proxy at the newest revision.

    Args:
        proxy: Takes commands to the proxy.
        dsn: Data source name; None for the environment's.
        host: Name of this host in confirmations.
    """

    def __init__(self, proxy: Commands, dsn: str | None, host: str) -> None:
        self._proxy = proxy
        self._parameters = parameters(dsn, "trunkline-reloader")
        self._host = host
        self._revision: int | None = None  # that the proxy works with; None when that is not known
        self._started: Any = None  # when the proxy started, in its own words
        self._owed = NOTHING  # changes that the proxy could not take over yet
        self._complaint = ""
        self._stop = threading.Event()

    def stop(self) -> None:
        """Have ``run`` return soon."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped. Neither a lost database nor a stopped proxy ends it."""
        while not self._stop.is_set():
            try:
                self._watch()
            except (psycopg.Error, OSError, PlatformError) as error:
                self._complain(str(error).strip().splitlines()[0])
                self._revision = None
                alive()
            self._stop.wait(RETRY_SECONDS)

    def _watch(self) -> None:
        """Follow the revisions over one connection."""
        with psycopg.connect(**self._parameters, autocommit=True) as connection:
            connection.execute(f"set statement_timeout = '{STATEMENT_SECONDS}s'")
            connection.execute("listen trunkline_revision")
            while not self._stop.is_set():
                there = self._catch_up(connection)
                if there:
                    self._confirm(connection)
                alive()
                self._wait(connection, HEARTBEAT_SECONDS if there else RETRY_SECONDS)

    def _wait(self, connection: Connection, seconds: float) -> None:
        """Return when there is a revision, when the time is over, or when the service has to stop."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self._stop.is_set():
            for _ in connection.notifies(timeout=_STEP_SECONDS, stop_after=1):
                return

    def _catch_up(self, connection: Connection) -> bool:
        """Bring the proxy to the newest revision.

        Returns:
            Whether it is there; False when a part has to wait for a few seconds.

        Raises:
            PlatformError: it did not follow.
        """
        started = self._proxy.call("core.uptime")["up_since"]
        newest: int = _one(connection, _NEWEST)
        if self._revision is None or started != self._started or newest < self._revision:
            changes = EVERYTHING
        elif newest > self._revision:
            rows = connection.execute(_REVISIONS, (self._revision,)).fetchall()
            newest = rows[-1][0] if rows else newest
            changes = self._owed | of_revisions(row[1] for row in rows)
        else:
            changes = self._owed
        if changes:
            wanted = Wanted(servers=_set(connection, _SERVERS), relays=_set(connection, _RELAYS))
            self._owed = take_over(self._proxy, changes, newest, wanted)
        self._revision, self._started, self._complaint = newest, started, ""
        if changes and not self._owed:
            _LOG.info("the proxy works with revision %d", newest)
        return not self._owed

    def _confirm(self, connection: Connection) -> None:
        connection.execute("select live.confirm(%s, %s, %s)", (self._host, SERVICE, self._revision))

    def _complain(self, complaint: str) -> None:
        """Log a complaint, once as long as it stays the same."""
        if complaint != self._complaint:
            _LOG.warning("%s", complaint)
        self._complaint = complaint


def _one(connection: Connection, statement: LiteralString) -> Any:
    row = connection.execute(statement).fetchone()
    return row[0] if row else None


def _set(connection: Connection, statement: LiteralString) -> frozenset[Any]:
    """Return the rows of a statement; those of one column as plain values."""
    return frozenset(row[0] if len(row) == 1 else row for row in connection.execute(statement))


def alive(state: str = "") -> None:
    """Tell systemd that the service lives, and once that it is ready; without systemd nothing happens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        channel.send(f"{state}WATCHDOG=1\n".encode())


def main() -> None:
    """Run the service until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    try:
        wanted = settings(os.environ)
        reloader = Reloader(Control(wanted.control), wanted.dsn, wanted.host)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: reloader.stop())
    if not Path(wanted.control).exists():
        _LOG.info("the proxy is not there yet")
    alive("READY=1\n")
    reloader.run()
