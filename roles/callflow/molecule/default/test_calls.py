"""Calls through a real Asterisk and the call-flow service; a stand-in plays the proxy on both sides."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

import pytest
from testinfra.host import Host

from tests.support.proxy import Message, Proxy, session
from tests.support.waiting import until

CLIENT = "00000000-0000-0000-0000-000000000001"
ENDPOINT = {"101": "00000000-0000-0000-0000-000000000011", "102": "00000000-0000-0000-0000-000000000012"}
ENDPOINT["103"] = "00000000-0000-0000-0000-000000000013"
USERS = {"101": "alice", "102": "bob", "103": "carol"}


@dataclass
class Platform:
    """The stand-in and where Asterisk is."""

    host: Host
    proxy: Proxy
    server: str
    sequence: int = 1
    conversations: int = 0

    def dial(self, number: str, caller: str = "101", payloads: str = "8 0 101") -> tuple[str, str]:
        """Start a call; return its Call-ID and the id of its record."""
        record = str(uuid.uuid4())
        headers = {
            "X-TL-Call": record,
            "X-TL-Client": CLIENT,
            "X-TL-Brand": CLIENT,
            "X-TL-Endpoint": ENDPOINT[caller],
            "X-TL-Caller": caller,
        }
        call = self.proxy.request(
            "INVITE",
            f"sip:{number}@{self.server}:6060",
            own=f"<sip:{USERS[caller]}@acme.example>;tag={caller}",
            headers=headers,
            body=session(self.proxy.address, payloads),
        )
        return call, record

    def leg(self, number: str) -> Message:
        """Return the INVITE that Asterisk sends back for a user."""
        leg = self.proxy.expect(method="INVITE")
        assert leg.uri == f"sip:{USERS[number]}@acme.example"
        assert leg["x-tl-endpoint"] == ENDPOINT[number]
        assert leg["x-tl-leg"] == "callee"
        assert leg["x-tl-client"] == CLIENT
        assert leg["route"] == ""
        return leg

    def answered(self, number: str, caller: str = "101") -> tuple[Message, Message, str]:
        """Connect a call; return the answer to the caller, the called leg, and the id of the record."""
        call, record = self.dial(number, caller)
        leg = self.leg(number)
        self.proxy.reply(leg, 180, "Ringing", tag=number)
        self.proxy.expect(status=180, call=call)
        self.proxy.reply(leg, 200, "OK", tag=number, body=session(self.proxy.address, "8 101"))
        self.proxy.expect(method="ACK", call=leg["call-id"])
        answer = self.proxy.expect(status=200, method="INVITE", call=call)
        self.proxy.acknowledge(answer)
        # Asterisk joins the legs a moment after it has answered; before, there is nothing to transfer
        self.conversations += 1
        until(lambda: self.bridges() >= self.conversations, 10, "the legs of the call in a bridge")
        return answer, leg, record

    def bridges(self) -> int:
        """Return how many bridges have two channels."""
        shown = self.host.check_output("asterisk -rx 'bridge show all'")
        return len(re.findall(r" 2 basic ", shown))

    def refer(self, party: Message, target: str) -> None:
        """Have a party transfer: the caller (given the answer it got) or the callee (given its leg)."""
        self.within("REFER", party, {"Refer-To": f"<{target}>"})
        self.proxy.expect(status=202, method="REFER", call=party["call-id"])

    def leave(self, party: Message) -> None:
        """Have a party that has transferred its call hang up, as telephones do when they hear that it worked."""
        self.within("BYE", party, {})
        self.proxy.expect(status=200, method="BYE", call=party["call-id"])

    def end(self, hangs_up: Message, other: Message) -> None:
        """Have one party hang up, and see the other one's call end."""
        self.leave(hangs_up)
        self.hang_up(other["call-id"])

    def within(self, method: str, party: Message, headers: dict[str, str]) -> None:
        """Send a request inside a call, as the caller or as the callee."""
        if party.status:
            mine, other = party["from"], party["to"]
        else:
            number = next(number for number, endpoint in ENDPOINT.items() if endpoint == party["x-tl-endpoint"])
            mine, other = f"{party['to']};tag={number}", party["from"]
        contact = party["contact"].strip("<>")
        self.sequence += 1
        self.proxy.request(
            method, contact, call=party["call-id"], own=mine, to=other, sequence=self.sequence, headers=headers
        )

    def hang_up(self, *calls: str) -> None:
        """Wait until Asterisk has hung up these calls."""
        for call in calls:
            self.proxy.hung_up(call)


