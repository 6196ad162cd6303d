"""Calls to the outside: which servers of which carriers are tried, what they see, what the caller and the record get.

The rules are those of reference section 3; a case names the servers' scripts and the attempts that have to come of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import pytest

from tests.calls.outside import ODD_HEADERS, Attempt, OutsideBatch, OutsideCase, OutsideStage
from tests.calls.outside_tenants import BLOCKED, CARRIERS, FAR
from tests.support.scripted import ANSWERS, SILENT, Script, shown
from trunkline.phone.call import Call
from trunkline.phone.errors import RequestFailedError
from trunkline.phone.message import Message

NATIONAL = "{national}"


def _refuses(code: int, *headers: tuple[str, str]) -> Script:
    return Script(code, headers=headers)


@dataclass(frozen=True)
class Outgoing(OutsideCase):
    """A user calls a number outside.

    Attributes:
        route: Three digits, see `tests.calls.outside_tenants.ROUTES`.
        scripts: What servers do, by the names of their addresses; the others answer.
        attempts: What the record has to list.
        answers: The server that answers; empty when none does.
        code: What the caller's phone sees in the end, if nobody answers.
        ends: ``caller`` or ``callee``: who hangs up.
    """

    route: str
    scripts: tuple[tuple[str, Script], ...] = ()
    attempts: tuple[Attempt, ...] = ()
    answers: str = ""
    code: int = 200
    ends: str = "caller"

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        own, phone = await stage.caller()
        number = stage.outside.number(self.route)
        stage.outside.script(number, dict(self.scripts))
        out = await phone.call(number.removeprefix("+34"), tone=1000.0)
        if self.answers:
            into = await stage.answered_by(self.answers, number, out)
            ending, other = (out, into) if self.ends == "caller" else (into, out)
            await ending.hangup()
            await other.wait("ended")
        else:
            await out.wait("ended", seconds=30)
            assert out.code == self.code, f"{out.code} {out.reason}"
        record = await stage.record_of(out, self.attempts, direction="outbound")
        (leg,) = [leg for leg in record.legs if leg["direction"] == "outbound"]
        assert (leg["caller_number"], leg["callee_number"], leg["ddi"]) == (own, number, own)
        if self.answers:
            carrier, server, _ = self.attempts[-1]
            assert (leg["carrier"], leg["carrier_server"], leg["reason"]) == (carrier, server, "answered")
            relays = stage.lab.directory.platform.members("media_relays")
            far = CARRIERS[carrier].get("media_set") == FAR
            assert (leg["media_set"], leg["relay"]) == ((FAR, relays[-1]) if far else ("default", relays[0]))
        for messages in stage.outside.invites(number).values():
            for message in messages:
                stage.check_hidden(message)
        self.check(stage.outside.invites(number), own)

    def check(self, invites: Mapping[str, list[Message]], own: str) -> None:
        """Check what the servers were sent."""
        del own
        tried = {name for _, name, _ in self.attempts}
        assert set(invites) <= tried | {name for name, _ in self.scripts} | {self.answers}, set(invites)


@dataclass(frozen=True)
class Headers(Outgoing):
    """What one server sees of caller and callee.

    Attributes:
        sees: Header -> user part of its URI, with ``{national}`` and ``{abroad}`` for ways to write the caller; empty:
            it is not there.
        home: What the From header says behind the @; empty for anything.
    """

    sees: Mapping[str, str] = field(default_factory=dict, hash=False)
    home: str = ""

    def check(self, invites: Mapping[str, list[Message]], own: str) -> None:
        """Check what the server was sent."""
        (invite,) = invites[self.answers]
        forms = {"national": own.removeprefix("+34"), "abroad": own.replace("+", "00")}
        expected = {name: text.format(**forms) for name, text in self.sees.items()}
        assert {name: shown(invite)[name] for name in self.sees} == expected
        assert self.home in invite.get("From")
        assert invite.get("User-Agent") == ""


def _first(code: int, *, script: Script | None = None) -> Outgoing:
    """Return the case of a failure that makes the call go on to the next carrier."""
    chosen = script or _refuses(code)
    return Outgoing(
        f"{chosen}: the next carrier",
        "102",
        (("one", chosen),),
        (("one", "one", code), ("two", "two", 200)),
        "two",
    )


def _final(code: int, seen: int) -> Outgoing:
    """Return the case of an answer that goes back to the caller."""
    return Outgoing(
        f"{code}: back to the caller", "102", (("one", _refuses(code)),), (("one", "one", code),), code=seen
    )


ASKED = Script(challenge=407)
CASES: tuple[OutsideCase, ...] = (
    Outgoing("a carrier answers", "101", (), (("one", "one", 200),), "one"),
    Outgoing("a carrier answers and hangs up", "101", (), (("one", "one", 200),), "one", ends="callee"),
    Outgoing("it rings first", "101", (("one", Script(ringing=180, hold=1)),), (("one", "one", 200),), "one"),
    Outgoing(
        "audio before the answer",
        "101",
        (("one", Script(ringing=183, early=True, hold=1)),),
        (("one", "one", 200),),
        "one",
    ),
    *(
        Outgoing(
            f"odd, long, compact and folded headers, {ends} hangs up",
            "101",
            (("one", Script(headers=ODD_HEADERS, compact=True)),),
            (("one", "one", 200),),
            "one",
            ends=ends,
        )
        for ends in ("caller", "callee")
    ),
    Outgoing(
        "a refusal with odd, long, compact and folded headers",
        "102",
        (("one", Script(503, headers=ODD_HEADERS, compact=True)),),
        (("one", "one", 503), ("two", "two", 200)),
        "two",
    ),
    Outgoing("over TCP", "105", (), (("tcp", "four", 200),), "four"),
    Outgoing("over TCP, the carrier hangs up", "105", (), (("tcp", "four", 200),), "four", ends="callee"),
    Outgoing("over TLS", "107", (), (("tls", "six", 200),), "six"),
    Outgoing("over TLS, the carrier hangs up", "107", (), (("tls", "six", 200),), "six", ends="callee"),
    Outgoing(
        "a certificate of nobody: the next carrier",
        "108",
        (),
        (("forged", "seven", 408), ("two", "two", 200)),
        "two",
    ),
    *(_first(code) for code in (404, 408, 500, 502, 503, 504, 488, 403, 410, 484, 600, 603, 604)),
    _first(503, script=Script(503, ringing=180, hold=0.5)),
    _first(503, script=Script(503, ringing=183, early=True, hold=1)),
    *(
        Outgoing(
            f"{script}: the next carrier",
            "120",
            (("one", script),),
            (("mute", "one", 408), ("two", "two", 200)),
            "two",
        )
        for script in (SILENT, Script(after=7.0))
    ),
    _first(401, script=Script(challenge=401)),
    _first(407, script=Script(challenge=407)),
    _final(486, 486),
    _final(480, 480),
    Outgoing(
        "a redirection is refused",
        "102",
        (("one", _refuses(302, ("Contact", "<sip:somewhere@192.0.2.77>"))),),
        (("one", "one", 302),),
        code=403,
    ),
    Outgoing(
        "two fail, the third answers",
        "103",
        (("one", _refuses(500)), ("two", _refuses(503))),
        (("one", "one", 500), ("two", "two", 503), ("three", "three", 200)),
        "three",
    ),
    Outgoing(
        "all fail",
        "103",
        (("one", _refuses(500)), ("two", _refuses(404)), ("three", _refuses(603))),
        (("one", "one", 500), ("two", "two", 404), ("three", "three", 603)),
        code=503,
    ),
    Outgoing(
        "the second is busy",
        "103",
        (("one", _refuses(503)), ("two", _refuses(486))),
        (("one", "one", 503), ("two", "two", 486)),
        code=486,
    ),
    Outgoing("a connection is reset", "106", (), (("reset", "five", 408), ("two", "two", 200)), "two"),
    Outgoing("a password is asked for with 407", "109", (("one", ASKED),), (("asking", "one", 200),), "one"),
    Outgoing(
        "a password is asked for with 401",
        "109",
        (("one", Script(challenge=401)),),
        (("asking", "one", 200),),
        "one",
        ends="callee",
    ),
    Outgoing(
        "a right password is not enough",
        "109",
        (("one", Script(challenge=407, patience=9)),),
        (("asking", "one", 407), ("two", "two", 200)),
        "two",
    ),
    Outgoing(
        "busy after the password",
        "109",
        (("one", Script(486, challenge=407)),),
        (("asking", "one", 486),),
        code=486,
    ),
    Outgoing(
        "a failure after the password",
        "109",
        (("one", Script(503, challenge=401)),),
        (("asking", "one", 503), ("two", "two", 200)),
        "two",
    ),
    Outgoing(
        "a server is tried once, whatever routes say",
        "119",
        (("one", _refuses(503)),),
        (("asking", "one", 503), ("two", "two", 200)),
        "two",
    ),
    Outgoing("a blocking route", BLOCKED, (), (), code=403),
    Outgoing(
        "the next carrier has another media set",
        "122",
        (("one", _refuses(503)),),
        (("one", "one", 503), ("distant", "two", 200)),
        "two",
    ),
    Outgoing(
        "the next carrier has the client's media set",
        "123",
        (("two", Script(503, ringing=183, early=True, hold=0.5)),),
        (("distant", "two", 503), ("one", "one", 200)),
        "one",
    ),
    Headers(
        "numbers as in the country, identity in P-Asserted-Identity",
        "101",
        (),
        (("one", "one", 200),),
        "one",
        sees={"From": NATIONAL, "P-Asserted-Identity": NATIONAL, "Remote-Party-ID": "", "Diversion": ""},
    ),
    Headers(
        "numbers for another country",
        "112",
        (),
        (("french", "one", 200),),
        "one",
        sees={"From": "{abroad}", "P-Asserted-Identity": "{abroad}"},
    ),
    Headers(
        "identity in From only",
        "113",
        (),
        (("plain", "one", 200),),
        "one",
        sees={"From": NATIONAL, "P-Asserted-Identity": "", "Remote-Party-ID": ""},
    ),
    Headers(
        "identity in Remote-Party-ID",
        "114",
        (),
        (("rpid", "one", 200),),
        "one",
        sees={"From": NATIONAL, "P-Asserted-Identity": "", "Remote-Party-ID": NATIONAL},
    ),
    Headers(
        "identity in both",
        "115",
        (),
        (("both", "one", 200),),
        "one",
        sees={"P-Asserted-Identity": NATIONAL, "Remote-Party-ID": NATIONAL},
    ),
    Headers(
        "an account in From",
        "116",
        (),
        (("account", "one", 200),),
        "one",
        sees={"From": "acct-7", "P-Asserted-Identity": NATIONAL},
        home="acct-7@sip.carrier.test",
    ),
)


@dataclass(frozen=True)
class OtherAddress(Outgoing):
    """A carrier that knows us by another address sees that one."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        await super().play(stage)
        address, _ = stage.outside.proxy(address="second")
        seen = [taken.invites for taken in stage.outside.servers["two"].taken.values() if taken.invites]
        assert any(address in invites[-1].via.sent_by and address in invites[-1].get("From") for invites in seen)


