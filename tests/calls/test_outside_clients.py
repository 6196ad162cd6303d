"""Clients without a PBX and the outside: what they dial and present, who is called, where calls go instead, limits."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from tests.calls.client_tenants import (
    ACCOUNT_FORWARDS,
    CROWD,
    CROWD_LIMIT,
    DOMAIN,
    FENCED,
    FORWARDS,
    GATE,
    HOME,
    LIMIT,
    PBX,
    PBX_PORT,
    SHOP,
    TAG,
    TIGHT,
    WITHOUT_DDI,
    ddi_of,
    forward_of,
)
from tests.calls.lab import number_of
from tests.calls.outside import OutsideBatch, OutsideCase, OutsideStage
from tests.calls.outside_phones import FREE, KINDS, NATIONAL, call_in, gateway, phone_of, spanish, talk
from tests.calls.outside_tenants import CLIENT, inbound
from tests.calls.stage import CALLEE_TONE, CALLER_TONE
from tests.support.scripted import Script, shown
from trunkline.phone.errors import RequestFailedError


@dataclass(frozen=True)
class Out(OutsideCase):
    """A device or an account calls a number outside.

    Attributes:
        client: Whose it is.
        account: Its name.
        form: How the number is written: ``%s`` stands for its nine digits.
        presents: P-Asserted-Identity of the INVITE; empty for none.
        shows: The number that the carrier is shown; empty for the DDI of the account.
        server: Who answers; empty where the call is refused.
        code: What the phone gets in the end.
        codecs: That the phone speaks.
        ends: ``caller`` or ``callee``: who hangs up.
        refuses: What the first carrier says: it goes back to the phone.
        tag: Routing tag in the record.
        fax: Whether the record says that it was routed as a fax.
    """

    client: str
    account: str
    form: str = "%s"
    presents: str = ""
    shows: str = ""
    server: str = "one"
    code: int = 200
    codecs: tuple[str, ...] = ("PCMA",)
    ends: str = "caller"
    refuses: int = 0
    tag: str | None = None
    fax: bool = False

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        phone = await phone_of(stage, self.client, self.account, codecs=self.codecs)
        number = stage.outside.number("101")
        headers = [("P-Asserted-Identity", f"<sip:{self.presents}@{DOMAIN}>")] if self.presents else []
        if self.refuses:
            stage.outside.script(number, {self.server: Script(self.refuses)})
        out = await phone.call(self.form % number[NATIONAL], tone=CALLER_TONE, headers=headers)
        expected: dict[str, Any] = {"client": self.client, "direction": "outbound"}
        if not self.server:
            await out.wait("ended")
            assert out.code == self.code, f"{out.code} {out.reason}"
            record = await stage.record_of(out, code=self.code, client=self.client)
            assert not [leg for leg in record.legs if leg["direction"]]
            return
        if self.refuses:
            await out.wait("ended")
            assert out.code == self.refuses, f"{out.code} {out.reason}"
            await stage.record_of(out, [(self.server, self.server, self.refuses)], **expected, code=self.refuses)
            return
        into = await stage.answered_by(self.server, number, out)
        ending, other = (out, into) if self.ends == "caller" else (into, out)
        await ending.hangup()
        await other.wait("ended")
        (invite,) = stage.outside.invites(number)[self.server]
        presented = self.shows or ddi_of(self.account)
        assert shown(invite)["P-Asserted-Identity"] == spanish(presented)
        record = await stage.record_of(
            out, [(self.server, self.server, 200)], **expected, reason="answered", callee_number=number
        )
        assert (record.call["endpoint_type"], record.call["endpoint"]) == (
            KINDS[self.client],
            f"{self.account}@{DOMAIN}",
        )
        assert (record.call["caller_number"], record.call["ddi"]) == (presented, presented)
        (leg,) = [leg for leg in record.legs if leg["direction"]]
        assert (leg["rating"], leg["tag"], leg["fax"]) == ("platform", self.tag, self.fax)
        assert record.call["fax"] is self.fax


@dataclass(frozen=True)
class Wholesale(OutsideCase):
    """A wholesale client calls from its address, with whatever it likes in From.

    Attributes:
        form: How the number is written; ``%s`` stands for it in international form.
        caller: User part of From.
        server: Who answers; empty where the call is refused.
        code: What the gateway gets in the end.
    """

    form: str = "%s"
    caller: str = "+4915112345678"
    server: str = "one"
    code: int = 200

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        phone = await gateway(stage, "gate", "three")
        number = stage.outside.number("101")
        host = stage.lab.directory.proxy("udp")[0]
        out = await phone.call(
            f"sip:{self.form % number}@{host}", tone=CALLER_TONE, from_=f"sip:{self.caller}@gate.elsewhere.test"
        )
        if not self.server:
            await out.wait("ended")
            assert out.code == self.code, f"{out.code} {out.reason}"
            await stage.record_of(out, code=self.code, client=GATE, direction="outbound")
            return
        into = await stage.answered_by(self.server, number, out)
        await into.hangup()
        await out.wait("ended")
        (invite,) = stage.outside.invites(number)[self.server]
        assert shown(invite)["P-Asserted-Identity"] == spanish(self.caller)
        record = await stage.record_of(
            out, [(self.server, self.server, 200)], client=GATE, direction="outbound", caller_number=self.caller
        )
        assert record.call["ddi"] is None


@dataclass(frozen=True)
class In(OutsideCase):
    """A DDI provider brings a call to a device or an account.

    Attributes:
        client: Whose it is.
        account: Its name.
        called: User part that the phone is called by; empty for its own.
        home: Domain of From.
        ends: ``caller`` or ``callee``: who hangs up.
    """

    client: str
    account: str
    called: str = ""
    home: str = DOMAIN
    ends: str = "caller"

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        phone = await phone_of(stage, self.client, self.account)
        out = await call_in(stage, ddi_of(self.account))
        into = await phone.next_call()
        await talk(stage, out, into)
        assert (into.invite.from_.uri.user, into.invite.from_.uri.host) == ("600123456", self.home)
        if self.called:
            assert into.invite.uri.removeprefix("sip:").partition("@")[0] == self.called
        ending, other = (out, into) if self.ends == "caller" else (into, out)
        await ending.hangup()
        await other.wait("ended")
        record = await stage.record_of(out, direction="inbound", client=self.client, reason="answered")
        assert (record.call["ddi"], record.call["ddi_provider"]) == (ddi_of(self.account), "numbers")
        assert (record.call["endpoint"], record.call["endpoint_type"]) == (
            f"{self.account}@{DOMAIN}",
            KINDS[self.client],
        )


@dataclass(frozen=True)
class Forwarded(OutsideCase):
    """A call to a device or an account that goes on to a number outside.

    Attributes:
        client: Whose it is.
        account: Its name.
        when: Of the forward.
    """

    client: str
    account: str
    when: str

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        phone = await phone_of(stage, self.client, self.account, register=self.when in {"busy", "no_answer"})
        out = await call_in(stage, ddi_of(self.account))
        if self.when == "busy":
            await (await phone.next_call()).reject(486)
        elif self.when == "no_answer":
            await (await phone.next_call()).ring()
        number = forward_of(self.account)
        into = await stage.outside.servers["one"].call_to(number)
        await out.wait("answered")
        since = [len(call.media.received.packets) for call in (out, into)]
        await into.media.wait_tone(CALLER_TONE, over=[CALLEE_TONE], since=since[1])
        await out.media.wait_tone(CALLEE_TONE, over=[CALLER_TONE], since=since[0])
        own = spanish(ddi_of(self.account))
        seen = shown(into.invite)
        assert (seen["P-Asserted-Identity"], seen["Diversion"]) == (own, own)
        stage.check_carrier(into)
        await out.hangup()
        await into.wait("ended")
        record = await stage.record_of(out, [("one", "one", 200)], direction="inbound", client=self.client)
        legs = {leg["direction"]: leg for leg in record.legs if leg["direction"]}
        assert legs["inbound"]["rating"] == "none"
        assert (legs["outbound"]["rating"], legs["outbound"]["callee_number"]) == ("platform", number)
        assert legs["outbound"]["ddi"] == ddi_of(self.account)


@dataclass(frozen=True)
class Inside(OutsideCase):
    """A device or an account calls a number of the platform: no carrier sees it.

    Attributes:
        caller: Client and account that call.
        callee: Client and account that are called.
    """

    caller: tuple[str, str]
    callee: tuple[str, str]

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        first, second = await phone_of(stage, *self.caller), await phone_of(stage, *self.callee)
        number = ddi_of(self.callee[1])
        out = await first.call(number[NATIONAL], tone=CALLER_TONE)
        into = await second.next_call()
        await talk(stage, out, into)
        assert into.invite.from_.uri.user == ddi_of(self.caller[1])[NATIONAL]
        await into.hangup()
        await out.wait("ended")
        assert not stage.outside.invites(number)
        record = await stage.record_of(out, client=self.caller[0], direction="outbound", carrier=None)
        assert record.call["callee_number"] == number


@dataclass(frozen=True)
class ByAddress(OutsideCase):
    """An endpoint whose address is trusted calls without a password.

    Attributes:
        caller: User part of From: the endpoint's name, or anything.
        domain: Of From.
        port: That it calls from.
        code: What it gets.
    """

    caller: str = PBX
    domain: str = DOMAIN
    port: int = PBX_PORT
    code: int = 200

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        await stage.alone(FREE[PBX])
        phone = await gateway(stage, "pbx", "two", port=self.port)
        number = stage.outside.number("101")
        out = await phone.call(
            f"sip:{number[NATIONAL]}@{DOMAIN}", tone=CALLER_TONE, from_=f"sip:{self.caller}@{self.domain}"
        )
        if self.code != 200:
            await out.wait("ended")
            assert out.code == self.code, f"{out.code} {out.reason}"
        else:
            into = await stage.answered_by("one", number, out)
            await into.hangup()
            await out.wait("ended")
            await stage.record_of(out, [("one", "one", 200)], client=SHOP, endpoint=f"{PBX}@{DOMAIN}")
        await phone.stop()


@dataclass(frozen=True)
class FromElsewhere(OutsideCase):
    """A phone that is not where its client's address filter says: it neither registers nor calls, password or not."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        phone = await phone_of(stage, FENCED, "x1", register=False)
        with pytest.raises(RequestFailedError) as refused:
            await phone.register(keep=False)
        assert (refused.value.code, refused.value.reason) == (403, "Address Not Allowed")
        out = await phone.call(stage.outside.number("101")[NATIONAL])
        await out.wait("ended")
        assert (out.code, out.reason) == (403, "Address Not Allowed")


