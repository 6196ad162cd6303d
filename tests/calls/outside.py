"""The outside of a lab for call tests: scripted carriers and DDI providers, and the tenants that know them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml

from tests.calls.case import AT_ONCE, CASE_SECONDS
from tests.calls.lab import Lab
from tests.calls.outside_tenants import BRAND, CLIENT, FAR, SERVERS, inbound, tenants
from tests.calls.records import RECORD_SECONDS, Record, Records
from tests.calls.stage import CALLEE_TONE, CALLER_TONE, Stage
from tests.support.certificates import issue
from tests.support.deployed import DeployedPlatform
from tests.support.fixtures import ALLOWED, Edited
from tests.support.scripted import ResettingServer, Script, ScriptedServer, significant
from tests.support.waiting import until_async
from trunkline.lab.names import Host
from trunkline.phone import sockets
from trunkline.phone.call import Call
from trunkline.phone.digest import Credentials
from trunkline.phone.directory import Directory
from trunkline.phone.message import Message
from trunkline.phone.transport import Address
from trunkline.phone.ua import UserAgent

CONTROL = "/opt/trunkline/bin/python -m trunkline.reload.control /run/kamailio-trunks/control.sock"
Attempt = tuple[str, str, int]
"""Carrier, server, code."""
ODD_HEADERS = (
    ("X-Long", "x" * 1200),
    ("X-Longer", ", ".join(f"<sip:{number}@carrier.test>;index={number}" for number in range(40))),
    ("X-Folded", "one;\r\n two=2;\r\n\tthree"),
    ("P-Charging-Vector", 'icid-value="a b;c,d";orig-ioi=carrier.test'),
    ("History-Info", "<sip:+34911000000@carrier.test;user=phone>;index=1"),
    ("Subject", ""),
    ("X-TL-Client", "00000000-0000-0000-0000-000000000000"),
    ("X-TL-Call", "00000000-0000-0000-0000-000000000000"),
)
"""What carriers and DDI providers may write: together more than a packet of an Ethernet holds."""


@dataclass
class Outside:
    """Everything outside of the platform, and the platform as it was applied for it.

    Attributes:
        lab: The platform with the tenants of these tests.
        servers: Scripted servers by the name of their address.
        resets: The server that resets connections.
        addresses: Of the host in the group ``carriers``, by name.
    """

    lab: Lab
    servers: dict[str, ScriptedServer]
    resets: ResettingServer
    addresses: Mapping[str, str]
    _numbers: Iterable[int] = field(default_factory=lambda: itertools.count(1))

    def number(self, route: str) -> str:
        """Return a number of a route (see `ROUTES`) that no other case calls, in international form."""
        return f"+34900{route}{next(iter(self._numbers)) % 1000:03d}"

    def script(self, number: str, scripts: Mapping[str, Script]) -> None:
        """Say what servers do with the calls to a number; the others answer."""
        for name, script in scripts.items():
            self.servers[name].taken[significant(number)].script = script

    def invites(self, number: str) -> dict[str, list[Message]]:
        """Return the INVITEs to a number, by server; only servers that got one."""
        key = significant(number)
        return {
            name: server.taken[key].invites
            for name, server in self.servers.items()
            if key in server.taken and server.taken[key].invites
        }

    @property
    def proxies(self) -> tuple[str, ...]:
        """Names of the trunks proxies."""
        return self.lab.directory.platform.members("proxy_trunks")

    def proxy(self, transport: str = "udp", address: str = "", name: str = "") -> Address:
        """Return where a trunks proxy listens, the first one unless named: its main address, or a named one."""
        platform, deployment = self.lab.directory.platform, self.lab.directory.deployment
        host = name or self.proxies[0]
        known = deployment.hosts[host]
        shared = platform.hosts[host].shares_address
        found = known.extra[address] if address else known.trunk or known.floating or known.public
        assert found
        return found, {True: (7060, 7061), False: (5060, 5061)}[shared][transport == "tls"]


@contextlib.asynccontextmanager
async def outside_of(
    folder: Path, more: Callable[[Mapping[str, str]], Mapping[str, Mapping[str, Any]]]
) -> AsyncIterator[Outside]:
    """Apply the tenants, start the servers; at the end stop them, and have the tenants go again.

    Args:
        folder: For the inventory and for certificates.
        more: Returns further files of the brand, by name, given the addresses; what is in the brand's own file is
            merged into it.
    """
    declared = DeployedPlatform.of_environment()
    copy = Edited(declared, folder)
    (stands_in,) = declared.members("carriers")
    known = declared.addresses(stands_in)
    assert known.public
    addresses = {"main": known.public, **known.extra}
    for address in addresses.values():
        sockets.place(address, Path("/run/netns") / Host(declared.stack, stands_in).machine)
    copy.write("platform.yml", lambda document: _distant(document, declared.members("media_relays")[-1]))
    brand = copy.folder / "tenants" / BRAND
    brand.mkdir()
    files = tenants(addresses)
    for name, content in more(addresses).items():
        for key, value in content.items():
            place = files.setdefault(name, {})
            place[key] = {**place[key], **value} if isinstance(place.get(key), dict) else value
    for name, content in files.items():
        (brand / name).write_text(yaml.safe_dump(content, sort_keys=False))
    try:
        await asyncio.to_thread(copy.platform.trunkline, "apply", *ALLOWED)
        for host in declared.members("proxy_trunks"):
            known_there = f"{CONTROL} htable.get relay {FAR}"
            await until_async(
                lambda host=host, what=known_there: declared.ssh(host, what, check=False).code == 0,  # type: ignore[misc]
                15,
                f"{host} does not know the media set {FAR}",
            )
        directory = Directory(copy.folder)
        lab = Lab(directory, declared.controller)
        servers, resets = await _servers(lab, addresses, folder)
        try:
            yield Outside(lab, servers, resets, addresses)
        finally:
            for server in servers.values():
                await server.stop()
            await resets.stop()
    finally:
        for address in addresses.values():
            sockets.place(address, None)
        await asyncio.to_thread(declared.trunkline, "apply", *ALLOWED)


def _distant(document: dict[str, Any], relay: str) -> None:
    """Have a media relay in a set of its own."""
    host = document["hosts"][relay]
    host["relay"] = {**(host.get("relay") or {}), "set": FAR}


async def _servers(
    lab: Lab, addresses: Mapping[str, str], folder: Path
) -> tuple[dict[str, ScriptedServer], ResettingServer]:
    """Start what listens at each address."""
    servers: dict[str, ScriptedServer] = {}
    authority = lab.directory.ca_file.parent
    for name, address in addresses.items():
        transport = SERVERS.get(name, {}).get("transport", "udp")
        if name == "five":
            continue
        tls = issue(folder, address, authority if name == "six" else None) if transport == "tls" else None
        servers[name] = await ScriptedServer.listening(name, address, transport, tls=tls)
    passwords = {
        "one": f"carrier/{BRAND}/asking/one",
        "main": f"registration/{BRAND}/asked/main",
    }
    for name, secret in passwords.items():
        servers[name].password = await asyncio.to_thread(lab.directory.secrets.get, secret)
    servers["one"].realm = "carriers.test"
    provider = await asyncio.to_thread(lab.directory.secrets.get, f"provider/{BRAND}/asked")
    servers["main"].credentials = Credentials("asked", provider)
    return servers, await ResettingServer().start(addresses["five"])


@dataclass
class OutsideStage(Stage):
    """The stage of a case with calls to the outside or from it.

    Attributes:
        outside: Everything outside.
    """

    outside: Outside = field(kw_only=True)

    async def caller(self) -> tuple[str, UserAgent]:
        """Return the DDI of a user, and its phone."""
        (person,) = await self.users(1, CLIENT)
        return inbound(int(person.user[1:])), await self.phone(person)

    async def answered_by(self, name: str, number: str, out: Call) -> Call:
        """Wait until a server has answered a call; prove the audio, and what is true of everything a carrier sees."""
        await out.wait("answered", seconds=25)
        into = await self.outside.servers[name].call_to(number)
        while into.state != "answered":
            into = await self.outside.servers[name].call_to(number)
        since = [len(call.media.received.packets) for call in (out, into)]
        await into.media.wait_tone(CALLER_TONE, over=[CALLEE_TONE], since=since[1])
        await out.media.wait_tone(CALLEE_TONE, over=[CALLER_TONE], since=since[0])
        self.check_path(out, since[0])
        self.check_carrier(into)
        return into

    def check_carrier(self, call: Call) -> None:
        """Check what is true of every call that a carrier or a DDI provider has: it sees nothing of the inside."""
        for entry in call.messages:
            if not entry.sent:
                self.check_hidden(entry.message)
        assert {address for address, _ in call.media.received.sources} <= self.lab.relays

    def check_hidden(self, message: Message) -> None:
        """Check that nothing in a message names an address or a header of the inside."""
        text = bytes(message).decode(errors="replace")
        found = [address for address in self.lab.inside if address in text]
        assert not found, f"{found} in\n{text}"
        assert "X-TL-" not in text.upper(), text

    async def record_of(self, out: Call, attempts: Iterable[Attempt] = (), **expected: Any) -> Record:
        """Wait for the record of a call, and compare it; attempts are those of its leg to the outside."""
        deadline = asyncio.get_running_loop().time() + RECORD_SECONDS
        while True:
            # Each proxy writes its own leg, so the first one may be there alone for a moment.
            record = await self.records.of(
                out.call_id, client=str(expected.get("client", "")), direction=str(expected.get("direction", ""))
            )
            listed = [
                (one["carrier"], one["server"], one["code"]) for leg in record.legs for one in leg["attempts"] or ()
            ]
            found = ({key: record.call[key] for key in expected}, listed)
            if found == (expected, list(attempts)):
                return record
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"{found} is not {(expected, list(attempts))}")
            await asyncio.sleep(0.2)


@dataclass(frozen=True)
class OutsideCase:
    """One case with the outside.

    Attributes:
        name: What the test is called.
    """

    name: str

    async def play(self, stage: OutsideStage) -> None:
        """Play the case; raises when something is not as it has to be."""
        raise NotImplementedError

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class OutsideBatch:
    """Runs the chosen cases with the outside, a few at a time, and keeps how each ended."""

    def __init__(self, outside: Outside, records: Records, cases: Iterable[OutsideCase]) -> None:
        self._outside = outside
        self._records = records
        self._places = asyncio.Semaphore(AT_ONCE)
        self._tasks = {case: asyncio.create_task(self._run(case), name=case.name) for case in dict.fromkeys(cases)}

    async def _run(self, case: OutsideCase) -> None:
        async with (
            self._places,
            asyncio.timeout(CASE_SECONDS),
            OutsideStage(self._outside.lab, self._records, outside=self._outside) as stage,
        ):
            await case.play(stage)

    async def outcome(self, case: OutsideCase) -> None:
        """Wait for the end of a case; raises what it raised."""
        await self._tasks[case]

    async def close(self) -> None:
        """Stop what still runs."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.close()
