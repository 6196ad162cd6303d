"""The FastAGI protocol, and the live driver, against a scripted Asterisk on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from tests.unit.callflow.clients import CLIENT, acme
from trunkline.callflow.agi import AgiSession, quote
from trunkline.callflow.configuration import ClientConfiguration
from trunkline.callflow.live import LiveDriver, transfer_domain
from trunkline.callflow.numbers import Dial, UnavailableError

CALL = "22222222-2222-2222-2222-222222222222"
ARGUMENTS = (CALL, CLIENT, "px1", "endpoint-alice", "101", "0")


@dataclass
class Configurations:
    """Hands out one client, or fails."""

    fail: bool = False

    async def get(self, client: str) -> ClientConfiguration | None:
        """Return the client."""
        if self.fail:
            raise UnavailableError("the database is down")
        return acme() if client == CLIENT else None


@dataclass
class Numbers:
    """Answers as the database would for Spanish numbers, or not at all."""

    fail: bool = False

    async def dial(self, client: str, endpoint: str, number: str, presented: str) -> Dial:
        """Return what an endpoint dials."""
        if self.fail:
            raise UnavailableError("the database is down")
        assert client == CLIENT
        if not number.lstrip("+").isdecimal():
            return Dial(404, "no_number")
        own = presented or {"endpoint-alice": "+34911000001"}.get(endpoint, "")
        callee = number if number.startswith("+") else f"+34{number}"
        return Dial(0, "", own, callee, own) if own else Dial(403, "no_outgoing_ddi", "", callee)

    async def shown(self, client: str, endpoint: str, caller: str, called: str) -> tuple[str, str]:
        """Return numbers as Spaniards write them."""
        if self.fail:
            raise UnavailableError("the database is down")
        assert client == CLIENT
        assert endpoint
        return caller.removeprefix("+34"), called.removeprefix("+34")


@dataclass
class Asterisk:
    """The other side: answers commands, remembers them.

    Attributes:
        answers: Beginning of a command -> answer line.
        commands: Everything that was asked.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)

    async def call(self, port: int, number: str, arguments: tuple[str, ...] = ARGUMENTS, extra: str = "") -> None:
        """Play one call until the service closes the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = [
            "agi_network: yes",
            "agi_channel: PJSIP/px1-1",
            f"agi_extension: {number}",
            *([extra] if extra else []),
        ]
        lines += [f"agi_arg_{index}: {argument}" for index, argument in enumerate(arguments, 1)]
        writer.write(("\n".join(lines) + "\n\n").encode())
        while line := (await reader.readline()).decode().rstrip("\n"):
            self.commands.append(line)
            found = [text for start, text in self.answers.items() if line.startswith(start)]
            writer.write(((found[0] if found else "200 result=0") + "\n").encode())
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def service(configurations: Configurations, numbers: Numbers) -> AsyncIterator[int]:
    driver = LiveDriver(configurations, numbers, ring_seconds=30)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await driver.handle(AgiSession(reader, writer))
        writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def play(asterisk: Asterisk, number: str, *, fail: bool = False, **more: object) -> list[str]:
    async with service(Configurations(fail), Numbers()) as port:
        await asyncio.wait_for(asterisk.call(port, number, **more), 5)  # type: ignore[arg-type]
    return asterisk.commands


async def test_a_call_rings_with_the_callers_identity() -> None:
    asterisk = Asterisk({"GET FULL VARIABLE": "200 result=1 (ANSWER)"})
    assert await play(asterisk, "102") == [
        'SET VARIABLE "CALLERID(num)" "101"',
        'SET VARIABLE "CALLERID(name)" "Alice Adams"',
        'SET VARIABLE "TL_PAYER" "endpoint-bob"',
        'EXEC Dial "PJSIP/px1/sip:bob@acme.example,30,ib(trunkline-callee^s^1(endpoint-bob^102^endpoint-alice^))"',
        'GET FULL VARIABLE "${DIALSTATUS}"',
    ]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("BUSY|SIP 486 Busy Here", 486),
        ("BUSY|SIP 600 Busy Everywhere", 486),
        ("CONGESTION|SIP 603 Decline", 603),
        ("CHANUNAVAIL|SIP 480 Not Registered", 480),
        ("NOANSWER|", 480),
        ("NOANSWER|SIP 480 Temporarily Unavailable", 480),
        ("NOANSWER|SIP 183 Session Progress", 480),
        ("CONGESTION|SIP 503 Service Unavailable", 480),
        ("CONGESTION|SIP 200 OK", 488),
        ("CHANUNAVAIL|", 480),
    ],
)
async def test_the_end_of_a_ring_reaches_the_caller(status: str, code: int) -> None:
    dialled, _, technical = status.partition("|")
    asterisk = Asterisk(
        {
            'GET FULL VARIABLE "${DIALSTATUS}"': f"200 result=1 ({dialled})",
            # one leg of before, and the one that was just called
            'GET FULL VARIABLE "${HANGUPCAUSE_KEYS()}"': "200 result=1 (PJSIP/px1-0000000a,PJSIP/px1-00000009)",
            'GET FULL VARIABLE "${HANGUPCAUSE(PJSIP/px1-0000000a,tech)}"': f"200 result=1 ({technical})",
        }
    )
    assert (await play(asterisk, "102"))[-1] == f'EXEC PJSIPHangup "{code}"'


async def test_a_leg_without_a_trace_is_unavailable() -> None:
    asterisk = Asterisk({'GET FULL VARIABLE "${DIALSTATUS}"': "200 result=1 (CHANUNAVAIL)"})
    assert (await play(asterisk, "102"))[-1] == 'EXEC PJSIPHangup "480"'


async def test_an_unknown_number_is_not_found() -> None:
    assert await play(Asterisk(), "999") == ['EXEC PJSIPHangup "404"']


async def test_a_transferred_party_gets_an_end_and_no_answer() -> None:
    arguments = (*ARGUMENTS[:5], "1", "", "", "", "", "", "<sip:103@other.example>")
    assert await play(Asterisk(), "103", arguments=arguments) == ['EXEC Hangup "1"']


async def test_an_unknown_client_is_not_found() -> None:
    arguments = (CALL, "other", *ARGUMENTS[2:])
    assert await play(Asterisk(), "102", arguments=arguments) == ['EXEC PJSIPHangup "404"']


async def test_without_configuration_the_proxy_is_told_to_try_elsewhere() -> None:
    assert await play(Asterisk(), "102", fail=True) == ['EXEC PJSIPHangup "503"']


async def test_a_hangup_in_between_ends_the_session() -> None:
    asterisk = Asterisk({"EXEC Dial": "HANGUP\n200 result=-1", "GET FULL": "200 result=1 (CANCEL)"})
    assert len(await play(asterisk, "102")) == 5
    dead = Asterisk({"SET": "511 Command Not Permitted on a dead channel or intercept routine"})
    assert len(await play(dead, "102")) == 1


@pytest.mark.parametrize("extra", ["agi_arg_2: other", "no colon", "agi_channel: again", "x: y"])
async def test_text_that_looks_like_the_environment_ends_the_session(extra: str) -> None:
    assert await play(Asterisk(), "102", extra=extra) == []


async def test_a_proxy_name_that_is_none_is_never_dialled() -> None:
    arguments = (CALL, CLIENT, "px1/x&Local/1@y", *ARGUMENTS[3:])
    assert await play(Asterisk(), "102", arguments=arguments) == ['EXEC PJSIPHangup "500"']


def test_quoting() -> None:
    assert quote('a "b" \\ c\nd') == '"a \\"b\\" \\\\ c d"'


@pytest.mark.parametrize(
    ("header", "domain"),
    [
        ("", ""),
        ("<sip:103@acme.example>", "acme.example"),
        ("<sip:103@ACME.example;user=phone>", "acme.example"),
        ("sip:103@acme.example:5060;transport=tcp", "acme.example"),
        ("<sip:103@192.0.2.1>", ""),
        ('"x" <sips:103@other.example?Replaces=y%40z>', "other.example"),
    ],
)
def test_domain_of_a_transfer(header: str, domain: str) -> None:
    assert transfer_domain(header) == domain
