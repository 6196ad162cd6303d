"""Messages get lost: what has to be repeated is repeated, and nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.phone.conftest import MakePhone
from tests.unit.phone.test_calls import at, connect
from trunkline.phone.errors import ConnectionLostError
from trunkline.phone.message import Message
from trunkline.phone.transaction import Timers
from trunkline.phone.transport import Flow
from trunkline.phone.ua import UserAgent

QUICK = Timers(t1=0.05, t2=0.2, t4=0.25)


def lose_first(agent: UserAgent, times: int, matches: Callable[[Message], bool]) -> list[Message]:
    """Let the first messages that match get lost on their way out of a phone; returns the list of those lost."""
    lost: list[Message] = []
    send = agent.transmit

    def transmit(message: Message, flow: Flow) -> None:
        if matches(message) and len(lost) < times:
            lost.append(message)
        else:
            send(message, flow)

    agent.transmit = transmit  # type: ignore[method-assign]
    agent.transactions.transmit = transmit
    return lost


@pytest.mark.parametrize(
    ("who", "what"),
    [
        ("alice", lambda message: message.is_request and message.method == "INVITE"),
        ("alice", lambda message: message.is_request and message.method == "ACK"),
        ("bob", lambda message: message.is_success and message.method == "INVITE"),
    ],
    ids=["INVITE", "ACK", "200"],
)
async def test_a_call_is_set_up_although_messages_are_lost(
    phone: MakePhone, who: str, what: Callable[[Message], bool]
) -> None:
    agents = {name: await phone(name, timers=QUICK) for name in ("alice", "bob")}
    lost = lose_first(agents[who], 2, what)
    out, into = await connect(agents["alice"], agents["bob"])
    await into.changes.wait(
        lambda: not any(repeater.running for repeater in into.repeaters.values()), 5, lambda: "no ACK arrived"
    )
    assert len(lost) == 2
    assert len(agents["bob"].calls) == 1
    await out.hangup()
    await into.wait("ended")


async def test_a_refusal_is_repeated_until_its_ack(phone: MakePhone) -> None:
    alice, bob = await phone("alice", timers=QUICK), await phone("bob", timers=QUICK)
    lost = lose_first(alice, 1, lambda message: message.method == "ACK" and message.is_request)
    out = await alice.call(at(bob))
    into = await bob.next_call()
    await into.reject(486)
    await out.wait("ended")
    assert into.server is not None
    server = into.server
    await alice.transact(alice.build_request("OPTIONS", at(bob)))
    await out.changes.wait(lambda: True, 1, str)
    while server.state == "completed":
        await alice.transact(alice.build_request("OPTIONS", at(bob)))
    assert len(lost) == 1
    assert len([entry for entry in bob.log if entry.sent and entry.message.code == 486]) >= 2


async def test_bye_is_repeated(phone: MakePhone) -> None:
    alice, bob = await phone("alice", timers=QUICK), await phone("bob", timers=QUICK)
    lose_first(alice, 2, lambda message: message.is_request and message.method == "BYE")
    lose_first(bob, 1, lambda message: message.is_success and message.method == "BYE")
    out, into = await connect(alice, bob)
    response = await out.hangup()
    assert response is not None
    assert response.code == 200
    await into.wait("ended")


async def test_reliable_ringing_is_repeated_until_prack(phone: MakePhone) -> None:
    alice, bob = await phone("alice", timers=QUICK), await phone("bob", timers=QUICK)
    lose_first(bob, 2, lambda message: message.code == 180)
    out = await alice.call(at(bob))
    into = await bob.next_call()
    await into.ring(180, reliable=True)
    await out.wait("ringing")
    await into.changes.wait(
        lambda: not any(repeater.running for repeater in into.reliable.values()), 5, lambda: "no PRACK arrived"
    )
    await into.answer()
    await out.wait("answered")


async def test_a_call_whose_ack_never_comes_is_ended(phone: MakePhone) -> None:
    timers = Timers(t1=0.01, t2=0.05, t4=0.05)
    alice, bob = await phone("alice", timers=timers), await phone("bob", timers=timers)
    lose_first(alice, 1000, lambda message: message.is_request and message.method == "ACK")
    out, into = await connect(alice, bob)
    await into.wait("ended")
    await out.wait("ended")
    assert out.ended_by == "remote"


async def test_a_broken_connection_is_noticed_at_once(phone: MakePhone) -> None:
    alice, bob = await phone("alice", "tcp"), await phone("bob", "tcp")
    out = await alice.call(at(bob))
    await (await bob.next_call()).ring()
    await out.wait("ringing")
    await bob.transport.close()
    await out.wait("ended")
    assert "broke" in out.reason


async def test_an_address_where_nobody_listens(phone: MakePhone) -> None:
    with pytest.raises(ConnectionLostError, match="cannot connect by TCP"):
        await phone("alice", "tcp", proxy=("127.0.0.1", 9))
    with pytest.raises(ConnectionLostError, match="cannot connect by WSS"):
        await phone("bob", "wss", proxy=("127.0.0.1", 9))
