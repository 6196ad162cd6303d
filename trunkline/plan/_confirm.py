"""Waits until the services of the platform work with a revision."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from trunkline.plan._connection import Connection

# A service gives a sign of life every ten seconds (migration 0001); one that missed two is not waited for.
HEALTHY_S = 30
DEADLINE_S = 10.0
_POLL_S = 0.03


@dataclass(frozen=True, order=True)
class Service:
    """A service on a host.

    Args:
        host: Name of the host.
        name: Of the service.
    """

    host: str
    name: str

    def __str__(self) -> str:
        """Return ``service on host``."""
        return f"{self.name} on {self.host}"


def silent(connection: Connection, hosts: Collection[str]) -> list[Service]:
    """Return the services that gave no sign of life lately, so that nobody waits for them; forget those of lost hosts.

    Args:
        connection: Without a transaction in progress.
        hosts: Names of the hosts that the platform has.
    """
    with connection.transaction():
        connection.execute(
            "delete from live.confirmation where heartbeat_at <= now() - make_interval(secs => %s) and host <> all(%s)",
            [HEALTHY_S, list(hosts)],
        )
        rows = connection.execute(
            "select host, service from live.confirmation"
            " where heartbeat_at <= now() - make_interval(secs => %s) order by host, service",
            [HEALTHY_S],
        )
        return [Service(host, name) for host, name in rows]


def wait_for_confirmations(
    connection: Connection,
    revision: int,
    *,
    deadline_s: float = DEADLINE_S,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[Service], list[Service]]:
    """Wait until every healthy service has confirmed a revision, or the deadline passed.

    Args:
        connection: Without a transaction in progress.
        revision: The revision.
        deadline_s: Seconds to wait at most.
        progress: Is told how many have confirmed, of how many, whenever that changes.

    Returns:
        The services that confirmed and the healthy ones that did not, sorted.
    """
    deadline = time.monotonic() + deadline_s
    known = -1
    while True:
        with connection.transaction():
            rows = connection.execute(
                "select host, service, revision >= %s from live.confirmation"
                " where heartbeat_at > now() - make_interval(secs => %s) order by host, service",
                [revision, HEALTHY_S],
            ).fetchall()
        confirmed = [Service(host, name) for host, name, done in rows if done]
        missing = [Service(host, name) for host, name, done in rows if not done]
        if progress is not None and len(confirmed) != known:
            known = len(confirmed)
            progress(known, len(rows))
        if not missing or time.monotonic() > deadline:
            return confirmed, missing
        time.sleep(_POLL_S)