@dataclass(frozen=True)
class OutboundProxy(Outgoing):
    """Requests name the carrier's address, and are sent to its outbound proxy."""

    def check(self, invites: Mapping[str, list[Message]], own: str) -> None:
        """Check what the proxy was sent."""
        super().check(invites, own)
        (invite,) = invites["one"]
        assert "@192.0.2.55" in invite.uri
        assert "@192.0.2.55" in invite.get("To")


@dataclass(frozen=True)
class Cancelled(OutsideCase):
    """The caller gives up while it rings outside."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        _, phone = await stage.caller()
        number = stage.outside.number("102")
        stage.outside.script(number, {"one": Script(ringing=180, hold=8)})
        out = await phone.call(number.removeprefix("+34"))
        into = await stage.outside.servers["one"].call_to(number)
        await out.wait("ringing")
        await out.cancel()
        await into.wait("ended")
        assert into.code == 487
        await stage.record_of(out, (("one", "one", 487),), direction="outbound", reason="cancelled")
        assert set(stage.outside.invites(number)) == {"one"}


@dataclass(frozen=True)
class LateAnswer(OutsideCase):
    """A server answers when the call is with the next one already: it is told that the call is over."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        _, phone = await stage.caller()
        number = stage.outside.number("120")
        stage.outside.script(number, {"one": Script(after=6.5, trying=False)})
        out = await phone.call(number.removeprefix("+34"), tone=1000.0)
        await stage.answered_by("two", number, out)
        late = await stage.outside.servers["one"].call_to(number)
        await late.wait("ended", seconds=10)
        assert out.state == "answered"
        await out.hangup()