@dataclass(frozen=True)
class LastPhone(OutsideCase):
    """Of a device whose phones must not ring together only the one that registered last rings."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        first = await phone_of(stage, HOME, "h8")
        FREE["h8"] = asyncio.Lock()  # the second phone is this case's too
        second = await phone_of(stage, HOME, "h8", clear=False)
        out = await call_in(stage, ddi_of("h8"))
        into = await second.next_call()
        await talk(stage, out, into)
        await out.hangup()
        await into.wait("ended")
        assert not first.calls


@dataclass(frozen=True)
class Burst(OutsideCase):
    """Many calls of a client at once: exactly as many as its limit says get through, the others are told 403."""

    count: int = 200

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        phone = await gateway(stage, "crowd", "four")
        host = stage.lab.directory.proxy("udp")[0]
        number = stage.outside.number("101")
        calls = await asyncio.gather(
            *(phone.call(f"sip:{number}@{host}", from_="sip:+34600000000@crowd.test") for _ in range(self.count))
        )
        await asyncio.gather(*(call.wait("answered", "ended", seconds=60) for call in calls))
        codes = Counter(call.code for call in calls if call.state == "ended")
        assert codes == {403: self.count - CROWD_LIMIT}, codes
        await asyncio.gather(*(call.hangup() for call in calls if call.state == "answered"))
        records = [await stage.records.of(call.call_id, client=CROWD) for call in calls]
        assert Counter(record.call["code"] for record in records) == {403: self.count - CROWD_LIMIT, 200: CROWD_LIMIT}


@dataclass(frozen=True)
class Limited(OutsideCase):
    """A client with a limit has so many calls at once, in and out together, and no more; an end makes room."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        phones = [await phone_of(stage, TIGHT, f"t{number}") for number in range(1, LIMIT + 2)]
        first = stage.outside.number("101")
        out = await phones[0].call(first[NATIONAL], tone=CALLER_TONE)
        await stage.answered_by("one", first, out)
        coming = await call_in(stage, ddi_of("t2"))
        into = await phones[1].next_call()
        await into.answer()
        await coming.wait("answered")
        refused = await phones[2].call(stage.outside.number("101")[NATIONAL])
        await refused.wait("ended")
        assert refused.code == 403, f"{refused.code} {refused.reason}"
        busy = await call_in(stage, ddi_of("t3"))
        await busy.wait("ended")
        assert busy.code == 486, f"{busy.code} {busy.reason}"
        await out.hangup()
        await coming.hangup()
        for call in (out, coming):
            await stage.records.of(call.call_id)
        last = stage.outside.number("101")
        again = await phones[2].call(last[NATIONAL], tone=CALLER_TONE)
        await stage.answered_by("one", last, again)
        await again.hangup()
        await again.wait("ended")


