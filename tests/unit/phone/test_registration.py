"""Registration and digest against a small registrar that is built on the phone's own parts."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.unit.phone.conftest import LOOPBACK, MakePhone
from trunkline.phone.core import Account, Core
from trunkline.phone.digest import Challenge, parse_fields, verify
from trunkline.phone.errors import MessageError, PhoneTimeoutError, RequestFailedError
from trunkline.phone.message import Message
from trunkline.phone.transaction import ServerTransaction
from trunkline.phone.ua import UserAgent

PASSWORD = "correct horse"  # noqa: S105 - of a registrar that lives for one test


class Registrar(Core):
    """Asks for a digest, keeps contacts, and refuses every call with 404 once its digest is right."""

    def __init__(self) -> None:
        super().__init__(Account("registrar", "phones.example"), ip=LOOPBACK)
        self.contacts: dict[str, tuple[str, int]] = {}
        self.shortest = 0
        self.algorithms: tuple[str, ...] = ("MD5",)
        self.nonces: set[str] = set()
        self.stale: set[str] = set()

    def on_request(self, request: Message, server: ServerTransaction) -> None:
        """Answer a request."""
        method = request.method
        if method == "ACK":
            return
        header = "Authorization" if method == "REGISTER" else "Proxy-Authorization"
        if not self._proved(request, header):
            code = 401 if method == "REGISTER" else 407
            response = request.reply(code, to_tag="r")
            used = request.get(header)
            stale = bool(used) and parse_fields(used)["nonce"] in self.stale
            for algorithm in self.algorithms:
                nonce = secrets.token_hex(8)
                self.nonces.add(nonce)
                challenge = Challenge("phones.example", nonce, algorithm, ("auth",), stale=stale)
                name = "WWW-Authenticate" if method == "REGISTER" else "Proxy-Authenticate"
                response.headers.append((name, str(challenge)))
            server.respond(response)
        elif method != "REGISTER":
            server.respond(request.reply(404, to_tag="r"))
        else:
            self._register(request, server)

    def _proved(self, request: Message, header: str) -> bool:
        value = request.get(header)
        if not value:
            return False
        given = parse_fields(value)
        if given["nonce"] not in self.nonces:
            return False
        challenge = Challenge("phones.example", given["nonce"], given.get("algorithm", "MD5"), ("auth",))
        return verify(value, challenge, PASSWORD, request.method)

    def _register(self, request: Message, server: ServerTransaction) -> None:
        expires = int(request.get("Expires"))
        if 0 < expires < self.shortest:
            response = request.reply(423, "Interval Too Brief", to_tag="r")
            response.headers.append(("Min-Expires", str(self.shortest)))
            server.respond(response)
            return
        user = request.to.uri.user
        if expires:
            self.contacts[user] = (request.get("Contact"), expires)
        else:
            self.contacts.pop(user, None)
        server.respond(request.reply(200, to_tag="r"))


@pytest_asyncio.fixture
async def registrar() -> AsyncIterator[Registrar]:
    """A registrar on the loopback address."""
    made = Registrar()
    await made.transport.open(proxy=None)
    yield made
    made.transactions.close()
    await made.transport.close()


async def customer(registrar: Registrar, phone: MakePhone, password: str = PASSWORD) -> UserAgent:
    """Return a phone of the registrar."""
    return await phone("alice", proxy=(LOOPBACK, registrar.transport.port), password=password)


@pytest.mark.parametrize("algorithms", [("MD5",), ("SHA-256",), ("MD5", "SHA-256")])
async def test_register_and_unregister(registrar: Registrar, phone: MakePhone, algorithms: tuple[str, ...]) -> None:
    registrar.algorithms = algorithms
    alice = await customer(registrar, phone)
    await alice.register()
    assert registrar.contacts["alice"] == (str(alice.contact), 900)
    used = [entry.message.get("Authorization") for entry in alice.log if entry.message.get("Authorization")]
    assert f"algorithm={algorithms[-1]}" in used[-1]
    await alice.stop()
    assert registrar.contacts == {}


async def test_every_registration_of_a_phone_has_one_call_id_and_rising_numbers(
    registrar: Registrar, phone: MakePhone
) -> None:
    alice = await customer(registrar, phone)
    for _ in range(3):
        await alice.register(keep=False)
    sent = [entry.message for entry in alice.log if entry.sent]
    assert len({message.call_id for message in sent}) == 1
    assert [message.cseq[0] for message in sent] == list(range(1, 7))


async def test_too_brief(registrar: Registrar, phone: MakePhone) -> None:
    registrar.shortest = 1200
    alice = await customer(registrar, phone)
    await alice.register(expires=60)
    assert registrar.contacts["alice"][1] == 1200


async def test_a_wrong_password_is_tried_once(registrar: Registrar, phone: MakePhone) -> None:
    alice = await customer(registrar, phone, "wrong")
    with pytest.raises(RequestFailedError, match="401"):
        await alice.register()
    assert len([entry for entry in alice.log if entry.sent]) == 2
    assert not alice.registered


async def test_a_stale_nonce_is_answered_again(registrar: Registrar, phone: MakePhone) -> None:
    alice = await customer(registrar, phone)
    original = registrar._proved

    def proved_once_stale(request: Message, header: str) -> bool:
        if request.get(header) and not registrar.stale:
            registrar.stale.add(parse_fields(request.get(header))["nonce"])
            return False
        return original(request, header)

    registrar._proved = proved_once_stale  # type: ignore[method-assign]
    await alice.register()
    assert alice.registered


async def test_a_call_answers_the_challenge_of_a_proxy(registrar: Registrar, phone: MakePhone) -> None:
    alice = await customer(registrar, phone)
    out = await alice.call("102")
    await out.wait("ended")
    assert out.code == 404
    assert out.invite.get("Proxy-Authorization")
    numbers = [entry.message.cseq[0] for entry in registrar.log if entry.message.method == "ACK"]
    assert numbers == [1, 2]


async def test_a_password_is_never_in_a_message(registrar: Registrar, phone: MakePhone) -> None:
    alice = await customer(registrar, phone)
    await alice.register()
    assert not any(PASSWORD in str(entry.message) for entry in alice.log)
    assert PASSWORD not in repr(alice.account)


async def test_what_is_no_sip_is_kept_apart(registrar: Registrar, phone: MakePhone) -> None:
    alice = await customer(registrar, phone)
    flow = await alice.transport.flow_to((LOOPBACK, registrar.transport.port))
    flow.send(b"hello\r\n\r\n")
    assert (await alice.transact(alice.build_request("OPTIONS", "sip:phones.example"))).code == 404
    assert [type(error) for _, error in registrar.malformed] == [MessageError]


async def test_no_call_comes(registrar: Registrar, phone: MakePhone) -> None:
    alice = await customer(registrar, phone)
    with pytest.raises(PhoneTimeoutError, match="no call came"):
        await alice.next_call(seconds=0.05)
    assert "no SIP message" in alice.ladder()
    await alice.register()
    assert "REGISTER sip:phones.example" in alice.ladder(bodies=True)
