"""The configurations of the clients in use, kept in memory.

A configuration is loaded when a call first needs it, and again at the first call after the database announced a change
of it. When that fails because the database is down, the known one serves on; a client that is not known is refused at
once. Nothing is kept over a restart of the service: a process that starts while the database is down refuses every
call with 503, and the proxies use another application server that knows the client.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from trunkline.callflow.configuration import ClientConfiguration
from trunkline.callflow.numbers import UnavailableError

_LOG = logging.getLogger(__name__)
MAXIMUM_CLIENTS = 20_000
"""Clients kept at once; the one that was not used for the longest time goes first."""


class Source(Protocol):
    """Where configurations come from."""

    async def load(self, client: str) -> ClientConfiguration | None:
        """Return a client's configuration, None for an unknown client; raise UnavailableError."""


@dataclass(slots=True)
class _Entry:
    configuration: ClientConfiguration | None
    current: bool


class ConfigurationCache:
    """Configurations by client, each loaded once however many calls wait for it.

    Args:
        source: Where configurations come from.
        maximum: How many to keep.
    """

    def __init__(self, source: Source, maximum: int = MAXIMUM_CLIENTS) -> None:
        self._source = source
        self._maximum = maximum
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._loads: dict[str, asyncio.Task[ClientConfiguration | None]] = {}

    async def get(self, client: str) -> ClientConfiguration | None:
        """Return a client's configuration, None for an unknown client.

        Raises:
            UnavailableError: It is not known here and the database does not answer.
        """
        entry = self._entries.get(client)
        if entry is not None and entry.current:
            self._entries.move_to_end(client)
            return entry.configuration
        load = self._loads.get(client)
        if load is None:
            load = self._loads[client] = asyncio.create_task(self._load(client))
        try:
            return await asyncio.shield(load)
        except UnavailableError as error:
            if entry is None:
                raise
            _LOG.warning("client %s: serving what is known: %s", client, error.message)
            return entry.configuration

    def changed(self, clients: Iterable[str] | None) -> None:
        """Take note that clients changed; None: any client may have changed."""
        names = list(self._entries) if clients is None else self._known_as(set(clients))
        for name in names:
            if name in self._entries:
                self._entries[name].current = False
        # A load that began before the change must not count as current: the next call starts another one.
        for name in list(self._loads) if clients is None else names:
            self._loads.pop(name, None)

    def _known_as(self, clients: set[str]) -> list[str]:
        """Return the ids under which clients are kept: a client that moved also under those of before."""
        before = (
            name
            for name, entry in self._entries.items()
            if entry.configuration is not None and entry.configuration.id != name and entry.configuration.id in clients
        )
        return [*clients, *before]

    async def _load(self, client: str) -> ClientConfiguration | None:
        task = asyncio.current_task()
        try:
            configuration = await self._source.load(client)
        finally:
            unchanged = self._loads.get(client) is task
            if unchanged:
                del self._loads[client]
        if unchanged:
            self._entries[client] = _Entry(configuration, current=True)
            self._entries.move_to_end(client)
            while len(self._entries) > self._maximum:
                self._entries.popitem(last=False)
        return configuration
