"""Digest authentication (RFC 7616, and RFC 8760 for SIP): MD5 and SHA-256, qop auth and auth-int, userhash."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from trunkline.phone.errors import MessageError

_HASHES: dict[str, Callable[[bytes], hashlib._Hash]] = {
    "MD5": hashlib.md5,
    "SHA-256": hashlib.sha256,
    "SHA-512-256": lambda data: hashlib.new("sha512_256", data),
}
_STRENGTH = ("MD5", "SHA-512-256", "SHA-256")
_FIELD = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^,\s"]+))')


@dataclass(frozen=True)
class Challenge:
    """A challenge of WWW-Authenticate or Proxy-Authenticate."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: tuple[str, ...] = ()
    opaque: str | None = None
    stale: bool = False
    userhash: bool = False

    @classmethod
    def parse(cls, text: str) -> Challenge:
        """Parse a challenge.

        Raises:
            MessageError: It is not a Digest challenge, or realm or nonce is absent.
        """
        values = parse_fields(text)
        if "realm" not in values or "nonce" not in values:
            raise MessageError("a digest challenge needs realm and nonce")
        return cls(
            realm=values["realm"],
            nonce=values["nonce"],
            algorithm=values.get("algorithm", "MD5").upper(),
            qop=tuple(word.strip().lower() for word in values.get("qop", "").split(",") if word.strip()),
            opaque=values.get("opaque"),
            stale=values.get("stale", "").lower() == "true",
            userhash=values.get("userhash", "").lower() == "true",
        )

    def __str__(self) -> str:
        """Return the challenge as a header value."""
        text = f'Digest realm="{self.realm}", nonce="{self.nonce}", algorithm={self.algorithm}'
        text += f', qop="{",".join(self.qop)}"' if self.qop else ""
        text += f', opaque="{self.opaque}"' if self.opaque is not None else ""
        return text + (", stale=true" if self.stale else "")


def parse_fields(text: str) -> dict[str, str]:
    """Return the fields of a Digest header value, names in lower case, quotes removed.

    Raises:
        MessageError: The scheme is not Digest.
    """
    scheme, _, rest = text.strip().partition(" ")
    if scheme.lower() != "digest":
        raise MessageError(f"not a Digest header: {text[:40]!r}")
    return {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(rest)}


def strongest(challenges: list[Challenge]) -> Challenge | None:
    """Return the strongest challenge that we can answer (RFC 8760 section 2.3), or None."""
    known = [challenge for challenge in challenges if challenge.algorithm in _HASHES]
    return max(known, key=lambda challenge: _STRENGTH.index(challenge.algorithm), default=None)


def digest_response(
    challenge: Challenge, secret: str, method: str, uri: str, *, qop: str, nc: str, cnonce: str, body: bytes
) -> str:
    """Return the response field (RFC 7616 section 3.4.1).

    Args:
        challenge: The challenge that is answered.
        secret: HA1: the hash of ``user:realm:password`` in hexadecimal.
        method: Method of the request.
        uri: The digest-uri field.
        qop: ``auth``, ``auth-int`` or empty (RFC 2069 style).
        nc: Nonce count, eight hexadecimal digits.
        cnonce: Client nonce.
        body: Body of the request, for ``auth-int``.
    """
    make = _HASHES[challenge.algorithm]
    second = f"{method}:{uri}" + (f":{make(body).hexdigest()}" if qop == "auth-int" else "")
    ha2 = make(second.encode()).hexdigest()
    middle = f"{challenge.nonce}:{nc}:{cnonce}:{qop}" if qop else challenge.nonce
    return str(make(f"{secret}:{middle}:{ha2}".encode()).hexdigest())


def ha1(algorithm: str, username: str, realm: str, password: str) -> str:
    """Return the hash of ``username:realm:password`` in hexadecimal."""
    return str(_HASHES[algorithm](f"{username}:{realm}:{password}".encode()).hexdigest())


@dataclass
class Credentials:
    """A user's name and password; counts the uses of every nonce."""

    username: str
    password: str = field(repr=False)
    _counts: dict[str, int] = field(default_factory=dict, repr=False)

    def authorize(self, challenge: Challenge, method: str, uri: str, body: bytes = b"") -> str:
        """Return the value of Authorization or Proxy-Authorization that answers a challenge."""
        count = self._counts[challenge.nonce] = self._counts.get(challenge.nonce, 0) + 1
        qop = next((word for word in ("auth", "auth-int") if word in challenge.qop), "")
        nc, cnonce = f"{count:08x}", secrets.token_hex(8)
        secret = ha1(challenge.algorithm, self.username, challenge.realm, self.password)
        response = digest_response(challenge, secret, method, uri, qop=qop, nc=nc, cnonce=cnonce, body=body)
        name = self.username
        if challenge.userhash:
            name = _HASHES[challenge.algorithm](f"{name}:{challenge.realm}".encode()).hexdigest()
        text = f'Digest username="{name}", realm="{challenge.realm}", nonce="{challenge.nonce}", uri="{uri}"'
        text += f', response="{response}", algorithm={challenge.algorithm}'
        text += f', qop={qop}, nc={nc}, cnonce="{cnonce}"' if qop else ""
        text += f', opaque="{challenge.opaque}"' if challenge.opaque is not None else ""
        return text + (", userhash=true" if challenge.userhash else "")


def verify(authorization: str, challenge: Challenge, password: str, method: str, body: bytes = b"") -> bool:
    """Tell whether an Authorization value proves the password for a challenge of ours (server side).

    Raises:
        MessageError: The value is not a Digest header.
    """
    given = parse_fields(authorization)
    if given.get("nonce") != challenge.nonce or given.get("realm") != challenge.realm:
        return False
    secret = ha1(challenge.algorithm, given.get("username", ""), challenge.realm, password)
    expected = digest_response(
        challenge,
        secret,
        method,
        given.get("uri", ""),
        qop=given.get("qop", ""),
        nc=given.get("nc", ""),
        cnonce=given.get("cnonce", ""),
        body=body,
    )
    return hmac.compare_digest(expected, given.get("response", ""))
