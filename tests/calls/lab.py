"""The platform under test: its accounts, its addresses, its database, its journals."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Collection
from pathlib import Path

from trunkline.lab.stack import ssh_arguments
from trunkline.phone.directory import Directory, Person
from trunkline.phone.proof import own_address
from trunkline.plan import data_source_of

ROOT = Path(__file__).parents[2]
INVENTORY = ROOT / os.environ.get("TRUNKLINE_INVENTORY", "inventories/lab")
MONITOR = "trunkline_monitor"
UNITS = ("kamailio@users", "asterisk", "trunkline-callflow", "rtpengine-daemon")
JOURNAL_LINES = 40
JOURNALS_AT_MOST = 3


def number_of(person: Person) -> str:
    """Return the extension of a user."""
    return person.client.declared.users[person.user].extension or ""


class Users:
    """The users of the inventory; each is lent to one case at a time, so that no phone rings for another case."""

    def __init__(self, directory: Directory) -> None:
        self._free = {
            client.name: [directory.person(f"{user}@{client.name}") for user in sorted(client.declared.users)]
            for client in directory.tenants.clients()
        }
        self._returned = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def borrow(
        self, client: str, count: int, numbers: Collection[str] | None = None
    ) -> AsyncIterator[list[Person]]:
        """Lend users of a client, of certain extensions if they are named; waits until that many are free."""

        def free() -> list[Person]:
            return [person for person in self._free[client] if numbers is None or number_of(person) in numbers]

        async with self._returned:
            await self._returned.wait_for(lambda: len(free()) >= count)
            lent = free()[:count]
            for person in lent:
                self._free[client].remove(person)
        try:
            yield lent
        finally:
            async with self._returned:
                self._free[client] += lent
                self._returned.notify_all()


class Lab:
    """The platform under test.

    Attributes:
        directory: Accounts and addresses.
        users: Its users, lent one by one.
        ip: Our own address in the public network.
        relays: Public addresses of the media relays.
        inside: Internal addresses of all hosts: no phone learns one where it shows, keeps or calls back.
    """

    def __init__(self, directory: Directory, ip: str) -> None:
        self.directory = directory
        self.users = Users(directory)
        self.ip = ip
        self.relays = {
            address
            for name in directory.platform.members("media_relays")
            if (host := directory.deployment.hosts.get(name)) and (address := host.public)
        }
        self.inside = {
            host.internal
            for host in directory.deployment.hosts.values()
            if host.internal and host.internal != host.public
        }
        self._journals_shown = 0

    @classmethod
    async def open(cls) -> Lab:
        """Return the platform of the inventory in ``$TRUNKLINE_INVENTORY``."""
        directory = Directory(INVENTORY)
        return cls(directory, await own_address(directory.proxy("udp")))

    @property
    def dsn(self) -> str:
        """Data source name of the role that may read everything."""
        return data_source_of(INVENTORY, MONITOR)

    async def journals(self) -> str:
        """Return the last lines of all daemons that take part in calls; nothing after a few failures."""
        self._journals_shown += 1
        if self._journals_shown > JOURNALS_AT_MOST:
            return "(journals are shown for the first failures only)"
        platform = self.directory.platform
        names = {
            name for group in ("proxy_users", "application_servers", "media_relays") for name in platform.members(group)
        }
        texts = await asyncio.gather(
            *(self._journal(name) for name in sorted(names & set(self.directory.deployment.hosts)))
        )
        return "\n".join(texts)

    async def _journal(self, host: str) -> str:
        units = [word for unit in UNITS for word in ("-u", unit)]
        command = [
            "journalctl",
            *units,
            "--since",
            "-60s",
            "-n",
            str(JOURNAL_LINES),
            "--no-pager",
            "-o",
            "short-precise",
        ]
        target = f"root@{self.directory.deployment.address_of(host)}"
        process = await asyncio.create_subprocess_exec(
            *("ssh", *ssh_arguments(self.directory.platform.stack), "-o", "BatchMode=yes", target, *command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(process.communicate(), 20)
        return f"--- journal of {host}\n{output.decode(errors='replace')}"
