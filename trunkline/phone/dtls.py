"""Keys for SRTP by DTLS (RFC 5763, RFC 5764), on pyOpenSSL with memory buffers: the caller moves the datagrams."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from trunkline.phone.errors import NegotiationError, PhoneTimeoutError
from trunkline.phone.srtp import SUITES, SrtpReceiver, SrtpSender, Suite

# phones have RSA certificates too, so not only the ECDSA suites that browsers use
_CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES"
_PROFILES = {
    b"SRTP_AES128_CM_SHA1_80": SUITES["AES_CM_128_HMAC_SHA1_80"],
    b"SRTP_AES128_CM_SHA1_32": SUITES["AES_CM_128_HMAC_SHA1_32"],
    b"SRTP_AEAD_AES_128_GCM": SUITES["AEAD_AES_128_GCM"],
    b"SRTP_AEAD_AES_256_GCM": SUITES["AEAD_AES_256_GCM"],
}
_OFFERED = b"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_32"
_EXPORTER = b"EXTRACTOR-dtls_srtp"
_RECORD_HEADER = 13
_DATAGRAM = 1200
_HASHES = {"sha-1": "sha1", "sha-224": "sha224", "sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}


@dataclass(frozen=True)
class Fingerprint:
    """A certificate's fingerprint (RFC 8122): name of the hash, and its value with colons."""

    algorithm: str
    value: str

    @classmethod
    def of(cls, certificate: bytes, algorithm: str = "sha-256") -> Fingerprint:
        """Return the fingerprint of a certificate in DER form."""
        digest = hashlib.new(_HASHES[algorithm], certificate).hexdigest().upper()
        return cls(algorithm, ":".join(digest[i : i + 2] for i in range(0, len(digest), 2)))

    @classmethod
    def parse(cls, value: str) -> Fingerprint:
        """Parse the value of a fingerprint attribute."""
        algorithm, _, digest = value.strip().partition(" ")
        return cls(algorithm.lower(), digest.strip().upper())

    def __str__(self) -> str:
        """Return the value of the attribute."""
        return f"{self.algorithm} {self.value}"


class Certificate:
    """A self-signed certificate for one phone (ECDSA, P-256).

    Attributes:
        fingerprint: Its SHA-256 fingerprint, for the session description.
    """

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "trunkline phone")])
        now = dt.datetime.now(tz=dt.UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .sign(self.key, hashes.SHA256())
        )
        self.fingerprint = Fingerprint.of(self.certificate.public_bytes(serialization.Encoding.DER))


class DtlsAssociation:
    """One DTLS association that yields the keys of SRTP.

    Args:
        certificate: Our certificate.
        client: True for the side that says ClientHello (``a=setup:active``).
        expected: Fingerprints of the other side; one of them has to match.
        send: Sends one datagram.
    """

    def __init__(
        self, certificate: Certificate, *, client: bool, expected: list[Fingerprint], send: Callable[[bytes], None]
    ) -> None:
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_arguments: True)
        context.use_certificate(certificate.certificate)
        context.use_privatekey(certificate.key)
        context.set_cipher_list(_CIPHERS)
        context.set_tlsext_use_srtp(_OFFERED)
        context.set_options(SSL.OP_NO_QUERY_MTU)
        self._connection = SSL.Connection(context)
        self._connection.set_ciphertext_mtu(_DATAGRAM)
        self._client = client
        self._expected = expected
        self._send = send
        self._arrived = asyncio.Event()
        self.established = False
        if client:
            self._connection.set_connect_state()
        else:
            self._connection.set_accept_state()

    def feed(self, datagram: bytes) -> None:
        """Take a datagram of the other side."""
        self._connection.bio_write(datagram)
        self._arrived.set()
        if self.established:  # a repeated last flight, or the close of the association
            with contextlib.suppress(SSL.Error):
                self._connection.recv(_DATAGRAM)
            self._flush()

    async def handshake(self, seconds: float) -> tuple[SrtpSender, SrtpReceiver]:
        """Shake hands, check the fingerprint, and return what protects and unprotects.

        Raises:
            PhoneTimeoutError: The other side did not answer in time.
            NegotiationError: The handshake failed, or the certificate is not the announced one.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._shake()
        except TimeoutError:
            raise PhoneTimeoutError(f"the DTLS handshake did not end within {seconds:g} s") from None
        self.established = True
        self._check_fingerprint()
        return self._keys()

    async def _shake(self) -> None:
        while True:
            self._arrived.clear()
            try:
                self._connection.do_handshake()
            except SSL.WantReadError:
                self._flush()
            except SSL.Error as error:
                self._flush()
                raise NegotiationError(f"the DTLS handshake failed: {error}") from error
            else:
                self._flush()
                return
            remaining = self._connection.DTLSv1_get_timeout()
            try:
                await asyncio.wait_for(self._arrived.wait(), remaining)
            except TimeoutError:
                self._connection.DTLSv1_handle_timeout()
                self._flush()

    def _flush(self) -> None:
        """Send what OpenSSL wrote: whole records, as many as fit into a datagram."""
        data = b""
        try:
            while chunk := self._connection.bio_read(65536):
                data += chunk
        except SSL.Error:
            pass
        datagram = b""
        while len(data) >= _RECORD_HEADER:
            length = _RECORD_HEADER + int.from_bytes(data[11:13], "big")
            record, data = data[:length], data[length:]
            if datagram and len(datagram) + len(record) > _DATAGRAM:
                self._send(datagram)
                datagram = b""
            datagram += record
        if datagram:
            self._send(datagram)

    def _check_fingerprint(self) -> None:
        peer = self._connection.get_peer_certificate(as_cryptography=True)
        if peer is None:
            raise NegotiationError("the other side showed no certificate in DTLS")
        encoded = peer.public_bytes(serialization.Encoding.DER)
        known = [fingerprint for fingerprint in self._expected if fingerprint.algorithm in _HASHES]
        if not any(Fingerprint.of(encoded, fingerprint.algorithm) == fingerprint for fingerprint in known):
            raise NegotiationError("the certificate of the DTLS handshake is not the one announced in SDP")

    def _keys(self) -> tuple[SrtpSender, SrtpReceiver]:
        suite = _PROFILES.get(self._connection.get_selected_srtp_profile())
        if suite is None:
            raise NegotiationError("DTLS agreed on no SRTP profile")
        material = self._connection.export_keying_material(_EXPORTER, 2 * suite.length)
        client, server = _split_keys(suite, material)
        mine, theirs = (client, server) if self._client else (server, client)
        return SrtpSender(suite, mine), SrtpReceiver(suite, theirs)

    def close(self) -> None:
        """Tell the other side that the association ends."""
        if self.established:
            with contextlib.suppress(SSL.Error):
                self._connection.shutdown()
            self._flush()


def _split_keys(suite: Suite, material: bytes) -> tuple[bytes, bytes]:
    """Return client's and server's master key with salt (RFC 5764 section 4.2)."""
    key, salt = suite.key_length, suite.salt_length
    salts = material[2 * key :]
    return material[:key] + salts[:salt], material[key : 2 * key] + salts[salt:]