@dataclass(frozen=True)
class Hold(OutsideCase):
    """The carrier's side holds and resumes, then ours does; numbers and addresses stay as they were."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        _, phone = await stage.caller()
        number = stage.outside.number("101")
        out = await phone.call(number.removeprefix("+34"), tone=1000.0)
        into = await stage.answered_by("one", number, out)
        for call, other in ((into, out), (out, into)):
            for change, direction in ((call.hold, "recvonly"), (call.resume, "sendrecv")):
                await self._agree(change)
                await self._until(other, direction)
        stage.check_carrier(into)
        await into.hangup()
        await out.wait("ended")
        opened = [entry.message for entry in into.messages if not entry.sent and entry.message.is_request]
        senders = {f"{message.start} from {message.get('From')}" for message in opened}
        assert len({message.from_.uri.user for message in opened}) == 1, senders

    @staticmethod
    async def _agree(change: Callable[[], Awaitable[Message]]) -> None:
        """Change the session; who is told that another change is not over yet tries again (RFC 3261 section 14.2)."""
        for _ in range(5):
            try:
                await change()
            except RequestFailedError as error:
                if error.code != 500:
                    raise
                await asyncio.sleep(0.5)
            else:
                return
        raise AssertionError("the session could not be changed")

    @staticmethod
    async def _until(call: Call, direction: str) -> None:
        await call.changes.wait(
            lambda: call.media.direction == direction, 5, lambda: f"the media is {call.media.direction}"
        )


@dataclass(frozen=True)
class Narrow(OutsideCase):
    """A carrier with one line: the second call goes to the next carrier."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        _, first = await stage.caller()
        _, second = await stage.caller()
        numbers = [stage.outside.number("111") for _ in range(2)]
        one = await first.call(numbers[0].removeprefix("+34"), tone=1000.0)
        await stage.answered_by("one", numbers[0], one)
        two = await second.call(numbers[1].removeprefix("+34"), tone=1000.0)
        await stage.answered_by("two", numbers[1], two)
        await asyncio.gather(one.hangup(), two.hangup())
        await stage.record_of(two, (("narrow", "one", 486), ("two", "two", 200)), direction="outbound")


