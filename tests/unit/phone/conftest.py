"""Phones on the loopback address, and a certificate authority for those that speak TLS."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from trunkline.phone.core import Account
from trunkline.phone.negotiation import MediaOptions
from trunkline.phone.transaction import Timers
from trunkline.phone.transport import TlsSettings
from trunkline.phone.ua import UserAgent

LOOPBACK = "127.0.0.1"
MakePhone = Callable[..., Awaitable[UserAgent]]


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsSettings:
    """Settings with an own authority and a certificate for the loopback address, strict enough for Python 3.13."""
    folder = tmp_path_factory.mktemp("ca")
    now = dt.datetime.now(tz=dt.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    ca_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    base = x509.CertificateBuilder().issuer_name(ca_name).not_valid_before(now - dt.timedelta(days=1))
    base = base.not_valid_after(now + dt.timedelta(days=2))
    ca = (
        base.subject_name(ca_name)
        .public_key(ca_key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), critical=True)
        .add_extension(ca_id, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    names = [x509.IPAddress(ipaddress.ip_address(LOOPBACK)), x509.DNSName("phones.example")]
    leaf = (
        base.subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "phone")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_id), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    (folder / "phone.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    (folder / "phone.key").write_bytes(_pem(key))
    return TlsSettings(folder / "ca.pem", certificate=folder / "phone.pem", key=folder / "phone.key")


@pytest_asyncio.fixture
async def phone(tls: TlsSettings) -> AsyncIterator[MakePhone]:
    """A function that makes phones; they are stopped, and their background errors looked at, when the test ends."""
    made: list[UserAgent] = []

    async def make(
        name: str,
        transport: str = "udp",
        *,
        media: MediaOptions | None = None,
        timers: Timers | None = None,
        session_expires: int = 0,
        settings: TlsSettings | None = None,
        proxy: tuple[str, int] | None = None,
        password: str = "",
    ) -> UserAgent:
        account = Account(name, "phones.example", password)
        agent = UserAgent(
            account,
            transport,
            ip=LOOPBACK,
            media=media,
            tls=settings or tls,
            timers=timers,
            session_expires=session_expires,
            proxy=proxy,
        )
        made.append(agent)
        return await agent.start()

    yield make
    for agent in made:
        await agent.stop()
    for agent in made:
        assert agent.errors == [], f"{agent.errors}\n{agent.ladder()}"
        assert agent.malformed == []