@pytest.fixture
def platform(host: Host) -> Iterator[Platform]:
    variables = host.ansible.get_variables()
    gateway = str(ip_network(variables["trunkline_networks"]["internal"])[1])
    server = variables["trunkline_internal_address"]
    with Proxy(gateway, 15060, (server, 6060)) as proxy:
        yield Platform(host, proxy, server)


def test_a_call_to_an_extension(platform: Platform) -> None:
    call, record = platform.dial("102")
    leg = platform.leg("102")
    assert leg["x-tl-call"] == record
    assert leg["from"].startswith('"Alice" <sip:101@')
    assert leg["p-asserted-identity"].startswith('"Alice" <sip:101@')
    # one codec: the caller's first choice; nothing is translated here
    assert "m=audio" in leg.body
    assert " RTP/AVP 8 101\r\n" in leg.body
    platform.proxy.reply(leg, 180, "Ringing", tag="102")
    platform.proxy.expect(status=180, call=call)
    platform.proxy.reply(leg, 200, "OK", tag="102", body=session(platform.proxy.address, "8 101"))
    platform.proxy.expect(method="ACK", call=leg["call-id"])
    answer = platform.proxy.expect(status=200, method="INVITE", call=call)
    assert " RTP/AVP 8 101\r\n" in answer.body
    assert f"c=IN IP4 {platform.server}\r\n" in answer.body
    platform.proxy.acknowledge(answer)
    platform.end(answer, leg)


@pytest.mark.parametrize(("payloads", "first"), [("96 8 101", "opus/48000"), ("9 0 8 101", "G722/8000")])
def test_the_callers_first_codec_goes_on(platform: Platform, payloads: str, first: str) -> None:
    call, _ = platform.dial("102", payloads=payloads)
    leg = platform.leg("102")
    names = [line.split(" ", 1)[1] for line in leg.body.splitlines() if line.startswith("a=rtpmap:")]
    assert names[0].startswith(first)
    assert {name.split("/")[0] for name in names[1:]} == {"telephone-event"}
    platform.proxy.reply(leg, 480, "Not Registered")
    platform.proxy.acknowledge(platform.proxy.expect(status=480, method="INVITE", call=call))


@pytest.mark.parametrize(
    ("leg_status", "caller_status"),
    [(480, 480), (404, 480), (486, 486), (600, 486), (603, 603), (488, 488), (503, 480)],
)
def test_a_refusal_of_the_callee_reaches_the_caller(platform: Platform, leg_status: int, caller_status: int) -> None:
    call, _ = platform.dial("102")
    platform.proxy.reply(platform.leg("102"), leg_status)
    platform.proxy.acknowledge(platform.proxy.expect(status=caller_status, method="INVITE", call=call))


@pytest.mark.parametrize("number", ["999", "alice", "10", "101x", "%2A95", "102%2C103"])
def test_what_is_no_extension_is_not_found(platform: Platform, number: str) -> None:
    call, _ = platform.dial(number)
    platform.proxy.acknowledge(platform.proxy.expect(status=404, method="INVITE", call=call))


def test_a_line_end_in_a_number_says_nothing_to_the_service(platform: Platform) -> None:
    call, _ = platform.dial("102%0Aagi_arg_2%3A%20other")
    answer = platform.proxy.expect(status=503, method="INVITE", call=call)
    platform.proxy.acknowledge(answer)


def test_an_unanswered_call_ends(platform: Platform) -> None:
    call, _ = platform.dial("102")
    leg = platform.leg("102")
    platform.proxy.reply(leg, 180, "Ringing", tag="102")
    cancel = platform.proxy.expect(method="CANCEL", call=leg["call-id"])
    platform.proxy.reply(cancel, 200, "OK", tag="102")
    platform.proxy.reply(leg, 487, "Request Terminated", tag="102")
    platform.proxy.acknowledge(platform.proxy.expect(status=480, method="INVITE", call=call))