@dataclass(frozen=True)
class Dying(OutsideCase):
    """A server that dies is left out after one call, asked whether it lives, and comes back by itself."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        await self._until(stage, left_out=False)  # an earlier run may have left it dead
        _, phone = await stage.caller()
        number = stage.outside.number("121")
        stage.outside.script(number, {"three": SILENT})
        first = await phone.call(number.removeprefix("+34"), tone=1000.0)
        await stage.answered_by("two", number, first)
        await first.hangup()
        await stage.record_of(first, (("dying", "three", 408), ("two", "two", 200)), direction="outbound")
        second = await phone.call(number.removeprefix("+34"), tone=1000.0)
        await stage.answered_by("two", number, second)
        await second.hangup()
        await stage.record_of(second, (("two", "two", 200),), direction="outbound")
        stage.outside.script(number, {"three": ANSWERS})
        await self._until(stage, left_out=False)
        third = await phone.call(number.removeprefix("+34"), tone=1000.0)
        await stage.answered_by("three", number, third)
        await third.hangup()

    async def _until(self, stage: OutsideStage, *, left_out: bool) -> None:
        """Wait until the proxy leaves the server out, or tries it again; one interval of pings is 15 s."""
        query = """
            select coalesce(bool_or(not seen.active), false) as left_out
              from config.carrier join config.carrier_server server on server.carrier_id = carrier.id
              left join live.carrier_server seen on seen.server_id = server.id
             where carrier.name = %s
        """
        deadline = asyncio.get_running_loop().time() + 20
        while (await stage.records.rows(query, "dying"))[0]["left_out"] is not left_out:
            assert asyncio.get_running_loop().time() < deadline, "it did not come back within 20 s"
            await asyncio.sleep(0.5)


OTHERS: tuple[OutsideCase, ...] = (
    Dying("a server dies and comes back"),
    OtherAddress("another address of ours", "110", (), (("second", "two", 200),), "two"),
    OutboundProxy("an outbound proxy", "117", (), (("behind", "main", 200),), "one"),
    Cancelled("the caller gives up"),
    LateAnswer("a late answer is ended"),
    Hold("held from outside, and from inside"),
    Narrow("a carrier with one line"),
)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("outside_case", [*CASES, *OTHERS], ids=str)
async def test_a_call_to_the_outside(outside_case: OutsideCase, outside_batch: OutsideBatch) -> None:
    await outside_batch.outcome(outside_case)
