"""SRTP on libsrtp, and its keys in the session description (SDES: RFC 4568, suites of RFC 4568 and RFC 7714)."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass

from pylibsrtp import Error, Policy, Session

from trunkline.phone.errors import MessageError

_CRYPTO = re.compile(r"^(\d{1,9}) (\S+) (inline:[A-Za-z0-9+/=]+\S*)(?: (.+))?$")


@dataclass(frozen=True)
class Suite:
    """A crypto suite: its name, libsrtp's profile, the length of master key and of master salt in bytes."""

    name: str
    profile: int
    key_length: int
    salt_length: int

    @property
    def length(self) -> int:
        """Bytes of master key and salt together."""
        return self.key_length + self.salt_length


SUITES = {
    suite.name: suite
    for suite in (
        Suite("AES_CM_128_HMAC_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
        Suite("AES_CM_128_HMAC_SHA1_32", Policy.SRTP_PROFILE_AES128_CM_SHA1_32, 16, 14),
        Suite("AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
        Suite("AEAD_AES_256_GCM", Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 32, 12),
    )
}


@dataclass(frozen=True)
class CryptoLine:
    """One ``a=crypto`` attribute."""

    tag: int
    suite: Suite
    key: bytes

    @classmethod
    def generate(cls, tag: int, suite: Suite) -> CryptoLine:
        """Return a line with a fresh key."""
        return cls(tag, suite, secrets.token_bytes(suite.length))

    @classmethod
    def parse(cls, value: str) -> CryptoLine | None:
        """Parse the value of an attribute; None for a suite or a session parameter that we do not have.

        Raises:
            MessageError: The value is malformed, or its key has the wrong length.
        """
        match = _CRYPTO.match(value.strip())
        if not match:
            raise MessageError(f"not a crypto attribute: {value[:40]!r}")
        suite = SUITES.get(match[2])
        if suite is None or match[4]:
            return None
        text = match[3].removeprefix("inline:").split("|")[0]
        try:
            key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except binascii.Error as error:
            raise MessageError(f"the key of {suite.name} is not base64: {error}") from None
        if len(key) != suite.length:
            raise MessageError(f"the key of {suite.name} has {len(key)} bytes instead of {suite.length}")
        return cls(int(match[1]), suite, key)

    def __str__(self) -> str:
        """Return the value of the attribute."""
        return f"{self.tag} {self.suite.name} inline:{base64.b64encode(self.key).decode()}"


class SrtpSender:
    """Protects what we send."""

    def __init__(self, suite: Suite, key: bytes) -> None:
        policy = Policy(key=key, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=suite.profile)
        self._session = Session(policy)

    def rtp(self, packet: bytes) -> bytes:
        """Return a protected RTP packet."""
        return bytes(self._session.protect(packet))

    def rtcp(self, packet: bytes) -> bytes:
        """Return a protected RTCP packet."""
        return bytes(self._session.protect_rtcp(packet))


class SrtpReceiver:
    """Unprotects what arrives."""

    def __init__(self, suite: Suite, key: bytes) -> None:
        policy = Policy(key=key, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=suite.profile)
        self._session = Session(policy)

    def rtp(self, packet: bytes) -> bytes | None:
        """Return the RTP packet, or None when it is forged, damaged or repeated."""
        try:
            return bytes(self._session.unprotect(packet))
        except (Error, ValueError):
            return None

    def rtcp(self, packet: bytes) -> bytes | None:
        """Return the RTCP packet, or None when it is forged, damaged or repeated."""
        try:
            return bytes(self._session.unprotect_rtcp(packet))
        except (Error, ValueError):
            return None
