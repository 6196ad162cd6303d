"""Calls from the outside: whose they are, what the user sees, who is sent away (seed 004 sections 9.2.2, 9.6.3)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from tests.calls.outside import ODD_HEADERS, OutsideBatch, OutsideCase, OutsideStage
from tests.calls.outside_tenants import CLIENT, inbound
from tests.calls.stage import CALLEE_TONE, CALLER_TONE
from tests.support.waiting import until_async
from trunkline.phone.core import Account
from trunkline.phone.ua import UserAgent


@dataclass(frozen=True)
class Incoming(OutsideCase):
    """A DDI provider brings a call to the DDI of a user.

    Attributes:
        server: The provider's address.
        form: How it writes the DDI; ``%s`` stands for its nine digits.
        caller: How it writes the caller.
        shown: How the caller is in the record, in international form.
        provider: Its name in the record.
        headers: Further headers of the INVITE.
        address: The address of ours that it calls; empty for the main one.
        ends: ``caller`` or ``callee``: who hangs up.
        compact: Whether it writes headers in their compact forms, and folds them.
    """

    server: str = "eight"
    form: str = "+34%s"
    caller: str = "+34600123456"
    shown: str = "+34600123456"
    provider: str = "numbers"
    headers: tuple[tuple[str, str], ...] = ()
    address: str = ""
    ends: str = "caller"
    compact: bool = False

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        (person,) = await stage.users(1, CLIENT)
        phone = await stage.phone(person)
        ddi = inbound(int(person.user[1:]))
        host, port = stage.outside.proxy(address=self.address)
        server = stage.outside.servers[self.server]
        target = f"sip:{self.form % ddi.removeprefix('+34')}@{host}:{port}"
        out = await server.call(target, from_=f"sip:{self.caller}@carrier.test", headers=self.headers, tone=CALLER_TONE)
        if self.compact:
            server.compact_calls.add(out.call_id)
        into = await phone.next_call()
        await into.media.prepare_tone(CALLEE_TONE)
        into.media.play_tone(CALLEE_TONE)
        await into.ring()
        await into.answer()
        await out.wait("answered")
        since = [len(call.media.received.packets) for call in (out, into)]
        await into.media.wait_tone(CALLER_TONE, over=[CALLEE_TONE], since=since[1])
        await out.media.wait_tone(CALLEE_TONE, over=[CALLER_TONE], since=since[0])
        stage.check_path(into, since[1])
        stage.check_carrier(out)
        ending, other = (out, into) if self.ends == "caller" else (into, out)
        await ending.hangup()
        await other.wait("ended")
        record = await stage.record_of(out, direction="inbound", client=CLIENT, reason="answered")
        (leg,) = [leg for leg in record.legs if leg["direction"] == "inbound"]
        assert (leg["caller_number"], leg["callee_number"], leg["ddi"]) == (self.shown, ddi, ddi)
        assert leg["ddi_provider"] == self.provider


@dataclass(frozen=True)
class Refused(OutsideCase):
    """A call from outside that nobody gets.

    Attributes:
        server: Who calls.
        number: What.
        code: What it is told.
        recorded: Whether there is a record: of what no provider sent there is none.
    """

    server: str
    number: str
    code: int
    recorded: bool = True

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        host, port = stage.outside.proxy()
        server = stage.outside.servers[self.server]
        out = await server.call(f"sip:{self.number}@{host}:{port}", from_="sip:+34600123456@carrier.test")
        await out.wait("ended")
        assert out.code == self.code
        for entry in out.messages:
            if not entry.sent:
                stage.check_hidden(entry.message)
        if self.recorded:
            await stage.record_of(out, direction="inbound", code=self.code)


@dataclass(frozen=True)
class Options(OutsideCase):
    """Whether somebody is told that the proxy lives."""

    server: str
    code: int

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        host, port = stage.outside.proxy()
        server = stage.outside.servers[self.server]
        response = await server.transact(server.build_request("OPTIONS", f"sip:{host}:{port}"))
        assert response.code == self.code
        stage.check_hidden(response)


@dataclass(frozen=True)
class Registered(OutsideCase):
    """Our registration at a provider: kept alive by one proxy, and its state can be seen."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        registrar = stage.outside.servers["main"]
        await until_async(lambda: registrar.registrations, 30, lambda: "no REGISTER that shows the password")
        sent = registrar.registrations[0]
        ours = [stage.outside.proxy(name=name) for name in stage.outside.proxies]
        assert any(f"@{host}:{port}" in sent.get("Contact") for host, port in ours), sent
        assert "outer-account@" in sent.get("To")
        before = len(registrar.registrations)
        await until_async(lambda: len(registrar.registrations) > before, 90, lambda: "it was not renewed")

    @property
    def waits(self) -> bool:
        """It mostly waits."""
        return True


