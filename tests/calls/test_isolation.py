"""Who may call whom: forged, foreign and unproven requests are refused, clients never meet."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest

from tests.calls.case import Batch, Case
from tests.calls.lab import number_of
from tests.calls.records import Record
from tests.calls.stage import Stage
from trunkline.phone.core import Account
from trunkline.phone.digest import parse_fields
from trunkline.phone.message import Message
from trunkline.phone.proof import own_address
from trunkline.phone.ua import UserAgent

SHARED_NUMBERS = ("105", "106")  # the cases that wait long have others


@dataclass(frozen=True)
class Intrusion(Case):
    """Somebody tries what is not allowed; nobody rings.

    Texts may name ``{alice}`` and ``{bob}`` (terminals), ``{number}`` (bob's), ``{domain}``, ``{other}`` (the domain of
    the other client) and ``{proxy}`` (its address).

    Attributes:
        code: What the intruder is told.
        method: What it tries.
        user: User name it calls itself, and proves with.
        right: Whether it has alice's password.
        from_: From of the request.
        to: To of a REGISTER.
        target: Request-URI.
        recorded: Whether the attempt is a call that leaves a record.
    """

    code: int
    method: str = "INVITE"
    user: str = "{alice}"
    right: bool = True
    from_: str = "sip:{user}@{domain}"
    to: str = "sip:{user}@{domain}"
    target: str = "sip:{number}@{domain}"
    recorded: bool = True

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2)
        target = await stage.phone(bob)
        known = stage.lab.directory.account(alice)
        texts = {
            "alice": alice.terminal,
            "bob": bob.terminal,
            "number": number_of(bob),
            "domain": known.domain,
            "other": stage.lab.directory.client("globex").declared.domain,
            "proxy": stage.lab.directory.proxy("udp")[0],
        }
        texts["user"] = self.user.format(**texts)
        account = Account(texts["user"], known.domain, known.password if self.right else "wrong")
        agent = UserAgent(account, ip=stage.lab.ip, proxy=stage.lab.directory.proxy("udp"), name="intruder")
        stage.phones.append(agent)
        await agent.start()
        if self.method == "INVITE":
            out = await agent.call(self.target.format(**texts), from_=self.from_.format(**texts))
            await out.wait("ended")
            code = out.code
            if self.recorded:
                record = await stage.records.of(out.call_id)
                assert (record.call["reason"], record.call["code"]) == ("refused", self.code), record.call
        else:
            code = (await agent.transact(self._request(agent, texts))).code
        assert code == self.code
        assert target.incoming.empty(), "bob's phone rang"

    def _request(self, agent: UserAgent, texts: dict[str, str]) -> Message:
        registering = self.method == "REGISTER"
        uri = f"sip:{texts['domain']}" if registering else self.target.format(**texts)
        request = agent.build_request(self.method, uri)
        request.set("From", f"<{self.from_.format(**texts)}>;tag=1")
        if registering:
            request.set("To", f"<{self.to.format(**texts)}>")
            request.headers += [("Contact", str(agent.contact)), ("Expires", "900")]
        return request


@dataclass(frozen=True)
class SameNumbers(Case):
    """Both clients have the same extensions; each rings its own."""

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        ours = await stage.users(2, "acme", SHARED_NUMBERS)
        numbers = [number_of(person) for person in ours]
        theirs = await stage.users(2, "globex", numbers)
        theirs.sort(key=lambda person: numbers.index(number_of(person)))
        mine = [await stage.phone(person) for person in ours]
        other = [await stage.phone(person) for person in theirs]
        pairs = [(ours, await stage.ring(mine[0], mine[1], numbers[1]))]
        assert other[1].incoming.empty()
        pairs.append((theirs, await stage.ring(other[0], other[1], numbers[1])))
        assert mine[1].incoming.empty()
        for people, (out, into) in pairs:
            await into.reject(486)
            await out.wait("ended")
            await stage.expect_record(out, into, person=people[0], dialled=numbers[1], reason="busy", code=486)


@dataclass(frozen=True)
class ForgedInside(Case):
    """Headers of the inside that come from outside mean nothing."""

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2)
        first, second = await stage.phone(alice), await stage.phone(bob)
        forged = {name: str(uuid.uuid4()) for name in ("X-TL-Call", "X-TL-Client", "X-TL-Brand", "X-TL-Endpoint")}
        headers = [*forged.items(), ("X-TL-Caller", "999"), ("x-tl-leg", "callee")]
        out = await first.call(number_of(bob), headers=headers)
        into = await second.next_call()
        assert into.invite.from_.uri.user == number_of(alice)
        await into.reject(486)
        await out.wait("ended")
        record: Record = await stage.expect_record(
            out, into, person=alice, dialled=number_of(bob), reason="busy", code=486
        )
        assert str(record.call["id"]) != forged["X-TL-Call"]
        assert str(record.call["client_id"]) != forged["X-TL-Client"]
        for phone in (first, second):
            received = [entry.message for entry in phone.log if not entry.sent]
            assert not any(name.upper().startswith("X-TL") for message in received for name, _ in message.headers)


@dataclass(frozen=True)
class Replay(Case):
    """A recorded answer to a challenge opens nothing.

    Attributes:
        method: Of the request that is replayed.
    """

    method: str

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        (alice,) = await stage.users(1)
        first = await stage.phone(alice)
        if self.method == "INVITE":
            await (await first.call("999")).wait("ended")
        name = "Authorization" if self.method == "REGISTER" else "Proxy-Authorization"
        used = [entry.message for entry in first.log if entry.sent and entry.message.get(name)][-1]
        assert used.method in {self.method, "ACK"}
        thief = UserAgent(
            Account(alice.terminal, first.account.domain), ip=stage.lab.ip, proxy=first.proxy, name="thief"
        )
        stage.phones.append(thief)
        await thief.start()
        again = used.copy()
        again.start = again.start.replace("ACK ", "INVITE ", 1)
        again.set("CSeq", f"{used.cseq[0] + 1} {self.method}")
        if self.method == "REGISTER":
            again.set("Contact", str(thief.contact))
        response = await thief.transact(again, authenticate=False)
        challenge = response.get("WWW-Authenticate") or response.get("Proxy-Authenticate")
        assert response.code == (401 if self.method == "REGISTER" else 407)
        assert parse_fields(challenge)["nonce"] != parse_fields(used.get(name))["nonce"]


@dataclass(frozen=True)
class InsideSocket(Case):
    """The internal socket of the proxy answers application servers only, whatever headers a stranger has."""

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2)
        target = await stage.phone(bob)
        directory = stage.lab.directory
        host = directory.deployment.hosts[directory.platform.members("proxy_users")[0]]
        assert host.internal
        inside = (host.internal, directory.proxy("udp")[1])
        agent = UserAgent(directory.account(alice), ip=await own_address(inside), proxy=inside, name="stranger")
        stage.phones.append(agent)
        await agent.start()
        out = await agent.call(
            f"sip:{bob.terminal}@{agent.account.domain}",
            headers=[("X-TL-Leg", "callee"), ("X-TL-Call", str(uuid.uuid4()))],
        )
        await out.wait("ended")
        assert out.code == 403
        assert target.incoming.empty()


CASES = (
    Intrusion("a wrong password", 403, right=False),
    Intrusion("a wrong password registers", 403, "REGISTER", right=False),
    Intrusion("an unknown user", 403, user="nobody"),
    Intrusion("an unknown user registers", 403, "REGISTER", user="nobody"),
    Intrusion("a user name that is SQL", 403, "REGISTER", user="x'or'1'='1"),
    Intrusion("another user's From", 403, from_="sip:{bob}@{domain}"),
    Intrusion("another client's From", 403, from_="sip:{alice}@{other}"),
    Intrusion("another user's registration", 403, "REGISTER", to="sip:{bob}@{domain}"),
    Intrusion("a foreign domain", 403, from_="sip:{alice}@elsewhere.example"),
    Intrusion("a bare address", 403, from_="sip:{alice}@{proxy}"),
    Intrusion("a number of the other client", 404, target="sip:{number}@{other}"),
    Intrusion("a number of a foreign domain", 404, target="sip:{number}@elsewhere.example"),
    Intrusion("a number at a bare address", 404, target="sip:{number}@{proxy}"),
    Intrusion("a terminal instead of a number", 404, target="sip:{bob}@{domain}"),
    Intrusion("another method", 405, "PUBLISH"),
    SameNumbers("both clients have the same numbers"),
    ForgedInside("headers of the inside from outside"),
    Replay("a registration is replayed", "REGISTER"),
    Replay("a call is replayed", "INVITE"),
    InsideSocket("a stranger at the internal socket"),
)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("case", CASES, ids=str)
async def test_isolation(case: Case, batch: Batch) -> None:
    await batch.outcome(case)