@dataclass(frozen=True)
class Transferred(OutsideCase):
    """A user transfers a party outside: to another user, or to another number outside, which is then the user's call.

    Attributes:
        arrived: Whether the party outside has called the user; else the user has called it.
        outside: Whether it is transferred to a number outside; else to another user.
    """

    arrived: bool
    outside: bool

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        first, second = await stage.users(2, CLIENT)
        phone, other = await stage.phone(first), await stage.phone(second)
        number = stage.outside.number("101")
        if self.arrived:
            far = await call_in(stage, inbound(int(first.user[1:])))
            near = await phone.next_call()
            await talk(stage, far, near)
            known = far
        else:
            near = await phone.call(number[NATIONAL], tone=CALLER_TONE)
            far = await stage.answered_by("one", number, near)
            known = near
        goal = stage.outside.number("101")
        target = goal[NATIONAL] if self.outside else number_of(second)
        transfer = asyncio.create_task(near.blind_transfer(target))
        if self.outside:
            last = await stage.outside.servers["one"].call_to(goal)
            await last.wait("answered")
        else:
            last = await other.next_call()
            shown_number = "600123456" if self.arrived else number[NATIONAL]
            assert last.invite.from_.uri.user == shown_number
            await last.answer()
        assert await transfer == 200
        await near.hangup()
        await far.hangup()
        await last.wait("ended")
        record = await stage.records.of(known.call_id)
        legs = [leg for leg in record.legs if leg["direction"]]
        assert len(legs) == 1 + self.outside, legs
        assert record.call["direction"] == ("inbound" if self.arrived else "outbound")
        if self.outside:
            (paid,) = [leg for leg in legs if leg["callee_number"] == goal]
            own = [leg for leg in record.legs if leg["endpoint"].startswith(f"{first.terminal}@")]
            assert paid["endpoint_id"] == own[0]["endpoint_id"], "whoever transfers pays"