CASES: tuple[OutsideCase, ...] = (
    Incoming("with a plus"),
    Incoming("the user hangs up", ends="callee"),
    Incoming("national form", form="%s", caller="600123456"),
    Incoming("international prefix", form="0034%s", caller="0033123456789", shown="+33123456789"),
    Incoming(
        "a provider without a plus",
        server="nine",
        form="34%s",
        caller="33123456789",
        shown="+33123456789",
        provider="no-plus",
    ),
    Incoming("an unknown caller", caller="anonymous", shown="anonymous"),
    Incoming("at another address of ours", address="second"),
    Incoming("a provider with a password", server="main", provider="asked"),
    Incoming("odd and long headers", headers=ODD_HEADERS),
    Incoming("odd, long, compact and folded headers", headers=ODD_HEADERS, compact=True),
    Incoming("compact and folded headers, the user hangs up", compact=True, ends="callee"),
    Incoming("a route that leads nowhere", headers=(("Route", "<sip:192.0.2.99;lr>"),)),
    Incoming(
        "a diverted call",
        headers=(("Diversion", "<sip:+34600999888@carrier.test>;reason=no-answer"), ("Privacy", "none")),
    ),
    Refused("a number that nobody has", "eight", "+34911999999", 404),
    Refused("a number to call out with", "eight", "+34911000002", 404),
    Refused("no number", "eight", "ping", 404),
    Refused("nobody's provider", "two", inbound(201), 403, recorded=False),
    Refused("a carrier is no provider", "one", inbound(201), 403, recorded=False),
    Options("a provider asks whether we live", "eight", 200),
    Options("somebody else asks", "two", 403),
    Registered("registered at a provider"),
)


@dataclass(frozen=True)
class Burst(OutsideCase):
    """Twenty calls at once from one provider to numbers that do not exist: each gets its answer, none is banned."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        host, port = stage.outside.proxy()
        server = stage.outside.servers["eight"]
        calls = [await server.call(f"sip:+34911888{index:03d}@{host}:{port}") for index in range(20)]
        await asyncio.gather(*(call.wait("ended") for call in calls))
        assert {call.code for call in calls} == {404}


@dataclass(frozen=True)
class Flood(OutsideCase):
    """Whoever is no provider and asks more than 100 times in two seconds is not answered any more, for five minutes."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case: from this machine's own address, which calls only the users proxy otherwise."""
        host, port = stage.outside.proxy()
        async with UserAgent(Account("flood", "flood.test"), ip=stage.lab.ip, name="flood") as stranger:
            asked = [stranger.transact(stranger.build_request("OPTIONS", f"sip:{host}:{port}")) for _ in range(140)]
            done, waiting = await asyncio.wait([asyncio.create_task(one) for one in asked], timeout=3)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            assert {task.result().code for task in done} <= {403}
            assert len(done) <= 100  # none, when a run before was less than five minutes ago


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("outside_case", [*CASES, Burst("many at once"), Flood("a flood")], ids=str)
async def test_a_call_from_the_outside(outside_case: OutsideCase, outside_batch: OutsideBatch) -> None:
    await outside_batch.outcome(outside_case)
