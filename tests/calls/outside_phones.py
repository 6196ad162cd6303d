"""Phones of clients without a PBX: how call tests get them, call in, talk, and read what carriers are shown."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from tests.calls.client_tenants import DOMAIN, FENCED, HOME, SHOP, TIGHT
from tests.calls.outside import OutsideStage
from tests.calls.outside_tenants import BRAND
from tests.calls.stage import CALLEE_TONE, CALLER_TONE
from trunkline.phone.call import Call
from trunkline.phone.core import Account
from trunkline.phone.negotiation import MediaOptions
from trunkline.phone.ua import UserAgent

KINDS = {HOME: "device", TIGHT: "device", SHOP: "account", FENCED: "account"}
NATIONAL = slice(3, None)  # without +34
FREE: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # an account has a phone in one case at a time


def spanish(number: str) -> str:
    """Return a number as carriers of the brand, which is Spanish, write it."""
    return number.removeprefix("+34") if number.startswith("+34") else number.replace("+", "00")


async def phone_of(
    stage: OutsideStage,
    client: str,
    name: str,
    *,
    register: bool = True,
    clear: bool = True,
    codecs: tuple[str, ...] = ("PCMA",),
) -> UserAgent:
    """Return a phone of a residential device or a retail account, registered."""
    await stage.alone(FREE[name])
    directory = stage.lab.directory
    password = await asyncio.to_thread(directory.secrets.get, f"{KINDS[client]}/{BRAND}/{client}/{name}")
    made = UserAgent(
        Account(name, DOMAIN, password),
        "udp",
        ip=stage.lab.ip,
        proxy=directory.proxy("udp"),
        media=MediaOptions.usual("udp", codecs),
        name=f"{name}@{client}",
    )
    await made.start()
    stage.phones.append(made)
    if register and clear:
        await made.unregister(everything=True)
    if register:
        await made.register(keep=False)
    return made


async def gateway(stage: OutsideStage, name: str, address: str, *, port: int = 0) -> UserAgent:
    """Return a user agent at an address of the host `carriers`, which registers nowhere."""
    made = UserAgent(
        Account(name, address),
        "udp",
        ip=stage.outside.addresses[address],
        proxy=stage.lab.directory.proxy("udp"),
        name=name,
    )
    made.transport.port = port
    await made.start()
    stage.phones.append(made)
    return made


async def call_in(stage: OutsideStage, ddi: str) -> Call:
    """Let a DDI provider bring a call."""
    host, port = stage.outside.proxy()
    server = stage.outside.servers["eight"]
    return await server.call(f"sip:{ddi}@{host}:{port}", from_="sip:+34600123456@carrier.test", tone=CALLER_TONE)


async def talk(stage: OutsideStage, out: Call, into: Call) -> None:
    """Answer a call, and prove the audio both ways."""
    await into.media.prepare_tone(CALLEE_TONE)
    into.media.play_tone(CALLEE_TONE)
    await into.ring()
    await into.answer()
    await out.wait("answered")
    since = [len(call.media.received.packets) for call in (out, into)]
    await into.media.wait_tone(CALLER_TONE, over=[CALLEE_TONE], since=since[1])
    await out.media.wait_tone(CALLEE_TONE, over=[CALLER_TONE], since=since[0])
    stage.check_path(into, since[1])