CASES: tuple[OutsideCase, ...] = (
    Out("a device calls out", HOME, "h1"),
    Out("a device calls out, the carrier hangs up", HOME, "h2", ends="callee"),
    Out("a device dials in international form", HOME, "h3", form="+34%s"),
    Out("a device dials with 00", HOME, "h4", form="0034%s"),
    Out("a device presents another DDI of its client", HOME, "h5", presents=ddi_of("h6"), shows=ddi_of("h6")),
    Out("a device presents a number that is not its client's", HOME, "h6", presents="+34600000000"),
    Out("an account calls out", SHOP, "s1"),
    Out("an account calls out, the carrier hangs up", SHOP, "s2", ends="callee"),
    Out("an account presents a DDI", SHOP, "s3", presents=ddi_of("s4"), shows=ddi_of("s4")),
    Out("an account with a routing tag", SHOP, "s4", form=f"{TAG.replace('#', '%%23')}%s", server="two", tag=TAG),
    Out("an account with a routing tag that is not enabled", SHOP, "s5", form="7%%23%s", server="", code=403),
    Out("an account with a routing tag that nobody has", SHOP, "s5", form="999%%23%s", server="", code=403),
    Out("an account without a DDI", SHOP, WITHOUT_DDI, server="", code=403),
    Out("an account with a codec that the carrier lacks", SHOP, "s6", codecs=("G722",)),
    *(Out(f"an account gets {code} of a carrier", SHOP, "s5", refuses=code) for code in (422, 480, 486)),
    Out("an account dials letters", SHOP, "s5", form="abc%s", server="", code=404),
    Out("a device that sends faxes takes the route for faxes", HOME, "h7", server="two", fax=True),
    Out("an account that sends faxes takes the route for faxes", SHOP, "s7", server="two", fax=True),
    Wholesale("a wholesale client"),
    Wholesale("a wholesale client presents what it likes", caller="gate-7"),
    Wholesale("a wholesale client with a routing tag", form=f"{TAG.replace('#', '%%23')}%s", server="two"),
    Wholesale("a wholesale client with a tag that is not enabled", form="7%%23%s", server="", code=403),
    In("a call to a device", HOME, "h1"),
    In("a call to a device, which hangs up", HOME, "h2", ends="callee"),
    In("a device that wants to know the DDI", HOME, "h9", called=ddi_of("h9")[NATIONAL], home="pbx.home.test"),
    In("a call to an account", SHOP, "s1", called=ddi_of("s1")[NATIONAL]),
    In("a call to an account, which hangs up", SHOP, "s2", ends="callee"),
    *(Forwarded(f"a device forwards: {when}", HOME, name, when) for name, when in FORWARDS.items()),
    *(Forwarded(f"an account forwards: {when}", SHOP, name, when) for name, when in ACCOUNT_FORWARDS.items()),
    Inside("from device to device", (HOME, "h3"), (HOME, "h4")),
    Inside("from device to account", (HOME, "h5"), (SHOP, "s3")),
    Inside("from account to device", (SHOP, "s4"), (HOME, "h6")),
    Inside("from account to account", (SHOP, "s5"), (SHOP, "s6")),
    ByAddress("an endpoint by From and address"),
    ByAddress("an endpoint by address alone", caller="anybody", domain="elsewhere.test"),
    ByAddress("the same address, another port", port=PBX_PORT + 1, caller="anybody", domain="elsewhere.test", code=403),
    FromElsewhere("an address filter"),
    Burst("200 calls at once"),
    LastPhone("one phone at a time"),
    Limited("a limit, both directions together"),
    *(
        Transferred(
            f"who {'called' if arrived else 'was called'} outside goes {'outside' if outside else 'to a user'}",
            arrived,
            outside,
        )
        for arrived in (True, False)
        for outside in (True, False)
    ),
)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("outside_case", CASES, ids=str)
async def test_clients_and_the_outside(outside_case: OutsideCase, outside_batch: OutsideBatch) -> None:
    await outside_batch.outcome(outside_case)