def test_a_callers_cancel_reaches_the_callee(platform: Platform) -> None:
    call, _ = platform.dial("102")
    leg = platform.leg("102")
    platform.proxy.reply(leg, 180, "Ringing", tag="102")
    platform.proxy.expect(status=180, call=call)
    platform.proxy.cancel(call)
    cancel = platform.proxy.expect(method="CANCEL", call=leg["call-id"])
    platform.proxy.reply(cancel, 200, "OK", tag="102")
    platform.proxy.reply(leg, 487, "Request Terminated", tag="102")
    platform.proxy.acknowledge(platform.proxy.expect(status=487, method="INVITE", call=call))


def test_a_blind_transfer_by_the_caller_rings_the_target_in_the_same_record(platform: Platform) -> None:
    answer, bob, record = platform.answered("102")
    platform.refer(answer, "sip:103@acme.example")
    carol = platform.leg("103")
    assert carol["x-tl-call"] == record
    assert carol["from"].startswith('"Bob" <sip:102@')
    platform.proxy.reply(carol, 200, "OK", tag="103", body=session(platform.proxy.address, "8 101"))
    platform.proxy.expect(method="ACK", call=carol["call-id"])
    platform.proxy.heard("SIP/2.0 200 OK")
    platform.leave(answer)
    platform.end(carol, bob)


def test_a_blind_transfer_by_the_callee_rings_the_target_in_the_same_record(platform: Platform) -> None:
    answer, bob, record = platform.answered("102")
    platform.refer(bob, "sip:103@acme.example")
    carol = platform.leg("103")
    assert carol["x-tl-call"] == record
    assert carol["from"].startswith('"Alice" <sip:101@')
    platform.proxy.reply(carol, 200, "OK", tag="103", body=session(platform.proxy.address, "8 101"))
    platform.proxy.expect(method="ACK", call=carol["call-id"])
    platform.proxy.heard("SIP/2.0 200 OK")
    platform.leave(bob)
    platform.end(carol, answer)


def test_an_attended_transfer_joins_the_two_others(platform: Platform) -> None:
    first, bob, _ = platform.answered("102")
    second, carol, _ = platform.answered("103")
    replaces = f"{second['call-id']};to-tag={tag(second['to'])};from-tag={tag(second['from'])}"
    escaped = replaces.replace("@", "%40").replace(";", "%3B").replace("=", "%3D")
    platform.refer(first, f"sip:103@acme.example?Replaces={escaped}")
    platform.proxy.heard("SIP/2.0 200 OK")
    platform.hang_up(second["call-id"])
    platform.leave(first)
    platform.end(carol, bob)


@pytest.mark.parametrize("target", ["sip:999@acme.example", "sip:101@globex.example"])
def test_a_transfer_to_nobody_or_out_of_the_client_ends_the_call(platform: Platform, target: str) -> None:
    answer, bob, _ = platform.answered("102")
    platform.refer(answer, target)
    platform.hang_up(bob["call-id"])
    platform.proxy.heard("SIP/2.0 503 Service Unavailable")  # what Asterisk says of any transfer that failed
    platform.leave(answer)


def test_while_the_service_is_down_the_proxy_is_told_at_once(host: Host, platform: Platform) -> None:
    host.check_output("systemctl stop trunkline-callflow")
    try:
        call, _ = platform.dial("102")
        platform.proxy.acknowledge(platform.proxy.expect(status=503, method="INVITE", call=call))
    finally:
        host.check_output("systemctl start trunkline-callflow")
    call, _ = platform.dial("102")
    platform.proxy.reply(platform.leg("102"), 486, "Busy Here")
    platform.proxy.acknowledge(platform.proxy.expect(status=486, method="INVITE", call=call))


def test_a_restart_of_the_service_leaves_ringing_and_answered_calls_alone(host: Host, platform: Platform) -> None:
    answer, bob, _ = platform.answered("102")
    call, _ = platform.dial("103")
    carol = platform.leg("103")
    host.check_output("systemctl restart trunkline-callflow")
    platform.proxy.reply(carol, 486, "Busy Here")
    platform.proxy.acknowledge(platform.proxy.expect(status=486, method="INVITE", call=call))
    platform.end(bob, answer)


def tag(header: str) -> str:
    """Return the tag of a From or To header."""
    return header.rpartition("tag=")[2]
